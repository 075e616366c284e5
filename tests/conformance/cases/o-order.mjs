// SPDX-License-Identifier: MIT
// What comes first when several settings could answer: where engines differ, shared/plan/explain_ways.h says so.
const seen = (wanted, more = {}) => ({ status: 200, seen: wanted, ...more });
const one = (request, expect) => [{ request, expect }];
const server = (name) => ({ host: '127.0.0.1', port: `$port:${name}` });
const app = 'https://app.example.com';
const preflight = { method: 'OPTIONS', headers: { origin: app, 'access-control-request-method': 'PUT' } };
const closed = { deny: ['127.9.1.0/24'] };
const large = { method: 'POST', size: 1500000, headers: { 'content-length': '1500000', expect: '100-continue' } };

export default [
  { id: 'o-wildcard-depth', feature: 'A21', says: 'a wildcard covers one level', site: { domains: ['*.o-deep.test'] },
    steps: [{ host: 'a.b.o-deep.test', expect: { status: 404 } }] },
  { id: 'o-wildcard-longest', feature: 'A21', says: 'the longer wildcard wins', sites: [{ domains: ['*.o-long.test'] }, { domains: ['*.b.o-long.test'], upstream: { servers: [server('b')] } }],
    steps: [{ host: 'a.b.o-long.test', expect: seen({ server: 'b' }) }] },
  { id: 'o-redirect-closed', feature: 'A21', says: 'lists of addresses hold for redirects', site: { kind: 'redirect', redirect: { to: 'https://new.example.com/', status: 302 }, access: closed },
    steps: one({ from: '127.9.1.5' }, { status: 403 }) },
  { id: 'o-route-redirect-closed', feature: 'A21', says: 'also for one path', site: { access: closed, routes: [{ path: '/old', action: 'redirect', redirect: { to: '/new', status: 302 } }] },
    steps: one({ path: '/old', from: '127.9.1.5' }, { status: 403 }) },
  { id: 'o-redirect-open', feature: 'A21', says: 'who is let in is redirected, with what the path says', site: { access: { deny: ['127.9.1.0/24'] }, routes: [{ match: 'regex', path: '^/old/([a-z]+)/([0-9]+)$', action: 'redirect', redirect: { to: '/new/$2/$1', status: 302 } }] },
    steps: [...one({ path: '/old/ab/12' }, { status: 302, headers: { location: /\/new\/12\/ab$/ } }), ...one({ path: '/old/ab/12', from: '127.9.1.5' }, { status: 403 })] },
  { id: 'o-redirect-sign-in', feature: 'A21', says: 'a redirect asks for a password first', site: { routes: [{ path: '/old', action: 'redirect', redirect: { to: '/new', status: 302 }, access: { basic: { users: [{ name: 'ann', hash: `$2y$10$${'a'.repeat(53)}` }] } } }] },
    steps: one({ path: '/old' }, { status: 401 }) },
  { id: 'o-preflight-maintenance', feature: 'A21', says: 'preflight is answered during maintenance (nginx: not)', site: { headers: { cors: { origins: [app] } }, pages: { maintenance: { on: true } } },
    steps: one(preflight, { status: [200, 204], nginx: { status: 503 } }) },
  { id: 'o-preflight-closed', feature: 'A21', says: 'preflight needs no sign-in and no address', site: { headers: { cors: { origins: [app] } }, access: closed },
    steps: one({ ...preflight, from: '127.9.1.5' }, { status: [200, 204] }) },
  { id: 'o-robots-closed', feature: 'A21', says: 'robots.txt is shown to everybody (nginx: not)', site: { pages: { robots_txt: 'User-agent: *\n' }, access: closed },
    steps: one({ path: '/robots.txt', from: '127.9.1.5' }, { status: 200, nginx: { status: 403 } }) },
  { id: 'o-robots-redirect', feature: 'A21', says: 'and by a site that redirects', site: { kind: 'redirect', redirect: { to: 'https://new.example.com/', status: 302 }, pages: { robots_txt: 'User-agent: *\n' } },
    steps: one({ path: '/robots.txt' }, { status: 200 }) },
  { id: 'o-large-closed', feature: 'A21', says: 'an upload is measured before the address (Traefik: after)', site: { limits: { max_body_mib: 1 }, access: closed },
    steps: one({ ...large, from: '127.9.1.5' }, { status: 413, traefik: { status: 403 } }) },
  { id: 'o-maintenance-closed', feature: 'A21', says: 'maintenance comes before lists of addresses', site: { pages: { maintenance: { on: true } }, access: closed },
    steps: one({ from: '127.9.1.5' }, { status: 503 }) },
  { id: 'o-paused-https', feature: 'A21', says: 'a paused site sends nobody to https', site: { state: 'paused', tls: { mode: 'self_signed', redirect_http: true } }, steps: one({}, { status: 503 }) },
];
