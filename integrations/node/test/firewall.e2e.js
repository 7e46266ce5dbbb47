// SPDX-License-Identifier: GPL-2.0
// The package over the real thing: programs in the kernel, namespaces, traffic. Run by tests/e2e/node_test.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { FirewallError } from '../index.js';
import * as world from './world.js';

const web = world.addressOf('web');
let fw;
const remarks = [];

before(async () => {
  fw = world.newFirewall();
  fw.on('remark', (text) => remarks.push(text));
  await world.serve('outside', 'tcp-serve', world.outside, 80);
  await world.serve('web', 'tcp-serve', web, 80);
});

after(async () => {
  await fw.close();
  world.end();
});

test('before up: no such thing, by its code', async () => {
  await assert.rejects(fw.list(), { name: 'FirewallError', code: 'ENOENT' });
  await assert.rejects(
    fw.events().next(),
    (error) => error instanceof FirewallError && /bulkhead up/.test(error.message),
  );
  assert.equal((await fw.status()).up, false);
});

test('up, attach, list', async () => {
  assert.deepEqual(await fw.up(['up0']), { up: true, uplinks: ['up0'] });
  const container = await fw.attach('web', { pid: world.pidOf('web') });
  await fw.attach('db', { pid: world.pidOf('db') }, { default: 'deny' });
  const list = await fw.list();
  assert.deepEqual(
    list.map(({ name }) => name),
    ['db', 'web'],
  );
  assert(list.every(({ cgroup_id: id }) => typeof id === 'bigint' && id > 0n));
  assert.equal((await container.info()).default, 'deny');
  assert((await fw.status()).attachments.length > 4);
  await assert.rejects(fw.attach('x', { pid: 4194304 }), { exitCode: 3 });
  await assert.rejects(fw.container('nobody').info(), { code: 'ENOENT', exitCode: 3 });
  await assert.rejects(fw.detach('nobody'), { exitCode: 3 });
});

test('rules: what is allowed gets through, and no longer once it is taken back', async () => {
  const container = fw.container('web');
  assert.equal(await world.gets('outside', 'tcp', web, 80), false);
  const [rule] = await container.allow({ direction: 'in', proto: 'tcp', port: 80 });
  assert.deepEqual(rule, {
    container: 'web',
    action: 'allow',
    direction: 'in',
    proto: 'tcp',
    prefix: 'any',
    port: '80',
  });
  assert.equal(await world.gets('outside', 'tcp', web, 80), true);
  assert.equal((await container.why({ direction: 'in', from: world.outside, to: web, toPort: 80 })).verdict, 'pass');
  assert.equal(
    (await container.why({ direction: 'in', from: world.outside, to: web, toPort: 81 })).reason,
    'default_deny',
  );
  await container.revoke('in tcp port 80');
  assert.equal(await world.gets('outside', 'tcp', web, 80), false);

  assert.equal(await world.gets('web', 'tcp', world.outside, 80), false);
  await container.allowEgress({ ip: world.outside, port: 80 }, { ip: '192.0.2.53', port: 53, proto: 'udp' });
  assert.equal(await world.gets('web', 'tcp', world.outside, 80), true);
  await container.deny({ to: '192.0.2.0/24', proto: 'tcp' });
  assert.equal(await world.gets('web', 'tcp', world.outside, 80), false);
  await container.revoke({ to: '192.0.2.0/24', proto: 'tcp' });
  assert.equal((await container.rules()).length, 2);
  await assert.rejects(container.revoke('in tcp port 81'), { exitCode: 3 });

  const stats = await container.stats();
  assert.equal(typeof stats.cgroup_id, 'bigint');
  assert(
    stats.tx_packets > 0 && stats.dropped > 0 && stats.drops.default_deny > 0,
    JSON.stringify(stats, (_, value) => String(value)),
  );
  await container.allowIngress({ port: 80, ip: world.outside });
  assert.equal(await world.gets('outside', 'tcp', web, 80), true);
  await container.default('allow');
  assert.equal((await container.why({ direction: 'in', from: world.outside, to: web, toPort: 9 })).reason, 'default');
  await container.default('deny');
  await container.limit({ rate: 500, burst: 400 });
  await container.quota(50);
  const { rate, burst, quota } = await container.info();
  assert.deepEqual([rate, burst, quota], [500, 400, 50]);
  assert((await container.conntrack()).every(({ container: name }) => name === 'web'));
});

