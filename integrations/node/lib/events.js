// SPDX-License-Identifier: GPL-2.0
//
// The stream of drops. Events have one reader in the kernel, so there is one `bulkhead -j events` for all who listen
// here; each of them has a filter and a bounded queue. It is read on whoever is slow: what does not fit in a queue is
// counted.
import { eventOf } from './answers.js';
import { Child } from './child.js';
import { died, FirewallError, fromAnswer, notStarted } from './error.js';

const QUEUE = 1024;
const LINE_MAX = 1 << 20;
const BACKOFF_MS = 100;
const BACKOFF_MAX_MS = 5000;
const TRIES_BEFORE = 6; // until it is first read: another reader may be ending
const TRIES_AFTER = 10; // and where it was: somebody may run down and up
const STEADY_MS = 5000;
const CLOSE_MS = 5000;

/** One who listens, as an async iterator. */
export class Listener {
  #source;
  #matches;
  #room;
  #items = [];
  #lost = 0;
  #restart = null; // that there was no room for
  #waiting = []; // of next()
  #error = null;
  #done = false;
  #signal;
  #onAbort = () => this.#end();
  #readied;
  /** Resolves once drops are being read: what is dropped from then on is told. */
  ready;

  constructor(source, { container, layer, reason, signal, highWaterMark = QUEUE } = {}) {
    if (!Number.isSafeInteger(highWaterMark) || highWaterMark < 1)
      throw new FirewallError(`highWaterMark: ${highWaterMark}: give 1 or more`, { code: 'EINVAL', exitCode: 2 });
    const wanted = Object.entries({ container, layer, reason }).filter(([, value]) => value !== undefined);
    this.#matches = (event) => wanted.every(([key, value]) => event[key] === value);
    this.#room = highWaterMark;
    this.#source = source;
    this.#signal = signal;
    this.ready = new Promise((resolve, reject) => {
      this.#readied = { resolve, reject };
    });
    this.ready.catch(() => {}); // next() throws it too
    if (signal?.aborted) {
      this.#end();
      return;
    }
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    source.add(this);
  }

  // ---- for the source ----

  isReady() {
    this.#readied.resolve();
  }

  push(item) {
    if (this.#done || (item.kind === 'drop' && !this.#matches(item))) return;
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting.resolve({ done: false, value: item });
      return;
    }
    if (this.#items.length >= this.#room) {
      if (item.kind === 'restart') this.#restart = item;
      else this.#lost += item.kind === 'lost' ? item.lost : 1;
      return;
    }
    this.#tellLost();
    this.#items.push(item);
  }

