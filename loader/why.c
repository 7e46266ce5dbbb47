/* SPDX-License-Identifier: GPL-2.0 */
/* why NAME in|out PROTO from IP [port N] to IP [port N] [name DOMAIN]; why FILE [NAME] */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/address.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/event_print.h"
#include "loader/json.h"
#include "loader/pcap.h"
#include "loader/why_words.h"
#include "loader/words.h"

/* ---- the answer ---- */

static void flow_json(struct json *json, const struct asked *asked)
{
	const struct flow *flow = &asked->flow;
	char addr[ADDRESS_TEXT_MAX];

	if (asked->name) {
		json_member(json, "container", asked->name);
		json_member(json, "direction", asked->direction == FW_IN ? "in" : "out");
	}
	if (!flow->family)
		return;
	json_member_unsigned(json, "proto", flow->proto);
	json_member(json, "src_ip", address_print(flow->family, flow->src, addr));
	json_member(json, "dst_ip", address_print(flow->family, flow->dst, addr));
	json_member_unsigned(json, "src_port", flow->src_port);
	json_member_unsigned(json, "dst_port", flow->dst_port);
}

static void member_or_null(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	if (text && *text)
		json_string(json, text);
	else
		json_null(json);
}

static void print_json(unsigned long long packet, const struct asked *asked, const struct verdict *verdict)
{
	struct json json;

	json_begin(&json, stdout);
	json_object(&json);
	if (packet)
		json_member_unsigned(&json, "packet", packet);
	json_member(&json, "verdict", verdict->verdict);
	member_or_null(&json, "layer", verdict->layer);
	member_or_null(&json, "reason", verdict->reason);
	member_or_null(&json, "rule", verdict->rule);
	json_member(&json, "text", verdict->text);
	flow_json(&json, asked);
	json_end_object(&json);
	json_finish(&json);
}

static void flow_text(const struct asked *asked)
{
	const struct flow *flow = &asked->flow;
	bool has_port = flow->proto == FRAME_TCP || flow->proto == FRAME_UDP;
	char proto[8], source[EVENT_ENDPOINT_MAX], target[EVENT_ENDPOINT_MAX];

	if (asked->name)
		printf("%s %s ", asked->name, asked->direction == FW_IN ? "in" : "out");
	if (!flow->family)
		return;
	event_endpoint(flow->family, flow->src, htons(flow->src_port), has_port, source);
	event_endpoint(flow->family, flow->dst, htons(flow->dst_port), has_port, target);
	printf("%s %s -> %s: ", event_proto(flow->proto, proto), source, target);
}

static void print_text(unsigned long long packet, const struct asked *asked, const struct verdict *verdict)
{
	bool dropped = !strcmp(verdict->verdict, "drop");

	if (packet) {
		printf("%llu ", packet);
		flow_text(asked);
	}
	printf("%s%s%s: ", verdict->verdict, dropped ? " at " : "", dropped ? verdict->layer : "");
	if (verdict->reason)
		printf("%s%s", verdict->reason, strcmp(verdict->reason, "tracked") ? ": " : " ");
	printf("%s\n", verdict->text);
	fflush(stdout);
}

/* `packet`: its number in a capture; 0: it is in none. */
static void print(const struct options *options, unsigned long long packet, const struct asked *asked,
		  const struct verdict *verdict)
{
	if (options->json)
		print_json(packet, asked, verdict);
	else
		print_text(packet, asked, verdict);
}

/* ---- one packet ---- */

static int answer_words(const struct options *options, const struct wanted *wanted, struct error *err)
{
	__u8 bytes[FRAME_BUILT_MAX];
	struct question question;
	struct verdict verdict;
	struct ways ways;
	int code = ways_open(&ways, options, wanted->name, err);

	if (code)
		return code;
	why_packet(&ways, wanted, &question, bytes);
	code = ways_try(&ways, ways.guarded + ways.asked, wanted->direction, &question, &verdict, err);
	if (!code)
		print(options, 0, &question.asked, &verdict);
	ways_close(&ways);
	return code;
}

/* ---- a capture ---- */

static int answer_packet(const struct options *options, struct ways *ways, unsigned long long number, struct view frame,
			 struct error *err)
{
	struct question question = { .frame = frame };
	const struct guarded *sender = NULL, *receiver = NULL;
	struct flow *flow = &question.asked.flow;
	struct verdict verdict;
	int code = 0;

	frame_read(frame, flow, &question.quoted);
	if (flow->family) {
		sender = ways_owner(ways, flow->family, flow->src);
		receiver = ways_owner(ways, flow->family, flow->dst);
	}
	verdict_plain(&verdict, "skip", NULL, flow->family ? "neither address is a container's" : "it is not IP");
	if (sender)
		code = ways_try(ways, sender, FW_OUT, &question, &verdict, err);
	if (!code && receiver && receiver != sender && (!sender || !strcmp(verdict.verdict, "pass")))
		code = ways_try(ways, receiver, FW_IN, &question, &verdict, err);
	if (!code)
		print(options, number, &question.asked, &verdict);
	return code;
}

static int check_addresses(const struct ways *ways, struct error *err)
{
	if (!ways->only || ways->guarded[ways->asked].record.n_addrs)
		return 0;
	return error_set(
		err, -ENOENT,
		"%s: its addresses are not known, which tell what of a capture is its own: attach it with addr",
		ways->only);
}

static int answer_capture(const struct options *options, const char *only, struct pcap *pcap, struct error *err)
{
	struct pcap_packet packet;
	struct ways ways;
	int code = ways_open(&ways, options, only, err), more = 1;

	if (code)
		return code;
	code = check_addresses(&ways, err);
	while (!code && more > 0 && !ferror(stdout)) { /* whoever reads may have gone */
		more = pcap_next(pcap, &packet, err);
		if (more > 0)
			code = answer_packet(options, &ways, pcap->packets, packet.frame, err);
	}
	ways_close(&ways);
	return code ? code : more < 0 ? more : 0;
}

static int run_capture(const struct options *options, const char *path, const char *only, struct error *err)
{
	bool is_input = !strcmp(path, "-");
	FILE *file = is_input ? stdin : fopen(path, "re");
	char shown[WORD_SHOWN_MAX];
	struct pcap pcap;
	int code;

	if (!file)
		return usage_error(err, "why: %s: it cannot be opened: %s: " WHY_FORM, word_shown(path, shown),
				   strerror(errno));
	code = pcap_begin(&pcap, file, err);
	if (!code) {
		code = answer_capture(options, only, &pcap, err);
		pcap_end(&pcap);
	}
	if (code == -EINVAL)
		error_prefix(err, "%s", word_shown(path, shown));
	if (!is_input)
		fclose(file);
	return code == -EINVAL ? EXIT_USAGE : exit_status_of(code);
}

int why_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct wanted wanted = { 0 };
	char shown[WORD_SHOWN_MAX];

	if (!n_words)
		return usage_error(err, "why: the container's name is missing: " WHY_FORM);
	if (words[1] && (!strcmp(words[1], "in") || !strcmp(words[1], "out")))
		return why_parse(words, &wanted, err) ? EXIT_USAGE
						      : exit_status_of(answer_words(options, &wanted, err));
	if (n_words > 2)
		return usage_error(err, "why: %s: no such direction: " WHY_FORM, word_shown(words[1], shown));
	if (words[1] && container_check_name(words[1], err))
		return EXIT_USAGE;
	return run_capture(options, words[0], words[1], err);
}