test('events: an iterator, ready, filters, the emitter', async () => {
  const all = fw.events();
  const db = fw.container('db').events({ layer: 'tc' });
  const emitted = once(fw, 'drop');
  await Promise.all([all.ready, db.ready, fw.ready()]);
  await world.gets('outside', 'udp', web, 9);
  const event = await world.first(all, ({ kind, container }) => kind === 'drop' && container === 'web');
  assert.deepEqual(
    [event.src_ip, event.dst_ip, event.dst_port, event.proto, event.reason, event.action],
    [world.outside, web, 9, 17, 'default_deny', 'drop'],
  );
  assert.equal(typeof event.timestamp_ns, 'bigint');
  assert.equal(typeof event.cgroup_id, 'bigint');
  assert.equal((await emitted)[0].dst_port, 9);
  await world.gets('outside', 'udp', world.addressOf('db'), 9);
  assert.equal((await db.next()).value.container, 'db');
  await db.return();
  await all.return();
  assert(await world.until(() => fw.pids.events === undefined), 'nobody listens, and it is read on');
});

test('events: a reader that was killed is started again, and the gap is told', async () => {
  const stop = new AbortController();
  const events = fw.events({ signal: stop.signal });
  await events.ready;
  const restarted = once(fw, 'restart');
  process.kill(fw.pids.events, 'SIGKILL');
  assert.equal((await restarted)[0].process, 'events');
  assert.deepEqual(await world.first(events, ({ kind }) => kind !== 'drop'), { kind: 'restart', reason: 'SIGKILL' });
  await world.gets('outside', 'udp', web, 11);
  await world.first(events, ({ dst_port: port }) => port === 11);
  stop.abort();
  for await (const more of events) assert.equal(more.kind, 'drop');
});

test('events: it goes on when the firewall goes down and comes up', async () => {
  const events = fw.events();
  await events.ready;
  const policy = await fw.export();
  await fw.down();
  assert(await world.until(() => fw.pids.events === undefined));
  await fw.up(['up0']);
  await fw.attach('web', { pid: world.pidOf('web') });
  await fw.attach('db', { pid: world.pidOf('db') });
  await fw.apply(policy);
  const gap = await world.first(events, ({ kind }) => kind === 'restart');
  assert.match(gap.reason, /no longer up|ENOENT|exit/);
  await world.gets('outside', 'udp', web, 12);
  await world.first(events, ({ dst_port: port }) => port === 12);
  await events.return();
});

test('events: a slow listener has a bounded queue, and is told what it lost', async () => {
  const slow = fw.events({ highWaterMark: 5 });
  const fast = fw.events();
  await Promise.all([slow.ready, fast.ready]);
  await world.gets('outside', 'many', 'udp', web, 9, 60);
  let seen = 0;
  const counting = (async () => {
    for await (const { kind } of fast) if (kind === 'drop' && ++seen === 60) break;
  })();
  assert(await world.until(() => seen === 60), `${seen} of 60`);
  await counting;
  const kept = [];
  for (;;) {
    const { value } = await slow.next();
    kept.push(value);
    if (value.kind === 'lost') break;
  }
  assert.equal(kept.length, 6);
  assert.deepEqual(kept[5], { kind: 'lost', lost: 55, where: 'queue' });
  await slow.return();
});

