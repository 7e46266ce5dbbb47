# SPDX-License-Identifier: GPL-2.0
# bulkhead: `make` builds build/bulkhead, one static binary with its five eBPF objects inside. `make help` lists the rest.

VERSION = 0.1.0
PREFIX = /usr/local
DESTDIR =
FUZZ_SECONDS = 600

CLANG = clang
LLVM_OBJCOPY = llvm-objcopy
MUSL_CC = musl-gcc
HOST_CC = gcc
WERROR = -Werror

# For another toolchain, as Buildroot's: MUSL_CC is its compiler, whichever its libc, HEADERS the folder with its kernel headers,
# and BPF_TARGET bpfeb where the machine is big-endian.
HEADERS = /usr/include
BPF_TARGET = bpf

# ---- architectures, by Debian's names ----
# ARCH=NAME builds build/NAME/bulkhead with Debian's cross compiler. musl and the kernel's headers of that architecture lie in a
# folder of the cache; tests/sysroot fetches them. This machine's own architecture is built in build/, ARCH or not.
ARCHES = amd64 arm64 armhf riscv64 s390x
triplet_amd64 = x86_64-linux-gnu
triplet_arm64 = aarch64-linux-gnu
triplet_armhf = arm-linux-gnueabihf
triplet_riscv64 = riscv64-linux-gnu
triplet_s390x = s390x-linux-gnu

triplets = $(foreach arch,$(ARCHES),$(triplet_$(arch)))
host_machine := $(firstword $(subst -, ,$(shell $(HOST_CC) -dumpmachine 2>/dev/null)))
native := $(strip $(foreach arch,$(ARCHES),$(if $(filter $(host_machine)-%,$(triplet_$(arch))),$(arch))))
byte_order = $(if $(filter s390x,$(1)),eb,el)

ifneq ($(filter-out $(ARCHES),$(ARCH)),)
$(error ARCH=$(ARCH): no such architecture: give one of $(ARCHES))
endif
cross := $(if $(ARCH),$(filter-out $(native),$(ARCH)))
# What of the product is an architecture's own lies in $(out); the objects of a byte order, in $(bpf_out).
out := build
bpf_out := build
ifneq ($(cross),)
out := build/$(cross)
ifneq ($(call byte_order,$(cross)),$(call byte_order,$(native)))
BPF_TARGET := bpf$(call byte_order,$(cross))
bpf_out := build/$(BPF_TARGET)
endif
sysroot := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bulkhead/sysroot/$(cross)
MUSL_CC := $(triplet_$(cross))-gcc -specs=$(sysroot)/musl-gcc.specs
endif

# ---- sources ----
ROOMS = elf syscalls compat loader loader/cni
OBJECTS = xdp_firewall rate_limit dns_filter tc_firewall cgroup_firewall

