import { launch, visit, findings, overflow } from './browser.mjs';
const b = await launch();
for (const [name, widths] of [['full-light',[1440,390]],['new-light',[1440,390]],['full-dark',[1440]]]) for (const w of widths) {
  const v = await visit(b, { width: w, scheme: name.endsWith('dark')?'dark':'light' });
  await v.page.goto('http://127.0.0.1:8977/' + name + '.html');
  await v.page.evaluate(() => document.fonts.ready);
  if (name.startsWith('full')&& w==1440) await v.page.evaluate(() => document.querySelectorAll('details').forEach(d=>d.open=true));
  await v.page.screenshot({ path: `/tmp/site/${name}-${w}.png`, fullPage: true });
  console.log(name, w, await overflow(v.page), (await findings(v.page)).join('\n   '), v.problems.join('\n'));
  await v.context.close();
}
await b.close();
