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
import crypto from 'node:crypto';
import http from 'node:http';
import http2 from 'node:http2';

function describe(req, body, name) {
  return JSON.stringify({
    server: name, method: req.method, url: req.url, protocol: req.httpVersion,
    headers: req.headers, size: body.size, digest: body.digest,
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

function listen(server, address) {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, address, () => resolve(server.address().port));
  });
}

/// Starts them; { ports: {a, b, c, v6, tls, h2c, dead}, log, close() }.
export async function startBackends(certificate, key) {
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
