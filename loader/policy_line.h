/* SPDX-License-Identifier: GPL-2.0 */
/* One line of a policy, in words. */
#ifndef LOADER_POLICY_LINE_H
#define LOADER_POLICY_LINE_H

struct error;
struct policy;

/*
 * Adds what the words say, ended by NULL, to a policy; NULL: checks them alone. Lists that they name (block -f) are
 * beside `file`. 0, -EINVAL with a sentence, -ENOMEM.
 */
int policy_line_parse(struct policy *policy, char **words, const char *file, struct error *err);

/* The same of a line of that container's, which leaves its name out or has @ or `container` in its place. */
int policy_line_parse_of(const char *container, struct policy *policy, char **words, const char *file,
			 struct error *err);

#endif
