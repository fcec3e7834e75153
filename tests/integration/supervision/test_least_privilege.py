"""What the directives of systemd.exec(5) make of a process, read from /proc, as root."""

import os
import pwd
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.supervision.settings.capability_names import NUMBERS
from tests.integration.supervision.rig import Rig, program, rig_in

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(os.getuid() != 0, reason="only root can drop privileges"),
]

NOBODY = pwd.getpwnam("nobody")
SECRET = "only for this unit"
ONCE = "Restart=no StartLimitIntervalSec=0"
# Each unit by its name, with `{folder}` in place of the rig's.
UNITS = {
    "plain": "",
    "user": "User=nobody Group=daemon SupplementaryGroups=adm,4242 NoNewPrivileges=yes",
    "bounded": "CapabilityBoundingSet='CAP_NET_ADMIN CAP_NET_RAW'",
    "reduced": "CapabilityBoundingSet=~CAP_SYS_ADMIN CapabilityBoundingSet=~CAP_SYS_PTRACE",
    "without": "CapabilityBoundingSet= NoNewPrivileges=yes",
    "ambient": "User=nobody AmbientCapabilities=CAP_NET_BIND_SERVICE",
    "limited": "LimitNOFILE=64:128 LimitCORE=0 LimitAS=1G LimitCPU=2min UMask=0077 Nice=5",
    "first": "OOMScoreAdjust=500",
    "folder": "WorkingDirectory=/usr StandardInput=null",
    "home": "User=nobody WorkingDirectory=-~",
    "variables": "Environment='GREETING=hello COLOUR=red' EnvironmentFile={folder}/file "
    "EnvironmentFile=-/no/such/file UnsetEnvironment=PATH,COLOUR=red,GREETING=hello",
    "secrets": "User=nobody LoadCredential=password:{folder}/secret LoadCredential=missing "
    "LoadCredential=given ImportCredential=imp* SetCredential=colour:green "
    "SetCredential=password:not-this",
    "private": "PrivateTmp=yes",
    "protected": "ReadOnlyPaths={folder} ReadWritePaths={folder}/open "
    "InaccessiblePaths='{folder}/hidden -/no/such/path'",
    "strict": "ProtectSystem=strict ReadWritePaths={folder}",
}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, module_mocker: MockerFixture) -> Iterator[Rig]:
    """Return a supervisord with all units."""
    folder = tmp_path_factory.mktemp("units")
    for parent in (folder, folder.parent):
        parent.chmod(0o755)  # for nobody
    (folder / "file").write_text("# a comment\nFROM_FILE='a b'\nGREETING=\"good evening\"\n")
    (folder / "secret").write_text(SECRET)
    (folder / "secret").chmod(0o400)
    for name in ("open", "hidden", "given"):
        (folder / name).mkdir()
    (folder / "hidden/file").touch()
    for name in ("given", "imported", "other"):
        (folder / "given" / name).write_text(name)
    with rig_in(folder) as rig:
        variables = {"CREDENTIALS_DIRECTORY": str(folder / "given"), "HOME": "/root"}
        module_mocker.patch.dict("os.environ", variables)
        rig.start(
            *(program(name, "sleep 60", unit.format(folder=folder)) for name, unit in UNITS.items())
        )
        rig.until(lambda: all(comm(pid) == "sleep" for pid in rig.pids().values()))
        yield rig


def comm(pid: int | None) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def proc(rig: Rig, name: str, file: str) -> str:
    return Path(f"/proc/{rig.pids()[name]}/{file}").read_text()


def status(rig: Rig, name: str, field: str) -> list[str]:
    lines = proc(rig, name, "status").splitlines()
    return next(line.split()[1:] for line in lines if line.startswith(f"{field}:"))


def capabilities(rig: Rig, name: str, field: str) -> set[str]:
    bits = int(status(rig, name, field)[0], 16)
    return {name for name, number in NUMBERS.items() if bits >> number & 1}


def limits(rig: Rig, name: str, kind: str) -> list[str]:
    lines = proc(rig, name, "limits").splitlines()
    return next(line.split()[-3:-1] for line in lines if line.startswith(kind))


def environment(rig: Rig, name: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in proc(rig, name, "environ").split("\0") if line)


