import json
from importlib import import_module
from pathlib import Path

import pytest
from fetch import VERSION, component
from packageurl import PackageURL
from sbom.debian_packages import licences
from sbom.document import as_text, document

DPKG = """\
Package: libc6
Status: install ok installed
Architecture: arm64
Source: glibc
Version: 1:2.41-12+deb13u1
Description: C library
 Version: of a description

Package: removed
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: login
Status: install ok installed
Architecture: arm64
Source: shadow (1:4.17-2)
Version: 1:4.17-2+b1
"""
APK = """\
C:Q1abc=
P:libcrypto3
V:3.5.4-r0
A:aarch64
L:Apache-2.0
o:openssl

P:musl
V:1.2.5-r10
A:aarch64
L:MIT BSD
F:lib
A:another meaning below
"""
METADATA = """\
Metadata-Version: 2.4
Name: Typing_Extensions
Version: 4.15.0
{licence}
"""
REPORT = {
    "install": [
        {
            "download_info": {"archive_info": {"hashes": {"sha256": "ab" * 32}}},
            "metadata": {"name": "typing-extensions"},
        }
    ]
}
LOCK = {
    "packages": {
        "": {"name": "page"},
        "node_modules/@lezer/css": {
            "version": "1.3.0",
            "integrity": "sha512-AAAA",
            "license": "MIT",
        },
        "node_modules/a/node_modules/b": {"version": "2.0.0", "integrity": "sha512-AAAA"},
        "node_modules/esbuild": {"version": "0.28.2", "integrity": "sha512-AAAA", "dev": True},
    }
}
DOCKERFILE = "FROM debian:13.1.0 AS build\nFROM nginx:1.28.3@sha256:{} AS image\nFROM image\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return an image's root that has every kind of package, which no real one has."""
    files = {
        "etc/os-release": 'ID=debian\nVERSION_ID="13"\n',
        "var/lib/dpkg/status": DPKG,
        "usr/share/doc/libc6/copyright": "License: LGPL-2.1+\n text\n\nLicense: BSD-3-clause\n",
        "lib/apk/db/installed": APK,
        "opt/x/lib/python3.13/site-packages/t.dist-info/METADATA": METADATA.format(
            licence="License-Expression: PSF-2.0 OR MIT"
        ),
        "opt/x/component.json": component("ef" * 32),
        "inputs/balena.yml": "name: x\nversion: 1.2.3\n",
        "inputs/Dockerfile": DOCKERFILE.format("cd" * 32),
        "inputs/pip-report.json": json.dumps(REPORT),
        "inputs/package-lock.json": json.dumps(LOCK).replace("AAAA", "A" * 86 + "=="),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.integration  # the validator takes two seconds to import
def test_a_document_fits_the_schema(root: Path) -> None:
    validation = import_module("cyclonedx.validation.json")
    validator = validation.JsonStrictValidator(import_module("cyclonedx.schema").SchemaVersion.V1_6)
    assert validator.validate_str(as_text(document("nginx", root, root / "inputs"))) is None


def test_a_document_has_every_package_in_order(root: Path) -> None:
    made = document("nginx", root, root / "inputs")
    assert as_text(document("nginx", root, root / "inputs")) == as_text(made)
    assert made["metadata"]["component"]["version"] == "1.2.3"
    by_name = {one["name"]: one for one in made["components"]}
    refs = [one["bom-ref"] for one in made["components"]]
    assert refs == sorted(set(refs))
    urls = [PackageURL.from_string(one["purl"]) for one in made["components"] if "purl" in one]
    seen = {(url.type, url.namespace, url.name, url.version) for url in urls}
    assert seen == {
        ("apk", "alpine", "libcrypto3", "3.5.4-r0"),
        ("apk", "alpine", "musl", "1.2.5-r10"),
        ("deb", "debian", "libc6", "1:2.41-12+deb13u1"),
        ("deb", "debian", "login", "1:4.17-2+b1"),
        ("docker", None, "nginx", "1.28.3"),
        ("github", "balena-os", "wifi-connect", VERSION),
        ("npm", "@lezer", "css", "1.3.0"),
        ("npm", None, "b", "2.0.0"),
        ("pypi", None, "typing-extensions", "4.15.0"),
    }
    upstream = {url.name: url.qualifiers.get("upstream") for url in urls}
    assert upstream["libcrypto3"] == "openssl@3.5.4-r0"
    assert upstream["libc6"] == "glibc@1:2.41-12+deb13u1"
    assert upstream["login"] == "shadow@1:4.17-2"
    assert by_name["libc6"]["licenses"] == [
        {"license": {"name": "BSD-3-clause"}},
        {"license": {"name": "LGPL-2.1+"}},
    ]
    assert by_name["libcrypto3"]["licenses"] == [{"expression": "Apache-2.0"}]
    assert by_name["musl"]["licenses"] == [{"license": {"name": "MIT BSD"}}]
    assert by_name["typing-extensions"]["licenses"] == [{"expression": "PSF-2.0 OR MIT"}]
    assert by_name["typing-extensions"]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    assert by_name["@lezer/css"]["hashes"] == [{"alg": "SHA-512", "content": "00" * 64}]
    assert by_name["nginx"]["hashes"] == [{"alg": "SHA-256", "content": "cd" * 32}]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("License: MIT", "MIT"),
        ("License: " + "long " * 50, None),
        ("License: text\nClassifier: License :: OSI Approved :: BSD License", "BSD License"),
        ("Summary: none", None),
    ],
    ids=["name", "text", "classifier", "nothing"],
)
def test_a_python_package_without_an_expression_has_a_name(
    root: Path, fields: str, expected: str | None
) -> None:
    path = root / "opt/x/lib/python3.13/site-packages/t.dist-info/METADATA"
    path.write_text(METADATA.format(licence=fields))
    made = document("nginx", root, root / "inputs")["components"]
    [package] = [one for one in made if one["name"] == "typing-extensions"]
    names = [one["license"]["name"] for one in package.get("licenses", [])]
    assert names == ([expected] if expected else [])


def test_a_copyright_file_of_the_old_form_names_the_texts_that_debian_keeps() -> None:
    text = "see `/usr/share/common-licenses/LGPL-2.1'.\nor /usr/share/common-licenses/GPL-2."
    assert licences(text) == ["GPL-2", "LGPL-2.1"]
    assert licences("nothing") == []
