// SPDX-License-Identifier: GPL-2.0
//
// A runtime for ContainerManager: runc, with a root file system of busybox alone, and a veth pair for each container.
// Container N has 10.88.N.2, the host's side 10.88.N.1.
import { spawn } from 'node:child_process';
import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const APPLETS = ['sh', 'sleep', 'nc', 'ping', 'httpd', 'nslookup'];
const CAPABILITIES = ['CAP_NET_BIND_SERVICE', 'CAP_NET_RAW', 'CAP_KILL'];

export const addressOf = (number) => `10.88.${number}.2`;
export const gatewayOf = (number) => `10.88.${number}.1`;

/** Runs a program with an argument vector; what it printed. */
export function run(command, words, { stdio = 'pipe' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ['ignore', stdio, stdio] });
    let output = '';
    let errors = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (errors += chunk));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(output);
      else reject(new Error(`${command} ${words.join(' ')}: exit status ${status}: ${errors.trim()}`));
    });
  });
}

/* As the runtime specification has it. */
function configOf({ args, cgroup, hostname }) {
  const capabilities = Object.fromEntries(['bounding', 'effective', 'permitted'].map((set) => [set, CAPABILITIES]));
  return {
    ociVersion: '1.0.2',
    process: { user: { uid: 0, gid: 0 }, args, env: ['PATH=/bin'], cwd: '/', capabilities, noNewPrivileges: true },
    root: { path: 'rootfs', readonly: true },
    hostname,
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
    ],
    linux: {
      cgroupsPath: cgroup,
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
    },
  };
}

export class Runc {
  #folder;
  #busybox;
  #prefix;
  #containers = new Map(); // id -> {number, args, pid}

  constructor({ folder, busybox = '/bin/busybox', prefix = 'bh-' }) {
    this.#folder = folder;
    this.#busybox = busybox;
    this.#prefix = prefix;
  }

  /** What `create` is to make of an id: the words of its process. */
  define(id, { number, args }) {
    this.#containers.set(id, { number, args, device: `${this.#prefix}${id}`.slice(0, 15) });
  }

  #runc(...words) {
    return run('runc', ['--root', join(this.#folder, 'runc'), ...words]);
  }

  #name(id) {
    return `${this.#prefix}${id}`;
  }

  async #bundle(id, { args }) {
    const bundle = join(this.#folder, id);
    await mkdir(join(bundle, 'rootfs/bin'), { recursive: true });
    for (const folder of ['proc', 'dev', 'www']) await mkdir(join(bundle, 'rootfs', folder), { recursive: true });
    await copyFile(this.#busybox, join(bundle, 'rootfs/bin/busybox'));
    for (const applet of APPLETS) await symlink('busybox', join(bundle, 'rootfs/bin', applet));
    await writeFile(join(bundle, 'rootfs/www/index.html'), `${id}\n`);
    await writeFile(
      join(bundle, 'config.json'),
      JSON.stringify(configOf({ args, cgroup: `/${this.#name(id)}`, hostname: id })),
    );
    return bundle;
  }

  async #connect({ number, pid, device }) {
    const gateway = gatewayOf(number);
    const inside = (...words) => run('nsenter', [`--net=/proc/${pid}/ns/net`, 'ip', ...words]);
    await run('ip', ['link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
    await run('ip', ['addr', 'add', `${gateway}/24`, 'dev', device]);
    await run('ip', ['link', 'set', device, 'up']);
    await inside('link', 'set', 'lo', 'up');
    await inside('addr', 'add', `${addressOf(number)}/24`, 'dev', 'eth0');
    await inside('link', 'set', 'eth0', 'up');
    await inside('route', 'add', 'default', 'via', gateway);
  }

  /** Everything is there but its process, which waits to be started. */
  async create(id) {
    const container = this.#containers.get(id);
    const bundle = await this.#bundle(id, container);
    await run('runc', ['--root', join(this.#folder, 'runc'), 'create', '--bundle', bundle, this.#name(id)], {
      stdio: 'ignore',
    });
    container.pid = JSON.parse(await this.#runc('state', this.#name(id))).pid;
    await this.#connect(container);
  }

  async start(id) {
    await this.#runc('start', this.#name(id));
  }

  target(id) {
    return { pid: this.#containers.get(id).pid };
  }

  async stop(id) {
    await this.#runc('delete', '--force', this.#name(id));
    await rm(join(this.#folder, id), { recursive: true, force: true });
  }
}
