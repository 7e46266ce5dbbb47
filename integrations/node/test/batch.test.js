// SPDX-License-Identifier: GPL-2.0
// The process behind the commands: the real binary, asked for what needs no rights and changes nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { Firewall, FirewallError } from '../index.js';

const built = fileURLToPath(new URL('../../../build/bulkhead', import.meta.url));
const bin = process.env.BULKHEAD ?? built;
const withFirewall = (options, use) => async () => {
  const fw = new Firewall({ bin, ...options });
  try {
    await use(fw);
  } finally {
    await fw.close();
  }
};

/* As bulkhead's errors show a word. */
const shown = (word) => word.replace(/ /g, '\\x20');

test(
  'many commands, one process, in order',
  withFirewall({}, async (fw) => {
    const done = [];
    const asked = [];
    for (let n = 0; n < 200; n++) asked.push(fw.version().then((version) => done.push([n, version])));
    await Promise.all(asked);
    assert.deepEqual(
      done.map(([n]) => n),
      [...done.keys()],
    );
    assert.match(done[0][1], /^\d+\.\d+\.\d+/);
    const pid = fw.pids.batch;
    await fw.version();
    assert.equal(fw.pids.batch, pid);
  }),
);

test(
  'the package has the version of the binary',
  withFirewall({}, async (fw) => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    assert.equal((await fw.version()).split(/[-+]/)[0], version);
  }),
);

test(
  'an error says what bulkhead says',
  withFirewall({}, async (fw) => {
    await assert.rejects(fw.run('nonsense'), (error) => {
      assert(error instanceof FirewallError);
      assert.match(error.message, /^nonsense: there is no such command/);
      assert.deepEqual([error.code, error.exitCode, error.command], ['EINVAL', 2, ['nonsense']]);
      return true;
    });
    assert.match(await fw.version(), /^\d/);
  }),
);

test(
  'a word arrives as it was, and never as two',
  withFirewall({}, async (fw) => {
    for (const word of ['a b', '"', '\\', 'x" "y', '#c', '', '$(id)', '`id`', ';', '"\\" list', 'a\\"b']) {
      await assert.rejects(fw.run(`${word}!`), (error) => {
        assert.equal(error.exitCode, 2);
        assert(
          error.message.startsWith(`${shown(`${word}!`)}: there is no such command`),
          `${error.message} for ${word}`,
        );
        return true;
      });
    }
    for (const word of ['a\nversion', 'a\0b', '\x1b[2J', '\r'])
      await assert.rejects(fw.run('help', word), { code: 'EINVAL' });
    for (const device of ['--bpffs', '-n', 'xdp'])
      await assert.rejects(fw.up(['eth0', device]), { code: 'EINVAL', message: /^device: / });
    await assert.rejects(fw.run('block', ...Array(6000).fill('192.0.2.255')), { code: 'E2BIG', exitCode: 2 });
  }),
);

test(
  'a process that is killed between commands is started again',
  withFirewall({}, async (fw) => {
    const restarts = [];
    fw.on('restart', (what) => restarts.push(what));
    await fw.version();
    const first = fw.pids.batch;
    const alive = setInterval(() => {}, 1000); // an idle process keeps nothing alive
    const restarted = once(fw, 'restart');
    process.kill(first, 'SIGKILL');
    await restarted;
    clearInterval(alive);
    assert.match(await fw.version(), /^\d/);
    assert.notEqual(fw.pids.batch, first);
    assert.deepEqual(restarts, [{ process: 'batch', reason: 'SIGKILL' }]);
  }),
);

test(
  'killed under way: what changes nothing is asked again, the rest is told',
  withFirewall({}, async (fw) => {
    await fw.version();
    process.kill(fw.pids.batch, 'SIGSTOP');
    const asked = fw.version();
    const behind = fw.run('help');
    process.kill(fw.pids.batch, 'SIGKILL');
    assert.match(await asked, /^\d/);
    assert(Array.isArray(await behind));

    process.kill(fw.pids.batch, 'SIGSTOP');
    const changed = fw.run('help');
    const after = fw.version();
    process.kill(fw.pids.batch, 'SIGKILL');
    await assert.rejects(changed, { code: 'EDIED', exitCode: null });
    assert.match(await after, /^\d/);
  }),
);

