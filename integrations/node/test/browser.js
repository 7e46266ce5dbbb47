// SPDX-License-Identifier: GPL-2.0
// A page in headless Chromium, by its DevTools protocol over a pipe.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export class Browser {
  #child;
  #number = 0;
  #waiting = new Map();
  #session;
  messages = []; // errors and what the page logged

  static async open(prefix, folder, { width = 1200, height = 900 } = {}) {
    const browser = new Browser();
    const options = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
      '--disable-background-networking',
      '--remote-debugging-pipe',
      `--user-data-dir=${folder}`,
      'about:blank',
    ];
    const [command, ...words] = [...prefix, 'chromium', ...options];
    browser.#child = spawn(command, words, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, HOME: folder },
    });
    browser.#read(browser.#child.stdio[4]);
    browser.#child.stdio[3].on('error', () => {});
    const { targetInfos } = await browser.#send('Target.getTargets');
    const { targetId } = targetInfos.find(({ type }) => type === 'page');
    browser.#session = (await browser.#send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    await browser.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await browser.send('Runtime.enable');
    await browser.send('Log.enable');
    await browser.send('Page.enable');
    return browser;
  }

  #read(stream) {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => {
      const parts = (text + chunk).split('\0');
      text = parts.pop();
      for (const part of parts) this.#take(JSON.parse(part));
    });
  }

  #take({ id, method, params, result, error }) {
    if (method === 'Runtime.exceptionThrown')
      this.messages.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === 'Log.entryAdded') this.messages.push(params.entry.text);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }

  #send(method, params = {}, sessionId = undefined) {
    const id = ++this.#number;
    this.#child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  send(method, params) {
    return this.#send(method, params, this.#session);
  }

  go(url) {
    return this.send('Page.navigate', { url });
  }

  /** The value of an expression in the page. */
  async value(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async until(expression, ms = 15000) {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) {
      const value = await this.value(expression);
      if (value) return value;
    }
    throw new Error(`not so within ${ms} ms: ${expression}`);
  }

  dark(isDark) {
    return this.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }],
    });
  }

  async screenshot() {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data, 'base64');
  }

  async close() {
    const ended = new Promise((resolve) => {
      this.#child.on('close', resolve);
    });
    this.#send('Browser.close').catch(() => {});
    const timer = setTimeout(() => process.kill(-this.#child.pid, 'SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  }
}
