// SPDX-License-Identifier: GPL-2.0
import { EventEmitter } from 'node:events';

import { withIds } from './answers.js';
import { Batch, LINE_BYTES_MAX } from './batch.js';
import { Container } from './container.js';
import { apart, closed, FirewallError } from './error.js';
import { EventSource, Listener } from './events.js';
import { single } from './single.js';
import * as words from './words.js';

const TIMEOUT_MS = 60000;
/* More than these go to a process of their own, as a list on its standard input. */
const LIST_MAX = 1000;

const AGAIN = { again: true };

/* One text is one entry, and no list of its letters. */
function entriesOf(value) {
  if (typeof value === 'string') return [value];
  if (value?.[Symbol.iterator] || value?.[Symbol.asyncIterator]) return value;
  throw new FirewallError('give text, or an iterable of it', { code: 'EINVAL', exitCode: 2 });
}

/* A short list as words; undefined: it is long, or not all there yet. */
function shortList(entries, check) {
  const size = Array.isArray(entries) ? entries.length : entries instanceof Set ? entries.size : Infinity;
  if (size > LIST_MAX) return undefined;
  const list = [...entries].map(check);
  return words.line(list).length < LINE_BYTES_MAX - 1000 ? list : undefined;
}

async function* lines(entries, check) {
  for await (const entry of entries) yield `${check(entry)}\n`;
}

const emitApart = (emitter, name, value) => apart(() => emitter.emit(name, value));

/** The whole of bulkhead, without a shell: see index.d.ts for what each method takes and gives. */
export class Firewall extends EventEmitter {
  #argv;
  #batch;
  #source;
  #emitting = null; // the listener behind on('drop')
  #closed = false;
  #singles = new Set();

