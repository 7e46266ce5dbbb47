#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0
//
// A container manager: starts three containers with runc, each under a policy, prints their drops as they happen, and
// shows counters and drops on a page, http://127.0.0.1:8088/. As root:
//
//   node manager.mjs [--bin bulkhead] [--bpffs DIR] [--uplink DEV] [--port N] [--busybox FILE]
//
// Ctrl-C ends it, with all that it has made.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { ContainerManager, Firewall } from '../index.js';
import { Dashboard } from './dashboard.mjs';
import { addressOf, gatewayOf, Runc } from './runc.mjs';

const { values: options } = parseArgs({
  options: {
    bin: { type: 'string', default: 'bulkhead' },
    bpffs: { type: 'string' },
    uplink: { type: 'string', multiple: true, default: [] },
    port: { type: 'string', default: '8088' },
    busybox: { type: 'string', default: '/bin/busybox' },
  },
});

const PROTOCOLS = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' };
const endpoint = (address, port) => (port ? `${address.includes(':') ? `[${address}]` : address}:${port}` : address);

const folder = await mkdtemp(join(tmpdir(), 'bulkhead-manager-'));
const firewall = new Firewall({ bin: options.bin, bpffs: options.bpffs });
const runtime = new Runc({ folder, busybox: options.busybox });
const manager = new ContainerManager({ firewall, runtime });
const dashboard = new Dashboard(firewall);
const loop = (script) => ['/bin/sh', '-c', `while :; do ${script}; sleep 1; done`];

/* Each with the words of its process, and its policy. */
const WEB = addressOf(1);
const containers = [
  {
    id: 'web', // serves pages to everybody, and may call nobody
    args: ['/bin/httpd', '-f', '-p', '80', '-h', '/www'],
    policy: { allowedSources: [{ port: 80 }] },
  },
  {
    id: 'crawler', // asks web for its page, and for what web does not serve
    args: loop(`printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 1 ${WEB} 80 >/dev/null; nc -w 1 ${WEB} 22 </dev/null`),
    policy: { allowedDestinations: [{ ip: WEB, port: '20-80' }] },
  },
  {
    id: 'worker', // may ping, and ask its resolver for names that are not blocked
    args: loop(
      `ping -c 2 -W 1 ${gatewayOf(3)}; nslookup ads.example ${gatewayOf(3)}; nc -w 1 203.0.113.9 4444 </dev/null`,
    ),
    policy: {
      allowedDestinations: [{ ip: gatewayOf(3), port: 53, proto: 'udp' }],
      rules: [{ direction: 'out', proto: 'icmp' }],
      limit: { rate: 50, burst: 50 },
    },
  },
];

async function start() {
  const wasUp = (await firewall.status()).up;
  if (!wasUp) atEnd.push(() => firewall.down());
  await firewall.up(options.uplink);
  await firewall.blockDomains(['ads.example']);
  atEnd.push(() => firewall.unblockDomains(['ads.example']));
  if ((await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8')).trim() === '0')
    console.warn('containers cannot reach each other: net.ipv4.ip_forward is 0');
  for (const [at, { id, args, policy }] of containers.entries()) {
    runtime.define(id, { number: at + 1, args });
    atEnd.push(() => manager.stopContainer(id));
    await manager.startContainer(id, policy);
    console.log(`${id}: started, ${addressOf(at + 1)}`);
  }
  const url = await dashboard.listen(Number(options.port));
  atEnd.push(() => dashboard.close());
  console.log(url);
}

manager.alerts.on('firewall-drop', ({ container, event }) => {
  const { reason, proto, layer, domain } = event;
  const ends = `${endpoint(event.src_ip, event.src_port)} -> ${endpoint(event.dst_ip, event.dst_port)}`;
  console.log(
    `[${container}] ${reason} at ${layer}: ${PROTOCOLS[proto] ?? proto} ${ends}${domain ? ` ${domain}` : ''}`,
  );
});
firewall.on('remark', (text) => console.warn(text));
firewall.on('restart', ({ process: what, reason }) =>
  console.warn(`bulkhead ${what} ended (${reason}), and is started again`),
);

const atEnd = [() => rm(folder, { recursive: true, force: true }), () => manager.close()];
let ending = false;

async function end(status) {
  if (ending) return;
  ending = true;
  for (const step of atEnd.reverse()) await step().catch((error) => console.error(error.message));
  process.exitCode = status;
}

firewall.on('error', (error) => {
  console.error(error.message);
  end(1);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(0));
try {
  await start();
} catch (error) {
  console.error(error.message);
  await end(1);
}
