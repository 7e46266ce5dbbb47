/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether what lies behind some paths has changed, whatever leads there: links, and what is not there yet. By inotify;
 * or by looking, where the kernel's bounds leave none.
 */
#ifndef LOADER_PATH_WATCH_H
#define LOADER_PATH_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct path_watched; /* a name, or a pattern of names, in a directory */

struct path_watch {
	int fd;   /* can be read once something has happened; the caller need not read it; -1: by looking */
	int code; /* -errno of the first that could not be watched: the kernel's bounds, or no memory; 0: none */
	struct path_watched *item;
	size_t n, room;
};

/* 0 or -errno, and then it looks; path_watch_look does so from the start, and so does what was closed. To be closed. */
int path_watch_open(struct path_watch *watch);
void path_watch_look(struct path_watch *watch);
void path_watch_close(struct path_watch *watch);

/*
 * Takes in a path, which need not be there: each directory that leads to it is watched for the name that leads on, each
 * symbolic link where it stands. In the last part * and ? stand for other letters. Again is fine, and takes in what has
 * come since.
 */
void path_watch_add(struct path_watch *watch, const char *path);

/*
 * Whether one of them may have changed since the last answer: its bytes, its mode, what it leads to, whether it is
 * there. Too many changes for the kernel's queue are one.
 */
bool path_watch_changed(struct path_watch *watch);

#endif
