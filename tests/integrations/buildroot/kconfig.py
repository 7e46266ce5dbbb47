#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""kconfig.py CONFIG.IN FRAGMENT KERNEL-CONFIG: reads the package's Config.in as a Kconfig file, with several answers; and looks in
a kernel's configuration whether each option of the fragment is one of a kernel's. Prints what is wrong."""
import os
import sys

import kconfiglib

MACHINE = ["BR2_aarch64", "BR2_USE_MMU", "BR2_TOOLCHAIN_HEADERS_AT_LEAST_4_19"]


def read(path, chosen):
    kconfig = kconfiglib.Kconfig(path, warn_to_stderr=False)
    for name in chosen:
        kconfig.syms[name].set_value("y")
    return kconfig


def value(kconfig, name):
    return kconfig.syms["BR2_PACKAGE_" + name].str_value


def comments(kconfig):
    return [node.prompt[0] for node in kconfig.node_iter()
            if node.item == kconfiglib.COMMENT and kconfiglib.expr_value(node.prompt[1])]


def config_in(path):
    kconfig = read(path, MACHINE)
    yield from kconfig.warnings
    if value(kconfig, "BULKHEAD") != "n" or comments(kconfig):
        yield "it is chosen where nobody chose it, or there is a comment"
    kconfig = read(path, MACHINE + ["BR2_PACKAGE_BULKHEAD"])
    if (value(kconfig, "BULKHEAD_CLANG"), value(kconfig, "BULKHEAD_LLVM_OBJCOPY")) != ("clang", "llvm-objcopy"):
        yield "the build machine's clang is not the default"
    kconfig.syms["BR2_PACKAGE_BULKHEAD_BUILDROOT_CLANG"].set_value("y")
    if value(kconfig, "BULKHEAD_BUILDROOT_CLANG") != "n":
        yield "Buildroot's clang can be chosen without its BPF backend"
    kconfig.syms["BR2_PACKAGE_LLVM_BPF"].set_value("y")
    if value(kconfig, "BULKHEAD_BUILDROOT_CLANG") != "y" or value(kconfig, "BULKHEAD_CLANG"):
        yield "Buildroot's clang cannot be chosen"
    for lacking in MACHINE:
        rest = [name for name in MACHINE if name != lacking]
        kconfig = read(path, rest + ["BR2_PACKAGE_BULKHEAD"])
        if value(kconfig, "BULKHEAD") != "n":
            yield "it can be chosen without " + lacking
        if bool(comments(kconfig)) != (lacking == "BR2_TOOLCHAIN_HEADERS_AT_LEAST_4_19"):
            yield "without %s the comments are %s" % (lacking, comments(kconfig))
    for architecture in ("BR2_arm", "BR2_RISCV_64", "BR2_s390x", "BR2_x86_64"):
        if value(read(path, [architecture] + MACHINE[1:] + ["BR2_PACKAGE_BULKHEAD"]), "BULKHEAD") != "y":
            yield "it cannot be chosen for " + architecture


def options(path):
    with open(path) as file:
        return [line.split("=")[0] for line in file if line.startswith("CONFIG_")]


def fragment(path, kernel):
    known = options(kernel)
    return ["%s: no option of that kernel's" % option for option in options(path) if option not in known]


def main(path, fragment_path, kernel):
    wrong = list(config_in(path)) + fragment(fragment_path, kernel)
    print("\n".join(wrong), end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    os.environ.setdefault("KCONFIG_WARN_UNDEF", "y")
    sys.exit(main(*sys.argv[1:]))
