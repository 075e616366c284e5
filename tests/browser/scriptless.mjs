// SPDX-License-Identifier: MIT
// The same way without JavaScript: create, review, deploy, see the result.
import assert from 'node:assert/strict';
import { deployAndWatch, openWindow, pressAndLand, run, servedBy, signInByLink } from './steps.mjs';

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
        await page.getByLabel('Server 1 address').fill('127.0.0.1');
        await page.getByLabel('Server 1 port').fill(fleet.backend_port);
        await page.getByRole('button', { name: 'Add a server' }).click(); // by the server
        assert.equal(await page.getByLabel('Server 1 port').inputValue(), fleet.backend_port);
        await page.getByLabel('Server 2 address').fill('127.0.0.1');
        await page.getByLabel('Server 2 port').fill('70000');
        await page.getByRole('button', { name: 'Save draft', exact: true }).click();
        await page.locator('#upstream_1_port-e').waitFor();
        assert.equal(await page.getByLabel('Domain names').inputValue(), domain);
        await page.getByRole('button', { name: 'Remove server 2' }).click();
        await page.getByLabel('Server 2 address').waitFor({ state: 'detached' });
        await pressAndLand(page, 'Review and deploy', /^\/review\?site=\d+$/);
        assert.equal((await deployAndWatch(page)).word, 'Succeeded');
        await page.screenshot({ path: `${fleet.pictures}/journey-scriptless.png` });
        for (const node of fleet.nodes) assert.equal(await servedBy(node, domain, false), 'demo-backend');
    });

    await page.context().close();
}
