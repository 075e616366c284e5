// SPDX-License-Identifier: MIT
// Feature A10: TCP and UDP streams, port ranges, TLS on a stream, the PROXY protocol in and out.
const stream = (ports, more = {}) => ({ ports: [].concat(ports), ...more });
const to = (...names) => names.map((name) => ({ host: '127.0.0.1', port: `$port:${name}` }));
const tcp = (port, send = 'one', more = {}) => ({ tcp: { port, send, ...more } });

const kBalancer = '127.9.0.1';     // whose header is believed
const kStranger = '127.10.0.1';    // whose is not
const kVisitor = '203.0.113.7:4711';
const kFrom = ['127.9.0.0/24'];

// How often each server answered.
function counts(answers) {
  const out = {};
  for (const answer of answers) {
    const name = answer.failed ? 'failed' : JSON.parse(answer.body).server;
    out[name] = (out[name] ?? 0) + 1;
  }
  return out;
}

export default [
  {
    id: 'stream-tcp', feature: 'A10', says: 'a TCP stream passes lines on',
    site: { kind: 'stream', stream: stream('31001'), upstream: { servers: to('tcp') } },
    steps: [
      { request: tcp(31001, 'good morning'), expect: { seen: { server: 'tcp', line: 'good morning', header: null } } },
      { request: tcp(31001, 'x'.repeat(50000)), expect: { seen: { line: 'x'.repeat(50000) } } },
    ],
  },
  {
    id: 'stream-server-first', feature: 'A10', says: 'a server that speaks first is heard at once',
    site: { kind: 'stream', stream: stream('31002'), upstream: { servers: to('mail') } },
    steps: [{ request: tcp(31002, undefined), expect: { seen: { server: 'mail', line: 'hello' } } }],
  },
  {
    id: 'stream-udp', feature: 'A10', says: 'a UDP stream passes datagrams on, those of one visitor from one port',
    site: { kind: 'stream', stream: stream('31003', { protocol: 'udp', idle_timeout: 30 }), upstream: { servers: to('udp') } },
    steps: [
      { request: { udp: { port: 31003, send: 'ping' } }, expect: { seen: { server: 'udp', line: 'ping' } } },
      {
        request: { udp: { port: 31003, send: 'again', times: 12 } },
        expect: { check: ({ all }) => (new Set(all.map(({ port }) => port)).size === 1 ? '' : 'the datagrams came from several ports') },
      },
    ],
  },
  {
    id: 'stream-range', feature: 'A10', says: 'a range of ports leads to the same range of the server',
    site: { kind: 'stream', stream: stream(['31010', '31011-31012']), upstream: { servers: to('range0') } },
    steps: [0, 1, 2].map((i) => ({ request: tcp(31010 + i), expect: { seen: { server: `range${i}`, line: 'one' } } })),
  },
  {
    id: 'stream-tls', feature: 'A10', says: 'TLS ends at the stream',
    site: { kind: 'stream', stream: stream('31020'), tls: { mode: 'self_signed' }, upstream: { servers: to('tcp') } },
    steps: [
      { request: tcp(31020, 'secret', { encrypted: true }), expect: { seen: { server: 'tcp', line: 'secret' } } },
      { request: tcp(31020, 'plain'), expect: { failed: true } },
    ],
  },
  {
    id: 'stream-tls-newest', feature: 'A10', says: 'a stream may insist on TLS 1.3',
    site: { kind: 'stream', stream: stream('31021'), tls: { mode: 'self_signed', minimum: '1.3' }, upstream: { servers: to('tcp') } },
    steps: [
      { request: tcp(31021, 'new', { encrypted: true }), expect: { seen: { line: 'new' } } },
      { request: { ...tcp(31021, 'old', { encrypted: true }), tls: 'TLSv1.2' }, expect: { failed: true } },
    ],
  },
  {
    id: 'stream-tls-clients', feature: 'A10', says: 'a stream may ask for a certificate of the client',
    site: { kind: 'stream', stream: stream('31022'), upstream: { servers: to('tcp') },
      tls: { mode: 'self_signed', clients: { mode: 'required', ca: '$pem.ca' } } },
    steps: [
      { request: { ...tcp(31022, 'known', { encrypted: true }), certificate: 'good' }, expect: { seen: { line: 'known' } } },
      { request: { ...tcp(31022, 'strange', { encrypted: true }), certificate: 'stranger' }, expect: { failed: true } },
      { request: tcp(31022, 'unknown', { encrypted: true }), expect: { failed: true } },
    ],
  },
  {
    id: 'stream-tls-to-servers', feature: 'A10', says: 'the servers of a stream are spoken to over TLS, and verified',
    sites: [
      { kind: 'stream', stream: stream('31030', { tls_to_servers: true }),
        upstream: { servers: to('tcptls'), tls: { server_name: 'localhost', ca: '$pem.ca' } } },
      { kind: 'stream', stream: stream('31031', { tls_to_servers: true }),
        upstream: { servers: to('tcptls'), tls: { server_name: 'other.example.com', ca: '$pem.ca' } } },
      { kind: 'stream', stream: stream('31032', { tls_to_servers: true }),
        upstream: { servers: to('tcptls'), tls: { verify: false } } },
    ],
    steps: [
      { request: tcp(31030), expect: { seen: { server: 'tcptls', line: 'one' } } },
      { site: 1, request: tcp(31031), expect: { failed: true } },
      { site: 2, request: tcp(31032), expect: { seen: { server: 'tcptls' } } },
    ],
  },
  {
    id: 'stream-shown', feature: 'A5', says: 'the servers of a stream are shown a certificate',
    sites: [
      { kind: 'stream', stream: stream('31034', { tls_to_servers: true }),
        upstream: { servers: to('tcpmtls'), tls: { verify: false, certificate: '$pem.good.cert', key: '$pem.good.key' } } },
      { kind: 'stream', stream: stream('31035', { tls_to_servers: true }),
        upstream: { servers: to('tcpmtls'), tls: { verify: false, certificate: '$pem.stranger.cert', key: '$pem.stranger.key' } } },
      { kind: 'stream', stream: stream('31036', { tls_to_servers: true }), upstream: { servers: to('tcpmtls'), tls: { verify: false } } },
    ],
    steps: [
      { request: tcp(31034), expect: { seen: { server: 'tcpmtls good', line: 'one' } } },
      { site: 1, request: tcp(31035), expect: { failed: true } },
      { site: 2, request: tcp(31036), expect: { failed: true } },
    ],
  },
  {
    id: 'stream-allow', feature: 'A10', says: 'only the allowed addresses come in, and never the denied ones',
    site: { kind: 'stream', stream: stream('31040'), upstream: { servers: to('tcp') },
      access: { allow: ['127.9.0.0/24'], deny: ['127.9.0.66'] } },
    steps: [
      { request: { ...tcp(31040), from: '127.9.0.1' }, expect: { seen: { line: 'one' } } },
      { request: { ...tcp(31040), from: '127.9.0.66' }, expect: { failed: true } },
      { request: { ...tcp(31040), from: '127.10.0.1' }, expect: { failed: true } },
    ],
  },
  {
    id: 'stream-allow-udp', feature: 'A10', says: 'lists of addresses hold for UDP, too',
    site: { kind: 'stream', stream: stream('31041', { protocol: 'udp' }), upstream: { servers: to('udp') },
      access: { deny: ['127.9.0.66'] } },
    steps: [
      { request: { udp: { port: 31041, send: 'in' }, from: '127.9.0.1' }, expect: { seen: { line: 'in' } } },
      { request: { udp: { port: 31041, send: 'out' }, from: '127.9.0.66' }, expect: { failed: true } },
    ],
  },
  {
    id: 'stream-proxy-out-v1', feature: 'A10', says: 'the servers are told the visitor\'s address (PROXY version 1)',
    site: { kind: 'stream', stream: stream('31050'), upstream: { servers: to('tcp'), proxy_protocol: 'v1' } },
    steps: [{ request: { ...tcp(31050), from: '127.9.0.5' }, expect: { seen: { header: { version: 1, source: '127.9.0.5' }, line: 'one' } } }],
  },
  {
    id: 'stream-proxy-out-v2', feature: 'A10', says: 'the servers are told the visitor\'s address (PROXY version 2)',
    site: { kind: 'stream', stream: stream('31051'), upstream: { servers: to('tcp'), proxy_protocol: 'v2' } },
    steps: [{ request: { ...tcp(31051), from: '127.9.0.5' }, expect: { seen: { header: { version: 2, source: '127.9.0.5' }, line: 'one' } } }],
  },
  {
    id: 'stream-proxy-in', feature: 'A10', says: 'a balancer tells a stream the visitor\'s address, in both versions',
    site: { kind: 'stream', stream: stream('31052', { proxy_protocol_from: kFrom }),
      upstream: { servers: to('tcp'), proxy_protocol: 'v1' } },
    steps: [1, 2].map((version) => ({
      request: { ...tcp(31052), from: kBalancer, proxy: { version, source: kVisitor } },
      expect: { seen: { header: { version: 1, source: '203.0.113.7' }, line: 'one' } },
    })),
  },
  {
    id: 'stream-proxy-in-allow', feature: 'A10', says: 'lists of addresses are about the visitor, not the balancer',
    site: { kind: 'stream', stream: stream('31053', { proxy_protocol_from: kFrom }), upstream: { servers: to('tcp') },
      access: { allow: ['203.0.113.0/24'] } },
    steps: [
      { request: { ...tcp(31053), from: kBalancer, proxy: { version: 1, source: kVisitor } }, expect: { seen: { line: 'one' } } },
      { request: { ...tcp(31053), from: kBalancer, proxy: { version: 1, source: '198.51.100.1:4711' } }, expect: { failed: true } },
      { request: { ...tcp(31053), from: kStranger, proxy: { version: 1, source: kVisitor } }, expect: { failed: true } },
    ],
  },
  {
    id: 'stream-proxy-in-tls', feature: 'A10', says: 'the header of a balancer comes before TLS',
    site: { kind: 'stream', stream: stream('31054', { proxy_protocol_from: kFrom }), tls: { mode: 'self_signed' },
      upstream: { servers: to('tcp'), proxy_protocol: 'v1' } },
    steps: [{
      request: { ...tcp(31054, 'one', { encrypted: true }), from: kBalancer, proxy: { version: 2, source: kVisitor } },
      expect: { seen: { header: { version: 1, source: '203.0.113.7' }, line: 'one' } },
    }],
  },
  {
    id: 'stream-name-unknown', feature: 'A10', says: 'a server whose name does not resolve stops only its own stream',
    sites: [
      { kind: 'stream', stream: stream('31060'), upstream: { servers: [{ host: 'nowhere.invalid', port: 5432 }] } },
      { kind: 'stream', stream: stream('31061'), upstream: { servers: to('tcp') } },
      {},
    ],
    steps: [
      { site: 1, request: tcp(31061), expect: { seen: { line: 'one' } } },
      { site: 2, expect: { status: 200, seen: { server: 'a' } } },
      { request: tcp(31060), expect: { failed: true } },
    ],
  },
  {
    id: 'stream-two', feature: 'A10', says: 'two streams side by side do not know of each other',
    sites: [
      { kind: 'stream', stream: stream('31070'), upstream: { servers: to('tcp') }, access: { allow: ['127.9.0.1'] } },
      { kind: 'stream', stream: stream('31071'), upstream: { servers: to('tcp2') } },
      { kind: 'stream', stream: stream('31070', { protocol: 'udp' }), upstream: { servers: to('udp2') } },
    ],
    steps: [
      { request: { ...tcp(31070), from: '127.9.0.1' }, expect: { seen: { server: 'tcp' } } },
      { request: { ...tcp(31070), from: '127.9.0.2' }, expect: { failed: true } },
      { site: 1, request: { ...tcp(31071), from: '127.9.0.2' }, expect: { seen: { server: 'tcp2' } } },
      { site: 2, request: { udp: { port: 31070, send: 'both' } }, expect: { seen: { server: 'udp2', line: 'both' } } },
    ],
  },
  {
    id: 'stream-turns', feature: 'A10', says: 'servers take turns, heavier ones more often',
    sites: [
      { kind: 'stream', stream: stream('31080'), upstream: { servers: to('tcp', 'tcp2') } },
      { kind: 'stream', stream: stream('31081'),
        upstream: { servers: to('tcp', 'tcp2').map((server, i) => ({ ...server, weight: i === 0 ? 3 : 1 })) } },
    ],
    steps: [
      { request: tcp(31080), times: 16, over: (answers) => {
        const { tcp: a = 0, tcp2: b = 0 } = counts(answers);
        return a + b === 16 && a >= 6 && b >= 6 ? '' : JSON.stringify(counts(answers));
      } },
      { site: 1, request: tcp(31081), times: 32, over: (answers) => {
        const { tcp: a = 0, tcp2: b = 0 } = counts(answers);
        return a + b === 32 && a >= 21 && b >= 5 ? '' : JSON.stringify(counts(answers));
      } },
    ],
  },
  {
    id: 'stream-by-address', feature: 'A10', says: 'a visitor stays with one server of a stream',
    site: { kind: 'stream', stream: stream('31082'), upstream: { balancing: 'ip_hash', servers: to('tcp', 'tcp2') } },
    steps: [{ request: { ...tcp(31082), from: '127.9.0.9' }, times: 8,
      over: (answers) => (Object.keys(counts(answers)).length === 1 && !counts(answers).failed ? '' : JSON.stringify(counts(answers))) }],
  },
  {
    id: 'stream-server-down', feature: 'A10', says: 'a server of a stream that is down is replaced by another',
    site: { kind: 'stream', stream: stream('31083'), upstream: { servers: to('tcp', 'dead'), max_fails: 1 } },
    steps: [{ request: tcp(31083), times: 6, over: (answers, engine) => {
      const { tcp: good = 0 } = counts(answers);
      return good === 6 || (engine === 'traefik' && good >= 3) ? '' : JSON.stringify(counts(answers));
    } }],
  },
  {
    id: 'stream-connections', feature: 'A10', says: 'so many connections at a time from one address',
    site: { kind: 'stream', stream: stream('31084'), upstream: { servers: to('mail') }, limits: { connections: 2 } },
    steps: [
      { request: tcp(31084, undefined, { hold: 600 }), times: 4, together: true, over: (answers) => {
        const { mail: served = 0, failed = 0 } = counts(answers);
        return served === 2 && failed === 2 ? '' : JSON.stringify(counts(answers));
      } },
      { pause: 900, within: 5000, request: tcp(31084, undefined), expect: { seen: { line: 'hello' } } },
    ],
  },
  {
    id: 'stream-paused', feature: 'A10', says: 'a paused stream takes nobody in',
    site: { kind: 'stream', state: 'paused', stream: stream('31085'), upstream: { servers: to('tcp') } },
    steps: [{ request: tcp(31085), expect: { failed: true } }],
  },
  {
    id: 'proxy-out-http', feature: 'A10', says: 'HTTP servers are told the visitor\'s address by the PROXY protocol',
    site: { upstream: { proxy_protocol: 'v1', servers: to('told') } },
    steps: [{ request: { from: '127.9.0.5' }, expect: { status: 200, seen: { header: { version: 1, source: '127.9.0.5' } } } }],
  },
  {
    id: 'proxy-in-http', feature: 'A10', says: 'a balancer tells the node the visitor\'s address (HTTP, both versions)',
    node: { proxy_protocol: kFrom }, site: {},
    steps: [1, 2].map((version) => ({
      request: { from: kBalancer, proxy: { version, source: kVisitor } },
      expect: { status: 200, seen: { headers: { 'x-forwarded-for': '203.0.113.7' } } },
    })),
  },
  {
    id: 'proxy-in-https', feature: 'A10', says: 'a balancer tells the node the visitor\'s address (HTTPS)',
    node: { proxy_protocol: kFrom }, site: { tls: { mode: 'self_signed' }, access: { deny: ['203.0.113.66'] } },
    steps: [
      { request: { scheme: 'https', from: kBalancer, proxy: { version: 1, source: kVisitor } },
        expect: { status: 200, seen: { headers: { 'x-forwarded-for': '203.0.113.7' } } } },
      { request: { scheme: 'https', from: kBalancer, proxy: { version: 2, source: '203.0.113.66:1' } }, expect: { status: 403 } },
    ],
  },
  {
    id: 'proxy-in-stranger', feature: 'A10', says: 'a header from elsewhere than the balancers is not believed',
    node: { proxy_protocol: kFrom }, site: {},
    steps: [{
      request: { from: kStranger, proxy: { version: 1, source: kVisitor } },
      expect: { status: 200, seen: { headers: { 'x-forwarded-for': kStranger } } },
    }],
  },
];
