/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/pcap.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct capture {
	__u8 bytes[1024];
	size_t n;
	bool big_endian;
};

static void put(struct capture *capture, unsigned size, __u32 value)
{
	unsigned i;

	for (i = 0; i < size; i++)
		capture->bytes[capture->n++] = (__u8)(value >> 8 * (capture->big_endian ? size - 1 - i : i));
}

static void put_bytes(struct capture *capture, const void *bytes, size_t n)
{
	memcpy(capture->bytes + capture->n, bytes, n);
	capture->n += n;
}

static void header(struct capture *capture, bool big_endian, __u32 magic, __u32 link)
{
	capture->n = 0;
	capture->big_endian = big_endian;
	put(capture, 4, magic);
	put(capture, 2, 2);
	put(capture, 2, 4);
	put(capture, 4, 0);
	put(capture, 4, 0);
	put(capture, 4, 65535);
	put(capture, 4, link);
}

static void packet(struct capture *capture, const void *bytes, __u32 kept, __u32 had)
{
	put(capture, 4, 1);
	put(capture, 4, 2);
	put(capture, 4, kept);
	put(capture, 4, had);
	put_bytes(capture, bytes, kept);
}

static int begin(struct capture *capture, struct pcap *pcap, struct error *err)
{
	FILE *file = fmemopen(capture->bytes, capture->n, "r");
	int code;

	assert_non_null(file);
	memset(err, 0, sizeof(*err));
	code = pcap_begin(pcap, file, err);
	if (code)
		fclose(file);
	return code;
}

static void end(struct pcap *pcap)
{
	fclose(pcap->file);
	pcap_end(pcap);
}

static const char ethernet[] = "dddddd"
			       "ssssss\x08\x00"
			       "E-packet";

static void both_byte_orders_and_both_clocks_are_read(void **state)
{
	static const __u32 magics[] = { 0xa1b2c3d4, 0xa1b23c4d };
	struct capture capture;
	struct pcap_packet read;
	struct pcap pcap;
	struct error err;
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		header(&capture, i & 1, magics[i >> 1], 1);
		packet(&capture, ethernet, sizeof(ethernet), sizeof(ethernet));
		packet(&capture, ethernet, 20, 22);
		assert_int_equal(begin(&capture, &pcap, &err), 0);
		assert_int_equal(pcap_next(&pcap, &read, &err), 1);
		assert_int_equal(read.frame.size, sizeof(ethernet));
		assert_memory_equal(read.frame.data, ethernet, sizeof(ethernet));
		assert_int_equal(pcap_next(&pcap, &read, &err), 1);
		assert_int_equal(read.cut_off, 2);
		assert_int_equal(read.frame.size, 22);
		assert_memory_equal(read.frame.data + 18, "ck\0\0", 4);
		assert_int_equal(pcap_next(&pcap, &read, &err), 0);
		assert_int_equal(pcap.packets, 2);
		end(&pcap);
	}
}

static void other_links_get_an_ethernet_header(void **state)
{
	static const struct {
		__u32 link;
		const char *bytes;
		size_t n;
		const char *wanted; /* from the EtherType on */
		size_t n_wanted;
	} rows[] = {
		{ 101, "E4", 2, "\x08\x00\x45\x34", 4 },
		{ 101, "`6", 2, "\x86\xdd\x60\x36", 4 },
		{ 101, "\x10?", 2, "\0\0\x10?", 4 },
		{ 101, "", 0, "\0\0", 2 },
		{ 113, "0123456789abcd\x86\xdd`6", 18, "\x86\xdd`6", 4 },
		{ 276,
		  "\x08\x00"
		  "0123456789abcdefghE4",
		  22,
		  "\x08\x00"
		  "E4",
		  4 },
		{ 276, "\x08", 1, "\0\0", 2 },
	};
	struct capture capture;
	struct pcap_packet read;
	struct pcap pcap;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		header(&capture, false, 0xa1b2c3d4, rows[i].link);
		packet(&capture, rows[i].bytes, (__u32)rows[i].n, (__u32)rows[i].n);
		assert_int_equal(begin(&capture, &pcap, &err), 0);
		assert_int_equal(pcap_next(&pcap, &read, &err), 1);
		assert_int_equal(read.frame.size, 12 + rows[i].n_wanted);
		assert_memory_equal(read.frame.data + 12, rows[i].wanted, rows[i].n_wanted);
		end(&pcap);
	}
}

