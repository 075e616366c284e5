// SPDX-License-Identifier: MIT
// Names, pools, routes, redirects.
const seen = (wanted, more = {}) => ({ status: 200, seen: wanted, ...more });
const one = (request, expect, more = {}) => [{ request, expect, ...more }];
const server = (name, more = {}) => ({ host: '127.0.0.1', port: `$port:${name}`, ...more });
const route = (path, more = {}) => ({ path, ...more });
const toB = { upstream: { servers: [server('b')] } };
const toC = { upstream: { servers: [server('c')] } };

function spread(wanted) {
  return (answers) => {
    const count = {};
    for (const each of answers) {
      if (each.status !== 200) return `status ${each.status ?? each.failed}`;
      const { server: name } = JSON.parse(each.body);
      count[name] = (count[name] ?? 0) + 1;
    }
    return wanted(count) ? undefined : `the servers got ${JSON.stringify(count)}`;
  };
}

const mtls = (who) => ({ scheme: 'https', servers: [server('mtls')], tls: { verify: false, certificate: `$pem.${who}.cert`, key: `$pem.${who}.key` } });

export default [
  // ---- A1: names -------------------------------------------------------------------------------
  { id: 'a1-name', feature: 'A1', says: 'a name reaches its server', steps: one({ path: '/x?y=1&z=%20' }, seen({ server: 'a', url: '/x?y=1&z=%20', method: 'GET' })) },
  { id: 'a1-case', feature: 'A1', says: 'names in capitals are the same', steps: [{ host: 'A1-CASE.Test', expect: seen({ server: 'a' }) }] },
  { id: 'a1-unknown', feature: 'A1', says: 'an unknown name gets 404', steps: [{ host: 'nobody.test', expect: { status: 404 } }] },
  { id: 'a1-two', feature: 'A1', says: 'a site with two names', site: { domains: ['a1-two.test', 'www.a1-two.test'] },
    steps: [{ host: 'www.a1-two.test', expect: seen({ server: 'a' }) }, { host: 'a1-two.test', expect: seen({ server: 'a' }) }] },
  { id: 'a1-wildcard', feature: 'A1', says: 'a wildcard covers a subdomain', site: { domains: ['*.a1-wild.test'] },
    steps: [{ host: 'shop.a1-wild.test', expect: seen({ server: 'a' }) }, { host: 'a1-wild.test', expect: { status: 404 } }] },
  { id: 'a1-precedence', feature: 'A1', says: 'an exact name wins over a wildcard',
    sites: [{ domains: ['*.a1-prec.test'] }, { domains: ['shop.a1-prec.test'], ...{ upstream: { servers: [server('b')] } } }],
    steps: [{ host: 'shop.a1-prec.test', expect: seen({ server: 'b' }) }, { host: 'x.a1-prec.test', expect: seen({ server: 'a' }) }] },
  { id: 'a1-precedence-late', feature: 'A1', says: 'also when it was made first',
    sites: [{ domains: ['shop.a1-late.test'], upstream: { servers: [server('b')] } }, { domains: ['*.a1-late.test'] }],
    steps: [{ host: 'shop.a1-late.test', expect: seen({ server: 'b' }) }, { host: 'x.a1-late.test', expect: seen({ server: 'a' }) }] },
  { id: 'a1-idn', feature: 'A1', says: 'an international name', site: { domains: ['bücher.a1-idn.test'] },
    steps: [{ host: 'xn--bcher-kva.a1-idn.test', expect: seen({ server: 'a' }) }] },
  { id: 'a1-host-port', feature: 'A1', says: 'a Host with a port', steps: [{ request: { headers: { host: 'a1-host-port.test:8080' } }, expect: seen({ server: 'a' }) }] },
  { id: 'a1-head', feature: 'A1', says: 'HEAD has no body', steps: one({ method: 'HEAD' }, { status: 200, body: '' }) },
  { id: 'a1-methods', feature: 'A1', says: 'other methods arrive', steps: ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].map((method) => ({ request: { method, body: method === 'OPTIONS' ? undefined : 'b' }, expect: seen({ method }) })) },
  { id: 'a1-encoded', feature: 'A1', says: 'encoded paths stay as they came', steps: one({ path: '/a%2Fb/%C3%BC?q=%2F' }, seen({ url: '/a%2Fb/%C3%BC?q=%2F' })) },
  { id: 'a1-absolute', feature: 'A1', says: 'two requests to two sites of one server do not mix',
    sites: [{}, { upstream: { servers: [server('b')] } }],
    steps: [{ site: 0, expect: seen({ server: 'a' }) }, { site: 1, expect: seen({ server: 'b' }) }] },

  { id: 'a1-wildcard-deep', feature: 'A1', says: 'a wildcard covers one level', site: { domains: ['*.a1-deep.test'] }, steps: [{ host: 'a.b.a1-deep.test', expect: { status: 404 } }] },
  { id: 'a1-wildcard-among', feature: 'A1', says: 'the nearer of two wildcards wins', sites: [{ domains: ['*.a1-among.test'] }, { domains: ['*.b.a1-among.test'], upstream: { servers: [server('b')] } }],
    steps: [{ host: 'x.b.a1-among.test', expect: seen({ server: 'b' }) }, { host: 'b.a1-among.test', expect: seen({ server: 'a' }) }] },
  { id: 'a1-ipv6', feature: 'A1', says: 'a visitor over IPv6', steps: [{ v6: true, expect: seen({ server: 'a', headers: { 'x-forwarded-for': '::1', 'x-real-ip': '::1' } }) }] },
  { id: 'a1-ipv6-tls', feature: 'A1', says: 'over IPv6 and TLS', site: { tls: { mode: 'self_signed' } }, steps: [{ v6: true, request: { scheme: 'https' }, expect: seen({ server: 'a' }) }] },
  { id: 'a1-ipv6-unknown', feature: 'A1', says: 'an unknown name over IPv6 gets 404', steps: [{ v6: true, host: 'nobody.test', expect: { status: 404 } }] },

  // ---- A2: pools ---------------------------------------------------------------------------------
  { id: 'a2-round-robin', feature: 'A2', says: 'round robin uses every server', site: { upstream: { servers: [server('a'), server('b'), server('c')] } },
    steps: [{ times: 12, over: spread((n) => n.a >= 2 && n.b >= 2 && n.c >= 2) }] },
  { id: 'a2-weights', feature: 'A2', says: 'weights share the requests', site: { upstream: { servers: [server('a', { weight: 4 }), server('b')] } },
    steps: [{ times: 30, over: spread((n) => n.a > 2 * (n.b ?? 0) && n.b >= 1) }] },
  { id: 'a2-least', feature: 'A2', says: 'least connections', site: { upstream: { servers: [server('a'), server('b')], balancing: 'least_connections' } },
    steps: [{ times: 10, together: true, over: spread((n) => n.a >= 1 && n.b >= 1) }] },
  { id: 'a2-ip-hash', feature: 'A2', says: 'one visitor, one server', site: { upstream: { servers: [server('a'), server('b'), server('c')], balancing: 'ip_hash' } },
    steps: [{ request: { from: '127.9.1.7' }, times: 8, over: spread((n) => Object.keys(n).length === 1) }] },
  { id: 'a2-ip-hash-spread', feature: 'A2', says: 'several visitors, several servers', site: { upstream: { servers: [server('a'), server('b'), server('c')], balancing: 'ip_hash' } },
    steps: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ request: { from: `127.${9 + n}.${n * 3}.${n}` }, expect: { status: 200 } })) },
  { id: 'a2-sticky', feature: 'A2', says: 'the cookie keeps the server', site: { upstream: { servers: [server('a'), server('b'), server('c')], balancing: 'sticky_cookie', cookie: 'node' } },
    steps: [{ expect: { status: 200, headers: { 'set-cookie': (value) => /^node=[^;]+;.*Path=\//i.test(value?.[0] ?? '') } } },
      { request: (memory) => ({ headers: { cookie: memory[0].headers['set-cookie'][0].split(';')[0] } }), times: 8,
        over: spread((n) => Object.keys(n).length === 1) }] },
  { id: 'a2-dead', feature: 'A2', says: 'a dead server is passed over', site: { upstream: { servers: [server('dead'), server('b')], connect_timeout: 1 } }, again: true,
    steps: [{ times: 6, over: (answers) => (answers.slice(-4).every((each) => each.status === 200) ? undefined : `got ${answers.map((each) => each.status)}`) }] },
  { id: 'a2-backup', feature: 'A2', says: 'the backup is not used while others answer', site: { upstream: { servers: [server('a'), server('b', { backup: true })] } },
    steps: [{ times: 6, over: spread((n) => n.a === 6) }] },
  { id: 'a2-backup-used', feature: 'A2', says: 'the backup is used when no other answers', site: { upstream: { servers: [server('dead'), server('b', { backup: true })], connect_timeout: 1, health: { path: '/up', interval: 1, timeout: 1 } } },
    steps: [{ pause: 1500, times: 4, over: (answers) => (answers.slice(-2).every((each) => each.status === 200) ? undefined : `got ${answers.map((each) => each.status ?? each.failed)}`) }] },
  { id: 'a2-all-dead', feature: 'A2', says: 'no server answers: 502 or 503', site: { upstream: { servers: [server('dead')], connect_timeout: 1 } }, steps: one({}, { status: [502, 503] }) },
  { id: 'a2-read-timeout', feature: 'A2', says: 'a server that is too slow: 504 or 502', site: { upstream: { servers: [server('a')], read_timeout: 1 } }, steps: one({ path: '/slow/3000' }, { status: [504, 502] }) },
  { id: 'a2-slow-enough', feature: 'A2', says: 'a slow answer within the time', site: { upstream: { servers: [server('a')], read_timeout: 5 } }, steps: one({ path: '/slow/1200' }, { status: 200, body: /slow a/ }) },
  { id: 'a2-keepalive-off', feature: 'A2', says: 'no kept connections', site: { upstream: { servers: [server('a')], keepalive: 0 } }, steps: [{ times: 3, over: spread((n) => n.a === 3) }] },
  { id: 'a3-health', feature: 'A3', says: 'a server that fails its health check is left out (or passed over)', site: { upstream: { servers: [server('dead'), server('b')], connect_timeout: 1, health: { path: '/up', interval: 1, timeout: 1, status: 200 } } },
    steps: [{ pause: 2200, times: 5, over: (answers) => (answers.slice(-3).every((each) => each.status === 200) ? undefined : `got ${answers.map((each) => each.status ?? each.failed)}`) }] },
  { id: 'a4-unresolvable', feature: 'A4', says: 'a name that does not resolve stops nobody', site: { upstream: { servers: [{ host: 'no-such-host.invalid', port: 80 }], connect_timeout: 1 } }, steps: one({}, { status: [502, 503, 504] }) },
  { id: 'a4-unresolvable-beside', feature: 'A4', says: 'beside it the others answer', site: { upstream: { servers: [{ host: 'no-such-host.invalid', port: 80 }, server('b')], connect_timeout: 1 } }, again: true,
    steps: [{ times: 6, over: (answers) => (answers.slice(-4).every((each) => each.status === 200) ? undefined : `got ${answers.map((each) => each.status ?? each.failed)}`) }] },
  { id: 'a4-ipv6', feature: 'A4', says: 'a server with an IPv6 address', site: { upstream: { servers: [{ host: '::1', port: '$port:v6' }] } }, steps: one({}, seen({ server: 'v6' })) },
  { id: 'a4-localhost', feature: 'A4', says: 'localhost is this machine', site: { upstream: { servers: [{ host: 'localhost', port: '$port:a' }] } }, steps: one({}, seen({ server: 'a' })) },

  // ---- A5: TLS and protocols to the servers -------------------------------------------------------
  { id: 'a5-https-ca', feature: 'A5', says: 'https with an own authority', site: { upstream: { scheme: 'https', servers: [server('tls')], tls: { ca: '$pem.ca', server_name: 'backend.test' } } }, steps: one({}, seen({ server: 'tls' })) },
  { id: 'a5-https-untrusted', feature: 'A5', says: 'a certificate of somebody else is refused', site: { upstream: { scheme: 'https', servers: [server('tls')], tls: { ca: '$pem.stranger_ca', server_name: 'backend.test' } } }, steps: one({}, { status: [500, 502, 503] }) },
  { id: 'a5-https-wrong-name', feature: 'A5', says: 'a certificate for another name is refused', site: { upstream: { scheme: 'https', servers: [server('tls')], tls: { ca: '$pem.ca', server_name: 'other.test' } } }, steps: one({}, { status: [500, 502, 503] }) },
  { id: 'a5-https-system', feature: 'A5', says: 'the system does not trust the test authority', site: { upstream: { scheme: 'https', servers: [server('tls')], tls: { server_name: 'backend.test' } } }, steps: one({}, { status: [500, 502, 503] }) },
  { id: 'a5-https-unverified', feature: 'A5', says: 'without verification', site: { upstream: { scheme: 'https', servers: [server('tls')], tls: { verify: false } } }, steps: one({}, seen({ server: 'tls' })) },
  { id: 'a5-https-shown', feature: 'A5', says: 'a certificate for the server that asks for one', site: { upstream: mtls('good') }, steps: one({}, seen({ server: 'mtls', shown: 'good' })) },
  { id: 'a5-https-stranger', feature: 'A5', says: 'one of another authority is refused by it', site: { upstream: mtls('stranger') }, steps: one({}, { status: [502, 503] }) },
  { id: 'a5-https-none', feature: 'A5', says: 'without one it refuses, too', site: { upstream: { ...mtls('good'), tls: { verify: false } } }, steps: one({}, { status: [502, 503] }) },
  { id: 'a5-https-shown-route', feature: 'A5', says: 'the servers of a route are not shown the site\'s', site: { upstream: mtls('good'), routes: [route('/own', { upstream: mtls('revoked') }), route('/none', { upstream: { ...mtls('good'), tls: { verify: false } } })] },
    steps: [...one({}, seen({ server: 'mtls', shown: 'good' })), ...one({ path: '/own' }, seen({ server: 'mtls', shown: 'revoked' })), ...one({ path: '/none' }, { status: [502, 503] })] },
  { id: 'a5-h2c', feature: 'A5', says: 'HTTP/2 without TLS to the server', site: { upstream: { scheme: 'h2c', servers: [server('h2c')] } }, steps: one({}, seen({ server: 'h2c', protocol: '2.0' })) },
  { id: 'a5-grpc', feature: 'A5', says: 'gRPC with trailers', site: { tls: { mode: 'self_signed' }, upstream: { scheme: 'grpc', servers: [server('h2c')] } },
    steps: one({ scheme: 'https', grpc: 'hello', path: '/pkg.Service/Call' }, { status: 200, body: 'hello', trailers: { 'grpc-status': '0' } }) },
  { id: 'a5-host-header', feature: 'A5', says: 'an own Host for the server', site: { upstream: { host_header: 'app.internal:81', servers: [server('a')] } }, steps: one({}, seen({ headers: { host: 'app.internal:81', 'x-forwarded-host': 'a5-host-header.test' } })) },
  { id: 'a5-host-kept', feature: 'A5', says: 'the visitor\'s Host otherwise', steps: one({}, seen({ headers: { host: 'a5-host-kept.test' } })) },

  // ---- A6: routes ----------------------------------------------------------------------------------
  { id: 'a6-prefix', feature: 'A6', says: 'a prefix goes elsewhere', site: { routes: [route('/api', toB)] },
    steps: [{ request: { path: '/api' }, expect: seen({ server: 'b', url: '/api' }) }, { request: { path: '/api/x?y=1' }, expect: seen({ server: 'b', url: '/api/x?y=1' }) },
      { request: { path: '/other' }, expect: seen({ server: 'a' }) }] },
  { id: 'a6-prefix-whole', feature: 'A6', says: 'a prefix is whole path parts', site: { routes: [route('/api', toB)] }, steps: one({ path: '/apis' }, seen({ server: 'a' })) },
  { id: 'a6-prefix-slash', feature: 'A6', says: 'a prefix with a final slash does not cover the bare path', site: { routes: [route('/api/', toB)] },
    steps: [{ request: { path: '/api/x' }, expect: seen({ server: 'b' }) }, { request: { path: '/api' }, expect: seen({ server: 'a' }) }] },
  { id: 'a6-longest', feature: 'A6', says: 'the longest prefix wins, whatever the order', site: { routes: [route('/a', toB), route('/a/deep', toC)] },
    steps: [{ request: { path: '/a/deep/x' }, expect: seen({ server: 'c' }) }, { request: { path: '/a/x' }, expect: seen({ server: 'b' }) }] },
  { id: 'a6-exact', feature: 'A6', says: 'an exact path is only that path', site: { routes: [route('/only', { match: 'exact', ...toB })] },
    steps: [{ request: { path: '/only?q=1' }, expect: seen({ server: 'b' }) }, { request: { path: '/only/x' }, expect: seen({ server: 'a' }) }] },
  { id: 'a6-exact-wins', feature: 'A6', says: 'exact wins over expression and prefix', site: { routes: [route('/p', toC), route('^/p', { match: 'regex', ...toC }), route('/p', { match: 'exact', ...toB })] }, steps: one({ path: '/p' }, seen({ server: 'b' })) },
  { id: 'a6-regex', feature: 'A6', says: 'an expression', site: { routes: [route('\\.(png|jpe?g)$', { match: 'regex', ...toB })] },
    steps: [{ request: { path: '/img/a.jpeg' }, expect: seen({ server: 'b' }) }, { request: { path: '/img/a.jpeg.txt' }, expect: seen({ server: 'a' }) }] },
  { id: 'a6-regex-wins', feature: 'A6', says: 'an expression wins over a prefix', site: { routes: [route('/img', toC), route('\\.png$', { match: 'regex', ...toB })] }, steps: one({ path: '/img/a.png' }, seen({ server: 'b' })) },
  { id: 'a6-regex-order', feature: 'A6', says: 'expressions are tried in order', site: { routes: [route('^/r/', { match: 'regex', ...toB }), route('^/r/x', { match: 'regex', ...toC })] }, steps: one({ path: '/r/x' }, seen({ server: 'b' })) },
  { id: 'a6-regex-nasty', feature: 'A6', says: 'an expression with braces, quotes and a semicolon', site: { routes: [route('^/q/[a-z]{2,3}";{x}$', { match: 'regex', ...toB })] }, steps: one({ path: '/q/abc%22;%7Bx%7D' }, seen({ server: 'b' })) },
  { id: 'a6-strip', feature: 'A6', says: 'the prefix is stripped', site: { routes: [route('/api', { ...toB, strip_prefix: true })] },
    steps: [{ request: { path: '/api/x?y=1' }, expect: seen({ server: 'b', url: '/x?y=1' }) }, { request: { path: '/api' }, expect: seen({ server: 'b', url: '/' }) }] },
  { id: 'a6-rewrite-prefix', feature: 'A6', says: 'the prefix is replaced', site: { routes: [route('/old', { rewrite: '/new' })] },
    steps: [{ request: { path: '/old/x?y=1' }, expect: seen({ url: '/new/x?y=1' }) }, { request: { path: '/old' }, expect: seen({ url: '/new' }) }] },
  { id: 'a6-rewrite-exact', feature: 'A6', says: 'an exact path is replaced', site: { routes: [route('/from', { match: 'exact', rewrite: '/to/here' })] }, steps: one({ path: '/from?y=1' }, seen({ url: '/to/here?y=1' })) },
  { id: 'a6-rewrite-regex', feature: 'A6', says: 'an expression\'s groups build the path', site: { routes: [route('^/u/([0-9]+)/(\\w+)$', { match: 'regex', rewrite: '/user/$2/$1' })] }, steps: one({ path: '/u/42/anna?y=1' }, seen({ url: '/user/anna/42?y=1' })) },
  { id: 'a6-prefix-special', feature: 'A6', says: 'a prefix with characters that expressions use', site: { routes: [route('/a.b+c', { ...toB, strip_prefix: true })] },
    steps: [{ request: { path: '/a.b+c/x' }, expect: seen({ server: 'b', url: '/x' }) }, { request: { path: '/aXb+c/x' }, expect: seen({ server: 'a' }) }] },
  { id: 'a6-unicode', feature: 'A6', says: 'a prefix outside ASCII', site: { routes: [route('/straße', toB)] }, steps: one({ path: '/stra%C3%9Fe/x' }, seen({ server: 'b' })) },
  { id: 'a6-root', feature: 'A6', says: 'a route for everything', site: { routes: [route('/', toB), route('/c', toC)] },
    steps: [{ request: { path: '/x' }, expect: seen({ server: 'b' }) }, { request: { path: '/c/x' }, expect: seen({ server: 'c' }) }] },
  { id: 'a6-own-pool', feature: 'A6', says: 'a route with a pool of its own', site: { routes: [route('/p', { upstream: { servers: [server('b'), server('c')] } })] }, steps: [{ request: { path: '/p' }, times: 8, over: spread((n) => n.b >= 2 && n.c >= 2) }] },
  { id: 'a6-own-https', feature: 'A6', says: 'a route over TLS', site: { routes: [route('/t', { upstream: { scheme: 'https', servers: [server('tls')], tls: { ca: '$pem.ca', server_name: 'backend.test' } } })] },
    steps: [{ request: { path: '/t' }, expect: seen({ server: 'tls' }) }, { request: { path: '/x' }, expect: seen({ server: 'a' }) }] },

  // ---- A7: WebSocket, events, uploads ---------------------------------------------------------------
  { id: 'a7-websocket', feature: 'A7', says: 'WebSocket', steps: one({ ws: 'hello' }, { status: 101, body: 'hello' }) },
  { id: 'a7-websocket-tls', feature: 'A7', says: 'WebSocket over TLS', site: { tls: { mode: 'self_signed' } }, steps: one({ ws: 'hello', scheme: 'https' }, { status: 101, body: 'hello' }) },
  { id: 'a7-websocket-route', feature: 'A7', says: 'WebSocket in a route', site: { routes: [route('/sock', { ...toB, strip_prefix: true })] }, steps: one({ ws: 'hello', path: '/sock/ws' }, { status: 101, body: 'hello' }) },
  { id: 'a7-sse', feature: 'A7', says: 'events arrive one by one', site: { limits: { buffer_responses: false } },
    steps: one({ path: '/sse' }, { status: 200, body: 'data: 1\n\ndata: 2\n\ndata: 3\n\n', check: (answer) => (answer.times.length >= 3 && answer.times.at(-1) - answer.times[0] > 150 ? undefined : `pieces came after ${answer.times} ms`) }) },
  { id: 'a7-upload-streams', feature: 'A7', says: 'an upload reaches the server while it is sent', site: { limits: { buffer_requests: false, buffer_responses: false } },
    steps: one({ path: '/early', method: 'POST', dribble: ['aa', 'bb', 'cc', 'dd', 'ee'] }, { status: 200, check: (answer) => (answer.times[0] < 450 ? undefined : `the first byte came after ${answer.times[0]} ms`) }) },
  { id: 'a7-upload', feature: 'A7', says: 'an upload arrives whole', steps: one({ method: 'POST', size: 3000000 }, seen({ size: 3000000 })) },
  { id: 'a7-slow-client', feature: 'A7', says: 'a slow client', steps: one({ method: 'POST', dribble: ['a', 'b', 'c', 'd'] }, seen({ size: 4 })) },
  { id: 'a7-slow-head', feature: 'A7', says: 'a client that is slow with its headers', steps: one({ slowHead: 20, gap: 100 }, seen({ headers: { 'x-slow': 'yes' } })) },
  { id: 'a7-slow-body', feature: 'A7', says: 'and one that is slow with its body', steps: one({ method: 'POST', dribble: ['a', 'b', 'c', 'd'], gap: 700 }, seen({ size: 4 })) },
  { id: 'a7-gigabyte', feature: 'A7', says: 'a gigabyte passes through without being kept', site: { limits: { buffer_requests: false, max_body_mib: 0 } },
    steps: [{ request: { method: 'PUT', path: '/count', size: 1 << 30, deadline: 60000 }, memory: 256,
      expect: { status: 200, check: (answer) => {
        const { size, first } = JSON.parse(answer.body);
        if (size !== 1 << 30) return `the server got ${size} bytes`;
        return first < answer.half ? undefined : `the server saw the first byte ${first - answer.half} ms after half was sent`;
      } } }] },
  { id: 'a7-too-large', feature: 'A7', says: 'a body over the limit: 413', site: { limits: { max_body_mib: 1 } }, steps: one({ method: 'POST', size: 1500000, headers: { 'content-length': '1500000', expect: '100-continue' } }, { status: 413 }) },
  { id: 'a7-large-enough', feature: 'A7', says: 'a body within the limit', site: { limits: { max_body_mib: 2 } }, steps: one({ method: 'POST', size: 1500000 }, seen({ size: 1500000 })) },
  { id: 'a7-unlimited', feature: 'A7', says: 'no limit: 64 MiB', site: { limits: { max_body_mib: 0, buffer_requests: false } }, steps: one({ method: 'POST', size: 67108864 }, seen({ size: 67108864 })) },
  { id: 'a7-long-answer', feature: 'A7', says: 'a long answer', steps: one({ path: '/bytes/5000000' }, { status: 200, check: (answer) => (answer.body.length === 5000000 ? undefined : `${answer.body.length} bytes`) }) },

  // ---- A8: redirects ---------------------------------------------------------------------------------
  ...[301, 302, 307, 308].map((status) => ({ id: `a8-redirect-${status}`, feature: 'A8', says: `a site that redirects with ${status}`,
    site: { kind: 'redirect', redirect: { to: 'https://new.example.com/start', status } }, steps: one({ path: '/x?y=1' }, { status, headers: { location: 'https://new.example.com/start' } }) })),
  { id: 'a8-keep-path', feature: 'A8', says: 'path and query are kept', site: { kind: 'redirect', redirect: { to: 'https://new.example.com', status: 301, keep_path: true } }, steps: one({ path: '/x/%C3%BC?y=1' }, { status: 301, headers: { location: 'https://new.example.com/x/%C3%BC?y=1' } }) },
  { id: 'a8-keep-path-slash', feature: 'A8', says: 'behind a path', site: { kind: 'redirect', redirect: { to: 'https://new.example.com/sub/', status: 302, keep_path: true } }, steps: one({ path: '/x' }, { status: 302, headers: { location: 'https://new.example.com/sub/x' } }) },
  { id: 'a8-path', feature: 'A8', says: 'one path redirects', site: { routes: [route('/old', { match: 'exact', action: 'redirect', redirect: { to: '/new?from=old', status: 301 } })] },
    steps: [{ request: { path: '/old' }, expect: { status: 301, headers: { location: /\/new\?from=old$/ } } }, { request: { path: '/other' }, expect: seen({ server: 'a' }) }] },
  { id: 'a8-regex', feature: 'A8', says: 'an expression redirects with its groups', site: { routes: [route('^/blog/([0-9]{4})/(.+)$', { match: 'regex', action: 'redirect', redirect: { to: 'https://blog.example.com/$2?year=$1', status: 302 } })] }, steps: one({ path: '/blog/2024/hello' }, { status: 302, headers: { location: 'https://blog.example.com/hello?year=2024' } }) },
  { id: 'a8-redirect-site-route', feature: 'A8', says: 'a redirecting site with a route that serves', site: { kind: 'redirect', redirect: { to: 'https://new.example.com/', status: 302 }, routes: [route('/api', toB)] },
    steps: [{ request: { path: '/api/x' }, expect: seen({ server: 'b' }) }, { request: { path: '/x' }, expect: { status: 302 } }] },
  { id: 'a8-https', feature: 'A8', says: 'plain HTTP goes to https', site: { tls: { mode: 'self_signed', redirect_http: true } },
    steps: [{ request: { path: '/x?y=1' }, expect: { status: [308, 301], headers: { location: /^https:\/\/a8-https\.test(:\d+)?\/x\?y=1$/ } } }, { request: { path: '/x', scheme: 'https' }, expect: seen({ server: 'a' }) }] },
  { id: 'a8-https-post', feature: 'A8', says: 'also for POST, with the method kept', site: { tls: { mode: 'self_signed', redirect_http: true } }, steps: one({ method: 'POST', body: 'x' }, { status: 308 }) },
];
