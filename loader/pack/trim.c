/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trim BTF OUT: of a .BTF section (Documentation/bpf/btf.rst) what the definitions of the maps refer to, and no type of
 * a function's. Runs where the binary is built.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

#define BYTES_MAX (1u << 20)
#define HEADER 24
#define MAGIC 0xeb9f
#define DATASEC 15

/* What a kind of type has behind its name, its kind and its third word: words, or words for each of its parts. */
static const struct kind {
	unsigned char words, part_words;
	unsigned char names, types; /* a bit for each of them that is a name, or a type */
	bool refers;                /* the third word is a type */
} kinds[] = {
	[1] = { .words = 1 },
	[2] = { .refers = true },
	[3] = { .words = 3, .types = 3 },
	[4] = { .part_words = 3, .names = 1, .types = 2 },
	[5] = { .part_words = 3, .names = 1, .types = 2 },
	[6] = { .part_words = 2, .names = 1 },
	[8] = { .refers = true },
	[9] = { .refers = true },
	[10] = { .refers = true },
	[11] = { .refers = true },
	[12] = { .refers = true },
	[13] = { .part_words = 2, .names = 1, .types = 2, .refers = true },
	[14] = { .words = 1, .refers = true },
	[DATASEC] = { .part_words = 3, .types = 1 },
	[17] = { .words = 1, .refers = true },
	[18] = { .refers = true },
	[19] = { .part_words = 3, .names = 1 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct type {
	unsigned char *at;
	const struct kind *kind;
	unsigned words; /* in all */
	bool kept;
	__u32 id; /* the new one */
};

static unsigned char bytes[BYTES_MAX], out[BYTES_MAX];
static struct type types[BYTES_MAX / 12 + 1]; /* [0] is void */
static __u32 n_types;
static bool big_endian;
static const char *names;
static __u32 names_size;

static __u32 get(const unsigned char *at)
{
	return big_endian ? (__u32)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]
			  : (__u32)at[3] << 24 | at[2] << 16 | at[1] << 8 | at[0];
}

static void put(unsigned char *at, __u32 value)
{
	for (unsigned i = 0; i < 4; i++)
		at[big_endian ? 3 - i : i] = (unsigned char)(value >> 8 * i);
}

static unsigned kind_number(const unsigned char *at)
{
	return get(at + 4) >> 24 & 31;
}

static bool find_types(unsigned char *at, const unsigned char *end)
{
	for (n_types = 0; at + 12 <= end; at += 4 * types[n_types].words) {
		struct type *type = &types[++n_types];

		if (kind_number(at) >= KINDS)
			return false;
		*type = (struct type) { .at = at, .kind = &kinds[kind_number(at)] };
		type->words = 3 + type->kind->words + type->kind->part_words * (get(at + 4) & 0xffff);
	}
	return at == end;
}

/* Whether a word behind the first three is one that the mask of its kind names. */
static bool is_one_of(const struct type *type, unsigned word, unsigned char mask)
{
	unsigned place = word - 3;

	if (type->kind->part_words)
		place %= type->kind->part_words;
	return mask >> place & 1;
}

static bool is_type_word(const struct type *type, unsigned word)
{
	return word == 2 ? type->kind->refers : word > 2 && is_one_of(type, word, type->kind->types);
}

static bool is_name_word(const struct type *type, unsigned word)
{
	return !word || (word > 2 && is_one_of(type, word, type->kind->names));
}

static bool keep(__u32 id)
{
	struct type *type = &types[id];

	if (!id || type->kept)
		return true;
	if (id > n_types)
		return false;
	type->kept = true;
	for (unsigned word = 2; word < type->words; word++)
		if (is_type_word(type, word) && !keep(get(type->at + 4 * word)))
			return false;
	return true;
}

static bool keep_maps(void)
{
	__u32 n = 0;

	for (__u32 id = 1; id <= n_types; id++) {
		__u32 name = get(types[id].at);

		if (kind_number(types[id].at) == DATASEC && name < names_size && !strcmp(names + name, ".maps") &&
		    !keep(id))
			return false;
	}
	for (__u32 id = 1; id <= n_types; id++)
		types[id].id = types[id].kept ? ++n : 0;
	return n;
}

/* The place of a name in the new strings, which grow by it unless they have it. */
static __u32 name_place(const char *name, char *strings, __u32 *size)
{
	__u32 at;

	for (at = 0; at < *size; at += (__u32)strlen(strings + at) + 1)
		if (!strcmp(strings + at, name))
			return at;
	strcpy(strings + at, name);
	*size += (__u32)strlen(name) + 1;
	return at;
}

/* Returns how many bytes stand in `out`; 0: a name lies outside of the strings. */
static size_t write_kept(void)
{
	static char strings[BYTES_MAX];
	__u32 strings_size = 1, size = 0;

	for (__u32 id = 1; id <= n_types; id++) {
		const struct type *type = &types[id];

		for (unsigned word = 0; type->kept && word < type->words; word++, size += 4) {
			__u32 value = get(type->at + 4 * word);

			if (is_name_word(type, word) && value >= names_size)
				return 0;
			if (is_name_word(type, word))
				value = name_place(names + value, strings, &strings_size);
			else if (is_type_word(type, word))
				value = types[value].id;
			put(out + HEADER + size, value);
		}
	}
	memcpy(out, bytes, 8);
	put(out + 8, 0);
	put(out + 12, size);
	put(out + 16, size);
	put(out + 20, strings_size);
	memcpy(out + HEADER + size, strings, strings_size);
	return HEADER + size + strings_size;
}

static size_t trim(size_t n)
{
	unsigned char *first;
	__u32 size;

	big_endian = bytes[0] == MAGIC >> 8;
	if (n < HEADER || get(bytes + 4) != HEADER)
		return 0;
	first = bytes + HEADER + get(bytes + 8);
	size = get(bytes + 12);
	names = (const char *)bytes + HEADER + get(bytes + 16);
	names_size = get(bytes + 20);
	if (first + size > bytes + n || (const unsigned char *)names + names_size != bytes + n || bytes[n - 1])
		return 0;
	return find_types(first, first + size) && keep_maps() ? write_kept() : 0;
}

int main(int argc, char **argv)
{
	FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL, *to;
	size_t n = in ? fread(bytes, 1, sizeof(bytes) - 1, in) : 0, size = n ? trim(n) : 0;

	if (!size) {
		fprintf(stderr, "trim: %s: no types of maps that can be read\n", argc > 1 ? argv[1] : "no file");
		return 1;
	}
	to = fopen(argv[2], "wb");
	if (!to || fwrite(out, 1, size, to) != size || fclose(to)) {
		fprintf(stderr, "trim: %s: cannot be written\n", argv[2]);
		return 1;
	}
	return 0;
}
