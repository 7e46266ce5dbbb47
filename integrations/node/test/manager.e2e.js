// SPDX-License-Identifier: GPL-2.0
// examples/manager.mjs: runc's containers under their policies, what it prints, and its page in a browser. With
// MANAGER_PNG=FILE the page's picture is put there, light, and dark beside it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Browser } from './browser.js';
import * as world from './world.js';

const program = fileURLToPath(new URL('../examples/manager.mjs', import.meta.url));
let manager;
let printed = '';
let url;
let browser;

before(async () => {
  assert.equal(world.bulkhead('down'), 0);
  const { BULKHEAD } = process.env;
  const [command, ...words] = [
    ...world.inHost,
    process.execPath,
    program,
    '--bin',
    BULKHEAD,
    '--bpffs',
    world.options.bpffs,
    '--uplink',
    'up0',
    '--port',
    '0',
  ];
  manager = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  manager.ended = new Promise((resolve) => {
    manager.on('close', resolve);
  });
  for (const stream of [manager.stdout, manager.stderr]) stream.on('data', (chunk) => (printed += chunk));
  assert(await world.until(() => /^http:\S+$/m.test(printed) || manager.exitCode !== null, 30000), printed);
  url = /^http:\S+$/m.exec(printed)?.[0];
  assert(url, printed);
});

after(async () => {
  await browser?.close();
  manager.kill('SIGKILL');
});

/* By a process in the host's network, as a browser would: the status, and the headers. */
function ask(path, headers = {}, method = 'GET') {
  const script = `
    import { request } from 'node:http';
    const [url, headers, method] = JSON.parse(process.argv[1]);
    request(url, { method, headers }, (response) => {
      response.resume();
      console.log(JSON.stringify({ status: response.statusCode, headers: response.headers }));
    }).end();`;
  const [command, ...words] = [
    ...world.inHost,
    process.execPath,
    '--input-type=module',
    '-e',
    script,
    JSON.stringify([new URL(path, url).href, headers, method]),
  ];
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.on('close', () => resolve(JSON.parse(output)));
  });
}

test('it prints the drops of its containers as they happen', async () => {
  assert(
    await world.until(
      () => /^\[web\] default_deny at tc: tcp 10\.88\.2\.2:\d+ -> 10\.88\.1\.2:22$/m.test(printed),
      15000,
    ),
    printed,
  );
});

test('what is allowed gets through', async () => {
  const fw = world.newFirewall();
  assert(await world.until(async () => (await fw.stats('web'))[0].tx_bytes > 500, 15000));
  await fw.close();
});

test('the page shows counters and drops, and goes on', async () => {
  browser = await Browser.open(world.inHost, `${world.work}/chromium`, { width: 1200, height: 1000 });
  await browser.go(url);
  await browser.until(`document.querySelector('#link')?.dataset.state === 'live'`);
  await browser.until(`document.querySelectorAll('[data-container].card').length === 3`);
  const names = await browser.value(`[...document.querySelectorAll('.card')].map((card) => card.dataset.container)`);
  assert.deepEqual(names, ['crawler', 'web', 'worker']);
  const field = (name, key) =>
    `Number(document.querySelector('[data-container="${name}"] [data-field="${key}"]').textContent.replace(/,/g, ''))`;
  const packets = await browser.until(field('web', 'rx_packets'));
  const dropped = await browser.until(field('web', 'dropped'));
  await browser.until(`document.querySelector('#drops tr[data-container="web"][data-reason="default_deny"]') !== null`);
  const row = await browser.value(
    `document.querySelector('#drops tr[data-container="web"][data-reason="default_deny"]').innerText`,
  );
  assert.match(row, /tcp\s+10\.88\.2\.2:\d+\s+10\.88\.1\.2:22/);
  await browser.until(`${field('web', 'rx_packets')} > ${packets}`);
  await browser.until(`${field('web', 'dropped')} > ${dropped}`);
  assert.equal(
    await browser.value(`document.querySelector('.card[data-container="web"] [data-field="default"]').textContent`),
    'default deny',
  );
  assert.match(
    await browser.value(`document.querySelector('.card[data-container="web"] .rules').textContent`),
    /allow in tcp port 80/,
  );
  assert.match(
    await browser.value(`document.querySelector('.card[data-container="web"] .edge').getAttribute('d')`),
    /^M[\d.]+ [\d.]+L/,
  );
});

