// SPDX-License-Identifier: MIT
// The visitors: HTTP/1.1, HTTP/2, WebSocket, gRPC, lines over TCP (and TLS) and datagrams, from an address of their own,
// and with a header of the PROXY protocol before all else (request.proxy: {version, source}).
import { execFile, execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import zlib from 'node:zlib';
import { makeHeader } from './proxy_header.mjs';

const kDeadline = 8000; // ms for one request

let client3;
/// Why there is no client for HTTP/3; nothing when there is one.
export function findHttp3() {
  try {
    client3 = execFileSync('tests/tools/h3/build', { encoding: 'utf8', timeout: 320000 }).trim();
    return undefined;
  } catch (error) { return String(error.stderr ?? error.message).trim().split('\n')[0]; }
}

function withDeadline(promise, what, deadline = kDeadline) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to ${what} within ${deadline} ms`)), deadline);
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

function headerOf(target, request, port) {
  return makeHeader(request.proxy.version, request.proxy.source, `${target.address}:${port}`);
}

// A connection that begins with the header of the PROXY protocol.
function connectTold(target, request, port) {
  const socket = net.connect({ host: target.address, port, localAddress: request.from });
  socket.write(headerOf(target, request, port));
  return request.scheme === 'https' ? tls.connect({ socket, ...tlsOptions(target, request) }) : socket;
}

// One line there and one back, and the connection is held for so many ms; without a line to send, the one that the server says first.
function overTcp(target, request) {
  return new Promise((resolve, reject) => {
    const { port, send, encrypted, hold = 0 } = request.tcp;
    let socket = net.connect({ host: target.address, port, localAddress: request.from });
    socket.on('error', reject);
    if (request.proxy) socket.write(headerOf(target, request, port));
    if (encrypted) {
      socket = tls.connect({ socket, ...tlsOptions(target, request) });
      socket.on('error', reject);
    }
    let text = '';
    socket.on('data', (data) => {
      text += data;
      if (!text.includes('\n')) return;
      const [line] = text.split('\n');
      if (line.startsWith('{')) resolve({ headers: {}, body: line });
      else reject(new Error(`no server of ours said ${JSON.stringify(line)}`));
      setTimeout(() => socket.destroy(), hold);
    });
    socket.on('close', () => reject(new Error('the connection was closed')));
    if (send !== undefined) socket.write(`${send}\n`);
  });
}

// So many datagrams from one port, one after the other; the body is the last answer, `all` are all of them.
function overUdp(target, request) {
  return new Promise((resolve, reject) => {
    const { port, send, times = 1 } = request.udp;
    const socket = dgram.createSocket('udp4');
    const all = [];
    const next = () => socket.send(send, port, target.address);
    const timer = setTimeout(() => { socket.close(); reject(new Error('no datagram came back')); }, 2500);
    socket.on('error', reject);
    socket.on('message', (data) => {
      all.push(JSON.parse(data.toString()));
      if (all.length < times) return next();
      clearTimeout(timer);
      socket.close();
      return resolve({ headers: {}, body: data.toString().trim(), all });
    });
    socket.bind(0, request.from ?? '127.0.0.1', next);
  });
}

function overHttp1(target, request) {
  return new Promise((resolve, reject) => {
    const secure = request.scheme === 'https';
    const started = Date.now();
    const req = (secure ? https : http).request({
      host: target.address, port: secure ? target.https : target.http, localAddress: request.from,
      method: request.method ?? 'GET', path: request.path ?? '/echo', agent: false,
      headers: { host: target.host, ...(request.size ? { 'content-length': request.size } : {}), ...request.headers }, ...(secure ? tlsOptions(target, request) : {}),
      ...(request.proxy ? { agent: undefined, createConnection: () => connectTold(target, request, secure ? target.https : target.http) } : {}),
    }, (res) => {
      const chunks = [];
      const times = [];
      res.on('data', (chunk) => { chunks.push(chunk); times.push(Date.now() - started); });
      res.on('error', reject);
      res.on('end', () => {
        const raw = Buffer.concat(chunks);
        resolve({ status: res.statusCode, headers: res.headers, raw: res.rawHeaders, times, half: req.half,
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
      return setTimeout(next, request.gap ?? 120);
    };
    next();
  } else if (request.size) {
    let left = request.size;
    const piece = Buffer.alloc(Math.min(request.size, 1 << 20), 'x');
    const more = () => {
      while (left > 0) {
        const n = Math.min(left, piece.length);
        left -= n;
        if (left < request.size / 2) req.half ??= Date.now();  // when half of it was sent
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

// A slow client: the request's head in pieces, over HTTP/1.1.
function overSlowHead(target, request) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: target.address, port: target.http, localAddress: request.from });
    const head = `GET ${request.path ?? '/echo'} HTTP/1.1\r\nHost: ${target.host}\r\nConnection: close\r\nX-Slow: yes\r\n\r\n`;
    const size = Math.ceil(head.length / request.slowHead);
    let sent = 0;
    const next = () => {
      socket.write(head.slice(sent, sent + size));
      sent += size;
      if (sent < head.length) setTimeout(next, request.gap ?? 120);
    };
    const chunks = [];
    socket.on('connect', next);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return reject(new Error('no answer to a slow head'));
      // The server's JSON is one object, whether it stands in a chunk or not.
      return resolve({ status: Number(text.slice(9, 12)), headers: {}, body: text.slice(end).match(/\{.*\}/s)?.[0] ?? '' });
    });
  });
}

/// One request; { status, headers, body, protocol, … } or { failed: 'why' }.
export async function ask(target, request) {
  const way = request.tcp ? overTcp : request.udp ? overUdp : request.ws !== undefined ? overWebSocket
    : request.slowHead ? overSlowHead : request.http3 ? overHttp3
    : request.grpc !== undefined || request.http2 ? overHttp2 : overHttp1;
  try {
    return await withDeadline(way(target, request), `${request.tcp || request.udp ? 'a line' : `${request.method ?? 'GET'} ${request.path ?? '/echo'}`}`,
      request.deadline);
  } catch (error) {
    return { failed: error.code ?? error.message, headers: {} };
  }
}
