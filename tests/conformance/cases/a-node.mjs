// SPDX-License-Identifier: MIT
// What a node does besides its sites. Each case goes out as a release of its own; `settings` are the node's.
const nobody = (request = {}) => ({ host: 'nobody.test', request });
const site = { tls: { mode: 'self_signed' } };
const refused = ([answer]) => (answer.failed ? undefined : `status ${answer.status}`);
// Who has shaken hands as a site and asks for another name gets what plain HTTP gets.
const sideways = (id, request = {}) => ({ host: 'nobody.test', request: { scheme: 'https', sni: `${id}.test`, ...request } });
const to = (more = {}) => ({ default_site: { answer: 'redirect', redirect: { to: 'https://www.example.com/', status: 302, ...more } } });

export default [
  { id: 'a9-not-found', feature: 'A9', says: 'a name that no site has: 404', site, settings: {},
    steps: [{ ...nobody(), expect: { status: 404 } }, { ...sideways('a9-not-found'), expect: { status: [404, 421] } }, { request: {}, expect: { status: 200 } }] },
  { id: 'a9-handshake', feature: 'A9', says: 'over TLS it ends the handshake', site, settings: {}, steps: [{ host: 'nobody.test', request: { scheme: 'https' }, over: refused }] },
  { id: 'a9-drop', feature: 'A9', says: 'the connection is closed', site, settings: { default_site: { answer: 'drop' } },
    steps: [{ ...nobody(), over: refused }, { ...nobody({ path: '/x', method: 'POST', body: 'x' }), over: refused }, { request: {}, expect: { status: 200 } }] },
  { id: 'a9-redirect', feature: 'A9', says: 'a redirect', sites: [site, { domains: ['*.wild-a9-redirect.test'] }], settings: to(),
    steps: [{ site: 1, request: {}, expect: { status: 200 } }, { ...nobody({ path: '/x?y=1' }), expect: { status: 302, headers: { location: 'https://www.example.com/' } } }, { ...sideways('a9-redirect'), expect: { status: [302, 421] } }, { request: {}, expect: { status: 200 } }] },
  { id: 'a9-redirect-path', feature: 'A9', says: 'a redirect with the path kept', site, settings: to({ keep_path: true }),
    steps: [{ ...nobody({ path: '/x?y=1' }), expect: { status: 302, headers: { location: 'https://www.example.com/x?y=1' } } }, { ...nobody({ path: '//evil.example/' }), expect: { status: 302, headers: { location: /^https:\/\/www\.example\.com\// } } }] },
  { id: 'a9-page', feature: 'A9', says: 'an own page', site, settings: { default_site: { answer: 'page', html: '<h1>{env.HOME} $host "Nobody" é</h1>\n' } },
    steps: [{ ...nobody({ path: '/x' }), expect: { status: 404, body: '<h1>{env.HOME} $host "Nobody" é</h1>\n', headers: { 'content-type': /^text\/html; charset=utf-8$/i } } }, { ...nobody({ path: '/.rpm/default' }), expect: { status: 404 } }, { request: {}, expect: { status: 200 } }] },
];
