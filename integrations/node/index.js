// SPDX-License-Identifier: GPL-2.0
export { Container } from './lib/container.js';
export { ContainerManager } from './lib/container_manager.js';
export {
  ACTION_ALLOW,
  ACTION_DROP,
  ACTION_PASS,
  EbpfFirewall,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
} from './lib/ebpf_firewall.js';
export { FirewallError } from './lib/error.js';
export { Firewall } from './lib/firewall.js';
