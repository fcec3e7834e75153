"""What `supervisorctl update` asks supervisord, and what it prints."""

import json
import xmlrpc.client
from collections.abc import Sequence
from typing import Any

import pytest
from supervisor.xmlrpc import Faults

from hems.supervision.supervisord.update_command import UpdateCommand


class Namespaces:
    """supervisord's XML-RPC: both namespaces, which record what changes something."""

    def __init__(self, plans: dict[str, Any] | None, changed: Sequence[str] = ("g",)) -> None:
        self.calls: list[str] = []
        self.stops: list[dict[str, int]] = []
        self.errors: dict[str, str] = {}
        self._plans = plans
        self._changed = list(changed)

    def reloadConfig(self) -> list[list[list[str]]]:  # noqa: N802
        return [[["new"], self._changed, ["old"]]]

    def getAllProcessInfo(self) -> list[dict[str, str]]:  # noqa: N802
        return [{"group": name} for name in [*self._changed, "old"]]

    def stopProcessGroup(self, name: str) -> list[dict[str, int]]:  # noqa: N802
        self.calls.append(f"stop {name}")
        return self.stops

    def removeProcessGroup(self, name: str) -> None:  # noqa: N802
        self.calls.append(f"remove {name}")

    def addProcessGroup(self, name: str) -> None:  # noqa: N802
        self.calls.append(f"add {name}")

    def updateGroup(self, name: str) -> str:  # noqa: N802
        if self._plans is None:
            raise xmlrpc.client.Fault(Faults.UNKNOWN_METHOD, "UNKNOWN_METHOD")
        self.calls.append(f"update {name}")
        return json.dumps(self._plans[name]) if name in self._plans else ""

    def getUnits(self, _names: list[str]) -> str:  # noqa: N802
        if self._plans is None:
            raise xmlrpc.client.Fault(Faults.UNKNOWN_METHOD, "UNKNOWN_METHOD")
        return json.dumps({name: {"LoadError": text} for name, text in self.errors.items()})


def plan(**fields: object) -> dict[str, object]:
    return {"updated": [], "added": [], "removed": [], "kept": {}, "is_whole": False, **fields}


def update(server: Namespaces, *names: str) -> tuple[int, list[str]]:
    lines: list[str] = []
    return UpdateCommand(server, server, lines.append).run(names), lines


OLD_AND_NEW = ["old: stopped", "old: removed process group", "new: added process group"]


def test_the_plugin_updates_each_group_that_has_changed() -> None:
    server = Namespaces({"g": plan(is_whole=True, updated=["g"])})
    assert update(server) == (0, [*OLD_AND_NEW[:2], "g: updated process group", OLD_AND_NEW[2]])
    assert server.calls == ["stop old", "remove old", "update g", "add new"]


def test_what_is_kept_is_named_once_and_makes_the_update_fail() -> None:
    server = Namespaces({"g": plan(updated=["g:b"], kept={"g:a": "a mistake"})}, ["g"])
    server.errors = {"g:a": "a mistake", "g:b": "", "other": "another"}
    status, lines = update(server, "g")
    assert (status, lines) == (
        7,
        ["g:b: updated", "g:a: ERROR (a mistake); it keeps its old settings"],
    )
    assert update(server, "all")[1][-1] == "other: ERROR (another)"


@pytest.mark.parametrize("plans", [None, {}], ids=["no plugin", "event listeners"])
def test_supervisord_replaces_a_group_without_units_as_a_whole(plans: dict[str, Any]) -> None:
    server = Namespaces(plans)
    status, lines = update(server, "g")
    assert (status, lines) == (0, ["g: updated process group"])
    assert server.calls[-3:] == ["stop g", "remove g", "add g"]


def test_an_unknown_group_and_one_that_does_not_stop_make_the_update_fail() -> None:
    server = Namespaces({}, [])
    assert update(server, "none") == (1, ["ERROR: no such group: none"])
    server.stops = [{"status": Faults.FAILED}]
    status, lines = update(server, "old")
    assert (status, lines[-1]) == (1, "old: has problems; not removing")
    assert server.calls == ["stop old"]
