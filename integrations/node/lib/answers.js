// SPDX-License-Identifier: GPL-2.0
//
// What bulkhead prints, as this package gives it: numbers of 64 bits are BigInt.

const withId = (entry) => ({ ...entry, cgroup_id: BigInt(entry.cgroup_id) });

/** Of `list` and `stats`. */
export const withIds = (entries) => entries.map(withId);

const TIMESTAMP = /^\{"timestamp_ns":(\d+),/;

/** A line of `events`: a drop, or how many were lost. */
export function eventOf(line) {
  const value = JSON.parse(line);
  if (value.lost !== undefined) return { kind: 'lost', lost: value.lost, where: 'kernel' };
  /* After 104 days the nanoseconds are more than a number holds. */
  const timestamp = TIMESTAMP.exec(line)?.[1] ?? value.timestamp_ns;
  return { kind: 'drop', ...value, timestamp_ns: BigInt(timestamp), cgroup_id: BigInt(value.cgroup_id) };
}
