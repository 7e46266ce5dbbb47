# SPDX-License-Identifier: GPL-2.0
"""Runs a command as a unit's [Service] section has systemd run it, as far as this kernel, and not systemd, is what holds it to that.

sandbox.py UNIT [--also KEY=VALUE]... [--in-place-of PATH=OTHER]... COMMAND...

--also is a line of a drop-in; --in-place-of takes another path for one of ReadWritePaths. Done are the capabilities, the system
calls, address families and namespaces, what is read-only and what is hidden. A key that is neither done nor known to be systemd's own
affair is an error, exit status 70: nothing of the unit is passed over in silence.
"""
import ctypes
import os
import re
import resource
import subprocess
import sys
import traceback

LIBC = ctypes.CDLL(None, use_errno=True)
MS_RDONLY, MS_NOSUID, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_SLAVE = 1, 2, 8, 32, 4096, 16384, 1 << 19
CLONE_NEWNS = 0x20000
PR_CAPBSET_DROP, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 24, 22, 38
EPERM, ALLOW, REFUSE = 1, 0x7FFF0000, 0x00050000
SYSTEMD_OWN = """Type RemainAfterExit TimeoutStartSec ExecStart ExecReload SystemCallErrorNumber SystemCallArchitectures KeyringMode UMask
    ProtectHostname ProtectClock ProtectKernelModules RestrictRealtime RestrictSUIDSGID LockPersonality Restart RestartSec SuccessExitStatus""".split()


def check(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), what)


def settings(path, more):
    found, section = {}, None
    lines = [line.strip() for line in open(path)] + ["[Service]"] + more
    for line in lines:
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and line[0] not in "#;":
            key, _, value = line.partition("=")
            found[key] = found.get(key, []) + [value] if value else []
    return found


def mount(source, target, kind, flags, data=None):
    check(LIBC.mount(source.encode(), target.encode(), kind.encode() if kind else None, flags, data), "mount " + target)


def mounts():
    return [re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), line.split()[4]) for line in open("/proc/self/mountinfo")]


def below(path, folders):
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def make_read_only(paths):
    for path in paths:
        try:
            mount("none", path, None, MS_REMOUNT | MS_BIND | MS_RDONLY)
        except OSError:
            if os.path.ismount(path):  # one that lies under another is out of reach anyway
                raise


def protect_files(unit, instead):
    check(LIBC.unshare(CLONE_NEWNS), "unshare")
    mount("none", "/", None, MS_REC | MS_SLAVE)
    writable = [instead.get(path.lstrip("-"), path.lstrip("-")) for value in unit.get("ReadWritePaths", []) for path in value.split()]
    closed = []
    for path in writable:
        mount(path, path, None, MS_BIND)
    if unit.get("ProtectSystem") == ["strict"]:
        closed += [path for path in mounts() if not below(path, ["/dev", "/proc", "/sys"])]
    for path in " ".join(unit.get("ReadOnlyPaths", [])).split():
        if not os.path.exists(path.lstrip("-")) and path.startswith("-"):
            continue
        path = path.lstrip("-")
        mount(path, path, None, MS_BIND | MS_REC)
        closed += [inner for inner in mounts() if below(inner, [path])]
    if unit.get("ProtectControlGroups") == ["yes"]:
        closed += [path for path in mounts() if below(path, ["/sys/fs/cgroup"])]
    make_read_only([path for path in closed if not below(path, writable)])
    hidden = ["/root", "/home", "/run/user"] if unit.get("ProtectHome") == ["yes"] else []
    for path in hidden:
        if os.path.isdir(path):
            mount("tmpfs", path, "tmpfs", MS_RDONLY, b"mode=000")
    if unit.get("ProtectKernelLogs") == ["yes"]:
        mount("/dev/null", "/dev/kmsg", None, MS_BIND)
    if unit.get("PrivateDevices") == ["yes"]:
        private_devices()


def private_devices():
    kept = ["null", "zero", "full", "random", "urandom", "tty"]
    held = [os.open("/dev/" + name, os.O_PATH) for name in kept]
    mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, b"mode=755")
    for name, fd in zip(kept, held):
        os.close(os.open("/dev/" + name, os.O_CREAT | os.O_WRONLY))
        mount("/proc/self/fd/%d" % fd, "/dev/" + name, None, MS_BIND)
        os.close(fd)
    make_read_only(["/dev"])


def capability_numbers():
    header = subprocess.run(["gcc", "-E", "-dM", "-include", "linux/capability.h", "-x", "c", "/dev/null"], capture_output=True, text=True)
    return {name: int(n) for name, n in re.findall(r"#define (CAP_[A-Z_]+) (\d+)\n", header.stdout) if name != "CAP_LAST_CAP"}


