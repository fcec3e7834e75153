"""The network moves to a new stick by the dialogue of a scripted Home Assistant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hems.clients.home_assistant.responses import ConfigEntry, FlowStep, FormField
from hems.errors import HemsError, Rejected, Unavailable
from hems.protocols.home_assistant.zigbee_stick_finder import SerialPort
from hems.zigbee.network_restore import restore

STICK = SerialPort("/dev/serial/by-id/b", description="Dongle", matching_integrations=("zha",))
RESTORE, REUSE = "choose_automatic_backup", "reuse_settings"


def menu(step_id: str, *options: str) -> FlowStep:
    return FlowStep("menu", "1", step_id, options)


CHOICE = FlowStep("form", "1", RESTORE, data_schema=(FormField("the newest"),))
BEGIN = (
    FlowStep("form", "1", "choose_serial_port"),
    menu("choose_migration_strategy", "migration_strategy_advanced"),
    menu("choose_formation_strategy", RESTORE),
    CHOICE,
    FlowStep("progress", "1", "maybe_reset_old_radio"),
    menu("plug_in_old_radio", "skip_reset_old_radio"),
    FlowStep("progress", "1", "restore_backup"),
)


class Script:
    """A session in which each step of a dialogue follows the one before; then it has ended."""

    def __init__(self, *steps: FlowStep, states: tuple[str, ...] = ("setup_retry", "loaded")):
        self._steps = list(steps)
        self._states = list(states)
        self.sent: list[Mapping[str, object]] = []
        self.given_up = 0
        self.uploaded: list[bytes] = []

    def entries(self, _domain: str) -> tuple[ConfigEntry, ...]:
        if not self._states:
            return ()
        if self._states[0] == "":
            self._states.pop(0)
            return ()
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        return (ConfigEntry("1", "zha", "", state, None),)

    def serial_ports(self) -> tuple[SerialPort, ...]:
        return (STICK,)

    def begin_flow(self, _domain: str) -> FlowStep:
        return self.flow("1")

    def answer_flow(self, flow_id: str, fields: Mapping[str, object]) -> FlowStep:
        self.sent.append(fields)
        return self.flow(flow_id)

    def flow(self, _flow_id: str) -> FlowStep:
        if not self._steps:
            raise Unavailable("404")
        return self._steps.pop(0)

    def upload(self, _name: str, content: bytes) -> str:
        self.uploaded.append(content)
        return "id of the file"

    def give_up_flow(self, _flow_id: str) -> None:
        self.given_up += 1


def run(script: Any, backup: bytes | None = None) -> tuple[str, float]:
    """Return what was done, and for how many seconds it has waited."""
    waited: list[float] = []
    return restore(script, waited.append, backup), sum(waited)


def test_the_network_moves_and_starts() -> None:
    confirm = FlowStep("form", "1", "confirm_ezsp_ieee_overwrite")
    in_use = FlowStep("form", "1", "plug_in_new_radio")
    progress = FlowStep("progress", "1", "restore_backup")
    for end in ((), (confirm, progress), (in_use, progress, in_use, progress)):
        script = Script(*BEGIN, *end)
        assert run(script)[0].startswith("Dongle carries the home's Zigbee network")
        assert {RESTORE: "the newest"} in script.sent
        assert script.given_up == 0


def test_the_gateways_own_backup_makes_the_network_in_a_new_home_assistant() -> None:
    script = Script(
        BEGIN[0],
        menu("choose_setup_strategy", "setup_strategy_recommended", "setup_strategy_advanced"),
        menu("choose_formation_strategy", "upload_manual_backup", "form_initial_network"),
        FlowStep("form", "1", "upload_manual_backup", data_schema=(FormField(),)),
        FlowStep("progress", "1", "restore_backup"),
        FlowStep("create_entry", "1"),
        states=("", "setup_in_progress", "loaded"),
    )
    assert run(script, b"{}")[0].startswith("Dongle carries the home's Zigbee network")
    assert script.uploaded == [b"{}"]
    assert {"next_step_id": "setup_strategy_advanced"} in script.sent
    assert script.given_up == 0


@pytest.mark.parametrize(
    ("script", "words", "given_up"),
    [
        (Script(states=()), "no Zigbee network is set up in Home Assistant, and none", 0),
        (Script(states=("loaded",)), "works with its stick: nothing was done", 0),
        (Script(*BEGIN[:2], menu("choose_formation_strategy", RESTORE, REUSE)), "carries a", 1),
        (
            Script(BEGIN[0], FlowStep("abort", "1", reason="usb_probe_failed")),
            "usb_probe_failed",
            0,
        ),
        (Script(*[BEGIN[0]] * 20), "could not move the network: form", 1),
        (Script(*[BEGIN[4]] * 100), "could not move the network: progress", 1),
        (Script(*BEGIN, states=("setup_retry",)), "does not start: setup_retry", 0),
    ],
)
def test_it_says_why_not(script: Script, words: str, given_up: int) -> None:
    with pytest.raises(HemsError, match=words) as error:
        run(script)
    assert isinstance(error.value, Rejected | Unavailable)
    assert script.given_up == given_up
