/* SPDX-License-Identifier: GPL-2.0 */
/* pack OUT FILE...: packs files for the binary. Runs where the binary is built. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/pack/format.h"

#define FILES_MAX 16
#define BYTES_MAX (8u << 20)
#define HASH_SIZE (1u << 16)
#define TRIES 512 /* earlier places that are looked at for a match */

/* ---- the range coder ---- */

struct coder {
	unsigned char *out;
	size_t n;
	__u64 low;
	__u32 range;
	unsigned char held; /* a byte that a carry may still change, and how many 0xff follow it */
	size_t n_held;
};

static void shift_out(struct coder *coder)
{
	if ((__u32)coder->low < 0xff000000u || coder->low >> 32) {
		unsigned char carry = (unsigned char)(coder->low >> 32);

		for (; coder->n_held; coder->n_held--) {
			coder->out[coder->n++] = (unsigned char)(coder->held + carry);
			coder->held = 0xff;
		}
		coder->held = (unsigned char)(coder->low >> 24);
	}
	coder->n_held++;
	coder->low = (__u32)coder->low << 8;
}

static void put_bit(struct coder *coder, __u16 *prob, unsigned bit)
{
	__u32 bound = (coder->range >> PROB_BITS) * *prob;

	if (bit) {
		coder->low += bound;
		coder->range -= bound;
		*prob = (__u16)(*prob - (*prob >> PROB_SHIFT));
	} else {
		coder->range = bound;
		*prob = (__u16)(*prob + (((1u << PROB_BITS) - *prob) >> PROB_SHIFT));
	}
	while (coder->range < RANGE_LOW) {
		coder->range <<= 8;
		shift_out(coder);
	}
}

static void put_plain(struct coder *coder, unsigned bit)
{
	coder->range >>= 1;
	if (bit)
		coder->low += coder->range;
	while (coder->range < RANGE_LOW) {
		coder->range <<= 8;
		shift_out(coder);
	}
}

/* A number's bits from the top, each in the context of those before it. */
static void put_tree(struct coder *coder, __u16 *probs, unsigned bits, unsigned value)
{
	unsigned node = 1;

	while (bits--) {
		unsigned bit = value >> bits & 1;

		put_bit(coder, &probs[node], bit);
		node = node << 1 | bit;
	}
}

/* ---- items ---- */

struct packer {
	const unsigned char *bytes;
	size_t n, at;
	size_t head[HASH_SIZE]; /* place + 1 of the last such bytes; 0: none */
	size_t *previous;
	struct pack_model model;
	struct coder coder;
	size_t last_distance;
	unsigned after_match;
};

static void put_literal(struct packer *packer)
{
	unsigned before = packer->at ? packer->bytes[packer->at - 1] : 0, align = packer->at % ALIGNS;

	put_bit(&packer->coder, &packer->model.is_match[packer->after_match][align], 0);
	put_tree(&packer->coder, packer->model.literal[align][before >> 5], 8, packer->bytes[packer->at]);
	packer->after_match = 0;
}

static void put_distance(struct packer *packer, size_t distance, unsigned length)
{
	unsigned slot = 0, bits;

	while (distance >> (slot + 1))
		slot++;
	put_tree(&packer->coder, packer->model.slot[pack_length_class(length)], SLOT_BITS, slot);
	for (bits = slot; bits > LOW_BITS; bits--)
		put_plain(&packer->coder, distance >> (bits - 1) & 1);
	put_tree(&packer->coder, packer->model.low, bits, (unsigned)(distance & ((1u << bits) - 1)));
}

static void put_match(struct packer *packer, size_t distance, unsigned length)
{
	unsigned repeat = distance == packer->last_distance;

	put_bit(&packer->coder, &packer->model.is_match[packer->after_match][packer->at % ALIGNS], 1);
	put_bit(&packer->coder, &packer->model.is_repeat[packer->after_match], repeat);
	put_tree(&packer->coder, packer->model.length[repeat], LENGTH_BITS, length - MATCH_MIN);
	if (!repeat)
		put_distance(packer, distance, length);
	packer->last_distance = distance;
	packer->after_match = 1;
}

/* ---- finding matches ---- */

static unsigned hash_at(const struct packer *packer, size_t at)
{
	const unsigned char *bytes = packer->bytes + at;

	return (bytes[0] << 8 ^ bytes[1] << 4 ^ bytes[2] * 2654435761u >> 16) % HASH_SIZE;
}

