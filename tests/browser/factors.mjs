// SPDX-License-Identifier: MIT
// What tests/browser/factors.sh has started is used here as people use it. Prints one line per case.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.BROWSER_MODULES}/`);
const { chromium } = require('playwright-core');
const world = JSON.parse(readFileSync(process.env.WORLD));
const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync',
        '--ignore-certificate-errors'], // without it the browser allows no passkeys at a self-signed address
});
const rpmgr = (...words) => execFileSync(world.rpmgr, ['--config', world.config, ...words], { encoding: 'utf8' }).trim();
let complaints = [];

// A browser of its own, with an authenticator in it when wanted.
async function open({ authenticator = false, width = 1280, scheme = 'light' } = {}) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width, height: 900 }, colorScheme: scheme });
    context.setDefaultTimeout(15000);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
    page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
    });
    if (!authenticator) return { context, page };
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
        options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    return { context, page, cdp, authenticatorId };
}

async function password(page, base, name) {
    await page.goto(`${base}/login`);
    await page.getByLabel('User name').fill(name);
    await page.getByLabel('Password').fill(world.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForLoadState();
}
const at = (page) => new URL(page.url()).pathname;

// RFC 6238, written once more, so that not one implementation checks itself.
function totp(secret, when = Date.now()) {
    let bits = '';
    for (const c of secret.replace(/ /g, '')) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(when / 30000)));
    const digest = createHmac('sha1', key).update(counter).digest();
    return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

async function pictures(page, name) {
    for (const [width, scheme] of [[1280, 'light'], [390, 'light'], [1280, 'dark'], [390, 'dark']]) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme: scheme });
        await page.screenshot({ path: `${world.pictures}/${name}-${width}-${scheme}.png`, fullPage: true });
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(wider, 0, `${name} is wider than a window of ${width}`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
}

let failed = 0;
async function check(title, run) {
    complaints = [];
    try {
        await run();
        assert.deepEqual(complaints, []);
        console.log(`ok ${title}`);
    } catch (error) {
        failed += 1;
        console.log(`not ok ${title} # ${String(error.message).split('\n').slice(0, 6).join(' | ')}`);
    }
}

