// SPDX-License-Identifier: MIT
// The same requests to the same sites on every engine.
//
//   node tests/conformance/run.mjs RENDER [--engine NAME]... [--case TEXT] [--table FILE] [--keep]
//
// RENDER is the program of render.cc. A case (cases/*.mjs) has one or several sites and steps; each step is a
// request and what must come back, to the visitor and to the server behind; with `within`, after so many milliseconds
// at the latest. All sites of an engine go out as one release (one for each setting of the node that cases ask for:
// `node`, `settings`), which the node tests, switches to and proves. A case that the engine cannot say must be refused
// by the capability table with a reason: it counts as passed and stands in the table as refused.
//
// "nginx-dense" is nginx once more, with every site in a dense group that may be in one.
//
// Every request is also put to plan::explain() (shared/plan/explain.h), and what that says must be what came:
// refused, answered or passed on; status and Location; which server saw it, with which path and headers.
//
// Prints lines "ok engine case", "not ok engine case: why" and "skip engines # why". --table writes the tables of
// docs/engines.md: what each engine can do, and the outcome of every case.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { startBackends } from './backend.mjs';
import { ask, findHttp3 } from './client.mjs';
import { Node, findPrograms } from './engines.mjs';
import { makeAuthority } from './certificates.mjs';
import { Explained } from './explained.mjs';

const options = { engines: [], only: '', table: '', keep: false, render: process.argv[2] };
for (let i = 3; i < process.argv.length; ++i) {
  switch (process.argv[i]) {
    case '--engine': options.engines.push(process.argv[++i]); break;
    case '--case': options.only = process.argv[++i]; break;
    case '--table': options.table = process.argv[++i]; break;
    case '--keep': options.keep = true; break;
    default: console.error(`run.mjs: unknown word ${process.argv[i]}`); process.exit(64);
  }
}

const skipped = [];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rpmgr-conformance-'));
fs.chmodSync(folder, 0o755);

// ---- cases -------------------------------------------------------------------------------------
const here = path.dirname(new URL(import.meta.url).pathname);
const cases = [];
for (const file of fs.readdirSync(path.join(here, 'cases')).sort()) {
  const { default: list } = await import(path.join(here, 'cases', file));
  cases.push(...list);
}
if (cases.some((each) => each.http3)) {
  const why = findHttp3();
  if (why) skipped.push(why);
  if (why) cases.splice(0, cases.length, ...cases.filter((each) => !each.http3));
}
const names = new Set();
for (const each of cases) {
  if (names.has(each.id)) throw new Error(`two cases are called ${each.id}`);
  names.add(each.id);
}

const authority = makeAuthority(path.join(folder, 'pki'));
const backends = await startBackends(authority.server.cert, authority.server.key, authority.ca);

// "$a" and "$ca" in definitions stand for the port of server a and for texts made here.
function filled(value) {
  if (typeof value === 'string') {
    if (value.startsWith('$port:')) return backends.ports[value.slice(6)];
    return value.replace(/\$port\.(\w+)/g, (_, name) => backends.ports[name])
      .replace(/\$pem\.(\w+)(?:\.(cert|key))?/g, (_, name, part) => (part ? authority[name][part] : authority[name]));
  }
  if (Array.isArray(value)) return value.map(filled);
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each)]));
  return value;
}

const kServer = { host: '127.0.0.1', port: '$port:a' };
function definitionOf(site, domain) {
  const definition = { version: 2, domains: [domain], ...structuredClone(site) };
  if (definition.kind !== 'redirect' && !definition.upstream?.servers)
    definition.upstream = { servers: [kServer], ...definition.upstream };
  delete definition.state;
  return filled(definition);
}

