/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/path_watch.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char top[] = "/tmp/path_watch_test.XXXXXX", before[PATH_MAX];
static struct path_watch watch;

static void write_file(const char *name)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs("x", file);
	fclose(file);
}

static void watch_only(const char *path)
{
	path_watch_close(&watch);
	assert_int_equal(path_watch_open(&watch), 0);
	path_watch_add(&watch, path);
	assert_int_equal(watch.code, 0);
}

static int setup(void **state)
{
	(void)state;
	strcpy(top + strlen(top) - 6, "XXXXXX");
	assert_non_null(mkdtemp(top));
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(top), 0);
	return path_watch_open(&watch);
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	path_watch_close(&watch);
	assert_int_equal(chdir(before), 0);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

static void what_a_pattern_stands_for_and_nothing_else(void **state)
{
	(void)state;
	mkdir("d", 0700);
	watch_only("d/*.policy");
	assert_false(path_watch_changed(&watch));
	write_file("d/x");
	write_file("d/.x.policy.swp");
	write_file("y.policy");
	assert_false(path_watch_changed(&watch));
	write_file("d/x.policy");
	assert_true(path_watch_changed(&watch));
	assert_false(path_watch_changed(&watch));
	rename("d/x.policy", "d/gone");
	assert_true(path_watch_changed(&watch));
	rename("d/gone", "d/y.policy");
	assert_true(path_watch_changed(&watch));
	chmod("d/y.policy", 0600);
	assert_true(path_watch_changed(&watch));
	unlink("d/y.policy");
	assert_true(path_watch_changed(&watch));
}

static void reading_is_no_change(void **state)
{
	int fd;

	(void)state;
	write_file("x");
	watch_only("x");
	fd = open("x", O_RDONLY);
	assert_true(fd >= 0);
	close(fd);
	assert_false(path_watch_changed(&watch));
}

static void a_link_that_is_swapped_on_the_way(void **state)
{
	(void)state;
	mkdir("..1", 0700);
	mkdir("..2", 0700);
	write_file("..1/a.policy");
	write_file("..2/a.policy");
	symlink("..1", "..data");
	symlink("..data/a.policy", "a.policy");
	watch_only("a.policy");
	write_file("..2/a.policy");
	assert_false(path_watch_changed(&watch));
	symlink("..2", "..new");
	assert_false(path_watch_changed(&watch));
	rename("..new", "..data");
	assert_true(path_watch_changed(&watch));
	/* What is there now is watched once it is added again. */
	path_watch_add(&watch, "a.policy");
	write_file("..2/a.policy");
	assert_true(path_watch_changed(&watch));
}

static void links_to_elsewhere(void **state)
{
	char target[PATH_MAX];

	(void)state;
	mkdir("far", 0700);
	mkdir("near", 0700);
	write_file("far/x");
	snprintf(target, sizeof(target), "%s/far", top);
	symlink(target, "near/absolute");
	symlink("../near/absolute/x", "near/relative");
	snprintf(target, sizeof(target), "%s/./near//relative", top);
	watch_only(target);
	write_file("far/x");
	assert_true(path_watch_changed(&watch));
	unlink("near/absolute");
	assert_true(path_watch_changed(&watch));
}

static void what_is_not_there_yet(void **state)
{
	(void)state;
	watch_only("a/b/c");
	mkdir("other", 0700);
	assert_false(path_watch_changed(&watch));
	mkdir("a", 0700);
	assert_true(path_watch_changed(&watch));
	path_watch_add(&watch, "a/b/c");
	mkdir("a/b", 0700);
	assert_true(path_watch_changed(&watch));
	path_watch_add(&watch, "a/b/c");
	write_file("a/b/c");
	assert_true(path_watch_changed(&watch));
}

static void a_directory_that_is_made_again(void **state)
{
	(void)state;
	mkdir("d", 0700);
	watch_only("d/*");
	rmdir("d");
	assert_true(path_watch_changed(&watch));
	mkdir("d", 0700);
	assert_true(path_watch_changed(&watch));
}

static void links_without_end(void **state)
{
	(void)state;
	symlink("two", "one");
	symlink("one", "two");
	watch_only("one/x");
	assert_false(path_watch_changed(&watch));
	unlink("two");
	assert_true(path_watch_changed(&watch));
}

static void again_takes_no_more_room(void **state)
{
	size_t n;
	int i;

	(void)state;
	write_file("x");
	watch_only("x");
	n = watch.n;
	for (i = 0; i < 100; i++)
		path_watch_add(&watch, "x");
	assert_int_equal(watch.n, n);
}

/* More than the kernel's queue holds: each name is another event. */
static void too_many_changes_are_one(void **state)
{
	char name[32];
	FILE *bound = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
	int most = 0, i;

	(void)state;
	assert_non_null(bound);
	assert_int_equal(fscanf(bound, "%d", &most), 1);
	fclose(bound);
	if (most > 100000)
		skip();
	mkdir("d", 0700);
	watch_only("d/x");
	for (i = 0; i <= most / 2; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		unlink(name);
	}
	assert_true(path_watch_changed(&watch));
	assert_false(path_watch_changed(&watch));
}

static void its_descriptor_can_be_waited_on(void **state)
{
	struct pollfd fd;

	(void)state;
	watch_only("x");
	fd = (struct pollfd) { .fd = watch.fd, .events = POLLIN };
	assert_int_equal(poll(&fd, 1, 0), 0);
	write_file("x");
	assert_int_equal(poll(&fd, 1, 0), 1);
	assert_true(path_watch_changed(&watch));
	assert_int_equal(poll(&fd, 1, 0), 0);
}

static void by_looking(void **state)
{
	(void)state;
	mkdir("d", 0700);
	mkdir("e", 0700);
	write_file("e/x.policy");
	assert_int_equal(symlink("d", "l"), 0);
	path_watch_close(&watch);
	path_watch_look(&watch);
	path_watch_add(&watch, "l/*.policy");
	path_watch_add(&watch, "l/x.policy");
	assert_int_equal(watch.code, 0);
	assert_false(path_watch_changed(&watch));
	write_file("d/x.policy");
	assert_true(path_watch_changed(&watch));
	assert_false(path_watch_changed(&watch));
	assert_int_equal(truncate("d/x.policy", 0), 0);
	assert_true(path_watch_changed(&watch));
	chmod("d/x.policy", 0600);
	assert_true(path_watch_changed(&watch));
	assert_int_equal(unlink("l") || symlink("e", "l"), 0);
	assert_true(path_watch_changed(&watch));
	assert_false(path_watch_changed(&watch));
	unlink("e/x.policy");
	assert_true(path_watch_changed(&watch));
	path_watch_add(&watch, "l/*.policy");
	path_watch_add(&watch, "y");
	assert_false(path_watch_changed(&watch));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_looking, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_pattern_stands_for_and_nothing_else, setup, teardown),
		cmocka_unit_test_setup_teardown(reading_is_no_change, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_that_is_swapped_on_the_way, setup, teardown),
		cmocka_unit_test_setup_teardown(links_to_elsewhere, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_there_yet, setup, teardown),
		cmocka_unit_test_setup_teardown(a_directory_that_is_made_again, setup, teardown),
		cmocka_unit_test_setup_teardown(links_without_end, setup, teardown),
		cmocka_unit_test_setup_teardown(again_takes_no_more_room, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many_changes_are_one, setup, teardown),
		cmocka_unit_test_setup_teardown(its_descriptor_can_be_waited_on, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
