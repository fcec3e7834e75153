"""bin/up: the gateway on a desk, from the first line to the last process.

supervisord runs etc/supervisord.conf as in the container, and beside the workers a
broker and simulated meters. Everything is on 127.0.0.1 and ends with this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hems.desk import broker, run_dir
from hems.desk.display import Display
from hems.desk.plan import USER, Plan, environment, meters, overridden
from hems.desk.readings import Login
from hems.desk.watch import Watch
from hems.errors import ConfigError, Unavailable
from hems.runtime import SignalStop
from hems.settings import Settings
from hems.settings.load import load
from hems.system.process import Session

ROOT = Path(__file__).resolve().parents[2]
MQTT_PORT, D2L_PORT, SUPERVISOR_PORT = 1883, 7846, 48484
OTHER_PORTS = range(20_000, 32_000)  # below Linux's ephemeral ports
MAX_METERS = 100
MIN_INTERVAL_S = 1.0  # the worker refuses more than 60 frames a minute
MAX_INTERVAL_S = 3600.0
STOP_S = 15.0


def run(
    *, meter_count: int, interval_s: float, directory: Path | None, kind: str, is_check: bool
) -> int:
    """Run the desk until Ctrl-C or SIGTERM, or until the check is done; return 0.

    Raises ConfigError or Unavailable with the reason when it does not work.
    """
    if not (1 <= meter_count <= MAX_METERS and MIN_INTERVAL_S <= interval_s <= MAX_INTERVAL_S):
        raise ConfigError(
            f"{meter_count} meters every {interval_s:g} s, expected 1 to {MAX_METERS} "
            f"every {MIN_INTERVAL_S:g} to {MAX_INTERVAL_S:g} s"
        )
    stop = SignalStop()
    os.umask(0o077)
    with _directory(directory, is_check) as path, Display() as display:
        plan = make_plan(path, meter_count, interval_s, kind, is_check=is_check)
        environ = environment(plan, os.environ)
        settings = load(Path(environ["HEMS_CONFIG"]), environ)
        conf = run_dir.fill(plan)
        run_dir.keep_environment(path, environ)
        display.say(_introduction(plan))
        if others := overridden(environ, os.environ):
            display.say(f"ignored   {', '.join(others)}: the desk has its own")
        with running(plan, conf, environ) as session:
            watch = Watch(plan, session, display, _login(plan, settings))
            asyncio.run(watch.run(stop, is_check=is_check))
    print("everything has ended")
    return 0


@contextlib.contextmanager
def running(plan: Plan, conf: Path, environ: dict[str, str]) -> Iterator[Session]:
    """Run supervisord with all its programs; leave no process behind."""
    argv = [str(plan.python), "-m", "supervisor.supervisord", "-c", str(conf)]
    session = Session(argv, environ, plan.log_dir / "desk.log")
    try:
        yield session
    finally:
        session.end(STOP_S)


def make_plan(
    path: Path, meter_count: int, interval_s: float, kind: str, *, is_check: bool
) -> Plan:
    """Return a plan with new secrets and ports that are free now.

    A check leaves the usual ports alone: several may start at once. A D2L port that a
    person has set stays as it is. Raises ConfigError when mosquitto is wanted and missing.
    """
    mosquitto = broker.executable() if kind == broker.MOSQUITTO else None
    if kind == broker.MOSQUITTO and mosquitto is None:
        raise ConfigError("mosquitto is not installed: apt install mosquitto, or --broker embedded")
    wanted = os.environ.get("HEMS_EESMART_D2L_PORT", "")
    keys = [(secrets.token_hex(16), secrets.token_hex(16)) for _ in range(meter_count)]
    return Plan(
        root=ROOT,
        run_dir=path,
        python=Path(sys.executable),
        user=str(os.getuid()),
        mosquitto=mosquitto,
        mqtt_port=free_port(None if is_check else MQTT_PORT),
        mqtt_password=secrets.token_urlsafe(16),
        supervisor_port=free_port(None if is_check else SUPERVISOR_PORT),
        supervisor_key=secrets.token_hex(16),
        d2l_port=int(wanted) if wanted.isdecimal() else free_port(None if is_check else D2L_PORT),
        meters=meters(meter_count, keys),
        interval_s=interval_s,
    )


def free_port(preferred: int | None) -> int:
    """Return `preferred` if nobody has it on 127.0.0.1, else a random port that is free.

    Never an ephemeral one: a client that tries before the server listens may be given
    the very port as its own, is then connected to itself, and the server cannot start.
    """
    others = random.sample(OTHER_PORTS, 50)
    for port in others if preferred is None else [preferred, *others]:
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                candidate.bind(("127.0.0.1", port))
                return port
    raise Unavailable("no TCP port is free on 127.0.0.1")


@contextlib.contextmanager
def _directory(wanted: Path | None, is_check: bool) -> Iterator[Path]:
    """Hold the run directory; a check has one of its own unless it is given one."""
    with contextlib.ExitStack() as stack:
        if wanted is None and is_check:
            wanted = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hems-")))
        yield stack.enter_context(run_dir.claimed(wanted or ROOT / ".hems"))


def _login(plan: Plan, settings: Settings) -> Login:
    return Login(plan.mqtt_port, USER, plan.mqtt_password, settings.mqtt.base_topic)


def _introduction(plan: Plan) -> str:
    return "\n".join(
        [
            f"broker    {plan.mosquitto or 'embedded (amqtt): mosquitto is not used'}",
            f"MQTT      127.0.0.1:{plan.mqtt_port}, user {USER}, "
            f"password in {plan.run_dir / 'mqtt-password'}",
            f"balena    127.0.0.1:{plan.supervisor_port}, simulated, "
            f"key in {plan.run_dir / 'supervisor-key'}",
            f"D2L       127.0.0.1:{plan.d2l_port}, simulated meters: {len(plan.meters)}",
            "LEDs      mock pins; a Home Assistant on 127.0.0.1:8123 is looked at, its log is "
            f"{plan.run_dir / 'home-assistant.log'}",
            f"logs      {plan.log_dir}",
        ]
    )
