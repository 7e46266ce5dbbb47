// SPDX-License-Identifier: GPL-2.0
//
// Many commands, one process: `bulkhead -j batch`. One command is under way at a time, the others wait here: when the
// process dies, only of that one it is not known whether it was run.
import { Child } from './child.js';
import { closed, died, fromAnswer, FirewallError, notStarted } from './error.js';
import * as words from './words.js';

const RETRIES = 2;
const BACKOFF_MS = 50;
const BACKOFF_MAX_MS = 2000;
const CLOSE_MS = 5000;
/* With the newline; bulkhead takes 65535. */
export const LINE_BYTES_MAX = 65000;

export class Batch {
  #argv;
  #timeout;
  #on;
  #child = null;
  #lines = 0; // that this child was sent
  #queue = [];
  #current = null;
  #failures = 0; // children in a row that died without an answer
  #pause = null;
  #closing = null;
  #drained = () => {};

  /** argv: of bulkhead with its options. on: {remark(text), restart({process, reason})}. */
  constructor(argv, { timeout, on }) {
    this.#argv = [...argv, 'batch'];
    this.#timeout = timeout;
    this.#on = on;
  }

  get pid() {
    return this.#child?.pid;
  }

  /** A promise of what the command prints with -j. `again`: it changes nothing, so it may be run twice. */
  run(command, { again = false } = {}) {
    if (this.#closing) return Promise.reject(closed());
    let text;
    try {
      text = `${words.line(command)}\n`;
      if (Buffer.byteLength(text) > LINE_BYTES_MAX)
        throw new FirewallError('the command is too long', { code: 'E2BIG', exitCode: 2, command });
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ command, text, again, tries: 0, resolve, reject, timer: null });
      this.#next();
    });
  }

  #next() {
    if (this.#current || this.#pause) return;
    const item = this.#queue.shift();
    if (!item) {
      this.#child?.unref();
      this.#drained();
      return;
    }
    this.#current = item;
    if (!this.#child || this.#child.isGone) this.#start();
    const child = this.#child;
    child.ref();
    item.id = ++this.#lines;
    item.timer = setTimeout(() => this.#tooLate(item, child), this.#timeout);
    child.stdin?.write(item.text);
  }

  #start() {
    const child = new Child(this.#argv, {
      onLine: (line) => this.#take(child, line),
      onRemark: this.#on.remark,
      onEnd: (end) => this.#ended(child, end),
    });
    this.#child = child;
    this.#lines = 0;
  }

  #tooLate(item, child) {
    item.error = new FirewallError(`no answer within ${this.#timeout} ms`, {
      code: 'ETIMEDOUT',
      command: item.command,
    });
    child.kill('SIGKILL');
  }

  #finish(settle) {
    const item = this.#current;
    this.#current = null;
    clearTimeout(item.timer);
    settle(item);
    this.#next();
  }

  #take(child, line) {
    if (child !== this.#child) return;
    let answer;
    try {
      answer = JSON.parse(line);
    } catch {
      answer = null;
    }
    if (!this.#current || answer?.id !== this.#current.id) {
      child.kill('SIGKILL'); // it does not speak this protocol
      return;
    }
    this.#failures = 0;
    for (const remark of answer.remarks) this.#on.remark(remark);
    this.#finish((item) => {
      if (answer.exit === 0) item.resolve(answer.output);
      else item.reject(fromAnswer(answer.error, answer.exit, item.command));
    });
  }

  #ended(child, end) {
    if (child !== this.#child) return;
    this.#child = null;
    const wanted = this.#closing && !this.#current && !this.#queue.length;
    if (!wanted && !end.spawnError)
      this.#on.restart({ process: 'batch', reason: end.signal ?? `exit status ${end.status}` });
    if (!this.#current) return;
    this.#failures++;
    if (!end.spawnError) this.#wait();
    const { command, error, again, tries } = this.#current;
    if (again && !error && !end.answer && !end.spawnError && tries < RETRIES) {
      const item = this.#current;
      clearTimeout(item.timer);
      item.tries++;
      this.#current = null;
      this.#queue.unshift(item);
      this.#next();
      return;
    }
    if (end.spawnError)
      for (const item of this.#queue.splice(0)) item.reject(notStarted(this.#argv[0], end.spawnError, item.command));
    this.#finish((item) => {
      if (error) item.reject(error);
      else if (end.spawnError) item.reject(notStarted(this.#argv[0], end.spawnError, command));
      else if (end.answer) item.reject(fromAnswer(end.answer, end.answer.exit, command, end.stderr));
      else item.reject(died('bulkhead batch', command, end));
    });
  }

  /* The first is started anew at once, the next ones later and later. */
  #wait() {
    if (this.#failures < 2) return;
    const ms = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (this.#failures - 2));
    this.#pause = setTimeout(() => {
      this.#pause = null;
      this.#next();
    }, ms);
  }

  /** Once what waits has been answered. */
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close() {
    if (this.#current || this.#queue.length)
      await new Promise((resolve) => {
        this.#drained = resolve;
      });
    clearTimeout(this.#pause);
    await this.#child?.end(CLOSE_MS, (child) => child.stdin?.end());
  }
}
