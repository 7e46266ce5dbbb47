// SPDX-License-Identifier: GPL-2.0

/**
 * What went wrong. `code` is the system's name for it (ENOENT, EINVAL, EBUSY ...), or one of this package: ECLOSED
 * (after close()), EDIED (the process ended before it answered: whether the command was run is not known), EABORTED.
 * `exitCode` is bulkhead's exit status: 1 refused, 2 wrong words or file, 3 no such object, 4 a feature is lacking;
 * null: none was run.
 */
export class FirewallError extends Error {
  constructor(message, { code, exitCode = null, stderr = '', command = [], cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FirewallError';
    this.code = code;
    this.exitCode = exitCode;
    this.stderr = stderr;
    this.command = command;
  }
}

/** Of words that are refused before bulkhead sees them. */
export function wrongWord(message) {
  return new FirewallError(message, { code: 'EINVAL', exitCode: 2 });
}

/** Of what bulkhead prints with -j: {error, code, exit}. */
export function fromAnswer(answer, exitCode, command, stderr = answer?.error ?? '') {
  const message = answer?.error ?? `bulkhead ${command[0] ?? ''}: exit status ${exitCode}`;
  return new FirewallError(message, { code: answer?.code ?? 'EIO', exitCode, stderr, command });
}

export function died(what, command, { status, signal, stderr = '' }) {
  const how = signal ? `it was killed by ${signal}` : `it ended with exit status ${status}`;
  return new FirewallError(`${what}: ${how} before it answered`, { code: 'EDIED', stderr, command });
}

export function notStarted(bin, cause, command) {
  return new FirewallError(`${bin}: it cannot be started: ${cause.message}`, {
    code: cause.code ?? 'EIO',
    command,
    cause,
  });
}

/** What a caller's function throws is its own: it is thrown where nothing of ours is in the middle of something. */
export function apart(call) {
  try {
    call();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

export function closed() {
  return new FirewallError('the firewall object is closed', { code: 'ECLOSED' });
}
