/* SPDX-License-Identifier: GPL-2.0 */
/* status: what is loaded and attached, and how. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "loader/attach.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container_names.h"
#include "loader/host_features.h"
#include "loader/json.h"
#include "loader/lacks.h"
#include "loader/limits.h"
#include "loader/pins.h"
#include "loader/policy_force.h"
#include "loader/policy_state.h"
#include "loader/table.h"
#include "loader/rooms.h"
#include "loader/timeouts.h"
#include "syscalls/bpf.h"

struct program {
	char name[32];
	struct bpf_prog_info info;
};

struct status {
	const struct options *options;
	struct firewall fw;
	bool is_up, has_policy;
	struct policy_state policy;
	struct utsname kernel;
	const char *events; /* "ringbuf", "perf", "" */
	struct program programs[HOOK_N];
	unsigned n_programs;
	struct container_names names;
	struct json json;
	struct table table;
};

/* Each program once, in the order of hooks. */
static void read_programs(struct status *status)
{
	int hook;

	for (hook = 1; hook < HOOK_N; hook++) {
		struct program *program = &status->programs[status->n_programs];
		__u32 size = sizeof(program->info);
		int fd;

		if (hook == HOOK_TC_RATE_LIMIT)
			continue;
		fd = pin_open(status->options, "progs", hook_program((enum hook)hook));
		if (fd < 0)
			continue;
		snprintf(program->name, sizeof(program->name), "%s", hook_program((enum hook)hook));
		if (!sys_bpf_info(fd, &program->info, &size))
			status->n_programs++;
		close(fd);
	}
}

static void read_events(struct status *status)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	status->events = "";
	if (status->is_up && !sys_bpf_info(status->fw.map_fd[MAP_FW_EVENTS], &info, &size))
		status->events = info.type == BPF_MAP_TYPE_RINGBUF ? "ringbuf" : "perf";
}

static const char *method_word(__u8 how)
{
	static const char *const words[] = {
		[FW_HOW_LINK] = "link",
		[FW_HOW_NETLINK] = "netlink",
		[FW_HOW_PROG_ATTACH] = "prog_attach",
	};

	return how && how < sizeof(words) / sizeof(*words) ? words[how] : "?";
}

static const char *mode_word(const struct fw_attachment_key *key, const struct fw_attachment *record)
{
	if (key->hook != HOOK_XDP)
		return "";
	return record->mode == XDP_MODE_GENERIC ? "generic" : "native";
}

/* A device may have been renamed since; one that has gone keeps the name it had. */
static const char *target_text(const struct fw_attachment_key *key, const struct fw_attachment *record, char room[32])
{
	if (key->cgroup_id)
		snprintf(room, 32, "cgroup %llu", (unsigned long long)key->cgroup_id);
	else if (!if_indextoname(key->ifindex, room))
		snprintf(room, 32, "%.16s", record->ifname);
	return room;
}

static bool device_is_gone(const struct fw_attachment_key *key)
{
	char name[IF_NAMESIZE];

	return !key->cgroup_id && !if_indextoname(key->ifindex, name);
}

static int attachment_json(const struct fw_attachment_key *key, const struct fw_attachment *record, void *context)
{
	struct status *status = context;
	struct json *json = &status->json;
	char room[32], number[16];

	json_object(json);
	json_member(json, "program", hook_program(key->hook));
	json_member(json, "layer", hook_layer(key->hook));
	json_member(json, "target", target_text(key, record, room));
	if (!key->cgroup_id) {
		json_key(json, "gone");
		json_bool(json, device_is_gone(key));
	}
	json_member(json, "method", method_word(record->how));
	if (key->hook == HOOK_XDP)
		json_member(json, "mode", mode_word(key, record));
	json_member(json, "container", container_name_text(&status->names, record->container, number));
	json_end_object(json);
	return 0;
}

static void tag_text(const struct bpf_prog_info *info, char room[2 * BPF_TAG_SIZE + 1])
{
	unsigned i;

	for (i = 0; i < BPF_TAG_SIZE; i++)
		snprintf(room + 2 * i, 3, "%02x", info->tag[i]);
}

