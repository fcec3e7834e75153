"""systemctl's commands in supervisorctl, as people type them."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.supervision.rig import ROOT, WORKER, Rig, program, rig_in

pytestmark = pytest.mark.integration

NOTIFY = "Type=notify RestartSec=10ms"
UNITS = (
    program("base", f"{WORKER} --delay 0.2 --notify STATUS=well", f"{NOTIFY} WatchdogSec=30"),
    program("needy", WORKER, f"{NOTIFY} Requires=base SetCredential=key:hush"),
    program("broken", f"{WORKER} --silent --once 1", f"{NOTIFY} StartLimitBurst=1 After=base"),
    program("off", WORKER, "", "autostart = false"),
)


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Return a supervisord with four units in different states; no test changes them."""
    with rig_in(tmp_path_factory.mktemp("units")) as rig:
        rig.start(*UNITS)
        rig.until_state("needy", "active")
        rig.until_state("broken", "failed")
        yield rig


@pytest.mark.parametrize(
    ("command", "status", "output"),
    [
        (["is-active", "base"], 0, "active\n"),
        (["is-active", "off", "base"], 0, "inactive\nactive\n"),
        (["is-active", "broken"], 3, "failed\n"),
        (["is-active", "nobody"], 4, "inactive\n"),
        (["is-failed", "base", "broken"], 0, "active\nfailed\n"),
        (["is-failed", "base"], 1, "active\n"),
        (["is-failed", "nobody"], 4, "inactive\n"),
        (["list-dependencies", "needy"], 0, "needy (active)\n└─base (active, Requires)\n"),
        (
            ["list-dependencies", "--reverse", "base"],
            0,
            "base (active)\n├─broken (failed, After)\n└─needy (active, Requires)\n",
        ),
        (["show", "--property=Id,SubState", "off"], 0, "Id=off\nSubState=dead\n"),
        (["show"], 2, "ERROR: found no unit, expected show [--property=NAME] UNIT...\n"),
        (["blame", "--all"], 2, "ERROR: found --all, expected no option\n"),
        (
            ["cat", "nobody"],
            4,
            "ERROR: no such unit: nobody; known: base, broken, needy, off\n",
        ),
        (["show", "of", "neady"], 4, "ERROR: no such unit: of, neady; did you mean off, needy?\n"),
        (["reload-unit", "bass"], 4, "ERROR: no such unit: bass; did you mean base?\n"),
        (["help", "blame"], 0, "blame\thow long each unit took to start, longest first\n"),
    ],
)
def test_a_command_has_systemctls_words_and_exit_status(
    units: Rig, command: list[str], status: int, output: str
) -> None:
    outcome = units.ctl(*command)
    assert (outcome.stdout, outcome.returncode) == (output, status)


def test_show_has_systemds_properties(units: Rig) -> None:
    lines = units.ctl("show", "base").stdout.splitlines()
    properties = dict(line.split("=", 1) for line in lines)
    assert (properties["Type"], properties["ActiveState"], properties["SubState"]) == (
        "notify",
        "active",
        "running",
    )
    assert (properties["WatchdogUSec"], properties["NotifyAccess"], properties["NRestarts"]) == (
        "30s",
        "main",
        "0",
    )
    assert int(properties["MainPID"]) == units.pids()["base"]
    assert properties["StatusText"] == "well"
    assert int(properties["MemoryCurrent"]) > 1_000_000
    assert properties["ActiveEnterTimestamp"].endswith(" UTC")
    started_us = int(properties["InactiveExitTimestampMonotonic"])
    assert 200_000 <= int(properties["ActiveEnterTimestampMonotonic"]) - started_us < 5_000_000
    failed = units.ctl("show", "broken", "--property=Result,ExecMainStatus,ExecMainCode").stdout
    assert failed == "Result=start-limit-hit\nExecMainStatus=1\nExecMainCode=1\n"


def test_cat_shows_the_section_without_secrets(units: Rig) -> None:
    text = units.config.read_text().replace(
        'UNIT="Type=notify Rest', 'PASSWORD="hush",UNIT="Type=notify Rest'
    )
    units.config.write_text(text)
    section = units.ctl("cat", "needy").stdout
    number = text.splitlines().index("[program:needy]") + 1
    assert section.startswith(f"# {units.config}:{number}\n[program:needy]\ncommand = ")
    unit = f"{NOTIFY} Requires=base SetCredential=***"
    assert f'environment = PASSWORD="***",UNIT="{unit}"\n' in section
    assert "hush" not in section


