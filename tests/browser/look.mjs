// Looks at pages of the panels in a real browser and fails on what a visitor would suffer from.
//
//   node look.mjs [--out FOLDER] [--cookie NAME=VALUE] [--insecure] URL...
//
// Each URL is opened at 1440 and 390 px, light and dark. A picture per view goes to FOLDER (default: look).
// Fails on: policy violations, console errors, failed requests for files, axe findings, sideways scrolling
// (also at 320 px). A first page with forbidden code proves that violations are seen at all.
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: options, positionals: urls } = parseArgs({
    allowPositionals: true,
    options: {
        out: { type: 'string', default: 'look' },
        cookie: { type: 'string' },
        insecure: { type: 'boolean', default: false },
        browser: { type: 'string', default: '/usr/bin/chromium' },
    },
});
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const widths = [1440, 390];
const schemes = ['light', 'dark'];

const browser = await chromium.launch({
    executablePath: options.browser,
    args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
    ],
});
await mkdir(options.out, { recursive: true });

let failures = 0;
await seesViolations(urls[0]);
for (const url of urls) {
    for (const width of widths) for (const scheme of schemes) await look(url, width, scheme);
    await fits(url, 320);
}
await browser.close();
console.log(failures ? `${failures} problems` : `${urls.length} pages are fine`);
process.exit(failures ? 1 : 0);

async function open(url, width, scheme) {
    const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: scheme,
        reducedMotion: 'reduce',
        ignoreHTTPSErrors: options.insecure,
    });
    if (options.cookie) {
        const [name, value] = options.cookie.split(/=(.*)/s);
        await context.addCookies([{ name, value, url: new URL('/', url).href }]);
    }
    const page = await context.newPage();
    const problems = [];
    await page.exposeFunction('violated', (what) => problems.push(`policy: ${what}`));
    await page.addInitScript(() =>
        document.addEventListener('securitypolicyviolation', (event) =>
            window.violated(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`),
        ),
    );
    page.on(
        'console',
        (message) => message.type() === 'error' && problems.push(`console: ${message.text()}`),
    );
    page.on('pageerror', (error) => problems.push(`script: ${error.message}`));
    page.on(
        'response',
        (response) =>
            response.url() !== url &&
            response.status() >= 400 &&
            problems.push(`${response.status()} ${response.url()}`),
    );
    await page.goto(url, { waitUntil: 'load' });
    await page.evaluate(() => document.fonts.ready);
    return { context, page, problems };
}

async function look(url, width, scheme) {
    const { context, page, problems } = await open(url, width, scheme);
    // `eval` of the page is shut by the policy; evaluate() goes through the debugger and is not.
    await page.evaluate(axe);
    const result = await page.evaluate(
        (tags) => window.axe.run({ runOnly: { type: 'tag', values: tags } }),
        rules,
    );
    for (const finding of result.violations) {
        for (const node of finding.nodes)
            problems.push(
                `axe ${finding.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`,
            );
    }
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(900, Math.min(height, 12000)) });
    await page.screenshot({ path: `${options.out}/${name(url)}-${width}-${scheme}.png` });
    await context.close();
    report(url, width, scheme, problems);
}

async function fits(url, width) {
    const { context, page } = await open(url, width, 'light');
    const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    await context.close();
    if (over > 0) report(url, width, 'light', [`scrolls sideways by ${over} px`]);
}

// The check must not be blind: an inline style set by markup has to be reported under the page's policy.
async function seesViolations(url) {
    const { context, page, problems } = await open(url, 1440, 'light');
    await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<p style="color:red">x</p>'));
    await page.waitForTimeout(200);
    await context.close();
    if (!problems.some((problem) => problem.startsWith('policy: style-src'))) {
        report(url, 1440, 'light', ['a forbidden inline style was not reported: is the policy header sent?']);
    }
}

function report(url, width, scheme, problems) {
    failures += problems.length;
    for (const problem of problems) console.log(`${new URL(url).pathname} ${width} ${scheme}: ${problem}`);
}

function name(url) {
    const { pathname, search } = new URL(url);
    return (
        (pathname + search)
            .replace(/\.html$/, '')
            .replace(/[^A-Za-z0-9]+/g, '-')
            .replace(/^-|-$/g, '') || 'overview'
    );
}
