#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Sourced by dracut once, before the root file system is mounted.
if [ ! -e /run/bulkhead-boot ]; then
	bulkhead-boot
	[ $? -ne 2 ] || die "bulkhead: the policy is not in force"
fi
