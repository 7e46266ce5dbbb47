/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/policy_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "loader/command.h"
#include "loader/follow.h"
#include "loader/json.h"
#include "loader/path_watch.h"
#include "loader/pins.h"
#include "loader/policy.h"
#include "loader/policy_file.h"
#include "loader/policy_put.h"
#include "loader/policy_state.h"
#include "loader/ready.h"
#include "loader/report.h"
#include "loader/words.h"

#define QUIET_MS 200   /* without a change, before what is there is read */
#define SETTLE_MS 5000 /* at most, from the first change on */
#define READ_MS 50     /* without a change after reading, before what was read is taken as whole */
#define READ_TRIES 4   /* where it changes all the while */
#define LOOK_MS 5000   /* between two looks, where the kernel does not tell of changes */
#define RETRY_MS 30000 /* where the firewall could not take a policy that is right */

struct watcher {
	const struct options *options;
	const char *path;
	struct follow follow;     /* its signals */
	struct path_watch policy; /* what the policy was read from */
	struct path_watch pins;   /* the firewall's directory */
	int pins_fd, claim_fd;
	struct fw_watch told;
	bool has_told, retry, looks; /* it looks, as it cannot watch */
};

static volatile sig_atomic_t look_again;

static void heed_hangup(int signal)
{
	(void)signal;
	look_again = 1;
	follow_wake();
}

/* What is there is put in force all the same. */
static void look_from_here(struct watcher *watcher, int code)
{
	if (!watcher->looks)
		report_remark(watcher->options,
			      "changes cannot be watched for: %s: it looks every %d seconds instead: raise "
			      "fs.inotify.max_user_%s and start it again",
			      strerror(-code), LOOK_MS / 1000, code == -EMFILE ? "instances" : "watches");
	watcher->looks = true;
}

/* ---- reading: what is there, whole ---- */

static void watch_path(const char *path, void *context)
{
	path_watch_add(context, path);
}

/* Sleeps, unless a signal comes. */
static void nap(const struct watcher *watcher, __s64 ms)
{
	follow_sleep(&watcher->follow, NULL, 0, ms);
}

/* What came in the place of a directory that was watched is watched from here on. */
static void settle(struct watcher *watcher)
{
	__s64 until = follow_now_ms() + SETTLE_MS;
	bool changed = true;

	while (changed && !follow_stopped() && follow_now_ms() < until) {
		policy_file_paths(watcher->path, watch_path, &watcher->policy);
		nap(watcher, QUIET_MS);
		changed = path_watch_changed(&watcher->policy);
	}
}

static void watch_anew(struct watcher *watcher)
{
	int code;

	path_watch_close(&watcher->policy);
	code = watcher->looks ? 0 : path_watch_open(&watcher->policy);
	if (code)
		look_from_here(watcher, code);
}

/* Watches all that it reads, before it reads it, and nothing else. What came of reading. */
static int read_once(struct watcher *watcher, struct policy *policy, struct error *why)
{
	struct error first = { 0 };
	int code = policy_new(policy);

	memset(why, 0, sizeof(*why));
	watch_anew(watcher);
	if (code)
		return error_set(why, code, "no memory for the policy");
	policy_file_paths(watcher->path, watch_path, &watcher->policy);
	policy->on_path = watch_path;
	policy->on_path_context = &watcher->policy;
	code = policy_file_read(watcher->path, policy, policy_file_first, &first, why);
	if (first.code)
		*why = first;
	return code;
}

/* The same, until nothing has changed meanwhile: half of a policy may be what is read till then. -EINTR: to end. */
static int read_whole(struct watcher *watcher, struct policy *policy, struct error *why)
{
	int code, tries = 0;

	for (;;) {
		code = read_once(watcher, policy, why);
		nap(watcher, READ_MS);
		if (follow_stopped())
			return -EINTR;
		if (watcher->policy.code && !watcher->looks)
			look_from_here(watcher, watcher->policy.code);
		else if (!path_watch_changed(&watcher->policy))
			return code;
		else if (++tries == READ_TRIES)
			return error_set(why, -EBUSY,
					 "it changes all the while: nothing of it is taken until it rests");
		else
			settle(watcher);
		policy_free(policy);
	}
}

