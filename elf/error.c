/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Names come from untrusted bytes: what could steer a terminal is not passed on. */
static void make_harmless(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = '?';
}

int(error_set)(struct error *err, int code, const char *format, ...)
{
	va_list arguments;

	if (!err || err->code)
		return code;
	err->code = code;
	texts_open();
	va_start(arguments, format);
	vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	make_harmless(err->text);
	return code;
}

int(error_prefix)(struct error *err, const char *format, ...)
{
	char old[sizeof(err->text)];
	va_list arguments;
	int n;

	if (!err || !err->code)
		return err ? err->code : 0;
	texts_open();
	memcpy(old, err->text, sizeof(old));
	va_start(arguments, format);
	n = vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	if (n >= 0 && (size_t)n + 3 < sizeof(err->text)) {
		memcpy(err->text + n, ": ", 2);
		strncpy(err->text + n + 2, old, sizeof(err->text) - (size_t)n - 3);
		err->text[sizeof(err->text) - 1] = '\0';
	}
	return err->code;
}
