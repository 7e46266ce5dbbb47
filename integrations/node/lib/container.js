// SPDX-License-Identifier: GPL-2.0
import { FirewallError } from './error.js';
import * as words from './words.js';

/** A container of a firewall, by its name; it need not be attached yet. Made by Firewall.container(). */
export class Container {
  #firewall;
  #name;

  constructor(firewall, name) {
    this.#firewall = firewall;
    this.#name = words.containerName(name);
  }

  get name() {
    return this.#name;
  }

  async attach(target, { default: action } = {}) {
    const behind = action === undefined ? [] : ['default', words.defaultAction(action)];
    return this.#firewall.run('attach', this.#name, ...words.target(target), ...behind);
  }

  async detach() {
    return this.#firewall.run('detach', this.#name);
  }

  /* All words are checked before the first rule is made. */
  async #each(command, values, wordsOf) {
    const lines = values.map((value) => [command, this.#name, ...wordsOf(value)]);
    const done = await Promise.allSettled(lines.map((line) => this.#firewall.run(...line)));
    const failed = done.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
    return done.map(({ value }) => value);
  }

  allow(...rules) {
    return this.#each('allow', rules, words.rule);
  }

  deny(...rules) {
    return this.#each('deny', rules, words.rule);
  }

  revoke(...rules) {
    return this.#each('revoke', rules, words.rule);
  }

  allowEgress(...destinations) {
    return this.#each('allow', destinations, words.destination);
  }

  allowIngress(...sources) {
    return this.#each('allow', sources, words.source);
  }

  async default(action) {
    return this.#firewall.run('default', this.#name, words.defaultAction(action));
  }

  async limit(value) {
    return this.#firewall.run('limit', this.#name, ...words.limit(value));
  }

  async quota(value) {
    return this.#firewall.run('quota', this.#name, words.count(value, 'quota'));
  }

  async stats() {
    return (await this.#firewall.stats(this.#name))[0];
  }

  rules() {
    return this.#firewall.rules(this.#name);
  }

  conntrack() {
    return this.#firewall.conntrack(this.#name);
  }

  /** As `list` has it. */
  async info() {
    const found = (await this.#firewall.list()).find(({ name }) => name === this.#name);
    if (!found)
      throw new FirewallError(`${this.#name}: it is not attached`, { code: 'ENOENT', exitCode: 3, command: ['list'] });
    return found;
  }

  why(question) {
    return this.#firewall.why(this.#name, question);
  }

  events(options = {}) {
    return this.#firewall.events({ ...options, container: this.#name });
  }
}
