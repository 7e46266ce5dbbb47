/* SPDX-License-Identifier: GPL-2.0 */
/* The host's maps as a copy of those of the world: the policy is copied, what the programs track is compared. */
#ifndef TESTS_PACKETS_MIRROR_H
#define TESTS_PACKETS_MIRROR_H

#include <stdbool.h>

/* The load-time constants, and all that programs only read. Again after each command. 0, or -1 having said why. */
int mirror_policy(void);

/* The tables of connections, as they are in the kernel. The same. */
int mirror_tracked(void);

/* world_forget, world_age and world_fill for both sides. */
void mirror_forget(void);
void mirror_age(unsigned seconds);
void mirror_fill(void);

/* How many entries of the tables that programs write differ; `tell`: each is printed. Times are not compared. */
unsigned mirror_compare(bool tell);

#endif
