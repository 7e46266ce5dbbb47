/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sentences that are seldom read lie packed in the binary: SENTENCE("...") is one, and texts_open() must have been
 * called before it is read. The Makefile packs them as it links, and with them the help of loader/commands.c.
 */
#ifndef ELF_TEXTS_H
#define ELF_TEXTS_H

#ifdef PACKED_TEXTS
#define SENTENCE(string)                                                                                               \
	({                                                                                                             \
		static const char text_[] __attribute__((section("texts"), aligned(1))) = string;                      \
		text_;                                                                                                 \
	})
#else
#define SENTENCE(string) (string)
#endif

/* Unpacks them where they are packed, once; damaged ones are empty. Defined in loader/texts.c. */
void texts_open(void);

#endif
