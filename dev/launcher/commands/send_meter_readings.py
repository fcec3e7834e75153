"""bin/meter: send the readings of a simulated meter to any D2L server, and print a line for each.

The server is the running desk's unless --host or --port says otherwise, and so is the dongle.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from dev.launcher import run_folder
from dev.launcher.desk_plan import EVERY_ADDRESS
from dev.launcher.running_desk import is_running, nothing_runs, variables
from dev.simulator.d2l_dongle import SimulatedDongle
from dev.simulator.linky_variants import KINDS
from dev.simulator.meter_faults import FAULTS
from hems.errors import ConfigError, ProtocolError, Unavailable
from hems.settings import read_secrets
from hems.settings.read_secrets import D2lDevice, parse_device
from hems.settings.validation_problems import SettingsProblem
from hems.worker_runtime import SignalStop

LOOPBACK, WORKER_PORT = "127.0.0.1", 7846
GATEWAY_PORT = 7845  # nginx listens there for dongles, see docker-compose.yml
MAX_PORT, MAX_INTERVAL_S = 65_535, 86_400.0


def run(  # noqa: PLR0913 - bin/meter's options
    *,
    host: str | None,
    port: int | None,
    device_id: str | None,
    key: str | None,
    iv: str | None,
    kind: str,
    fault: str | None,
    interval_s: float,
    count: int,
    run_dir: Path,
) -> int:
    """Push `count` readings, 0 for no end, one every `interval_s`; return the exit code.

    Raises ConfigError for wrong options, and Unavailable when there is no dongle to simulate or,
    after the last frame, when a frame got a wrong answer or none.
    """
    _check(port, interval_s, count)
    device = _device(device_id, key, iv, run_dir)
    dongle = SimulatedDongle(
        _server(host, port, run_dir), device, KINDS[kind], FAULTS[fault] if fault else None
    )
    if not dongle.can_have_its_fault(int(time.time())):
        raise ConfigError(
            f"--fault {fault}: a meter of --kind {kind} sends nothing that it could change; "
            "choose another kind or fault"
        )
    stop = SignalStop()
    sent = failed = 0
    while True:
        line, is_answered = _push_once(dongle)
        print(line, flush=True)
        sent += 1
        failed += not is_answered
        if sent == count or stop.wait(interval_s):
            break
    if failed:
        raise Unavailable(f"{failed} of {sent} frames got a wrong answer or none, see above")
    return 0


def _check(port: int | None, interval_s: float, count: int) -> None:
    """Raise ConfigError for a number that is out of range."""
    if port is not None and not 1 <= port <= MAX_PORT:
        raise ConfigError(f"--port {port}: expected 1 to {MAX_PORT}")
    if not 0 < interval_s <= MAX_INTERVAL_S:
        raise ConfigError(
            f"--interval {interval_s:.15g}: expected more than 0 s and at most {MAX_INTERVAL_S:g} s"
        )
    if count < 0:
        raise ConfigError(f"--count {count}: expected 0 (no end) or more")


def _server(host: str | None, port: int | None, run_dir: Path) -> tuple[str, int]:
    """Return host and port: those of the options, the running desk's, or a gateway's."""
    if host not in (None, LOOPBACK, "localhost"):
        return str(host), port or GATEWAY_PORT
    desk = _desk_server(run_dir) or (LOOPBACK, WORKER_PORT)
    return host or desk[0], port or desk[1]


def _desk_server(run_dir: Path) -> tuple[str, int] | None:
    """Return where the desk in `run_dir` takes frames, None when it does not run."""
    if not is_running(run_dir):
        return None
    known = variables(run_dir)
    host = known.get("HEMS_EESMART_D2L_HOST", LOOPBACK)
    port = int(known.get("HEMS_EESMART_D2L_PORT", WORKER_PORT))
    return (LOOPBACK if host == EVERY_ADDRESS else host), port


def _push_once(dongle: SimulatedDongle) -> tuple[str, bool]:
    """Return the line about one frame, and whether its answer is right."""
    try:
        answer = dongle.push(int(time.time()))
    except (Unavailable, ProtocolError) as error:
        return f"{_sent(dongle)}no answer: {error}", False
    clock = datetime.fromtimestamp(answer.clock, UTC)
    answered = f"answered in {1000 * answer.latency_s:.1f} ms, clock {clock:%Y-%m-%dT%H:%M:%SZ}"
    return _sent(dongle) + answered, True


def _sent(dongle: SimulatedDongle) -> str:
    return "with the fault: " if dongle.has_fault else ""


def _device(device_id: str | None, key: str | None, iv: str | None, run_dir: Path) -> D2lDevice:
    """Return the dongle of the options, or the first of D2L_DEVICES or of the running desk."""
    if device_id and key and iv:
        return parse_device(f"{device_id}:{key}:{iv}")
    if device_id or key or iv:
        raise ConfigError("--id, --key and --iv belong together: give all three or none")
    listed = os.environ.get("D2L_DEVICES", "")
    if not listed and is_running(run_dir):
        listed = run_folder.read_devices(run_dir)
    problems: list[SettingsProblem] = []
    devices = read_secrets.read({"D2L_DEVICES": listed}, problems).d2l_devices
    if problems:
        raise ConfigError("; ".join(one.text for one in problems))
    if not devices:
        raise Unavailable(f"{nothing_runs(run_dir)}; for another server give --id, --key and --iv")
    return devices[0]
