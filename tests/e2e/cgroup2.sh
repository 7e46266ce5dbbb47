# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Before lib.sh: a test of what wants cgroup2 alone at /sys/fs/cgroup is run again in a mount namespace where it is so.
if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ] && [ "$(id -u)" -eq 0 ]; then
	[ -z "${CGROUP2_ALONE:-}" ] || { echo "not ok 1 - cgroup2 is not at /sys/fs/cgroup" && exit 1; }
	export CGROUP2_ALONE=yes
	# shellcheck disable=SC2016 # for the inner shell
	exec unshare --mount --propagation private sh -c \
		'umount --recursive /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"' sh "$0" "$@"
fi
