// SPDX-License-Identifier: MIT
// Holds what plan::explain() says of each request against what came.
//
// An explanation has one expected ending, and others with their conditions: a rate limit that is used up, a
// sign-in service that refuses. What came must be one of them. Only of servers that do not answer nothing more
// can be seen than that the engine says so.
import { execFileSync } from 'node:child_process';
import { BlockList } from 'node:net';

const kUnseen = 'the server does not answer';

export class Explained {
  constructor(program, backends) {
    this.program = program;
    this.backends = backends;
    this.asked = [];
    // Paths of health checks (also of the release before, for a while) and of questions to sign-in services, which are
    // no visitor's request.
    this.asides = new Set();
    this.counts = { expected: 0, conditions: {}, unseen: {}, streams: 0 };
  }

  /// Runs `asks`, which answers a list, and notes what the servers saw meanwhile.
  async watch(id, host, request, asks) {
    const before = this.backends.log.length;
    const answers = await asks();
    const seen = this.backends.log.slice(before);
    if (request.tcp || request.udp) ++this.counts.streams;  // explain() is about HTTP
    else this.asked.push({ id, host, request, answers, seen });
    return answers;
  }

  /// A case is run again.
  forget(id) {
    this.asked = this.asked.filter((each) => each.id !== id);
  }

  /// [case, why] of each request since the last call whose answer is not as explained. `input`: the release's,
  /// as render takes it.
  faults(input) {
    const told = JSON.parse(execFileSync(this.program, ['explain'], {
      input: JSON.stringify({ ...input, requests: this.asked.map((one) => asRequest(one, input.proxy_protocol)) }), encoding: 'utf8', maxBuffer: 1 << 28,
    }));
    const { asides } = this;
    for (const { definition } of input.sites)
      for (const { upstream, access } of [definition, ...(definition.routes ?? [])]) {
        if (upstream?.health?.path) asides.add(upstream.health.path);
        if (access?.forward?.url) asides.add(new URL(access.forward.url).pathname);
      }
    const out = [];
    for (const [i, one] of this.asked.entries()) {
      const seen = one.seen.filter(({ url }) => !asides.has(url));
      for (const answer of one.answers) {
        const why = this.compare(told[i], one, answer, seen);
        if (why) out.push([one.id, `explained otherwise (${one.request.method ?? 'GET'} ${one.request.path ?? ''}): ${why}`]);
      }
    }
    this.asked = [];
    return out;
  }

  compare(explanation, one, answer, seen) {
    const reasons = [];
    for (const ending of explanation.endings) {
      const why = this.differs(ending, one, answer, seen);
      if (why && why !== kUnseen) {
        reasons.push(why);
        continue;
      }
      if (why === kUnseen) this.counts.unseen[why] = (this.counts.unseen[why] ?? 0) + 1;
      else if (ending.when === null) ++this.counts.expected;
      else this.counts.conditions[ending.when] = (this.counts.conditions[ending.when] ?? 0) + 1;
      return undefined;
    }
    return reasons.join('; ');
  }

  differs(ending, one, answer, seen) {
    const got = answer.failed ? `no answer (${answer.failed})` : `${answer.status}`;
    if (ending.kind === 'refused') return answer.failed && seen.length === 0 ? undefined : `got ${got}, not a refusal`;
    if (ending.kind === 'answered') {
      if (answer.failed || (ending.statuses.length > 0 && !ending.statuses.includes(answer.status))) return `got ${got}, not ${ending.statuses}`;
      if (seen.length > 0 && one.answers.length === 1) return `server ${seen[0].server} saw it`;
      return ending.location === null ? undefined : sameLocation(ending.location, answer.headers.location, one);
    }
    if (seen.length === 0) return answer.failed || answer.status >= 500 ? kUnseen : `got ${got}, and no server saw it`;
    return seen.map((each) => this.sawOtherwise(ending.upstream, each)).find(Boolean);
  }

  sawOtherwise(upstream, saw) {
    const port = this.backends.ports[saw.server === 'grpc' ? 'h2c' : saw.server];
    const servers = [...upstream.servers, ...upstream.backups].map((each) => Number(each.slice(each.lastIndexOf(':') + 1)));
    if (!servers.includes(port)) return `server ${saw.server} saw it, not one of ${upstream.servers}`;
    if (decoded(saw.url) !== decoded(upstream.target)) return `the server saw ${saw.url}, not ${upstream.target}`;
    for (const [name, value] of Object.entries(upstream.headers)) {
      const got = saw.headers[name.toLowerCase()] ?? (name === 'Host' ? saw.headers[':authority'] : undefined);
      if (got?.toLowerCase() !== value.toLowerCase()) return `the server saw ${name}: ${got}, not ${value}`;
    }
    const left = upstream.removed_headers.find((name) => saw.headers[name.toLowerCase()] !== undefined);
    return left && `the server saw ${left}`;
  }

  summary() {
    const { expected, conditions, unseen, streams } = this.counts;
    const list = (counts) => Object.entries(counts).map(([why, n]) => `${n} (${why})`).join(', ') || '0';
    return `explained as expected ${expected}; under a condition ${list(conditions)}; not compared beyond the engine's own answer ${list(unseen)}; connections of streams ${streams}`;
  }
}

// A balancer that the node trusts tells whose request it is.
function addressOf({ from = '127.0.0.1', proxy }, balancers) {
  const trusted = new BlockList();
  for (const network of balancers) {
    const [address, bits] = network.split('/');
    const kind = address.includes(':') ? 'ipv6' : 'ipv4';
    trusted.addSubnet(address, Number(bits ?? (kind === 'ipv6' ? 128 : 32)), kind);
  }
  return proxy && trusted.check(from) ? proxy.source.slice(0, proxy.source.lastIndexOf(':')) : from;
}

function asRequest({ host, request }, balancers) {
  const headers = { ...request.headers };
  const scheme = request.scheme ?? (request.http3 || request.grpc !== undefined || request.http2 ? 'https' : 'http');
  const certificate = request.certificate ? (request.certificate === 'good' ? 'good' : 'bad') : 'none';
  const body = request.grpc ?? request.body ?? request.dribble?.join('');
  const path = request.path ?? (request.ws !== undefined ? '/ws' : '/echo');
  return {
    method: request.method ?? (request.grpc !== undefined ? 'POST' : 'GET'), url: `${scheme}://${host}${path}`,
    from: addressOf(request, balancers), headers: Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    sni: request.sni ?? host, body: request.size ?? body?.length ?? null, certificate,
    oldest_tls_only: request.tls === 'TLSv1.2',
  };
}

// Engines may name the host before a path, and the port that the visitor used; Traefik makes one slash of several.
function sameLocation(wanted, got, { host, request }) {
  const base = `${request.scheme ?? 'http'}://${host}`;
  const plain = (text) => { const url = new URL(text, base); url.port = ''; url.pathname = url.pathname.replace(/\/+/g, '/'); return decoded(url.href); };
  if (got === undefined) return `no Location, expected ${wanted}`;
  return plain(wanted) === plain(got) ? undefined : `Location ${got}, expected ${wanted}`;
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}