// ---- One-time passwords ---------------------------------------------------------------------------------------------
let secret = '';
let codes = [];
await check('an application is set up with a QR code and brings recovery codes', async () => {
    const { page } = await open();
    await password(page, world.admin, 'root');
    await page.goto(`${world.admin}/account/factors`);
    await pictures(page, 'factors');
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.locator('svg.qr').waitFor();
    await pictures(page, 'totp');
    secret = await page.locator('#secret').textContent();
    await page.getByLabel('Type the code').fill('000000');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Is not what the application shows now').waitFor();
    await page.getByLabel('Type the code').fill(totp(secret, Date.now() - 30000)); // the step before is taken, too
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.locator('#codes').waitFor();
    codes = await page.locator('#codes li').allTextContents();
    assert.equal(codes.length, 10);
    await pictures(page, 'recovery-codes');
});
let used = '';
await check('the code is asked for, and half a sign-in reaches nothing', async () => {
    const { page, context } = await open();
    await password(page, world.admin, 'root');
    assert.equal(at(page), '/login/second');
    await pictures(page, 'second-step');
    for (const path of ['/', '/sites', '/account', '/settings', '/account/factors']) {
        const answer = await context.request.get(world.admin + path, { maxRedirects: 0 });
        assert.ok([303, 403].includes(answer.status()), `${path}: ${answer.status()}`);
    }
    used = totp(secret);
    await page.getByLabel('Code of your application').fill(used);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${world.admin}/`);
});
await check('a code does not work twice', async () => {
    const { page } = await open();
    await password(page, world.admin, 'root');
    await page.getByLabel('Code of your application').fill(used);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('This code is wrong, or was used before.').waitFor();
});
await check('a recovery code signs in once', async () => {
    for (const again of [false, true]) {
        const { page } = await open();
        await password(page, world.admin, 'root');
        await page.getByLabel('Code of your application').fill(codes[0].toLowerCase());
        await page.getByRole('button', { name: 'Continue' }).click();
        if (again) await page.getByText('This code is wrong, or was used before.').waitFor();
        else await page.waitForURL(`${world.admin}/`);
    }
});

// ---- Passkeys -------------------------------------------------------------------------------------------------------
const key = await open({ authenticator: true });
await check('a passkey is added, renamed and listed', async () => {
    const { page } = key;
    await password(page, world.client, 'carl');
    await page.goto(`${world.client}/account/factors`);
    await page.getByLabel('Name of a new passkey').fill('laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.locator('#codes').waitFor();
    assert.equal(await page.locator('#codes li').count(), 10);
    await page.goto(`${world.client}/account/factors`);
    await page.getByLabel('Name of this passkey').fill('blue key');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByText('Renamed.').waitFor();
    assert.equal(await page.getByLabel('Name of this passkey').inputValue(), 'blue key');
    await pictures(page, 'passkeys');
});
await check('the same authenticator is not added twice', async () => {
    const { page } = key;
    await page.getByLabel('Name of a new passkey').fill('again');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('This key is added already.').waitFor();
});
await check('a passkey is the second step after the password', async () => {
    const { page, context } = key;
    await context.clearCookies();
    await password(page, world.client, 'carl');
    assert.equal(at(page), '/login/second');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.waitForURL(`${world.client}/`);
});
await check('a passkey alone signs in, where the person is verified', async () => {
    const { page, context, cdp, authenticatorId } = key;
    await context.clearCookies();
    await page.goto(`${world.client}/login?next=/sites`);
    await pictures(page, 'login');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(`${world.client}/sites`);
    await context.clearCookies();
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.goto(`${world.client}/login`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('Nothing was chosen, or no passkey fits.').waitFor();
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
});
await check('a passkey confirms a dangerous act, and what was entered is kept', async () => {
    const { page, cdp, authenticatorId } = key;
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(`${world.client}/`);
    await page.goto(`${world.client}/account/tokens`);
    await page.getByLabel('What it is for').fill('for the confirmation');
    execFileSync(world.stale);
    await page.getByRole('button', { name: 'Make the token' }).click();
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
    await pictures(page, 'confirm');
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
    await page.getByText('Nothing was chosen, or no passkey fits.').waitFor();
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
    await page.getByText(/rpmgr_[0-9A-Za-z]{49}/).first().waitFor();
    assert.match(await page.content(), /for the confirmation/);
});
await check('a copied passkey is found by its counter', async () => {
    const { page, context, cdp, authenticatorId } = key;
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId: credentials[0].credentialId });
    await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credentials[0], signCount: 0 } });
    await context.clearCookies();
    await page.goto(`${world.client}/login`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('somebody may have a copy').waitFor();
    await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId: credentials[0].credentialId });
    await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credentials[0], signCount: 100 } });
});
await check('a removed passkey does not sign in', async () => {
    const { page, context } = key;
    await context.clearCookies();
    await page.goto(`${world.client}/login`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(`${world.client}/`);
    await page.goto(`${world.client}/account/factors`);
    await page.getByRole('button', { name: 'Remove blue key' }).click();
    const sure = page.locator('dialog[open] button').last();
    if (await sure.count()) await sure.click();
    await page.getByText('The passkey is removed.').waitFor();
    await context.clearCookies();
    await page.goto(`${world.client}/login`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('This passkey is not known here.').waitFor();
});

// ---- Policy ---------------------------------------------------------------------------------------------------------
await check('a role that must have a factor reaches only the pages that set one up', async () => {
    rpmgr('settings', 'set', 'sign_in.second_factor.client', 'required');
    const { page, context } = await open({ authenticator: true });
    await password(page, world.client, 'carl');
    assert.equal(at(page), '/account/factors');
    await pictures(page, 'enrolment');
    assert.equal((await context.request.get(`${world.client}/sites`, { maxRedirects: 0 })).status(), 303);
    await page.getByLabel('Name of a new passkey').fill('phone');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await page.waitForURL(`${world.client}/`);
    rpmgr('settings', 'set', 'sign_in.second_factor.client', 'off');
});
await check('settings are saved by their page, and a bad value is told beside its field', async () => {
    rpmgr('user', 'reset-factors', 'root');
    const { page } = await open();
    await password(page, world.admin, 'root');
    await page.goto(`${world.admin}/settings`);
    await pictures(page, 'settings');
    await page.getByLabel('Issuer').fill('id.example.com');
    await page.locator('#oidc').getByRole('button', { name: 'Save' }).click();
    await page.locator('.err', { hasText: 'Must begin with https://.' }).waitFor();
    await page.getByLabel('Client id').fill('rpmgr');
    await page.getByLabel('Issuer').fill(`http://127.0.0.1:${world.oidc_port}`);
    await page.getByLabel('Client secret').fill('a secret of the client');
    await page.getByLabel('Groups of operators').fill('ops');
    await page.getByRole('combobox', { name: 'Single sign-on', exact: true }).selectOption('on');
    await page.locator('#oidc').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Single sign-on: saved.').waitFor();
    assert.equal(await page.getByLabel('Client secret').inputValue(), '');
    assert.equal(rpmgr('settings', 'get', 'oidc.groups.operator'), 'ops');
});

