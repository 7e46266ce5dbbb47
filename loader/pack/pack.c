/* SPDX-License-Identifier: GPL-2.0 */
/* pack OUT FILE...: packs files for the binary. Runs where the binary is built. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/pack/format.h"

#define FILES_MAX 16
#define BYTES_MAX (8u << 20)
#define HASH_SIZE (1u << 16)
#define TRIES 512 /* earlier places that are looked at for a match */
#define PASSES 3

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

/* ---- items ---- */

/* What an item costs, and what the coder's state is behind it. */
struct step {
	__u32 price;           /* of all up to here, in 1/16 bits */
	unsigned length, next; /* of the item that ends here, and of that which begins here */
	size_t distance;       /* 0: a literal */
	size_t distances[REPEATS];
	unsigned char after_match;
};

struct packer {
	const unsigned char *bytes;
	size_t n;
	size_t head[HASH_SIZE]; /* place + 1 of the last such bytes; 0: none */
	size_t *previous;
	struct step *steps; /* the cheapest way to each place */
	struct pack_model model;
	struct coder coder;
	/* With the model as the last pass left it, in 1/16 bits. */
	__u16 price_of[1 << (PROB_BITS - 4)];
	__u32 length_price[2][MATCH_MAX + 1];
	bool only_prices; /* nothing is coded: the price is added up */
	__u32 price;
};

static void put(struct packer *packer, __u16 *prob, unsigned bit)
{
	if (packer->only_prices)
		packer->price += packer->price_of[(bit ? (1u << PROB_BITS) - *prob : *prob) >> 4];
	else
		put_bit(&packer->coder, prob, bit);
}

/* A number's bits from the top, each in the context of those before it. */
static void put_tree(struct packer *packer, __u16 *probs, unsigned bits, unsigned value)
{
	unsigned node = 1;

	while (bits--) {
		unsigned bit = value >> bits & 1;

		put(packer, &probs[node], bit);
		node = node << 1 | bit;
	}
}

static void put_literal(struct packer *packer, size_t at, const struct step *from)
{
	unsigned before = at ? packer->bytes[at - 1] : 0, align = at % ALIGNS, node = 1, expected = 0, i;
	__u16 *probs = packer->model.literal[align][before >> 5];

	put(packer, &packer->model.is_match[from->after_match][align], 0);
	if (from->after_match)
		expected = 0x100 | packer->bytes[at - from->distances[0]];
	for (i = 8; i--;) {
		unsigned bit = packer->bytes[at] >> i & 1, wanted = expected >> 7 & 1;

		put(packer, expected ? &packer->model.alike[wanted][node] : &probs[node], bit);
		node = node << 1 | bit;
		expected = expected && bit == wanted ? 0x100 | expected << 1 : 0;
	}
}

static void put_distance(struct packer *packer, size_t distance, unsigned length)
{
	unsigned slot = 0, bits;

	while (distance >> (slot + 1))
		slot++;
	put_tree(packer, packer->model.slot[pack_length_class(length)], SLOT_BITS, slot);
	for (bits = slot; bits > LOW_BITS; bits--) {
		if (packer->only_prices)
			packer->price += 16;
		else
			put_plain(&packer->coder, distance >> (bits - 1) & 1);
	}
	put_tree(packer, packer->model.low, bits, (unsigned)(distance & ((1u << bits) - 1)));
}

/* Which of the last distances it is; REPEATS: none. */
static unsigned repeat_of(const struct step *from, size_t distance)
{
	unsigned which = 0;

	while (which < REPEATS && from->distances[which] != distance)
		which++;
	return which;
}

/* All of a match but its length. */
static void put_match(struct packer *packer, size_t at, const struct step *from, size_t distance, unsigned length)
{
	unsigned which = repeat_of(from, distance);

	put(packer, &packer->model.is_match[from->after_match][at % ALIGNS], 1);
	put(packer, &packer->model.is_repeat[from->after_match], which < REPEATS);
	if (which < REPEATS)
		put_tree(packer, packer->model.repeat, REPEAT_BITS, which);
	if (!packer->only_prices)
		put_tree(packer, packer->model.length[which < REPEATS], LENGTH_BITS, length - MATCH_MIN);
	if (which == REPEATS)
		put_distance(packer, distance, length);
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

	if (!distance || distance > at)
		return 0;
	while (at + length < packer->n && length < MATCH_MAX &&
	       packer->bytes[at + length] == packer->bytes[at + length - distance])
		length++;
	return length;
}

/* ---- the cheapest way ---- */

