// SPDX-License-Identifier: MIT
// Every main page at two widths, light and dark: nothing that axe finds (WCAG 2.2 AA), nothing that scrolls sideways, and
// pictures for people to look at.
import assert from 'node:assert/strict';
import { findings, overflow, picture } from './browser.mjs';
import { openWindow } from './steps.mjs';

const widths = [1280, 390];

async function look(page, url, name, fleet, status = 200) {
    await page.setViewportSize({ width: widths[0], height: 900 });
    assert.equal((await page.goto(url)).status(), status);
    await page.evaluate(() => document.fonts.ready);
    const found = [];
    for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        for (const scheme of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
            for (const finding of await findings(page)) found.push(`${width} ${scheme} ${finding}`);
            await picture(page, `${fleet.pictures}/${name}-${width}-${scheme}.png`);
        }
    }
    await page.setViewportSize({ width: 320, height: 900 });
    const over = await overflow(page);
    if (over > 0) found.push(`320 scrolls sideways by ${over} px`);
    assert.deepEqual(found, []);
}

export async function viewJourneys(world) {
    const { check, fleet, admin, client } = world;

    const stranger = await openWindow(world);
    await check('a forbidden style and a button without a name would be noticed', async () => {
        await stranger.goto(`${fleet.admin}/login`);
        await stranger.evaluate(() =>
            document.body.insertAdjacentHTML('beforeend', '<p style="color:red">x</p><button></button>'),
        );
        await stranger.waitForTimeout(200);
        const { problems } = world.windows.find((window) => window.page === stranger);
        assert.match(problems.splice(0).join('; '), /policy: style-src/, 'was the policy sent?');
        assert.match((await findings(stranger)).join('; '), /axe button-name/);
    });
    await check('view: login', () => look(stranger, `${fleet.admin}/login`, 'login', fleet));

    const pages = {
        overview: '/',
        sites: '/sites',
        'site-new': '/sites/new',
        site: `/sites/${world.foreign}`,
        'site-edit': `/sites/${world.foreign}/edit`,
        'site-history': `/sites/${world.foreign}/history`,
        review: `/review?site=${world.foreign}`,
        deployments: '/deployments',
        deployment: '/deployments/1',
        'deployment-failed': '/deployments/3',
        explain: '/explain?url=http%3A%2F%2Fnobody.example%2Fcart&headers=Origin%3A+https%3A%2F%2Fa.example',
        nodes: '/nodes',
        node: '/nodes/1',
        jobs: '/jobs',
        audit: '/audit',
        users: '/users',
        account: '/account',
    };
    for (const [name, path] of Object.entries(pages))
        await check(`view: ${name}`, () => look(admin, fleet.admin + path, name, fleet));
    await check('view: not found', () => look(admin, `${fleet.admin}/sites/999`, 'not-found', fleet, 404));
    for (const [name, path] of Object.entries({ overview: '/', sites: '/sites', site: world.own, edit: `${world.own}/edit` }))
        await check(`view: client's ${name}`, () => look(client, fleet.client + path, `client-${name}`, fleet));
}