  #tellLost() {
    if (this.#lost) this.#items.push({ kind: 'lost', lost: this.#lost, where: 'queue' });
    if (this.#restart) this.#items.push(this.#restart);
    this.#lost = 0;
    this.#restart = null;
  }

  fail(error) {
    if (this.#done) return;
    this.#error = error;
    this.#end();
  }

  finish() {
    this.#end();
  }

  // ---- for who listens ----

  #end() {
    if (this.#done) return;
    this.#done = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#source.remove(this);
    if (this.#error) this.#readied.reject(this.#error);
    else this.#readied.resolve();
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      const error = this.#error;
      this.#error = null;
      if (error) reject(error);
      else resolve({ done: true, value: undefined });
    }
  }

  next() {
    if (!this.#items.length) this.#tellLost();
    if (this.#items.length) return Promise.resolve({ done: false, value: this.#items.shift() });
    if (this.#error) {
      const error = this.#error;
      this.#error = null;
      return Promise.reject(error);
    }
    if (this.#done) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  return(value) {
    this.#items = [];
    this.#lost = 0;
    this.#restart = null;
    this.#error = null;
    this.#end();
    return Promise.resolve({ done: true, value });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/** The process behind all that listen; it runs while somebody does. */
export class EventSource {
  #argv;
  #on;
  #listeners = new Set();
  #child = null;
  #ending = Promise.resolve(); // of the last child that was told to stop: there is one reader at a time
  #isReady = false;
  #wasReady = false;
  #gap = null; // why reading was interrupted
  #failures = 0; // in a row
  #begunAt = 0;
  #pause = null;

  /** on: {restart({process, reason})}. */
  constructor(argv, { on }) {
    this.#argv = [...argv, 'events'];
    this.#on = on;
  }

  get pid() {
    return this.#child?.pid;
  }

  add(listener) {
    this.#listeners.add(listener);
    if (this.#isReady) listener.isReady();
    else if (!this.#child && !this.#pause) this.#start();
  }

  remove(listener) {
    this.#listeners.delete(listener);
    if (!this.#listeners.size) this.#stop();
  }

  #start() {
    const before = this.#ending;
    const starting = { pid: undefined, kill: () => {}, isStarting: true };
    this.#child = starting;
    before.then(() => {
      if (this.#child !== starting) return;
      const child = new Child(this.#argv, {
        lineLimit: LINE_MAX,
        onLine: (line) => this.#take(child, line),
        onRemark: () => this.#begun(child),
        onEnd: (end) => this.#ended(child, end),
      });
      this.#child = child;
    });
  }

  #stop() {
    const child = this.#child;
    clearTimeout(this.#pause);
    this.#pause = null;
    this.#child = null;
    this.#isReady = this.#wasReady = false;
    this.#gap = null;
    this.#failures = 0;
    if (child && !child.isStarting) this.#ending = child.end(CLOSE_MS, () => child.kill('SIGTERM'));
  }

  /* bulkhead says so in a remark, once the events are its own. */
  #begun(child) {
    if (child !== this.#child || this.#isReady) return;
    this.#isReady = this.#wasReady = true;
    this.#begunAt = Date.now();
    if (this.#gap) this.#tell({ kind: 'restart', reason: this.#gap });
    this.#gap = null;
    for (const listener of [...this.#listeners]) listener.isReady();
  }

  #tell(item) {
    for (const listener of [...this.#listeners]) listener.push(item);
  }

  #take(child, line) {
    if (child !== this.#child) return;
    this.#begun(child);
    let item;
    try {
      item = eventOf(line);
    } catch {
      child.kill('SIGKILL'); // it does not speak this protocol
      return;
    }
    this.#failures = 0;
    this.#tell(item);
  }

  #ended(child, end) {
    if (child !== this.#child) return;
    const wasReading = this.#isReady;
    this.#child = null;
    this.#isReady = false;
    if (wasReading && Date.now() - this.#begunAt > STEADY_MS) this.#failures = 0;
    this.#failures++;
    const reason = end.answer?.error ?? end.signal ?? `exit status ${end.status}`;
    if (this.#wasReady) this.#gap ??= reason;
    const retried = !end.spawnError && this.#mayRetry(end.answer);
    if (!retried) {
      this.#fail(this.#errorOf(end));
      return;
    }
    if (wasReading) this.#on.restart({ process: 'events', reason });
    const ms = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (this.#failures - 1));
    this.#pause = setTimeout(() => {
      this.#pause = null;
      this.#start();
    }, ms);
  }

  #mayRetry(answer) {
    if (this.#wasReady) return this.#failures < TRIES_AFTER;
    return this.#failures < TRIES_BEFORE && (!answer || answer.code === 'EBUSY');
  }

  #errorOf(end) {
    const command = ['events'];
    if (end.spawnError) return notStarted(this.#argv[0], end.spawnError, command);
    if (end.answer) return fromAnswer(end.answer, end.answer.exit, command, end.stderr);
    return died('bulkhead events', command, end);
  }

  #fail(error) {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    this.#stop();
    for (const listener of listeners) listener.fail(error);
  }

  async close() {
    for (const listener of [...this.#listeners]) listener.finish();
    this.#stop();
    await this.#ending;
  }
}
