/* SPDX-License-Identifier: GPL-2.0 */
/* apply, check, confirm: a whole policy from a file or a directory. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "loader/brought.h"
#include "loader/clock.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"
#include "loader/policy.h"
#include "loader/policy_file.h"
#include "loader/policy_force.h"
#include "loader/policy_put.h"
#include "loader/policy_state.h"
#include "loader/policy_watch.h"
#include "loader/report.h"
#include "loader/words.h"
#include "syscalls/bpf.h"

#define WAIT_SECONDS_MAX 3600
#define POLL_NS 200000000L
#define GO_BACK_TRIES 25

/* The last one is the command's own. */
struct wrong {
	const struct options *options;
	struct error last;
};

/* In batch an answer has one error; what stands before it there is a remark. */
static void tell_wrong(const struct wrong *wrong)
{
	if (wrong->last.code && wrong->options->remarks)
		report_remark(wrong->options, "%s", wrong->last.text);
	else
		report_error(wrong->options, &wrong->last, EXIT_USAGE);
}

static void take_wrong(const struct error *err, void *context)
{
	struct wrong *wrong = context;

	tell_wrong(wrong);
	wrong->last = *err;
}

/* An exit status; what is wrong with the file is told, but for the last. */
static int read_file(const struct options *options, const char *name, struct policy *policy, struct error *err)
{
	struct wrong wrong = { .options = options };
	int code = policy_new(policy);

	if (code)
		error_set(err, code, "no memory for the policy");
	else
		code = policy_file_read(name, policy, take_wrong, &wrong, err);
	if (wrong.last.code && err->code)
		tell_wrong(&wrong);
	else if (wrong.last.code)
		*err = wrong.last;
	if (code)
		return code == -EINVAL ? EXIT_USAGE : exit_status_of(code);
	policy_sort(policy);
	return EXIT_DONE;
}

/* ---- what changes ---- */

/* `context`: struct json; NULL: for people. */
static int print_change(char sign, const char *line, void *context)
{
	if (!context) {
		printf("%c %s\n", sign, line);
		return 0;
	}
	json_object(context);
	json_member(context, "change", sign == '+' ? "add" : "remove");
	json_member(context, "line", line);
	json_end_object(context);
	return 0;
}

static void print_changes(const struct options *options, const struct policy *from, const struct policy *to)
{
	struct json json;

	if (options->json) {
		json_begin(&json, stdout);
		json_array(&json);
	}
	policy_compare(from, to, print_change, options->json ? &json : NULL);
	if (options->json) {
		json_end_array(&json);
		json_finish(&json);
	}
}

static void report_changes(const struct options *options, struct policy_difference changes)
{
	struct json json;

	if (!options->json)
		return;
	json_begin(&json, stdout);
	json_object(&json);
	json_member_unsigned(&json, "added", changes.added);
	json_member_unsigned(&json, "removed", changes.removed);
	json_end_object(&json);
	json_finish(&json);
}

/* ---- confirm ---- */

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* A session that is lost is what this waits for: it does not end the waiting. */
static void heed_signals(void)
{
	struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

/* Whether the policy still waits until then; also where that cannot be told. */
static bool still_waits(const struct options *options, __u64 until)
{
	struct error ignored = { 0 };
	struct firewall fw;
	bool waits = true;
	int code = firewall_open(&fw, options, FIREWALL_READ, &ignored);

	if (code)
		return code != -ENOENT; /* down */
	waits = fw.config.confirm_until_ns == until;
	firewall_close(&fw);
	return waits;
}

/* Back to the one before, unless it was confirmed or taken back meanwhile. */
static int go_back(const struct options *options, __u64 until, struct error *err)
{
	struct firewall fw;
	bool waits;
	int code = firewall_open(&fw, options, FIREWALL_CONFIRM, err);

	if (code)
		return code;
	waits = fw.config.confirm_until_ns == until;
	if (waits)
		code = policy_go_back(&fw, err);
	firewall_close(&fw);
	if (!code && waits)
		code = error_set(err, -ETIMEDOUT, "the policy was not confirmed: the one before it is in force again");
	return code;
}

static int wait_for_confirm(const struct options *options, __u64 until, __u64 seconds, struct error *err)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	int code, tries = 0;

	report_remark(options,
		      "the policy is in force: run `bulkhead confirm` within %llu seconds, or the one before "
		      "it comes back",
		      (unsigned long long)seconds);
	while (!stopped && clock_now_ns() < until) {
		if (!still_waits(options, until))
			return EXIT_DONE;
		nanosleep(&pause, NULL);
	}
	for (;;) {
		memset(err, 0, sizeof(*err));
		code = go_back(options, until, err);
		if (!code || code == -ETIMEDOUT || ++tries == GO_BACK_TRIES)
			return exit_status_of(code);
		nanosleep(&pause, NULL);
	}
}

