"""supervisord in unusual surroundings: a daemon, another user, a umask, ignored signals."""

import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.integration.supervision.rig import PLUGIN, ROOT, SUPERVISORD, Rig, program, rig_in
from tests.integration.supervision.sleepers import LONG_SLEEP, long_sleepers
from tests.required import required

pytestmark = pytest.mark.integration


@pytest.fixture
def _becoming_another_user() -> Iterator[None]:
    """Let other users reach the environment's packages: tox makes its folder private."""
    required("" if os.geteuid() == 0 else "only root can become another user")
    folder = Path(sys.prefix).parent
    mode = stat.S_IMODE(folder.stat().st_mode)
    folder.chmod(mode | 0o011)
    yield
    folder.chmod(mode)


NOBODY = pwd.getpwnam("nobody")
ONLY_ROOT = pytest.mark.usefixtures("_becoming_another_user")
HEALTH = PLUGIN.replace("[ctlplugin", "health_file = {folder}/health.json\n[ctlplugin")
NAMES = ("SigBlk", "SigIgn")
MOUNTS = """
import os, sys
from hems.supervision.processes import mount_namespace, system_calls
from hems.supervision.settings.process_settings import MountSettings, PathEntry
for name in os.listdir(os.fsencode(sys.argv[1])):
    path = os.fsdecode(os.path.join(os.fsencode(sys.argv[1]), name))
    system_calls._libc.mount(b"tmpfs", os.fsencode(path), b"tmpfs", 0, None)
mount_namespace.enter(MountSettings(read_only=((PathEntry(sys.argv[1]),),)))
for name in os.listdir(sys.argv[1]):
    try:
        os.mkdir(os.path.join(sys.argv[1], name, "x"))
    except OSError as error:
        print(error.strerror)
"""


@contextmanager
def daemon(rig: Rig, *programs: str) -> Iterator[int]:
    """Start a supervisord that goes to the background; yield its pid."""
    rig.write(*programs)
    rig.config.write_text(rig.config.read_text().replace("nodaemon = true", "nodaemon = false"))
    rig.launch()
    rig.until(lambda: rig.is_over() and (rig.folder / "supervisord.pid").exists())
    pid = int((rig.folder / "supervisord.pid").read_text())
    try:
        yield pid
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        rig.until(lambda: not Path(f"/proc/{pid}").exists())


def test_a_daemon_ends_what_its_units_have_left(rig: Rig) -> None:
    command = f"/bin/sh -c '(setsid {LONG_SLEEP} &) && exec sleep 60'"
    with daemon(rig, program("w", command)) as pid:
        rig.until(lambda: len(long_sleepers()) == 1)
        assert (rig.folder / "notify.sock.lock").read_text() == f"{pid}\n"
        rig.rpc("supervisor.stopProcess", "w")
        left = long_sleepers()
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []


def imported(code: str = "") -> list[str]:
    """Return the command of a supervisord that has imported most of the library, then `code` runs.

    Another user may be unable to read the interpreter's folder.
    """
    start = "runpy.run_module('supervisor.supervisord', run_name='__main__')"
    library = "from hems.supervision.supervisord import supervision_loop"
    modules = f"import encodings.ascii, runpy, setproctitle; {library}"
    return [sys.executable, "-c", "\n".join([modules, code, start])]


@contextmanager
def rig_of_nobody() -> Iterator[Rig]:
    with tempfile.TemporaryDirectory() as name, rig_in(Path(name)) as rig:
        os.chown(name, NOBODY.pw_uid, NOBODY.pw_gid)
        yield rig


@ONLY_ROOT
def test_a_supervisord_that_becomes_another_user_starts_its_units() -> None:
    with rig_of_nobody() as rig:
        (rig.folder / "tiny").mkdir()
        main = "import time\ndef preload(): ...\ndef main(): time.sleep(60)\n"
        (rig.folder / "tiny/__main__.py").write_text(main)
        (rig.folder / "python").symlink_to("/bin/true")  # it has to be there, and is not executed
        rig.write(
            program("executed", "sleep 60", "SetCredential=colour:green"),
            program("forked", "python -m tiny"),
            plugin=PLUGIN.replace("[ctlplugin", "preload = tiny\n[ctlplugin"),
        )
        text = rig.config.read_text().replace("[supervisord]", "[supervisord]\nuser = nobody")
        rig.config.write_text(text)
        here = repr(str(rig.folder))
        path = f"os.environ['PATH'] = {here} + ':/usr/bin:/bin'"
        rig.launch(imported(f"import os, sys; sys.path.insert(0, {here}); {path}"))
        for unit in ("executed", "forked"):
            pid = rig.until_state(unit, "active").pid
            assert Path(f"/proc/{pid}").stat().st_uid == NOBODY.pw_uid
        time.sleep(0.3)
        assert {row.restarts for row in rig.health().values()} == {0}


