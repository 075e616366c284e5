// SPDX-License-Identifier: MIT
// A little authority made by openssl(1): certificates for servers and visitors, and a revocation list.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/// { site(names), ca, crl, stranger_ca, server: {cert, key}, good, revoked, stranger: {cert, key} }, all PEM.
export function makeAuthority(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const file = (name) => path.join(folder, name);
  const read = (name) => fs.readFileSync(file(name), 'utf8');
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  fs.writeFileSync(file('ca.cnf'), `[ca]\ndefault_ca=own\n[own]\ndatabase=${file('index')}\nnew_certs_dir=${folder}
serial=${file('serial')}\ncrlnumber=${file('crlnumber')}\ndefault_md=sha256\ndefault_days=30\ndefault_crl_days=30
policy=any\nunique_subject=no\ncopy_extensions=copy\n[any]\ncommonName=supplied\n`);
  for (const [name, text] of [['index', ''], ['serial', '1000\n'], ['crlnumber', '1000\n']]) fs.writeFileSync(file(name), text);
  const authority = (name) => openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
    '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`),
    '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
  authority('ca');
  authority('stranger-ca');
  const issue = (name, ca, usage, names) => {
    openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`,
      '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`), '-addext', `extendedKeyUsage=${usage}`,
      ...(names ? ['-addext', `subjectAltName=${names}`] : []));
    if (ca === 'ca')
      openssl('ca', '-batch', '-config', file('ca.cnf'), '-cert', file('ca.pem'), '-keyfile', file('ca.key'),
        '-in', file(`${name}.csr`), '-out', file(`${name}.pem`), '-notext');
    else
      openssl('x509', '-req', '-in', file(`${name}.csr`), '-CA', file(`${ca}.pem`), '-CAkey', file(`${ca}.key`),
        '-CAcreateserial', '-days', '30', '-out', file(`${name}.pem`));
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  };
  const server = issue('server', 'ca', 'serverAuth', 'DNS:backend.test,DNS:localhost,IP:127.0.0.1');
  const good = issue('good', 'ca', 'clientAuth');
  const revoked = issue('revoked', 'ca', 'clientAuth');
  const stranger = issue('stranger', 'stranger-ca', 'clientAuth');
  openssl('ca', '-batch', '-config', file('ca.cnf'), '-cert', file('ca.pem'), '-keyfile', file('ca.key'), '-revoke', file('revoked.pem'));
  openssl('ca', '-batch', '-config', file('ca.cnf'), '-cert', file('ca.pem'), '-keyfile', file('ca.key'), '-gencrl', '-out', file('crl.pem'));
  // Names of sites are many: one certificate for all of them.
  const site = (names) => issue('site', 'ca', 'serverAuth', names.map((name) => `DNS:${name}`).join(','));
  return { site, ca: read('ca.pem'), crl: read('crl.pem'), stranger_ca: read('stranger-ca.pem'), server, good, revoked, stranger };
}
