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

/* What stands for an answer where there is nothing of that name: of other errors none. */
const nothing = (answer) => (error) => {
  if (error.exitCode !== 3 || error.code !== 'ENOENT') throw error;
  return answer;
};

export class ContainerManager {
  firewall;
  runtime;
  alerts;
  #ids = new Set(); // of those whose drops are told
  #kept = new Set(); // of those that were stopped, their rules to stay
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
   * attached before its process runs. What cannot be guarded is stopped. Rules that the id has from before are taken
   * back, but for those that were kept, where no policy is given.
   */
  async startContainer(id, policy) {
    const wanted = read(policy ?? {});
    const container = this.firewall.container(id);
    await this.#refuseLiving(id);
    if (policy || !this.#kept.has(id)) await this.#takeBack(id);
    this.#kept.delete(id);
    await container.allowEgress(...wanted.allowedDestinations);
    await container.allowIngress(...wanted.allowedSources);
    await container.allow(...wanted.rules);
    await container.deny(...wanted.denied);
    if (wanted.limit) await container.limit(wanted.limit);
    if (wanted.quota !== undefined) await container.quota(wanted.quota);
    const first = this.runtime.create ? 'create' : 'start';
    await this.runtime[first](id);
    try {
      await container.attach(await this.#target(id), { default: wanted.action });
      await this.#listen(id);
      if (first === 'create') await this.runtime.start(id);
    } catch (error) {
      this.#forget(id);
      await this.runtime.stop?.(id);
      throw error;
    }
    return container;
  }

  async #refuseLiving(id) {
    const found = (await this.firewall.list()).find(({ name }) => name === id);
    const targets = found ? found.devs.length + (found.cgroup_id ? 1 : 0) : 0;
    if (targets > (found?.gone.length ?? 0))
      throw new FirewallError(`${id}: it is attached already: stop it first`, { code: 'EEXIST', exitCode: 1 });
  }

  async #takeBack(id) {
    const container = this.firewall.container(id);
    for (const { direction, proto, prefix, port } of await container.rules().catch(nothing([])))
      await container
        .revoke({ direction, proto, peer: prefix, port: port === 'any' ? undefined : port })
        .catch(nothing()); // an allow and a deny of the same words go together
    await container.detach().catch(nothing());
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
    if (keepRules) {
      this.#kept.add(id);
      await this.firewall.container(id).detach();
    } else {
      await this.#takeBack(id);
    }
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
