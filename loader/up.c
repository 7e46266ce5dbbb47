/* SPDX-License-Identifier: GPL-2.0 */
/* up [DEV...] [xdp auto|native|generic] */
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/attach.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/cpus.h"
#include "loader/device.h"
#include "loader/json.h"
#include "loader/limits.h"
#include "loader/pins.h"
#include "loader/reload.h"
#include "loader/timeouts.h"
#include "loader/words.h"
#include "syscalls/bpf.h"

#define LOCK_TRIES 100
#define UPLINKS_MAX 64

struct uplinks {
	const char *names[UPLINKS_MAX];
	int ifindex[UPLINKS_MAX];
	unsigned n;
	enum xdp_mode mode;
};

static int take_mode(const char *word, struct uplinks *uplinks, struct error *err)
{
	static const char *const modes[] = { "auto", "native", "generic" };
	char shown[WORD_SHOWN_MAX];
	unsigned i;

	if (!word)
		return usage_error(err, "up: xdp: the mode is missing: write xdp auto, native or generic");
	for (i = 0; i < 3; i++) {
		if (strcmp(word, modes[i]))
			continue;
		uplinks->mode = (enum xdp_mode)i;
		return 0;
	}
	return usage_error(err, "up: xdp %s: no such mode: write xdp auto, native or generic", word_shown(word, shown));
}

static int take_device(const char *name, struct uplinks *uplinks, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	int ifindex = (int)word_device(name);
	unsigned i;

	for (i = 0; i < uplinks->n; i++)
		if (uplinks->ifindex[i] == ifindex)
			return 0;
	if (uplinks->n == UPLINKS_MAX)
		return usage_error(err, "up: more than %d devices: name the others in another `up`", UPLINKS_MAX);
	if (!ifindex)
		return exit_status_of(error_set(err, -ENODEV,
						"up: %s: there is no such network device: see /sys/class/net",
						word_shown(name, shown)));
	if (device_check_ethernet(name, err))
		return EXIT_USAGE;
	uplinks->ifindex[uplinks->n] = ifindex;
	uplinks->names[uplinks->n++] = name;
	return 0;
}

static int take_words(char **words, struct uplinks *uplinks, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	int status = 0;

	for (; !status && *words && strcmp(*words, "xdp"); words++)
		status = take_device(*words, uplinks, err);
	if (status || !*words)
		return status;
	status = take_mode(words[1], uplinks, err);
	if (!status && words[2])
		return usage_error(err, "up: %s: one word too many: write up [DEV...] [xdp auto|native|generic]",
				   word_shown(words[2], shown));
	return status;
}

/* What the programs do before anybody has changed it. */
static void config_default(struct fw_config *config)
{
	enum fw_timeout timeout;

	memset(config, 0, sizeof(*config));
	config->abi = FW_ABI_VERSION;
	config->next_container = config->next_rule = config->next_port_set = 1;
	config->events_per_second = 1000;
	config->quota = FW_QUOTA;
	limit_set(&config->limit, LIMIT_RATE_FIRST, LIMIT_BURST_FIRST);
	for (timeout = 0; timeout < FW_TIMEOUT_N; timeout++)
		timeout_set(config, timeout, timeout_default(timeout));
}

static int config_read_or_default(struct firewall *fw, struct error *err)
{
	__u32 zero = 0;
	int code = sys_bpf_map_lookup(fw->map_fd[MAP_CONFIG], &zero, &fw->config);

	if (code)
		return error_set(err, code, "the configuration cannot be read: %s", strerror(-code));
	if (!fw->config.abi)
		config_default(&fw->config);
	if (fw->config.abi != FW_ABI_VERSION)
		return error_set(err, -EPROTO,
				 "what is up was made by another version of bulkhead (layout %u, this one has %u): run "
				 "`bulkhead down` first",
				 fw->config.abi, FW_ABI_VERSION);
	return 0;
}

/* The POLICY_ bits for what is pinned already; none for a firewall that is not up yet. */
static __u32 pinned_needs(const struct options *options)
{
	enum { N_ASKED = 5 };
	static const enum fw_map asked[N_ASKED] = { MAP_BLOCKED_IPS6, MAP_BLOCKED_PREFIXES, MAP_BLOCKED_LENGTHS,
						    MAP_BLOCKED_DOMAINS, MAP_CONTAINER_POLICIES };
	struct firewall fw;
	__u32 needs;
	unsigned i;

	for (i = 0; i < N_ASKED; i++)
		fw.map_fd[asked[i]] = firewall_open_map(options, asked[i]);
	needs = policy_needs(&fw);
	for (i = 0; i < N_ASKED; i++)
		if (fw.map_fd[asked[i]] >= 0)
			close(fw.map_fd[asked[i]]);
	return needs;
}