def inside(rig: Rig, name: str, path: Path | str) -> Path:
    """Return a path as the unit's process sees it."""
    return Path(f"/proc/{rig.pids()[name]}/root{path}")


def test_user_and_groups(rig: Rig) -> None:
    assert status(rig, "user", "Uid") == [str(NOBODY.pw_uid)] * 4
    assert status(rig, "user", "Gid") == ["1"] * 4
    assert set(status(rig, "user", "Groups")) == {"1", "4", "4242"}
    assert environment(rig, "user")["HOME"] == NOBODY.pw_dir
    assert environment(rig, "user")["LOGNAME"] == "nobody"


def test_no_new_privileges(rig: Rig) -> None:
    assert status(rig, "user", "NoNewPrivs") == ["1"]
    assert status(rig, "plain", "NoNewPrivs") == ["0"]


def test_root_has_the_capabilities_of_the_bounding_set(rig: Rig) -> None:
    for field in ("CapBnd", "CapPrm", "CapEff"):
        assert capabilities(rig, "bounded", field) == {"CAP_NET_ADMIN", "CAP_NET_RAW"}
        assert capabilities(rig, "without", field) == set()
        assert len(capabilities(rig, "plain", field)) > 30
        missing = NUMBERS.keys() - capabilities(rig, "reduced", field)
        assert {"CAP_SYS_ADMIN", "CAP_SYS_PTRACE"} == missing - {
            name for name in NUMBERS if name not in capabilities(rig, "plain", field)
        }


def test_a_user_keeps_the_ambient_capabilities(rig: Rig) -> None:
    for field in ("CapAmb", "CapEff", "CapPrm"):
        assert capabilities(rig, "ambient", field) == {"CAP_NET_BIND_SERVICE"}
    assert capabilities(rig, "user", "CapEff") == set()


def test_limits_mask_and_priority(rig: Rig) -> None:
    assert limits(rig, "limited", "Max open files") == ["64", "128"]
    assert limits(rig, "limited", "Max core file size") == ["0", "0"]
    assert limits(rig, "limited", "Max address space") == [str(1 << 30)] * 2
    assert limits(rig, "limited", "Max cpu time") == ["120", "120"]
    assert status(rig, "limited", "Umask") == ["0077"]
    assert os.getpriority(os.PRIO_PROCESS, rig.pids()["limited"] or 0) == 5


def test_supervisord_is_killed_after_its_units_when_memory_is_short(rig: Rig) -> None:
    assert proc(rig, "first", "oom_score_adj").strip() == "500"
    scores = {pid: Path(f"/proc/{pid}/oom_score").read_text() for pid in rig.pids().values()}
    own = int(Path(f"/proc/{rig.pid}/oom_score").read_text())
    assert own < min(map(int, scores.values()))
    own_adjust = int(Path(f"/proc/{rig.pid}/oom_score_adj").read_text())
    assert int(proc(rig, "plain", "oom_score_adj")) > own_adjust


def test_folder_and_standard_input(rig: Rig) -> None:
    pid = rig.pids()["folder"]
    assert Path(f"/proc/{pid}/cwd").readlink() == Path("/usr")
    assert Path(f"/proc/{pid}/fd/0").readlink() == Path("/dev/null")
    assert comm(rig.pids()["home"]) == "sleep"  # nobody has no home: the unit does not need it


def test_environment(rig: Rig) -> None:
    variables = environment(rig, "variables")
    assert variables["FROM_FILE"] == "a b"
    assert variables["GREETING"] == "good evening"  # a file is read after Environment
    assert variables.keys() & {"PATH", "COLOUR"} == set()
    assert environment(rig, "plain").keys() & {"FROM_FILE", "CREDENTIALS_DIRECTORY"} == set()


def test_credentials(rig: Rig) -> None:
    folder = Path(environment(rig, "secrets")["CREDENTIALS_DIRECTORY"])
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "password": SECRET,
        "given": "given",
        "imported": "imported",
        "colour": "green",
    }
    for path, mode in ((folder, 0o500), *((path, 0o400) for path in folder.iterdir())):
        status = path.stat()
        assert (stat.S_IMODE(status.st_mode), status.st_uid) == (mode, NOBODY.pw_uid)
    assert SECRET not in proc(rig, "secrets", "environ")
    assert SECRET not in rig.log() + rig.log("secrets") + str(rig.health())