/* ---- telling ---- */

static void tell_json(const struct watcher *watcher, const struct policy_difference *changes)
{
	const struct policy_state state = { .watch = watcher->told, .watched = true };
	struct json json;

	json_begin(&json, stdout);
	json_object(&json);
	policy_state_json(&json, &state);
	json_member_unsigned(&json, "added", changes->added);
	json_member_unsigned(&json, "removed", changes->removed);
	json_end_object(&json);
	if (json_finish(&json))
		clearerr(stdout); /* the policy is followed whether somebody reads this or not */
}

static const char *changes_text(const struct policy_difference *changes, char room[80])
{
	if (!changes->added && !changes->removed)
		return "nothing changed";
	snprintf(room, 80, "%zu line%s added, %zu removed", changes->added, changes->added == 1 ? "" : "s",
		 changes->removed);
	return room;
}

static void tell_text(const struct watcher *watcher, const struct policy_difference *changes)
{
	const struct fw_watch *told = &watcher->told;
	struct error wrong = { 0 };
	char room[80];

	if (!told->wrong) {
		report_remark(watcher->options, "%.200s: generation %u is in force (%s)", watcher->path,
			      told->generation, changes_text(changes, room));
		return;
	}
	error_set(&wrong, -EINVAL, "%.200s: generation %u is wrong, what was in force before it stays: %.600s",
		  watcher->path, told->generation, told->error);
	report_error(watcher->options, &wrong, EXIT_USAGE);
}

static bool is_news(const struct watcher *watcher, const struct policy_difference *changes, const struct error *why)
{
	const struct fw_watch *told = &watcher->told;

	return !watcher->has_told || changes->added || changes->removed || !told->wrong != !why->code ||
	       strncmp(told->error, why->text, sizeof(told->error) - 1) != 0;
}

/* The generation that was found is in force, or `why` says what is wrong with it. */
static int tell(struct watcher *watcher, const struct policy_difference *changes, const struct error *why,
		struct error *err)
{
	struct fw_watch *told = &watcher->told;
	int code;

	if (!is_news(watcher, changes, why))
		return 0;
	/* Where nothing had to be changed, it came into force when it did. */
	if (!why->code && (changes->added || changes->removed || !told->applied_s))
		told->applied_s = (__u64)time(NULL);
	watcher->has_told = true;
	told->generation++;
	told->wrong = why->code != 0;
	snprintf(told->error, sizeof(told->error), "%s", why->text);
	code = policy_state_write(watcher->options, told, err);
	if (code)
		return code;
	if (watcher->options->json)
		tell_json(watcher, changes);
	else
		tell_text(watcher, changes);
	return 0;
}

/* ---- a generation ---- */

/* What ends the watch: the firewall is gone, or another version's. */
static bool is_end(int code)
{
	return code == -ENOENT || code == -EPROTO || follow_stopped();
}

/* 0, or -errno that ends the watch. */
static int take_generation(struct watcher *watcher, struct error *err)
{
	struct policy_difference changes = { 0 };
	struct policy policy;
	struct error why;
	__u64 waits = 0;
	int code = read_whole(watcher, &policy, &why), failed = 0;

	watcher->retry = code == -EBUSY;
	if (!code) {
		policy_sort(&policy);
		code = policy_put(watcher->options, &policy, 0, &changes, &waits, &why);
		watcher->retry = code && code != -E2BIG;
		if (is_end(code))
			failed = code ? error_set(err, code, "%s", why.text) : 0;
	}
	policy_free(&policy);
	if (failed || code == -EINTR)
		return failed;
	return tell(watcher, &changes, &why, err);
}

static __s64 wait_ms(const struct watcher *watcher)
{
	return watcher->looks ? LOOK_MS : watcher->retry ? RETRY_MS : -1;
}

