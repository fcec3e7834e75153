from collections.abc import Sequence
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.protocols.firewall.firewall_rule_types import ChainChange, ChainId, PlainRule
from hems.system import firewall, subprocesses
from hems.system.firewall import LegacyIptables, NfTables

CHANGE = ChainChange(
    ChainId("filter", "DOCKER-USER"),
    ("-j OLD",),
    (PlainRule(IPv4Network("172.18.4.0/24"), IPv4Network("10.42.0.0/24")),),
)


class Library:
    """Replaces the nftables binding: gives one answer, and records the commands."""

    def __init__(self, code: int, output: object, error: str = "") -> None:
        self.answer = code, output, error
        self.commands: list[object] = []

    def json_cmd(self, commands: object) -> tuple[int, object, str]:
        self.commands.append(commands)
        return self.answer


def nf_tables(mocker: MockerFixture, library: Library) -> NfTables:
    mocker.patch.object(firewall, "_context", return_value=library)
    return NfTables()


@pytest.fixture
def tables(mocker: MockerFixture, tmp_path: Path) -> Path:
    """Return a file in place of /proc/net/ip_tables_names."""
    mocker.patch.object(firewall, "LEGACY_TABLES", tmp_path / "names")
    return tmp_path / "names"


def test_a_machine_without_libnftables_is_told_what_it_needs(
    mocker: MockerFixture,
) -> None:
    mocker.patch.object(firewall, "LIBRARY", "libnone.so.1")
    with pytest.raises(Unavailable, match=r"libnone.so.1: .*needs libnftables1 and pip-nftables"):
        NfTables().chains()


def test_each_call_has_a_context_of_its_own_which_keeps_no_memory(mocker: MockerFixture) -> None:
    library = Library(0, {"nftables": []})
    made = mocker.patch.object(firewall, "_context", return_value=library)
    tables = NfTables()
    for number in (1, 2):
        tables.chains()
        assert made.call_count == number


def test_all_changes_of_nf_tables_are_one_transaction(mocker: MockerFixture) -> None:
    library = Library(0, "")
    change = ChainChange(CHANGE.place, ("7",), CHANGE.insert)
    nf_tables(mocker, library).apply([change, change])
    (command,) = library.commands
    assert isinstance(command, dict)
    assert [next(iter(one)) for one in command["nftables"]] == ["delete", "insert"] * 2


def test_an_answer_of_libnftables_is_one_line(mocker: MockerFixture) -> None:
    error = "internal:0:0-0: Error: Could not process rule: No such file or directory\n\n\n"
    with pytest.raises(Unavailable, match=r"^internal.*No such file or directory$"):
        nf_tables(mocker, Library(-1, "", error)).chains()


def test_a_refusal_without_a_reason_has_its_code(mocker: MockerFixture) -> None:
    with pytest.raises(Unavailable, match="libnftables failed with -1"):
        nf_tables(mocker, Library(-1, "")).chains()


@pytest.mark.parametrize("names", [None, "", "\n"])
def test_no_program_asks_for_legacy_tables_that_do_not_exist(
    tables: Path, names: str | None
) -> None:
    if names is not None:
        tables.write_text(names)
    assert LegacyIptables().chains() == []  # a process would fail the test


def test_tables_that_exist_are_listed(tables: Path, mocker: MockerFixture) -> None:
    tables.write_text("filter\n")

    def run(argv: Sequence[str], timeout_s: float) -> str:
        assert argv == ["iptables-legacy-save"]
        return "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"

    mocker.patch.object(subprocesses, "run", run)
    (chain,) = LegacyIptables().chains()
    assert (chain.place, chain.policy) == (("filter", "FORWARD"), "drop")


def test_legacy_rules_are_changed_through_standard_input(mocker: MockerFixture) -> None:
    calls = []

    def run(argv: Sequence[str], timeout_s: float, *, input_text: str) -> str:
        calls.append((argv, input_text))
        return ""

    mocker.patch.object(subprocesses, "run", run)
    LegacyIptables().apply([CHANGE])
    ((argv, text),) = calls
    assert argv == ["iptables-legacy-restore", "--noflush", "-w", "5"]
    assert text.startswith("*filter\n-D DOCKER-USER -j OLD\n-I DOCKER-USER -s 172.18.4.0/24")


def test_forwarding_of_an_interface_that_is_not_there_is_unknown() -> None:
    with pytest.raises(Unavailable, match="there is no interface none0"):
        firewall.is_forwarding("none0")
