// SPDX-License-Identifier: GPL-2.0
//
// The words of commands. What the caller gives is checked here for what it is to be (an address, a name, a port), so
// that none can be taken for another word of the command line, an option or a file; bulkhead itself checks the rest.
import { isIP } from 'node:net';

import { wrongWord } from './error.js';

const CONTROL = /[\u0000-\u001f\u007f]/;
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const NAME_BYTES_MAX = 64;

function shown(value) {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Text that may stand in a line of `bulkhead batch` and in an argument vector. */
export function text(value, what = 'a word') {
  if (typeof value !== 'string') throw wrongWord(`${what}: ${shown(value)}: text is expected`);
  if (CONTROL.test(value)) throw wrongWord(`${what}: ${shown(value)}: it has a control character`);
  if (LONE_SURROGATE.test(value)) throw wrongWord(`${what}: ${shown(value)}: it is not well-formed Unicode`);
  return value;
}

/** As the grammar of `bulkhead batch` has it: between quotes only \" and \\ are special. */
export function quote(word) {
  text(word);
  if (/^[A-Za-z0-9_.:/,=@%+-]+$/.test(word)) return word;
  return `"${word.replace(/["\\]/g, '\\$&')}"`;
}

export function line(words) {
  return words.map(quote).join(' ');
}

export function containerName(value) {
  text(value, 'container name');
  const bytes = Buffer.byteLength(value);
  if (bytes === 0 || bytes > NAME_BYTES_MAX)
    throw wrongWord(`container name: ${shown(value)}: it has ${bytes} bytes: use 1 to ${NAME_BYTES_MAX}`);
  if (/[ /]/.test(value) || /^[#$-]/.test(value))
    throw wrongWord(`container name: ${shown(value)}: use letters, digits, '-', '_' and '.'`);
  return value;
}

export function address(value, what = 'address') {
  if (typeof value !== 'string' || !isIP(value) || value.includes('%'))
    throw wrongWord(`${what}: ${shown(value)}: it is no IP address`);
  return value;
}

/** ADDRESS or ADDRESS/LENGTH. */
export function prefix(value) {
  const [, host, length] = (typeof value === 'string' && /^([^/]*)(?:\/(\d{1,3}))?$/.exec(value)) || [];
  const family = host && !host.includes('%') ? isIP(host) : 0;
  if (!family || (length !== undefined && Number(length) > (family === 4 ? 32 : 128)))
    throw wrongWord(`${shown(value)}: it is no address or prefix`);
  return value;
}

/** A name, or =NAME for it alone. `all` is a word of the grammar. */
export function domain(value) {
  text(value, 'domain');
  if (!/^=?[^\s#=$-][^\s#]*$/.test(value) || value === 'all')
    throw wrongWord(`domain: ${shown(value)}: it is no domain`);
  return value;
}

export function integer(value, low, high, what) {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number) || number < low || number > high)
    throw wrongWord(`${what}: ${shown(value)}: give a whole number from ${low} to ${high}`);
  return String(number);
}

/** 443, '443', '8000-8080', [8000, 8080]. */
export function ports(value) {
  const [low, high, ...more] = Array.isArray(value) ? value : String(value).split('-');
  const first = integer(low, 1, 65535, 'port');
  if (more.length) throw wrongWord(`port: ${shown(value)}: give a port or a range`);
  return high === undefined ? first : `${first}-${integer(high, Number(first), 65535, 'port')}`;
}

export function protocol(value) {
  if (['tcp', 'udp', 'icmp', 'any'].includes(value)) return value;
  if (typeof value === 'string' && /^(tcp|udp|icmp|any)$/i.test(value)) return value.toLowerCase();
  return integer(value, 0, 255, 'protocol');
}

export function direction(value) {
  if (value !== 'in' && value !== 'out') throw wrongWord(`direction: ${shown(value)}: give in or out`);
  return value;
}

export function defaultAction(value) {
  if (value !== 'allow' && value !== 'deny') throw wrongWord(`default: ${shown(value)}: give allow or deny`);
  return value;
}

/** A number of seconds, or '90s', '10m', '12h', '7d'. */
export function duration(value) {
  if (typeof value === 'number') return integer(value, 1, 31536000, 'duration');
  if (typeof value !== 'string' || !/^[1-9]\d{0,8}[smhd]?$/.test(value))
    throw wrongWord(`duration: ${shown(value)}: give seconds, or 90s, 10m, 12h, 7d`);
  return value;
}

function plain(value, what) {
  text(value, what);
  if (!value || value.startsWith('-')) throw wrongWord(`${what}: ${shown(value)}: it is empty or begins with '-'`);
  return value;
}

/** One of `up`, whose word `xdp` is none. */
export function device(value) {
  if (plain(value, 'device') === 'xdp') throw wrongWord("device: 'xdp': it is a word of the command");
  return value;
}

export function xdpMode(value) {
  if (!['auto', 'native', 'generic'].includes(value))
    throw wrongWord(`xdp: ${shown(value)}: give auto, native or generic`);
  return value;
}

const list = (value) => (Array.isArray(value) ? value : [value]);

/* The process, the id and so on of a target: key -> the words for one value. */
const TARGETS = {
  pid: (value) => integer(value, 1, 4194304, 'pid'),
  docker: (value) => plain(value, 'docker'),
  container: (value) => plain(value, 'container'),
  cgroup: (value) => plain(value, 'cgroup'),
  dev: (value) => plain(value, 'dev'),
  netns: (value) => plain(value, 'netns'),
  addr: (value) => address(value, 'addr'),
};

/** {pid, docker, container, cgroup, dev, netns, addr}, each one value or a list: the words of `attach`. */
export function target(value) {
  const words = [];
  if (value === null || typeof value !== 'object')
    throw wrongWord(`target: ${shown(value)}: give {pid}, {cgroup}, {dev} ...`);
  for (const [key, values] of Object.entries(value)) {
    if (values === undefined) continue;
    if (!Object.hasOwn(TARGETS, key))
      throw wrongWord(`target: ${shown(key)}: there is none: ${Object.keys(TARGETS).join(', ')}`);
    for (const one of list(values)) words.push(key, TARGETS[key](one));
  }
  if (!words.length) throw wrongWord('target: nothing is named');
  return words;
}

function ruleOfText(value) {
  const words = text(value, 'rule').trim().split(/ +/);
  const wrong = words.find((word) => !/^[A-Za-z0-9.:/][A-Za-z0-9.:/-]*$/.test(word));
  if (wrong !== undefined) throw wrongWord(`rule: ${shown(wrong)}: write it as in 'out tcp to 192.0.2.1 port 443'`);
  return words;
}

/**
 * {direction, proto, from | to | peer, port}, or the same as text, 'out tcp to 192.0.2.1 port 443': the words behind
 * `allow NAME`.
 */
export function rule(value) {
  if (typeof value === 'string') return ruleOfText(value);
  if (value === null || typeof value !== 'object')
    throw wrongWord(`rule: ${shown(value)}: give {direction, proto, to, port}`);
  const way = direction(
    value.direction ?? (value.to !== undefined ? 'out' : value.from !== undefined ? 'in' : undefined),
  );
  const word = way === 'out' ? 'to' : 'from';
  if (value[way === 'out' ? 'from' : 'to'] !== undefined) throw wrongWord(`rule: ${way} takes ${word}`);
  const peer = value.peer ?? value[word];
  const words = [way, protocol(value.proto ?? (value.port === undefined ? 'any' : 'tcp'))];
  if (peer !== undefined) words.push(word, peer === 'any' ? peer : prefix(peer));
  if (value.port !== undefined) words.push('port', ports(value.port));
  return words;
}

/** Where to, as {ip | to, port, proto} or a prefix alone: the words of a rule. */
export function destination(value) {
  if (typeof value === 'string') return rule({ direction: 'out', to: value });
  if (value === null || typeof value !== 'object')
    throw wrongWord(`destination: ${shown(value)}: give {ip, port, proto}`);
  return rule({ direction: 'out', to: value.ip ?? value.to ?? 'any', port: value.port, proto: value.proto });
}

/** Where from, likewise. */
export function source(value) {
  if (typeof value === 'string') return rule({ direction: 'in', from: value });
  if (value === null || typeof value !== 'object') throw wrongWord(`source: ${shown(value)}: give {ip, port, proto}`);
  return rule({ direction: 'in', from: value.ip ?? value.from ?? 'any', port: value.port, proto: value.proto });
}

/** {direction, proto, from, fromPort, to, toPort, domain}: the words of `why` behind the name. */
export function question({ direction: way, proto = 'tcp', from, fromPort, to, toPort, domain: asked }) {
  const words = [direction(way), protocol(proto), 'from', address(from, 'from')];
  if (fromPort !== undefined) words.push('port', integer(fromPort, 1, 65535, 'port'));
  words.push('to', address(to, 'to'));
  if (toPort !== undefined) words.push('port', integer(toPort, 1, 65535, 'port'));
  if (asked !== undefined) words.push('name', domain(asked));
  return words;
}

/** {rate, burst}; a rate of 0 is no limit. */
export function limit({ rate, burst }) {
  if (rate === 0) return ['off'];
  return [
    'rate',
    integer(rate, 1, Number.MAX_SAFE_INTEGER, 'rate'),
    'burst',
    integer(burst, 1, Number.MAX_SAFE_INTEGER, 'burst'),
  ];
}

/** A number, or 'default'. */
export function count(value, what) {
  return value === 'default' ? value : integer(value, 0, Number.MAX_SAFE_INTEGER, what);
}

/** The name of a timeout or a table. */
export function key(value) {
  if (!/^[a-z]+$/.test(value)) throw wrongWord(`${shown(value)}: there is no such setting`);
  return value;
}
