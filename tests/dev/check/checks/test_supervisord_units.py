import pytest

from dev.check.checks import supervisord_units
from dev.check.supervisord_conf import FILE
from tests.fakes.tree import Tree

LED = "[program:led]\ncommand = python -m hems led"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("-m hems led", "-m hems lamp", "[program:led]: command: found 'python -m hems lamp'"),
        ("Type=notify", "Type=simple", "Type: found simple, expected notify"),
        ("Type=notify", "Typ=notify", "unknown directive 'Typ', did you mean Type?"),
        (
            "Type=notify Watchdog",
            "Type=notify After=lead Watchdog",
            "depends on unknown unit 'lead'",
        ),
        ("WatchdogSec=30 ", "", "WatchdogSec is missing"),
        ("TimeoutStartSec=20", "TimeoutStartSec=infinity", "TimeoutStartSec: found infinity"),
        ("RestartPreventExitStatus=78", "RestartPreventExitStatus=1", "lacks 78"),
        (
            "autorestart = true",
            "autorestrat = true",
            "autorestrat: supervisord ignores it; did you",
        ),
        ("user = %(ENV_D2L_USER)s\n", "", "[program:eesmart-d2l]: user: found root, expected an"),
        (
            "user = %(ENV_TELEMETRY_USER)s",
            "user = %(ENV_D2L_USER)s",
            "[program:telemetry]: user: found d2l, who could read the memory and secrets of eesm",
        ),
        ("m hems led\n", "m hems led\nuser = d2l\n", "user: found d2l, expected root: root owns"),
        (
            "ReadOnlyPaths=-/proc/sys ",
            "",
            "[program:provision]: UNIT: ReadOnlyPaths lacks /proc/",
        ),
        (
            "InaccessiblePaths=-/run/hems/credentials ",
            "",
            "[program:iptables-init]: UNIT: InaccessiblePaths lacks /run/hems/credentials",
        ),
        ("user = %(ENV_D2L_USER)s", "user = root", "[program:eesmart-d2l]: user: found root"),
        (
            "ListenStream=%(ENV_D2L_LISTEN)s",
            "ListenStream=80",
            "expected ListenStream=172.18.4.1:7",
        ),
        (
            "ListenStream=%(ENV_D2L_LISTEN)s ",
            "",
            "ListenStream: found none, expected ListenStream=",
        ),
        ("redirect_stderr = true", "redirect_stderr = maybe", "redirect_stderr: found 'maybe'"),
        ("stopwaitsecs = 50", "stopasgroup = true", "stopasgroup: it has no effect: KillMode"),
        ("NoNewPrivileges=yes ", "", "NoNewPrivileges=yes is missing"),
        ("CapabilityBoundingSet= ", "", "CapabilityBoundingSet is missing: name the"),
        ("CAP_CHOWN", "CAP_SYS_PTRACE", "CAP_SYS_PTRACE would reveal the secrets of others"),
        ("stopwaitsecs = 50", "stopwaitsecs = soon", "stopwaitsecs: found 'soon', expected"),
    ],
)
def test_a_mistake_in_a_unit_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    [line] = tree.found(supervisord_units.problems, FILE, old, new)
    assert fault in line


def test_a_renamed_program_leaves_its_worker_without_one(tree: Tree) -> None:
    lines = tree.found(supervisord_units.problems, FILE, LED, LED.replace("led", "lamp"))
    assert lines[0].endswith("the worker led has no [program:led]")
    assert "[program:lamp]: no such worker, expected one of" in lines[1]


def test_a_duplicate_program_is_found(tree: Tree) -> None:
    [line] = tree.found(supervisord_units.problems, FILE, LED, f"{LED}\n{LED}")
    assert "[program:led] found it twice, expected it only at etc/supervisord.conf:" in line