static int install(struct firewall *fw, const struct options *options, int lock_fd, struct error *err)
{
	__u32 policy = pinned_needs(options);
	struct program_set programs = { .n = 0 };
	struct map_set maps;
	int code;

	map_set_begin(&maps, options);
	code = map_set_own(&maps, err);
	if (!code)
		code = programs_load(&maps, policy, &programs, err);
	if (!code)
		code = firewall_adopt(fw, &maps, lock_fd, err);
	if (!code)
		code = config_read_or_default(fw, err);
	if (!code)
		code = firewall_install(fw, &maps, &programs, policy, err);
	if (!code)
		code = firewall_mend(fw, err);
	programs_close(&programs);
	map_set_close(&maps);
	return code;
}

/* Those that were attached before stay; of those that are new either all are attached or none. */
static int attach_all(struct firewall *fw, const struct uplinks *uplinks, struct error *err)
{
	bool was_there[UPLINKS_MAX];
	struct error ignored = { 0 };
	unsigned i;
	int code = 0;

	for (i = 0; !code && i < uplinks->n; i++) {
		was_there[i] = is_uplink(fw, uplinks->ifindex[i]);
		code = attach_uplink(fw, uplinks->ifindex[i], uplinks->mode, err);
	}
	while (code && i-- > 0)
		if (!was_there[i])
			detach_uplink(fw, uplinks->ifindex[i], &ignored);
	return code;
}

static void report(const struct options *options, const struct uplinks *uplinks, const char *word)
{
	struct json json;
	unsigned i;

	if (options->json) {
		json_begin(&json, stdout);
		json_object(&json);
		json_key(&json, "up");
		json_bool(&json, pins_are_there(options));
		json_key(&json, "uplinks");
		json_array(&json);
		for (i = 0; i < uplinks->n; i++)
			json_string(&json, uplinks->names[i]);
		json_end_array(&json);
		json_end_object(&json);
		json_finish(&json);
		return;
	}
	if (options->quiet)
		return;
	printf("%s", word);
	for (i = 0; i < uplinks->n; i++)
		printf("%s %s", i ? "," : ": uplink", uplinks->names[i]);
	printf("\n");
}

/* Until it is locked, a `down` that runs beside this one may remove the directory again. */
static int make_and_lock(const struct options *options, bool *made, struct error *err)
{
	struct error gone;
	int code, tries = 0;

	do {
		memset(&gone, 0, sizeof(gone));
		code = pins_make(options, err);
		if (!code)
			code = firewall_lock(options, &gone);
	} while (code == -ENOENT && ++tries < LOCK_TRIES);
	if (code < 0)
		return error_set(err, code, "%s", gone.text);
	if (pins_make_below(options, made, err)) {
		close(code);
		return err->code;
	}
	return code;
}

/* A first `up` that fails leaves nothing behind. */
static int up(const struct options *options, const struct uplinks *uplinks, struct error *err)
{
	struct error ignored = { 0 };
	struct firewall fw = { .lock_fd = -1 };
	bool made = false;
	int code = bpffs_ensure(options, err), lock_fd;

	if (code)
		return code;
	lock_fd = make_and_lock(options, &made, err);
	if (lock_fd < 0)
		return lock_fd;
	code = install(&fw, options, lock_fd, err);
	if (!code)
		code = attach_all(&fw, uplinks, err);
	if (code && made) {
		if (fw.lock_fd >= 0)
			detach_all(&fw, &ignored);
		pins_remove(options, &ignored);
	}
	if (fw.lock_fd >= 0)
		firewall_close(&fw);
	else
		close(lock_fd);
	return code;
}

int up_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct uplinks uplinks = { .mode = XDP_MODE_AUTO };
	int status = take_words(words, &uplinks, err), code;

	(void)n_words;
	if (status)
		return status;
	if (options->dry_run) {
		report(options, &uplinks, "would be up");
		return EXIT_DONE;
	}
	code = up(options, &uplinks, err);
	if (code)
		return exit_status_of(code);
	report(options, &uplinks, "up");
	return EXIT_DONE;
}