/* Until there is something to look at. */
static int wait_for_change(struct watcher *watcher, struct error *err)
{
	struct pollfd fds[] = { { .fd = watcher->policy.fd, .events = POLLIN },
				{ .fd = watcher->pins.fd, .events = POLLIN } };

	while (!follow_stopped() && !look_again) {
		int n = follow_sleep(&watcher->follow, fds, 2, wait_ms(watcher));

		path_watch_changed(&watcher->pins);
		if (follow_is_down(watcher->pins_fd))
			return error_set(err, -ENOENT,
					 "apply: the firewall is no longer up: run bulkhead up, then watch again");
		if (path_watch_changed(&watcher->policy)) {
			settle(watcher);
			return 0;
		}
		if (!n && watcher->retry)
			break;
		nap(watcher, QUIET_MS); /* others are busy beside it */
	}
	look_again = 0;
	return 0;
}

static int watch_on(struct watcher *watcher, struct error *err)
{
	int code;

	do {
		code = take_generation(watcher, err);
		if (!code && !follow_stopped()) {
			ready();
			code = wait_for_change(watcher, err);
		}
	} while (!code && !follow_stopped());
	return follow_stopped() ? 0 : code;
}

/* ---- beginning and end ---- */

static int open_pins(struct watcher *watcher, struct error *err)
{
	char path[PIN_PATH_MAX];
	int code;

	/* Who watches is settled under the lock. */
	watcher->pins_fd = firewall_lock(watcher->options, err);
	if (watcher->pins_fd < 0)
		return watcher->pins_fd;
	watcher->claim_fd = policy_state_claim(watcher->options, err);
	flock(watcher->pins_fd, LOCK_UN);
	if (watcher->claim_fd < 0)
		return watcher->claim_fd;
	code = path_watch_open(&watcher->pins);
	pin_path(watcher->options, path, NULL, NULL);
	path_watch_add(&watcher->pins, path);
	code = code ? code : watcher->pins.code;
	if (code)
		look_from_here(watcher, code);
	return 0;
}

/* What was told of the same path before is gone on with. */
static int take_up(struct watcher *watcher, struct error *err)
{
	struct policy_state before;

	if (strlen(watcher->path) >= sizeof(watcher->told.path))
		return error_set(err, -ENAMETOOLONG, "apply: the path is too long to be watched");
	if (!policy_state_read(watcher->options, &before) && !strcmp(before.watch.path, watcher->path))
		watcher->told = before.watch;
	strcpy(watcher->told.path, watcher->path);
	return 0;
}

static void close_all(struct watcher *watcher)
{
	path_watch_close(&watcher->policy);
	path_watch_close(&watcher->pins);
	if (watcher->claim_fd >= 0)
		close(watcher->claim_fd);
	if (watcher->pins_fd >= 0)
		close(watcher->pins_fd);
}

static int check_path(const char *path, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	if (!strcmp(path, "-"))
		return usage_error(err, "apply: -: standard input cannot be watched: name a file or a directory");
	if (access(path, F_OK))
		return usage_error(err, "apply: %s: it cannot be watched: %s: name a file or a directory",
				   word_shown(path, shown), strerror(errno));
	return EXIT_DONE;
}

int policy_watch(const struct options *options, const char *path, struct error *err)
{
	struct watcher watcher = {
		.options = options,
		.path = path,
		.policy.fd = -1,
		.pins.fd = -1,
		.pins_fd = -1,
		.claim_fd = -1,
	};
	int code;

	if (check_path(path, err))
		return EXIT_USAGE;
	follow_signals(&watcher.follow);
	follow_catch(&watcher.follow, SIGHUP, heed_hangup);
	code = open_pins(&watcher, err);
	if (!code)
		code = take_up(&watcher, err);
	if (!code)
		code = watch_on(&watcher, err);
	close_all(&watcher);
	if (code)
		return exit_status_of(code);
	return watcher.told.wrong ? EXIT_USAGE : EXIT_DONE;
}
