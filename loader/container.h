/* SPDX-License-Identifier: GPL-2.0 */
/* The records of containers, by name, and what the programs read of them. */
#ifndef LOADER_CONTAINER_H
#define LOADER_CONTAINER_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"
#include "loader/firewall.h"

/* -EINVAL unless the name is 1 to 64 bytes without control characters, spaces or '/', and no word of the grammar. */
int container_check_name(const char *name, struct error *err);

/* 0, or -ENOENT with a sentence. */
int container_find(struct firewall *fw, const char *name, struct fw_container *out, struct error *err);

/* As container_find; where there is none, a record with a fresh number, not attached, default deny. */
int container_ensure(struct firewall *fw, const char *name, struct fw_container *out, struct error *err);

/*
 * Writes the record, and container_policies with the same default, addresses, limit and cgroup, keeping its lists of
 * prefix lengths. The policy is replaced whole.
 */
int container_save(struct firewall *fw, const char *name, const struct fw_container *record, struct error *err);

/* A policy of the side that is written, without rules or settings yet, for what the container is attached to. */
void container_make_policy(const struct firewall *fw, const struct fw_container *record, struct container_policy *out);

/* The policy of the side that is read. 0 or -errno. */
int container_read_policy(struct firewall *fw, __u32 id, struct container_policy *out);

/* Behind a switch: the record's limit, quota and default are made those in force,
 * and what the other side has of it goes. 0 or -errno with a sentence. */
int container_settle(struct firewall *fw, const char *name, const struct fw_container *record, struct error *err);

/* Whether its settings keep its name where it is not attached and has no rules. */
bool container_stays(const struct fw_container *record);

/* Removes the record and the policy. The container must have no policy left and not be attached. */
int container_remove(struct firewall *fw, const char *name, const struct fw_container *record, struct error *err);

/* Whether the record has a device of that index. */
bool container_has_device(const struct fw_container *record, __u32 ifindex);

/* Writes the entries of container_devs, container_addrs and pkt_stats that an attached container has. */
int container_enter(struct firewall *fw, const struct fw_container *record, struct error *err);

/* Those of container_addrs alone: before a policy stands that asks for them. */
int container_enter_addrs(struct firewall *fw, const struct fw_container *record, struct error *err);

/* Removes those of container_devs: before the record that names them goes, as a command may be killed between. */
void container_leave_devs(struct firewall *fw, const struct fw_container *record, const struct fw_container *kept);

/* Removes them; of one that stays attached, whose record is `kept` now, only those that this does not have. */
void container_leave(struct firewall *fw, const struct fw_container *record, const struct fw_container *kept);

/*
 * Calls visit for each record, in the order of names, until it gives other than 0, and gives that. The name is
 * terminated. -ENOMEM, or the kernel's answer.
 */
int container_each(struct firewall *fw,
		   int (*visit)(const char *name, const struct fw_container *record, void *context), void *context);

/* The same in no order, each as it was read once; for a visit that changes nothing. */
int container_walk(struct firewall *fw,
		   int (*visit)(const char *name, const struct fw_container *record, void *context), void *context);

/* The name of a container's number; "" and -ENOENT where there is none. */
int container_name_of(struct firewall *fw, __u32 id, char name[FW_NAME_MAX + 1]);

#endif
