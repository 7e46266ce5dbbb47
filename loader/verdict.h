/* SPDX-License-Identifier: GPL-2.0 */
/* What became of a packet and why, in the words that the policy was written in. */
#ifndef LOADER_VERDICT_H
#define LOADER_VERDICT_H

#include "loader/attach.h"
#include "loader/frame.h"
#include "loader/trial.h"

/* A packet of a container's, of which the firewall was asked. */
struct asked {
	const char *name;
	const struct fw_container *record;
	enum fw_direction direction;
	struct flow flow;
};

#define VERDICT_TEXT_MAX 512
struct verdict {
	const char *verdict;         /* "pass", "drop", "skip": it is not the container's, or cannot be tried */
	const char *layer;           /* where it was decided; NULL: nowhere */
	const char *reason;          /* of a drop as in events; NULL: none */
	char rule[VERDICT_TEXT_MAX]; /* the line of the policy that decided; "": none */
	char text[VERDICT_TEXT_MAX]; /* the same for people */
};

void verdict_drop(struct firewall *fw, const struct asked *asked, enum hook hook, const struct trial_answer *answer,
		  struct verdict *out);

/* By the connection that it belongs to now; `tracked`: it did before, too. */
void verdict_pass(struct firewall *fw, const struct asked *asked, const char *layer,
		  const struct fw_connection *connection, bool tracked, struct verdict *out);

/* For what no connection tells: a constant reason, and the sentence. */
void verdict_plain(struct verdict *out, const char *verdict, const char *reason, const char *text);

#endif
