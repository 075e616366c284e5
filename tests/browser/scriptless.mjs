// SPDX-License-Identifier: MIT
// The same way without JavaScript: create, review, deploy, see the result.
import assert from 'node:assert/strict';
import { addRow, deployAndWatch, fetchThrough, openWindow, pressAndLand, rowOf, run, servedBy, signInByLink } from './steps.mjs';

const domain = 'plain.example.test';

export async function scriptlessJourneys(world) {
    const { check, fleet } = world;
    const page = await openWindow(world, { script: false });

    await check('without a script: a site is created, reviewed, deployed and seen live', async () => {
        const { stdout } = await run(fleet.rpmgr, [
            ...['--config', fleet.config],
            ...['user', 'login-link', 'admin', '--base', fleet.admin],
        ]);
        await signInByLink(page, stdout.trim());
        await page.locator('#nav').getByRole('link', { name: 'Sites' }).click();
        await page.getByRole('link', { name: 'Add a site' }).click();
        await page.getByLabel('Domain names').fill(domain);
        const upstreams = page.locator('details#upstreams');
        if ((await upstreams.getAttribute('open')) === null) await upstreams.locator('summary').click();
        const [first, second] = [rowOf(page, 'Server 1'), rowOf(page, 'Server 2')];
        await first.getByLabel('Address').fill('127.0.0.1');
        await first.getByLabel('Port').fill(fleet.backend_port);
        await addRow(page, 'Add a server', 'Server 2'); // by the server
        assert.equal(await first.getByLabel('Port').inputValue(), fleet.backend_port);
        await second.getByLabel('Address').fill('127.0.0.1');
        await second.getByLabel('Port').fill('70000');
        await page.getByRole('button', { name: 'Save draft', exact: true }).click();
        await page.locator('[id="upstream.servers.1.port-e"]').waitFor();
        assert.equal(await page.getByLabel('Domain names').inputValue(), domain);
        await page.getByRole('button', { name: 'Remove Server 2' }).click();
        await second.waitFor({ state: 'detached' });
        await page.locator('details#routes > summary').click();
        await addRow(page, 'Add a route', 'Route 1');
        const route = rowOf(page, 'Route 1');
        await route.getByLabel('Path', { exact: true }).fill('/closed');
        await page.getByRole('button', { name: 'Set: Own access rules' }).click();
        await route.getByLabel('Never from').fill('0.0.0.0/0');
        await pressAndLand(page, 'Review and deploy', /^\/review\?site=\d+$/);
        assert.equal((await deployAndWatch(page)).word, 'Succeeded');
        await page.screenshot({ path: `${fleet.pictures}/journey-scriptless.png` });
        for (const node of fleet.nodes) {
            assert.equal(await servedBy(node, domain, false), 'demo-backend');
            assert.equal((await fetchThrough(node, domain, '/closed/x')).status, 403);
        }
    });

    await page.context().close();
}
