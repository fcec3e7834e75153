import json
from pathlib import Path
from typing import Any

import pytest

from dev.launcher.commands import advisories

DEB = "arch=arm64&distro=debian-13&upstream="
COMPONENTS = [
    {
        "name": "libssl3t64",
        "version": "3.5.1-1",
        "purl": f"pkg:deb/debian/libssl3t64@3.5.1-1?{DEB}openssl%403.5.1-1",
    },
    {
        "name": "openssl-provider",
        "version": "3.5.1-1",
        "purl": f"pkg:deb/debian/openssl-provider@3.5.1-1?{DEB}openssl%403.5.1-1",
    },
    {
        "name": "login",
        "version": "1:4.17-2+b1",
        "purl": f"pkg:deb/debian/login@1:4.17-2%2Bb1?{DEB}shadow%401:4.17-2",
    },
    {
        "name": "musl",
        "version": "1.2.5-r9",
        "purl": "pkg:apk/alpine/musl@1.2.5-r9?distro=alpine-3.23.1&upstream=musl%401.2.5-r9",
    },
    {"name": "typing-extensions", "version": "4.15.0", "purl": "pkg:pypi/typing-extensions@4.15.0"},
    {"name": "@lezer/css", "version": "1.3.0", "purl": "pkg:npm/%40lezer/css@1.3.0"},
    {"name": "influxdb", "version": "2.7.12-alpine", "purl": "pkg:docker/influxdb@2.7.12-alpine"},
    {"name": "debian", "version": "13"},
]
UP_TO = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99"}]}]


@pytest.fixture
def sbom(tmp_path: Path) -> Path:
    path = tmp_path / "hems.cdx.json"
    path.write_text(
        json.dumps({"metadata": {"component": {"name": "hems"}}, "components": COMPONENTS})
    )
    return path


def outcome(sbom: Path, capsys: pytest.CaptureFixture[str], **package: Any) -> tuple[int, str]:
    """Return the exit status and the output for one advisory about `package`."""
    path = sbom.with_name("advisory.json")
    ranges = package.pop("ranges", UP_TO)
    one = {
        "id": "A-1",
        "aliases": ["CVE-1"],
        "summary": "It breaks.",
        "affected": [{"package": package, "ranges": ranges}],
    }
    path.write_text(json.dumps(one))
    code = advisories.run(sboms=[sbom], advisories=path)
    return code, capsys.readouterr().out


@pytest.mark.parametrize(
    ("package", "line", "action"),
    [
        ({"ecosystem": "Debian:13", "name": "openssl"}, "libssl3t64, openssl-", "build again"),
        ({"ecosystem": "Debian:13", "name": "shadow"}, "login 1:4.17-2", "no version with a fix"),
        ({"ecosystem": "Alpine:v3.23", "name": "musl"}, "musl 1.2.5-r9", "raise the base image"),
        ({"ecosystem": "PyPI", "name": "Typing_Extensions"}, "typing-extensions", "ments.lock"),
        ({"ecosystem": "npm", "name": "@lezer/css"}, "@lezer/css 1.3.0", "package.json"),
        ({"purl": "pkg:docker/influxdb"}, "influxdb 2.7.12-alpine", "raise the base image"),
    ],
    ids=lambda value: value if isinstance(value, str) else "".join(value.values()),
)  # fmt: skip
def test_an_advisory_that_applies_is_printed_with_what_to_do(
    sbom: Path, capsys: pytest.CaptureFixture[str], package: dict[str, str], line: str, action: str
) -> None:
    ranges = UP_TO
    if package.get("ecosystem") == "npm":
        ranges = [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "99.0.0"}]}]
    if package.get("name") == "shadow":
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
    code, text = outcome(sbom, capsys, **package, ranges=ranges)
    assert code == 3
    assert text.startswith(f"hems: {line}")
    assert ": A-1 (CVE-1)\n    It breaks.\n" in text
    assert action in text
    assert text.endswith("7 packages of 1 images: 1 advisories apply\n")


@pytest.mark.parametrize(
    "package",
    [
        {"ecosystem": "Debian:12", "name": "openssl"},
        {"ecosystem": "Alpine:v3.22", "name": "musl"},
        {"ecosystem": "npm", "name": "musl"},
        {"ecosystem": "PyPI", "name": "typing"},
        {"ecosystem": "Go", "name": "influxdb"},
        {"purl": "pkg:docker/mysql"},
    ],
    ids=lambda value: "".join(value.values()),
)
def test_an_advisory_about_something_else_is_not_printed(
    sbom: Path, capsys: pytest.CaptureFixture[str], package: dict[str, str]
) -> None:
    assert outcome(sbom, capsys, **package) == (0, "7 packages of 1 images: 0 advisories apply\n")


def test_what_cannot_be_compared_is_left_to_a_person(
    sbom: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "a b"}]}]
    code, text = outcome(sbom, capsys, ecosystem="PyPI", name="typing-extensions", ranges=ranges)
    assert code == 3
    assert "decide by hand" in text