test('a container that comes is shown, its name as text and never as markup', async () => {
  const fw = world.newFirewall();
  const name = '<img\u00a0src=x><b>';
  await fw.attach(name, { pid: world.pidOf('db') });
  await browser.until(
    `[...document.querySelectorAll('.card h3')].some((title) => title.textContent === ${JSON.stringify(name)})`,
  );
  await world.gets('outside', 'udp', world.addressOf('db'), 9);
  await browser.until(
    `[...document.querySelectorAll('#drops td.who')].some((cell) => cell.textContent === ${JSON.stringify(name)})`,
  );
  assert.equal(await browser.value(`document.querySelectorAll('img, td b, h3 b, option b').length`), 0);
  await fw.detach(name);
  await browser.until(`document.querySelectorAll('.card').length === 3`);
  assert.equal(await browser.value(`document.querySelectorAll('#filter option').length`), 4);
  await fw.close();
});

const choose = (name) =>
  browser.value(`{
    const filter = document.querySelector('#filter');
    filter.value = '${name}';
    filter.dispatchEvent(new Event('change'));
  }`);

test('a filter, and a pause', async () => {
  await choose('web');
  await sleep(1500);
  assert.equal(
    await browser.value(
      `[...document.querySelectorAll('#drops tr')].every((row) => ['web', undefined].includes(row.dataset.container))`,
    ),
    true,
  );
  await browser.value(`document.querySelector('#pause').click()`);
  const rows = await browser.value(`document.querySelectorAll('#drops tr').length`);
  await browser.until(`/Go on \\([1-9]/.test(document.querySelector('#pause').textContent)`);
  assert.equal(await browser.value(`document.querySelectorAll('#drops tr').length`), rows);
  await browser.value(`document.querySelector('#pause').click()`);
  await browser.until(`document.querySelectorAll('#drops tr').length > ${rows}`);
  await choose('');
});

test('on a narrow screen nothing is wider than it; no errors', async () => {
  await browser.send('Emulation.setDeviceMetricsOverride', {
    width: 360,
    height: 800,
    deviceScaleFactor: 1,
    mobile: true,
  });
  assert.equal(await browser.value('document.documentElement.scrollWidth'), 360);
  await browser.send('Emulation.setDeviceMetricsOverride', {
    width: 1200,
    height: 1000,
    deviceScaleFactor: 1,
    mobile: false,
  });
  assert.deepEqual(browser.messages, []);
});

if (process.env.MANAGER_PNG)
  test('a picture', async () => {
    await sleep(35000);
    await browser.value(
      `{ const host = document.querySelector('#host'); host.textContent = host.textContent.replace(/-\\S+/, ''); }`,
    );
    writeFileSync(process.env.MANAGER_PNG, await browser.screenshot());
    await browser.dark(true);
    writeFileSync(`${process.env.MANAGER_PNG}.dark.png`, await browser.screenshot());
    await browser.send('Emulation.setDeviceMetricsOverride', {
      width: 400,
      height: 1000,
      deviceScaleFactor: 1,
      mobile: true,
    });
    writeFileSync(`${process.env.MANAGER_PNG}.narrow.png`, await browser.screenshot());
  });

test('the server answers nobody else', async () => {
  const page = await ask('/');
  assert.equal(page.status, 200);
  assert.match(page.headers['content-security-policy'], /default-src 'none'/);
  assert.equal((await ask('/', { Host: 'attacker.example' })).status, 421);
  assert.equal((await ask('/events', { Host: 'attacker.example' })).status, 421);
  assert.equal((await ask('/../manager.mjs')).status, 404);
  assert.equal((await ask('/%2e%2e/manager.mjs')).status, 404);
  assert.equal((await ask('/constructor')).status, 404);
  assert.equal((await ask('/', {}, 'POST')).status, 405);
});

test('it ends, with all that it has made', async () => {
  await browser.close();
  browser = null;
  manager.kill('SIGTERM');
  assert.equal(await manager.ended, 0, printed);
  const fw = world.newFirewall();
  assert.equal((await fw.status()).up, false);
  await fw.close();
});
