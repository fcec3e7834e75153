"""A unit reloads without an interruption, and a program that is not executed is noticed."""

import sys

import pytest

from tests.integration.supervision.rig import HERE, Rig, program

pytestmark = pytest.mark.integration

SPEAKER = f"{sys.executable} -IS {HERE / 'speaking.py'}"
RELOADS = "Type=notify-reload TimeoutStartSec=2"


def start(rig: Rig, action: str, unit: str = RELOADS) -> int | None:
    rig.start(program("speaker", f"{SPEAKER} {action}", unit))
    return rig.until_state("speaker", "active").pid


def test_a_unit_reloads_at_its_signal(rig: Rig) -> None:
    pid = start(rig, "reload")
    for _ in range(2):
        result = rig.ctl("reload-unit", "speaker")
        assert (result.returncode, result.stdout) == (0, "speaker: reloading\n")
        rig.until(lambda: rig.health()["speaker"].status == "reloaded")
        row = rig.until_state("speaker", "active")
        assert (row.pid, row.restarts) == (pid, 0)


@pytest.mark.parametrize("answer", ["mute", "late"])
def test_a_reload_without_a_fresh_answer_ends_with_the_start_time_out(
    rig: Rig, answer: str
) -> None:
    pid = start(rig, f"reload {answer}", "Type=notify-reload TimeoutStartSec=1")
    rig.rpc("supervision.reloadUnit", "speaker")
    assert rig.health()["speaker"].state == "reloading"
    row = rig.until_state("speaker", "active")
    assert row.reason == "reload-signal has not ended in time"
    assert row.pid == pid


def test_exec_reload_is_run_with_the_main_pid(rig: Rig) -> None:
    note = rig.folder / "reloaded"
    script = rig.folder / "reload.sh"
    script.write_text(f"echo $MAINPID > {note}\n")
    pid = start(rig, "reload", f"Type=notify ExecReload='/bin/sh {script}'")
    assert rig.ctl("reload-unit", "speaker").returncode == 0
    rig.until(lambda: note.exists() and note.read_text() == f"{pid}\n")
    rig.until_state("speaker", "active")


def test_a_unit_that_cannot_reload_says_so(rig: Rig) -> None:
    start(rig, "reload", "Type=notify")
    result = rig.ctl("reload-unit", "speaker")
    assert result.returncode == 1
    assert "speaker: it cannot reload: it has neither Type=notify-reload nor" in result.stdout
    assert "no such unit: nobody" in rig.ctl("reload-unit", "nobody").stdout
    rig.rpc("supervisor.stopProcess", "speaker")
    assert "it is inactive, expected active" in rig.ctl("reload-unit", "speaker").stdout


def test_type_exec_is_up_once_its_program_runs(rig: Rig) -> None:
    script = rig.folder / "no-interpreter"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    never = "Type=exec Restart=no"
    rig.start(
        program("good", "/bin/sleep 60", never),
        program("bad", str(script), never),
        program("simple", str(script), "Restart=no"),
        program("quick", "/bin/true", never),
    )
    rig.until_state("good", "active")
    assert rig.until_state("bad", "failed").reason == "exit status 203 (EXEC)"
    rig.until_state("simple", "failed")
    rig.until_state("quick", "exited")
    assert "bad: active" not in rig.log()
    assert "simple: active" in rig.log()
