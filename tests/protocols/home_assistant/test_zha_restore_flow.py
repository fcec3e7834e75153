import msgspec
import pytest

from hems.errors import Rejected
from hems.protocols.home_assistant.zha_restore_flow import answer, new_stick
from hems.protocols.home_assistant.zigbee_stick_finder import PortUser, SerialPort

STICK = SerialPort(
    "/dev/serial/by-id/a", description="Dongle", matching_integrations=("zha",), vid="1A86"
)
ZHA, OTHER = PortUser("", "zha"), PortUser("OpenThread", "otbr")
RESTORE, REUSE, FORM = "choose_automatic_backup", "reuse_settings", "form_initial_network"
UPLOAD = "upload_manual_backup"
FORMATION = "choose_formation_strategy"


def test_the_newest_backup_goes_to_the_new_stick_with_the_address_of_the_old_one() -> None:
    menu = ("migration_strategy_recommended", "migration_strategy_advanced")
    for step, options, fields in (
        ("choose_serial_port", (), {"path": STICK.device}),
        ("choose_migration_strategy", menu, {"next_step_id": menu[1]}),
        (FORMATION, (RESTORE, FORM), {"next_step_id": RESTORE}),
        (RESTORE, (), {RESTORE: "the newest"}),
        (
            "plug_in_old_radio",
            ("retry_old_radio", "skip_reset_old_radio"),
            {"next_step_id": "skip_reset_old_radio"},
        ),
        ("plug_in_new_radio", (), {}),
        ("confirm_ezsp_ieee_overwrite", (), {"overwrite_coordinator_ieee": True}),
    ):
        assert answer(step, options, "the newest", STICK, None) == fields


def test_the_gateways_own_backup_is_taken_if_home_assistant_has_none() -> None:
    setup = ("setup_strategy_recommended", "setup_strategy_advanced")
    for step, options, fields in (
        ("choose_setup_strategy", setup, {"next_step_id": setup[1]}),
        (FORMATION, (UPLOAD, FORM), {"next_step_id": UPLOAD}),
        (FORMATION, (RESTORE, UPLOAD, FORM), {"next_step_id": RESTORE}),
        (UPLOAD, (), {"uploaded_backup_file": "id of the file"}),
    ):
        assert answer(step, options, None, STICK, lambda: "id of the file") == fields
    with pytest.raises(Rejected, match="carries a network"):
        answer(FORMATION, (REUSE, UPLOAD), None, STICK, lambda: "id of the file")


@pytest.mark.parametrize(
    ("step", "options", "words"),
    [
        (FORMATION, (RESTORE, REUSE), "Dongle carries a network: expected a blank stick, nothing"),
        (FORMATION, (FORM,), "there is no backup of the network: nothing was done"),
        ("upload_manual_backup", (), "the step upload_manual_backup, which this command"),
    ],
)
def test_nothing_else_is_overwritten(step: str, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(Rejected, match=words):
        answer(step, options, None, STICK, None)


def test_the_new_stick_is_the_only_one() -> None:
    in_place = msgspec.structs.replace(STICK, consumers=(ZHA,))
    used = msgspec.structs.replace(STICK, consumers=(OTHER,))
    gone = msgspec.structs.replace(STICK, present=False, consumers=(ZHA,))
    assert new_stick([gone, STICK]) is STICK
    assert new_stick([in_place]) is in_place
    for ports in ([], [gone], [used], [STICK, in_place]):
        with pytest.raises(Rejected, match="expected one: plug in the new one only"):
            new_stick(ports)
