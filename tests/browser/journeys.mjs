// SPDX-License-Identifier: MIT
// What people do with the panels, in a real browser, against a whole private fleet: tests/browser/journeys.sh starts
// it and says in $FLEET where it is. One line per case, as tests/support/tap.sh prints them. Cases follow on each other.
import { readFile } from 'node:fs/promises';
import { launch } from './browser.mjs';
import { adminJourneys } from './admin.mjs';
import { clientJourneys } from './client.mjs';
import { scriptlessJourneys } from './scriptless.mjs';
import { viewJourneys } from './views.mjs';

const fleet = JSON.parse(await readFile(process.env.FLEET, 'utf8'));
const browser = await launch();
const windows = []; // of the browser, for pictures of what went wrong
let failures = 0;

// A case fails by an exception. What the pages themselves complained of meanwhile fails it as well.
async function check(name, act) {
    try {
        await act();
        const problems = windows.flatMap((window) => window.problems.splice(0));
        if (problems.length) throw new Error([...new Set(problems)].join('; '));
        console.log(`ok ${name}`);
    } catch (error) {
        failures += 1;
        console.log(`not ok ${name} # ${String(error.message).replace(/\s+/g, ' ')}`);
        console.log(error.stack);
        await takePictures(`failed-${failures}`);
    }
}

async function takePictures(name) {
    for (const [number, { page }] of windows.entries())
        await page.screenshot({ path: `${fleet.pictures}/${name}-${number}.png` }).catch(() => {});
}

const world = { browser, check, fleet, windows };
await adminJourneys(world);
await clientJourneys(world);
await scriptlessJourneys(world);
await viewJourneys(world);
await browser.close();
process.exit(failures ? 1 : 0);
