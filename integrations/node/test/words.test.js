// SPDX-License-Identifier: GPL-2.0
// What may become a word of a command, and what never does.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nameOfCgroup } from '../lib/ebpf_firewall.js';
import * as words from '../lib/words.js';

const refused = { name: 'FirewallError', code: 'EINVAL', exitCode: 2 };
const refuses = (check, ...values) => {
  for (const value of values) assert.throws(() => check(value), refused, `${JSON.stringify(value)} is taken`);
};

test('a plain word stays, any other is quoted', () => {
  assert.equal(words.quote('192.0.2.0/24'), '192.0.2.0/24');
  assert.equal(words.quote('a b'), '"a b"');
  assert.equal(words.quote(''), '""');
  assert.equal(words.quote('#no comment'), '"#no comment"');
  assert.equal(words.quote('say "x\\y"'), '"say \\"x\\\\y\\""');
  assert.equal(words.quote('größe'), '"größe"');
  assert.equal(words.line(['attach', 'web', 'cgroup', '/a b']), 'attach web cgroup "/a b"');
});

test('a device of `up` is no option and no other word of it', () => {
  assert.equal(words.device('eth0'), 'eth0');
  refuses(words.device, '', '-f', '--bpffs', 'xdp', 'a\nb', 7);
  assert.equal(words.xdpMode('generic'), 'generic');
  refuses(words.xdpMode, '-f', 'generic eth1', '', 7);
});

test('what would end a line, or is no text, is refused', () => {
  refuses(
    words.quote,
    'a\nunblock all',
    'a\rb',
    'a\0b',
    '\x1b[2J',
    '\x7f',
    'a\tb',
    '\ud800',
    7,
    undefined,
    null,
    ['a'],
    {},
  );
});

test('prefixes', () => {
  for (const good of ['1.2.3.4', '10.0.0.0/8', '0.0.0.0/0', '2001:db8::/32', '::', '::/0', '::ffff:1.2.3.4'])
    assert.equal(words.prefix(good), good);
  refuses(
    words.prefix,
    '-f',
    '-',
    'all',
    'for',
    '',
    '1.2.3',
    '1.2.3.4/33',
    '::/129',
    '1.2.3.4/',
    '1.2.3.4 5.6.7.8',
    '1.2.3.4\n',
    'fe80::1%eth0',
    '1.2.3.4/-1',
    16909060,
    null,
  );
});

test('domains', () => {
  for (const good of ['a.example', '=a.example', '_dmarc.example', 'xn--bcher-kva.example'])
    assert.equal(words.domain(good), good);
  refuses(words.domain, '-f', 'all', '', '=', '==a', 'a b', 'a\n', '#a', '$x', 'a#b', 3);
});

test('names', () => {
  for (const good of ['web', 'a'.repeat(64), 'größe', 'web-1_2.x']) assert.equal(words.containerName(good), good);
  refuses(words.containerName, '', 'a'.repeat(65), 'ö'.repeat(33), 'a b', 'a/b', '-f', '#1', '$x', 'a\n', 7);
});

test('targets', () => {
  assert.deepEqual(words.target({ pid: 4711, addr: ['10.0.0.5', 'fd00::5'] }), [
    'pid',
    '4711',
    'addr',
    '10.0.0.5',
    'addr',
    'fd00::5',
  ]);
  assert.deepEqual(words.target({ cgroup: '/machine/a b', dev: undefined }), ['cgroup', '/machine/a b']);
  refuses(
    words.target,
    {},
    null,
    'pid 1',
    { pid: 0 },
    { pid: '1 dev eth0' },
    { pid: 1.5 },
    { dev: '-f' },
    { cgroup: '' },
    { addr: 'all' },
    { toString: 1 },
    { nothing: 'x' },
  );
});

test('rules', () => {
  assert.deepEqual(words.rule({ direction: 'out', proto: 'tcp', to: '10.0.0.0/8', port: 443 }), [
    'out',
    'tcp',
    'to',
    '10.0.0.0/8',
    'port',
    '443',
  ]);
  assert.deepEqual(words.rule({ from: '192.0.2.1', port: '80-90' }), [
    'in',
    'tcp',
    'from',
    '192.0.2.1',
    'port',
    '80-90',
  ]);
  assert.deepEqual(words.rule({ direction: 'in', proto: 'icmp' }), ['in', 'icmp']);
  assert.deepEqual(words.rule({ direction: 'out', proto: 47, to: 'any' }), ['out', '47', 'to', 'any']);
  assert.deepEqual(words.rule({ direction: 'out', proto: 'UDP', port: [1, 9] }), ['out', 'udp', 'port', '1-9']);
  assert.deepEqual(words.rule(' out tcp to 192.0.2.1  port 443 '), ['out', 'tcp', 'to', '192.0.2.1', 'port', '443']);
  refuses(
    words.rule,
    'out tcp\nunblock all',
    'out -f',
    'out "tcp"',
    'out tcp # x',
    '',
    {},
    null,
    7,
    { direction: 'up' },
    { direction: 'in', to: '1.2.3.4' },
    { direction: 'out', port: 0 },
    { direction: 'out', port: 65536 },
    { direction: 'out', port: '9-1' },
    { direction: 'out', port: '1-2-3' },
    { direction: 'out', port: 'ssh' },
    { direction: 'out', proto: 256 },
    { direction: 'out', proto: 'sctp' },
    { direction: 'out', to: '-f' },
  );
});

test('destinations and sources', () => {
  assert.deepEqual(words.destination({ ip: '8.8.8.8', port: 53, proto: 'udp' }), [
    'out',
    'udp',
    'to',
    '8.8.8.8',
    'port',
    '53',
  ]);
  assert.deepEqual(words.destination('10.0.0.0/8'), ['out', 'any', 'to', '10.0.0.0/8']);
  assert.deepEqual(words.destination({ port: 443 }), ['out', 'tcp', 'to', 'any', 'port', '443']);
  assert.deepEqual(words.source({ port: 80 }), ['in', 'tcp', 'from', 'any', 'port', '80']);
  refuses(words.destination, null, 7, { ip: 'example.org' });
});

test('questions, limits, durations', () => {
  assert.deepEqual(words.question({ direction: 'in', from: '192.0.2.2', to: '10.0.0.5', toPort: 80 }), [
    'in',
    'tcp',
    'from',
    '192.0.2.2',
    'to',
    '10.0.0.5',
    'port',
    '80',
  ]);
  assert.deepEqual(words.limit({ rate: 5, burst: 7 }), ['rate', '5', 'burst', '7']);
  assert.deepEqual(words.limit({ rate: 0, burst: 0 }), ['off']); // as it is answered
  assert.equal(words.duration('10m'), '10m');
  assert.equal(words.duration(90), '90');
  refuses(words.duration, '0', 0, '1y', '10m all', -1, null, NaN, Infinity);
  refuses(words.limit, { rate: 1 }, { rate: '1 x', burst: 1 });
});

test('a name for a cgroup', () => {
  const id = '3f2a9c81d0b7'.padEnd(64, '0');
  assert.equal(nameOfCgroup(`/system.slice/docker-${id}.scope`), id);
  assert.equal(nameOfCgroup('/machine/web'), 'web');
  const long = `/kubepods/${'x'.repeat(100)}`;
  assert.equal(words.containerName(nameOfCgroup(long)), nameOfCgroup(long));
  assert.notEqual(nameOfCgroup(long), nameOfCgroup(`${long}y`));
  assert.equal(words.containerName(nameOfCgroup('/a/-x y')), 'x_y');
});