static void programs_json(struct status *status)
{
	char tag[2 * BPF_TAG_SIZE + 1];
	struct json *json = &status->json;
	unsigned i;

	json_key(json, "programs");
	json_array(json);
	for (i = 0; i < status->n_programs; i++) {
		const struct bpf_prog_info *info = &status->programs[i].info;

		tag_text(info, tag);
		json_object(json);
		json_member(json, "name", status->programs[i].name);
		json_member_unsigned(json, "id", info->id);
		json_member(json, "tag", tag);
		json_member_unsigned(json, "xlated_bytes", info->xlated_prog_len);
		json_member_unsigned(json, "jited_bytes", info->jited_prog_len);
		if (info->verified_insns) /* since Linux 5.16 */
			json_member_unsigned(json, "verified_instructions", info->verified_insns);
		json_end_object(json);
	}
	json_end_array(json);
}

static unsigned count_interpreted(const struct status *status)
{
	unsigned i, n = 0;

	for (i = 0; i < status->n_programs; i++)
		n += !status->programs[i].info.jited_prog_len;
	return n;
}

static void lack_json(const struct lack *lack, void *context)
{
	struct json *json = context;

	json_object(json);
	json_member(json, "lack", lack->what);
	json_member(json, "needs", lack->option);
	json_member(json, "effect", lack->effect);
	json_end_object(json);
}

static int lacks_json(struct status *status)
{
	int code = 0;

	json_key(&status->json, "lacks");
	json_array(&status->json);
	if (status->is_up)
		code = lacks_each(&status->fw, count_interpreted(status), lack_json, &status->json);
	json_end_array(&status->json);
	return code;
}

static void features_json(struct json *json, const struct features *features)
{
	unsigned i;

	json_key(json, "features");
	json_array(json);
	for (i = 0; i < FEATURE_N; i++)
		if (features->state[i] == YES)
			json_string(json, feature_name((enum feature)i));
	json_end_array(json);
}

static int print_json(struct status *status, const struct features *features)
{
	struct json *json = &status->json;
	__u32 sizes[ROOM_N];
	int code = 0, later;

	json_begin(json, stdout);
	json_object(json);
	json_member(json, "version", BULKHEAD_VERSION);
	json_member(json, "kernel", status->kernel.release);
	json_key(json, "up");
	json_bool(json, status->is_up);
	programs_json(status);
	json_key(json, "attachments");
	json_array(json);
	if (status->is_up)
		code = attachments_each(&status->fw, attachment_json, status);
	json_end_array(json);
	if (status->is_up) {
		json_key(json, "timeouts");
		timeouts_json(json, &status->fw.config);
		json_key(json, "limit");
		json_object(json);
		limit_json(json, &status->fw.config.limit);
		json_end_object(json);
		json_member_unsigned(json, "quota", status->fw.config.quota);
		rooms_read(&status->fw, sizes);
		json_key(json, "room");
		rooms_json(json, sizes);
		if (status->fw.config.confirm_until_ns)
			json_member_unsigned(json, "confirm_within_s", policy_seconds_left(&status->fw.config));
		if (status->has_policy) {
			json_key(json, "policy");
			json_object(json);
			policy_state_json(json, &status->policy);
			json_end_object(json);
		}
	}
	features_json(json, features);
	later = lacks_json(status);
	json_member(json, "events", status->events);
	json_end_object(json);
	json_finish(json);
	return code ? code : later;
}

static void programs_text(const struct status *status)
{
	char id[16], xlated[16], jited[16];
	const char *header[] = { "program", "id", "bytes", "machine code" };
	struct table table;
	unsigned i, pass;

	table_begin(&table, "lrrr");
	for (pass = 0; pass < 2; pass++) {
		if (pass)
			table_line(&table, stdout, header);
		else
			table_measure(&table, header);
		for (i = 0; i < status->n_programs; i++) {
			const struct bpf_prog_info *info = &status->programs[i].info;
			const char *cells[] = { status->programs[i].name, id, xlated, jited };

			snprintf(id, sizeof(id), "%u", info->id);
			snprintf(xlated, sizeof(xlated), "%u", info->xlated_prog_len);
			snprintf(jited, sizeof(jited), "%u", info->jited_prog_len);
			if (pass)
				table_line(&table, stdout, cells);
			else
				table_measure(&table, cells);
		}
	}
}