sources := $(wildcard $(ROOMS:%=%/*.c)) $(filter $(ROOMS:%=%/embed.S),$(wildcard loader/*.S))
bpf_objects := $(OBJECTS:%=$(bpf_out)/bpf/%.o)
packed := $(bpf_out)/packed/objects
product := $(patsubst %,$(out)/obj/%.o,$(basename $(sources)))
host_product := $(patsubst %,build/host/%.o,$(filter-out loader/main,$(basename $(sources))))
fuzz_product := $(patsubst %,build/fuzz/%.o,$(filter-out loader/main,$(basename $(sources))))
unit_tests := $(patsubst %.c,build/%,$(wildcard tests/unit/*_test.c tests/packets/*_test.c))
fuzz_targets := $(patsubst %.c,build/%,$(wildcard tests/fuzz/*_fuzz.c))
c_files = $(wildcard bpf/*.[ch] $(ROOMS:%=%/*.[ch]) loader/pack/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch])

# ---- flags ----
# Paths are written as from the root, so that two folders give the same bytes.
here := -ffile-prefix-map=$(CURDIR)=.
warnings := -Wall -Wextra $(WERROR)
deps = -MMD -MP -MF $(@:.o=.d)
common := -std=gnu11 -I. $(warnings) $(here) -DBULKHEAD_VERSION='"$(VERSION)"'

# The kernel's UAPI headers and nothing else of the host's: folders of links to them. The programs take this machine's, which
# do not differ in what they use.
uapi := build/include
product_uapi := $(out)/include
embedded = -DPACKED_OBJECTS='"$(packed)"'

BPF_FLAGS = -target $(BPF_TARGET) -mcpu=v2 -O2 -fno-strict-aliasing -g -nostdlibinc -isystem $(uapi) -I. $(warnings) $(here)
# What the loader does not read: debug sections, labels, and relocations whose values stand in place already.
BPF_STRIP = -g --wildcard --strip-symbol='LBB*' --remove-section=.rel.BTF --remove-section=.rel.BTF.ext

HARDENING = -fstack-protector-strong -fstack-clash-protection
CFLAGS = -Oz -fno-jump-tables -g0 -fno-strict-aliasing -ffunction-sections -fdata-sections -fno-unwind-tables \
	-fno-asynchronous-unwind-tables $(HARDENING)
# What a file of a million addresses goes through: half a kilobyte for each, and a tenth of the time.
$(addprefix $(out)/obj/loader/,address.o block_keys.o block_lines.o blocklist_write.o lines.o): CFLAGS += -O2
# Nothing in a static binary of musl's makes pages read-only after relocation, so relro would be no more than padding: 64 KiB on
# arm64.
LDFLAGS = -static -no-pie -s -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,norelro,-z,noexecstack,-z,noseparate-code
product_flags := $(common) -DPACKED_TEXTS='"$(out)/texts.packed"' -fno-pie -idirafter $(product_uapi)

sanitizers := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
HOST_FLAGS = -O1 -g $(sanitizers)
FUZZ_FLAGS = -O1 -g $(sanitizers) -fsanitize=fuzzer-no-link
# bpf/ as the host's own code. Unrolling is for the verifier. XDP reads a header by halves of words, whatever its fields; an
# event without its domain is written into as much room as it needs.
machine_flags := -include tests/packets/host/machine.h -fno-strict-aliasing -fno-sanitize=object-size \
	-Wno-unknown-pragmas -Wno-pass-failed

# ---- the product ----
.PHONY: all ask emulated demo check check-unit check-e2e check-vm guest guests fuzz bench bench-jit bench-tools deps fmt lint dist clean help
.PHONY: tests size
.DELETE_ON_ERROR:
.SECONDARY:

all: $(out)/bulkhead

$(out)/bulkhead: $(product) $(out)/obj/loader/texts_packed.o loader/texts.ld
	@echo "  LINK    $@"
	@$(MUSL_CC) $(LDFLAGS) -Wl,-Map=$@.map,-T,loader/texts.ld -o $@ $(filter %.o,$^)
	@echo "  SIZE    $$(wc -c <$@) bytes, stripped; $$(ldd $@ 2>&1 | xargs)"

# Linked twice: first for what the texts are, and then with them packed, their place empty.
$(out)/texts.packed: $(product) loader/texts.ld build/pack
	@sed 's/(NOLOAD)//' loader/texts.ld >$(out)/texts.ld
	@$(MUSL_CC) $(LDFLAGS) -Wl,-T,$(out)/texts.ld -o $(out)/texts.linked $(product)
	@$(LLVM_OBJCOPY) -O binary --only-section=texts $(out)/texts.linked $(out)/texts
	@echo "  PACK    $@"
	@build/pack $@ $(out)/texts

$(out)/obj/loader/texts_packed.o: $(out)/texts.packed

$(out)/obj/%.o: %.c Makefile $(sysroot:%=%/packages) | $(product_uapi)
	@echo "  CC      $<"
	@mkdir -p $(@D)
	@$(MUSL_CC) $(product_flags) $(CFLAGS) $(deps) -c -o $@ $<

$(out)/obj/%.o: %.S Makefile $(packed) $(sysroot:%=%/packages) | $(product_uapi)
	@echo "  AS      $<"
	@mkdir -p $(@D)
	@$(MUSL_CC) $(product_flags) $(CFLAGS) $(embedded) -c -o $@ $<

$(bpf_out)/bpf/%.o: bpf/%.bpf.c Makefile | $(uapi)
	@echo "  BPF     $<"
	@mkdir -p $(@D)
	@$(CLANG) $(BPF_FLAGS) $(deps) -c -o $@ $<
	@$(LLVM_OBJCOPY) $(BPF_STRIP) $@

# What the binary carries: without the lines of source of each instruction and the types that no map has, which are most of an
# object.
$(bpf_out)/packed/%.o: $(bpf_out)/bpf/%.o build/trim
	@mkdir -p $(@D)
	@$(LLVM_OBJCOPY) --dump-section=.BTF=$(@:.o=.types) $< $@
	@build/trim $(@:.o=.types) $(@:.o=.types)
	@$(LLVM_OBJCOPY) --remove-section=.BTF.ext --remove-section=.llvm_addrsig --update-section=.BTF=$(@:.o=.types) $< $@

$(packed): build/pack $(OBJECTS:%=$(bpf_out)/packed/%.o)
	@echo "  PACK    $@"
	@build/pack $@ $(OBJECTS:%=$(bpf_out)/packed/%.o)

build/pack: loader/pack/format.h
build/pack build/trim: build/%: loader/pack/%.c Makefile
	@mkdir -p $(@D)
	@$(HOST_CC) $(common) -O2 -o $@ $< -lm

# link_uapi FOLDER ASM: links to the headers below FOLDER
define link_uapi
@for tool in $(CLANG) $(LLVM_OBJCOPY) $(firstword $(MUSL_CC)) $(HOST_CC); do command -v $$tool >/dev/null 2>&1 || \
	{ echo "make: $$tool is missing: not installed: run 'make deps$(cross:%= ARCH=%)' as root" >&2; exit 1; }; done
@mkdir -p $@.new
@ln -sfn $(1)/linux $@.new/linux
@ln -sfn $(1)/asm-generic $@.new/asm-generic
@asm=$(1)/$(2)/asm; [ -d $$asm ] || asm=$(1)/asm; ln -sfn $$asm $@.new/asm
@mv $@.new $@
endef

$(uapi):
	$(call link_uapi,$(HEADERS),$$($(HOST_CC) -print-multiarch))

ifneq ($(cross),)
$(product_uapi): | $(sysroot)/packages
	$(call link_uapi,$(sysroot)/usr/include,$(triplet_$(cross)))

# Asked each time, since the cache may have been emptied; what is newer there than here is compiled anew.
$(sysroot)/packages: ask
	@tests/sysroot $(cross)
endif

size: all
	@tests/bench/size $(out)/bulkhead

# ---- where it goes: install, install-..., uninstall; deb, sysext, talos, image ----
include integrations/install.mk
include integrations/packages.mk

# ---- tests ----
tests: $(unit_tests) $(fuzz_targets) $(bpf_objects) build/bpf-test/built build/tests/kernels/shim

# Objects that the tests of elf/ read, in every way that clang makes them.
build/bpf-test/built: tests/unit/objects/build bpf/fw_abi.h $(wildcard tests/unit/objects/*.[ch]) | $(uapi)
	@echo "  BPF     tests/unit/objects"
	@CLANG=$(CLANG) LLVM_STRIP=$(LLVM_STRIP) UAPI=$(uapi) tests/unit/objects/build $(@D)
	@touch $@

build/host/%.o: %.c Makefile
	@echo "  HOSTCC  $<"
	@mkdir -p $(@D)
	@$(HOST_CC) $(common) $(HOST_FLAGS) $(deps) -c -o $@ $<

build/host/%.o: %.S Makefile $(packed)
	@mkdir -p $(@D)
	@$(HOST_CC) $(common) $(embedded) -c -o $@ $<

build/host/product.a: $(host_product)
	@rm -f $@
	@ar rcs $@ $(host_product)

build/tests/unit/%_test: build/host/tests/unit/%_test.o build/host/tests/unit/sample.o build/host/product.a
	@mkdir -p $(@D)
	@$(HOST_CC) $(sanitizers) -o $@ $^ -lcmocka -lelf

build/host/tests/unit/unpack_test.o: HOST_FLAGS += $(embedded)

# With ARCH, `make emulated`: the unit tests of what asks no kernel, static; emulation has no bpf(2).
ifneq ($(cross),)
kernel_tests := $(patsubst %,tests/unit/%_test.c,attach_netlink block_map blocklist bpf btf_sanitise cgroup commands conntrack_table cpus \
	elf_oracle json_oracle netlink old_kernels path_watch probe programs slots stats_read)
emulated_tests := $(patsubst %.c,$(out)/%,$(filter-out $(kernel_tests),$(wildcard tests/unit/*_test.c)))
emulated: $(emulated_tests) build/bpf-test/built

$(out)/obj/tests/%.o: product_flags += -Itests/unit/emulated $(embedded)
$(out)/tests/unit/%_test: $(patsubst %,$(out)/obj/tests/unit/%.o,%_test sample emulated/cmocka) $(filter-out %/main.o,$(product))
	@mkdir -p $(@D)
	@$(MUSL_CC) $(LDFLAGS) -o $@ $^
endif

# What old kernels know, as tables: for the check of the final instructions, and for the shim that answers as they would.
kernel_model := $(filter-out tests/kernels/shim.c,$(wildcard tests/kernels/*.c))
kernel_parts := $(kernel_model:%.c=build/host/%.o) build/host/tests/unit/fake_kernel.o
build/tests/unit/old_kernels_test: $(kernel_parts)
build/tests/unit/blocklist_test build/tests/unit/slots_test: build/host/tests/unit/fake_maps.o

build/tests/kernels/shim: $(kernel_model) tests/kernels/shim.c compat/control_flow.c $(wildcard tests/kernels/*.h) Makefile
	@echo "  SHIM    $@"
	@mkdir -p $(@D)
	@$(HOST_CC) $(common) -O2 -static -o $@ $(filter %.c,$^)

build/host/bpf/%.o: bpf/%.bpf.c Makefile
	@echo "  HOSTCC  $<"
	@mkdir -p $(@D)
	@$(HOST_CC) $(common) $(HOST_FLAGS) $(machine_flags) $(deps) -c -o $@ $<

# The files beside a test are for all of them, and so are the programs as the host's own code.
packet_parts := $(patsubst %.c,build/host/%.o,$(filter-out %_test.c,$(wildcard tests/packets/*.c tests/packets/host/*.c))) \
	$(OBJECTS:%=build/host/bpf/%.o)

build/tests/packets/%_test: build/host/tests/packets/%_test.o $(packet_parts) build/host/product.a $(bpf_objects)
	@mkdir -p $(@D)
	@$(HOST_CC) $(sanitizers) -o $@ $(filter-out $(bpf_objects),$^) -lcmocka

build/fuzz/%.o: %.c Makefile
	@mkdir -p $(@D)
	@$(CLANG) $(common) $(FUZZ_FLAGS) $(deps) -c -o $@ $<

build/fuzz/%.o: %.S Makefile $(packed)
	@mkdir -p $(@D)
	@$(CLANG) $(common) $(embedded) -c -o $@ $<

build/fuzz/product.a: $(fuzz_product)
	@rm -f $@
	@ar rcs $@ $(fuzz_product)

build/tests/fuzz/%_fuzz: build/fuzz/tests/fuzz/%_fuzz.o build/fuzz/product.a
	@mkdir -p $(@D)
	@$(CLANG) $(sanitizers) -fsanitize=fuzzer -o $@ $(filter-out %_seeds,$^)

build/fuzz/bpf/%.o: bpf/%.bpf.c Makefile
	@echo "  FUZZCC  $<"
	@mkdir -p $(@D)
	@$(CLANG) $(common) $(FUZZ_FLAGS) $(machine_flags) $(deps) -c -o $@ $<

# The programs, a policy and frames; tests/fuzz/run has the seeds written.
verdict_parts := $(patsubst %.c,build/fuzz/%.o,tests/fuzz/verdict_policy.c tests/packets/program.c tests/packets/packet.c \
	$(wildcard tests/packets/host/*.c)) $(OBJECTS:%=build/fuzz/bpf/%.o)
build/tests/fuzz/verdict_fuzz: $(verdict_parts) build/tests/fuzz/verdict_seeds

seed_parts := $(patsubst %.c,build/host/%.o,tests/fuzz/verdict_seeds.c tests/packets/packet.c $(wildcard tests/packets/rows*.c))
build/tests/fuzz/verdict_seeds: $(seed_parts)
	@mkdir -p $(@D)
	@$(HOST_CC) $(sanitizers) -o $@ $^

build/tests/fuzz/pcap_fuzz build/tests/fuzz/json_read_fuzz: build/tests/fuzz/%_fuzz: build/tests/fuzz/%_seeds
build/tests/fuzz/pcap_seeds build/tests/fuzz/json_read_seeds: build/tests/fuzz/%: build/host/tests/fuzz/%.o build/host/product.a
	@mkdir -p $(@D)
	@$(HOST_CC) $(sanitizers) -o $@ $^

# The tests that run as the first process of a virtual machine: one static program, as the product is.
guest_packets := $(filter-out %_test.c,$(wildcard tests/packets/*.c)) tests/packets/verdicts_test.c tests/packets/wire_test.c
guest_objects := $(patsubst %.c,$(out)/vm/obj/%.o,$(guest_packets) $(wildcard tests/vm/*.c)) \
	$(filter-out $(out)/obj/loader/main.o,$(product))

$(out)/vm/guest: $(guest_objects)
	@echo "  LINK    $@"
	@$(MUSL_CC) $(LDFLAGS) -Wl,--wrap=sys_bpf_prog_load -o $@ $(guest_objects)

$(out)/vm/obj/%_test.o: guest_main = -Dmain=$(notdir $*)_main
$(out)/vm/obj/%.o: %.c Makefile $(sysroot:%=%/packages) | $(product_uapi)
	@echo "  CC      $<"
	@mkdir -p $(@D)
	@$(MUSL_CC) $(product_flags) $(CFLAGS) $(guest_main) $(deps) -c -o $@ $<

# What measures, beside its peers: static as the product, so that what the tools cost is little; the peer of events is libbpf's.
bench_tools := $(patsubst tests/bench/%.c,build/bench/%,$(filter-out %/tool.c %/traced.c %_peer.c,$(wildcard tests/bench/*.c)))
bench_parts := $(patsubst %,$(out)/obj/%.o,tests/bench/tool syscalls/bpf syscalls/bpf_link syscalls/bpf_map syscalls/bpf_prog \
	syscalls/descriptor)

bench-tools: all $(bench_tools) build/bench/events_peer build/bench/bulkhead_traced

build/bench/%: $(out)/obj/tests/bench/%.o $(bench_parts)
	@mkdir -p $(@D)
	@$(MUSL_CC) $(LDFLAGS) -o $@ $^

# The same binary, but for what it carries, the objects as clang made them, with their lines of source, and that it tells what it
# loads.
build/bench/lines: build/pack $(OBJECTS:%=$(bpf_out)/bpf/%.o)
	@mkdir -p $(@D)
	@build/pack $@ $(OBJECTS:%=$(bpf_out)/bpf/%.o)

build/bench/embed.o: loader/embed.S build/bench/lines Makefile
	@$(MUSL_CC) $(product_flags) $(CFLAGS) -DPACKED_OBJECTS='"build/bench/lines"' -c -o $@ $<

build/bench/bulkhead_traced: $(filter-out %/embed.o,$(product)) build/bench/embed.o $(out)/obj/tests/bench/traced.o \
		$(out)/obj/loader/texts_packed.o loader/texts.ld
	@$(MUSL_CC) $(LDFLAGS) -Wl,--wrap=sys_bpf_prog_load,-T,loader/texts.ld -o $@ $(filter %.o,$^)

build/bench/%_peer: tests/bench/%_peer.c Makefile
	@mkdir -p $(@D)
	@$(HOST_CC) -O2 $(warnings) -o $@ $< -lbpf

bench:
	@tests/deps bench
	@$(again) bench-tools
	@tests/bench/run $(ROWS)

bench-jit:
	@$(MAKE) --no-print-directory bench ROWS=path

# What must be installed first is asked before anything else, so the work is done by a second make.
deps:
	@tests/deps $(triplet_$(ARCH))

again = $(MAKE) --no-print-directory -j$$(nproc)

demo: deps
	@$(again) all
	@tests/demo/run

# For each architecture the product and the tests that run beside it in a virtual machine.
guest: all $(out)/vm/guest

guests:
	@tests/deps $(triplets)
	@for arch in $(ARCHES); do $(again) ARCH=$$arch guest || exit; done

check:
	@tests/deps $(triplets)
	@$(again) all tests
	@for arch in $(ARCHES); do $(again) ARCH=$$arch guest || exit; done
	@FUZZ_SECONDS=60 tests/run style unit packets e2e e2e-4.19 fuzz reproducible arch integrations vm

check-vm: guests
	@tests/deps $(triplets) kernel
	@$(again) build/tests/kernels/shim
	@tests/run vm-all

check-unit: deps
	@$(again) tests
	@tests/run unit packets

check-e2e: deps
	@$(again) all
	@tests/run e2e

fuzz: deps
	@$(again) tests
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run fuzz

lint: deps
	@tests/run style

fmt:
	@clang-format -i $(c_files)

dist:
	@tests/deps $(triplets)
	@for arch in $(ARCHES); do $(again) ARCH=$$arch all || exit; done
	@tests/dist $(VERSION) $(ARCHES)

clean:
	rm -rf build

help:
	@echo "make                build/bulkhead: one static binary"
	@echo "make ARCH=...       the same for another architecture, in build/ARCH/: $(ARCHES)"
	@echo "make demo           two containers, an outside host, every kind of verdict (root)"
	@echo "make check          every test and check (root)"
	@echo "make check-unit     the unit tests and the packet tests; make check-e2e: on real traffic (root)"
	@echo "make check-vm       in virtual machines with Debian's kernels, old and new, of each architecture"
	@echo "make bench          against xdp-filter, nftables, iptables, ipset, bpftool and libbpf (root); ROWS=..., QUICK=1: docs/bench"
	@echo "make bench-jit      the machine code that packets come past, instruction by instruction: docs/hot-path.md"
	@echo "make fuzz           fuzz the parsers and the programs for FUZZ_SECONDS=$(FUZZ_SECONDS) each"
	@echo "make deps           install what building and testing need (root, apt-get), with ARCH=... for that architecture"
	@echo "make install        to DESTDIR=$(DESTDIR) PREFIX=$(PREFIX); for init systems, container engines: integrations/README.md"
	@echo "make deb            a Debian package, in build/packages/; sysext: an image for systemd-sysext; talos: for Talos Linux;"
	@echo "                    image: a container image, with podman"
	@echo "make size           what each part of the binary costs"
	@echo "make fmt lint       format the sources; check style and layering"
	@echo "make dist           build/dist/: a tarball for each architecture, the source, SPDX, SHA256SUMS; the same bytes each time"
	@echo "make clean          remove build/"

-include $(patsubst %.o,%.d,$(product) $(emulated_tests:$(out)/%=$(out)/obj/%.o) $(host_product) $(fuzz_product) $(bpf_objects))
-include $(filter $(out)/vm/%,$(guest_objects:.o=.d))
-include $(bench_parts:.o=.d) $(bench_tools:build/%=$(out)/obj/tests/%.d)
-include $(packet_parts:.o=.d) $(kernel_parts:.o=.d) build/host/tests/unit/fake_maps.d $(verdict_parts:.o=.d) $(seed_parts:.o=.d) $(unit_tests:build/%=build/host/%.d) $(fuzz_targets:build/%=build/fuzz/%.d)
