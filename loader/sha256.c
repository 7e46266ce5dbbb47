/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/sha256.h"

#include <string.h>

#define BLOCK 64 /* bytes */
#define ROUNDS 64

static const __u32 constant[ROUNDS] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static __u32 turn(__u32 word, unsigned bits)
{
	return word >> bits | word << (32 - bits);
}

/* Two turns and a turn or a shift: `last` over 32 is a shift by that over 32. */
static __u32 mix(__u32 word, unsigned first, unsigned second, unsigned last)
{
	return turn(word, first) ^ turn(word, second) ^ (last > 32 ? word >> (last - 32) : turn(word, last));
}

static void take_block(const __u8 block[BLOCK], __u32 digest[SHA256_WORDS])
{
	__u32 word[ROUNDS], state[SHA256_WORDS], one, two;
	unsigned i;

	memcpy(state, digest, sizeof(state));
	for (i = 0; i < ROUNDS; i++) {
		if (i < BLOCK / 4)
			word[i] = (__u32)block[4 * i] << 24 | (__u32)block[4 * i + 1] << 16 |
				  (__u32)block[4 * i + 2] << 8 | block[4 * i + 3];
		else
			word[i] = word[i - 16] + mix(word[i - 15], 7, 18, 32 + 3) + word[i - 7] +
				  mix(word[i - 2], 17, 19, 32 + 10);
		one = state[7] + mix(state[4], 6, 11, 25) + ((state[4] & state[5]) ^ (~state[4] & state[6])) +
		      constant[i] + word[i];
		two = mix(state[0], 2, 13, 22) +
		      ((state[0] & state[1]) ^ (state[0] & state[2]) ^ (state[1] & state[2]));
		memmove(state + 1, state, sizeof(state) - sizeof(*state));
		state[4] += one;
		state[0] = one + two;
	}
	for (i = 0; i < SHA256_WORDS; i++)
		digest[i] += state[i];
}

void sha256(const char *text, __u32 digest[SHA256_WORDS])
{
	static const __u32 first[SHA256_WORDS] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
						   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	size_t n = strlen(text), at = 0;
	__u8 block[BLOCK];
	unsigned i;

	memcpy(digest, first, sizeof(first));
	/* The text, one bit, zeros, and the number of its bits in the last eight bytes. */
	while (at < n + 9) {
		for (i = 0; i < BLOCK; i++, at++)
			block[i] = at < n ? (__u8)text[at] : at == n ? 0x80 : 0;
		if (at >= n + 9)
			for (i = 0; i < 8; i++)
				block[BLOCK - 1 - i] = (__u8)((__u64)n * 8 >> 8 * i);
		take_block(block, digest);
	}
}
