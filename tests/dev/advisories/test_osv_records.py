import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dev.advisories.osv_records import Affected, Uncertain, affects, fixed_version, read
from hems.errors import ConfigError


def affected(*events: dict[str, str], kind: str = "ECOSYSTEM", versions: Any = ()) -> Affected:
    ranges = [{"type": kind, "events": events}] if events else []
    return msgspec.convert({"ranges": ranges, "versions": versions}, Affected)


@pytest.mark.parametrize(
    ("ecosystem", "below", "fixed", "above"),
    [
        ("PyPI", "44.0.0rc1", "44.0.0", "44.0.0.post1"),
        ("PyPI", "2.9", "2.10", "1!1.0"),
        ("Debian", "3.5.1-1+deb13u1~rc1", "3.5.1-1+deb13u1", "3.5.1-1+deb13u2"),
        ("Debian", "9.0-1", "1:1.0-1", "1:1.0-1+b1"),
        ("Alpine", "3.5.4-r9", "3.5.4-r10", "3.5.4_p1-r0"),
        ("Alpine", "1.36.0_rc2-r0", "1.36.0-r0", "1.36.10-r0"),
        ("npm", "6.43.9", "6.43.15", "7.0.0-rc.1"),
        ("npm", "1.0.0-rc.1", "1.0.0", "1.0.1"),
        ("", "v4.11.9", "4.11.84", "v4.12.0"),
    ],
)
def test_a_version_is_compared_as_its_ecosystem_does(
    ecosystem: str, below: str, fixed: str, above: str
) -> None:
    one = affected({"introduced": "0"}, {"fixed": fixed})
    assert [affects(one, ecosystem, text) for text in (below, fixed, above)] == [True, False, False]
    assert fixed_version(one, ecosystem, below) == fixed
    assert fixed_version(one, ecosystem, above) == ""


def test_events_count_in_the_order_of_their_versions_and_at_the_exact_limit() -> None:
    one = affected(
        {"fixed": "3.0"},
        {"introduced": "2.0"},
        {"fixed": "1.5"},
        {"introduced": "1.0"},
        {"introduced": "4.0"},
        {"last_affected": "4.2"},
    )
    hit = ["1.0", "1.4.9", "2.0", "2.9", "4.0", "4.2"]
    missed = ["0.9", "1.5", "1.9", "3.0", "3.9", "4.2.1"]
    assert [affects(one, "PyPI", text) for text in hit + missed] == [True] * 6 + [False] * 6
    assert fixed_version(one, "PyPI", "1.2") == "1.5"


def test_a_limit_bounds_a_range_and_a_listed_version_needs_none() -> None:
    one = affected({"introduced": "0"}, {"limit": "2.0"})
    assert [affects(one, "PyPI", text) for text in ("1.9", "2.0")] == [True, False]
    assert affects(affected(versions=["1.1"]), "PyPI", "1.1")
    assert not affects(affected(versions=["1.1"]), "PyPI", "1.2")


@pytest.mark.parametrize(
    ("one", "version"),
    [
        (affected({"introduced": "0"}, {"fixed": "not a version"}), "1.0"),
        (affected({"introduced": "1.0"}), "nothing"),
        (affected({"introduced": "0"}, kind="GIT"), "1.0"),
        (affected(), "1.0"),
    ],
    ids=["its version", "ours", "commits", "nothing"],
)
def test_what_cannot_be_compared_is_not_passed_over(one: Affected, version: str) -> None:
    with pytest.raises(Uncertain):
        affects(one, "PyPI", version)


def test_advisories_come_from_a_file_a_list_an_answer_and_a_folder(tmp_path: Path) -> None:
    one = {"id": "A-1", "affected": [], "schema_version": "1.7.0", "more": {"of": "it"}}
    old = {"id": "A-2", "withdrawn": "2026-01-01T00:00:00Z"}
    (tmp_path / "deep").mkdir()
    (tmp_path / "one.json").write_text(json.dumps(one))
    (tmp_path / "deep" / "list.json").write_text(json.dumps([one, old]))
    (tmp_path / "deep" / "answer.json").write_text(json.dumps({"vulns": [one]}))
    assert [advisory.id for advisory in read(tmp_path)] == ["A-1"] * 3
    assert [advisory.id for advisory in read(tmp_path / "one.json")] == ["A-1"]


@pytest.mark.parametrize("text", ["{", "[1]", '{"id": 3}', '{"summary": "x"}', "\xff"])
def test_a_file_that_is_no_advisory_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"a\.json is no advisory"):
        list(read(path))
    with pytest.raises(ConfigError, match="cannot be read"):
        list(read(tmp_path / "missing.json"))
