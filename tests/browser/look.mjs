// SPDX-License-Identifier: MIT
// Looks at pages of the panels in a real browser and fails on what a visitor would suffer from.
//
//   node look.mjs [--out FOLDER] [--cookie NAME=VALUE] URL...
//
// Each URL is opened at 1440 and 390 px, light and dark. A picture per view goes to FOLDER (default: look).
// Fails on: policy violations, console errors, failed requests for files, axe findings, sideways scrolling
// (also at 320 px).
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { findings, launch, overflow, picture, visit } from './browser.mjs';

const { values: options, positionals: urls } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string', default: 'look' }, cookie: { type: 'string' } },
});
const browser = await launch();
await mkdir(options.out, { recursive: true });

let failures = 0;
for (const url of urls) {
    for (const width of [1440, 390]) for (const scheme of ['light', 'dark']) await look(url, width, scheme);
    await fits(url, 320);
}
await browser.close();
console.log(failures ? `${failures} problems` : `${urls.length} pages are fine`);
process.exit(failures ? 1 : 0);

async function open(url, width, scheme) {
    const visitor = await visit(browser, { width, scheme });
    if (options.cookie) {
        const [name, value] = options.cookie.split(/=(.*)/s);
        await visitor.context.addCookies([{ name, value, url: new URL('/', url).href }]);
    }
    await visitor.page.goto(url, { waitUntil: 'load' });
    await visitor.page.evaluate(() => document.fonts.ready);
    return visitor;
}

async function look(url, width, scheme) {
    const { context, page, problems } = await open(url, width, scheme);
    problems.push(...(await findings(page)));
    await picture(page, `${options.out}/${name(url)}-${width}-${scheme}.png`);
    await context.close();
    report(url, width, scheme, problems);
}

async function fits(url, width) {
    const { context, page } = await open(url, width, 'light');
    const over = await overflow(page);
    await context.close();
    if (over > 0) report(url, width, 'light', [`scrolls sideways by ${over} px`]);
}

function report(url, width, scheme, problems) {
    failures += problems.length;
    for (const problem of problems) console.log(`${new URL(url).pathname} ${width} ${scheme}: ${problem}`);
}

function name(url) {
    const { pathname, search } = new URL(url);
    return (pathname + search).replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'overview';
}
