# SPDX-License-Identifier: GPL-2.0
# make install: the binary, the man page, the shells' completion; and by name what a system has a place for (integrations/README.md).
# Where things go is told by GNU's variables, below DESTDIR. What is installed names the others by these paths.

prefix = $(PREFIX)
exec_prefix = $(prefix)
sbindir = $(exec_prefix)/sbin
sysconfdir = /etc
datarootdir = $(prefix)/share
datadir = $(datarootdir)
mandir = $(datarootdir)/man
man8dir = $(mandir)/man8
bashdir = $(datadir)/bash-completion/completions
zshdir = $(datadir)/zsh/site-functions
fishdir = $(datadir)/fish/vendor_completions.d
unitdir = $(prefix)/lib/systemd/system
initdir = $(sysconfdir)/init.d
policydir = $(sysconfdir)/bulkhead
# podman and CRI-O look into these two and no other.
hooksdir = $(if $(filter /usr,$(prefix)),$(datadir),$(sysconfdir))/containers/oci/hooks.d
cnidir = /opt/cni/bin

hooks := $(wildcard integrations/oci/hooks.d/*.json)
units := $(notdir $(wildcard integrations/systemd/*.service))
openrc_script = $(initdir)/bulkhead
procd_script = $(initdir)/bulkhead

# put MODE FILE PLACE: with the paths that things have here in place of those that the file names
define put
@echo "  INSTALL $(DESTDIR)$(3)"
@install -d $(DESTDIR)$(dir $(3))
@sed 's|/usr\(/local\)\{0,1\}/sbin/bulkhead|$(sbindir)/bulkhead|g; s|/etc/bulkhead|$(policydir)|g' $(2) >$(DESTDIR)$(3)
@chmod $(1) $(DESTDIR)$(3)

endef

# put_new: only where nothing is
put_new = $(if $(wildcard $(DESTDIR)$(3)),@echo "  KEEP    $(DESTDIR)$(3)",$(call put,$(1),$(2),$(3)))

.PHONY: install install-bin install-man install-completions install-boot install-policies install-systemd install-openrc \
	install-procd install-hooks install-cni uninstall

install: install-bin install-man install-completions

install-bin: all
	@echo "  INSTALL $(DESTDIR)$(sbindir)/bulkhead"
	@install -D -m 755 $(out)/bulkhead $(DESTDIR)$(sbindir)/bulkhead

install-man:
	$(call put,644,docs/bulkhead.8,$(man8dir)/bulkhead.8)

install-completions:
	$(call put,644,integrations/completion/bash,$(bashdir)/bulkhead)
	$(call put,644,integrations/completion/zsh,$(zshdir)/_bulkhead)
	$(call put,644,integrations/completion/fish,$(fishdir)/bulkhead.fish)

install-boot:
	$(call put,755,integrations/boot/bulkhead-boot,$(sbindir)/bulkhead-boot)
	$(call put,644,integrations/boot/bulkhead-boot.8,$(man8dir)/bulkhead-boot.8)

# What is there is the administrator's.
install-policies:
	$(call put_new,644,integrations/boot/policy,$(policydir)/policy)
	$(call put_new,644,integrations/boot/boot.conf,$(policydir)/boot.conf)

install-systemd: install-boot
	$(foreach unit,$(units),$(call put,644,integrations/systemd/$(unit),$(unitdir)/$(unit)))

install-openrc: install-boot
	$(call put,755,integrations/openrc/bulkhead,$(openrc_script))

install-procd: install-boot
	$(call put,755,integrations/procd/bulkhead,$(procd_script))

install-hooks: install-bin
	$(foreach hook,$(hooks),$(call put,644,$(hook),$(hooksdir)/$(notdir $(hook))))

# The binary is a plugin where it is called by this name. BusyBox's ln makes no relative links.
install-cni: install-bin
	@echo "  LINK    $(DESTDIR)$(cnidir)/bulkhead-cni"
	@install -d $(DESTDIR)$(cnidir)
	@ln -sfr $(DESTDIR)$(sbindir)/bulkhead $(DESTDIR)$(cnidir)/bulkhead-cni 2>/dev/null || \
		ln -sf $(sbindir)/bulkhead $(DESTDIR)$(cnidir)/bulkhead-cni

# All of the above but the policy; what is in force stays in force.
uninstall:
	rm -f $(addprefix $(DESTDIR),$(sbindir)/bulkhead $(sbindir)/bulkhead-boot $(man8dir)/bulkhead.8 $(man8dir)/bulkhead-boot.8 \
		$(bashdir)/bulkhead $(zshdir)/_bulkhead $(fishdir)/bulkhead.fish $(units:%=$(unitdir)/%) $(openrc_script) $(procd_script) \
		$(hooks:integrations/oci/hooks.d/%=$(hooksdir)/%) $(cnidir)/bulkhead-cni)
