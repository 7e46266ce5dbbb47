#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dracut's module: puts the binary, bulkhead-boot and /etc/bulkhead into the initramfs.

# find_tool NAME: where it is installed
find_tool() {
	local folder
	for folder in /usr/local/sbin /usr/sbin; do
		[[ -x ${dracutsysrootdir-}$folder/$1 ]] && echo "$folder/$1" && return
	done
	derror "bulkhead: $1 is neither in /usr/local/sbin nor in /usr/sbin"
	return 1
}

check() {
	find_tool bulkhead >/dev/null && find_tool bulkhead-boot >/dev/null || return 1
	[[ -e ${dracutsysrootdir-}/etc/bulkhead/policy ]] && return
	derror "bulkhead: /etc/bulkhead/policy is not there"
	return 1
}

depends() {
	echo base
}

# None of them has to be loaded where the image is made, as dracut would otherwise ask.
installkernel() {
	local driver BULKHEAD_DRIVERS=
	# shellcheck source=/dev/null
	[[ ! -e ${dracutsysrootdir-}/etc/bulkhead/boot.conf ]] || . "${dracutsysrootdir-}/etc/bulkhead/boot.conf"
	for driver in /sys/class/net/*/device/driver/module; do
		[[ ! -e $driver ]] || BULKHEAD_DRIVERS+=" $(basename "$(readlink -f "$driver")")"
	done
	# Kernels before 6.6 attach to devices by the first two.
	# shellcheck disable=SC2086 # a list of words
	hostonly='' instmods sch_ingress cls_bpf $BULKHEAD_DRIVERS
}

install() {
	local file
	inst_simple "$(find_tool bulkhead)" /usr/sbin/bulkhead
	inst_simple "$(find_tool bulkhead-boot)" /usr/sbin/bulkhead-boot
	inst_multiple sleep
	for file in "${dracutsysrootdir-}"/etc/bulkhead/*; do
		inst_simple "${file#"${dracutsysrootdir-}"}"
	done
	# A network that the initramfs itself brings up comes from the initqueue's jobs, of which this is the first.
	inst_hook initqueue 00 "${moddir:?}/bulkhead-initqueue.sh"
	inst_hook pre-mount 00 "${moddir:?}/bulkhead-pre-mount.sh"
}
