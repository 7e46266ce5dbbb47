/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands of a CNI plugin do. Beside what they give, unless it is CNI_OK, there is a sentence. */
#ifndef LOADER_CNI_ACTIONS_H
#define LOADER_CNI_ACTIONS_H

#include "loader/cni/attachment.h"

struct firewall;

/* Attaches the host's end of the interface, its policy being in force before. All of it, or nothing stays. */
enum cni_code cni_add(const struct cni_request *request, struct error *err);

/* Undoes it; there may be nothing to undo. */
enum cni_code cni_del(const struct cni_request *request, struct error *err);

/* Whether all that ADD did is so still. */
enum cni_code cni_check(const struct cni_request *request, struct error *err);

/* Undoes what ADD did for interfaces of the network that are not among cni.dev/valid-attachments. */
enum cni_code cni_gc(const struct cni_request *request, struct error *err);

/* Whether ADD would find a firewall. */
enum cni_code cni_status(const struct cni_request *request, struct error *err);

/* Of the actions alone: takes one off, and with the last one of its container the policy that ADD put there. */
enum cni_code cni_take_off(const struct cni_request *request, int memory, const struct cni_attachment *attachment,
			   struct error *err);

/* The same where the firewall is open. What is remembered stays. 0 or -errno with a sentence. */
int cni_take_off_from(struct firewall *fw, int memory, const struct cni_attachment *attachment, struct error *err);

#endif
