/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/table.h"

#include <string.h>

/* In characters of UTF-8. */
static unsigned text_width(const char *text)
{
	unsigned width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

void table_begin(struct table *table, const char *align)
{
	memset(table, 0, sizeof(*table));
	table->align = align;
	table->n = (unsigned)strlen(align);
}

void table_measure(struct table *table, const char *const *cells)
{
	unsigned i;

	for (i = 0; i < table->n; i++) {
		unsigned width = text_width(cells[i]);

		if (width > table->width[i])
			table->width[i] = width;
	}
}

void table_line(const struct table *table, FILE *out, const char *const *cells)
{
	unsigned i;

	for (i = 0; i < table->n; i++) {
		unsigned padding = table->width[i] - text_width(cells[i]);

		if (table->align[i] == 'r')
			fprintf(out, "%*s%s", (int)padding, "", cells[i]);
		else if (i + 1 < table->n)
			fprintf(out, "%s%*s", cells[i], (int)padding, "");
		else
			fputs(cells[i], out);
		fputs(i + 1 < table->n ? "  " : "\n", out);
	}
}
