# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Containers of OCI runtimes that call bulkhead as their hook: behind lib.sh, for the tests of oci-hook.
# A container's name there is NAME, its id $tag-NAME, its cgroup /$tag/$tag-NAME, and it writes into $work/out.

: "${tag:?}" "${work:?}" "${top:?}" "${PYTHON:?}" "${BULKHEAD:?}" "${bpffs:?}"
policies=/etc/bulkhead/policies
runtime=runc
rootfs=$work/rootfs

# One root file system for all, of busybox alone.
make_rootfs() {
	local applet
	mkdir -p "$rootfs"/{bin,dev,etc,out,proc,root,run,sys,tmp,var} "$work/out"
	cp "$(command -v busybox)" "$rootfs/bin/busybox"
	for applet in sh sleep nc ping ip true cat; do
		ln -s busybox "$rootfs/bin/$applet"
	done
}

# A policy file of its own kind of name, gone when the test ends: make_policy NAME <LINES. Its name is $tag-NAME.
make_policy() {
	[ -d "$policies" ] || at_end+=("rmdir -p $policies 2>/dev/null")
	mkdir -p "$policies"
	at_end=("rm -f $policies/$tag-$1" "${at_end[@]}")
	cat >"$policies/$tag-$1"
}

# make_bundle NAME host|own|/run/netns/FILE COMMAND [KEY=VALUE...]: which network, what `sh -c` runs, annotations. Behind
# hook=WORDS these stand behind the stage in the hook's words.
make_bundle() {
	local name=$1 network=$2 command=$3
	shift 3
	mkdir -p "$work/bundle-$name"
	(cd "$work/bundle-$name" && rm -f config.json && "$runtime" spec)
	"$PYTHON" - "$work/bundle-$name/config.json" "$tag" "$name" "$network" "$command" "$rootfs" "$work/out" \
		"$BULKHEAD" "$bpffs" "$@" <<-'PYTHON'
			import json, os, sys
			path, tag, name, network, command, rootfs, out, bulkhead, bpffs, *words = sys.argv[1:]
			config = json.load(open(path))
			annotations = dict(word.split("=", 1) for word in words)
			more = annotations.pop("hook", "").split()
			config["root"] = {"path": rootfs, "readonly": True}
			config["process"].update(terminal=False, args=["/bin/sh", "-c", command])
			config["process"].pop("rlimits", None)
			for kind in ("bounding", "effective", "permitted"):
			    config["process"]["capabilities"][kind].append("CAP_NET_RAW")
			config["mounts"].append({"destination": "/out", "type": "bind", "source": out, "options": ["bind", "rw"]})
			config["linux"]["cgroupsPath"] = "/%s/%s-%s" % (tag, tag, name)
			config["linux"].pop("resources", None)  # crun: a machine without CAP_SYS_RESOURCE cannot load its device program
			spaces = [space for space in config["linux"]["namespaces"] if space["type"] not in ("network", "cgroup")]
			if network != "host":
			    spaces.append({"type": "network", **({} if network == "own" else {"path": network})})
			config["linux"]["namespaces"] = spaces
			config["annotations"] = annotations
			words = ["bulkhead", "--bpffs", bpffs, "oci-hook"]
			env = [key + "=" + value for key, value in os.environ.items() if key in ("PATH", "OLD_KERNEL", "OLD_KERNEL_LOG")]
			config["hooks"] = {
			    stage: [{"path": bulkhead, "args": words + [stage] + more, "env": env, "timeout": 60}]
			    for stage in ("createRuntime", "poststop")
			}
			json.dump(config, open(path, "w"))
		PYTHON
	at_end=("oci delete --force $tag-$name 2>/dev/null" "${at_end[@]}")
}

# In the host's network namespace, as the runtime runs on a host.
oci() { in_host "$runtime" --root "$work/$runtime" "$@"; }

# Runs it to its end; runs it behind this test.
run_bundle() { oci run --bundle "$work/bundle-$1" "$tag-$1"; }
start_bundle() { oci run --detach --bundle "$work/bundle-$1" "$tag-$1" >"$work/start.$1" 2>&1 </dev/null || { cat "$work/start.$1" && return 1; }; }
exec_in() { # NAME COMMAND...
	local name=$1
	shift
	oci exec "$tag-$name" "$@"
}
pid_in() { oci state "$tag-$1" | json 'd["pid"]'; }

# A namespace that has its device before the container is made, as CNI and podman's networks do it: at /run/netns/$tag-NAME.
make_network() {
	ip netns add "$tag-$1"
	connect_container "$1"
}

is_stopped() { [ "$(oci state "$tag-$1" | json 'd["status"]')" = stopped ]; }

# What most of them may do, and what becomes of the rest where nothing asks at connect(2).
export policy="bulkhead.policy=allow out tcp to 192.0.2.2 port 80"
says() { [ "$(exec_in "$1" sh -c "echo hello | nc -w 2 192.0.2.2 $2")" = hello ]; }
refused_first() { if has cgroup_connect shared_storage; then echo "Operation not permitted"; else echo "timed out"; fi; }

targets_of() { bh -j list | json "[(c['name'], c['devs'], c['cgroup']) for c in d]"; }
containers() { bh -j list | json '" ".join(sorted(c["name"] for c in d))'; }
# Nothing is left: no container, rule or attachment of one.
nothing_left() {
	is "$1" '[] [] 0' "$(bh -j list) $(bh -j rules) $(bh -j status | json 'len([a for a in d["attachments"] if a["layer"] == "cgroup" or a["target"].startswith("h")])')"
}