static void tags_are_taken_out(void **state)
{
	static const char tagged[] = "ddddddssssss\x88\xa8\0\1\x81\0\0\2\x08\0E-packet";
	struct capture capture;
	struct pcap_packet read;
	struct pcap pcap;
	struct error err;

	(void)state;
	header(&capture, false, 0xa1b2c3d4, 1);
	packet(&capture, tagged, sizeof(tagged), sizeof(tagged));
	assert_int_equal(begin(&capture, &pcap, &err), 0);
	assert_int_equal(pcap_next(&pcap, &read, &err), 1);
	assert_int_equal(read.frame.size, sizeof(ethernet));
	assert_memory_equal(read.frame.data, ethernet, sizeof(ethernet));
	end(&pcap);
}

static void refuse_file(struct capture *capture, const char *why)
{
	struct pcap pcap;
	struct error err;

	assert_int_equal(begin(capture, &pcap, &err), -EINVAL);
	if (!strstr(err.text, why))
		fail_msg("%s, not %s", err.text, why);
}

static void other_files_are_refused(void **state)
{
	struct capture capture;

	(void)state;
	header(&capture, false, 0x0a0d0d0a, 1);
	refuse_file(&capture, "pcapng");
	header(&capture, false, 0x464c457f, 1);
	refuse_file(&capture, "no capture file");
	header(&capture, false, 0xa1b2c3d4, 127);
	refuse_file(&capture, "link type 127");
	header(&capture, true, 0xa1b2c3d4, 1);
	capture.bytes[5] = 3;
	refuse_file(&capture, "another version");
	header(&capture, false, 0xa1b2c3d4, 1);
	capture.n = 23;
	refuse_file(&capture, "cut off");
}

static void refuse_packet(__u32 kept, __u32 had, size_t missing, const char *why)
{
	struct capture capture;
	struct pcap_packet read;
	struct pcap pcap;
	struct error err;

	header(&capture, true, 0xa1b2c3d4, 1);
	packet(&capture, ethernet, sizeof(ethernet), sizeof(ethernet));
	put(&capture, 4, 0);
	put(&capture, 4, 0);
	put(&capture, 4, kept);
	put(&capture, 4, had);
	put_bytes(&capture, ethernet, sizeof(ethernet));
	capture.n -= missing;
	assert_int_equal(begin(&capture, &pcap, &err), 0);
	assert_int_equal(pcap_next(&pcap, &read, &err), 1);
	assert_int_equal(pcap_next(&pcap, &read, &err), -EINVAL);
	if (!strstr(err.text, why) || !strstr(err.text, "packet 2"))
		fail_msg("%s, not %s", err.text, why);
	end(&pcap);
}

static void packets_that_contradict_themselves_are_refused(void **state)
{
	__u32 n = sizeof(ethernet);

	(void)state;
	refuse_packet(n, n, 1, "cut off by the file's end");
	refuse_packet(n, n, n + 1, "its header is cut off");
	refuse_packet(n, n - 1, 0, "more bytes in the file");
	refuse_packet(PCAP_PACKET_MAX + 1, PCAP_PACKET_MAX + 1, 0, "over 262144");
	refuse_packet(0, 0xffffffff, 0, "over 262144");
	refuse_packet(PCAP_PACKET_MAX, PCAP_PACKET_MAX, 0, "cut off by the file's end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_byte_orders_and_both_clocks_are_read),
		cmocka_unit_test(other_links_get_an_ethernet_header),
		cmocka_unit_test(tags_are_taken_out),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(packets_that_contradict_themselves_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
