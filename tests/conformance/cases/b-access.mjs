// SPDX-License-Identifier: MIT
// Who comes in, and how often.
const kHash = '$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a'; // "secret"
const seen = (wanted, more = {}) => ({ status: 200, seen: wanted, ...more });
const one = (request, expect, more = {}) => [{ request, expect, ...more }];
const server = (name, more = {}) => ({ host: '127.0.0.1', port: `$port:${name}`, ...more });
const basic = (more = {}) => ({ basic: { realm: 'Shop', users: [{ name: 'anna', hash: kHash }] }, ...more });
const anna = (more = {}) => ({ ...more, headers: { authorization: `Basic ${Buffer.from('anna:secret').toString('base64')}`, ...more.headers } });
const forward = (more = {}) => ({ forward: { url: 'http://127.0.0.1:$port.b/auth', ...more } });
const tls = (clients) => ({ tls: { mode: 'self_signed', clients } });
const secure = (request = {}) => ({ scheme: 'https', ...request });
const statuses = (wanted) => (answers) => {
  const got = answers.map((each) => each.status ?? each.failed);
  return wanted(got) ? undefined : `statuses ${got}`;
};
const count = (got, status) => got.filter((each) => each === status).length;

export default [
  // ---- B1: addresses -----------------------------------------------------------------------------
  { id: 'b1-allow', feature: 'B1', says: 'only some addresses', site: { access: { allow: ['127.9.1.0/24'] } },
    steps: [{ request: { from: '127.9.1.5' }, expect: seen({ server: 'a' }) }, { request: { from: '127.9.2.5' }, expect: { status: 403 } }] },
  { id: 'b1-allow-one', feature: 'B1', says: 'one address', site: { access: { allow: ['127.9.1.5'] } },
    steps: [{ request: { from: '127.9.1.5' }, expect: seen({ server: 'a' }) }, { request: { from: '127.9.1.6' }, expect: { status: 403 } }] },
  { id: 'b1-deny', feature: 'B1', says: 'not some addresses', site: { access: { deny: ['127.9.1.0/24'] } },
    steps: [{ request: { from: '127.9.1.5' }, expect: { status: 403 } }, { request: { from: '127.9.2.5' }, expect: seen({ server: 'a' }) }] },
  { id: 'b1-deny-wins', feature: 'B1', says: 'a refused network inside an allowed one', site: { access: { allow: ['127.9.0.0/16'], deny: ['127.9.1.0/24'] } },
    steps: [{ request: { from: '127.9.1.5' }, expect: { status: 403 } }, { request: { from: '127.9.2.5' }, expect: seen({ server: 'a' }) }, { request: { from: '127.10.0.1' }, expect: { status: 403 } }] },
  { id: 'b1-spoof', feature: 'B1', says: 'a forged header does not help', site: { access: { allow: ['127.9.1.0/24'] } }, steps: one({ from: '127.9.2.5', headers: { 'x-forwarded-for': '127.9.1.5', 'x-real-ip': '127.9.1.5' } }, { status: 403 }) },
  { id: 'b1-route', feature: 'B1', says: 'rules of a route', site: { routes: [{ path: '/admin', access: { allow: ['127.9.1.0/24'] } }] },
    steps: [{ request: { from: '127.9.2.5', path: '/admin/x' }, expect: { status: 403 } }, { request: { from: '127.9.1.5', path: '/admin/x' }, expect: seen({ server: 'a' }) }, { request: { from: '127.9.2.5', path: '/x' }, expect: seen({ server: 'a' }) }] },
  { id: 'b1-route-open', feature: 'B1', says: 'a route that is open to everybody', site: { access: { allow: ['127.9.1.0/24'] }, routes: [{ path: '/open', access: {} }] },
    steps: [{ request: { from: '127.9.2.5', path: '/open' }, expect: seen({ server: 'a' }) }, { request: { from: '127.9.2.5' }, expect: { status: 403 } }] },
  { id: 'b1-route-inherits', feature: 'B1', says: 'the site\'s rules hold inside routes', site: { access: { deny: ['127.9.2.0/24'] }, routes: [{ path: '/api', upstream: { servers: [server('b')] } }, { path: '\\.png$', match: 'regex', upstream: { servers: [server('c')] } }] },
    steps: [{ request: { from: '127.9.2.5', path: '/api' }, expect: { status: 403 } }, { request: { from: '127.9.2.5', path: '/x.png' }, expect: { status: 403 } }, { request: { from: '127.9.1.5', path: '/api' }, expect: seen({ server: 'b' }) }] },
  { id: 'b1-route-encoded', feature: 'B1', says: 'an encoded path does not go around a route', site: { routes: [{ path: '/admin', access: { allow: ['127.9.1.0/24'] } }] },
    steps: ['/%61dmin/x', '/x/../admin/x', '//admin/x', '/./admin/x', '/admin%2Fx'].map((path) => ({ request: { from: '127.9.2.5', path }, expect: { check: (answer) => (answer.status === 200 && /"url":"\/admin\//.test(answer.body) ? 'the server was asked for the protected path' : undefined) } })) },

  { id: 'b1-ipv6-allow', feature: 'B1', says: 'only an IPv6 network', site: { access: { allow: ['::1/128', '127.9.1.0/24'] } },
    steps: [{ v6: true, expect: seen({ server: 'a' }) }, { request: { from: '127.9.1.5' }, expect: seen({ server: 'a' }) }, { request: { from: '127.9.2.5' }, expect: { status: 403 } }] },
  { id: 'b1-ipv6-others', feature: 'B1', says: 'only another IPv6 network', site: { access: { allow: ['2001:db8::/32'] } }, steps: [{ v6: true, expect: { status: 403 } }, { expect: { status: 403 } }] },
  { id: 'b1-ipv6-deny', feature: 'B1', says: 'not an IPv6 network', site: { access: { deny: ['::/64'] } }, steps: [{ v6: true, expect: { status: 403 } }, { request: { from: '127.9.2.5' }, expect: seen({ server: 'a' }) }] },
  { id: 'b1-ipv6-all-v4', feature: 'B1', says: 'all of IPv4 is not IPv6', site: { access: { allow: ['0.0.0.0/0'] } }, steps: [{ v6: true, expect: { status: 403 } }, { request: { from: '127.9.2.5' }, expect: seen({ server: 'a' }) }] },
  { id: 'b2-ipv6-exempt', feature: 'B2', says: 'an IPv6 address that needs no sign-in', site: { access: basic({ no_sign_in_from: ['::1'] }) },
    steps: [{ v6: true, expect: seen({ server: 'a' }) }, { request: { from: '127.9.2.5' }, expect: { status: 401 } }] },

  // ---- B2: sign-in ---------------------------------------------------------------------------------
  { id: 'b2-basic', feature: 'B2', says: 'name and password', site: { access: basic() },
    steps: [{ expect: { status: 401, headers: { 'www-authenticate': 'Basic realm="Shop"' } } }, { request: anna(), expect: seen({ server: 'a' }) },
      { request: { headers: { authorization: `Basic ${Buffer.from('anna:wrong').toString('base64')}` } }, expect: { status: 401 } },
      { request: { headers: { authorization: 'Basic !!!' } }, expect: { status: [400, 401] } }] },
  { id: 'b2-basic-exempt', feature: 'B2', says: 'some addresses need none', site: { access: basic({ no_sign_in_from: ['127.9.1.0/24'] }) },
    steps: [{ request: { from: '127.9.1.5' }, expect: seen({ server: 'a' }) }, { request: { from: '127.9.2.5' }, expect: { status: 401 } }, { request: anna({ from: '127.9.2.5' }), expect: seen({ server: 'a' }) }] },
  { id: 'b2-basic-all', feature: 'B2', says: 'address and password', site: { access: basic({ allow: ['127.9.1.0/24'] }) },
    steps: [{ request: { from: '127.9.1.5' }, expect: { status: 401 } }, { request: anna({ from: '127.9.1.5' }), expect: seen({ server: 'a' }) }, { request: anna({ from: '127.9.2.5' }), expect: { status: 403 } }] },
  { id: 'b2-basic-any', feature: 'B2', says: 'address or password', site: { access: basic({ allow: ['127.9.1.0/24'], satisfy: 'any' }) },
    steps: [{ request: { from: '127.9.1.5' }, expect: seen({ server: 'a' }) }, { request: { from: '127.9.2.5' }, expect: { status: 401 } }, { request: anna({ from: '127.9.2.5' }), expect: seen({ server: 'a' }) }] },
  { id: 'b2-basic-route', feature: 'B2', says: 'a password for a route', site: { routes: [{ path: '/admin', access: basic() }] },
    steps: [{ request: { path: '/admin' }, expect: { status: 401 } }, { request: anna({ path: '/admin/x' }), expect: seen({ server: 'a' }) }, { request: { path: '/x' }, expect: seen({ server: 'a' }) }] },
  { id: 'b2-basic-open', feature: 'B2', says: 'a route without one', site: { access: basic(), routes: [{ path: '/hook', access: {} }] },
    steps: [{ request: { path: '/hook' }, expect: seen({ server: 'a' }) }, { expect: { status: 401 } }] },
  { id: 'b2-basic-websocket', feature: 'B2', says: 'a WebSocket needs it too', site: { access: basic() }, steps: [{ request: { ws: 'x' }, expect: { status: 401 } }, { request: anna({ ws: 'x' }), expect: { status: 101 } }] },
  { id: 'b2-forward-api', feature: 'B2', says: 'somebody else decides: 401', site: { access: forward({ mode: 'api' }) },
    steps: [{ expect: { status: 401 } }, { request: { headers: { cookie: 'session=good' } }, expect: seen({ server: 'a' }) }] },
  { id: 'b2-forward-browser', feature: 'B2', says: 'somebody else decides: to the sign-in page', site: { access: forward({ sign_in: 'https://auth.example.com/in' }) },
    steps: [{ request: { path: '/x' }, expect: { status: 302, headers: { location: /^https:\/\/auth\.example\.com\/in\?rd=http:\/\/b2-forward-browser\.test(:\d+)?\/x$/ } } }, { request: { headers: { cookie: 'session=good' } }, expect: seen({ server: 'a' }) }] },
  { id: 'b2-forward-copy', feature: 'B2', says: 'who it is reaches the server, and cannot be forged', site: { access: forward({ mode: 'api', copy_headers: ['Remote-User', 'Remote-Groups'] }) },
    steps: one({ headers: { cookie: 'session=good', 'remote-user': 'root' } }, seen({ headers: { 'remote-user': 'anna', 'remote-groups': 'staff', 'x-secret': null } })) },
  { id: 'b2-forward-exempt', feature: 'B2', says: 'some addresses are not asked', site: { access: { ...forward({ mode: 'api' }), no_sign_in_from: ['127.9.1.0/24'] } },
    steps: [{ request: { from: '127.9.1.5' }, expect: seen({ server: 'a' }) }, { request: { from: '127.9.2.5' }, expect: { status: 401 } }] },
  { id: 'b2-forward-dead', feature: 'B2', says: 'when nobody can be asked, nobody comes in', site: { access: { forward: { url: 'http://127.0.0.1:$port.dead/auth', mode: 'api' } } }, steps: one({ headers: { cookie: 'session=good' } }, { status: [500, 502, 503, 504] }) },
  { id: 'b2-forward-post', feature: 'B2', says: 'a body arrives after the question', site: { access: forward({ mode: 'api' }) }, steps: one({ method: 'POST', body: 'x'.repeat(50000), headers: { cookie: 'session=good' } }, seen({ method: 'POST', size: 50000 })) },

  // ---- B3: client certificates -----------------------------------------------------------------------
  { id: 'b3-required', feature: 'B3', says: 'a certificate is required', site: tls({ mode: 'required', ca: '$pem.ca' }),
    steps: [{ request: secure({ certificate: 'good' }), expect: seen({ server: 'a' }) }] },
  { id: 'b3-none', feature: 'B3', says: 'without one nothing is served', site: tls({ mode: 'required', ca: '$pem.ca' }), steps: [{ request: secure(), over: ([answer]) => (answer.failed || answer.status === 400 ? undefined : `status ${answer.status}`) }] },
  { id: 'b3-required-plain', feature: 'B3', says: 'nor over plain HTTP', site: tls({ mode: 'required', ca: '$pem.ca' }), steps: one({}, { status: [403, 421] }) },
  { id: 'b3-optional-plain', feature: 'B3', says: 'where it is not required, plain HTTP is served', site: tls({ mode: 'optional', ca: '$pem.ca' }), steps: one({}, seen({ server: 'a' })) },
  { id: 'b3-stranger', feature: 'B3', says: 'another authority\'s certificate', site: tls({ mode: 'required', ca: '$pem.ca' }), steps: [{ request: secure({ certificate: 'stranger' }), over: ([answer]) => (answer.failed || answer.status === 400 ? undefined : `status ${answer.status}`) }] },
  { id: 'b3-optional', feature: 'B3', says: 'a certificate may be shown', site: tls({ mode: 'optional', ca: '$pem.ca' }), steps: [{ request: secure(), expect: seen({ server: 'a' }) }, { request: secure({ certificate: 'good' }), expect: seen({ server: 'a' }) }] },
  { id: 'b3-revoked', feature: 'B3', says: 'a revoked certificate', site: tls({ mode: 'required', ca: '$pem.ca', crl: '$pem.crl' }),
    steps: [{ request: secure({ certificate: 'good' }), expect: seen({ server: 'a' }) }, { request: secure({ certificate: 'revoked' }), over: ([answer]) => (answer.failed || answer.status === 400 ? undefined : `status ${answer.status}`) }] },
  { id: 'b3-other-site', feature: 'B3', says: 'other sites ask for none', sites: [tls({ mode: 'required', ca: '$pem.ca' }), { tls: { mode: 'self_signed' } }], steps: [{ site: 1, request: secure(), expect: seen({ server: 'a' }) }] },
  { id: 'b3-route', feature: 'B3', says: 'a path demands a certificate', site: { ...tls({ mode: 'optional', ca: '$pem.ca' }), routes: [{ path: '/admin', client_certificate: 'required' }] },
    steps: [{ request: secure({ path: '/admin/x' }), expect: { status: 403 } }, { request: secure({ path: '/admin/x', certificate: 'good' }), expect: seen({ server: 'a', url: '/admin/x', headers: { 'x-forwarded-tls-client-cert': null } }) },
      { request: secure({ path: '/x' }), expect: seen({ server: 'a' }) }, { request: secure({ path: '/x', certificate: 'good' }), expect: seen({ headers: { 'x-forwarded-tls-client-cert': null } }) },
      { request: { path: '/admin/x' }, expect: { status: 403 } }, { request: secure({ path: '/admin/x', headers: { 'x-forwarded-tls-client-cert': 'MIIB' } }), expect: { status: 403 } },
      { request: { path: '/admin/x', headers: { 'x-forwarded-tls-client-cert': 'MIIB' } }, expect: { status: 403 } }] },
  { id: 'b3-route-stranger', feature: 'B3', says: 'another authority\'s certificate does not open it', site: { ...tls({ mode: 'optional', ca: '$pem.ca' }), routes: [{ match: 'exact', path: '/admin', client_certificate: 'required' }] },
    steps: [{ request: secure({ path: '/admin', certificate: 'stranger' }), over: ([answer]) => (answer.failed || answer.status === 400 || answer.status === 403 ? undefined : `status ${answer.status}`) }, { request: secure({ path: '/admin', certificate: 'good' }), expect: seen({ server: 'a' }) }] },
  { id: 'b3-route-redirect', feature: 'B3', says: 'where a redirect demands one, nothing is told without', site: { ...tls({ mode: 'optional', ca: '$pem.ca' }), routes: [{ match: 'regex', path: '^/go/', action: 'redirect', redirect: { to: 'https://inner.example.com/', status: 302 }, client_certificate: 'required' }] },
    steps: [{ request: secure({ path: '/go/x' }), expect: { status: 403, headers: { location: null } } }, { request: secure({ path: '/go/x', certificate: 'good' }), expect: { status: 302 } }] },
  { id: 'b3-route-sign-in', feature: 'B3', says: 'besides a password, which some addresses need not have', site: { ...tls({ mode: 'optional', ca: '$pem.ca' }), routes: [{ path: '/admin', client_certificate: 'required', access: basic({ no_sign_in_from: ['127.9.1.0/24'] }) }] },
    steps: [{ request: secure({ path: '/admin', from: '127.9.1.5' }), expect: { status: 403 } }, { request: secure({ path: '/admin', from: '127.9.1.5', certificate: 'good' }), expect: seen({ server: 'a' }) },
      { request: secure({ path: '/admin', from: '127.9.2.5', certificate: 'good' }), expect: { status: 401 } }, { request: secure(anna({ path: '/admin', from: '127.9.2.5', certificate: 'good' })), expect: seen({ server: 'a' }) }] },
  { id: 'b3-host-trick', feature: 'B3', says: 'another name in the handshake does not go around it', sites: [tls({ mode: 'required', ca: '$pem.ca' }), { tls: { mode: 'self_signed' } }],
    steps: [{ site: 0, request: secure({ sni: 's1.b3-host-trick.test' }), over: ([answer]) => (answer.failed || answer.status >= 400 ? undefined : `status ${answer.status}`) }] },

  // ---- B4: rates ---------------------------------------------------------------------------------------
  { id: 'b4-rate', feature: 'B4', says: 'too many requests: 429', site: { limits: { rates: [{ requests: 1, per: 'minute', burst: 2 }] } },
    steps: [{ request: { from: '127.9.4.1' }, times: 12, over: statuses((got) => count(got, 200) >= 1 && count(got, 200) <= 4 && count(got, 429) >= 8) }] },
  { id: 'b4-rate-per-address', feature: 'B4', says: 'another visitor is not held up', site: { limits: { rates: [{ requests: 1, per: 'minute', burst: 1 }] } },
    steps: [{ request: { from: '127.9.4.1' }, times: 8, over: statuses((got) => count(got, 429) >= 4) }, { request: { from: '127.9.4.2' }, expect: { status: 200 } }] },
  { id: 'b4-rate-header', feature: 'B4', says: 'counted by a header', site: { limits: { rates: [{ key: 'header', header: 'X-Key', requests: 1, per: 'minute', burst: 1 }] } },
    steps: [{ request: { headers: { 'x-key': 'one' } }, times: 8, over: statuses((got) => count(got, 429) >= 4) }, { request: { headers: { 'x-key': 'two' } }, expect: { status: 200 } }] },
  { id: 'b4-rate-path', feature: 'B4', says: 'counted by path', site: { limits: { rates: [{ key: 'path', requests: 1, per: 'minute', burst: 1 }] } },
    steps: [{ request: { path: '/one' }, times: 8, over: statuses((got) => count(got, 429) >= 4) }, { request: { path: '/two' }, expect: { status: 200 } }] },
  { id: 'b4-rate-route', feature: 'B4', says: 'for a route only', site: { routes: [{ path: '/login', rates: [{ requests: 1, per: 'minute', burst: 1 }] }] },
    steps: [{ request: { path: '/login' }, times: 8, over: statuses((got) => count(got, 429) >= 4) }, { request: { path: '/x' }, times: 8, over: statuses((got) => count(got, 200) === 8) }] },
  { id: 'b4-rate-status', feature: 'B4', says: 'with status 503', site: { limits: { rates: [{ requests: 1, per: 'minute', burst: 0, status: 503 }] } }, steps: [{ times: 6, over: statuses((got) => count(got, 503) >= 4) }] },
  { id: 'b4-rate-enough', feature: 'B4', says: 'within the limit everybody is served', site: { limits: { rates: [{ requests: 100, burst: 50 }] } }, steps: [{ times: 20, over: statuses((got) => count(got, 200) === 20) }] },
  { id: 'b4-connections', feature: 'B4', says: 'too many at a time: 429', site: { limits: { connections: 2 } },
    steps: [{ request: { path: '/slow/800', from: '127.9.5.1' }, times: 6, together: true, over: statuses((got) => count(got, 200) === 2 && count(got, 429) === 4) }] },
  { id: 'b4-connections-other', feature: 'B4', says: 'one after the other is fine', site: { limits: { connections: 1 } }, steps: [{ times: 5, over: statuses((got) => count(got, 200) === 5) }] },
];
