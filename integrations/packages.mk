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

# For systemd-sysext: what lies below /usr, with the binary where a host's own are.
systemd_arch = $(patsubst amd64,x86-64,$(patsubst armhf,arm,$(package_arch)))
sysext: all
	$(call stage,sysext,PREFIX=/usr sbindir=/usr/bin,install install-systemd)
	@rm -r $(staged)/sysext/usr/share/man
	@install -D -m 644 integrations/sysext/10-bulkhead.conf $(staged)/sysext/usr/lib/systemd/system/multi-user.target.d/10-bulkhead.conf
	@mkdir -p -m 755 $(staged)/sysext/usr/lib/extension-release.d
	@umask 022 && sed 's/@ARCHITECTURE@/$(systemd_arch)/' integrations/sysext/extension-release \
		>$(staged)/sysext/usr/lib/extension-release.d/extension-release.bulkhead
	@env -u SOURCE_DATE_EPOCH mksquashfs $(staged)/sysext $(packages)/$(package_name).raw $(squash)
	@echo "  PACKAGE $(packages)/$(package_name).raw"

# For Talos Linux: the layer of an extension's image. Each service has a root of its own.
UPLINKS =
comma := ,
empty :=
talos_rootfs = $(staged)/talos/rootfs/usr/local
talos_words = $(subst $(empty) ,$(comma) ,$(addsuffix ,$(strip up $(UPLINKS))))
talos: all
	$(call stage,talos,DESTDIR=$(staged)/talos/rootfs PREFIX=/usr/local,install-bin)
	@umask 022 && mkdir -p $(talos_rootfs)/etc/containers $(talos_rootfs)/lib/containers/bulkhead/etc/bulkhead \
		$(talos_rootfs)/lib/containers/bulkhead-up
	@umask 022 && sed 's/@VERSION@/$(VERSION)/' integrations/talos/manifest.yaml >$(staged)/talos/manifest.yaml
	@umask 022 && sed 's/up@UPLINKS@/$(talos_words)/' integrations/talos/bulkhead-up.yaml >$(talos_rootfs)/etc/containers/bulkhead-up.yaml
	@install -m 644 integrations/talos/bulkhead.yaml $(talos_rootfs)/etc/containers/bulkhead.yaml
	@install -m 755 $(out)/bulkhead $(talos_rootfs)/lib/containers/bulkhead/bulkhead
	@install -m 755 $(out)/bulkhead $(talos_rootfs)/lib/containers/bulkhead-up/bulkhead
	@install -m 644 /dev/null $(talos_rootfs)/lib/containers/bulkhead/etc/bulkhead/policy
	@tar -C $(staged)/talos --format=ustar --sort=name --mtime=@$(epoch) --owner=0 --group=0 --numeric-owner \
		-cf $(packages)/$(package_name).talos.tar manifest.yaml rootfs
	@echo "  PACKAGE $(packages)/$(package_name).talos.tar"

PODMAN = podman
IMAGE = localhost/bulkhead:$(VERSION)
image: all
	@mkdir -p $(staged)/image && install -m 755 $(out)/bulkhead $(staged)/image/bulkhead
	@$(PODMAN) build --platform linux/$(patsubst armhf,arm,$(package_arch)) --timestamp $(epoch) --tag $(IMAGE) \
		-f integrations/image/Containerfile $(staged)/image
