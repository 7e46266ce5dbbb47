// SPDX-License-Identifier: GPL-2.0
import type { EventEmitter } from 'node:events';

// ---- words ----

/** An address or a prefix, of IPv4 or IPv6: '192.0.2.1', '2001:db8::/32'. */
export type Prefix = string;
export type Protocol = 'tcp' | 'udp' | 'icmp' | 'any' | number | (string & {});
/** 443, '443', '8000-8080' or [8000, 8080]. */
export type Ports = number | string | [number, number];
export type Action = 'allow' | 'deny';
export type Direction = 'in' | 'out';
export type Layer = 'xdp' | 'tc' | 'cgroup';
export type Reason =
  | 'blocklist'
  | 'rate_limit'
  | 'dns'
  | 'rule'
  | 'default_deny'
  | 'invalid'
  | 'fragment'
  | 'no_state'
  | 'egress'
  | 'spoof'
  | 'table_full';
/** Seconds, or '90s', '10m', '12h', '7d'. */
export type Duration = number | string;
type OneOrMore<T> = T | readonly T[];
type Entries = string | Iterable<string> | AsyncIterable<string>;

/** What a container is attached by: one or more of these. */
export interface Target {
  /** A process of it: its cgroup, and the devices of its network namespace. */
  pid?: number | string;
  docker?: string;
  /** Of any runtime, by its id. */
  container?: string;
  /** A directory of the cgroup2 file system. */
  cgroup?: string;
  /** The host's side of its device. */
  dev?: OneOrMore<string>;
  netns?: string;
  /** Its addresses: it can send with no other. */
  addr?: OneOrMore<string>;
}

/** Without `direction`: 'out' where there is `to`, 'in' where there is `from`. */
export interface RuleWords {
  direction?: Direction;
  /** 'tcp' where there is a port, else 'any'. */
  proto?: Protocol;
  from?: Prefix | 'any';
  to?: Prefix | 'any';
  /** The other side, whichever the direction. */
  peer?: Prefix | 'any';
  port?: Ports;
}
/** Or as the command line has it: 'out tcp to 192.0.2.1 port 443'. */
export type Rule = RuleWords | string;

/** Where to; a prefix alone: with any protocol. */
export type Destination = { ip?: Prefix; to?: Prefix; port?: Ports; proto?: Protocol } | Prefix;
export type Source = { ip?: Prefix; from?: Prefix; port?: Ports; proto?: Protocol } | Prefix;

export interface Question {
  direction: Direction;
  /** 'tcp' unless said otherwise. */
  proto?: Protocol;
  from: string;
  fromPort?: number;
  to: string;
  toPort?: number;
  domain?: string;
}

export interface Limit {
  /** Packets a second of each source; 0: any number. */
  rate: number;
  /** At once. */
  burst: number;
}

// ---- answers: docs/reference.md has each key ----

export interface ContainerEntry {
  name: string;
  /** 0n: it has none. */
  cgroup_id: bigint;
  cgroup: string;
  devs: string[];
  addrs: string[];
  gone: string[];
  default: Action;
  rate?: number;
  burst?: number;
  quota: number;
  connections: number;
}

/** Counters are numbers: exact up to 9 petabytes. */
export interface PacketStats {
  /** Empty: what was dropped at the uplinks. */
  container: string;
  cgroup_id: bigint;
  rx_packets: number;
  tx_packets: number;
  rx_bytes: number;
  tx_bytes: number;
  dropped: number;
  rate_limited: number;
  drops: Record<Reason, number>;
}

export interface RuleEntry {
  rule: number;
  container: string;
  action: Action;
  direction: Direction;
  proto: string;
  prefix: string;
  port: string;
}

export interface Verdict {
  verdict: 'pass' | 'drop' | 'skip';
  layer: Layer | null;
  reason: string | null;
  rule: string | null;
  text: string;
}

