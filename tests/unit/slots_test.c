/* SPDX-License-Identifier: GPL-2.0 */
/* slots.c: which slots connections have in maps of another size. */
#include "loader/slots.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <linux/bpf.h>

#include "tests/unit/fake_maps.h"

#define OWN 2 /* a container with a quota of its own */
#define QUOTA 8
#define OWN_QUOTA 20

static int begin(void **state)
{
	struct container_policy policy = { .quota = OWN_QUOTA };
	static struct firewall fw;
	__u32 key = FW_RULES(OWN, 0);

	fake_maps_begin(&fw);
	fake_map_make(MAP_CONNTRACK, sizeof(struct five_tuple), sizeof(struct fw_connection), 64);
	fake_map_make(MAP_CONNTRACK_SLOTS, sizeof(struct fw_slot), sizeof(struct five_tuple), 128);
	fake_map_make(MAP_CONTAINER_POLICIES, sizeof(key), sizeof(policy), 4);
	fake_map_update(MAP_CONTAINER_POLICIES, &key, &policy, BPF_ANY);
	fw.config.quota = QUOTA;
	*state = &fw;
	return 0;
}

static struct five_tuple tuple_of(__u32 container, __u16 number)
{
	return (struct five_tuple) {
		.container = container,
		.proto = IPPROTO_TCP,
		.layer = FW_LAYER_TC,
		.local_port_be = number,
	};
}

static void put(__u32 container, __u16 number, __u32 slot)
{
	struct five_tuple tuple = tuple_of(container, number);
	struct fw_connection connection = { .slot = slot };

	fake_map_update(MAP_CONNTRACK, &tuple, &connection, BPF_ANY);
}

/* That it has in both maps. */
static __u32 slot_of(__u32 container, __u16 number)
{
	struct five_tuple tuple = tuple_of(container, number), there;
	struct fw_slot slot = { .container = container, .layer = FW_LAYER_TC };
	struct fw_connection connection;

	assert_int_equal(fake_map_lookup(MAP_CONNTRACK, &tuple, &connection), 0);
	slot.index = connection.slot;
	assert_int_equal(fake_map_lookup(MAP_CONNTRACK_SLOTS, &slot, &there), 0);
	assert_memory_equal(&there, &tuple, sizeof(tuple));
	return connection.slot;
}

static int fill(struct firewall *fw)
{
	struct error err = { 0 };

	return slots_fill(fw, MAP_CONNTRACK_SLOTS, MAP_CONNTRACK, &err);
}

static void those_in_reach_stay(void **state)
{
	put(1, 1, 0);
	put(1, 2, 15);
	put(OWN, 1, 63);
	assert_int_equal(fill(*state), 0);
	assert_int_equal(slot_of(1, 1), 0);
	assert_int_equal(slot_of(1, 2), 15);
	assert_int_equal(slot_of(OWN, 1), 63);
	assert_int_equal(fake_map_count(MAP_CONNTRACK_SLOTS), 3);
}

static void others_come_into_reach(void **state)
{
	put(1, 1, 16 + 3);
	put(1, 2, 3);
	put(1, 3, 100000);
	put(OWN, 1, 64 + 5);
	assert_int_equal(fill(*state), 0);
	assert_true(slot_of(1, 1) < 16 && slot_of(1, 2) < 16 && slot_of(1, 3) < 16);
	assert_int_equal(slot_of(OWN, 1), 5);
	assert_int_equal(fake_map_count(MAP_CONNTRACK_SLOTS), 4);
}

static void more_than_a_container_may_have_are_refused(void **state)
{
	__u16 i;

	for (i = 0; i < 16; i++)
		put(1, i, 7000 + 13u * i);
	assert_int_equal(fill(*state), 0);
	assert_int_equal(fake_map_count(MAP_CONNTRACK_SLOTS), 16);
	put(1, i, 7000);
	assert_int_equal(fill(*state), -ENOSPC);
}

static void one_that_is_brought_has_its_own(void **state)
{
	struct five_tuple first = tuple_of(1, 1), second = tuple_of(1, 2);
	struct fw_connection connection = { .slot = 3 };

	assert_int_equal(slot_give(*state, MAP_CONNTRACK_SLOTS, &first, &connection), 0);
	assert_int_equal(slot_give(*state, MAP_CONNTRACK_SLOTS, &first, &connection), 0);
	assert_int_equal(connection.slot, 3);
	assert_int_equal(slot_give(*state, MAP_CONNTRACK_SLOTS, &second, &connection), 0);
	assert_int_equal(connection.slot, 4);
	slot_free(MAP_CONNTRACK_SLOTS, &second, &connection);
	assert_int_equal(fake_map_count(MAP_CONNTRACK_SLOTS), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(those_in_reach_stay, begin),
		cmocka_unit_test_setup(others_come_into_reach, begin),
		cmocka_unit_test_setup(more_than_a_container_may_have_are_refused, begin),
		cmocka_unit_test_setup(one_that_is_brought_has_its_own, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
