// SPDX-License-Identifier: GPL-2.0
//
// A process of bulkhead's: an argument vector, never a shell. It has a session of its own, so that a Ctrl-C at the
// terminal is left to the program that asked; it ends when the pipes to that program do.
import { spawn } from 'node:child_process';

const STDERR_MAX = 65536;

/** Calls back with each line, as a Buffer's text; feed(chunk), rest() is what has no newline behind it. */
export function lineReader(onLine, limit = Infinity) {
  let parts = [];
  let length = 0;
  return {
    feed(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        parts.push(chunk.subarray(from, at));
        const whole = parts.length === 1 ? parts[0] : Buffer.concat(parts);
        parts = [];
        length = 0;
        from = at + 1;
        onLine(whole.toString('utf8'));
      }
      if (from < chunk.length) {
        parts.push(chunk.subarray(from));
        length += chunk.length - from;
        if (length > limit) throw new RangeError(`a line of over ${limit} bytes`);
      }
    },
    rest: () => Buffer.concat(parts).toString('utf8'),
  };
}

function parsed(line) {
  try {
    const value = JSON.parse(line);
    return value !== null && typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/**
 * argv: the whole of it. Calls back: onLine(text) for standard output, onRemark(text), and onEnd({spawnError, status,
 * signal, answer, stderr}) once, when it has ended and everything it wrote has come; `answer` is its {error, code,
 * exit}.
 */
export class Child {
  #process;
  #stderr = '';
  #answers = [];
  #ended = false;
  #onEnd;
  ended;

  constructor(argv, { onLine, onRemark = () => {}, onEnd = () => {}, lineLimit }) {
    let resolve;
    this.ended = new Promise((done) => {
      resolve = done;
    });
    this.#onEnd = (how) => {
      if (this.#ended) return;
      this.#ended = true;
      const end = { ...how, answer: this.#answers.at(-1) ?? null, answers: this.#answers, stderr: this.#stderr };
      onEnd(end);
      resolve(end);
    };
    try {
      this.#process = spawn(argv[0], argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], detached: true, shell: false });
    } catch (error) {
      queueMicrotask(() => this.#onEnd({ spawnError: error }));
      return;
    }
    const child = this.#process;
    child.on('error', (error) => {
      if (child.pid === undefined) this.#onEnd({ spawnError: error });
    });
    child.on('close', (status, signal) => this.#onEnd({ status, signal }));
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {}); // 'close' tells of it
    const output = lineReader(onLine, lineLimit);
    child.stdout.on('data', (chunk) => this.#guarded(() => output.feed(chunk)));
    const errors = lineReader((line) => this.#takeError(line, onRemark), STDERR_MAX);
    child.stderr.on('data', (chunk) => this.#guarded(() => errors.feed(chunk)));
  }

  #guarded(feed) {
    try {
      feed();
    } catch (error) {
      this.#stderr = `${error.message}\n`;
      this.kill('SIGKILL');
      if (!(error instanceof RangeError)) throw error;
    }
  }

  #takeError(line, onRemark) {
    const value = parsed(line);
    if (typeof value?.remark === 'string') {
      onRemark(value.remark);
      return;
    }
    if (typeof value?.error === 'string') this.#answers.push(value);
    this.#stderr = (this.#stderr + line + '\n').slice(-STDERR_MAX);
  }

  get pid() {
    return this.#process?.pid;
  }

  get stdin() {
    return this.#process?.stdin;
  }

  /** Whether it is known to have ended, though what it wrote may not have come yet. */
  get isGone() {
    return this.#ended || !this.#process || this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  kill(signal) {
    this.#process?.kill(signal);
  }

  #each(method) {
    const child = this.#process;
    for (const one of [child, child?.stdin, child?.stdout, child?.stderr]) one?.[method]?.();
  }

  /** A process that nobody waits for does not keep the program running. */
  ref() {
    this.#each('ref');
  }

  unref() {
    this.#each('unref');
  }

  /** Its end within ms; then it is killed. Killing bulkhead leaves the old policy or the new one, never a half. */
  async end(ms, stop) {
    stop(this);
    const timer = setTimeout(() => this.kill('SIGKILL'), ms);
    this.ref();
    await this.ended;
    clearTimeout(timer);
  }
}
