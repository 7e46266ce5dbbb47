// SPDX-License-Identifier: GPL-2.0
//
// Containers that start under a policy. The runtime is yours: {start(id)}, and what of {create(id), stop(id),
// target(id)} it has.
import { EventEmitter } from 'node:events';

import { EbpfFirewall } from './ebpf_firewall.js';
import { FirewallError } from './error.js';
import { Firewall } from './firewall.js';
import * as words from './words.js';

/* All of a policy is read before anything starts. */
function read(policy) {
  const {
    allowedDestinations = [],
    allowedSources = [],
    rules = [],
    denied = [],
    default: action = 'deny',
    limit,
    quota,
  } = policy;
  allowedDestinations.forEach(words.destination);
  allowedSources.forEach(words.source);
  [...rules, ...denied].forEach(words.rule);
  words.defaultAction(action);
  if (limit !== undefined) words.limit(limit);
  if (quota !== undefined) words.count(quota, 'quota');
  return { allowedDestinations, allowedSources, rules, denied, action, limit, quota };
}

const busy = (id, why) => new FirewallError(`${id}: ${why}`, { code: 'EBUSY', exitCode: 1, command: ['attach', id] });

export class ContainerManager {
  firewall;
  runtime;
  alerts;
  #ids = new Set(); // of those whose drops are told
  #starting = new Set();
  #onDrop = (event) => {
    if (this.#ids.has(event.container)) this.alerts.emit('firewall-drop', { container: event.container, event });
  };

  constructor({ runtime, firewall = {}, alerts = new EventEmitter() }) {
    this.runtime = runtime;
    this.firewall =
      firewall instanceof Firewall
        ? firewall
        : firewall instanceof EbpfFirewall
          ? firewall.firewall
          : new Firewall(firewall);
    this.alerts = alerts;
  }

  /** As `attach` finds it: by its id, where the runtime does not say otherwise. */
  async #target(id) {
    return (await this.runtime.target?.(id)) ?? { container: id };
  }

  /**
   * The rules are in force before the container is attached, and where the runtime can create it first, it is
   * attached before its process runs. They are those of the policy alone, unless the ones that an earlier container
   * of this id has left are to be kept. What cannot be guarded is stopped, and leaves no rules.
   */
  async startContainer(id, policy = {}, { keepRules = false } = {}) {
    const wanted = read(policy);
    const container = this.firewall.container(id);
    if (this.#starting.has(id)) throw busy(id, 'it is being started already');
    this.#starting.add(id);
    try {
      await this.#mustBeFree(id);
      if (!keepRules) await this.#takeBack(container);
      await this.#start(container, wanted, keepRules);
    } finally {
      this.#starting.delete(id);
    }
    return container;
  }

  async #isAttached(id) {
    return (await this.firewall.list()).some(({ name }) => name === id);
  }

  /* Rules of one that runs are never changed under it; one that died without being detached is cleared. */
  async #mustBeFree(id) {
    if (!(await this.#isAttached(id))) return;
    const failed = await this.firewall.gc().then(() => undefined, (error) => error); // of another, it may be
    if (await this.#isAttached(id))
      throw failed ?? busy(id, 'a container of that name is attached: stop it first, or detach it');
  }

  async #takeBack(container) {
    const none = (error) => {
      if (error.exitCode !== 3) throw error;
      return []; // no such container, or rule: an allow and a deny of the same words go together
    };
    for (const { direction, proto, prefix, port } of await container.rules().catch(none))
      await container.revoke({ direction, proto, peer: prefix, port: port === 'any' ? undefined : port }).catch(none);
  }

  async #start(container, wanted, keepRules) {
    const id = container.name;
    const first = this.runtime.create ? 'create' : 'start';
    let runs = false;
    try {
      await container.allowEgress(...wanted.allowedDestinations);
      await container.allowIngress(...wanted.allowedSources);
      await container.allow(...wanted.rules);
      await container.deny(...wanted.denied);
      await this.runtime[first](id);
      runs = true;
      await container.attach(await this.#target(id), { default: wanted.action });
      if (wanted.limit) await container.limit(wanted.limit);
      if (wanted.quota !== undefined) await container.quota(wanted.quota);
      await this.#listen(id);
      if (first === 'create') await this.runtime.start(id);
    } catch (error) {
      await this.#undo(container, runs, keepRules);
      throw error;
    }
  }

  /* What may still run keeps its guard. The error that led here is the one to be told. */
  async #undo(container, runs, keepRules) {
    this.#forget(container.name);
    try {
      if (runs) await this.runtime.stop?.(container.name);
      if (runs && !this.runtime.stop) return;
      if (await this.#isAttached(container.name)) await container.detach();
      if (!keepRules) await this.#takeBack(container);
    } catch {
      // it is in `list`, or has rules, and the next start says so or takes them back
    }
  }

  async #listen(id) {
    if (!this.#ids.size) this.firewall.on('drop', this.#onDrop);
    this.#ids.add(id);
    await this.firewall.ready();
  }

  #forget(id) {
    if (this.#ids.delete(id) && !this.#ids.size) this.firewall.off('drop', this.#onDrop);
  }

  /** Stops it, and takes it off the firewall, with its rules unless they are to stay for the next time. */
  async stopContainer(id, { keepRules = false } = {}) {
    await this.runtime.stop?.(id);
    this.#forget(id);
    const container = this.firewall.container(id);
    if (!keepRules) await this.#takeBack(container);
    await container.detach();
  }

  /** Its drops as they happen, as an async iterator. */
  events(id, options) {
    return this.firewall.container(id).events(options);
  }

  /** Bytes that it received and sent. */
  async getContainerBandwidth(id) {
    const { rx_bytes: rx, tx_bytes: tx } = await this.firewall.container(id).stats();
    return { rx, tx };
  }

  getContainerStats(id) {
    return this.firewall.container(id).stats();
  }

  async close() {
    for (const id of [...this.#ids]) this.#forget(id);
    await this.firewall.close();
  }
}
