/* SPDX-License-Identifier: GPL-2.0 */
/* The one way in which a failure is told. */
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

int error_set(struct error *err, int code, const char *format, ...)
{
	va_list arguments;

	if (!err || err->code)
		return code;
	err->code = code;
	va_start(arguments, format);
	vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	make_harmless(err->text);
	return code;
}

int error_prefix(struct error *err, const char *format, ...)
{
	char text[sizeof(err->text)];
	va_list arguments;
	int length;

	if (!err)
		return 0;
	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length >= 0 && (size_t)length < sizeof(text) - 2)
		snprintf(text + length, sizeof(text) - (size_t)length, ": %.*s", (int)sizeof(text) - length - 3,
			 err->text);
	make_harmless(text);
	memcpy(err->text, text, sizeof(text));
	return err->code;
}
