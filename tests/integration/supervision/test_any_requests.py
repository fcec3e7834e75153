"""Whatever is asked, whoever dies: supervisord ends at a stop, and leaves nothing."""

import http.client
import os
import random
import signal
import time
import xmlrpc.client
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from hems.system.subprocesses import members
from tests.integration.supervision.rig import WORKER, Rig, program
from tests.integration.supervision.sleepers import LONG_SLEEP, long_sleepers

pytestmark = pytest.mark.integration

TIME_S = 12.0
SLEEP = "sleep 60"
AGAIN = "Restart=always StartLimitBurst=0"
IDLE = "autostart = false"
UNITS = (
    program("base", WORKER, f"Type=notify WatchdogSec=1 TimeoutAbortSec=200ms {AGAIN}"),
    program("dependent", WORKER, f"Type=notify Requires=base ExecStartPre='sleep 0.05' {AGAIN}"),
    program("bound", SLEEP, "BindsTo=dependent PartOf=base ExecStop='sleep 0.05'"),
    program("once", "sleep 0.1", "Type=oneshot OnSuccess=party RemainAfterExit=yes"),
    program("party", f"/bin/sh -c '(setsid {LONG_SLEEP} &) && sleep 0.2'", "OnFailure=alarm", IDLE),
    program("alarm", "/bin/false", "OnFailure=party StartLimitBurst=3", IDLE),
    program("rival", SLEEP, "Conflicts=guest Upholds=weak", IDLE),
    program("guest", SLEEP, "After=base ExecStopPost='sleep 0.05'", IDLE),
    program("weak", "/bin/sh -c 'sleep 0.3 && exit 1'", AGAIN),
    program("deaf", f"{WORKER} --deaf", f"Type=notify TimeoutStopSec=300ms {AGAIN}"),
    program("missing", "/no/such", f"Type=exec RestartSec=200ms {AGAIN}"),
    program("short", SLEEP, f"RuntimeMaxSec=1 RuntimeRandomizedExtraSec=1 {AGAIN}"),
)
NAMES = [unit.splitlines()[0].removeprefix("[program:").removesuffix("]") for unit in UNITS]


def requests(rig: Rig, chance: random.Random) -> Sequence[Callable[[], object]]:
    """Return what may be asked or happen; all units and times are by chance."""

    def name() -> str:
        return chance.choice(NAMES)

    def kill() -> None:
        if pid := rig.pids()[name()]:
            os.kill(pid, chance.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP)))

    return (
        *3 * (lambda: rig.rpc("supervisor.startProcess", name(), False),),
        *2 * (lambda: rig.rpc("supervisor.stopProcess", name(), False),),
        *3 * (kill,),
        lambda: rig.rpc("supervision.resetFailed", name()),
        lambda: rig.rpc("supervisor.stopAllProcesses", False),
        lambda: rig.rpc("supervisor.startAllProcesses", False),
        lambda: os.kill(rig.pid, signal.SIGUSR2),
        lambda: os.kill(rig.pid, signal.SIGHUP),
        lambda: (rig.folder / "notify.sock").unlink(missing_ok=True),
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_it_ends_at_a_stop(rig: Rig, seed: int) -> None:
    chance = random.Random(seed)
    rig.start(*UNITS)
    rig.until_state("base", "active")
    possible, until = requests(rig, chance), time.monotonic() + TIME_S
    while time.monotonic() < until:
        with suppress(xmlrpc.client.Fault, OSError, http.client.HTTPException, KeyError):
            chance.choice(possible)()
        time.sleep(chance.choice((0.0, 0.01, 0.05, 0.2)))
    assert not rig.is_over(), rig.output()
    os.kill(rig.pid, signal.SIGTERM)
    rig.until(rig.is_over, 30)
    assert rig.process
    assert rig.process.returncode == 0
    assert members(rig.pid) + long_sleepers() == []
    assert "Traceback" not in rig.log() + rig.output()
