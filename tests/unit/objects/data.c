/* SPDX-License-Identifier: GPL-2.0 */
/* Global variables of each kind, and load-time constants. */
#include "bpf_defs.h"

const volatile __u32 limit = 17;
static volatile const __u64 table[4] = { 2, 3, 5, 7 };
volatile __u32 counter = 5;
static volatile __u64 hidden = 9;
volatile __u64 zeroes[3];
volatile __u32 aside SEC(".data.aside") = 1;

static __inline __u64 load_constant(void)
{
	__u64 value;

	asm volatile("%0 = some_constant ll" : "=r"(value));
	return value;
}

SEC("cgroup_skb/egress")
int reads_data(struct __sk_buff *skb)
{
	if (load_constant())
		return 0;
	counter += limit;
	hidden += table[skb->len & 3];
	zeroes[2]++;
	return aside + counter > hidden;
}

char _license[] SEC("license") = "GPL";
__u32 _version SEC("version") = 0x060102;
