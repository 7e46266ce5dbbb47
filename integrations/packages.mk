# SPDX-License-Identifier: GPL-2.0
# Packages, in build/packages/, for ARCH or this machine: each of an own copy of what `make install` puts in place. The times in them
# are the commit's, or SOURCE_DATE_EPOCH.

packages := build/packages
package_arch := $(or $(ARCH),$(native))
package_name = bulkhead-$(VERSION)-$(package_arch)
epoch = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct))
staged = $(CURDIR)/$(packages)/$(package_arch)
# stage NAME SETTINGS TARGETS
stage = @rm -rf $(staged)/$(1) && umask 022 && $(MAKE) --no-print-directory -s DESTDIR=$(staged)/$(1) $(2) $(3) >/dev/null
squash = -all-root -noappend -no-progress -quiet -comp xz -mkfs-time $(epoch) -all-time $(epoch)

.PHONY: deb sysext talos image

deb: all
	$(call stage,deb,PREFIX=/usr cnidir=/usr/lib/cni zshdir=/usr/share/zsh/vendor-completions unitdir=/lib/systemd/system,\
		install install-boot install-systemd install-policies install-cni)
	@SOURCE_DATE_EPOCH=$(epoch) integrations/debian/build $(staged)/deb $(VERSION) $(package_arch) "$(sysroot)" \
		$(packages)/bulkhead_$(VERSION)-1_$(package_arch).deb
	@echo "  PACKAGE $(packages)/bulkhead_$(VERSION)-1_$(package_arch).deb"
