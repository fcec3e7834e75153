import pytest

from hems.protocols.gateway.zigbee_problem_kinds import (
    ZIGBEE_NETWORK_CHOICE,
    ZIGBEE_STICK_SILENT,
)
from hems.protocols.home_assistant.zha_setup_flow import FORMATION, aborted, answer
from hems.protocols.home_assistant.zigbee_stick_finder import SerialPort

STICK = SerialPort("/dev/serial/by-id/a", description="Dongle")
UPLOAD, NEW = "upload_manual_backup", "form_new_network"
RESTORE, REUSE, FORM = "choose_automatic_backup", "reuse_settings", "form_initial_network"


def test_the_way_through_the_flow_never_takes_the_recommended_choice() -> None:
    assert answer("choose_serial_port", (), STICK, has_backup=False) == {"path": STICK.device}
    assert answer("confirm", (), STICK, has_backup=False) == {}
    options = ("setup_strategy_recommended", "setup_strategy_advanced")
    assert answer("choose_setup_strategy", options, STICK, has_backup=False) == {
        "next_step_id": options[1]
    }


def test_a_network_on_the_stick_stays_and_a_blank_one_forms() -> None:
    assert answer(FORMATION, (REUSE, UPLOAD, NEW), STICK, has_backup=False) == {
        "next_step_id": REUSE
    }
    assert answer(FORMATION, (UPLOAD, FORM), STICK, has_backup=False) == {"next_step_id": FORM}
    kept = answer(FORMATION, (REUSE, UPLOAD, NEW), STICK, has_backup=True)
    assert kept == {"next_step_id": REUSE}


def test_a_blank_stick_may_be_meant_for_the_network_that_the_gateway_has_kept() -> None:
    problem = ZIGBEE_NETWORK_CHOICE.found("the stick Dongle has none")
    assert answer(FORMATION, (UPLOAD, FORM), STICK, has_backup=True) == problem


@pytest.mark.parametrize(
    ("options", "has"),
    [((RESTORE, UPLOAD, FORM), "none"), ((RESTORE, REUSE, UPLOAD, NEW), "another network")],
)
def test_a_choice_between_two_networks_is_a_persons(options: tuple[str, ...], has: str) -> None:
    problem = ZIGBEE_NETWORK_CHOICE.found(f"the stick Dongle has {has}")
    assert answer(FORMATION, options, STICK, has_backup=False) == problem


@pytest.mark.parametrize(
    ("step_id", "options", "found"),
    [
        (
            FORMATION,
            (UPLOAD, NEW),
            "Dongle: found the choices upload_manual_backup, form_new_network, expected "
            "reuse_settings or form_initial_network",
        ),
        ("manual_pick_radio_type", (), "Dongle does not answer"),
        ("verify_radio", (), "Dongle: Home Assistant asks for the step verify_radio"),
    ],
)
def test_any_other_step_is_a_persons(step_id: str, options: tuple[str, ...], found: str) -> None:
    assert answer(step_id, options, STICK, has_backup=False) == ZIGBEE_STICK_SILENT.found(found)


def test_the_end_of_a_flow_has_a_reason() -> None:
    for reason, words in {
        "wrong_firmware_installed": "has firmware that is not for Zigbee",
        "cannot_form_network": "could not form a network",
        "not_zha_device": "cannot be set up: not_zha_device",
    }.items():
        assert aborted(reason, STICK) == ZIGBEE_STICK_SILENT.found(f"Dongle {words}")
