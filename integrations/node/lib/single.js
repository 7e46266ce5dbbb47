// SPDX-License-Identifier: GPL-2.0
//
// A command in a process of its own: what reads standard input, and what ends by itself only after a while.
import { Child } from './child.js';
import { died, FirewallError, fromAnswer, notStarted } from './error.js';

const CHUNK = 65536;
const STOP_MS = 5000;

function aborted(command) {
  return new FirewallError('the command was aborted', { code: 'EABORTED', command });
}

/* To a process that reads slowly, or not at all: its end counts too. */
function written(child, text) {
  if (child.stdin.write(text)) return undefined;
  return new Promise((resolve) => {
    child.stdin.once('drain', resolve);
    child.ended.then(resolve);
  });
}

async function feed(child, pieces, isStopped) {
  let waiting = '';
  for await (const piece of pieces) {
    if (child.isGone || isStopped()) return;
    waiting += piece;
    if (waiting.length < CHUNK) continue;
    await written(child, waiting);
    waiting = '';
  }
  if (child.isGone || isStopped()) return;
  if (waiting) await written(child, waiting);
  child.stdin?.end();
}

/**
 * Runs `argv command`, and gives what it prints with -j: a list of documents. input: text, or an iterable of texts,
 * sync or not. Where that throws, or the signal comes, the process is killed before its input has ended, so that
 * nothing is changed.
 */
export async function single(argv, command, { input = '', signal, onRemark } = {}) {
  if (signal?.aborted) throw aborted(command);
  const documents = [];
  const child = new Child([...argv, ...command], { onLine: (line) => documents.push(line), onRemark });
  let failure = null;
  let timer;
  /* Its input stays open until it is gone: an end would tell it that this was all. Told to end, `confirm` goes back. */
  const stop = (error) => {
    failure ??= error;
    child.kill('SIGTERM');
    timer ??= setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  };
  const onAbort = () => stop(aborted(command));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const fed = feed(child, typeof input === 'string' ? [input] : input, () => failure !== null).catch(stop);
    const end = await child.ended;
    if (failure) throw failure;
    if (end.spawnError) throw notStarted(argv[0], end.spawnError, command);
    if (end.status !== 0) {
      if (end.answers.length > 1) {
        const all = end.answers.map((answer) => answer.error).join('\n');
        throw fromAnswer({ ...end.answer, error: all }, end.status, command, end.stderr);
      }
      if (end.status === null) throw died(`bulkhead ${command[0]}`, command, end);
      throw fromAnswer(end.answer, end.status, command, end.stderr);
    }
    await fed;
    if (failure) throw failure;
    return documents.map((line) => JSON.parse(line));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
