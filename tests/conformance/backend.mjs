// SPDX-License-Identifier: MIT
// The servers behind the proxies: they tell what they were asked, as JSON.
//
//   /echo…            method, url, headers, size and digest of the body, which server, protocol, address of the proxy
//   /status/404       that status
//   /give?name=value  those response headers
//   /bytes/70000      so many bytes of text
//   /sse              three events, 150 ms apart
//   /slow/1500        answers after so many milliseconds
//   /count            how large the body was, and when its first byte came
//   /ws…              WebSocket: sends back what it gets
//
// Those of streams answer every line (TCP) or datagram (UDP) with a line of JSON: which server, the address that it
// came from, the PROXY header that stood before it, and the line.
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { takeHeader } from './proxy_header.mjs';

function describe(req, body, name) {
  return JSON.stringify({
    server: name, method: req.method, url: req.url, protocol: req.httpVersion,
    headers: req.headers, size: body.size, digest: body.digest, header: req.socket.header,
    shown: req.socket.getPeerCertificate?.()?.subject?.CN,
  });
}

function collect(req) {
  return new Promise((resolve) => {
    const hash = crypto.createHash('sha256');
    let size = 0;
    req.on('data', (chunk) => { size += chunk.length; hash.update(chunk); });
    req.on('end', () => resolve({ size, digest: hash.digest('hex') }));
    req.on('error', () => resolve({ size, digest: '' }));
  });
}

async function answer(req, res, name, log) {
  const url = new URL(req.url, 'http://x');
  log.push({ server: name, method: req.method, url: req.url, headers: req.headers, at: Date.now() });
  const parts = url.pathname.split('/');
  if (parts[1] === 'early') {  // answers before the body has come
    res.writeHead(200, { 'content-type': 'text/plain' });
    res.write('first\n');
    const body = await collect(req);
    res.end(`${body.size}\n`);
    return;
  }
  if (parts[1] === 'count') {
    let first = 0;
    let size = 0;
    req.on('data', (chunk) => { first ||= Date.now(); size += chunk.length; });
    req.on('end', () => { res.writeHead(200, { 'content-type': 'application/json' }); res.end(JSON.stringify({ size, first })); });
    return;
  }
  const body = await collect(req);
  switch (parts[1]) {
    case 'status':
      res.writeHead(Number(parts[2]), { 'content-type': 'text/plain' });
      res.end(parts[2] === '304' || parts[2] === '204' ? undefined : `status ${parts[2]} by the server\n`);
      return;
    case 'give': {
      const headers = {};
      for (const [key, value] of url.searchParams) headers[key] = value;
      res.writeHead(200, { 'content-type': 'text/plain', ...headers });
      res.end('given\n');
      return;
    }
    case 'bytes':
      res.writeHead(200, { 'content-type': 'text/plain' });
      res.end('0123456789'.repeat(Number(parts[2]) / 10));
      return;
    case 'sse': {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      let n = 0;
      const timer = setInterval(() => {
        res.write(`data: ${++n}\n\n`);
        if (n === 3) { clearInterval(timer); res.end(); }
      }, 150);
      res.on('close', () => clearInterval(timer));
      return;
    }
    case 'slow':
      setTimeout(() => { res.writeHead(200); res.end(`slow ${name}\n`); }, Number(parts[2]));
      return;
    case 'auth': {  // what a forward authentication server does
      const ok = (req.headers.cookie ?? '').includes('session=good');
      res.writeHead(ok ? 200 : 401, { 'remote-user': 'anna', 'remote-groups': 'staff', 'x-secret': 'no' });
      res.end(ok ? 'ok' : 'who are you?\n');
      return;
    }
    default:
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(describe(req, body, name));
  }
}

function upgrade(req, socket, head, name, log) {
  log.push({ server: name, method: 'UPGRADE', url: req.url, headers: req.headers, at: Date.now() });
  const accept = crypto.createHash('sha1')
    .update(`${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
    + `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
  if (head.length) socket.write(head);
  socket.on('data', (data) => socket.write(data));  // frames are sent back as they came
  socket.on('error', () => {});
}

function listen(server, address, port = 0) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve(server.address().port));
  });
}

// Every line back; `hello`: speaks first, as mail servers do.
function answerLines(socket, name, hello) {
  let header;
  let begun = false;
  let text = Buffer.alloc(0);
  const say = (line) => socket.write(`${JSON.stringify({ server: name, from: socket.remoteAddress, header: header ?? undefined, line })}\n`);
  if (hello) say('hello');
  socket.on('error', () => {});
  socket.on('data', (data) => {
    text = Buffer.concat([text, data]);
    if (!begun) {
      const taken = takeHeader(text);
      if (taken === undefined) return;  // not whole yet
      begun = true;
      ({ header, rest: text } = taken);
    }
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10)) {
      const line = text.subarray(0, end).toString();
      text = text.subarray(end + 1);
      say(line);
    }
  });
}

