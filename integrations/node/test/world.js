// SPDX-License-Identifier: GPL-2.0
// What tests/e2e/node_test has made: a host, a host outside, containers, each a network namespace. Traffic by
// tests/e2e/net.py.
import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { Firewall } from '../index.js';

const {
  WORLD_TAG: tag,
  WORLD_BPFFS: bpffs,
  WORLD_CGROUP: cgroupRoot,
  WORLD_NET: net,
  WORLD_PIDS,
  BULKHEAD,
  PYTHON,
} = process.env;

export const isThere = tag !== undefined;
export const work = process.env.WORLD_WORK;
export const outside = '192.0.2.2';
const pids = Object.fromEntries(
  (WORLD_PIDS ?? '')
    .split(' ')
    .filter(Boolean)
    .map((pair) => pair.split('=')),
);
export const pidOf = (name) => Number(pids[name]);
export const addressOf = (name) => `10.77.${Object.keys(pids).indexOf(name) + 1}.2`;
export const cgroupOf = (name) => `${cgroupRoot}/${name}`;
export const inHost = ['nsenter', `--net=/run/netns/${tag}-host`];
export const bin = [...inHost, BULKHEAD];
export const options = { bin, bpffs };
export const newFirewall = (more) => new Firewall({ ...options, ...more });

const IN_CGROUP = 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"';
const where = (place) =>
  place === 'outside'
    ? ['nsenter', `--net=/run/netns/${tag}-out`]
    : ['sh', '-c', IN_CGROUP, 'sh', cgroupOf(place), 'nsenter', `--net=/run/netns/${tag}-${place}`];

/** Whether traffic gets through: net.py's words, from 'outside' or a container. */
export function gets(place, ...words) {
  const [command, ...rest] = [...where(place), PYTHON, net, ...words.map(String)];
  return new Promise((resolve) => {
    spawn(command, rest, { stdio: 'ignore' }).on('close', (status) => resolve(status === 0));
  });
}

const started = [];

/** A server that is ready: serve('outside', 'tcp-serve', ADDRESS, PORT). */
export async function serve(place, ...words) {
  const [command, ...rest] = [...where(place), PYTHON, net, ...words.map(String)];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await new Promise((resolve) => {
    child.stdout.once('data', resolve);
  });
}

export function end() {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}

/** By another process than the ones of the firewall's object: bulkhead's words; its exit status. */
export const bulkhead = (...words) =>
  spawnSync(bin[0], [...bin.slice(1), '--bpffs', bpffs, ...words], { stdio: 'ignore' }).status;

export async function until(condition, ms = 8000) {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) if (await condition()) return true;
  return false;
}

/** The first item that matches, of an iterator that is left open. */
export async function first(events, matches, ms = 8000) {
  const late = sleep(ms).then(() => ({ done: true }));
  for (;;) {
    const { done, value } = await Promise.race([events.next(), late]);
    if (done) throw new Error('it has not come');
    if (matches(value)) return value;
  }
}
