/* SPDX-License-Identifier: GPL-2.0 */
/* Looking things up in an old kernel's tables. */
#include "tests/kernels/old_kernel.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct old_kernel *old_kernel_named(const char *name)
{
	static const struct old_kernel *const all[] = { &linux_4_19, &linux_5_10 };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

const char *helper_name(int helper)
{
#define NAME(name, ...) #name
	static const char *const names[] = { __BPF_FUNC_MAPPER(NAME) };

	return helper >= 0 && (size_t)helper < sizeof(names) / sizeof(*names) ? names[helper] : "?";
}

static bool is_among(const int *list, int number)
{
	for (; *list >= 0; list++)
		if (*list == number)
			return true;
	return false;
}

bool old_kernel_has_helper(const struct old_kernel *kernel, __u32 program_type, int helper)
{
	const int *helpers = kernel->programs[program_type].helpers;

	if (helper <= 0 || helper > kernel->last_helper)
		return false;
	return !helpers || is_among(helpers, helper) || is_among(kernel->base_helpers, helper);
}

static bool allows(enum access access, const struct field_row *field, unsigned at, unsigned size)
{
	unsigned whole = field->size == 8 ? 8 : 4;

	if (access == NO_ACCESS || at % size)
		return false;
	if (access == WHOLE)
		return size == whole;
	return size <= (access == WIDE ? 8 : whole);
}

bool old_kernel_lets_access(const struct old_kernel *kernel, __u32 program_type, int offset, unsigned size, bool write,
			    const char **name)
{
	const struct field_row *field = kernel->programs[program_type].fields;

	*name = NULL;
	if (!field)
		return true;
	for (; field->name; field++) {
		if (offset < (int)field->offset || offset + size > field->offset + field->size)
			continue;
		*name = field->name;
		return allows(write ? field->write : field->read, field, (unsigned)offset, size);
	}
	return false;
}

int refuse(struct refusal *refusal, int code, const char *format, ...)
{
	va_list words;

	va_start(words, format);
	vsnprintf(refusal->text, sizeof(refusal->text), format, words);
	va_end(words);
	refusal->code = code;
	return code;
}
