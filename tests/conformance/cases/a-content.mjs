// SPDX-License-Identifier: MIT
// Headers, TLS, pages, compression, states.
const seen = (wanted, more = {}) => ({ status: 200, seen: wanted, ...more });
const one = (request, expect, more = {}) => [{ request, expect, ...more }];
const server = (name, more = {}) => ({ host: '127.0.0.1', port: `$port:${name}`, ...more });
const tls = (more = {}) => ({ tls: { mode: 'self_signed', ...more } });
const secure = (request = {}) => ({ scheme: 'https', ...request });
const kNasty = 'a "b" \'c\' \\d {e} {{f}} $g ${h} {env.HOME} {http.request.host} %24 ; # } ü `i`';

export default [
  // ---- A9: unknown names --------------------------------------------------------------------------
  { id: 'a9-unknown-tls', feature: 'A9', says: 'an unknown name is rejected in the handshake', site: tls(), steps: [{ request: secure({ sni: 'nobody.test' }), host: 'nobody.test', expect: { failed: true } }] },
  { id: 'a9-no-cross', feature: 'A9', says: 'the handshake\'s name does not open another site', sites: [tls(), { ...tls(), upstream: { servers: [server('b')] } }],
    steps: [{ site: 0, request: secure(), expect: seen({ server: 'a' }) }, { site: 1, request: secure(), expect: seen({ server: 'b' }) }] },
  { id: 'a9-plain-only', feature: 'A9', says: 'a site without TLS is not served over it', steps: one(secure(), { failed: true }) },

  // ---- A11: headers ---------------------------------------------------------------------------------
  { id: 'a11-forwarded', feature: 'A11', says: 'the server learns visitor, scheme and name', steps: one({ from: '127.9.8.7' }, seen({ headers: { 'x-real-ip': '127.9.8.7', 'x-forwarded-for': '127.9.8.7', 'x-forwarded-proto': 'http', 'x-forwarded-host': 'a11-forwarded.test' } })) },
  { id: 'a11-forwarded-tls', feature: 'A11', says: 'and that it was https', site: tls(), steps: one(secure(), seen({ headers: { 'x-forwarded-proto': 'https' } })) },
  { id: 'a11-no-spoofing', feature: 'A11', says: 'a visitor cannot pretend to be another', steps: one({ from: '127.9.8.7', headers: { 'x-forwarded-for': '1.2.3.4', 'x-real-ip': '1.2.3.4', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.test', forwarded: 'for=1.2.3.4', proxy: 'http://evil/' } },
    seen({ headers: { 'x-real-ip': '127.9.8.7', 'x-forwarded-for': '127.9.8.7', 'x-forwarded-proto': 'http', 'x-forwarded-host': 'a11-no-spoofing.test', forwarded: null, proxy: null } })) },
  { id: 'a11-set', feature: 'A11', says: 'a request header is set', site: { headers: { request: [{ name: 'X-Team', value: 'blue' }] } }, steps: one({ headers: { 'x-team': 'red' } }, seen({ headers: { 'x-team': 'blue', host: 'a11-set.test', 'x-forwarded-proto': 'http' } })) },
  { id: 'a11-remove', feature: 'A11', says: 'a request header is removed', site: { headers: { request: [{ action: 'remove', name: 'X-Debug' }] } }, steps: one({ headers: { 'x-debug': '1', 'x-kept': '2' } }, seen({ headers: { 'x-debug': null, 'x-kept': '2' } })) },
  { id: 'a11-add', feature: 'A11', says: 'a request header is added beside the visitor\'s', site: { headers: { request: [{ action: 'add', name: 'X-Via', value: 'us' }] } },
    steps: [{ request: { headers: { 'x-via': 'them' } }, expect: seen({ headers: { 'x-via': 'them, us' } }) }, { expect: seen({ headers: { 'x-via': 'us' } }) }] },
  { id: 'a11-nasty-request', feature: 'A11', says: 'a request header with the characters of every engine\'s syntax', site: { headers: { request: [{ name: 'X-Nasty', value: kNasty.replace('ü', 'u') }] } }, steps: one({}, seen({ headers: { 'x-nasty': kNasty.replace('ü', 'u') } })) },
  { id: 'a11-nasty-response', feature: 'A11', says: 'the same in a response header', site: { headers: { response: [{ name: 'X-Nasty', value: kNasty.replace('ü', 'u') }] } }, steps: one({}, { status: 200, headers: { 'x-nasty': kNasty.replace('ü', 'u') } }) },
  { id: 'a11-response-set', feature: 'A11', says: 'a response header replaces the server\'s', site: { headers: { response: [{ name: 'X-Powered-By', value: 'us' }] } }, steps: one({ path: '/give?x-powered-by=php' }, { status: 200, headers: { 'x-powered-by': 'us' } }) },
  { id: 'a11-response-add', feature: 'A11', says: 'a response header stands beside the server\'s', site: { headers: { response: [{ action: 'add', name: 'X-Tag', value: 'two' }] } }, steps: one({ path: '/give?x-tag=one' }, { status: 200, headers: { 'x-tag': 'one, two' } }) },
  { id: 'a11-response-remove', feature: 'A11', says: 'a response header is removed', site: { headers: { response: [{ action: 'remove', name: 'X-Powered-By' }] } }, steps: one({ path: '/give?x-powered-by=php&x-other=1' }, { status: 200, headers: { 'x-powered-by': null, 'x-other': '1' } }) },
  { id: 'a11-response-on-errors', feature: 'A11', says: 'response headers are on errors too', site: { headers: { response: [{ name: 'X-Tag', value: 'one' }] }, upstream: { servers: [server('dead')], connect_timeout: 1 } }, steps: one({}, { status: [502, 503], headers: { 'x-tag': 'one' } }) },
  { id: 'a11-response-on-status', feature: 'A11', says: 'and on the server\'s own', site: { headers: { response: [{ name: 'X-Tag', value: 'one' }] } }, steps: one({ path: '/status/404' }, { status: 404, headers: { 'x-tag': 'one' } }) },
  { id: 'a11-security', feature: 'A11', says: 'security headers', site: { headers: { security: { no_sniff: true, frame: 'deny', referrer_policy: 'no-referrer', permissions_policy: 'camera=()', content_policy: "default-src 'self'; img-src *" } } },
    steps: one({ path: '/give?x-frame-options=ALLOWALL' }, { status: 200, headers: { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'permissions-policy': 'camera=()', 'content-security-policy': "default-src 'self'; img-src *" } }) },
  { id: 'a11-security-same', feature: 'A11', says: 'frames of the same origin', site: { headers: { security: { frame: 'same_origin' } } }, steps: one({}, { status: 200, headers: { 'x-frame-options': 'SAMEORIGIN' } }) },
  { id: 'a11-hsts', feature: 'A11', says: 'HSTS over TLS only', site: tls({ hsts_seconds: 31536000, hsts_subdomains: true, hsts_preload: true }),
    steps: [{ request: secure(), expect: { status: 200, headers: { 'strict-transport-security': 'max-age=31536000; includeSubDomains; preload' } } }, { expect: { status: 200, headers: { 'strict-transport-security': null } } }] },
  { id: 'a11-hsts-own', feature: 'A11', says: 'HSTS of one site is not another\'s', sites: [tls({ hsts_seconds: 300 }), tls()],
    steps: [{ site: 1, request: secure(), expect: { status: 200, headers: { 'strict-transport-security': null } } }, { site: 0, request: secure(), expect: { headers: { 'strict-transport-security': 'max-age=300' } } }] },
  { id: 'a11-cors', feature: 'A11', says: 'another site\'s script may call', site: { headers: { cors: { origins: ['https://app.example.com'], expose: ['X-Total'], credentials: true } } },
    steps: [{ request: { headers: { origin: 'https://app.example.com' } }, expect: seen({}, { headers: { 'access-control-allow-origin': 'https://app.example.com', 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'X-Total', vary: /origin/i } }) },
      { request: { headers: { origin: 'https://evil.example.com' } }, expect: seen({}, { headers: { 'access-control-allow-origin': null } }) }] },
  { id: 'a11-cors-preflight', feature: 'A11', says: 'preflight is answered without the server', site: { headers: { cors: { origins: ['https://app.example.com'], methods: ['GET', 'PUT'], headers: ['X-Key'], max_age: 60 } } },
    steps: one({ method: 'OPTIONS', headers: { origin: 'https://app.example.com', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-key' } }, { status: [204, 200], body: '', headers: { 'access-control-allow-origin': 'https://app.example.com', 'access-control-allow-methods': /GET, ?PUT/, 'access-control-allow-headers': /x-key/i, 'access-control-max-age': '60' } }) },
  { id: 'a11-cors-preflight-foreign', feature: 'A11', says: 'preflight of a stranger allows nothing', site: { headers: { cors: { origins: ['https://app.example.com'] } } },
    steps: one({ method: 'OPTIONS', headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'PUT' } }, { headers: { 'access-control-allow-origin': null } }) },
  { id: 'a11-cors-all', feature: 'A11', says: 'everybody\'s script may call', site: { headers: { cors: { origins: ['*'] } } }, steps: one({ headers: { origin: 'https://any.example.com' } }, seen({}, { headers: { 'access-control-allow-origin': '*' } })) },
  { id: 'a11-cors-replaces', feature: 'A11', says: 'the server\'s own CORS headers do not double', site: { headers: { cors: { origins: ['https://app.example.com'] } } },
    steps: one({ path: '/give?access-control-allow-origin=*', headers: { origin: 'https://app.example.com' } }, { status: 200, headers: { 'access-control-allow-origin': 'https://app.example.com' } }) },

  // ---- A13: compression, HTTP/2 -----------------------------------------------------------------------
  { id: 'a13-gzip', feature: 'A13', says: 'answers are compressed', steps: one({ path: '/bytes/70000', headers: { 'accept-encoding': 'gzip' } }, { status: 200, headers: { 'content-encoding': 'gzip' }, check: (answer) => (answer.body.length === 70000 ? undefined : `${answer.body.length} bytes`) }) },
  { id: 'a13-not-asked', feature: 'A13', says: 'not for visitors who do not accept it', steps: one({ path: '/bytes/70000' }, { status: 200, headers: { 'content-encoding': null } }) },
  { id: 'a13-off', feature: 'A13', says: 'not when it is turned off', site: { compression: false }, steps: one({ path: '/bytes/70000', headers: { 'accept-encoding': 'gzip' } }, { status: 200, headers: { 'content-encoding': null } }) },
  // Which one it is, is the engine's to say; a visitor who takes gzip besides gets something it can read.
  { id: 'a13-better', feature: 'A13', says: 'Brotli or Zstandard where the engine has it', steps: one({ path: '/bytes/70000', headers: { 'accept-encoding': 'br, zstd' } }, { status: 200, headers: { 'content-encoding': [null, 'br', 'zstd'] }, caddy: { headers: { 'content-encoding': 'zstd' } }, traefik: { headers: { 'content-encoding': ['br', 'zstd'] } } }) },
  { id: 'a13-http2', feature: 'A13', says: 'HTTP/2', site: tls(), steps: one(secure({ http2: true, path: '/x?y=1' }), seen({ server: 'a', url: '/x?y=1', headers: { host: 'a13-http2.test', 'x-forwarded-proto': 'https' } }, { protocol: '2.0' })) },
  { id: 'a13-http2-post', feature: 'A13', says: 'HTTP/2 with a body', site: tls(), steps: one(secure({ http2: true, method: 'POST', body: 'x'.repeat(100000) }), seen({ size: 100000 })) },
  { id: 'a13-http3', feature: 'A13', says: 'HTTP/3, which the answers announce', http3: true, site: tls({ http3: true }),
    steps: [{ request: secure(), expect: { status: 200, headers: { 'alt-svc': /^h3=":\d+"; ma=\d+$/ } } },
      { request: { http3: true, path: '/x?y=1' }, expect: seen({ server: 'a', url: '/x?y=1', headers: { host: 'a13-http3.test', 'x-forwarded-proto': 'https' } }, { protocol: 'HTTP/3.0' }) },
      { request: { http3: true, method: 'POST', body: 'x'.repeat(100000) }, expect: seen({ method: 'POST', size: 100000 }) },
      { request: { http3: true, sni: 'nobody.test' }, over: ([answer]) => (answer.failed ? undefined : `status ${answer.status}`) }] },
  { id: 'a13-http3-off', feature: 'A13', says: 'other sites do not announce it', site: tls(), steps: [one(secure(), { status: 200, headers: { 'alt-svc': null } })[0], ...one({}, { status: 200, headers: { 'alt-svc': null } })] },
  { id: 'a13-tls12', feature: 'A13', says: 'TLS 1.2 is spoken', site: tls(), steps: one(secure({ tls: 'TLSv1.2' }), seen({ server: 'a' })) },
  { id: 'a13-tls13-only', feature: 'A13', says: 'a site for TLS 1.3 only', site: tls({ minimum: '1.3' }),
    steps: [{ request: secure({ tls: 'TLSv1.2' }), expect: { failed: true } }, { request: secure(), expect: seen({ server: 'a' }) }] },

  // ---- A14: pages --------------------------------------------------------------------------------------
  { id: 'a14-error-page', feature: 'A14', says: 'an own page for the server\'s 404', site: { pages: { errors: [{ statuses: [404], html: '<h1>gone $1 {x} "y"</h1>' }] } }, steps: one({ path: '/status/404' }, { status: 404, body: '<h1>gone $1 {x} "y"</h1>', headers: { 'content-type': /text\/html/ } }) },
  { id: 'a14-error-other', feature: 'A14', says: 'other statuses keep the server\'s', site: { pages: { errors: [{ statuses: [404], html: 'x' }] } }, steps: one({ path: '/status/403' }, { status: 403, body: /by the server/ }) },
  { id: 'a14-error-engine', feature: 'A14', says: 'an own page when no server answers', site: { upstream: { servers: [server('dead')], connect_timeout: 1 }, pages: { errors: [{ statuses: [502, 503, 504], html: '<p>soon</p>' }] } }, steps: one({}, { status: [502, 503], body: '<p>soon</p>' }) },
  { id: 'a14-error-post', feature: 'A14', says: 'also for POST', site: { pages: { errors: [{ statuses: [500], html: '<p>sorry</p>' }] } }, steps: one({ path: '/status/500', method: 'POST', body: 'x' }, { status: 500, body: '<p>sorry</p>' }) },
  { id: 'a14-error-403', feature: 'A14', says: 'an own page for the engine\'s 403', site: { access: { deny: ['127.0.0.1'] }, pages: { errors: [{ statuses: [403], html: '<p>no</p>' }] } }, steps: one({}, { status: 403, body: '<p>no</p>' }) },
  { id: 'a14-maintenance', feature: 'A14', says: 'maintenance with a page', site: { pages: { maintenance: { on: true, html: '<p>later</p>', retry_after: 120 } } }, steps: one({}, { status: 503, body: '<p>later</p>', headers: { 'retry-after': '120' } }) },
  { id: 'a14-maintenance-post', feature: 'A14', says: 'maintenance for POST', site: { pages: { maintenance: { on: true, html: '<p>later</p>' } } }, steps: one({ method: 'POST', body: 'x' }, { status: 503, body: '<p>later</p>' }) },
  { id: 'a14-maintenance-plain', feature: 'A14', says: 'maintenance without a page', site: { pages: { maintenance: { on: true } } }, steps: one({}, { status: 503, body: /^This site is down for maintenance/, traefik: { body: undefined } }) },
  { id: 'a14-maintenance-bypass', feature: 'A14', says: 'some see the site', site: { pages: { maintenance: { on: true, bypass: ['127.9.1.0/24'] } } },
    steps: [{ request: { from: '127.9.1.5' }, expect: seen({ server: 'a' }) }, { request: { from: '127.9.2.5' }, expect: { status: 503 } }] },
  { id: 'a14-robots', feature: 'A14', says: 'robots.txt', site: { pages: { robots_txt: 'User-agent: *\nDisallow: /${x}{y}\n' } }, steps: [{ request: { path: '/robots.txt' }, expect: { status: 200, body: 'User-agent: *\nDisallow: /${x}{y}\n', headers: { 'content-type': /text\/plain/ } } }, { expect: seen({ server: 'a' }) }] },
  { id: 'a14-security-txt', feature: 'A14', says: 'security.txt', site: { pages: { security_txt: 'Contact: mailto:a@example.com\n' } }, steps: one({ path: '/.well-known/security.txt' }, { status: 200, body: 'Contact: mailto:a@example.com\n' }) },

  // ---- A15: states ---------------------------------------------------------------------------------------
  { id: 'a15-paused', feature: 'A15', says: 'a paused site: 503', site: { state: 'paused' }, steps: one({}, { status: 503, body: /^This site is paused/, traefik: { body: undefined } }) },
  { id: 'a15-blocked', feature: 'A15', says: 'a blocked site: 403', site: { state: 'blocked' }, steps: one({}, { status: 403, body: /^This site is not available/, traefik: { body: undefined } }) },
  { id: 'a15-blocked-tls', feature: 'A15', says: 'also over TLS and below a route', site: { state: 'blocked', ...tls(), routes: [{ path: '/api', upstream: { servers: [server('b')] } }] }, steps: [{ request: secure({ path: '/api' }), expect: { status: 403 } }] },

  // ---- nothing leaks ---------------------------------------------------------------------------------------
  { id: 'x-isolation', feature: 'A18', says: 'rules of one site do not reach another',
    sites: [{ headers: { response: [{ name: 'X-One', value: '1' }], request: [{ name: 'X-In', value: '1' }] }, access: { deny: ['127.9.3.0/24'] }, compression: false }, {}],
    steps: [{ site: 1, request: { from: '127.9.3.3' }, expect: seen({ headers: { 'x-in': null } }, { headers: { 'x-one': null } }) }] },
  { id: 'x-page-names', feature: 'A18', says: 'the engine\'s inner paths are nobody\'s', site: { pages: { errors: [{ statuses: [404], html: 'x' }] } }, steps: one({ path: '/.rpm/pages/0' }, { status: [404, 200], check: (answer) => (answer.body === 'x' && answer.status === 200 ? 'an inner page was shown' : undefined) }) },
  { id: 'x-own-caddy', feature: 'A18', says: 'handlers of Caddy, written by an administrator',
    site: { raw: { caddy: JSON.stringify([
      { handler: 'headers', request: { set: { 'X-Own': ['{http.request.uri.path}'] } }, response: { set: { 'X-Said': ['{not} $host'.replace('{not}', 'no')] } } },
      { handler: 'subroute', routes: [{ match: [{ path: ['/teapot'] }], terminal: true, handle: [{ handler: 'static_response', status_code: 418, body: 'short' }] }] }]) },
      access: { deny: ['127.9.3.0/24'] } },
    steps: [{ request: { path: '/x' }, expect: seen({ headers: { 'x-own': '/x' } }, { headers: { 'x-said': 'no $host' } }) },
      { request: { path: '/teapot' }, expect: { status: 418, body: 'short' } }, { request: { path: '/teapot', from: '127.9.3.3' }, expect: { status: 403 } }] },
  { id: 'x-own-traefik', feature: 'A18', says: 'middlewares of Traefik, written by an administrator',
    site: { raw: { traefik: JSON.stringify({
      marks: { headers: { customRequestHeaders: { 'X-Own': 'a {b} $c' }, customResponseHeaders: { 'X-Said': 'no $host' } } },
      old: { redirectRegex: { regex: '^(https?://[^/]+)/old/(.*)$', replacement: '${1}/new/${2}' } } }) },
      access: { deny: ['127.9.3.0/24'] } },
    steps: [{ request: { path: '/x' }, expect: seen({ headers: { 'x-own': 'a {b} $c' } }, { headers: { 'x-said': 'no $host' } }) },
      { request: { path: '/old/y' }, expect: { status: 302, headers: { location: /^http:\/\/x-own-traefik\.test(:\d+)?\/new\/y$/ } } },
      { request: { path: '/old/y', from: '127.9.3.3' }, expect: { status: 403 } }] },
  { id: 'x-smuggling', feature: 'A18', says: 'two lengths of a body are refused or made one', steps: one({ method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body: 'abc' }, seen({ size: 3 })) },
];