  constructor({ bin = 'bulkhead', bpffs, timeout = TIMEOUT_MS } = {}) {
    super();
    const command = Array.isArray(bin) ? bin : [bin];
    this.#argv = [...command.map((word) => words.text(word, 'bin')), '-j'];
    if (bpffs !== undefined) this.#argv.push('--bpffs', words.text(bpffs, 'bpffs'));
    const on = {
      remark: (text) => emitApart(this, 'remark', text),
      restart: (what) => emitApart(this, 'restart', what),
    };
    this.#batch = new Batch(this.#argv, { timeout, on });
    this.#source = new EventSource(this.#argv, { on });
    this.on('newListener', (event) => event === 'drop' && this.#emitDrops());
    this.on('removeListener', (event) => event === 'drop' && !this.listenerCount('drop') && this.#stopEmitting());
  }

  /** The argument vector that begins each process. */
  get argv() {
    return [...this.#argv];
  }

  /** The processes that are there now; undefined: none. */
  get pids() {
    return { batch: this.#batch.pid, events: this.#source.pid };
  }

  // ---- commands ----

  /** Any command, as a list of words: what it prints with -j. */
  run(...command) {
    return this.#batch.run(command);
  }

  #ask(...command) {
    return this.#batch.run(command, AGAIN);
  }

  async #single(command, options) {
    if (this.#closed) throw closed();
    const run = single(this.#argv, command, { onRemark: (text) => emitApart(this, 'remark', text), ...options });
    this.#singles.add(run);
    try {
      return (await run).at(-1) ?? null;
    } finally {
      this.#singles.delete(run);
    }
  }

  async up(devices = [], { xdp } = {}) {
    const command = ['up', ...[...entriesOf(devices)].map(words.device)];
    if (xdp !== undefined) command.push('xdp', words.xdpMode(xdp));
    return this.#batch.run(command);
  }

  down() {
    return this.#batch.run(['down']);
  }

  status() {
    return this.#ask('status');
  }

  probe() {
    return this.#ask('probe');
  }

  async version() {
    return (await this.#ask('version')).version;
  }

  async list() {
    return withIds((await this.#ask('list')) ?? []);
  }

  gc() {
    return this.#batch.run(['gc']);
  }

  async rules(name) {
    return (await this.#ask('rules', ...this.#named(name))) ?? [];
  }

  async stats(name) {
    return withIds((await this.#ask('stats', ...this.#named(name))) ?? []);
  }

  async conntrack(name) {
    return (await this.#ask('conntrack', ...this.#named(name))) ?? [];
  }

  async flushConntrack() {
    return (await this.#batch.run(['flush', 'conntrack'])).flushed;
  }

  #named(name) {
    return name === undefined ? [] : [words.containerName(name)];
  }

  // ---- containers ----

  container(name) {
    return new Container(this, words.containerName(name));
  }

  async attach(name, target, options) {
    const container = this.container(name);
    await container.attach(target, options);
    return container;
  }

  detach(name) {
    return this.container(name).detach();
  }

  async why(name, question) {
    return this.#ask('why', words.containerName(name), ...words.question(question));
  }

  // ---- the blocklist and the names ----

  async #change(command, entries, check, { behind = [], signal } = {}) {
    const all = entriesOf(entries);
    const list = shortList(all, check);
    if (list && !list.length) return 0;
    const answer = list
      ? await this.#batch.run([...command, ...list, ...behind])
      : await this.#single([...command, '-f', '-', ...behind], { input: lines(all, check), signal });
    return answer.blocked ?? answer.unblocked;
  }

  async block(prefixes, { for: duration, signal } = {}) {
    const behind = duration === undefined ? [] : ['for', words.duration(duration)];
    return this.#change(['block'], prefixes, words.prefix, { behind, signal });
  }

  async unblock(prefixes, { signal } = {}) {
    return this.#change(['unblock'], prefixes, words.prefix, { signal });
  }

  async unblockAll() {
    return (await this.#batch.run(['unblock', 'all'])).unblocked;
  }

  async blocked() {
    return (await this.#ask('blocked')) ?? [];
  }

  async blockDomains(domains, { signal } = {}) {
    return this.#change(['dns', 'block'], domains, words.domain, { signal });
  }

  async unblockDomains(domains, { signal } = {}) {
    return this.#change(['dns', 'unblock'], domains, words.domain, { signal });
  }

  async unblockAllDomains() {
    return (await this.#batch.run(['dns', 'unblock', 'all'])).unblocked;
  }

  async domains() {
    return (await this.#ask('domains')) ?? [];
  }

  // ---- what holds for all ----

  async limit(value) {
    if (value === undefined) return this.#ask('limit');
    return this.#batch.run(['limit', ...words.limit(value)]);
  }

  async quota(value) {
    if (value === undefined) return this.#ask('quota');
    return this.#batch.run(['quota', words.count(value, 'quota')]);
  }

  async timeouts(value = {}) {
    return this.#settings('timeout', value);
  }

  async room(value = {}) {
    return this.#settings('room', value);
  }

  #settings(command, value) {
    const pairs = Object.entries(value).flatMap(([key, number]) => [words.key(key), words.count(number, key)]);
    return this.#batch.run([command, ...pairs], { again: !pairs.length });
  }

  // ---- whole policies ----

  /** With `confirm`, it takes until confirm() is called, or the seconds are over. */
  async apply(policy, { confirm, signal } = {}) {
    const behind = confirm === undefined ? [] : ['confirm', words.integer(confirm, 1, 3600, 'confirm')];
    return this.#single(['apply', '-', ...behind], { input: policyText(policy), signal });
  }

  async check(policy, { signal } = {}) {
    return (await this.#single(['check', '-'], { input: policyText(policy), signal })) ?? [];
  }

  confirm() {
    return this.#batch.run(['confirm']);
  }

  /** The policy in force, as text for apply(). */
  async export() {
    const policy = (await this.#ask('export')) ?? [];
    return policy.map((one) => `${one}\n`).join('');
  }

  // ---- events ----

  events(options = {}) {
    if (this.#closed) throw closed();
    if (options.container !== undefined) words.containerName(options.container);
    return new Listener(this.#source, options);
  }

  /** Resolves once on('drop') is told of what is dropped. */
  async ready() {
    if (this.#closed) throw closed();
    this.#emitDrops();
    this.#emitting.isAsked = true;
    await this.#emitting.ready;
  }

  #emitDrops() {
    if (this.#emitting || this.#closed) return;
    const emitting = new Emitting(this);
    this.#emitting = emitting;
    emitting.stop = () => {
      if (this.#emitting === emitting) this.#emitting = null;
      this.#source.remove(emitting);
    };
    this.#source.add(emitting);
  }

  #stopEmitting() {
    this.#emitting?.stop();
  }

  // ---- the end ----

  /** What was asked is answered before; the firewall itself stays as it is. */
  async close() {
    this.#closed = true;
    this.#stopEmitting();
    await Promise.all([this.#source.close(), this.#batch.close(), Promise.allSettled([...this.#singles])]);
  }
}

if (Symbol.asyncDispose)
  Object.defineProperty(Firewall.prototype, Symbol.asyncDispose, {
    value: Firewall.prototype.close,
    configurable: true,
    writable: true,
  });

/* Lines of it are a policy too. */
function policyText(policy) {
  if (typeof policy === 'string') return policy.endsWith('\n') || !policy ? policy : `${policy}\n`;
  if (Array.isArray(policy)) return policy.map((one) => `${words.text(one, 'policy')}\n`).join('');
  throw new FirewallError('policy: give text, or a list of lines', { code: 'EINVAL', exitCode: 2 });
}

/* The EventEmitter's side: it has no queue, listeners are called as the drops come. */
class Emitting {
  #firewall;
  #readied;
  #isReady = false;
  stop = () => {};
  isAsked = false; // somebody who waits is told of what fails

  constructor(firewall) {
    this.#firewall = firewall;
    this.ready = new Promise((resolve, reject) => {
      this.#readied = { resolve, reject };
    });
    this.ready.catch(() => {});
  }

  isReady() {
    this.#isReady = true;
    this.#readied.resolve();
  }

  push(item) {
    emitApart(this.#firewall, item.kind === 'restart' ? 'gap' : item.kind, item);
  }

  fail(error) {
    this.stop();
    this.#readied.reject(error);
    if (this.#isReady || !this.isAsked || this.#firewall.listenerCount('error'))
      emitApart(this.#firewall, 'error', error);
  }

  finish() {
    this.stop();
    this.#readied.resolve();
  }
}
