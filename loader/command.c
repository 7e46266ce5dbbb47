/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int(usage_error)(struct error *err, const char *format, ...)
{
	char text[sizeof(err->text)];
	va_list arguments;

	texts_open();
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	error_set(err, -EINVAL, "%s", text);
	return EXIT_USAGE;
}

int exit_status_of(int code)
{
	switch (code) {
	case 0:
		return EXIT_DONE;
	case -ENOENT:
	case -ENODEV:
	case -ESRCH:
		return EXIT_NOT_FOUND;
	case -EOPNOTSUPP: /* ENOTSUP is the same number */
		return EXIT_LACKING;
	default:
		return EXIT_REFUSED;
	}
}