// ---- Single sign-on -------------------------------------------------------------------------------------------------
let provider;
async function start(kid) {
    if (provider) {
        const gone = new Promise((resolve) => provider.once('exit', resolve));
        provider.kill();
        await gone;
    }
    provider = spawn('node', [world.provider, world.oidc_port, `${world.admin}/login/oidc/callback,${world.client}/login/oidc/callback`, kid], {
        env: { ...process.env, CLIENT_SECRET: 'a secret of the client' }, stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => provider.stdout.once('data', resolve));
}
// Through the provider's own pages; starts where `begin` says.
async function through(page, name, begin = `${world.admin}/login/oidc`, panel = world.admin) {
    await page.goto(begin);
    await page.locator('[name=login]').fill(name);
    await page.locator('[name=password]').fill('any');
    await page.locator('button[type=submit]').click();
    await page.locator('button[type=submit]', { hasText: 'Continue' }).click();
    await page.waitForURL((url) => url.origin === panel);
}
const asClient = (page, name) => through(page, name, `${world.client}/login/oidc`, world.client);
const roleOf = (name) => JSON.parse(rpmgr('user', 'list', '--json')).find((user) => user.username === name)?.role;
const told = (page, text) => page.locator('.banner', { hasText: text }).waitFor();

await check('without the provider the sign-in page says what to do', async () => {
    const { page } = await open();
    await page.goto(`${world.admin}/login`);
    await page.getByRole('link', { name: 'Single sign-on' }).click();
    await told(page, 'The provider does not answer.');
});
await start('first');
await check('whoever has no account is told how to get one', async () => {
    const { page } = await open();
    await through(page, 'anna');
    await told(page, 'No account here belongs to you yet');
});
await check('an account is made with the role of the group', async () => {
    rpmgr('settings', 'set', 'oidc.create', 'on');
    const { page } = await open();
    await through(page, 'anna', `${world.admin}/login/oidc?next=/nodes`);
    assert.equal(at(page), '/nodes');
    const anna = JSON.parse(rpmgr('user', 'list', '--json')).find((user) => user.username === 'anna');
    assert.equal(anna.role, 'operator');
    assert.equal(anna.has_password, false);
});
await check('people of no known group are refused', async () => {
    const { page } = await open();
    await through(page, 'nils');
    await told(page, 'You are in none of the groups');
    assert.equal(JSON.parse(rpmgr('user', 'list', '--json')).some((user) => user.username === 'nils'), false);
});
await check('a name that exists is never taken over', async () => {
    echoUser('nora');
    const { page } = await open();
    await through(page, 'nora');
    await told(page, 'The account nora exists already');
});
function echoUser(name) {
    execFileSync(world.rpmgr, ['--config', world.config, 'user', 'add', name, '--role', 'operator', '--password-stdin'], { input: `${world.password}\n` });
}
await check('its owner links it while signed in, and then signs in by the provider', async () => {
    const first = await open();
    await password(first.page, world.admin, 'nora');
    await first.page.goto(`${world.admin}/account`);
    await pictures(first.page, 'account');
    await through(first.page, 'nora', `${world.admin}/account/oidc`);
    await first.page.getByText('Your account is linked.').waitFor();
    const second = await open();
    await through(second.page, 'nora');
    assert.equal(at(second.page), '/');
});
const begin = async (page) => (await page.context().request.get(`${world.admin}/login/oidc`, { maxRedirects: 0 })).headers().location;
await check('a token for another nonce is refused', async () => {
    const { page } = await open();
    const url = new URL(await begin(page));
    url.searchParams.set('nonce', 'planted');
    await through(page, 'anna', url.href);
    await told(page, "The provider's token answers another request (nonce)");
});
await check('an answer with another state is refused', async () => {
    const { page } = await open();
    const url = new URL(await begin(page));
    url.searchParams.set('state', 'planted');
    await through(page, 'anna', url.href);
    await told(page, 'The answer belongs to another sign-in');
});
await check('an answer brought to another browser is refused', async () => {
    const { page } = await open();
    const url = await begin(page);
    const victim = await open();
    await through(victim.page, 'anna', url);
    await told(victim.page, 'This sign-in began in another browser');
});
await check('an answer that names another issuer is refused', async () => {
    const { page, context } = await open();
    const state = new URL(await begin(page)).searchParams.get('state');
    const answer = await context.request.get(`${world.admin}/login/oidc/callback?code=x&state=${state}&iss=https://evil.example`);
    assert.equal(answer.status(), 422);
    assert.match(await answer.text(), /does not come from the provider that was asked/);
});
await check('a changed key of the provider is fetched', async () => {
    await start('second');
    const { page } = await open();
    await through(page, 'anna');
    assert.equal(at(page), '/');
});
await check('the second factor is asked for here unless the provider counts for two', async () => {
    rpmgr('settings', 'set', 'sign_in.second_factor.operator', 'required');
    const first = await open();
    await through(first.page, 'anna');
    assert.equal(at(first.page), '/account/factors');
    rpmgr('settings', 'set', 'oidc.second_factor', 'always');
    const second = await open();
    await through(second.page, 'anna');
    assert.equal(at(second.page), '/');
});
await check('the clients panel makes clients by their groups', async () => {
    rpmgr('settings', 'set', 'oidc.groups.client', 'customers');
    rpmgr('settings', 'set', 'oidc.groups.client_read_only', 'viewers');
    for (const name of ['carla', 'berta']) {
        const { page } = await open();
        await asClient(page, name);
        assert.equal(at(page), '/');
        assert.equal(roleOf(name), 'client');
    }
    const { page } = await open();
    await asClient(page, 'vera'); // belongs to a client, nobody knows to which
    await told(page, 'An administrator must make your account');
    assert.equal(roleOf('vera'), undefined);
});
await check('the clients panel lets no staff in and makes none', async () => {
    const { page } = await open();
    await asClient(page, 'anna');
    await told(page, 'are those of staff');
    const { page: other } = await open();
    await asClient(other, 'mfa');
    await told(other, 'are those of staff');
    assert.equal(roleOf('mfa'), undefined);
    const { page: third } = await open();
    await through(third, 'carla');
    await told(third, 'Your account may not use this panel');
});
await check('roles of clients follow the groups at the clients panel', async () => {
    rpmgr('user', 'set', 'carla', '--client', 'berta');
    rpmgr('settings', 'set', 'oidc.groups.client', '');
    rpmgr('settings', 'set', 'oidc.groups.client_read_only', 'customers');
    const { page } = await open();
    await asClient(page, 'carla');
    assert.equal(at(page), '/');
    assert.equal(roleOf('carla'), 'client_read_only');
});
await check('a client with colleagues stays one, whatever the groups say', async () => {
    rpmgr('settings', 'set', 'oidc.groups.client_read_only', '');
    rpmgr('settings', 'set', 'oidc.groups.operator', 'customers');
    const { page } = await open();
    await through(page, 'berta');
    await told(page, 'others work with the sites of this client');
    assert.equal(roleOf('berta'), 'client');
    rpmgr('settings', 'set', 'oidc.groups.operator', 'ops');
});
await check('staff whose groups make them clients are staff no more', async () => {
    rpmgr('settings', 'set', 'oidc.groups.operator', '');
    rpmgr('settings', 'set', 'oidc.groups.client', 'ops');
    const { page } = await open();
    await through(page, 'nora');
    await told(page, 'Your account may not use this panel');
    assert.equal(roleOf('nora'), 'client');
    rpmgr('settings', 'set', 'oidc.groups.client', 'customers');
    rpmgr('settings', 'set', 'oidc.groups.operator', 'ops');
});
await check('a disabled account is not let in', async () => {
    rpmgr('user', 'disable', 'anna');
    const { page } = await open();
    await through(page, 'anna');
    await told(page, 'Your account is disabled');
});

provider?.kill();
await browser.close();
process.exit(failed ? 1 : 0);
