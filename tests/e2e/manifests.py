#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
manifests.py FOLDER check: what is wrong with the manifests, a line each, as far as it shows without a cluster.
manifests.py FOLDER words init|main: the command of that container, a word a line.
manifests.py FOLDER caps init|main: the capabilities that it has, as setpriv(1) takes them.
manifests.py FOLDER data DIR: writes the ConfigMap's keys there.
"""

import pathlib
import sys

import yaml


def documents(folder):
    for path in sorted(folder.glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            yield document


def find(folder, kind):
    found = [d for d in documents(folder) if d["kind"] == kind]
    assert len(found) == 1, "%d of %s" % (len(found), kind)
    return found[0]


VERSIONS = {
    "ServiceAccount": "v1",
    "ConfigMap": "v1",
    "DaemonSet": "apps/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
}
# Those of each object that are used here: a misspelt one is ignored by a cluster, or refused.
KEYS = {
    "pod": "serviceAccountName automountServiceAccountToken enableServiceLinks priorityClassName hostNetwork dnsPolicy "
    "terminationGracePeriodSeconds nodeSelector tolerations initContainers containers volumes",
    "container": "name image command args securityContext resources livenessProbe volumeMounts",
    "rights": "runAsUser readOnlyRootFilesystem allowPrivilegeEscalation capabilities seccompProfile seLinuxOptions",
    "mount": "name mountPath readOnly",
    "policy": "podSelector policyTypes ingress egress",
}


def only(what, value, where):
    for key in set(value) - set(KEYS[what].split()):
        yield "%s: %s is no key of its" % (where, key)


def check_container(container, volumes):
    where = container["name"]
    yield from only("container", container, where)
    rights = container["securityContext"]
    yield from only("rights", rights, where)
    if rights["capabilities"]["drop"] != ["ALL"] or not rights["readOnlyRootFilesystem"]:
        yield where + ": more rights than it needs"
    mounted = {}
    for mount in container["volumeMounts"]:
        yield from only("mount", mount, where)
        if mount["name"] not in volumes:
            yield "%s: volume %s is not there" % (where, mount["name"])
        mounted[mount["mountPath"]] = mount["name"]
    if mounted.get(container["command"][2]) != "bpffs":
        yield where + ": its --bpffs is not the volume"
    if "watch" in container["args"]:
        place = container["args"][container["args"].index("apply") + 1]
        if "configMap" not in volumes.get(mounted.get(place), {}):
            yield where + ": what it watches is no ConfigMap"
        if container["livenessProbe"]["exec"]["command"][:3] != container["command"]:
            yield where + ": its probe asks another firewall"


def check(folder):
    daemons, config = find(folder, "DaemonSet"), find(folder, "ConfigMap")
    account, spec = find(folder, "ServiceAccount"), daemons["spec"]
    pod = spec["template"]["spec"]
    for document in documents(folder):
        if VERSIONS[document["kind"]] != document["apiVersion"]:
            yield document["kind"] + ": another version"
        if document["kind"] == "NetworkPolicy":
            yield from only("policy", document["spec"], document["metadata"]["name"])
    if not spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items():
        yield "the selector does not fit its pods"
    if pod["serviceAccountName"] != account["metadata"]["name"]:
        yield "the ServiceAccount is another"
    if len({d["metadata"]["namespace"] for d in (daemons, config, account)}) != 1:
        yield "they are in several namespaces"
    yield from only("pod", pod, "pod")
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    if volumes["policy"]["configMap"]["name"] != config["metadata"]["name"]:
        yield "the ConfigMap is another"
    containers = pod["initContainers"] + pod["containers"]
    if len({container["image"] for container in containers}) != 1:
        yield "the images differ"
    for container in containers:
        yield from check_container(container, volumes)
    if not any(key.endswith(".policy") for key in config["data"]):
        yield "the ConfigMap has no policy"


def container_of(folder, which):
    pod = find(folder, "DaemonSet")["spec"]["template"]["spec"]
    return pod["initContainers" if which == "init" else "containers"][0]


def main(folder, verb, *words):
    folder = pathlib.Path(folder)
    if verb == "check":
        faults = list(check(folder))
        print("\n".join(faults))
        return bool(faults)
    if verb == "words":
        container = container_of(folder, words[0])
        print("\n".join(container["command"] + container["args"]))
    elif verb == "caps":
        added = container_of(folder, words[0])["securityContext"]["capabilities"]["add"]
        print(",".join(["-all"] + ["+" + name.lower() for name in added]))
    elif verb == "data":
        for key, text in find(folder, "ConfigMap")["data"].items():
            (pathlib.Path(words[0]) / key).write_text(text, encoding="utf-8")
    return False


sys.exit(main(*sys.argv[1:]))
