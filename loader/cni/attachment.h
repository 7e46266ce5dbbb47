/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ADD has attached, remembered until DEL or GC: a file of JSON for each interface, in a directory that is locked
 * as long as it is open. What is in force does not depend on it.
 */
#ifndef LOADER_CNI_ATTACHMENT_H
#define LOADER_CNI_ATTACHMENT_H

#include "bpf/fw_abi.h"
#include "loader/cni/request.h"

struct cni_attachment {
	char id[CNI_NAME_MAX + 1]; /* of the container, as the runtime has it */
	char ifname[16];           /* inside */
	char network[CNI_NAME_MAX + 1];
	char name[FW_NAME_MAX + 1]; /* of the container, as the firewall has it */
	bool has_policy;            /* which ADD has put there, and the last DEL takes away */
	__u32 ifindex;              /* of the host's end */
	unsigned n_addrs;
	struct fw_addr addrs[FW_ADDRS_MAX];
};

/* A directory, made where it is not there, and locked: a descriptor, or -errno with a sentence. */
int cni_memory_open(const char *dir, struct error *err);

/* -ENOENT without a sentence: nothing is remembered of that interface. What is no such file within is forgotten. */
int cni_recall(int dir, const char *id, const char *ifname, struct cni_attachment *out, struct error *err);

/* 0 or -errno with a sentence. */
int cni_remember(int dir, const struct cni_attachment *attachment, struct error *err);
int cni_forget(int dir, const struct cni_attachment *attachment, struct error *err); /* also what is not there */

/*
 * Calls visit for each, in no order, until it gives other than 0, and gives that; or -errno with a sentence. visit may
 * forget that one.
 */
int cni_recall_each(int dir, int (*visit)(const struct cni_attachment *attachment, void *context), void *context,
		    struct error *err);

/* The other interfaces that a container's name has. 0 or -errno with a sentence. */
struct cni_siblings {
	unsigned n;
	struct cni_attachment one; /* of them */
	bool have_policy;          /* one of them at least */
};

int cni_siblings(int dir, const struct cni_attachment *own, struct cni_siblings *out, struct error *err);

/* Who brings a container's policy, as fw_container's brought_by has it. */
__u64 cni_brings(const struct cni_attachment *attachment);

/*
 * The firewall's name for a container: NAMESPACE:POD of a pod, else the runtime's id. Ids have no ':'. One that is too
 * long, or a word of the command line, is cut off, with '~' behind it, which neither has, and the first 16 digits of
 * the SHA-256 of all of it: who may choose a name finds none that is cut off to another's.
 */
void cni_container_name(const struct cni_request *request, char name[FW_NAME_MAX + 1]);

#endif
