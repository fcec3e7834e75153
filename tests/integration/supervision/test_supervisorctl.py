"""supervisorctl health and supervisorctl reset-failed, as people type them."""

import json

import pytest

from tests.integration.supervision.rig import PLUGIN, WORKER, Rig, program

pytestmark = pytest.mark.integration

NOTIFY = "Type=notify RestartSec=10ms"
BROKEN = program("broken", f"{WORKER} --silent --once 1", f"{NOTIFY} StartLimitBurst=2")


def test_health_is_a_table_and_exit_0_when_all_is_well(rig: Rig) -> None:
    rig.start(
        program("led", f"{WORKER} --notify STATUS=3→4", NOTIFY),
        program("off", WORKER, "", "autostart = false"),
        program("done", f"{WORKER} --silent --once 0", "Type=oneshot"),
    )
    rig.until(lambda: rig.health()["led"].status and rig.health()["done"].state == "exited")
    outcome = rig.ctl("health")
    assert outcome.returncode == 0
    rows = [line.split() for line in outcome.stdout.splitlines()]
    assert [row[0] for row in rows] == ["NAME", "done", "led", "off"]
    assert rows[2][1] == "active"
    assert rows[2][-1] == "3→4"


def test_health_is_exit_3_and_says_why_when_something_is_not_well(rig: Rig) -> None:
    rig.start(BROKEN, program("led", WORKER, NOTIFY))
    rig.until_state("broken", "failed")
    outcome = rig.ctl("health")
    assert outcome.returncode == 3
    last = outcome.stdout.splitlines()[-1]  # it is a problem after 2 s at the latest
    assert last.startswith(("! broken is failed: ", "problem unit-failed broken, since "))
    assert outcome.stdout.count("start limit: 2 starts in") == 1
    assert rig.ctl("health", "led").returncode == 0


def test_health_speaks_json(rig: Rig) -> None:
    rig.start(BROKEN, program("led", f'{WORKER} --notify X_METRICS={{\\"meters\\":3}}', NOTIFY))
    rig.until_state("broken", "failed")
    rig.until(lambda: rig.health()["led"].metrics != "{}")
    outcome = rig.ctl("health", "--json")
    assert outcome.returncode == 3
    broken, led = json.loads(outcome.stdout)
    assert (broken["name"], broken["is_healthy"], broken["pid"]) == ("broken", False, None)
    assert led["metrics"] == {"meters": 3}


def test_health_of_an_unknown_unit_names_the_nearest_one(rig: Rig) -> None:
    rig.start(program("led", WORKER, NOTIFY))
    outcome = rig.ctl("health", "lead")
    assert (outcome.returncode, outcome.stdout) == (
        4,
        "ERROR: no such unit: lead; did you mean led?\n",
    )


def test_a_unit_beyond_its_limit_starts_again_only_after_reset_failed(rig: Rig) -> None:
    rig.start(BROKEN)
    rig.until_state("broken", "failed")
    assert rig.ctl("start", "broken").returncode == 7
    assert "then reset-failed and start" in rig.ctl("status").stdout
    started = rig.log().count("spawned")
    outcome = rig.ctl("reset-failed", "broken")
    assert (outcome.returncode, outcome.stdout) == (0, "broken: reset\n")
    assert rig.health()["broken"].state == "inactive"
    rig.ctl("start", "broken")
    rig.until(lambda: rig.log().count("spawned") == started + 2)


def test_reset_failed_takes_all_or_one_known_unit(rig: Rig) -> None:
    rig.start(BROKEN)
    rig.until_state("broken", "failed")
    outcome = rig.ctl("reset-failed", "nobody")
    assert outcome.stdout == "ERROR: no such unit: nobody; known: broken\n"
    assert rig.ctl("reset-failed").returncode == 2
    assert rig.ctl("reset-failed", "all").returncode == 0
    assert rig.health()["broken"].state == "inactive"


def test_the_start_limit_can_end_supervisord_in_order(rig: Rig) -> None:
    unit = f"{NOTIFY} StartLimitBurst=2 StartLimitAction=exit"
    rig.start(program("broken", f"{WORKER} --once 1", unit), program("led", WORKER, NOTIFY))
    rig.until(rig.is_over)
    assert "broken: failed: start limit" in rig.log()
    assert "stopped: led" in rig.log()
    assert rig.process is not None
    assert rig.process.returncode == 1  # that of the worker
    assert not list(rig.folder.glob("*.sock"))


def test_without_the_plugin_in_supervisord_the_commands_say_so(rig: Rig) -> None:
    rig.start(program("led", WORKER), plugin=PLUGIN[PLUGIN.index("[ctlplugin") :])
    outcome = rig.ctl("health")
    assert outcome.returncode == 1
    assert outcome.stdout == "ERROR: supervisord runs without [rpcinterface:supervision]\n"