static void remember(struct packer *packer, size_t at)
{
	unsigned hash;

	if (at + 3 > packer->n)
		return;
	hash = hash_at(packer, at);
	packer->previous[at] = packer->head[hash];
	packer->head[hash] = at + 1;
}

static unsigned match_length(const struct packer *packer, size_t at, size_t distance)
{
	unsigned length = 0;

	if (distance > at)
		return 0;
	while (at + length < packer->n && length < MATCH_MAX &&
	       packer->bytes[at + length] == packer->bytes[at + length - distance])
		length++;
	return length;
}

/* About what a match saves, in bits: a far one costs its distance. */
static long worth(unsigned length, size_t distance, bool repeat)
{
	long bits = 0;

	if (repeat)
		return 7L * length - 6;
	while (distance >> bits)
		bits++;
	return 7L * length - 12 - bits;
}

struct match {
	size_t distance;
	unsigned length;
	long worth;
};

static struct match best_match(const struct packer *packer, size_t at)
{
	struct match best = { 0, 0, 0 };
	unsigned length, tries = TRIES;
	size_t place;

	length = packer->last_distance ? match_length(packer, at, packer->last_distance) : 0;
	if (length >= MATCH_MIN)
		best = (struct match) { packer->last_distance, length, worth(length, packer->last_distance, true) };
	if (at + 3 > packer->n)
		return best;
	for (place = packer->head[hash_at(packer, at)]; place && tries--; place = packer->previous[place - 1]) {
		size_t distance = at - (place - 1);

		length = match_length(packer, at, distance);
		if (length >= 3 && worth(length, distance, false) > best.worth)
			best = (struct match) { distance, length, worth(length, distance, false) };
	}
	return best;
}

/* A match is put off where the next byte begins a better one. */
static void pack(struct packer *packer)
{
	while (packer->at < packer->n) {
		struct match match = best_match(packer, packer->at), next = { 0, 0, 0 };
		unsigned i, step = 1;

		remember(packer, packer->at);
		if (match.worth > 0 && packer->at + 1 < packer->n)
			next = best_match(packer, packer->at + 1);
		if (match.worth > 0 && next.worth <= match.worth + 5) {
			put_match(packer, match.distance, match.length);
			step = match.length;
		} else {
			put_literal(packer);
		}
		for (i = 1; i < step; i++)
			remember(packer, packer->at + i);
		packer->at += step;
	}
	for (int i = 0; i < 5; i++)
		shift_out(&packer->coder);
}

/* ---- files ---- */

static void put_number(unsigned char *to, size_t value)
{
	to[0] = (unsigned char)(value >> 24);
	to[1] = (unsigned char)(value >> 16);
	to[2] = (unsigned char)(value >> 8);
	to[3] = (unsigned char)value;
}

static bool read_file(const char *path, unsigned char *bytes, size_t *n)
{
	FILE *file = fopen(path, "rb");
	size_t before = *n;

	if (!file)
		return false;
	*n += fread(bytes + *n, 1, BYTES_MAX - *n, file);
	fclose(file);
	return *n > before && *n < BYTES_MAX;
}

static int write_file(const char *path, const unsigned char *bytes, size_t n)
{
	FILE *file = fopen(path, "wb");
	bool written = file && fwrite(bytes, 1, n, file) == n;

	if (file && fclose(file))
		written = false;
	if (!written)
		fprintf(stderr, "pack: %s: cannot be written\n", path);
	return written ? 0 : 1;
}

int main(int argc, char **argv)
{
	static struct packer packer;
	unsigned char *bytes = malloc(BYTES_MAX), *out = malloc(2 * BYTES_MAX);
	__u16 *probs = (__u16 *)&packer.model;
	size_t i, size;
	int file;

	if (argc < 3 || argc > 2 + FILES_MAX || !bytes || !out)
		return 2;
	put_number(out, (size_t)argc - 2);
	for (file = 2; file < argc; file++) {
		size = packer.n;
		if (!read_file(argv[file], bytes, &packer.n)) {
			fprintf(stderr, "pack: %s: cannot be read, or is empty, or too large\n", argv[file]);
			return 1;
		}
		put_number(out + 4 * (file - 1), packer.n - size);
	}
	packer.bytes = bytes;
	packer.previous = calloc(packer.n, sizeof(*packer.previous));
	if (!packer.previous)
		return 1;
	for (i = 0; i < PACK_PROBS; i++)
		probs[i] = PROB_HALF;
	packer.coder = (struct coder) { .out = out, .n = 4 * ((size_t)argc - 1), .range = 0xffffffffu };
	pack(&packer);
	return write_file(argv[1], out, packer.coder.n);
}
