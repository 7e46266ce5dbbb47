/* SPDX-License-Identifier: GPL-2.0 */
/* How many CPUs this kernel may ever have, and values that it keeps once for each of them. */
#ifndef LOADER_CPUS_H
#define LOADER_CPUS_H

#include <stddef.h>
#include <linux/types.h>

/*
 * At least the number of possible CPUs: the width of the kernel's CPU masks, as sched_getaffinity(2) writes them. No
 * file is read, since a bare host may have no /sys.
 */
unsigned cpus_bound(void);

/* Room for one per-CPU value of `value_size` bytes, to be freed: cpus_bound() slots, zeroed. NULL: no memory. */
void *percpu_room(size_t value_size);

/*
 * Looks a key up in a per-CPU map whose values are n u64s. `room` is percpu_room(8 * n). 0 or -errno. How many CPUs the
 * kernel has is seen at the first that it finds, and no more slots are looked at from then on.
 */
int percpu_lookup(int map_fd, const void *key, void *room, size_t n);

/* How many CPUs that was; 0: not seen yet. */
unsigned cpus_seen(void);

/* Adds the u64s of all CPUs' values, as the kernel has given them behind a percpu_lookup, into `sum`. */
void percpu_add(const void *values, __u64 *sum, size_t n);

/* Both. 0 or -errno; sum is added to only where 0. */
int percpu_sum(int map_fd, const void *key, void *room, __u64 *sum, size_t n);

#endif
