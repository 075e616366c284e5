// SPDX-License-Identifier: MIT
// The visitors: HTTP/1.1, HTTP/2, WebSocket, gRPC, from an address of their own.
import { execFile, execFileSync } from 'node:child_process';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import tls from 'node:tls';
import zlib from 'node:zlib';

const kDeadline = 8000; // ms for one request

let client3;
/// Why there is no client for HTTP/3; nothing when there is one.
export function findHttp3() {
  try {
    client3 = execFileSync('tests/tools/h3/build', { encoding: 'utf8', timeout: 320000 }).trim();
    return undefined;
  } catch (error) { return String(error.stderr ?? error.message).trim().split('\n')[0]; }
}

function withDeadline(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to ${what} within ${kDeadline} ms`)), kDeadline);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function decoded(headers, body) {
  switch (headers['content-encoding']) {
    case 'gzip': return zlib.gunzipSync(body);
    case 'br': return zlib.brotliDecompressSync(body);
    case 'deflate': return zlib.inflateSync(body);
    case 'zstd': return zlib.zstdDecompressSync ? zlib.zstdDecompressSync(body) : body;
    default: return body;
  }
}

function tlsOptions(target, request) {
  return {
    servername: request.sni ?? target.host, rejectUnauthorized: false,
    minVersion: 'TLSv1.2', maxVersion: request.tls ?? 'TLSv1.3',
    cert: request.certificate?.cert, key: request.certificate?.key,
  };
}

function overHttp1(target, request) {
  return new Promise((resolve, reject) => {
    const secure = request.scheme === 'https';
    const started = Date.now();
    const req = (secure ? https : http).request({
      host: target.address, port: secure ? target.https : target.http, localAddress: request.from,
      method: request.method ?? 'GET', path: request.path ?? '/echo', agent: false,
      headers: { host: target.host, ...request.headers }, ...(secure ? tlsOptions(target, request) : {}),
    }, (res) => {
      const chunks = [];
      const times = [];
      res.on('data', (chunk) => { chunks.push(chunk); times.push(Date.now() - started); });
      res.on('error', reject);
      res.on('end', () => {
        const raw = Buffer.concat(chunks);
        resolve({ status: res.statusCode, headers: res.headers, raw: res.rawHeaders, times,
          protocol: res.httpVersion, body: decoded(res.headers, raw).toString(), trailers: res.trailers });
      });
    });
    req.on('error', reject);
    const send = () => sendBody(req, request);
    if (request.headers?.expect) req.once('continue', send);  // RFC 9110 section 10.1.1
    else send();
  });
}

function sendBody(req, request) {
  if (request.dribble) {  // a slow client: the body in pieces
    const pieces = [...request.dribble];
    const next = () => {
      if (pieces.length === 0) return req.end();
      req.write(pieces.shift());
      return setTimeout(next, 120);
    };
    next();
  } else if (request.size) {
    let left = request.size;
    const piece = Buffer.alloc(1 << 16, 'x');
    const more = () => {
      while (left > 0) {
        const n = Math.min(left, piece.length);
        left -= n;
        if (!req.write(n === piece.length ? piece : piece.subarray(0, n))) return req.once('drain', more);
      }
      return req.end();
    };
    more();
  } else {
    req.end(request.body);
  }
}

function overHttp2(target, request) {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`https://${target.host}:${target.https}`, {
      ...tlsOptions(target, request), host: target.address, localAddress: request.from,
      createConnection: () => tls.connect({ host: target.address, port: target.https, localAddress: request.from,
        ALPNProtocols: ['h2'], ...tlsOptions(target, request) }),
    });
    session.on('error', reject);
    const grpc = request.grpc !== undefined;
    const stream = session.request({
      ':method': request.method ?? (grpc ? 'POST' : 'GET'), ':path': request.path ?? '/echo', ':authority': target.host,
      ...(grpc ? { 'content-type': 'application/grpc', te: 'trailers' } : {}), ...request.headers,
    });
    let answer;
    let trailers = {};
    const chunks = [];
    stream.on('response', (headers) => { answer = headers; });
    stream.on('trailers', (headers) => { trailers = headers; });
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('error', (error) => { session.destroy(); reject(error); });
    stream.on('end', () => {
      session.destroy();
      if (!answer) return reject(new Error('the stream ended without an answer'));
      return resolve({ status: answer[':status'], headers: answer, protocol: '2.0', trailers,
        body: decoded(answer, Buffer.concat(chunks)).toString() });
    });
    stream.end(grpc ? request.grpc : request.body);
  });
}

// By a program of its own (tests/tools/h3), which sends from any address.
function overHttp3(target, request) {
  return new Promise((resolve, reject) => {
    const headers = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}:${value}`);
    const child = execFile(client3, [`${target.address}:${target.https}`, request.sni ?? target.host,
      request.method ?? 'GET', request.path ?? '/echo', ...headers], { encoding: 'utf8', timeout: kDeadline },
    (error, out, words) => (error ? reject(new Error(words.trim() || error.message)) : resolve(JSON.parse(out))));
    child.stdin.end(request.body ?? '');
  });
}

// Sends one text frame and waits for it to come back.
function overWebSocket(target, request) {
  return new Promise((resolve, reject) => {
    const secure = request.scheme === 'https';
    const req = (secure ? https : http).request({
      host: target.address, port: secure ? target.https : target.http, localAddress: request.from, agent: false,
      path: request.path ?? '/ws', ...(secure ? tlsOptions(target, request) : {}),
      headers: { host: target.host, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'), ...request.headers },
    });
    req.on('response', (res) => { res.resume(); resolve({ status: res.statusCode, headers: res.headers, body: '' }); });
    req.on('upgrade', (res, socket) => {
      const text = Buffer.from(request.ws);
      const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
      let back = Buffer.alloc(0);
      socket.on('data', (data) => {
        back = Buffer.concat([back, data]);
        if (back.length < frame.length) return;
        socket.destroy();
        resolve({ status: res.statusCode, headers: res.headers, body: back.subarray(6).toString() });
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the WebSocket was closed')));
      socket.write(frame);
    });
    req.on('error', reject);
    req.end();
  });
}

/// One request; { status, headers, body, protocol, … } or { failed: 'why' }.
export async function ask(target, request) {
  const way = request.ws !== undefined ? overWebSocket
    : request.http3 ? overHttp3
      : request.grpc !== undefined || request.http2 ? overHttp2 : overHttp1;
  try {
    return await withDeadline(way(target, request), `${request.method ?? 'GET'} ${request.path ?? '/echo'}`);
  } catch (error) {
    return { failed: error.code ?? error.message, headers: {} };
  }
}
