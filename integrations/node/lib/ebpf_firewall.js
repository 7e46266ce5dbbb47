// SPDX-License-Identifier: GPL-2.0
//
// The class of the design that bulkhead implements, over Firewall. Commands are run in the order in which they are
// called, so that who does not wait for each has them done one after the other all the same.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';

import { withIds } from './answers.js';
import { FirewallError, fromAnswer, notStarted } from './error.js';
import { Firewall } from './firewall.js';
import * as words from './words.js';

/* As events and rules have them. */
export const ACTION_DROP = 'drop';
export const ACTION_PASS = 'pass';
export const ACTION_ALLOW = 'pass';
export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;

const NAME_MAX = 64;
const ANSWER_MAX = 64 << 20;

/*
 * docker-ID.scope -> ID: what a runtime puts around it is left away; what is too long for a name is cut and told
 * apart.
 */
export function nameOfCgroup(path) {
  const last = basename(words.text(path, 'cgroup')).replace(/\.(scope|service|slice)$/, '');
  const id = last
    .replace(/^(docker|libpod|crio|cri-containerd|nerdctl)-/, '')
    .replace(/[\s/]/g, '_')
    .replace(/^[#$-]+/, '');
  if (id && Buffer.byteLength(id) <= NAME_MAX) return id;
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 16);
  return `${id.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, NAME_MAX - 17)}-${digest}`.replace(/^-/, '');
}

const PROTOCOLS = { [IPPROTO_TCP]: 'tcp', [IPPROTO_UDP]: 'udp', [IPPROTO_ICMP]: 'icmp', 58: 'icmp' };
const protocol = (proto) => PROTOCOLS[proto] ?? proto;

const destinationOf = (dest) => (typeof dest === 'string' ? dest : { ...dest, proto: protocol(dest.proto) });

export class EbpfFirewall {
  firewall;

  /** A Firewall, or the options of one. */
  constructor(firewall = {}) {
    this.firewall = firewall instanceof Firewall ? firewall : new Firewall(firewall);
  }

  /** Loads the programs, and attaches XDP and the rate limiter to the device. */
  loadXdpFirewall(iface) {
    return this.firewall.up([iface]);
  }

  blockIP(ip) {
    return this.firewall.block([ip]);
  }

  unblockIP(ip) {
    return this.firewall.unblock([ip]);
  }

  blockDomain(name) {
    return this.firewall.blockDomains([name]);
  }

  /** Calls back with each drop; gives a function that ends that. */
  onEvent(callback) {
    this.firewall.on('drop', callback);
    return () => {
      this.firewall.off('drop', callback);
    };
  }

  /** Guards a cgroup by a policy {name, default}, under its own name where none is given. Gives the Container. */
  attachCgroup(path, { name = nameOfCgroup(path), default: action } = {}) {
    return this.firewall.attach(name, { cgroup: path }, { default: action });
  }

  async #nameOf(cgroupId) {
    if (typeof cgroupId === 'string' && !/^\d+$/.test(cgroupId)) return cgroupId;
    const wanted = BigInt(cgroupId);
    const found = (await this.firewall.list()).find((entry) => entry.cgroup_id === wanted);
    if (!found || !wanted) throw noSuchCgroup(cgroupId);
    return found.name;
  }

  /** Lets a container, by its cgroup's id or its name, connect to {ip, port, proto}. */
  async allowEgress(cgroupId, destination) {
    words.destination(destinationOf(destination));
    return this.firewall.container(await this.#nameOf(cgroupId)).allowEgress(destinationOf(destination));
  }

  /**
   * An entry of fw_rules: {src_ip, dst_ip, dst_port, proto, action, container_id}. The container sends; src_ip is its
   * own.
   */
  async setRule({ dst_ip: to, dst_port: port, proto, action, container_id: cgroupId }) {
    const container = this.firewall.container(await this.#nameOf(cgroupId));
    const rule = { direction: 'out', to, port, proto: protocol(proto) };
    if (action === ACTION_DROP || action === 'deny') return container.deny(rule);
    if (action === ACTION_ALLOW || action === 'allow') return container.allow(rule);
    throw new FirewallError(`action: ${action}: there is none`, { code: 'EINVAL', exitCode: 2 });
  }

  /**
   * The counters of a container, at once: this waits for a process, some milliseconds. Firewall.stats() gives a
   * promise instead. What is still to be run by calls before this one is not waited for.
   */
  getContainerStats(cgroupId) {
    const command = ['stats'];
    const [bin, ...options] = this.firewall.argv;
    const ran = spawnSync(bin, [...options, ...command], { encoding: 'utf8', maxBuffer: ANSWER_MAX, shell: false });
    if (ran.error) throw notStarted(bin, ran.error, command);
    if (ran.status !== 0) throw fromAnswer(lastAnswer(ran.stderr), ran.status, command, ran.stderr);
    const isName = typeof cgroupId === 'string' && !/^\d+$/.test(cgroupId);
    const wanted = isName ? cgroupId : BigInt(cgroupId);
    const found = withIds(JSON.parse(ran.stdout)).find((one) => (isName ? one.container : one.cgroup_id) === wanted);
    if (!found || !wanted) throw noSuchCgroup(cgroupId);
    return found;
  }

  close() {
    return this.firewall.close();
  }
}

function noSuchCgroup(id) {
  return new FirewallError(`${id}: no attached container has this cgroup`, { code: 'ENOENT', exitCode: 3 });
}

function lastAnswer(stderr) {
  try {
    return JSON.parse(stderr.trim().split('\n').at(-1));
  } catch {
    return null;
  }
}