// ---- expectations --------------------------------------------------------------------------------
function fits(wanted, got) {
  if (wanted === null) return got === undefined;
  if (wanted instanceof RegExp) return typeof got === 'string' && wanted.test(got);
  if (Array.isArray(wanted) && !Array.isArray(got)) return wanted.some((each) => fits(each, got));
  if (typeof wanted === 'function') return wanted(got);
  return isDeepStrictEqual(wanted, got);
}
function shown(value) {
  const text = value instanceof RegExp ? String(value) : JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/// Why the answer is not what was expected, or nothing.
function fault(expect, answer, engine) {
  const want = { ...expect, ...expect[engine] };
  if (want.failed) return answer.failed ? undefined : `expected no answer, got ${answer.status}`;
  if (answer.failed) return `no answer: ${answer.failed}`;
  if (want.status !== undefined && !fits(want.status, answer.status))
    return `status ${answer.status}, expected ${shown(want.status)}: ${shown(answer.body)}`;
  for (const [name, value] of Object.entries(want.headers ?? {}))
    if (!fits(value, answer.headers[name])) return `header ${name} is ${shown(answer.headers[name])}, expected ${shown(value)}`;
  for (const [name, value] of Object.entries(want.trailers ?? {}))
    if (!fits(value, answer.trailers?.[name])) return `trailer ${name} is ${shown(answer.trailers?.[name])}`;
  if (want.body !== undefined && !fits(want.body, answer.body)) return `body ${shown(answer.body)}, expected ${shown(want.body)}`;
  if (want.protocol && answer.protocol !== want.protocol) return `protocol ${answer.protocol}`;
  if (want.check) {
    const why = want.check(answer);
    if (why) return why;
  }
  if (want.seen) {
    let seen;
    try { seen = JSON.parse(answer.body); } catch { return `the server did not echo: ${shown(answer.body)}`; }
    for (const [name, value] of Object.entries(want.seen)) {
      if (name === 'headers') {
        for (const [header, text] of Object.entries(value))
          if (!fits(text, seen.headers[header]))
            return `the server saw ${header}: ${shown(seen.headers[header])}, expected ${shown(text)}`;
      } else if (!fits(value, seen[name])) {
        return `the server saw ${name} ${shown(seen[name])}, expected ${shown(value)}`;
      }
    }
  }
  return undefined;
}

// ---- one engine ----------------------------------------------------------------------------------
function releaseOf(node, sites, without, setting) {
  const out = path.join(folder, `release-${node.name}`);
  fs.rmSync(out, { recursive: true, force: true });
  const input = {
    engine: node.engine, dense: node.dense, version: node.version, modules: node.modules, http: node.http,
    https: node.https, proof: node.proof, trusted_proxies: [], proxy_protocol: [], resolvers: [], settings: {}, ...setting,
    certificate: node.certificate.cert,
    key: node.certificate.key, out, sites: sites.filter((site) => !without.has(site.id)).map(({ id, state, definition }) => ({ id, state, definition })),
  };
  const told = JSON.parse(execFileSync(options.render, { input: JSON.stringify(input), encoding: 'utf8' }));
  const refused = new Set(told.refused.map(({ id }) => id));
  return { out, ...told, input: { ...input, sites: input.sites.filter(({ id }) => !refused.has(id)) } };
}

async function runCase(node, each, sites, explained) {
  const memory = {};
  explained.forget(each.id);
  for (const [index, step] of each.steps.entries()) {
    const site = sites[step.site ?? 0];
    const request = filled(typeof step.request === 'function' ? step.request(memory) : step.request ?? {});
    const note = (asks) => explained.watch(each.id, host, { ...request, from: request.from ?? (step.v6 ? '::1' : undefined) }, asks);
    const shown = { ...request, certificate: authority[request.certificate] };
    const host = step.host ?? site.definition.domains[0].replace('*.', 'x.');
    const target = { address: step.v6 ? '::1' : node.address, http: node.http, https: node.https, host };
    const times = step.times ?? 1;
    const answers = [];
    if (step.pause) await new Promise((resolve) => setTimeout(resolve, step.pause));
    if (step.together) answers.push(...await note(() => Promise.all(Array.from({ length: times }, () => ask(target, shown)))));
    else for (let i = 0; i < times; ++i) answers.push(...await note(async () => [await ask(target, shown)]));
    const judge = () => (step.over ? step.over(answers, node.engine) : fault(step.expect, answers.at(-1), node.engine));
    let why = judge();
    for (const end = Date.now() + (step.within ?? 0); why && Date.now() < end; why = judge()) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      answers.push(...await note(async () => [await ask(target, shown)]));
    }
    const memory_used = step.memory ? node.memory() : 0;
    if (memory_used > step.memory) return `step ${index + 1}: the engine took ${memory_used.toFixed(0)} MiB`;
    if (why) return `step ${index + 1} (${request.tcp || request.udp ? `port ${(request.tcp ?? request.udp).port}` : `${request.method ?? 'GET'} ${request.path ?? '/echo'}`}): ${why}`;
    memory[index] = answers.at(-1);
  }
  return undefined;
}