async function startStreams(certificate, key, ca, servers, ports) {
  const plain = async (name, port, hello) => {
    const server = net.createServer((socket) => answerLines(socket, name, hello));
    ports[name] = await listen(server, '127.0.0.1', port);
    servers.push(server);
  };
  for (const name of ['tcp', 'tcp2']) await plain(name);
  await plain('mail', 0, true);
  const encrypted = tls.createServer({ cert: certificate, key }, (socket) => answerLines(socket, 'tcptls'));
  servers.push(encrypted);
  ports.tcptls = await listen(encrypted, '127.0.0.1');
  const asking = tls.createServer({ cert: certificate, key, ca, requestCert: true, rejectUnauthorized: true },
    (socket) => answerLines(socket, `tcpmtls ${socket.getPeerCertificate().subject?.CN}`));
  asking.on('tlsClientError', () => {});
  servers.push(asking);
  ports.tcpmtls = await listen(asking, '127.0.0.1');
  for (;;) {  // three ports one after the other
    const first = 20000 + Math.floor(Math.random() * 9000);
    try {
      for (let i = 0; i < 3; ++i) await plain(`range${i}`, first + i);
      break;
    } catch { /* the servers that did start are closed with all others */ }
  }
  for (const name of ['udp', 'udp2']) {
    const socket = dgram.createSocket('udp4');
    socket.on('message', (data, from) => socket.send(
      `${JSON.stringify({ server: name, from: from.address, port: from.port, line: data.toString() })}\n`, from.port, from.address));
    ports[name] = await new Promise((resolve) => { socket.bind(0, '127.0.0.1', () => resolve(socket.address().port)); });
    servers.push(socket);
  }
}

/// Starts them; { ports: {a, b, c, v6, tls, mtls, h2c, told, tcp, tcp2, mail, tcptls, tcpmtls, range0, range1, range2, udp, udp2, dead}, log, close() }.
/// `mtls` and `tcpmtls` demand a certificate of `ca` and tell its name: as `shown`, and behind their own.
export async function startBackends(certificate, key, ca) {
  const log = [];
  const servers = [];
  const ports = {};
  const plain = async (name, address = '127.0.0.1') => {
    const server = http.createServer((req, res) => answer(req, res, name, log));
    server.on('upgrade', (req, socket, head) => upgrade(req, socket, head, name, log));
    server.requestTimeout = 0;
    servers.push(server);
    ports[name] = await listen(server, address);
  };
  for (const name of ['a', 'b', 'c']) await plain(name);
  await plain('v6', '::1');
  const tls = http2.createSecureServer({ cert: certificate, key, allowHTTP1: true },
    (req, res) => answer(req, res, 'tls', log));
  servers.push(tls);
  ports.tls = await listen(tls, '127.0.0.1');
  const mtls = https.createServer({ cert: certificate, key, ca, requestCert: true, rejectUnauthorized: true },
    (req, res) => answer(req, res, 'mtls', log));
  servers.push(mtls);
  ports.mtls = await listen(mtls, '127.0.0.1');
  const h2c = http2.createServer((req, res) => {
    if (!(req.headers['content-type'] ?? '').startsWith('application/grpc')) return answer(req, res, 'h2c', log);
    log.push({ server: 'grpc', method: req.method, url: req.url, headers: req.headers, at: Date.now() });
    res.writeHead(200, { 'content-type': 'application/grpc' });
    req.on('data', (chunk) => res.write(chunk));
    req.on('end', () => {
      res.addTrailers({ 'grpc-status': '0', 'grpc-message': 'fine' });
      res.end();
    });
    return undefined;
  });
  servers.push(h2c);
  ports.h2c = await listen(h2c, '127.0.0.1');
  const told = http.createServer((req, res) => answer(req, res, 'told', log));  // behind the PROXY protocol
  const front = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      const taken = takeHeader(data);
      if (!taken?.header) return socket.destroy();
      socket.header = taken.header;
      told.emit('connection', socket);
      return socket.emit('data', taken.rest);
    });
  });
  servers.push(told, front);
  ports.told = await listen(front, '127.0.0.1');
  await startStreams(certificate, key, ca, servers, ports);
  const gone = http.createServer();  // a port that nobody holds any more
  ports.dead = await listen(gone, '127.0.0.1');
  await new Promise((resolve) => gone.close(resolve));
  return {
    ports, log,
    close: () => Promise.all(servers.map((server) => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections?.();
      setTimeout(resolve, 500);
    }))),
  };
}
