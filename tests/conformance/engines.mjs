// SPDX-License-Identifier: MIT
// Real nodes of the lab, one per engine, deployed to over SSH with the product's own script.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const kLab = 'tests/lab/node';

function lab(...args) {
  return execFileSync(kLab, args, { encoding: 'utf8', timeout: 60000 });
}

/// Where the engines' programs are: { nginx, nginx-dense, caddy, traefik, caddy-debian }, without those that are
/// missing.
export function findPrograms(notice) {
  const programs = {};
  const inPath = (name) => {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`],
        { encoding: 'utf8', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } }).trim();
    } catch { return undefined; }
  };
  programs.nginx = inPath('nginx');
  programs['nginx-dense'] = programs.nginx;
  const debian = inPath('caddy');
  if (debian) programs['caddy-debian'] = debian;
  try {
    const told = execFileSync('tests/tools/build', ['caddy', 'traefik'], { encoding: 'utf8', timeout: 1500000 });
    for (const line of told.split('\n')) {
      const [name, file] = line.split('=');
      if (name === 'caddy' || name === 'traefik') programs[name] = file;
    }
  } catch (error) {
    notice(String(error.stderr ?? error.message).trim().split('\n')[0]);
  }
  return programs;
}

export class Node {
  /// `folder` holds all nodes; `name` is the engine's, with "-something" behind it for another program.
  /// It serves on all addresses of both families, at ports that nobody has.
  constructor(folder, name, program, ports) {
    this.folder = folder;
    this.name = name;
    this.engine = name.split('-')[0];
    this.dense = name === 'nginx-dense';
    this.address = '127.0.0.1';
    lab('create', folder, name, this.address, '--engine', this.engine, '--engine-binary', program,
      ...['http', 'https', 'ssh', 'proof'].flatMap((kind, index) => [`--${kind}-port`, String(ports[index])]));
    lab('start', folder, name);
    const yaml = lab('list', folder, '--yaml').split('  - name: ').find((part) => part.startsWith(`${name}\n`));
    const field = (key) => yaml.match(new RegExp(`${key}: "?([^"\\n]*)`))?.[1];
    this.user = field('ssh_user');
    this.ssh = Number(field('ssh_port'));
    this.http = Number(field('http_port'));
    this.https = Number(field('https_port'));
    this.proof = Number(field('proof_port'));
    if (this.engine === 'traefik') this.listenEverywhere();
    const facts = this.run('facts n1').split('\n');
    const all = (key) => facts.filter((line) => line.startsWith(`FACT ${key} `)).map((line) => line.slice(6 + key.length));
    this.version = this.run('status n1').match(/engine_version=(\S+)/)?.[1] ?? '';
    this.modules = all('module');
  }

  // Its addresses are fixed while it runs.
  listenEverywhere() {
    const file = path.join(this.folder, this.name, 'node/node.conf');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replaceAll(/^(https?)=127\.0\.0\.1:/gm, '$1=:'));
    this.run('init n0');
    lab('break', this.folder, this.name, 'engine-down');
    lab('mend', this.folder, this.name, 'engine-down');
  }

  /// The most memory that one of the engine's processes has had, in MiB.
  memory() {
    const root = path.join(this.folder, this.name, 'node/root');
    const processes = fs.readdirSync('/proc').filter((id) => /^\d+$/.test(id)).flatMap((id) => {
      try {
        const status = fs.readFileSync(`/proc/${id}/status`, 'utf8');
        return [{ id, parent: status.match(/^PPid:\s+(\d+)/m)?.[1], peak: Number(status.match(/^VmHWM:\s+(\d+)/m)?.[1] ?? 0),
          ours: fs.readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(root) }];
      } catch { return []; }  // it has ended
    });
    const masters = new Set(processes.filter((each) => each.ours).map((each) => each.id));
    return Math.max(...processes.filter((each) => each.ours || masters.has(each.parent)).map((each) => each.peak)) / 1024;
  }

  run(command, input) {
    return execFileSync('ssh', ['-i', path.join(this.folder, 'key'), '-p', String(this.ssh), '-o', 'BatchMode=yes',
      '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR',
      `${this.user}@${this.address}`, command],
    { encoding: 'utf8', input: input ?? '', timeout: 120000, maxBuffer: 1 << 26 });
  }

  /// Deploys the release in `folder`; { word, log } of the script's answer.
  deploy(folder, release) {
    let text;
    try {
      text = this.run(`deploy n2 ${release} none`, this.archive(folder));
    } catch (error) {
      text = String(error.stdout ?? '');
      if (!text.includes('RESULT')) throw error;
    }
    const lines = text.split('\n');
    return {
      word: lines.find((line) => line.startsWith('RESULT '))?.split(' ')[2] ?? 'nothing',
      log: lines.filter((line) => line.startsWith('LOG ')).map((line) => line.slice(4)),
    };
  }

  // Names without "./" in front, as the product's own archives have them.
  archive(folder) {
    const names = execFileSync('find', ['.', '-type', 'f', '-printf', '%P\\n'], { cwd: folder, encoding: 'utf8' })
      .split('\n').filter(Boolean).sort();
    return execFileSync('tar', ['--format=ustar', '-C', folder, '-cf', '-', '-T', '-'],
      { input: `${names.join('\n')}\n`, maxBuffer: 1 << 28 });
  }

  log() {
    try {
      return fs.readFileSync(path.join(this.folder, this.name, 'node/root/logs/error.log'), 'utf8');
    } catch { return ''; }
  }

  destroy() {
    lab('destroy', this.folder, this.name);
  }
}
