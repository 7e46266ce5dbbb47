// SPDX-License-Identifier: GPL-2.0
// EbpfFirewall and ContainerManager do what each JavaScript snippet of the design shows: first our own classes, then
// the design's ContainerManager itself, which does not wait for what it calls.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { statSync } from 'node:fs';
import { after, before, test } from 'node:test';

import {
  ACTION_ALLOW,
  ACTION_DROP,
  ContainerManager,
  EbpfFirewall,
  Firewall,
  FirewallError,
  IPPROTO_TCP,
  IPPROTO_UDP,
} from '../index.js';
import * as world from './world.js';

const web = world.addressOf('web');
let firewall;
const getCgroupId = (path) => statSync(path, { bigint: true }).ino;

before(async () => {
  firewall = new EbpfFirewall(world.options);
  await world.serve('outside', 'tcp-serve', world.outside, 443);
  await world.serve('outside', 'dns-serve', world.outside);
  await world.serve('web', 'tcp-serve', web, 80);
});

after(async () => {
  await firewall.close();
  world.end();
});

test('loadXdpFirewall, blockIP, onEvent, in one breath', async () => {
  const seen = [];
  firewall.loadXdpFirewall('up0');
  firewall.blockIP('198.51.100.7');
  await firewall.firewall.list();
  const off = firewall.onEvent((event) => seen.push(event));
  await firewall.firewall.ready();
  const { attachments } = await firewall.firewall.status();
  assert(attachments.some(({ layer, target }) => layer === 'xdp' && target === 'up0'));
  assert.equal(await world.gets('outside', 'tcp', web, 80, 'from', '198.51.100.7'), false);
  assert.equal(await world.gets('outside', 'tcp', web, 80), true);
  assert(
    await world.until(() =>
      seen.some(
        ({ layer, src_ip: from, action, reason }) =>
          layer === 'xdp' && from === '198.51.100.7' && action === ACTION_DROP && reason === 'blocklist',
      ),
    ),
  );
  off();
  await firewall.unblockIP('198.51.100.7');
  assert.equal(await world.gets('outside', 'tcp', web, 80, 'from', '198.51.100.7'), true);
});

test("attachCgroup, allowEgress by the cgroup's id, getContainerStats", async () => {
  const path = world.cgroupOf('web');
  const cgroupId = getCgroupId(path);
  firewall.attachCgroup(path, {});
  await firewall.firewall.list();
  assert.equal((await firewall.firewall.list())[0].cgroup_id, cgroupId);
  assert.equal(await world.gets('web', 'tcp', world.outside, 443), false);
  // Only allow DNS and HTTPS to specific servers
  const allowed = [
    { ip: world.outside, port: 53, proto: IPPROTO_UDP },
    { ip: world.outside, port: 443, proto: IPPROTO_TCP },
    { ip: '10.0.0.5', port: 443, proto: IPPROTO_TCP },
  ];
  await Promise.all(allowed.map((endpoint) => firewall.allowEgress(cgroupId, endpoint)));
  assert.equal(await world.gets('web', 'tcp', world.outside, 443), true);
  assert.equal(await world.gets('web', 'tcp', world.outside, 53), false);
  assert.equal(await world.gets('web', 'dns', world.outside, 'www.example.org'), true);
  const stats = firewall.getContainerStats(cgroupId);
  for (const key of ['rx_packets', 'tx_packets', 'rx_bytes', 'tx_bytes', 'dropped', 'rate_limited'])
    assert.equal(typeof stats[key], 'number', key);
  assert(stats.tx_bytes > 0 && stats.dropped > 0);
  assert.deepEqual(Object.keys(firewall.getContainerStats('web')), Object.keys(stats));
  assert.throws(() => firewall.getContainerStats(1n), { code: 'ENOENT', exitCode: 3 });
  assert.throws(() => firewall.getContainerStats('nobody'), { code: 'ENOENT' });
  await assert.rejects(firewall.allowEgress(1n, allowed[0]), { code: 'ENOENT' });
  await assert.rejects(firewall.allowEgress(cgroupId, { ip: '-f' }), FirewallError);
});

test('an entry of fw_rules', async () => {
  const cgroupId = getCgroupId(world.cgroupOf('web'));
  const rule = {
    src_ip: web,
    dst_ip: '1.1.1.1',
    dst_port: 443,
    proto: IPPROTO_TCP,
    action: ACTION_ALLOW,
    container_id: cgroupId,
  };
  await firewall.setRule(rule);
  const asked = { direction: 'out', from: web, to: '1.1.1.1', toPort: 443 };
  assert.equal((await firewall.firewall.why('web', asked)).verdict, 'pass');
  await firewall.setRule({ ...rule, action: ACTION_DROP });
  assert.equal((await firewall.firewall.why('web', asked)).verdict, 'drop');
  await assert.rejects(firewall.setRule({ ...rule, action: 'what' }), { code: 'EINVAL' });
});

