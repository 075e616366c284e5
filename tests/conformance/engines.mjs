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
  constructor(folder, name, address, program) {
    this.folder = folder;
    this.name = name;
    this.engine = name.split('-')[0];
    this.dense = name === 'nginx-dense';
    this.address = address;
    lab('create', folder, name, address, '--engine', this.engine, '--engine-binary', program);
    lab('start', folder, name);
    const yaml = lab('list', folder, '--yaml').split('  - name: ').find((part) => part.startsWith(`${name}\n`));
    const field = (key) => yaml.match(new RegExp(`${key}: "?([^"\\n]*)`))?.[1];
    this.user = field('ssh_user');
    this.ssh = Number(field('ssh_port'));
    this.http = Number(field('http_port'));
    this.https = Number(field('https_port'));
    this.proof = Number(field('proof_port'));
    const facts = this.run('facts n1').split('\n');
    const all = (key) => facts.filter((line) => line.startsWith(`FACT ${key} `)).map((line) => line.slice(6 + key.length));
    this.version = this.run('status n1').match(/engine_version=(\S+)/)?.[1] ?? '';
    this.modules = all('module');
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
