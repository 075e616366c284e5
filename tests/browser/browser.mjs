// SPDX-License-Identifier: MIT
// A real browser for tests: pages that remember what went wrong on them, and axe.
//
//   const browser = await launch();
//   const visitor = await visit(browser, { width: 1280 });   // a browser window of its own
//   await visitor.page.goto(…);
//   visitor.problems                                         // policy violations, script errors, files not found
//
// The modules come from $BROWSER_MODULES, a folder with package.json and node_modules, since the tree holds none.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.BROWSER_MODULES || import.meta.dirname || '.'}/`);
const { chromium } = require('playwright-core');
const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export function launch(executablePath = '/usr/bin/chromium') {
    return chromium.launch({
        executablePath,
        args: [
            '--no-sandbox', // refuses to start as root, and needs namespaces that containers forbid
            '--disable-dev-shm-usage', // which containers keep small
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
        ],
    });
}

export async function visit(browser, { width = 1280, scheme = 'light', script = true } = {}) {
    const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: scheme,
        reducedMotion: 'reduce',
        ignoreHTTPSErrors: true,
        javaScriptEnabled: script,
    });
    context.setDefaultTimeout(15000);
    const page = await context.newPage();
    const problems = [];
    const problem = (what) => problems.push(`${new URL(page.url()).pathname}: ${what}`);
    if (script) {
        await context.exposeFunction('violated', (what) => problem(`policy: ${what}`));
        await context.addInitScript(() =>
            document.addEventListener('securitypolicyviolation', (event) =>
                window.violated(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`),
            ),
        );
    }
    // The console also complains of pages that answer 404 or 422, where the test says itself what it expects, and of
    // requests that were cut off because the page was left; what went wrong with others is told by 'requestfailed'.
    const known = /^Failed to load resource|^htmx: htmx:error: Failed to fetch/;
    page.on('console', (message) => {
        if (message.type() === 'error' && !known.test(message.text())) problem(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => problem(`script: ${error.message}`));
    page.on('response', (response) => {
        const document = response.request().resourceType() === 'document';
        if (response.status() >= (document ? 500 : 400)) problem(`${response.status()} ${response.url()}`);
    });
    page.on('requestfailed', (request) => {
        const why = request.failure()?.errorText;
        if (why !== 'net::ERR_ABORTED') problem(`${why} ${request.url()}`); // left before it had come
    });
    return { context, page, problems };
}

// What axe finds on the page as it is now, one line per element.
export async function findings(page) {
    // `eval` of the page is shut by the policy; evaluate() goes through the debugger and is not.
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
    const { violations } = await page.evaluate(
        (values) => window.axe.run({ runOnly: { type: 'tag', values } }),
        rules,
    );
    return violations.flatMap((finding) =>
        finding.nodes.map(
            (node) => `axe ${finding.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`,
        ),
    );
}

// By how many pixels the page is wider than its window.
export function overflow(page) {
    return page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
}

// The whole page in one picture.
export async function picture(page, path) {
    const { width, height } = page.viewportSize();
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, Math.min(whole, 12000)) });
    await page.screenshot({ path });
    await page.setViewportSize({ width, height });
}
