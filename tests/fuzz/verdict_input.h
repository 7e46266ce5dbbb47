/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the bytes that are fuzzed mean: one for the policy, then packets one after the other, each with a byte that says
 * how it comes, two with its size (the low one first), and its bytes from the network header on.
 */
#ifndef TESTS_FUZZ_VERDICT_INPUT_H
#define TESTS_FUZZ_VERDICT_INPUT_H

/*
 * No bit: a policy that stays as it is, of containers whose addresses and device are known, on a kernel that has it
 * all.
 */
#define POLICY_WITHOUT_ADDRS 0x01
#define POLICY_WITHOUT_DEVICE 0x02
#define POLICY_MANY_LENGTHS 0x04 /* more prefix lengths than programs look at by themselves */
#define POLICY_CHANGES 0x08      /* before each packet */
#define POLICY_REVOKES 0x10      /* a change takes all rules away, and the next brings them back */
#define POLICY_UNDER_WAY 0x20    /* every other change is not over yet */
#define POLICY_FLUSHES 0x40      /* a change lets no connection live */
#define POLICY_OLD_KERNEL 0x80   /* without ring buffers, GSO in the context, events at cgroups */

#define INPUT_OUT 0x01
#define INPUT_CGROUP 0x02
#define INPUT_WHOSE 0x0c /* 0 to 2: a container; 3: at an uplink, on the way to the first */
#define INPUT_WHOSE_SHIFT 2
#define INPUT_TAGS 0x30 /* 0 to 2 tags before it; 3: the bytes are the whole frame */
#define INPUT_TAGS_SHIFT 4
#define INPUT_GSO 0x40
#define INPUT_LATER 0x80 /* what was tracked before has expired */

#define INPUT_SIZE_MAX 2047

#endif
