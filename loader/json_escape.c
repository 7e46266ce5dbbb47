/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/json_escape.h"

#include <string.h>

/* Four hexadecimal digits, of which `left` bytes may be read; -1: they are not there. */
static long hex4(const char *at, size_t left)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	long value = 0;
	unsigned i;

	if (left < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = at[i] >= '0' && at[i] <= '9' ? digits + (at[i] - '0') : strchr(digits + 10, at[i] | 0x20);
		if (!digit)
			return -1;
		value = value << 4 | (digit - digits);
	}
	return value;
}

long json_escape_unicode(const char **at, const char *end)
{
	long high = hex4(*at, (size_t)(end - *at)), low = -1;

	if (high < 0 || (high & 0xfc00) == 0xdc00)
		return -1;
	*at += 4;
	if ((high & 0xfc00) != 0xd800)
		return high;
	if (end - *at >= 2 && (*at)[0] == '\\' && (*at)[1] == 'u')
		low = hex4(*at + 2, (size_t)(end - *at - 2));
	if ((low & ~0x3ffL) != 0xdc00)
		return -1;
	*at += 6;
	return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
}

char json_escape_letter(char letter)
{
	static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *found = letter ? strchr(letters, letter) : NULL;

	return found ? bytes[found - letters] : '\0';
}