def test_credentials_end_with_their_unit(rig: Rig) -> None:
    folder = Path(environment(rig, "secrets")["CREDENTIALS_DIRECTORY"])
    pid = rig.pids()["secrets"]
    os.kill(pid or 0, signal.SIGKILL)
    rig.until(lambda: not folder.exists())
    rig.until((folder / "password").exists)
    rig.rpc("supervisor.stopProcess", "secrets")
    assert not folder.exists()
    rig.rpc("supervisor.startProcess", "secrets")


def test_a_reload_keeps_credentials_and_scores(rig: Rig) -> None:
    before = Path(f"/proc/{rig.pid}/oom_score_adj").read_text()
    default = proc(rig, "plain", "oom_score_adj")
    pid = rig.pids()["secrets"]
    os.kill(rig.pid, signal.SIGHUP)
    rig.until_other_pid("secrets", pid, 20)
    folder = rig.folder / "credentials/secrets"
    rig.until((folder / "imported").exists)
    rig.until(lambda: comm(rig.pids()["plain"]) == "sleep")
    assert Path(f"/proc/{rig.pid}/oom_score_adj").read_text() == before
    assert proc(rig, "plain", "oom_score_adj") == default


def test_private_files(rig: Rig) -> None:
    assert list(inside(rig, "private", "/tmp").iterdir()) == []
    assert list(inside(rig, "protected", rig.folder / "hidden").iterdir()) == []
    with pytest.raises(OSError, match="Read-only"):
        inside(rig, "protected", rig.folder / "new").touch()
    inside(rig, "protected", rig.folder / "open/new").touch()
    assert (rig.folder / "hidden/file").exists()


def test_a_read_only_system(rig: Rig) -> None:
    for path in ("/usr/new", "/etc/new", "/var/new"):
        with pytest.raises(OSError, match="Read-only"):
            inside(rig, "strict", path).touch()
    inside(rig, "strict", rig.folder / "written").touch()


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("User=no-such-user", "217 (USER)"),
        ("Group=no-such-group", "217 (USER)"),
        ("WorkingDirectory=/no/such/folder", "200 (CHDIR)"),
        ("LoadCredential=x:/no/such/file", "243 (CREDENTIALS)"),
        ("ReadOnlyPaths=/no/such/path", "226 (NAMESPACE)"),
        ("EnvironmentFile=/no/such/file", "78"),
        ("User=nobody CapabilityBoundingSet=CAP_CHOWN AmbientCapabilities=CAP_KILL", "218 (CAP"),
    ],
)
def test_what_cannot_be_done_is_named(tmp_path: Path, unit: str, words: str) -> None:
    with rig_in(tmp_path) as rig:
        rig.start(program("w", "sleep 60", f"{ONCE} {unit}"))
        assert rig.until_state("w", "failed").reason.startswith(f"exit status {words}")
        assert "supervision: w: " in rig.log("w")


def test_without_the_right_to_mount_a_unit_starts_and_the_log_says_what_is_missing(
    tmp_path: Path,
) -> None:
    with rig_in(tmp_path) as rig:
        rig.write(program("w", "sleep 60", "PrivateTmp=yes"))
        rig.launch([*without("CAP_SYS_ADMIN"), "supervisor.supervisord"])
        rig.until_state("w", "active")
        rig.until(lambda: comm(rig.pids()["w"]) == "sleep")
        assert "w: PrivateTmp has no effect: supervisord lacks CAP_SYS_ADMIN" in rig.log()


def test_an_ambient_capability_that_supervisord_lacks_is_named_and_keeps_no_unit_from_starting(
    tmp_path: Path,
) -> None:
    unit = "User=nobody AmbientCapabilities=CAP_NET_RAW,CAP_NET_BIND_SERVICE"
    with rig_in(tmp_path) as rig:
        rig.write(program("w", "sleep 60", unit))
        rig.launch([*without("CAP_NET_RAW"), "supervisor.supervisord"])
        rig.until(lambda: comm(rig.pids()["w"]) == "sleep")
        assert capabilities(rig, "w", "CapEff") == {"CAP_NET_BIND_SERVICE"}
        assert "w: AmbientCapabilities has no effect: supervisord lacks CAP_NET_RAW" in rig.log()