static int attachment_text(const struct fw_attachment_key *key, const struct fw_attachment *record, void *context)
{
	const struct status *status = context;
	const char *mode = mode_word(key, record);
	char room[32], number[16];
	const char *container = container_name_text(&status->names, record->container, number);

	printf("  %-15s %-6s %s%s by %s%s%s%s%s\n", hook_program(key->hook), hook_layer(key->hook),
	       target_text(key, record, room), device_is_gone(key) ? " (gone)" : "", method_word(record->how),
	       *mode ? ", " : "", mode, *container ? ", container " : "", container);
	return 0;
}

static void waiting_text(const struct fw_config *config)
{
	__u64 left = policy_seconds_left(config);

	if (left)
		printf("a policy waits to be confirmed: run `bulkhead confirm` within %llu seconds, or the one before "
		       "it "
		       "comes back\n",
		       (unsigned long long)left);
	else if (config->confirm_until_ns)
		printf("a policy was not confirmed in time: the next command that changes something brings back the "
		       "one "
		       "before it\n");
}

static void tracking_text(const struct firewall *fw)
{
	const struct fw_config *config = &fw->config;
	__u32 sizes[ROOM_N];
	enum fw_timeout timeout;

	printf("timeouts in seconds:");
	for (timeout = 0; timeout < FW_TIMEOUT_N; timeout++)
		printf("%s %s %llu", timeout ? "," : "", timeout_name(timeout),
		       (unsigned long long)timeout_seconds(config, timeout));
	if (config->limit.ns_per_token)
		printf("\neach source: %llu packets a second and %u at once, where a container has no limit of its "
		       "own\n",
		       (unsigned long long)limit_rate(&config->limit), config->limit.burst);
	else
		printf("\neach source: any number of packets a second, where a container has no limit of its own\n");
	printf("established connections: at most %u of a container that has no quota of its own\n", config->quota);
	rooms_read(fw, sizes);
	printf("room for %u connections, %u sources, %u KiB of events\n\n", sizes[ROOM_CONNECTIONS],
	       sizes[ROOM_SOURCES], sizes[ROOM_EVENTS]);
}

static void lack_text(const struct lack *lack, void *context)
{
	(void)context;
	printf("%s (needs %s)\n", lack->effect, lack->option);
}

static int print_text(struct status *status)
{
	int code, later;

	printf("bulkhead " BULKHEAD_VERSION " on Linux %s: %s\n", status->kernel.release,
	       status->is_up ? "up" : "not up");
	if (!status->is_up)
		return 0;
	printf("events come by %s\n", *status->events == 'r' ? "ring buffer" : "perf event array");
	waiting_text(&status->fw.config);
	if (status->has_policy)
		policy_state_text(stdout, &status->policy);
	code = lacks_each(&status->fw, count_interpreted(status), lack_text, NULL);
	tracking_text(&status->fw);
	programs_text(status);
	printf("\nattached:\n");
	later = attachments_each(&status->fw, attachment_text, status);
	return code ? code : later;
}

static int read_status(struct status *status, struct error *err)
{
	struct error why = { 0 };
	int code = firewall_open(&status->fw, status->options, FIREWALL_READ, &why);

	status->is_up = !code;
	if (code && code != -ENOENT) {
		*err = why;
		return code;
	}
	uname(&status->kernel);
	read_events(status);
	if (!status->is_up)
		return 0;
	read_programs(status);
	status->has_policy = !policy_state_read(status->options, &status->policy);
	return container_names_read(&status->fw, &status->names, err);
}

int status_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct status status = { .options = options };
	struct features *features = host_features(err);
	int code;

	(void)words;
	if (n_words)
		return usage_error(err, "status: it takes no words");
	if (!features)
		return EXIT_USAGE;
	code = read_status(&status, err);
	if (!code && options->json) {
		features_probe_set(features, FEATURES_ALL);
		code = print_json(&status, features);
	} else if (!code) {
		code = print_text(&status);
	}
	if (code)
		error_set(err, code, "the firewall's records cannot be read: %s", strerror(-code));
	container_names_free(&status.names);
	if (status.is_up)
		firewall_close(&status.fw);
	return exit_status_of(code);
}
