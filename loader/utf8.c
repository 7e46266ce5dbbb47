/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/utf8.h"

size_t utf8_length(const unsigned char *at, size_t left)
{
	unsigned char lowest = 0x80, highest = 0xbf;
	size_t n, i;

	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	n = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	if (at[0] == 0xe0)
		lowest = 0xa0;
	if (at[0] == 0xed)
		highest = 0x9f;
	if (at[0] == 0xf0)
		lowest = 0x90;
	if (at[0] == 0xf4)
		highest = 0x8f;
	if (left < n || at[1] < lowest || at[1] > highest)
		return 0;
	for (i = 2; i < n; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return n;
}

size_t utf8_put(unsigned long point, char out[4])
{
	size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4, i;

	for (i = n - 1; i > 0; i--, point >>= 6)
		out[i] = (char)(0x80 | (point & 0x3f));
	out[0] = (char)(n == 1 ? point : (0xf00u >> n & 0xf0) | point);
	return n;
}
