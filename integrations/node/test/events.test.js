// SPDX-License-Identifier: GPL-2.0
// The lines of the stream, and the queue of one who listens.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventOf } from '../lib/answers.js';
import { lineReader } from '../lib/child.js';
import { Listener } from '../lib/events.js';

const drop = (n, container = 'web') => ({ kind: 'drop', container, layer: 'tc', reason: 'rule', n });
const source = () => ({
  all: new Set(),
  add(one) {
    this.all.add(one);
  },
  remove(one) {
    this.all.delete(one);
  },
});

test('lines, however the bytes are cut', () => {
  const bytes = Buffer.from('ä1\n\nzwei\nrest');
  for (let size = 1; size <= bytes.length; size++) {
    const lines = [];
    const reader = lineReader((line) => lines.push(line));
    for (let at = 0; at < bytes.length; at += size) reader.feed(bytes.subarray(at, at + size));
    assert.deepEqual(lines, ['ä1', '', 'zwei']);
    assert.equal(reader.rest(), 'rest');
  }
  assert.throws(() => lineReader(() => {}, 4).feed(Buffer.from('12345')), RangeError);
});

test('numbers of 64 bits are not rounded', () => {
  const event = eventOf(
    '{"timestamp_ns":9223372036854775807,"container":"web","cgroup_id":"18446744073709551615","action":"drop"}',
  );
  assert.equal(event.timestamp_ns, 9223372036854775807n);
  assert.equal(event.cgroup_id, 18446744073709551615n);
  assert.equal(event.kind, 'drop');
  assert.deepEqual(eventOf('{"lost":7}'), { kind: 'lost', lost: 7, where: 'kernel' });
});

test('a slow listener: a bounded queue, the newest are lost and counted', async () => {
  const from = source();
  const listener = new Listener(from, { highWaterMark: 3 });
  for (let n = 0; n < 10; n++) listener.push(drop(n));
  listener.push({ kind: 'lost', lost: 5, where: 'kernel' });
  const got = [];
  for (let n = 0; n < 4; n++) got.push((await listener.next()).value);
  assert.deepEqual(
    got.map((one) => one.n ?? one),
    [0, 1, 2, { kind: 'lost', lost: 12, where: 'queue' }],
  );
  listener.push(drop(11));
  assert.equal((await listener.next()).value.n, 11);
});

test('what was lost stands before what came later', async () => {
  const listener = new Listener(source(), { highWaterMark: 1 });
  listener.push(drop(0));
  listener.push(drop(1));
  assert.equal((await listener.next()).value.n, 0);
  listener.push(drop(2));
  assert.deepEqual((await listener.next()).value, { kind: 'lost', lost: 1, where: 'queue' });
  assert.equal((await listener.next()).value.n, 2);
});

test('a restart is told, also where there was no room for it', async () => {
  const listener = new Listener(source(), { highWaterMark: 2 });
  for (let n = 0; n < 4; n++) listener.push(drop(n));
  listener.push({ kind: 'restart', reason: 'SIGKILL' });
  const got = [];
  for (let n = 0; n < 4; n++) got.push((await listener.next()).value);
  assert.deepEqual(
    got.map((one) => one.n ?? one),
    [0, 1, { kind: 'lost', lost: 2, where: 'queue' }, { kind: 'restart', reason: 'SIGKILL' }],
  );
  listener.push(drop(5));
  assert.equal((await listener.next()).value.n, 5);
});

test('filters; what is lost is told whatever they are', async () => {
  const listener = new Listener(source(), { container: 'db' });
  listener.push(drop(1));
  listener.push(drop(2, 'db'));
  listener.push({ kind: 'restart', reason: 'SIGKILL' });
  assert.equal((await listener.next()).value.n, 2);
  assert.equal((await listener.next()).value.kind, 'restart');
});

test('its end: break, abort, an error behind what is there', async () => {
  const from = source();
  const listener = new Listener(from);
  listener.push(drop(1));
  for await (const one of listener) {
    assert.equal(one.n, 1);
    break;
  }
  assert.equal(from.all.size, 0);
  assert.equal((await listener.next()).done, true);

  const stop = new AbortController();
  const aborted = new Listener(from, { signal: stop.signal });
  const waiting = aborted.next();
  stop.abort();
  assert.equal((await waiting).done, true);
  assert.equal((await new Listener(from, { signal: stop.signal }).next()).done, true);

  const failing = new Listener(from);
  failing.push(drop(1));
  failing.fail(new Error('down'));
  assert.equal((await failing.next()).value.n, 1);
  await assert.rejects(failing.next(), /down/);
  assert.equal((await failing.next()).done, true);
  await assert.rejects(failing.ready, /down/);
  assert.equal(from.all.size, 0);
  assert.throws(() => new Listener(from, { highWaterMark: 0 }), { code: 'EINVAL' });
});