export interface Status {
  version: string;
  kernel: string;
  up: boolean;
  programs: { name: string; id: number; tag: string; xlated_bytes: number; jited_bytes: number }[];
  attachments: {
    program: string;
    layer: Layer;
    target: string;
    method: string;
    mode?: string;
    container: string;
    gone?: boolean;
  }[];
  features: string[];
  events: 'ringbuf' | 'perf' | '';
  confirm_within_s?: number;
  [key: string]: unknown;
}

// ---- events ----

export interface DropEvent {
  kind: 'drop';
  /** Nanoseconds since the machine started. */
  timestamp_ns: bigint;
  /** The same by the wall clock, RFC 3339. */
  time: string;
  layer: Layer;
  /** Empty: an uplink's. */
  container: string;
  cgroup_id: bigint;
  src_ip: string;
  dst_ip: string;
  src_port: number;
  dst_port: number;
  proto: number;
  action: 'drop' | 'pass';
  reason: Reason;
  direction: Direction;
  rule: number;
  ifindex: number;
  ifname: string;
  len: number;
  /** For the reason 'dns'. */
  domain?: string;
}

/** Drops that are not told: the kernel had no room for them, or the queue of this listener. */
export interface LostEvent {
  kind: 'lost';
  lost: number;
  where: 'kernel' | 'queue';
}

/** Reading was interrupted, and goes on here: what was dropped meanwhile is not told. */
export interface RestartEvent {
  kind: 'restart';
  reason: string;
}

export type FirewallEvent = DropEvent | LostEvent | RestartEvent;

export interface EventOptions {
  container?: string;
  layer?: Layer;
  reason?: Reason;
  /** Ends it, without an error. */
  signal?: AbortSignal;
  /** How many wait for a slow listener, 1024 at first; what comes then is lost, and counted. */
  highWaterMark?: number;
}

export interface EventStream extends AsyncIterableIterator<FirewallEvent> {
  /** Resolves once drops are being read. */
  readonly ready: Promise<void>;
  return(value?: unknown): Promise<IteratorResult<FirewallEvent>>;
}

export class FirewallError extends Error {
  /** ENOENT, EINVAL, EBUSY ...; of this package: ECLOSED, EDIED, EABORTED, ETIMEDOUT. */
  code: string;
  /** bulkhead's exit status: 1 refused, 2 wrong words or file, 3 no such object, 4 a feature is lacking; null: none. */
  exitCode: 1 | 2 | 3 | 4 | null;
  stderr: string;
  command: string[];
}

// ---- the firewall ----

export interface FirewallOptions {
  /** The binary, or an argument vector that ends with it. 'bulkhead' unless said otherwise. */
  bin?: string | readonly string[];
  /** The bpf file system, instead of /sys/fs/bpf: another one is another firewall. */
  bpffs?: string;
  /** Milliseconds for a command, 60000 at first; then it is killed. */
  timeout?: number;
}

export interface FirewallEvents {
  drop: [DropEvent];
  lost: [LostEvent];
  /** The stream behind 'drop' was interrupted. */
  gap: [RestartEvent];
  /** A process of bulkhead's ended by itself. */
  restart: [{ process: 'batch' | 'events'; reason: string }];
  remark: [string];
  error: [FirewallError];
}

export class Firewall extends EventEmitter {
  constructor(options?: FirewallOptions);

  on<K extends keyof FirewallEvents>(event: K, listener: (...args: FirewallEvents[K]) => void): this;
  on(event: string | symbol, listener: (...args: any[]) => void): this;
  once<K extends keyof FirewallEvents>(event: K, listener: (...args: FirewallEvents[K]) => void): this;
  once(event: string | symbol, listener: (...args: any[]) => void): this;
  off<K extends keyof FirewallEvents>(event: K, listener: (...args: FirewallEvents[K]) => void): this;
  off(event: string | symbol, listener: (...args: any[]) => void): this;