def test_blame_and_critical_chain_name_what_a_start_waited_for(units: Rig) -> None:
    rows = [line.split() for line in units.ctl("blame").stdout.splitlines()]
    took = {name: float(seconds.rstrip("s")) for seconds, name in rows}
    assert set(took) == {"base", "needy"}
    assert took["base"] >= 0.2
    first, second = units.ctl("critical-chain", "needy").stdout.splitlines()
    assert first.startswith("needy @")
    assert second.startswith("└─base @")


def test_health_shows_cpu_and_memory(units: Rig) -> None:
    header, *rows = units.ctl("health").stdout.splitlines()
    at = header.index("MEMORY")
    assert rows[0].split()[0] == "base"
    assert rows[0][at:].split()[0].rstrip("KM").isdecimal()
    assert max(map(len, [header, *rows[:4]])) <= 80
    assert all(
        one["usage"]["tasks"] == 1
        for one in json.loads(units.ctl("health", "--json").stdout)
        if one["pid"]
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["is-"], {"is-active", "is-failed"}),
        (["stat"], {"status"}),
        (["show", "b"], {"base", "broken"}),
        (["restart", "ne"], {"needy"}),
        (["health", "--"], {"--json"}),
        (["blame", "b"], set()),
    ],
)
def test_bash_completes_commands_options_and_units(
    units: Rig, words: list[str], expected: set[str]
) -> None:
    line = ["supervisorctl", "-c", str(units.config), *words]
    code = (
        'source <("$0" -m hems.supervision completion bash); COMP_WORDS=("$@"); '
        'COMP_CWORD=$(($# - 1)); _supervisorctl; echo "${COMPREPLY[@]}"'
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    outcome = subprocess.run(
        ["bash", "-c", code, sys.executable, *line],
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(outcome.stdout.split()) == expected


def test_the_usage_of_a_unit_is_that_of_all_its_processes(rig: Rig) -> None:
    code = "sleep 60 & setsid --fork sleep 60 & exec sleep 60"  # a child, an orphan, the main one
    rig.start(program("family", f'sh -c "{code}"'))
    rig.until(lambda: "TasksCurrent=3" in rig.ctl("show", "family").stdout)


def test_a_reader_that_leaves_is_no_error(rig: Rig) -> None:
    rig.start(
        program("led", f"{WORKER} --silent --once 1", f"{NOTIFY} StartLimitBurst=0 Restart=always")
    )
    code = '"$0" -m supervisor.supervisorctl -c "$1" monitor | head -n 1; echo "${PIPESTATUS[@]}"'
    outcome = subprocess.run(
        ["bash", "-c", code, sys.executable, str(rig.config)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=30,
    )
    first, statuses = outcome.stdout.splitlines()
    assert " led: " in first
    assert (statuses, outcome.stderr) == ("0 0", "")


def test_verify_checks_the_file_of_supervisorctl(units: Rig) -> None:
    outcome = units.ctl("verify")
    assert (outcome.stdout, outcome.returncode) == ("", 0)


def test_monitor_prints_changes_as_they_happen(rig: Rig) -> None:
    rig.start(
        program("led", WORKER, NOTIFY), program("other", WORKER, f"{NOTIFY} StartLimitBurst=0")
    )
    rig.until_state("led", "active")
    command = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(rig.config)]
    with subprocess.Popen(
        [*command, "monitor", "--json"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as monitor:
        assert monitor.stdout is not None
        while not select.select([monitor.stdout], [], [], 0.05)[0]:
            os.kill(rig.pids()["other"] or 0, signal.SIGKILL)
            rig.until_state("other", "active")
        rig.rpc("supervisor.stopProcess", "led")
        changes = []
        while ("led", "inactive") not in changes:
            change = json.loads(monitor.stdout.readline())
            changes.append((change["unit"], change["state"]))
        assert ("led", "deactivating") in changes
        monitor.send_signal(signal.SIGINT)
        assert monitor.wait(10) == 0
