# SPDX-License-Identifier: GPL-2.0
"""What the binaries of a release are made of, as an SPDX 2.3 document: sbom.py VERSION EPOCH FOLDER, with lines
ARCH ROLE NAME VERSION PACKAGE-ARCHITECTURE [SHA256] and ARCH binary FILE on standard input; tests/dist calls it."""
import hashlib
import json
import sys
import time
import uuid

ROLES = {  # how the binary stands to it, name, licence, what it is
    "musl": ("STATIC_LINK", "musl", "MIT", "LIBRARY", "the C library, linked into the binary"),
    "libgcc": ("STATIC_LINK", "libgcc", "GPL-3.0-or-later WITH GCC-exception-3.1", "LIBRARY",
               "the compiler's start files and arithmetic, linked into the binary as far as the architecture needs them"),
    "headers": ("BUILD_DEPENDENCY_OF", "linux-libc-dev", "GPL-2.0-only WITH Linux-syscall-note", "SOURCE",
                "the kernel's UAPI headers: constants and structures"),
    "compiler": ("BUILD_TOOL_OF", "gcc", "GPL-3.0-or-later", "APPLICATION", "compiled and linked the loader"),
    "bpf-compiler": ("BUILD_TOOL_OF", "clang", "Apache-2.0 WITH LLVM-exception", "APPLICATION", "compiled the programs"),
}


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def package(ident, name, version, licence, purpose, **more):
    return {"SPDXID": "SPDXRef-" + ident, "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION",
            "primaryPackagePurpose": purpose, **more}


def ours(ident, version, purpose, path, shown=None):
    return package(ident, "bulkhead", version, "GPL-2.0-only", purpose, packageFileName=shown or path.split("/")[-1],
                   checksums=[{"algorithm": "SHA256", "checksumValue": sha256(path)}])


def debian(ident, role, name, version, arch, digest=None):
    _, short, licence, purpose, comment = ROLES[role]
    more = {"comment": comment, "supplier": "Organization: Debian", "externalRefs": [{
        "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
        "referenceLocator": "pkg:deb/debian/%s@%s?arch=%s" % (name, version.replace("+", "%2B").replace(":", "%3A"), arch)}]}
    if digest:
        more["checksums"] = [{"algorithm": "SHA256", "checksumValue": digest}]
    return package(ident, short, version, licence, purpose, **more)


def relation(left, kind, right):
    return {"spdxElementId": "SPDXRef-" + left, "relationshipType": kind, "relatedSpdxElement": "SPDXRef-" + right}


def main(version, epoch, folder):
    base = "bulkhead-" + version
    packages = [ours("source", version, "SOURCE", "%s/%s.tar.gz" % (folder, base))]
    relations = [relation("DOCUMENT", "DESCRIBES", "source")]
    seen = set()
    for arch, role, *words in (line.split() for line in sys.stdin):
        binary = "binary-" + arch
        if role == "binary":
            packages.append(ours("archive-" + arch, version, "ARCHIVE", "%s/%s-linux-%s.tar.gz" % (folder, base, arch)))
            packages.append(ours(binary, version, "APPLICATION", words[0]))
            relations += [relation("DOCUMENT", "DESCRIBES", "archive-" + arch),
                          relation("archive-" + arch, "CONTAINS", binary), relation(binary, "GENERATED_FROM", "source")]
            continue
        name, built, its_arch = words[:3]
        ident = "%s-%s-%s" % (name, built.translate(str.maketrans("~+:_", "....")), its_arch)
        if ident not in seen:
            seen.add(ident)
            packages.append(debian(ident, role, *words))
        kind = ROLES[role][0]
        relations.append(relation(ident, kind, binary) if kind.endswith("_OF") else relation(binary, kind, ident))
    # The document's name in the world follows from what it says.
    said = json.dumps([packages, relations], sort_keys=True)
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": base,
        "documentNamespace": "urn:uuid:%s" % uuid.UUID(hashlib.sha256(said.encode()).hexdigest()[:32], version=5),
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(epoch))),
                         "creators": ["Organization: bulkhead", "Tool: sbom.py-" + version]},
        "packages": packages, "relationships": relations,
    }
    json.dump(document, sys.stdout, indent=1, ensure_ascii=True)
    print()


main(*sys.argv[1:])
