import { launch, visit } from './browser.mjs';
const [,, name, width, out, ...ids] = process.argv;
const b = await launch();
const v = await visit(b, { width: +width, scheme: name.endsWith('dark')?'dark':'light' });
await v.page.goto('http://127.0.0.1:8977/' + name + '.html');
await v.page.addStyleTag({ content: '.savebar,.top{position:static!important}' }).catch(()=>{});
await v.page.evaluate(() => document.fonts.ready);
for (const id of ids) { const d = v.page.locator(`details#${id}`);
  if (process.env.ALL) await d.evaluate((e) => e.querySelectorAll('details').forEach((x) => (x.open = true)));
  await d.screenshot({ path: `/tmp/site/${out}-${id}.png` }); }
await b.close();