def drop_capabilities(unit, numbers):
    keep = set()
    for value in unit.get("CapabilityBoundingSet", []):
        keep = keep - set(value[1:].split()) if value.startswith("~") else keep | set(value.split())
    unknown = keep - set(numbers)
    if unknown:
        raise ValueError("no such capability: %s" % unknown)
    for n in range(int(open("/proc/sys/kernel/cap_last_cap").read()) + 1):
        if n not in {numbers[name] for name in keep}:
            check(LIBC.prctl(PR_CAPBSET_DROP, n, 0, 0, 0), "capability %d" % n)


def system_calls(words, seen=()):
    """The names that these words stand for: a name, or a group as systemd has it."""
    names = set()
    for word in words:
        if not word.startswith("@"):
            names.add(word)
        elif word not in seen:
            listed = subprocess.run(["systemd-analyze", "syscall-filter", word], capture_output=True, text=True, check=True).stdout
            inner = [line.strip() for line in listed.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
            names |= system_calls(inner, seen + (word,))
    return names


def call_numbers():
    header = subprocess.run(["gcc", "-E", "-dM", "-include", "asm/unistd.h", "-x", "c", "/dev/null"], capture_output=True, text=True)
    return {name: int(n) for name, n in re.findall(r"#define __NR_(\w+) (\d+)\n", header.stdout)}


def allowed_calls(unit):
    names = system_calls(["@default"])
    for value in unit.get("SystemCallFilter", []):
        if value.startswith("~"):
            names -= system_calls(value[1:].split())
        else:
            names |= system_calls(value.split())
    if unit.get("RestrictNamespaces") == ["yes"]:
        names -= {"unshare", "setns"}
    return names


class Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(Instruction))]


def call_filter(unit, numbers):
    """What is not allowed gives EPERM; socket(2) asks for the family, mmap(2) and mprotect(2) for what may be run."""
    code = [(0x20, 0, 0, 0)]
    families = {name: n for name, n in (("AF_UNIX", 1), ("AF_INET", 2), ("AF_INET6", 10), ("AF_NETLINK", 16), ("AF_PACKET", 17))}
    named = " ".join(unit.get("RestrictAddressFamilies", [])).split()
    kept = [] if "none" in named else [families[name] for name in named]
    allowed = allowed_calls(unit)
    if named:
        inner = [(0x20, 0, 0, 16)] + [i for n in kept for i in ((0x15, 0, 1, n), (0x06, 0, 0, ALLOW))] + [(0x06, 0, 0, REFUSE | EPERM)]
        code += [(0x15, 0, len(inner), numbers["socket"])] + inner
    if unit.get("MemoryDenyWriteExecute") == ["yes"]:
        for name, mask in (("mmap", 6), ("mprotect", 4)):
            inner = [(0x20, 0, 0, 32), (0x54, 0, 0, mask), (0x15, 0, 1, mask), (0x06, 0, 0, REFUSE | EPERM), (0x06, 0, 0, ALLOW)]
            code += [(0x15, 0, len(inner), numbers[name])] + inner
    for name in sorted(allowed & set(numbers)):
        code += [(0x15, 0, 1, numbers[name]), (0x06, 0, 0, ALLOW)]
    code.append((0x06, 0, 0, REFUSE | EPERM))
    return (Instruction * len(code))(*code)


def unlimited_memory():
    """A container may be refused this; kernels from 5.11 on do not ask for it."""
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except ValueError as refused:
        print("sandbox: LimitMEMLOCK: %s" % refused, file=sys.stderr)


def main(words):
    path, also, instead = words.pop(0), [], {}
    while words[0].startswith("--"):
        option, value = words.pop(0), words.pop(0)
        if option == "--also":
            also.append(value)
        else:
            instead.update([value.split("=", 1)])
    unit = settings(path, also)
    done = """ReadWritePaths ReadOnlyPaths ProtectSystem ProtectControlGroups ProtectHome ProtectKernelLogs PrivateDevices
        LimitMEMLOCK CapabilityBoundingSet SystemCallFilter RestrictNamespaces RestrictAddressFamilies MemoryDenyWriteExecute NoNewPrivileges
        ProtectProc""".split()
    unknown = set(unit) - set(done) - set(SYSTEMD_OWN)
    if unknown:
        raise ValueError("not done here: %s" % ", ".join(sorted(unknown)))
    numbers, instructions = capability_numbers(), call_filter(unit, call_numbers())
    protect_files(unit, instead)
    if unit.get("ProtectProc") == ["invisible"]:
        mount("proc", "/proc", "proc", 0, b"hidepid=invisible")
    if unit.get("LimitMEMLOCK") == ["infinity"]:
        unlimited_memory()
    drop_capabilities(unit, numbers)
    check(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    program = Program(len(instructions), instructions)
    if unit.get("SystemCallFilter"):
        check(LIBC.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")
    os.execvp(words[0], words)


try:
    main(sys.argv[1:])
except Exception:
    traceback.print_exc()
    sys.exit(70)  # none of the command's own
