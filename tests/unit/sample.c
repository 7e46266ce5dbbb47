/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/unit/sample.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

const char *const sample_orders[2] = { "el", "eb" };

struct sample sample_read_path(const char *path)
{
	struct sample sample = { NULL, 0 };
	FILE *file = fopen(path, "rb");
	long size;

	if (!file)
		fail_msg("%s: it is not there: run make tests", path);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	assert_true(size > 0);
	sample.size = (size_t)size;
	sample.bytes = malloc(sample.size);
	assert_non_null(sample.bytes);
	assert_int_equal(fread(sample.bytes, 1, sample.size, file), sample.size);
	fclose(file);
	return sample;
}

struct sample sample_read(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "build/bpf-test/%s.o", name);
	return sample_read_path(path);
}

void sample_free(struct sample *sample)
{
	free(sample->bytes);
	sample->bytes = NULL;
}

struct view sample_view(const struct sample *sample)
{
	return (struct view) { sample->bytes, sample->size };
}

void sample_parse(const struct sample *sample, struct spec *out)
{
	struct error err = { 0 };

	if (spec_parse(sample_view(sample), out, &err))
		fail_msg("%s", err.text);
}

static unsigned each_in(const char *folder, void (*visit)(const char *path))
{
	DIR *directory = opendir(folder);
	struct dirent *item;
	char path[512];
	unsigned n = 0;

	while (directory && (item = readdir(directory))) {
		size_t length = strlen(item->d_name);

		if (length < 3 || strcmp(item->d_name + length - 2, ".o"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, item->d_name);
		visit(path);
		n++;
	}
	if (directory)
		closedir(directory);
	return n;
}

unsigned sample_each(void (*visit)(const char *path))
{
	return each_in("build/bpf", visit) + each_in("build/bpf-test", visit);
}
