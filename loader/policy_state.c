/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE /* F_OFD_ */
#include "loader/policy_state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "loader/command.h"
#include "loader/json.h"
#include "loader/kernel_map.h"
#include "loader/pins.h"
#include "syscalls/bpf.h"

#define NAME "policy_watch"

/* ---- who watches ---- */

/*
 * A read lock on the directory of the maps, which nothing else locks so; the kernel ends it with the process. Who asks
 * takes none, and so is in nobody's way.
 */
static bool is_claimed(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

static int open_maps(const struct options *options)
{
	char path[PIN_PATH_MAX];
	int fd = pin_path(options, path, "maps", NULL) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	return fd < 0 ? -errno : fd;
}

static bool is_watched(const struct options *options)
{
	int fd = open_maps(options);
	bool claimed = fd >= 0 && is_claimed(fd);

	if (fd >= 0)
		close(fd);
	return claimed;
}

int policy_state_claim(const struct options *options, struct error *err)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int fd = open_maps(options), code = 0;

	if (fd < 0)
		return error_set(err, fd, "the maps cannot be looked at: %s: run `bulkhead up`", strerror(-fd));
	if (is_claimed(fd))
		code = error_set(err, -EBUSY, "another process watches a policy already: see `bulkhead status`");
	else if (fcntl(fd, F_OFD_SETLK, &lock))
		code = error_set(err, -errno, "the maps' directory cannot be locked: %s", strerror(errno));
	if (!code)
		return fd;
	close(fd);
	return code;
}

/* ---- the record ---- */

/* -EPROTO: another version's. */
static int open_record(const struct options *options)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = pin_open(options, "maps", NAME), code;

	if (fd < 0)
		return fd;
	code = sys_bpf_info(fd, &info, &size);
	if (!code && (info.key_size != sizeof(__u32) || info.value_size != sizeof(struct fw_watch)))
		code = -EPROTO;
	if (!code)
		return fd;
	close(fd);
	return code;
}

static int make_record(const struct options *options, struct error *err)
{
	/* A hash's value is replaced whole; who reads it sees no half. */
	const struct bpf_map_create_args args = {
		.type = BPF_MAP_TYPE_HASH,
		.key_size = sizeof(__u32),
		.value_size = sizeof(struct fw_watch),
		.max_entries = 1,
		.flags = BPF_F_NO_PREALLOC,
		.name = NAME,
	};
	int fd, code;

	kernel_memory_unlock();
	fd = sys_bpf_map_create(&args);
	if (fd < 0)
		return error_set(err, fd, "map " NAME ": it cannot be made: %s", strerror(-fd));
	code = pin_replace(options, "maps", NAME, fd, err);
	if (!code)
		return fd;
	close(fd);
	return code;
}

int policy_state_read(const struct options *options, struct policy_state *out)
{
	int fd = open_record(options), code;
	__u32 zero = 0;

	memset(out, 0, sizeof(*out));
	if (fd < 0)
		return fd;
	code = sys_bpf_map_lookup(fd, &zero, &out->watch);
	close(fd);
	out->watch.path[FW_WATCH_PATH_MAX - 1] = out->watch.error[FW_WATCH_ERROR_MAX - 1] = '\0';
	out->watched = is_watched(options);
	return code;
}

int policy_state_write(const struct options *options, const struct fw_watch *watch, struct error *err)
{
	int fd = open_record(options), code;
	__u32 zero = 0;

	if (fd < 0)
		fd = make_record(options, err);
	if (fd < 0)
		return fd;
	code = sys_bpf_map_update(fd, &zero, watch, BPF_ANY);
	close(fd);
	return code ? error_set(err, code, "map " NAME ": it cannot be written: %s", strerror(-code)) : 0;
}

void policy_state_forget(const struct options *options)
{
	if (!is_watched(options))
		pin_remove(options, "maps", NAME);
}

/* ---- what is told of it ---- */

void policy_state_json(struct json *json, const struct policy_state *state)
{
	const struct fw_watch *watch = &state->watch;

	json_member(json, "path", watch->path);
	json_key(json, "watched");
	json_bool(json, state->watched);
	json_member_unsigned(json, "generation", watch->generation);
	json_member(json, "state", watch->wrong ? "wrong" : "ok");
	if (watch->applied_s)
		json_member_unsigned(json, "applied_at", watch->applied_s);
	if (watch->wrong)
		json_member(json, "error", watch->error);
}

/* RFC 3339, in UTC. */
static const char *moment(__u64 seconds, char room[80])
{
	time_t at = (time_t)seconds;
	struct tm tm = { 0 };

	gmtime_r(&at, &tm);
	snprintf(room, 80, "%d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		 tm.tm_min, tm.tm_sec);
	return room;
}

void policy_state_text(FILE *out, const struct policy_state *state)
{
	const struct fw_watch *watch = &state->watch;
	char room[80];

	fprintf(out, "policy from %s, %s: generation %u is ", watch->path,
		state->watched ? "watched" : "no longer watched", watch->generation);
	if (watch->wrong)
		fputs(watch->applied_s ? "wrong, the one before it is " : "wrong", out);
	if (watch->applied_s)
		fprintf(out, "in force since %s", moment(watch->applied_s, room));
	fprintf(out, "%s%s\n", watch->wrong ? ": " : "", watch->error);
}
