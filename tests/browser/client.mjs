// SPDX-License-Identifier: MIT
// A client: sees own sites only, and changes them without meeting a machine's name.
import assert from 'node:assert/strict';
import { deployAndWatch, openWindow, pressAndLand, servedBy, signInByLink, unfold } from './steps.mjs';

export async function clientJourneys(world) {
    const { check, fleet } = world;
    const page = await openWindow(world);

    await check('a client sees own sites, and no machines', async () => {
        await signInByLink(page, fleet.client_link);
        await page.locator('#nav').getByRole('link', { name: 'Sites' }).click();
        const rows = page.locator('table.sites tbody tr');
        assert.equal(await rows.count(), 1);
        await rows.getByText('shop.example.test').waitFor();
        assert.equal(await page.locator('#nav').getByRole('link', { name: 'Nodes' }).count(), 0);
        await rows.getByRole('link').first().click();
        await page.getByRole('heading', { level: 1, name: /^shop\.example\.test/ }).waitFor();
        assert.doesNotMatch(await page.locator('main').textContent(), /edge-\d/);
        world.own = new URL(page.url()).pathname;
    });

    await check("another owner's site is not there", async () => {
        for (const tail of ['', '/edit', '/history']) {
            const answer = await page.goto(`${fleet.client}/sites/${world.foreign}${tail}`);
            assert.equal(answer.status(), 404);
            assert.doesNotMatch(await page.content(), /books\.example/);
        }
        const review = await page.goto(`${fleet.client}/review?site=${world.foreign}`);
        assert.equal(review.status(), 404);
        assert.equal((await page.goto(`${fleet.client}/nodes`)).status(), 404);
        await page.screenshot({ path: `${fleet.pictures}/journey-foreign.png` });
    });

    await check('a client changes an own site, and it is live', async () => {
        await page.goto(fleet.client + world.own);
        await page.getByRole('link', { name: 'Configure' }).first().click();
        await unfold(page, 'tls');
        await page.getByText('Send all HTTP to HTTPS', { exact: true }).click(); // off
        await pressAndLand(page, 'Save draft', /^\/sites\/\d+$/);
        await page.getByText('Saved version 2').waitFor();
        await page.getByRole('link', { name: 'Review and deploy' }).click();
        await page.getByRole('heading', { name: 'Review and deploy' }).waitFor();
        assert.doesNotMatch(await page.locator('main').textContent(), /edge-\d/);
        assert.equal((await deployAndWatch(page)).word, 'Succeeded');
        assert.doesNotMatch(await page.locator('main').textContent(), /edge-\d/);
        for (const node of fleet.nodes) assert.equal(await servedBy(node, 'shop.example.test', false), 'demo-backend');
    });

    world.client = page;
}
