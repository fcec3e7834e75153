from pathlib import Path

from dev.launcher.desk_repair_commands import DEFAULT_RUN_DIR, DeskRepairCommands
from hems.doctor.checks import disk_space, meter_readings

COMMANDS = DeskRepairCommands(DEFAULT_RUN_DIR)


def test_a_unit_is_restarted_by_the_supervisorctl_of_the_checkout() -> None:
    expected = ".venv/bin/supervisorctl -c .hems/supervisord.conf restart led"
    assert COMMANDS.supervisorctl("restart", "led") == expected


def test_a_desk_in_another_directory_has_it_in_its_commands(tmp_path: Path) -> None:
    commands = DeskRepairCommands(tmp_path)
    assert commands.start_gateway == f"run `python3 bin/up --run-dir {tmp_path}`"
    assert f"-c {tmp_path}/supervisord.conf" in commands.supervisorctl("restart", "led")


def test_a_simulated_service_is_restarted_with_the_unit_that_plays_it() -> None:
    assert COMMANDS.restart_service("mqtt").endswith(" restart broker")
    assert COMMANDS.restart_service("influxdb").endswith(" restart balena")
    assert COMMANDS.service_log("mqtt") == "tail .hems/log/broker.log"


def test_no_advice_of_a_desk_is_a_command_of_balena() -> None:
    texts = [COMMANDS.start_gateway, COMMANDS.reboot, COMMANDS.deploy, COMMANDS.health]
    texts += [COMMANDS.restart_balena, COMMANDS.variables, COMMANDS.service_log("nginx")]
    assert not [text for text in texts if "dashboard" in text or "balena device" in text]


def test_a_full_run_folder_has_the_advice_of_a_desk(tmp_path: Path) -> None:
    advice = DeskRepairCommands(tmp_path).free_space
    assert advice == f"free some space in {tmp_path}, or choose another --run-dir"
    assert disk_space.free_share(0, 100, "0 MB", advice).advice == advice


def test_a_silent_dongle_of_a_desk_is_sent_to_the_port_that_the_desk_has() -> None:
    finding = meter_readings.reading("020000000001", {}, 0.0, 600.0, COMMANDS)
    assert finding.advice.endswith("sending to the address and port that bin/up prints?")
