// SPDX-License-Identifier: MIT
// What several journeys do, and how they look at the fleet from outside.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { visit } from './browser.mjs';

export const run = promisify(execFile);

// A browser window whose complaints count in the case that is running.
export async function openWindow(world, options) {
    const visitor = await visit(world.browser, options);
    world.windows.push(visitor);
    return visitor.page;
}

export async function signInByLink(page, link) {
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
}

export async function signInByPassword(page, name, password) {
    await page.getByLabel('User name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export async function signOut(page) {
    await page.locator('summary', { hasText: 'Account:' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
}

// Sections of the editor are folded; a visitor opens them by a click on their heading.
export async function unfold(page, section) {
    const details = page.locator(`details#${section}`);
    if ((await details.getAttribute('open')) === null) await details.locator('summary').first().click();
}

// A row of a list: "Server 2".
export const rowOf = (page, name) => page.getByRole('group', { name, exact: true });

export async function addRow(page, button, name) {
    await page.getByRole('button', { name: button, exact: true }).click();
    await rowOf(page, name).waitFor();
}

export async function pressAndLand(page, button, path) {
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.waitForURL((url) => path.test(url.pathname + url.search));
}

// Deploys what the review shows and waits until the page itself tells the end. Answers with its number and word.
export async function deployAndWatch(page) {
    await page.getByRole('button', { name: /^Deploy to / }).click();
    await page.waitForURL(/\/deployments\/\d+$/);
    const word = page.locator('h1 .st');
    await page.locator('h1 .st', { hasText: /Succeeded|Failed|Partly live/ }).waitFor({ timeout: 40000 });
    return { number: page.url().split('/').pop(), word: (await word.textContent()).trim() };
}

// One request to a node, as a visitor of the site sends it: the name in Host and SNI, whatever the address is.
export function fetchThrough(node, domain, path = '/', { tls = false } = {}) {
    const port = tls ? node.https_port : node.http_port;
    const options = {
        host: node.address,
        port,
        path,
        servername: domain,
        rejectUnauthorized: false,
        agent: false,
        headers: { host: `${domain}:${port}` },
    };
    return new Promise((resolve, reject) => {
        const request = (tls ? https : http).get(options, (response) => {
            const certificate = tls ? response.socket.getPeerCertificate() : undefined;
            let body = '';
            response.on('data', (part) => (body += part));
            response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body, certificate }));
        });
        request.setTimeout(10000, () => request.destroy(new Error(`${node.address}:${port} does not answer`)));
        request.on('error', reject);
    });
}

export async function servedBy(node, domain, tls) {
    const { status, body } = await fetchThrough(node, domain, '/', { tls });
    assert.equal(status, 200, `${node.name} answers ${status} for ${domain}`);
    return /^backend: (.*)$/m.exec(body)?.[1];
}
