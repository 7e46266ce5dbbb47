// SPDX-License-Identifier: GPL-2.0
//
// A page with live counters and drops: three files, and a stream of server-sent events. It reads, and changes nothing.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const SAMPLE_MS = 1000;
const WINDOW = 4; // samples that a rate is taken over
const HISTORY = 60; // samples
const RECENT = 100; // drops that a new page is given
const CLIENTS_MAX = 16;

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
};
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];
const HEADERS = {
  'Content-Security-Policy': POLICY.join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

const json = (value) => JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one));
const message = (name, value) => `event: ${name}\ndata: ${json(value)}\n\n`;

const ruleText = ({ action, direction, proto, prefix, port }) =>
  [
    action,
    direction,
    proto,
    ...(prefix === 'any' ? [] : [direction === 'in' ? 'from' : 'to', prefix]),
    ...(port === 'any' ? [] : ['port', port]),
  ].join(' ');

export class Dashboard {
  #firewall;
  #server;
  #timer = null;
  #samples = []; // the last ones: {at, counters by name}
  #history = new Map(); // name -> [{rx, tx, drops}], in bytes and packets a second
  #recent = [];
  #state = null;
  #pages = new Set();
  #stop = new AbortController();
  #following;

  constructor(firewall) {
    this.#firewall = firewall;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Gives the address of the page. */
  async listen(port) {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#following = this.#follow().catch(({ message: why }) => this.#send('trouble', { message: why }));
    await this.#sample();
    return `http://127.0.0.1:${this.#server.address().port}/`;
  }

  async #follow() {
    for await (const item of this.#firewall.events({ signal: this.#stop.signal })) {
      if (item.kind === 'drop') this.#recent = [...this.#recent.slice(1 - RECENT), item];
      this.#send(item.kind, item);
    }
  }

  /* A page that reads slowly is let go: it asks again, and is given what is recent. */
  #send(name, value) {
    if (!this.#pages.size) return;
    const text = message(name, value);
    for (const page of this.#pages) {
      if (page.writableLength > 1 << 20) page.destroy();
      else page.write(text);
    }
  }

  async #sample() {
    try {
      const [status, list, stats, rules] = await Promise.all([
        this.#firewall.status(),
        this.#firewall.list(),
        this.#firewall.stats(),
        this.#firewall.rules(),
      ]);
      this.#take({ at: performance.now(), status, list, stats, rules });
      this.#send('state', this.#state);
    } catch (error) {
      this.#send('trouble', { message: error.message });
    }
    if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.#sample(), SAMPLE_MS);
  }

  #take({ at, status, list, stats, rules }) {
    const counters = new Map(stats.map((one) => [one.container, one]));
    const containers = list.map((one) => {
      const now = counters.get(one.name);
      const rates = this.#ratesOf(one.name, now, at);
      return {
        ...one,
        counters: now,
        rates,
        rules: rules.filter(({ container }) => container === one.name).map(ruleText),
      };
    });
    for (const name of this.#history.keys()) if (!list.some((one) => one.name === name)) this.#history.delete(name);
    this.#samples = [...this.#samples.slice(1 - WINDOW), { at, counters }];
    const uplinks = [...new Set(status.attachments.filter(({ container }) => !container).map(({ target }) => target))];
    const { version, kernel, programs, events } = status;
    this.#state = {
      version,
      kernel,
      uplinks,
      events,
      programs: programs.length,
      uplink_drops: counters.get('')?.dropped ?? 0,
      containers,
    };
  }

  #ratesOf(name, now, at) {
    const first = this.#samples.find(({ counters }) => counters.has(name));
    const before = first?.counters.get(name);
    const seconds = (at - first?.at) / 1000;
    const rate = (key) => (before && now ? Math.max(0, (now[key] - before[key]) / seconds) : 0);
    const rates = {
      rx: rate('rx_bytes'),
      tx: rate('tx_bytes'),
      packets: rate('rx_packets') + rate('tx_packets'),
      drops: rate('dropped'),
    };
    this.#history.set(name, [...(this.#history.get(name) ?? []).slice(1 - HISTORY), rates]);
    return rates;
  }

  /* Whoever makes a browser here ask by another name (DNS rebinding) is not answered. */
  #isMine({ headers }) {
    const { port } = this.#server.address();
    return [`127.0.0.1:${port}`, `localhost:${port}`].includes(headers.host);
  }

  #answer(request, response) {
    const refuse = (status) =>
      response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain' }).end(`${status}\n`);
    if (!this.#isMine(request)) return refuse(421);
    if (request.method !== 'GET') return refuse(405);
    if (request.url === '/events')
      return this.#pages.size < CLIENTS_MAX ? this.#stream(request, response) : refuse(503);
    if (!Object.hasOwn(FILES, request.url)) return refuse(404);
    const [file, type] = FILES[request.url];
    return response
      .writeHead(200, { ...HEADERS, 'Content-Type': type })
      .end(readFileSync(new URL(`page/${file}`, import.meta.url)));
  }

  #stream(request, response) {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
    response.write(
      `retry: 1000\n\n${message('hello', { history: Object.fromEntries(this.#history), recent: this.#recent })}`,
    );
    if (this.#state) response.write(message('state', this.#state));
    this.#pages.add(response);
    response.on('close', () => this.#pages.delete(response));
  }

  async close() {
    this.#stop.abort();
    clearTimeout(this.#timer);
    for (const page of this.#pages) page.end();
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#following;
  }
}
