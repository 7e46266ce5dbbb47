/* SPDX-License-Identifier: GPL-2.0 */
/* A table for people: columns as wide as their widest cell. Every line is measured first, then printed. */
#ifndef LOADER_TABLE_H
#define LOADER_TABLE_H

#include <stdio.h>

#define TABLE_COLUMNS_MAX 12

struct table {
	unsigned n;
	unsigned width[TABLE_COLUMNS_MAX];
	const char *align; /* one letter a column: 'l' or 'r' */
};

/* `align` gives the number of columns and outlives the table. */
void table_begin(struct table *table, const char *align);
void table_measure(struct table *table, const char *const *cells);
void table_line(const struct table *table, FILE *out, const char *const *cells);

#endif