/* One way to the place `length` behind `at`: taken where none is cheaper. */
static void offer(struct packer *packer, size_t at, unsigned length, size_t distance, __u32 price)
{
	const struct step *from = &packer->steps[at];
	struct step *to = &packer->steps[at + length];
	unsigned which;

	price += from->price;
	if (price >= to->price)
		return;
	*to = *from;
	to->price = price;
	to->length = length;
	to->distance = distance;
	to->after_match = distance != 0;
	if (!distance)
		return;
	which = repeat_of(from, distance);
	pack_distance_used(to->distances, which < REPEATS ? which : REPEATS - 1, distance);
}

/* A match of every length from the shortest to the longest. */
static void offer_match(struct packer *packer, size_t at, size_t distance, unsigned shortest, unsigned longest)
{
	bool repeat = repeat_of(&packer->steps[at], distance) < REPEATS;
	unsigned length;

	for (length = shortest; length <= longest; length++) {
		if (length == shortest || pack_length_class(length) != pack_length_class(length - 1)) {
			packer->price = 0;
			put_match(packer, at, &packer->steps[at], distance, length);
		}
		offer(packer, at, length, distance, packer->price + packer->length_price[repeat][length]);
	}
}

static void offer_all(struct packer *packer, size_t at)
{
	unsigned i, length, longest = MATCH_MIN, tries = TRIES;
	size_t place;

	packer->price = 0;
	put_literal(packer, at, &packer->steps[at]);
	offer(packer, at, 1, 0, packer->price);
	for (i = 0; i < REPEATS; i++) {
		length = match_length(packer, at, packer->steps[at].distances[i]);
		offer_match(packer, at, packer->steps[at].distances[i], MATCH_MIN, length);
	}
	if (at + 3 > packer->n)
		return;
	/* Of one length, the nearest is the cheapest. */
	for (place = packer->head[hash_at(packer, at)]; place && tries--; place = packer->previous[place - 1]) {
		length = match_length(packer, at, at - (place - 1));
		if (length <= longest)
			continue;
		offer_match(packer, at, at - (place - 1), longest + 1, length);
		longest = length;
	}
}

static void set_prices(struct packer *packer)
{
	unsigned i, repeat;

	for (i = 0; i < 1u << (PROB_BITS - 4); i++)
		packer->price_of[i] = (__u16)lround(-16 * log2((i + 0.5) * 16 / (1u << PROB_BITS)));
	packer->only_prices = true;
	for (repeat = 0; repeat < 2; repeat++) {
		for (i = MATCH_MIN; i <= MATCH_MAX; i++) {
			packer->price = 0;
			put_tree(packer, packer->model.length[repeat], LENGTH_BITS, i - MATCH_MIN);
			packer->length_price[repeat][i] = packer->price;
		}
	}
}

/* Fills in the steps from the first to the last, then goes back the cheapest way. */
static void find_way(struct packer *packer)
{
	size_t at;

	memset(packer->head, 0, sizeof(packer->head));
	for (at = 0; at <= packer->n; at++)
		packer->steps[at].price = at ? ~0u : 0;
	for (at = 0; at < packer->n; at++) {
		offer_all(packer, at);
		remember(packer, at);
	}
	while (at) {
		size_t before = at - packer->steps[at].length;

		packer->steps[before].next = packer->steps[at].length;
		at = before;
	}
}

static void put_way(struct packer *packer)
{
	size_t at = 0;

	packer->only_prices = false;
	while (at < packer->n) {
		const struct step *from = &packer->steps[at], *to = from + from->next;

		if (to->distance)
			put_match(packer, at, from, to->distance, to->length);
		else
			put_literal(packer, at, from);
		at += to->length;
	}
}

static void reset_model(struct packer *packer)
{
	__u16 *probs = (__u16 *)&packer->model;
	size_t i;

	for (i = 0; i < PACK_PROBS; i++)
		probs[i] = PROB_HALF;
}

/* Each pass finds its way with the prices that the one before it has come to; the last one is kept. */
static void pack(struct packer *packer)
{
	const struct coder fresh = packer->coder;

	reset_model(packer);
	for (int pass = 0; pass < PASSES; pass++) {
		set_prices(packer);
		find_way(packer);
		reset_model(packer);
		packer->coder = fresh;
		put_way(packer);
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
	size_t size;
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
	packer.steps = calloc(packer.n + 1, sizeof(*packer.steps));
	if (!packer.previous || !packer.steps)
		return 1;
	packer.coder = (struct coder) { .out = out, .n = 4 * ((size_t)argc - 1), .range = 0xffffffffu };
	pack(&packer);
	return write_file(argv[1], out, packer.coder.n);
}
