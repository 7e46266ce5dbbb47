#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Sourced by dracut each time it looks for devices: as early as they are there.
[ -e /run/bulkhead-boot ] || ! bulkhead-boot once || : >/run/bulkhead-boot
