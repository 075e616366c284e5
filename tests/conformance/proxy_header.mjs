// SPDX-License-Identifier: MIT
// The PROXY protocol of HAProxy (proxy-protocol.txt), both versions, for TCP over IPv4.
const kSignature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/// Tells that `source` connected to `target` ("192.0.2.1:1234").
export function makeHeader(version, source, target) {
  const [from, fromPort] = source.split(':');
  const [to, toPort] = target.split(':');
  if (version === 1) return Buffer.from(`PROXY TCP4 ${from} ${to} ${fromPort} ${toPort}\r\n`);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(Number(fromPort), 0);
  ports.writeUInt16BE(Number(toPort), 2);
  const addresses = Buffer.concat([Buffer.from(from.split('.').map(Number)), Buffer.from(to.split('.').map(Number)), ports]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(addresses.length);
  return Buffer.concat([kSignature, Buffer.from([0x21, 0x11]), length, addresses]);
}

/// Of the beginning of a connection: { header: {version, source} or null, rest }; nothing while it may still be one.
export function takeHeader(data) {
  if (data.length < 12 && kSignature.subarray(0, data.length).equals(data)) return undefined;
  if (data.subarray(0, 12).equals(kSignature)) {
    if (data.length < 16 || data.length < 16 + data.readUInt16BE(14)) return undefined;
    const source = data[13] === 0x11 ? `${data.subarray(16, 20).join('.')}` : 'unknown';
    return { header: { version: 2, source }, rest: data.subarray(16 + data.readUInt16BE(14)) };
  }
  const end = data.indexOf('\r\n');
  if (data.subarray(0, 6).toString() !== 'PROXY ') return { header: null, rest: data };
  if (end < 0) return data.length < 107 ? undefined : { header: null, rest: data };
  return { header: { version: 1, source: data.subarray(0, end).toString().split(' ')[2] }, rest: data.subarray(end + 2) };
}