// Cases of one setting of the node go out together.
async function runRelease(node, wanted, setting, first, results, explained) {
  const sites = [];
  for (const each of wanted)
    for (const [index, site] of (each.sites ?? [each.site ?? {}]).entries())
      sites.push({ id: first + sites.length + 1, state: site.state ?? 'active', case: each,
        definition: definitionOf(site, `${index === 0 ? '' : `s${index}.`}${each.id}.test`) });
  const site = (id) => sites[id - first - 1];
  node.certificate = authority.site(sites.filter((each) => each.definition.tls?.mode === 'self_signed')
    .flatMap((each) => each.definition.domains).concat('localhost'));
  const without = new Set();
  let release = releaseOf(node, sites, without, setting);
  if (release.node_refused) {
    for (const each of wanted) results.set(each.id, { refused: release.node_refused });
    return { sites: sites.length, dense: release.dense ?? 0 };
  }
  for (const { id, field, message } of release.refused) {
    const { case: owner } = site(id);
    if (!results.has(owner.id)) results.set(owner.id, { refused: `${field}: ${message}` });
  }
  let answer;
  for (let round = 0; round < 40; ++round) {  // as the product does: what the engine refuses stays behind
    answer = node.deploy(release.out, release.release);
    if (answer.word !== 'test_failed' && answer.word !== 'rolled_back') break;
    const bad = answer.log.map((line) => line.match(/sites\/(?:\w+\/)?(\d+)-/)?.[1]).find(Boolean);
    if (!bad || without.has(Number(bad))) break;
    without.add(Number(bad));
    results.set(site(Number(bad)).case.id, { failed: `the engine refuses it: ${answer.log.join(' | ').slice(0, 400)}` });
    release = releaseOf(node, sites, without, setting);
  }
  if (answer.word !== 'ok') throw new Error(`${node.name}: ${answer.word}: ${answer.log.join('\n').slice(0, 2000)}`);
  for (const each of wanted) {
    if (results.has(each.id)) continue;
    const own = sites.filter((one) => one.case === each);
    let why = await runCase(node, each, own, explained);
    if (why && each.again) why = await runCase(node, each, own, explained);
    results.set(each.id, why ? { failed: why } : {});
  }
  for (const [id, why] of explained.faults(release.input)) if (!results.get(id).failed) results.set(id, { failed: why });
  return { sites: sites.length, dense: release.dense ?? 0 };
}

// That nobody has on any address, all held at once so that they differ.
async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject).listen(0, '::', () => resolve(server));
  })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function runEngine(name, program) {
  const results = new Map();
  const wanted = cases.filter((each) => each.id.includes(options.only));
  const asked = ({ node: own, settings: said }) => JSON.stringify({ ...own, ...(said ? { settings: said } : {}) });
  const settings = [...new Set(wanted.map(asked))].sort((a, b) => a.length - b.length);
  const node = new Node(folder, name, program, await freePorts(4));
  const explained = new Explained(options.render, backends);
  try {
    let first = 0;
    let dense = 0;
    for (const setting of settings) {
      const told = await runRelease(node, wanted.filter((each) => asked(each) === setting),
        JSON.parse(setting), first, results, explained);
      first += told.sites;
      dense += told.dense;
    }
    if (node.dense && !options.only && dense === 0) throw new Error('no site is in a dense group');
    if (node.dense) console.log(`# ${dense} of ${first} sites in dense groups`);
    console.log(`# ${name}: ${explained.summary()}`);
  } finally {
    if (!options.keep) node.destroy();
  }
  return { results, version: node.version };
}

// ---- all of them ---------------------------------------------------------------------------------
const programs = findPrograms((why) => skipped.push(why));
const engines = (options.engines.length ? options.engines : ['nginx', 'nginx-dense', 'caddy', 'caddy-debian', 'traefik']);
const outcome = {};
let passed = 0;
let failed = 0;
try {
  for (const name of engines) {
    if (!programs[name]) {
      skipped.push(`${name} is not on this machine`);
      continue;
    }
    const started = Date.now();
    outcome[name] = await runEngine(name, programs[name]);
    for (const [id, result] of outcome[name].results) {
      if (result.failed) { ++failed; console.log(`not ok ${name} ${id}: ${result.failed}`); } else {
        ++passed;
        console.log(`ok ${name} ${id}${result.refused ? ` # refused: ${result.refused}` : ''}`);
      }
    }
    console.log(`# ${name} ${outcome[name].version}: ${outcome[name].results.size} cases in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
  if (options.table) writeTable(options.table);
} catch (error) {
  ++failed;
  console.log(`not ok ${error.stack}`);
} finally {
  await backends.close();
  if (!options.keep) fs.rmSync(folder, { recursive: true, force: true });
  else console.log(`# kept ${folder}`);
}
for (const why of skipped) console.log(`skip engines # ${why}`);
console.log(`# ${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exit(failed === 0 ? 0 : 1);

function writeTable(file) {
  const columns = Object.keys(outcome);
  const cell = (name, id) => {
    const result = outcome[name].results.get(id);
    return result === undefined ? '' : result.failed ? '**fails**' : result.refused ? 'refused' : 'yes';
  };
  const lines = [`| feature | case | ${columns.map((name) => `${name.replace('-dense', ' dense')} ${outcome[name].version}`).join(' | ')} |`,
    `|---|---|${columns.map(() => '---|').join('')}`];
  for (const each of cases)
    lines.push(`| ${each.feature} | ${each.says ?? each.id} | ${columns.map((name) => cell(name, each.id)).join(' | ')} |`);
  const text = fs.readFileSync(file, 'utf8');
  const begin = '<!-- conformance: begin -->';
  const end = '<!-- conformance: end -->';
  const [head] = text.split(begin);
  const [, tail] = text.split(end);
  fs.writeFileSync(file, `${head}${begin}\n${lines.join('\n')}\n${end}${tail}`);
}