test('blocked_domains', async () => {
  // Its device too: before Linux 4.20 names are refused there alone.
  await firewall.firewall.attach('web', { pid: world.pidOf('web') });
  assert.equal(await world.gets('web', 'dns', world.outside, 'ads.google.com'), true);
  const blocklist = ['ads.google.com', 'malware.evil.net', 'tracker.analytics.io'];
  await Promise.all(blocklist.map((domain) => firewall.blockDomain(domain)));
  assert.equal(await world.gets('web', 'dns', world.outside, 'ads.google.com'), false);
  assert.equal(await world.gets('web', 'dns', world.outside, 'www.example.org'), true);
  await firewall.firewall.unblockAllDomains();
});

/* A runtime of which the containers run already: their processes are the world's. */
const runtime = () => ({
  calls: [],
  async start(id) {
    this.calls.push(`start ${id}`);
  },
  async stop(id) {
    this.calls.push(`stop ${id}`);
  },
  target: (id) => ({ pid: world.pidOf(id) }),
});

test('ContainerManager: a container under a policy, its drops, its bandwidth', async () => {
  const ours = new ContainerManager({ runtime: runtime(), firewall });
  const events = ours.events('db');
  await events.ready;
  await ours.startContainer('db', {
    allowedDestinations: [{ ip: world.outside, port: 443, proto: 'tcp' }],
    allowedSources: [{ port: 80 }],
    limit: { rate: 1000, burst: 1000 },
    quota: 10,
  });
  assert.equal(await world.gets('db', 'tcp', world.outside, 443), true);
  const alert = once(ours.alerts, 'firewall-drop');
  await world.gets('outside', 'tcp', world.addressOf('db'), 22);
  const [{ container, event }] = await alert;
  assert.deepEqual([container, event.dst_port, event.action], ['db', 22, ACTION_DROP]);
  assert.equal((await world.first(events, ({ kind }) => kind === 'drop')).container, 'db');
  await world.gets('outside', 'tcp', web, 22); // another's, which is not told as db's
  const { rx, tx } = await ours.getContainerBandwidth('db');
  assert(rx > 0 && tx > 0, `${rx} ${tx}`);
  assert((await ours.getContainerStats('db')).dropped > 0);
  await events.return();
  await ours.stopContainer('db');
  assert.deepEqual(ours.runtime.calls, ['start db', 'stop db']);
  assert.deepEqual(
    (await firewall.firewall.list()).map(({ name }) => name),
    ['web'],
  );
  assert.deepEqual(await firewall.firewall.rules('db').catch(() => []), []);
});

test('ContainerManager: what cannot be guarded is stopped, and a wrong policy starts nothing', async () => {
  const ours = new ContainerManager({
    runtime: { ...runtime(), target: () => ({ cgroup: '/no/such/cgroup' }) },
    firewall: firewall.firewall,
  });
  await assert.rejects(ours.startContainer('db', {}), { exitCode: 3 });
  assert.deepEqual(ours.runtime.calls, ['start db', 'stop db']);
  await assert.rejects(ours.startContainer('db', { allowedDestinations: [{ ip: 'example.org' }] }), { code: 'EINVAL' });
  await assert.rejects(ours.startContainer('db', { default: 'perhaps' }), { code: 'EINVAL' });
  assert.equal(ours.runtime.calls.length, 2);
});

test('ContainerManager: created, attached, and only then started', async () => {
  const calls = [];
  const fw = firewall.firewall;
  const ours = new ContainerManager({
    firewall,
    runtime: {
      create: async () => calls.push('create'),
      start: async () =>
        calls.push(`start, ${(await fw.list()).some(({ name }) => name === 'db') ? 'attached' : 'not attached'}`),
      target: (id) => ({ cgroup: world.cgroupOf(id) }),
    },
  });
  await ours.startContainer('db');
  assert.deepEqual(calls, ['create', 'start, attached']);
  await ours.stopContainer('db', { keepRules: true });
});