def test_without_the_right_to_look_at_others_a_users_orphan_is_found(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    command = "/bin/sh -c 'setsid -f sleep 60; sleep 60'"
    with rig_in(tmp_path) as rig:
        rig.write(program("w", command, f"User=nobody {ONCE}"))
        rig.launch([*without("CAP_SYS_PTRACE"), "supervisor.supervisord"])
        rig.until_state("w", "active")
        children = Path(f"/proc/{rig.pid}/task/{rig.pid}/children")
        rig.until(lambda: len(children.read_text().split()) == 2)
        os.kill(rig.pids()["w"] or 0, signal.SIGKILL)
        rig.until_state("w", "failed")
        assert children.read_text() == ""


def test_an_unprivileged_supervisord_gives_what_needs_no_privilege(tmp_path: Path) -> None:
    unit = (
        "NoNewPrivileges=yes CapabilityBoundingSet=CAP_NET_RAW UMask=0077 LimitCORE=0 "
        "LoadCredential=missing SetCredential=colour:green"
    )
    with rig_in(tmp_path) as rig:
        rig.write(program("w", "sleep 60", unit, "user = root"))
        rig.launch([*without(*NUMBERS), "supervisor.supervisord"])
        rig.until(lambda: comm(rig.pids()["w"]) == "sleep")
        assert status(rig, "w", "NoNewPrivs") == ["1"]
        assert capabilities(rig, "w", "CapPrm") == set()
        assert limits(rig, "w", "Max core file size") == ["0", "0"]
        folder = Path(environment(rig, "w")["CREDENTIALS_DIRECTORY"])
        assert [path.name for path in folder.iterdir()] == ["colour"]
        rig.rpc("supervisor.stopProcess", "w")
        assert not folder.exists()


def test_without_that_a_program_could_gain_what_is_not_bounded(tmp_path: Path) -> None:
    with rig_in(tmp_path) as rig:
        rig.write(program("w", "sleep 60", f"{ONCE} CapabilityBoundingSet=CAP_NET_RAW"))
        rig.launch([*without("CAP_SETPCAP"), "supervisor.supervisord"])
        assert rig.until_state("w", "failed").reason.startswith("exit status 218 (CAPABILITIES)")


def without(*missing: str) -> list[str]:
    """Return the command that starts a Python module without some capabilities."""
    code = (
        "import runpy, sys; from hems.supervision.processes import capabilities as c; "
        "from hems.supervision.settings.capability_names import ALL, NUMBERS; "
        f"kept = ALL - {{NUMBERS[name] for name in {missing!r}}}; c.limit(kept, can_gain=True); "
        "c.settle(kept, (), is_root=True); sys.argv = sys.argv[1:]; "
        "runpy.run_module(sys.argv[0], run_name='__main__')"
    )
    return [sys.executable, "-c", code]


def test_the_end_of_supervisord_leaves_no_credential(tmp_path: Path) -> None:
    with rig_in(tmp_path) as rig:
        rig.start(program("w", "sleep 60", "SetCredential=colour:green"))
        rig.until((tmp_path / "credentials/w/colour").exists)
        os.kill(rig.pid, signal.SIGTERM)
        rig.until(rig.is_over)
        assert list((tmp_path / "credentials").iterdir()) == []


def test_a_start_removes_what_a_killed_supervisord_has_left(tmp_path: Path) -> None:
    with rig_in(tmp_path) as rig:
        rig.start(program("w", "sleep 60", "SetCredential=colour:green"))
        rig.until((tmp_path / "credentials/w/colour").exists)
        pid = rig.pids()["w"]
        os.kill(rig.pid, signal.SIGKILL)
        rig.until(rig.is_over)
        os.kill(pid or 0, signal.SIGKILL)
        rig.write(program("other", "sleep 60"))
        rig.launch()
        rig.until_state("other", "active")
        assert list((tmp_path / "credentials").iterdir()) == []
