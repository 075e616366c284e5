// SPDX-License-Identifier: MIT
// An administrator: from the printed link to a site that every node serves, and to one that nginx refuses.
import assert from 'node:assert/strict';
import {
    addRow,
    deployAndWatch,
    fetchThrough,
    openWindow,
    pressAndLand,
    rowOf,
    run,
    servedBy,
    signInByLink,
    signInByPassword,
    signOut,
    unfold,
} from './steps.mjs';

const domain = 'books.example.test';
const password = 'four words of a browser test';

export async function adminJourneys(world) {
    const { check, fleet } = world;
    const page = await openWindow(world);
    const releases = {}; // node -> what the deployment has proven there
    let site = '';

    await check('the printed link signs in, once', async () => {
        await signInByLink(page, fleet.admin_link);
        assert.equal(await page.locator('h1').textContent(), 'Fleet overview');
        const other = await openWindow(world);
        await other.goto(fleet.admin_link);
        await other.getByRole('button', { name: 'Sign in', exact: true }).click();
        await other.getByText('This link was used before or is too old').waitFor();
        await other.context().close();
    });

    await check('a new administrator signs in by password', async () => {
        await page.getByRole('link', { name: 'Users' }).click();
        await page.getByLabel('User name').fill('olga');
        await page.getByLabel('Role').selectOption({ label: 'Administrator' });
        await page.getByLabel('First password').fill('short');
        await page.getByRole('button', { name: 'Add the user' }).click();
        await page.locator('#password-e').waitFor(); // told at the field, and the name is still there
        assert.equal(await page.getByLabel('User name').inputValue(), 'olga');
        await page.getByLabel('First password').fill(password);
        await page.getByRole('button', { name: 'Add the user' }).click();
        await page.getByRole('heading', { level: 1, name: 'olga' }).waitFor();
        await signOut(page);
        await page.goto(`${fleet.admin}/nodes`);
        await signInByPassword(page, 'olga', 'not the one');
        await page.getByText('The user name or the password is wrong.').waitFor();
        await signInByPassword(page, 'olga', password);
        await page.waitForURL(`${fleet.admin}/nodes`); // where the way to the sign-in began
    });

    await check('the menu leads to nodes, sites, deployments, jobs and the audit log', async () => {
        const table = page.locator('main');
        for (const [link, seen] of [
            ['Nodes', 'edge-3'],
            ['Sites', 'shop.example.test'],
            ['Deployments', 'Succeeded'],
            ['Jobs', 'Bring the node up to date'],
            ['Audit log', 'made a sign-in link for'],
        ]) {
            await page.locator('#nav').getByRole('link', { name: link }).click();
            await table.getByText(seen).first().waitFor();
        }
    });

    await check('a wrong port is told at its field, and nothing typed is lost', async () => {
        await page.locator('#nav').getByRole('link', { name: 'Sites' }).click();
        await page.getByRole('link', { name: 'Add a site' }).click();
        await page.getByLabel('Domain names').fill(`${domain}\nwww.${domain}`);
        await page.getByLabel('Note').fill('The bookshop, "old" & new <b>');
        await unfold(page, 'upstreams');
        const [first, second] = [rowOf(page, 'Server 1'), rowOf(page, 'Server 2')];
        await first.getByLabel('Address').fill('127.0.0.1');
        await first.getByLabel('Port').fill('808080');
        await page.evaluate(() => (window.sameDocument = true)); // a reload would lose it
        await addRow(page, 'Add a server', 'Server 2');
        await page.waitForFunction(() => document.activeElement.id === 'upstream.servers.1.host');
        await second.getByLabel('Address').fill('127.0.0.2');
        await second.getByLabel('Port').fill(fleet.backend_port);
        await second.getByLabel('Weight').fill('3');
        await page.getByLabel('Balancing').selectOption({ label: 'Least connections' });
        await unfold(page, 'tls');
        await page.getByLabel('Certificate', { exact: true }).selectOption({ label: 'Self-signed' });
        assert.equal(await page.evaluate(() => window.sameDocument), true, 'the page was loaded anew');
        await page.getByText('Send all HTTP to HTTPS', { exact: true }).click();
        await page.getByRole('button', { name: 'Save draft', exact: true }).click();

        const told = page.locator('[id="upstream.servers.0.port-e"]');
        await told.waitFor();
        assert.match(await told.textContent(), /1 to 65535/i);
        assert.equal(await first.getByLabel('Port').getAttribute('aria-invalid'), 'true');
        assert.equal(await page.getByLabel('Domain names').inputValue(), `${domain}\nwww.${domain}`);
        assert.equal(await page.getByLabel('Note').inputValue(), 'The bookshop, "old" & new <b>');
        assert.equal(await first.getByLabel('Port').inputValue(), '808080');
        assert.equal(await second.getByLabel('Port').inputValue(), fleet.backend_port);
        assert.equal(await second.getByLabel('Weight').inputValue(), '3');
        assert.equal(await page.getByLabel('Balancing').inputValue(), 'least_connections');
        await unfold(page, 'tls');
        assert.equal(await page.getByLabel('Certificate', { exact: true }).inputValue(), 'self_signed');
        assert.ok(await page.getByRole('switch', { name: /^Send all HTTP to HTTPS/ }).isChecked());
        await page.locator('#errors a').click(); // the summary leads to the field
        assert.equal(await page.evaluate(() => document.activeElement.id), 'upstream.servers.0.port');
        const menu = await page.locator('#nav').getByRole('link', { name: 'Overview' }).boundingBox();
        assert.ok(menu.y >= 0, 'the menu has scrolled away');
        await page.screenshot({ path: `${fleet.pictures}/journey-wrong-port.png` });
    });

    await check('the review shows what each node will get', async () => {
        await rowOf(page, 'Server 1').getByLabel('Port').fill(fleet.backend_port);
        await pressAndLand(page, 'Review and deploy', /^\/review\?site=\d+$/);
        site = new URL(page.url()).searchParams.get('site');
        await page.getByText('goes live for the first time').waitFor();
        for (const node of fleet.nodes) {
            const files = page.getByRole('region', { name: `Files on ${node.name}` });
            const lines = (await files.locator('tr.add').allTextContents()).join('\n');
            for (const wanted of [`listen ${node.address}:${node.https_port}`, `server 127.0.0.2:${fleet.backend_port}`])
                assert.ok(lines.includes(wanted), `${node.name} would not get '${wanted}'`);
            for (const wanted of ['least_conn', 'ssl_certificate', `www.${domain}`, 'return 308'])
                assert.ok(lines.includes(wanted), `${node.name} would not get '${wanted}'`);
        }
        await page.screenshot({ path: `${fleet.pictures}/journey-review.png` });
    });

    await check('a deployment is watched live, node by node, until each has proven it', async () => {
        await run('tests/lab/node', ['break', fleet.nodes_dir, 'edge-2', 'slow', '5']);
        await run('tests/lab/node', ['break', fleet.nodes_dir, 'edge-2', 'kill-sessions']); // open ones are as fast as before
        await page.getByLabel('Message').fill('the bookshop opens');
        await page.getByRole('button', { name: 'Deploy to 3 nodes' }).click();
        await page.waitForURL(/\/deployments\/\d+$/);
        await page.evaluate(() => (window.sameDocument = true)); // a reload would lose it
        const row = (name) => page.locator('.nrow', { hasText: name });
        await row('edge-2').locator('.st', { hasText: 'Running' }).waitFor();
        await row('edge-2').locator('.steps .now').waitFor();
        await row('edge-1').locator('.st', { hasText: 'Live' }).waitFor(); // and does not wait for the slow one
        assert.match(await page.locator('h1 .st').textContent(), /Running/);
        await page.screenshot({ path: `${fleet.pictures}/journey-deploying.png` });
        await page.locator('h1 .st', { hasText: 'Succeeded' }).waitFor({ timeout: 40000 });
        assert.equal(await page.evaluate(() => window.sameDocument), true, 'the page was loaded anew');
        for (const name of ['edge-1', 'edge-2', 'edge-3']) {
            assert.equal(await row(name).locator('.steps .done').count(), 5, `steps of ${name}`);
            assert.equal((await row(name).locator('.st').textContent()).trim(), 'Live');
            releases[name] = /release ([0-9a-f]{8})/.exec(await row(name).textContent())[1];
        }
        assert.match(await page.title(), /Succeeded/);
        assert.equal(await page.locator('#poll').count(), 0, 'goes on asking after the end');
        await page.screenshot({ path: `${fleet.pictures}/journey-deployed.png` });
        await run('tests/lab/node', ['mend', fleet.nodes_dir, 'edge-2', 'slow']);
        await run('tests/lab/node', ['break', fleet.nodes_dir, 'edge-2', 'kill-sessions']);
    });

    await check('each node shows the release it has proven, and the site on it', async () => {
        for (const node of fleet.nodes) {
            await page.locator('#nav').getByRole('link', { name: 'Nodes' }).click();
            await page.getByRole('link', { name: node.name, exact: true }).click();
            await page.getByRole('heading', { level: 1, name: new RegExp(`${node.name}.*Serving`) }).waitFor();
            const release = await page.locator('dt', { hasText: 'Release' }).locator('+ dd').textContent();
            assert.ok(release.startsWith(releases[node.name]), `${node.name} shows ${release}`);
            await page.getByRole('listitem').filter({ hasText: domain }).getByText('Live v1').waitFor();
        }
    });

    await check('each node serves the site: HTTP is sent to HTTPS, with its own certificate', async () => {
        for (const node of fleet.nodes) {
            const plain = await fetchThrough(node, domain, '/shelf?x=1');
            assert.equal(plain.status, 308);
            assert.equal(plain.headers.location, `https://${domain}:${node.https_port}/shelf?x=1`);
            const secure = await fetchThrough(node, domain, '/shelf?x=1', { tls: true });
            assert.match(secure.body, /^request: GET \/shelf\?x=1 /m);
            assert.match(secure.body, /^x-forwarded-proto: https$/m);
            assert.match(secure.certificate.subjectaltname, new RegExp(`DNS:www\\.${domain}`));
            const servers = new Set();
            for (let i = 0; i < 8; ++i) servers.add(await servedBy(node, domain, true));
            assert.deepEqual([...servers].sort(), ['demo-backend', 'second-backend']);
        }
    });

    await check("what nginx refuses fails in nginx's own words, and the old site is still served", async () => {
        await page.goto(`${fleet.admin}/sites/${site}/edit`);
        await unfold(page, 'advanced');
        await page.getByLabel('nginx directives', { exact: true }).fill('gzip perhaps;');
        await pressAndLand(page, 'Review and deploy', /^\/review\?site=\d+$/);
        const { word } = await deployAndWatch(page);
        assert.equal(word, 'Failed');
        await page.getByText('invalid value "perhaps" in "gzip" directive').first().waitFor();
        assert.equal(await page.locator('.nrow .steps .fail').count(), 3, 'each node fails in a step');
        await page.locator('.nrow .term', { hasText: 'perhaps' }).first().waitFor(); // unfolded by itself
        await page.screenshot({ path: `${fleet.pictures}/journey-refused.png`, fullPage: true });
        for (const node of fleet.nodes) assert.match(await servedBy(node, domain, true), /-backend$/);
        await page.goto(`${fleet.admin}/sites/${site}`);
        await page.getByText('invalid value "perhaps" in "gzip" directive').first().waitFor();
        await page.screenshot({ path: `${fleet.pictures}/journey-refused-site.png`, fullPage: true });
    });

    await check('taking the directive out heals the site', async () => {
        await page.goto(`${fleet.admin}/sites/${site}/edit`);
        await unfold(page, 'advanced');
        await page.getByLabel('nginx directives', { exact: true }).fill('');
        await unfold(page, 'basics');
        await page.getByLabel('Note').fill('The bookshop');
        await pressAndLand(page, 'Review and deploy', /^\/review\?site=\d+$/);
        assert.equal((await deployAndWatch(page)).word, 'Succeeded');
        await page.goto(`${fleet.admin}/sites/${site}`);
        await page.getByRole('heading', { level: 1, name: /Live v3/ }).waitFor();
    });

    await check('a saved draft waits, and the menu counts it', async () => {
        await page.goto(`${fleet.admin}/sites/${site}/edit`);
        await unfold(page, 'limits');
        await page.getByLabel('Largest upload').fill('64');
        await pressAndLand(page, 'Save draft', /^\/sites\/\d+$/);
        await page.getByText('Saved version 4').waitFor();
        await page.getByRole('heading', { level: 1, name: /Changed, v3 live/ }).waitFor();
        assert.equal(await page.locator('#nav').getByTitle('sites with changes that are not live').textContent(), '1');
    });

    world.admin = page;
    world.foreign = site;
}