int confirm_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct firewall fw;
	int code;

	(void)words;
	if (n_words)
		return usage_error(err, "confirm: it takes no words");
	code = firewall_open(&fw, options, FIREWALL_CONFIRM, err);
	if (code)
		return exit_status_of(code);
	if (!fw.config.confirm_until_ns || clock_now_ns() >= fw.config.confirm_until_ns)
		code = error_set(err, -ENOENT, "confirm: no policy waits for it: see `bulkhead help apply`");
	else if (!options->dry_run)
		code = policy_confirm(&fw, err);
	firewall_close(&fw);
	if (!code)
		report_changes(options, (struct policy_difference) { 0 });
	return exit_status_of(code);
}

/* ---- apply, check ---- */

static bool is_watch(int n_words, char **words)
{
	return n_words == 2 && !strcmp(words[1], "watch");
}

static int parse_wait(int n_words, char **words, __u64 *wait, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	*wait = 0;
	if (n_words == 1 || is_watch(n_words, words))
		return EXIT_DONE;
	if (strcmp(words[1], "confirm") || n_words > 3)
		return usage_error(err,
				   "apply: %s: not understood here: write apply FILE confirm SECONDS, or "
				   "apply FILE watch",
				   word_shown(words[n_words > 3 ? 3 : 1], shown));
	if (n_words < 3)
		return usage_error(err, "apply: confirm: the seconds are missing: write apply FILE confirm SECONDS");
	if (word_number(words[2], WAIT_SECONDS_MAX, wait) || !*wait)
		return usage_error(err, "apply: confirm %s: use seconds, 1 to %d", word_shown(words[2], shown),
				   WAIT_SECONDS_MAX);
	return EXIT_DONE;
}

/* What `to` would change. */
static int compare(const struct options *options, struct policy *to, struct error *err)
{
	struct policy from;
	struct firewall fw;
	bool rules;
	int code = firewall_open(&fw, options, FIREWALL_READ, err);

	if (code)
		return code;
	code = policy_new(&from) ? error_set(err, -ENOMEM, "no memory for the policy") : policy_read(&fw, &from, err);
	if (!code)
		code = brought_keep(&fw, &from, to, &rules, err);
	if (!code)
		print_changes(options, &from, to);
	policy_free(&from);
	firewall_close(&fw);
	return code;
}

/* Until when it waits to be confirmed. */
static int put_in_force(const struct options *options, struct policy *to, __u64 wait, __u64 *until, struct error *err)
{
	struct policy_difference changes;
	int code = policy_put(options, to, (__u32)wait, &changes, until, err);

	if (code)
		return code;
	policy_state_forget(options);
	report_changes(options, changes);
	return 0;
}

/* Reads the file, and compares it with what is in force or puts it there. */
static int take_file(const struct options *options, bool checks, const char *name, __u64 wait, struct error *err)
{
	struct policy to;
	__u64 until = 0;
	int status, code;

	status = read_file(options, name, &to, err);
	if (!status) {
		code = checks ? compare(options, &to, err) : put_in_force(options, &to, wait, &until, err);
		status = code == -E2BIG ? EXIT_USAGE : exit_status_of(code);
	}
	policy_free(&to);
	if (!status && wait && until)
		status = wait_for_confirm(options, until, wait, err);
	return status;
}

int apply_run(const struct options *options, int n_words, char **words, struct error *err)
{
	__u64 wait;

	if (!n_words)
		return usage_error(
			err, "apply: the file is missing: write apply FILE, or a directory, or - for standard input");
	if (parse_wait(n_words, words, &wait, err))
		return EXIT_USAGE;
	if (is_watch(n_words, words) && !options->dry_run)
		return policy_watch(options, words[0], err);
	if (wait)
		heed_signals();
	return take_file(options, options->dry_run, words[0], wait, err);
}

int check_run(const struct options *options, int n_words, char **words, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	if (!n_words)
		return usage_error(
			err, "check: the file is missing: write check FILE, or a directory, or - for standard input");
	if (n_words > 1)
		return usage_error(err, "check: %s: not understood here: write check FILE",
				   word_shown(words[1], shown));
	return take_file(options, true, words[0], 0, err);
}
