/* SPDX-License-Identifier: GPL-2.0 */
/* One map, as this kernel can make it. */
#include "compat/plan_parts.h"

#include <errno.h>
#include <linux/bpf.h>

#include "elf/error.h"

/* Types whose keys and values are the kernel's own: it refuses type ids for them (map_check_no_btf). */
static bool takes_type_ids(__u32 type)
{
	static const __u64 none = 1ULL << BPF_MAP_TYPE_PERF_EVENT_ARRAY | 1ULL << BPF_MAP_TYPE_CGROUP_ARRAY |
				  1ULL << BPF_MAP_TYPE_STACK_TRACE | 1ULL << BPF_MAP_TYPE_ARRAY_OF_MAPS |
				  1ULL << BPF_MAP_TYPE_HASH_OF_MAPS | 1ULL << BPF_MAP_TYPE_DEVMAP |
				  1ULL << BPF_MAP_TYPE_DEVMAP_HASH | 1ULL << BPF_MAP_TYPE_CPUMAP |
				  1ULL << BPF_MAP_TYPE_XSKMAP | 1ULL << BPF_MAP_TYPE_SOCKMAP |
				  1ULL << BPF_MAP_TYPE_SOCKHASH | 1ULL << BPF_MAP_TYPE_QUEUE |
				  1ULL << BPF_MAP_TYPE_STACK | 1ULL << BPF_MAP_TYPE_RINGBUF;

	return type >= 64 || !(none >> type & 1);
}

static void plan_type_ids(const struct plan_context *context, const struct map_spec *map, struct map_plan *out)
{
	bool datasec = has_feature(context->features, FEATURE_BTF_DATASEC);

	if (!context->has_btf || !takes_type_ids(out->type))
		return;
	/* A data map has no key type; its value is the section's DATASEC. */
	if (map->is_data ? !datasec || !map->btf_value : !map->btf_key || !map->btf_value)
		return;
	out->btf_key = map->btf_key;
	out->btf_value = map->btf_value;
}

/* 1: something else takes the map's place; 0: it stays, and where nobody could tell, it is tried; or -ENOTSUP. */
static int is_replaced(const struct plan_context *context, const struct map_spec *map, enum feature feature)
{
	if (has_feature(context->features, feature))
		return 0;
	if (context->adaptable)
		return 1;
	return lacks_feature(context->features, feature) ? refuse_feature(context, "map", map->name, feature) : 0;
}

static int plan_ring(const struct plan_context *context, const struct map_spec *map, struct map_plan *out)
{
	int replaced = is_replaced(context, map, FEATURE_RINGBUF);

	if (replaced <= 0)
		return replaced;
	out->type = BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	out->key_size = out->value_size = sizeof(__u32);
	out->max_entries = out->flags = 0;
	return 0;
}

/*
 * The branch that names the storage is dead then, but its map must be there all the same. An object that chooses is
 * loaded again while its older programs still run, so that they share the map.
 */
static int plan_storage(const struct plan_context *context, const struct map_spec *map, struct map_plan *out)
{
	enum feature needed = context->adaptable ? FEATURE_SHARED_STORAGE : FEATURE_CGROUP_STORAGE;
	int replaced = is_replaced(context, map, needed);

	if (replaced <= 0)
		return replaced;
	out->type = BPF_MAP_TYPE_HASH;
	out->max_entries = 1;
	out->flags = 0;
	return 0;
}

bool plan_maps_arrays(const struct features *features)
{
	return has_feature(features, FEATURE_MMAP_ARRAY) && has_feature(features, FEATURE_LARGE_PROGRAMS);
}

/* An array that is never looked into then: what it would have has another place. */
static int plan_mapped(const struct plan_context *context, const struct map_spec *map, struct map_plan *out)
{
	int replaced = context->adaptable ? !plan_maps_arrays(context->features)
					  : is_replaced(context, map, FEATURE_MMAP_ARRAY);

	if (replaced <= 0)
		return replaced;
	out->max_entries = 1;
	out->flags &= ~(__u32)BPF_F_MMAPABLE;
	return 0;
}

static int check_map(const struct plan_context *context, const struct map_spec *map)
{
	const struct features *features = context->features;

	if (map->type == BPF_MAP_TYPE_STRUCT_OPS)
		return error_set(context->err, -ENOTSUP,
				 "map %s: is a struct_ops, which this loader does not register: "
				 "leave it out of the object",
				 map->name);
	if (map->is_data && lacks_feature(features, FEATURE_GLOBAL_DATA))
		return refuse_feature(context, "map", map->name, FEATURE_GLOBAL_DATA);
	if (map->type == BPF_MAP_TYPE_LPM_TRIE && lacks_feature(features, FEATURE_LPM_TRIE))
		return refuse_feature(context, "map", map->name, FEATURE_LPM_TRIE);
	if ((map->type == BPF_MAP_TYPE_LRU_HASH || map->type == BPF_MAP_TYPE_LRU_PERCPU_HASH) &&
	    lacks_feature(features, FEATURE_LRU_HASH))
		return refuse_feature(context, "map", map->name, FEATURE_LRU_HASH);
	return 0;
}

int plan_map(const struct plan_context *context, const struct map_spec *map, struct map_plan *out)
{
	int result = check_map(context, map);

	out->spec = map;
	out->type = map->type;
	out->key_size = map->key_size;
	out->value_size = map->value_size;
	out->max_entries = map->max_entries;
	out->flags = map->flags;
	if (map->is_data && !has_feature(context->features, FEATURE_MMAP_ARRAY))
		out->flags &= ~(__u32)BPF_F_MMAPABLE;
	if (map->is_read_only)
		out->flags |= BPF_F_RDONLY_PROG;
	if (has_feature(context->features, FEATURE_NAMES)) /* dots came with global data */
		kernel_name(out->name, map->name, has_feature(context->features, FEATURE_GLOBAL_DATA));
	if (!result && map->type == BPF_MAP_TYPE_RINGBUF)
		result = plan_ring(context, map, out);
	if (!result && map->type == BPF_MAP_TYPE_CGROUP_STORAGE)
		result = plan_storage(context, map, out);
	if (!result && map->flags & BPF_F_MMAPABLE && !map->is_data)
		result = plan_mapped(context, map, out);
	if (!result)
		plan_type_ids(context, map, out);
	return result;
}
