/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/statement.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/address.h"
#include "loader/json.h"
#include "loader/words.h"

#define PROTO_TCP 6
#define PROTO_UDP 17
#define PORT_MAX 65535

static int take_direction(const char *word, struct fw_statement *out, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	if (!word)
		return error_set(err, -EINVAL, "rule: the direction is missing: write in or out behind the name");
	if (strcmp(word, "in") && strcmp(word, "out"))
		return error_set(err, -EINVAL, "%s: no such direction: write in or out", word_shown(word, shown));
	out->direction = strcmp(word, "in") ? FW_OUT : FW_IN;
	return 0;
}

static int take_peer(const char *way, const char *prefix_word, struct fw_statement *out, struct error *err)
{
	const char *wanted = out->direction == FW_IN ? "from" : "to";
	struct prefix prefix;
	int code;

	if (strcmp(way, wanted))
		return error_set(err, -EINVAL, "%s: a rule for %s takes %s: write %s PREFIX", way,
				 out->direction == FW_IN ? "in" : "out", wanted, wanted);
	if (!prefix_word)
		return error_set(err, -EINVAL, "%s: the address is missing: write %s PREFIX, or %s any", way, way, way);
	if (!strcmp(prefix_word, "any"))
		return 0;
	code = prefix_parse(prefix_word, &prefix, err);
	if (code)
		return code;
	out->family = prefix.family;
	out->length = prefix.length;
	memcpy(out->addr, prefix.addr, sizeof(out->addr));
	return 0;
}

static int take_ports(const char *word, struct fw_statement *out, struct error *err)
{
	if (!word)
		return error_set(err, -EINVAL, "port: the number is missing: write port N, or port N-M");
	if (out->proto != PROTO_TCP && out->proto != PROTO_UDP)
		return error_set(err, -EINVAL, "port %.20s: only tcp and udp have ports: leave it out", word);
	return word_ports(word, &out->port_low, &out->port_high, err);
}

static int take_rest(char **words, struct fw_statement *out, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	int code = 0;

	if (*words && (!strcmp(*words, "from") || !strcmp(*words, "to"))) {
		code = take_peer(words[0], words[1], out, err);
		words += words[1] ? 2 : 1;
	}
	if (!code && *words && !strcmp(*words, "port")) {
		code = take_ports(words[1], out, err);
		words += words[1] ? 2 : 1;
	}
	if (!code && *words)
		return error_set(
			err, -EINVAL,
			"%s: not understood here: a rule is NAME in|out PROTO [from|to PREFIX|any] [port N[-M]]",
			word_shown(*words, shown));
	return code;
}

int statement_parse(char **words, struct fw_statement *out, struct error *err)
{
	int code;

	memset(out, 0, sizeof(*out));
	out->port_high = PORT_MAX;
	code = take_direction(words[0], out, err);
	if (code)
		return code;
	if (!words[1])
		return error_set(err, -EINVAL, "rule: the protocol is missing: write tcp, udp, icmp, any or a number");
	code = word_proto(words[1], &out->proto, err);
	return code ? code : take_rest(words + 2, out, err);
}

static bool has_ports(const struct fw_statement *statement)
{
	return statement->port_low != 0 || statement->port_high != PORT_MAX;
}

static const char *prefix_text(const struct fw_statement *statement, char room[PREFIX_TEXT_MAX])
{
	struct prefix prefix = { .family = statement->family, .length = statement->length };

	if (!statement->family)
		return "any";
	memcpy(prefix.addr, statement->addr, sizeof(prefix.addr));
	return prefix_print(&prefix, room);
}

static const char *ports_text(const struct fw_statement *statement, char room[16])
{
	if (statement->port_low == statement->port_high)
		snprintf(room, 16, "%u", statement->port_low);
	else
		snprintf(room, 16, "%u-%u", statement->port_low, statement->port_high);
	return room;
}

const char *statement_text(const struct fw_statement *statement, char room[STATEMENT_TEXT_MAX])
{
	char proto[8], prefix[PREFIX_TEXT_MAX], ports[16];
	int n = snprintf(room, STATEMENT_TEXT_MAX, "%s %s", statement->direction == FW_IN ? "in" : "out",
			 proto_print(statement->proto, proto));

	if (statement->family)
		n += snprintf(room + n, STATEMENT_TEXT_MAX - (size_t)n, " %s %s",
			      statement->direction == FW_IN ? "from" : "to", prefix_text(statement, prefix));
	if (has_ports(statement))
		snprintf(room + n, STATEMENT_TEXT_MAX - (size_t)n, " port %s", ports_text(statement, ports));
	return room;
}

void statement_json(struct json *json, const struct fw_statement *statement)
{
	char proto[8], prefix[PREFIX_TEXT_MAX], ports[16];

	json_member(json, "action", action_print(statement->action));
	json_member(json, "direction", statement->direction == FW_IN ? "in" : "out");
	json_member(json, "proto", proto_print(statement->proto, proto));
	json_member(json, "prefix", prefix_text(statement, prefix));
	json_member(json, "port", has_ports(statement) ? ports_text(statement, ports) : "any");
}

static int compare_prefixes(const struct fw_statement *a, const struct fw_statement *b)
{
	int order = a->family - b->family;

	order = order ? order : memcmp(a->addr, b->addr, sizeof(a->addr));
	return order ? order : a->length - b->length;
}

int statement_compare(const void *left, const void *right)
{
	const struct fw_statement *a = left, *b = right;
	int order = a->direction - b->direction;

	order = order ? order : b->action - a->action; /* what is allowed, then what is denied */
	order = order ? order : a->proto - b->proto;
	order = order ? order : compare_prefixes(a, b);
	order = order ? order : a->port_low - b->port_low;
	return order ? order : a->port_high - b->port_high;
}
