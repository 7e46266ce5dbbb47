# SPDX-License-Identifier: GPL-2.0
################################################################################
#
# bulkhead
#
################################################################################

# The sources are those that this folder lies in. For others set BULKHEAD_OVERRIDE_SRCDIR in local.mk.
BULKHEAD_VERSION = local
BULKHEAD_SITE = $(realpath $(BR2_EXTERNAL_BULKHEAD_PATH)/../../..)
BULKHEAD_SITE_METHOD = local
BULKHEAD_LICENSE = GPL-2.0
BULKHEAD_LICENSE_FILES = LICENSE
# What was built there may be for another machine.
BULKHEAD_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude=/build

BULKHEAD_FOLDER = $(BR2_EXTERNAL_BULKHEAD_PATH)/package/bulkhead

ifeq ($(BR2_PACKAGE_BULKHEAD_BUILDROOT_CLANG),y)
BULKHEAD_DEPENDENCIES = host-clang host-llvm
BULKHEAD_CLANG = $(HOST_DIR)/bin/clang
BULKHEAD_LLVM_OBJCOPY = $(HOST_DIR)/bin/llvm-objcopy
else
BULKHEAD_CLANG = $(call qstrip,$(BR2_PACKAGE_BULKHEAD_CLANG))
BULKHEAD_LLVM_OBJCOPY = $(call qstrip,$(BR2_PACKAGE_BULKHEAD_LLVM_OBJCOPY))
endif

# CFLAGS and LDFLAGS stay the Makefile's own: the machine's are in the wrapper that TARGET_CC is.
BULKHEAD_MAKE_OPTS = \
	ARCH= \
	MUSL_CC="$(TARGET_CC)" \
	HOST_CC="$(HOSTCC)" \
	CLANG="$(BULKHEAD_CLANG)" \
	LLVM_OBJCOPY="$(BULKHEAD_LLVM_OBJCOPY)" \
	HEADERS="$(STAGING_DIR)/usr/include" \
	BPF_TARGET=$(if $(filter BIG,$(call qstrip,$(BR2_ENDIAN))),bpfeb,bpfel) \
	WERROR= \
	$(if $(BR2_TOOLCHAIN_HAS_SSP),,HARDENING=)

define BULKHEAD_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(BULKHEAD_MAKE_OPTS) all
endef

define BULKHEAD_INSTALL_TARGET_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(BULKHEAD_MAKE_OPTS) DESTDIR=$(TARGET_DIR) PREFIX=/usr install install-boot
	$(INSTALL) -D -m 0644 $(@D)/integrations/boot/policy $(TARGET_DIR)/etc/bulkhead/policy
	$(INSTALL) -D -m 0644 $(@D)/integrations/boot/boot.conf $(TARGET_DIR)/etc/bulkhead/boot.conf
endef

define BULKHEAD_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(BULKHEAD_FOLDER)/S35bulkhead $(TARGET_DIR)/etc/init.d/S35bulkhead
endef

define BULKHEAD_INSTALL_INIT_SYSTEMD
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(BULKHEAD_MAKE_OPTS) DESTDIR=$(TARGET_DIR) PREFIX=/usr install-systemd
endef

define BULKHEAD_INSTALL_INIT_OPENRC
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(BULKHEAD_MAKE_OPTS) DESTDIR=$(TARGET_DIR) PREFIX=/usr install-openrc
endef

# Of a fragment's lines only what they set: each becomes y in the kernel's configuration.
BULKHEAD_KERNEL_OPTIONS = $(shell sed -n 's/=y$$//p' $(BULKHEAD_FOLDER)/linux.fragment)
define BULKHEAD_LINUX_CONFIG_FIXUPS
	$(foreach option,$(BULKHEAD_KERNEL_OPTIONS),$(call KCONFIG_ENABLE_OPT,$(option))$(sep))
endef

$(eval $(generic-package))
