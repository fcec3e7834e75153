import pytest

from hems.errors import Rejected
from hems.protocols.home_assistant.zha_setup_flow import FORMATION, aborted, answer
from hems.protocols.home_assistant.zigbee_sticks import SerialPort

STICK = SerialPort("/dev/serial/by-id/a", description="Dongle")
UPLOAD, NEW = "upload_manual_backup", "form_new_network"
RESTORE, REUSE, FORM = "choose_automatic_backup", "reuse_settings", "form_initial_network"


def test_the_way_through_the_flow_never_takes_the_recommended_choice() -> None:
    assert answer("choose_serial_port", (), STICK) == {"path": STICK.device}
    assert answer("confirm", (), STICK) == {}
    options = ("setup_strategy_recommended", "setup_strategy_advanced")
    assert answer("choose_setup_strategy", options, STICK) == {"next_step_id": options[1]}


def test_a_network_on_the_stick_stays_and_a_blank_one_forms() -> None:
    assert answer(FORMATION, (REUSE, UPLOAD, NEW), STICK) == {"next_step_id": REUSE}
    assert answer(FORMATION, (UPLOAD, FORM), STICK) == {"next_step_id": FORM}


@pytest.mark.parametrize(
    ("step_id", "options", "words"),
    [
        (FORMATION, (RESTORE, UPLOAD, FORM), "and the stick Dongle has none: add the stick in"),
        (FORMATION, (RESTORE, REUSE, UPLOAD, NEW), "the stick Dongle has another network: add"),
        (FORMATION, (UPLOAD, NEW), "found the choices upload_manual_backup, form_new_network"),
        ("manual_pick_radio_type", (), "the Zigbee stick Dongle does not answer: unplug it"),
        ("choose_migration_strategy", (), "the step choose_migration_strategy needs a person"),
    ],
)
def test_any_other_choice_is_a_persons(step_id: str, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(Rejected) as error:
        answer(step_id, options, STICK)
    assert words in str(error.value)


def test_the_end_of_a_flow_has_a_reason() -> None:
    assert "Dongle has firmware that is not" in aborted("wrong_firmware_installed", STICK)
    assert "Dongle could not form a network" in aborted("cannot_form_network", STICK)
    assert "Dongle cannot be set up: not_zha_device" in aborted("not_zha_device", STICK)
