// SPDX-License-Identifier: MIT
// A real OpenID provider with a few people: whoever signs in as NAME is NAME, in the groups below.
//
//   node provider.mjs PORT REDIRECT_URI KEY_ID       (CLIENT_SECRET in the environment)
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const [port, redirect, kid] = process.argv.slice(2);
const groups = { anna: ['ops'], nils: ['strangers'], nora: ['ops'], mfa: ['ops'], carla: ['customers'], berta: ['customers'], vera: ['viewers'] };
const key = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };

const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{
        client_id: 'rpmgr', client_secret: process.env.CLIENT_SECRET, redirect_uris: redirect.split(','),
        response_types: ['code'], grant_types: ['authorization_code'],
    }],
    jwks: { keys: [key] },
    pkce: { required: () => true, methods: ['S256'] },
    claims: { openid: ['sub', 'groups', 'preferred_username'], profile: [], email: ['email'] },
    conformIdTokenClaims: false, // the claims come with the ID token, as from most providers
    cookies: { keys: ['only for a test'] },
    findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, groups: groups[id] || [], preferred_username: id, email: `${id}@example.test` }),
    }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
