/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/address.h"
#include "loader/blocklist.h"
#include "loader/domain_table.h"
#include "loader/event_print.h"
#include "loader/limits.h"
#include "loader/rule_tables.h"
#include "loader/statement.h"
#include "loader/words.h"
#include "syscalls/bpf.h"

void verdict_plain(struct verdict *out, const char *verdict, const char *reason, const char *text)
{
	memset(out, 0, sizeof(*out));
	out->verdict = verdict;
	out->reason = reason;
	snprintf(out->text, sizeof(out->text), "%s", text);
}

/* ---- the policy's lines ---- */

/* "allow web in tcp port 80"; "": that rule is no more. */
static void rule_text(struct firewall *fw, const struct asked *asked, __u32 rule, char room[VERDICT_TEXT_MAX])
{
	struct rule *rules = NULL;
	char words[STATEMENT_TEXT_MAX];
	size_t n = 0, i;

	rules_read(fw, asked->record->id, &rules, &n);
	for (i = 0; i < n; i++) {
		if (rules[i].number != rule)
			continue;
		snprintf(room, VERDICT_TEXT_MAX, "%s %s %s", action_print(rules[i].statement.action), asked->name,
			 statement_text(&rules[i].statement, words));
		break;
	}
	free(rules);
}

/* The longest prefix on the blocklist that has the address. */
static void block_text(struct firewall *fw, __u8 family, const __u8 addr[16], char room[VERDICT_TEXT_MAX])
{
	struct prefix prefix = { .family = family };
	char text[PREFIX_TEXT_MAX];
	int length;

	memcpy(prefix.addr, addr, sizeof(prefix.addr));
	for (length = address_bits(family); length >= 0; length--) {
		if (length < address_bits(family))
			prefix.addr[length / 8] &= (__u8) ~(0x80 >> length % 8);
		prefix.length = (__u8)length;
		if (!blocklist_has(fw, BLOCKED_NOW, &prefix))
			continue;
		snprintf(room, VERDICT_TEXT_MAX, "block %s", prefix_print(&prefix, text));
		return;
	}
}

/* With all below it, or as the whole name. */
static bool name_is_blocked(struct firewall *fw, struct domain *domain, bool is_whole)
{
	domain->exact = false;
	if (domain_is_blocked(fw, domain))
		return true;
	domain->exact = true;
	return is_whole && domain_is_blocked(fw, domain);
}

/* The queried name or the first one above it that is blocked. */
static void domain_line(struct firewall *fw, const struct trial_answer *answer, char room[VERDICT_TEXT_MAX])
{
	char text[DOMAIN_TEXT_MAX];
	unsigned at = 0, i;

	while (at < answer->domain_length && answer->domain[at]) {
		struct domain domain = { .length = answer->domain_length - at };

		for (i = 0; i < domain.length; i++) {
			__u8 byte = answer->domain[at + i];

			domain.name[i] = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
		}
		if (name_is_blocked(fw, &domain, !at)) {
			snprintf(room, VERDICT_TEXT_MAX, "dns block %s%s", domain.exact ? "=" : "",
				 domain_text(domain.name, text));
			return;
		}
		at += 1u + answer->domain[at];
	}
}

static void limit_text(struct firewall *fw, const struct asked *asked, enum hook hook, char room[VERDICT_TEXT_MAX])
{
	bool own = hook == HOOK_TC_RATE_LIMIT && asked->record->limit.burst;
	const struct fw_limit *limit = own ? &asked->record->limit : &fw->config.limit;
	char text[LIMIT_TEXT_MAX];

	snprintf(room, VERDICT_TEXT_MAX, "limit %s%s%s", own ? asked->name : "", own ? " " : "",
		 limit_print(limit, text));
}

/* ---- drops ---- */

static const char *const sentences[FW_REASON_N] = {
	[FW_REASON_NONE] = "no program said why",
	[FW_REASON_BLOCKLIST] = "the other end is on the blocklist",
	[FW_REASON_DNS] = "the query cannot be read whole",
	[FW_REASON_RULE] = "a deny rule",
	[FW_REASON_INVALID] = "a header is missing or contradicts itself",
	[FW_REASON_FRAGMENT] = "no first fragment of it has passed, or it lies over bytes that have",
	[FW_REASON_NO_STATE] = "it opens no connection, and fits none that is tracked",
	[FW_REASON_TABLE_FULL] = "there is no room for another connection",
};

static void drop_text(const struct asked *asked, __u8 reason, struct verdict *out)
{
	char addr[ADDRESS_TEXT_MAX];

	address_print(asked->flow.family, asked->flow.src, addr);
	if (reason == FW_REASON_RATE_LIMIT)
		snprintf(out->text, sizeof(out->text), "%s has used up what it may send: %.80s", addr, out->rule);
	else if (reason == FW_REASON_SPOOF)
		snprintf(out->text, sizeof(out->text), "%s is no address that %s may send with", addr, asked->name);
	else if (reason == FW_REASON_DEFAULT_DENY || reason == FW_REASON_EGRESS)
		snprintf(out->text, sizeof(out->text), "no rule of %s allows it", asked->name);
	else
		snprintf(out->text, sizeof(out->text), "%s", *out->rule ? out->rule : sentences[reason]);
}

void verdict_drop(struct firewall *fw, const struct asked *asked, enum hook hook, const struct trial_answer *answer,
		  struct verdict *out)
{
	const struct flow *flow = &asked->flow;

	verdict_plain(out, "drop", event_reason(answer->reason), "");
	out->layer = hook_layer(hook);
	if (answer->reason == FW_REASON_RULE)
		rule_text(fw, asked, answer->rule, out->rule);
	else if (answer->reason == FW_REASON_BLOCKLIST)
		block_text(fw, flow->family, asked->direction == FW_IN ? flow->src : flow->dst, out->rule);
	else if (answer->reason == FW_REASON_DNS)
		domain_line(fw, answer, out->rule);
	else if (answer->reason == FW_REASON_RATE_LIMIT)
		limit_text(fw, asked, hook, out->rule);
	drop_text(asked, answer->reason, out);
}

/* ---- passes ---- */

void verdict_pass(struct firewall *fw, const struct asked *asked, const char *layer,
		  const struct fw_connection *connection, bool tracked, struct verdict *out)
{
	verdict_plain(out, "pass", tracked ? "tracked" : connection->rule ? "rule" : "default", "");
	out->layer = layer;
	if (connection->rule)
		rule_text(fw, asked, connection->rule, out->rule);
	if (tracked)
		snprintf(out->text, sizeof(out->text), "connection, let %s by %.400s",
			 connection->opener == FW_OUT ? "out" : "in",
			 *out->rule         ? out->rule
			 : connection->rule ? "a rule that is no more"
					    : "the default");
	else if (!connection->rule)
		snprintf(out->text, sizeof(out->text), "no rule of %s refuses it", asked->name);
	else
		snprintf(out->text, sizeof(out->text), "%s", out->rule);
}