def test_a_log_that_cannot_be_opened_costs_no_descriptor(rig: Rig) -> None:
    (rig.folder / "logs").mkdir()
    unit = "Restart=always RestartSec=10ms StartLimitBurst=0"
    text = program("w", "/bin/true", unit).replace("%(here)s/w.log", "%(here)s/logs/w.log")
    rig.start(text)
    rig.until(lambda: rig.health()["w"].restarts > 2)
    before = len(os.listdir(f"/proc/{rig.pid}/fd"))  # noqa: PTH208
    for path in (rig.folder / "logs/w.log", rig.folder / "logs"):
        path.unlink() if path.is_file() else path.rmdir()
    restarts = rig.health()["w"].restarts
    rig.until(lambda: rig.health()["w"].restarts > restarts + 20)
    assert "making dispatchers" in rig.health()["w"].restart_reason
    assert len(os.listdir(f"/proc/{rig.pid}/fd")) <= before + 2  # noqa: PTH208
    (rig.folder / "logs").mkdir()
    rig.until(lambda: "exit status 0" in rig.health()["w"].restart_reason)


def cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13]))


@ONLY_ROOT
def test_a_fork_that_fails_leaves_no_descriptor_in_the_loop() -> None:
    """One that is closed ends every poll, and its number is soon another file's."""
    with rig_of_nobody() as rig:
        rig.write(program("w", "sleep 60", "Restart=always RestartSec=60", "autostart = false"))
        text = rig.config.read_text().replace("[supervisord]", "[supervisord]\nminprocs = 0")
        rig.config.write_text(text)
        become = f"os.setgroups([]); os.setuid({NOBODY.pw_uid})"
        limit = "resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))"
        rig.launch(imported(f"import os, resource; {become}; {limit}"))
        rig.until(rig.health)
        rig.rpc("supervisor.startProcess", "w", False)
        assert "Too many processes" in rig.health()["w"].reason
        before = cpu_ticks(rig.pid)
        time.sleep(2)
        assert cpu_ticks(rig.pid) - before < 12


@ONLY_ROOT
def test_no_umask_hides_what_others_read() -> None:
    command = "/bin/sh -c 'cat $CREDENTIALS_DIRECTORY/colour && echo && exec sleep 60'"
    with tempfile.TemporaryDirectory() as name, rig_in(Path(name)) as rig:
        Path(name).chmod(0o755)
        unit = f"User=nobody SetCredential=colour:green ListenStream={name}/below/w.sock"
        rig.write(program("w", command, unit), plugin=HEALTH)
        rig.launch(["sh", "-c", 'umask 077; exec "$@"', "-", *SUPERVISORD])
        rig.until(lambda: "green" in rig.log("w"))
        rig.until((rig.folder / "health.json").exists)
        made = [rig.folder / "health.json", rig.folder / "below"]
        assert [stat.S_IMODE(one.stat().st_mode) for one in made] == [0o644, 0o755]


def test_a_program_ignores_and_blocks_no_signal_that_supervisord_does(rig: Rig) -> None:
    code = (
        "import os, signal, sys; signal.signal(signal.SIGUSR1, signal.SIG_IGN); "
        "signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGWINCH]); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    rig.write(program("w", "sleep 60"))
    rig.launch([sys.executable, "-c", code, *SUPERVISORD])
    pid = rig.until_state("w", "active").pid
    rig.until(lambda: Path(f"/proc/{pid}/comm").read_text() == "sleep\n")
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    masks = {line[:6]: int(line.split()[1], 16) for line in lines if line[:6] in NAMES}
    assert masks["SigBlk"] == 0
    assert masks["SigIgn"] == 1 << signal.SIGPIPE - 1  # as IgnoreSIGPIPE=yes of systemd


@pytest.mark.parametrize("delay_s", [0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15])
def test_a_stop_during_a_reload_is_not_lost(rig: Rig, delay_s: float) -> None:
    rig.start(program("w", "sleep 60"))
    rig.until_state("w", "active")
    os.kill(rig.pid, signal.SIGHUP)
    time.sleep(delay_s)  # whatever it does by then
    os.kill(rig.pid, signal.SIGTERM)
    rig.until(rig.is_over)
    assert rig.process
    assert rig.process.returncode == 0


def test_a_reload_without_the_plugin_is_stopped_as_usual(rig: Rig) -> None:
    rig.start(program("w", "sleep 60"))
    rig.until_state("w", "active")
    rig.write(program("w", "sleep 60"), plugin="")
    os.kill(rig.pid, signal.SIGHUP)
    rig.until(lambda: rig.log().count("spawned: 'w'") == 2)
    os.kill(rig.pid, signal.SIGTERM)
    rig.until(rig.is_over)


def test_unusual_names_of_mounts_are_protected_too(tmp_path: Path, namespaces: None) -> None:
    for name in (b"plain", b"two words", "no\u00a0break".encode(), "line\u2028".encode(), b"\xe9"):
        Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).mkdir()
    done = subprocess.run(
        ["unshare", "--mount", sys.executable, "-c", MOUNTS, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=ROOT,
    )
    assert done.stdout.splitlines() == ["Read-only file system"] * 5, done.stderr