  readonly argv: string[];
  readonly pids: { batch: number | undefined; events: number | undefined };

  /** Any command, as a list of words: what it prints with -j. */
  run(...command: string[]): Promise<any>;

  up(
    devices?: string | Iterable<string>,
    options?: { xdp?: 'auto' | 'native' | 'generic' },
  ): Promise<{ up: boolean; uplinks: string[] }>;
  down(): Promise<{ up: boolean }>;
  status(): Promise<Status>;
  probe(): Promise<{
    kernel: string;
    arch: string;
    features: Record<string, 'yes' | 'no' | 'unknown'>;
    plan: { feature: string; fallback: string; why: string }[];
  }>;
  version(): Promise<string>;

  attach(name: string, target: Target, options?: { default?: Action }): Promise<Container>;
  detach(name: string): Promise<{ container: string }>;
  container(name: string): Container;
  list(): Promise<ContainerEntry[]>;
  gc(): Promise<{ container: string; detached: boolean; devs: string[]; cgroup: string }[]>;
  rules(name?: string): Promise<RuleEntry[]>;
  stats(name?: string): Promise<PacketStats[]>;
  conntrack(name?: string): Promise<Record<string, string | number>[]>;
  flushConntrack(): Promise<number>;
  why(name: string, question: Question): Promise<Verdict>;

  /** All of it, or nothing; a long list is streamed, and the signal ends it with nothing changed. How many. */
  block(prefixes: Entries, options?: { for?: Duration; signal?: AbortSignal }): Promise<number>;
  unblock(prefixes: Entries, options?: { signal?: AbortSignal }): Promise<number>;
  unblockAll(): Promise<number>;
  blocked(): Promise<{ prefix: Prefix; hits: number; seconds_left?: number }[]>;
  /** A name and every name below it; '=name' for that alone. */
  blockDomains(domains: Entries, options?: { signal?: AbortSignal }): Promise<number>;
  unblockDomains(domains: Entries, options?: { signal?: AbortSignal }): Promise<number>;
  unblockAllDomains(): Promise<number>;
  domains(): Promise<{ domain: string; exact: boolean }[]>;

  limit(): Promise<(Limit & { container: string })[]>;
  limit(value: Limit): Promise<Limit & { container: string }>;
  quota(): Promise<{ container: string; quota: number }[]>;
  quota(value: number | 'default'): Promise<{ container: string; quota: number }>;
  timeouts(value?: Record<string, number | 'default'>): Promise<Record<string, number>>;
  room(value?: Record<string, number | 'default'>): Promise<Record<string, number>>;

  /** The whole policy, in one step. With `confirm` it comes back after so many seconds, unless confirm() is called. */
  apply(
    policy: string | readonly string[],
    options?: { confirm?: number; signal?: AbortSignal },
  ): Promise<{ added: number; removed: number }>;
  check(
    policy: string | readonly string[],
    options?: { signal?: AbortSignal },
  ): Promise<{ change: 'add' | 'remove'; line: string }[]>;
  confirm(): Promise<{ added: 0; removed: 0 }>;
  export(): Promise<string>;

  events(options?: EventOptions): EventStream;
  /** Resolves once on('drop') is told of what is dropped. */
  ready(): Promise<void>;

