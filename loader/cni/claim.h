/* SPDX-License-Identifier: GPL-2.0 */
/* Whose a container's name is. Authors of pods choose names, so that it is asked before anything is done by one. */
#ifndef LOADER_CNI_CLAIM_H
#define LOADER_CNI_CLAIM_H

#include "loader/cni/attachment.h"

struct firewall;

/*
 * Takes the name for a container, whose network namespace has that path: another's that has gone is taken off, and what
 * was brought for it. Rules that others gave the name stay, and what a hook brought for this very container. 0; -EBUSY:
 * another lives by it; or -errno; with a sentence.
 */
int cni_claim(struct firewall *fw, int memory, const struct cni_attachment *attachment, const char *netns,
	      struct error *err);

#endif