test('ContainerManager: a container has the rules of its policy alone, whatever one of its name has left', async () => {
  const fw = firewall.firewall;
  const rulesOfDb = async () => (await fw.rules('db').catch(() => [])).map(({ port }) => port);
  await fw.container('db').allow('in tcp port 22', 'out any');
  const ours = new ContainerManager({ firewall, runtime: runtime() });
  await ours.startContainer('db', { allowedSources: [{ port: 80 }] });
  assert.deepEqual(await rulesOfDb(), ['80']);

  await assert.rejects(ours.startContainer('db', { allowedSources: [{ port: 81 }] }), { code: 'EBUSY' });
  assert.deepEqual(await rulesOfDb(), ['80']);
  assert.deepEqual(ours.runtime.calls, ['start db']);

  await ours.stopContainer('db', { keepRules: true });
  await ours.startContainer('db', { rules: ['in tcp port 81'], limit: { rate: 7, burst: 7 } }, { keepRules: true });
  assert.deepEqual((await rulesOfDb()).sort(), ['80', '81']);
  await ours.stopContainer('db');
  assert.deepEqual(await rulesOfDb(), []);

  await ours.startContainer('db', { limit: { rate: 7, burst: 7 } });
  assert((await fw.limit()).some(({ container, rate }) => container === 'db' && rate === 7));
  await ours.stopContainer('db');
});

test('ContainerManager: what fails leaves no rules, and can be started again', async () => {
  const calls = [];
  let fails = true;
  const ours = new ContainerManager({
    firewall,
    runtime: {
      ...runtime(),
      calls,
      create: async () => {},
      start: async () => {
        if (fails) throw new Error('no start');
      },
    },
  });
  await assert.rejects(ours.startContainer('db', { allowedSources: [{ port: 80 }] }), /no start/);
  assert.deepEqual(calls, ['stop db']);
  assert(!(await firewall.firewall.list()).some(({ name }) => name === 'db'));
  assert.deepEqual(await firewall.firewall.rules('db').catch(() => []), []);
  fails = false;
  await ours.startContainer('db', { allowedSources: [{ port: 80 }] });
  await ours.stopContainer('db');
});

test('ContainerManager: what cannot be cleared of others does not stop a start', async (t) => {
  class Clearing extends Firewall {
    async gc() {
      await firewall.firewall.container('db').detach();
      throw new Error('web: its device does not answer');
    }
  }
  const fw = new Clearing(world.options);
  t.after(() => fw.close());
  const ours = new ContainerManager({ firewall: fw, runtime: runtime() });
  await ours.startContainer('db');
  await ours.startContainer('db');
  await ours.stopContainer('db');
});

test("the design's own ContainerManager, as it stands there", async () => {
  const warnings = [];
  const console = { warn: (...words) => warnings.push(words) };

  class DesignsManager {
    firewall = new EbpfFirewall(world.options);
    runtime = runtime();
    alerts = new EventEmitter();

    async getCgroupPath(id) {
      return world.cgroupOf(id);
    }

    async getCgroupId(idOrPath) {
      return getCgroupId(idOrPath.includes('/') ? idOrPath : world.cgroupOf(idOrPath));
    }

    async startContainer(id, policy) {
      // start container via Docker/containerd
      await this.runtime.start(id);

      // get cgroup path
      const cgroupPath = await this.getCgroupPath(id);
      const cgroupId = await this.getCgroupId(cgroupPath);

      // attach cgroup firewall
      this.firewall.attachCgroup(cgroupPath, policy);

      // set egress allowlist
      policy.allowedDestinations.forEach((dest) => {
        this.firewall.allowEgress(cgroupId, dest);
      });

      // stream events
      this.firewall.onEvent((event) => {
        if (event.action === ACTION_DROP) {
          console.warn(`[${id}] blocked packet:`, event);
          this.alerts.emit('firewall-drop', { container: id, event });
        }
      });
    }

    async getContainerBandwidth(id) {
      const cgroupId = await this.getCgroupId(id);
      const stats = this.firewall.getContainerStats(cgroupId);
      return {
        rx: stats.rx_bytes,
        tx: stats.tx_bytes,
      };
    }
  }

  await firewall.firewall.detach('web');
  const manager = new DesignsManager();
  await manager.startContainer('db', { allowedDestinations: [{ ip: world.outside, port: 443, proto: IPPROTO_TCP }] });
  await manager.firewall.firewall.ready();
  assert(await world.until(async () => (await manager.firewall.firewall.rules('db').catch(() => [])).length === 1));
  assert.equal(await world.gets('db', 'tcp', world.outside, 443), true);
  assert.equal(await world.gets('db', 'tcp', world.outside, 53), false);
  const { rx, tx } = await manager.getContainerBandwidth('db');
  assert(rx > 0 && tx > 0);
  /* A drop that every kernel tells of: at the uplink. */
  const alert = once(manager.alerts, 'firewall-drop');
  await manager.firewall.blockIP('198.51.100.7');
  await world.gets('outside', 'tcp', web, 80, 'from', '198.51.100.7');
  assert.equal((await alert)[0].container, 'db');
  assert.match(warnings[0][0], /^\[db\] blocked packet:$/);
  await manager.firewall.close();
});
