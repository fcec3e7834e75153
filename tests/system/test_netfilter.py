from collections.abc import Sequence
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.protocols.firewall import Accept, Change, Place
from hems.system import netfilter, process
from hems.system.netfilter import LegacyIptables, NfTables

CHANGE = Change(
    Place("filter", "DOCKER-USER"),
    ("-j OLD",),
    (Accept(IPv4Network("172.18.4.0/24"), IPv4Network("10.42.0.0/24")),),
)


class Library:
    """Stands for the nftables binding: gives one answer, and remembers what it was told."""

    def __init__(self, code: int, output: object, error: str = "") -> None:
        self.answer = code, output, error
        self.told: list[object] = []

    def json_cmd(self, commands: object) -> tuple[int, object, str]:
        self.told.append(commands)
        return self.answer


def nf_tables(monkeypatch: pytest.MonkeyPatch, library: Library) -> NfTables:
    monkeypatch.setattr(netfilter, "_load", lambda: library)
    return NfTables()


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return what stands for /proc/net/ip_tables_names."""
    monkeypatch.setattr(netfilter, "LEGACY_TABLES", tmp_path / "names")
    return tmp_path / "names"


def test_a_machine_without_libnftables_is_told_what_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(netfilter, "LIBRARY", "libnone.so.1")
    with pytest.raises(Unavailable, match=r"libnone.so.1: .*needs libnftables1 and pip-nftables"):
        NfTables().chains()


def test_all_changes_of_nf_tables_are_one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(0, "")
    change = Change(CHANGE.place, ("7",), CHANGE.insert)
    nf_tables(monkeypatch, library).apply([change, change])
    (told,) = library.told
    assert isinstance(told, dict)
    assert [next(iter(one)) for one in told["nftables"]] == ["delete", "insert"] * 2


def test_an_answer_of_libnftables_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    error = "internal:0:0-0: Error: Could not process rule: No such file or directory\n\n\n"
    with pytest.raises(Unavailable, match=r"^internal.*No such file or directory$"):
        nf_tables(monkeypatch, Library(-1, "", error)).chains()


def test_a_refusal_without_a_reason_has_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match="libnftables answers -1"):
        nf_tables(monkeypatch, Library(-1, "")).chains()


@pytest.mark.parametrize("names", [None, "", "\n"])
def test_no_program_asks_for_legacy_tables_that_do_not_exist(
    tables: Path, names: str | None
) -> None:
    if names is not None:
        tables.write_text(names)
    assert LegacyIptables().chains() == []  # a process would fail the test


def test_tables_that_exist_are_listed(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables.write_text("filter\n")

    def run(argv: Sequence[str], timeout_s: float) -> str:
        assert argv == ["iptables-legacy-save"]
        return "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"

    monkeypatch.setattr(process, "run", run)
    (chain,) = LegacyIptables().chains()
    assert (chain.place, chain.policy) == (("filter", "FORWARD"), "drop")


def test_legacy_rules_are_changed_through_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    def run(argv: Sequence[str], timeout_s: float, *, input_text: str) -> str:
        told.append((argv, input_text))
        return ""

    monkeypatch.setattr(process, "run", run)
    LegacyIptables().apply([CHANGE])
    ((argv, text),) = told
    assert argv == ["iptables-legacy-restore", "--noflush", "-w", "5"]
    assert text.startswith("*filter\n-D DOCKER-USER -j OLD\n-I DOCKER-USER -s 172.18.4.0/24")


def test_forwarding_of_an_interface_that_is_not_there_is_unknown() -> None:
    with pytest.raises(Unavailable, match="there is no interface none0"):
        netfilter.is_forwarding("none0")