  /** Ends the processes; the firewall stays as it is. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export class Container {
  private constructor();
  readonly name: string;
  attach(
    target: Target,
    options?: { default?: Action },
  ): Promise<{ container: string; devs: string[]; cgroup: string }>;
  detach(): Promise<{ container: string }>;
  allow(...rules: Rule[]): Promise<Omit<RuleEntry, 'rule'>[]>;
  deny(...rules: Rule[]): Promise<Omit<RuleEntry, 'rule'>[]>;
  revoke(...rules: Rule[]): Promise<(Omit<RuleEntry, 'rule'> & { revoked: Action[] })[]>;
  allowEgress(...destinations: Destination[]): Promise<Omit<RuleEntry, 'rule'>[]>;
  allowIngress(...sources: Source[]): Promise<Omit<RuleEntry, 'rule'>[]>;
  default(action: Action): Promise<{ container: string; default: Action }>;
  limit(value: Limit): Promise<Limit & { container: string }>;
  quota(value: number | 'default'): Promise<{ container: string; quota: number }>;
  info(): Promise<ContainerEntry>;
  stats(): Promise<PacketStats>;
  rules(): Promise<RuleEntry[]>;
  conntrack(): Promise<Record<string, string | number>[]>;
  why(question: Question): Promise<Verdict>;
  events(options?: Omit<EventOptions, 'container'>): EventStream;
}

// ---- the design's classes ----

export const ACTION_DROP: 'drop';
export const ACTION_PASS: 'pass';
export const ACTION_ALLOW: 'pass';
export const IPPROTO_ICMP: 1;
export const IPPROTO_TCP: 6;
export const IPPROTO_UDP: 17;

/** Calls are run in their order, whether or not each is waited for. */
export class EbpfFirewall {
  constructor(firewall?: Firewall | FirewallOptions);
  readonly firewall: Firewall;
  loadXdpFirewall(iface: string): Promise<{ up: boolean; uplinks: string[] }>;
  blockIP(ip: string): Promise<number>;
  unblockIP(ip: string): Promise<number>;
  blockDomain(name: string): Promise<number>;
  /** Gives the function that ends it. */
  onEvent(callback: (event: DropEvent) => void): () => void;
  /** The name: the policy's, or the cgroup's own. */
  attachCgroup(path: string, policy?: { name?: string; default?: Action; [key: string]: unknown }): Promise<Container>;
  /** By the cgroup's id, or the container's name. */
  allowEgress(cgroupId: bigint | string, destination: Destination): Promise<Omit<RuleEntry, 'rule'>[]>;
  setRule(rule: {
    src_ip?: string;
    dst_ip: Prefix;
    dst_port?: Ports;
    proto?: Protocol;
    action: string;
    container_id: bigint | string;
  }): Promise<Omit<RuleEntry, 'rule'>[]>;
  /** At once: it waits for a process of some milliseconds. Firewall.stats() gives a promise. */
  getContainerStats(cgroupId: bigint | string): PacketStats;
  close(): Promise<void>;
}

export interface NetworkPolicy {
  allowedDestinations?: Destination[];
  allowedSources?: Source[];
  rules?: Rule[];
  denied?: Rule[];
  /** 'deny' unless said otherwise. */
  default?: Action;
  limit?: Limit;
  quota?: number | 'default';
}

/**
 * Where there is `create`, the container is attached before `start`. `target` is {container: id} unless said
 * otherwise.
 */
export interface Runtime {
  create?(id: string): Promise<unknown> | unknown;
  start(id: string): Promise<unknown> | unknown;
  stop?(id: string): Promise<unknown> | unknown;
  target?(id: string): Promise<Target> | Target;
}

export class ContainerManager {
  constructor(options: {
    runtime: Runtime;
    firewall?: Firewall | EbpfFirewall | FirewallOptions;
    alerts?: EventEmitter;
  });
  readonly firewall: Firewall;
  readonly runtime: Runtime;
  /** 'firewall-drop': {container, event}. */
  readonly alerts: EventEmitter;
  /** EBUSY where one of that name is attached. Rules that are there from before go, unless they are to be kept. */
  startContainer(id: string, policy?: NetworkPolicy, options?: { keepRules?: boolean }): Promise<Container>;
  stopContainer(id: string, options?: { keepRules?: boolean }): Promise<void>;
  events(id: string, options?: Omit<EventOptions, 'container'>): EventStream;
  getContainerBandwidth(id: string): Promise<{ rx: number; tx: number }>;
  getContainerStats(id: string): Promise<PacketStats>;
  close(): Promise<void>;
}