test('a listener that throws: it is an uncaught exception, and the commands go on', () => {
  const program = `
    const { Firewall } = await import(process.argv[1]);
    const uncaught = [];
    process.on('uncaughtException', (error) => uncaught.push(error.message));
    const answer = JSON.stringify({ id: 1, exit: 0, output: { version: '1' }, remarks: ['in the answer'] });
    const script = 'echo \\'{"remark":"beside it"}\\' >&2; sleep 0.2; read -r line; echo "$0"; read -r line; kill $$';
    const fw = new Firewall({ bin: ['sh', '-c', script, answer] });
    for (const event of ['remark', 'restart'])
      fw.on(event, (what) => {
        throw new RangeError(what.reason ?? what);
      });
    const version = await fw.version();
    const failed = await fw.run('help').catch(({ code }) => code);
    await new Promise(setImmediate);
    console.log(JSON.stringify([version, failed, uncaught]));`;
  const index = fileURLToPath(new URL('../index.js', import.meta.url));
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program, index], {
    timeout: 20000,
    encoding: 'utf8',
  });
  assert.equal(ran.stdout, `["1","EDIED",["beside it","in the answer","SIGTERM"]]\n`, ran.stderr);
});

test(
  'one that does not answer is killed',
  withFirewall({ timeout: 300 }, async (fw) => {
    await fw.version();
    process.kill(fw.pids.batch, 'SIGSTOP');
    await assert.rejects(fw.run('help'), { code: 'ETIMEDOUT' });
    assert.match(await fw.version(), /^\d/);
  }),
);

test('no such binary; one that is none of ours', async () => {
  const missing = new Firewall({ bin: '/nonexistent/bulkhead' });
  await Promise.all([0, 1, 2].map(() => assert.rejects(missing.version(), { code: 'ENOENT', exitCode: null })));
  await assert.rejects(missing.apply('allow web in tcp'), { code: 'ENOENT' });
  await assert.rejects(missing.events().next(), { code: 'ENOENT' });
  await missing.close();
  const talkative = new Firewall({ bin: ['sh', '-c', 'while read -r line; do echo "no JSON"; done'] });
  await assert.rejects(talkative.run('help'), { code: 'EDIED' });
  await talkative.close();
  const silent = new Firewall({ bin: 'false' });
  await assert.rejects(silent.version(), { code: 'EDIED' });
  await silent.close();
});

test('without rights, a sentence and a code', async () => {
  const fw = new Firewall({
    bin: process.getuid() ? built : ['setpriv', '--bounding-set=-all', '--inh-caps=-all', built],
  });
  await assert.rejects(
    fw.list(),
    (error) => error instanceof FirewallError && error.exitCode > 0 && /: /.test(error.message),
  );
  await fw.close();
});

test('close answers what was asked before it, and nothing after', async () => {
  const fw = new Firewall({ bin });
  const asked = [fw.version(), fw.version()];
  const { batch: pid } = fw.pids;
  const closing = fw.close();
  await assert.rejects(fw.version(), { code: 'ECLOSED' });
  await assert.rejects(fw.apply('x'), { code: 'ECLOSED' });
  await assert.rejects(fw.ready(), { code: 'ECLOSED' });
  assert.throws(() => fw.events(), { code: 'ECLOSED' });
  assert.equal((await Promise.all(asked)).length, 2);
  await closing;
  if (Symbol.asyncDispose) assert.equal(fw[Symbol.asyncDispose], fw.close);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  await fw.close();
});

test('a program that has no more to do ends, without close()', () => {
  const program = `
    const { Firewall } = await import(process.argv[1]);
    const fw = new Firewall({ bin: process.argv[2] });
    console.log(await fw.version());`;
  const index = fileURLToPath(new URL('../index.js', import.meta.url));
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program, index, bin], {
    timeout: 20000,
    encoding: 'utf8',
  });
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, /^\d/);
});