test('a second reader is refused, and waits for the first to end', async () => {
  const events = fw.events();
  await events.ready;
  const other = world.newFirewall();
  const waiting = other.events();
  let came = false;
  waiting.ready.then(() => {
    came = true;
  });
  await sleep(400);
  assert.equal(came, false);
  await events.return();
  await waiting.ready;
  await waiting.return();
  await other.close();
});

test('the blocklist: short, long, streamed, with an error within', async () => {
  assert.equal(await fw.block('198.51.100.7'), 1);
  assert.equal(await fw.block(['203.0.113.0/24', '2001:db8:bad::/48'], { for: '10m' }), 2);
  assert.equal(await fw.block([]), 0);
  const blocked = await fw.blocked();
  assert.deepEqual(
    blocked.map(({ prefix }) => prefix),
    ['198.51.100.7', '203.0.113.0/24', '2001:db8:bad::/48'],
  );
  assert(blocked[1].seconds_left > 590 && blocked[0].seconds_left === undefined);
  assert.equal(
    (await fw.container('web').why({ direction: 'in', from: '198.51.100.7', to: web, toPort: 80 })).reason,
    'blocklist',
  );
  assert.equal(await fw.unblock(['198.51.100.7']), 1);
  await assert.rejects(fw.unblock('198.51.100.7'), { exitCode: 3 });
  assert.equal(await fw.unblockAll(), 2);

  const address = (n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
  function* many(n) {
    for (let at = 0; at < n; at++) yield address(at);
  }
  async function* later(n, bad) {
    for (let at = 0; at < n; at++) {
      if (at % 10000 === 0) await sleep(1);
      yield at === bad ? '-f' : address(at);
    }
  }
  assert.equal(await fw.block(many(100000)), 100000);
  assert.equal(await fw.block(new Set(many(3000))), 3000);
  assert.equal(await fw.unblock(later(100000)), 100000);
  assert.deepEqual(await fw.blocked(), []);
  await assert.rejects(fw.block(later(50000, 49000)), { code: 'EINVAL', exitCode: 2 });
  async function* broken() {
    yield '10.0.0.1';
    throw new Error('the source broke');
  }
  await assert.rejects(fw.block(broken()), /the source broke/);
  const stop = new AbortController();
  async function* endless() {
    for (let at = 0; ; at++) {
      if (at === 20000) stop.abort();
      if (at % 1000 === 0) await sleep(1);
      yield address(at & 0xffffff);
    }
  }
  await assert.rejects(fw.block(endless(), { signal: stop.signal }), { code: 'EABORTED' });
  assert.deepEqual(await fw.blocked(), []);
});

test('names', async () => {
  assert.equal(await fw.blockDomains(['ads.example', '=tracker.example']), 2);
  assert.deepEqual(await fw.domains(), [
    { domain: 'ads.example', exact: false },
    { domain: 'tracker.example', exact: true },
  ]);
  assert.equal(await fw.unblockDomains('ads.example'), 1);
  assert.equal(await fw.unblockAllDomains(), 1);
});

test('nothing that is given becomes another word, an option or a file', async () => {
  const secret = `${world.work}/secret`;
  writeFileSync(secret, '192.0.2.200\n');
  const before = [await fw.export(), await fw.blocked(), await fw.list()];
  const attempts = [
    () => fw.block(['-f', secret]),
    () => fw.block('192.0.2.1\ndown'),
    () => fw.block(['192.0.2.1', 'for', '1s']),
    () => fw.block('192.0.2.1', { for: '1s down' }),
    () => fw.unblock('all'),
    () => fw.unblockDomains(['all']),
    () => fw.blockDomains(['-f', secret]),
    () => fw.attach('web default allow', { pid: 1 }),
    () => fw.attach('-n', { pid: 1 }),
    () => fw.attach('web', { dev: 'up0 default allow' }),
    () => fw.attach('web', { cgroup: '/x"\ndown' }),
    () => fw.container('web').allow('in tcp port 1\ndown'),
    () => fw.container('web').allow({ direction: 'in', proto: 'tcp from any' }),
    () => fw.stats('web prometheus'),
    () => fw.rules('all'),
    () => fw.limit({ rate: '1 burst 1', burst: 1 }),
    () => fw.timeouts({ 'syn 1 udp': 1 }),
    () => fw.up(['up0', 'nothing0 xdp generic']),
    () => fw.run('events'),
    () => fw.run('block', '-f', '-'),
  ];
  for (const attempt of attempts)
    await assert.rejects(
      (async () => attempt())(),
      (error) => error instanceof FirewallError && [2, 3].includes(error.exitCode),
      String(attempt),
    );
  assert.deepEqual([await fw.export(), await fw.blocked(), await fw.list()], before);
});

test('whole policies', async () => {
  const before = await fw.export();
  const policy = 'allow web in tcp port 80\nblock 203.0.113.0/24\n';
  assert((await fw.check(policy)).some(({ change, line }) => change === 'add' && line === 'block 203.0.113.0/24'));
  assert.equal(await fw.export(), before);
  assert((await fw.apply(policy)).added > 0);
  assert.equal(await fw.export(), policy);
  await assert.rejects(fw.apply('allow web in tcp port 99999\nnonsense\n'), (error) => {
    assert.deepEqual([error.code, error.exitCode], ['EINVAL', 2]);
    assert.match(error.message, /:1:.*99999[\s\S]*\n.*:2:.*nonsense/);
    return true;
  });
  assert.equal(await fw.export(), policy);
  const applied = fw.apply(['allow web in tcp port 81'], { confirm: 30 });
  assert(await world.until(async () => (await fw.status()).confirm_within_s !== undefined));
  await fw.confirm();
  assert.equal((await applied).removed, 2);
  const stop = new AbortController();
  const undone = fw.apply(before, { confirm: 30, signal: stop.signal });
  assert(await world.until(async () => (await fw.status()).confirm_within_s !== undefined));
  stop.abort();
  await assert.rejects(undone, { code: 'EABORTED' });
  await fw.apply(before);
  assert.equal(await fw.export(), before);
});

test('settings', async () => {
  assert.equal((await fw.timeouts()).syn, 60);
  assert.equal((await fw.timeouts({ syn: 30 })).syn, 30);
  assert.equal((await fw.timeouts({ syn: 'default' })).syn, 60);
  assert((await fw.room()).connections >= 1024);
  assert.equal((await fw.limit())[0].container, '');
  assert.equal(typeof (await fw.flushConntrack()), 'number');
  assert(Object.keys((await fw.probe()).features).length > 10);
  assert.deepEqual(await fw.gc(), []);
});

test('many at once, while the process is killed again and again', async () => {
  const container = fw.container('web');
  const errors = [];
  const asked = [];
  for (let n = 0; n < 300; n++) {
    asked.push(
      container
        .allow({ direction: 'in', proto: 'udp', port: 2000 + (n % 50) })
        .catch((error) => errors.push(error.code)),
    );
    asked.push(fw.list().then((list) => assert.equal(list.length, 2)));
    if (n % 60 === 30) asked.push(sleep(n / 2).then(() => fw.pids.batch && process.kill(fw.pids.batch, 'SIGKILL')));
  }
  await Promise.all(asked);
  assert(errors.every((code) => code === 'EDIED') && errors.length <= 5, errors.join());
  assert((await container.rules()).length >= 49);
});

test('what others change is seen; what is detached is no longer guarded', async () => {
  assert.equal(world.bulkhead('deny', 'web', 'in', 'tcp', 'port', '7'), 0);
  assert((await fw.rules('web')).some(({ action, port }) => action === 'deny' && port === '7'));
  await fw.detach('web');
  await fw.container('db').detach();
  assert.deepEqual(await fw.list(), []);
  assert.equal(await world.gets('outside', 'tcp', web, 80), true);
});
