"""bin/up: run the gateway on this machine, from the first line to the last process.

supervisord runs etc/supervisord.conf as in the container, and beside the workers a broker and
simulated meters. Everything listens on 127.0.0.1 unless --listen says otherwise, and ends with
this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from dev import ROOT
from dev.home_assistant import installation
from dev.launcher import mosquitto_or_embedded_broker, run_folder, setting_mistake_consequences
from dev.launcher.desk_display import Display
from dev.launcher.desk_environment import environment, overridden
from dev.launcher.desk_introduction import dongle_instructions, introduction, taken_ports, wrapped
from dev.launcher.desk_monitor import DeskMonitor
from dev.launcher.desk_plan import USER, Plan, make_plan
from dev.launcher.mqtt_reading_rows import BrokerLogin
from dev.launcher.simulated_home_options import DeskHome
from dev.live_page.page_server import LivePageServer
from hems.errors import ConfigError
from hems.settings import Settings
from hems.settings.load import read
from hems.settings.validation_problems import FILE, refuse
from hems.system.network import link_state
from hems.system.subprocesses import ProgramSession
from hems.worker_runtime import SignalStop

MAX_METERS = 100
MIN_INTERVAL_S = 1.0  # the worker refuses more than 60 frames a minute
MAX_INTERVAL_S = 3600.0
STOP_S, HOME_ASSISTANT_STOP_S = 15.0, 40.0


def run(  # noqa: PLR0913 - bin/up's options
    *,
    meter_count: int,
    interval_s: float,
    run_dir: Path | None,
    kind: str,
    listen: str,
    is_check: bool,
    contract: str,
    speed: int,
    days: int,
    has_zigbee: bool,
    has_home_assistant: bool,
) -> int:
    """Run the desk until Ctrl-C or SIGTERM, or until the check is done; return 0.

    Raises ConfigError or Unavailable with the reason when it does not work.
    """
    _refuse_range(meter_count, interval_s)
    home = DeskHome(
        contract,
        speed,
        days,
        has_zigbee=has_zigbee or has_home_assistant,
        has_home_assistant=has_home_assistant,
        begin=int(time.time()),
    )
    home.check()
    if has_home_assistant and kind != mosquitto_or_embedded_broker.MOSQUITTO:
        raise ConfigError("--home-assistant needs mosquitto: apt install mosquitto")
    stop = SignalStop()
    os.umask(0o077)
    with contextlib.ExitStack() as stack:
        path = stack.enter_context(_folder(run_dir, is_check))
        display = stack.enter_context(Display())
        plan = make_plan(
            path, meter_count, interval_s, kind, is_check=is_check, listen=listen, home=home
        )
        if has_home_assistant:
            command = stack.enter_context(installation.command(path))
            plan = replace(plan, home_assistant_command=tuple(command))
        environ = environment(plan, os.environ)
        settings = read(Path(environ["HEMS_CONFIG"]), environ)
        refuse([problem for problem in settings.problems if problem.part == FILE])
        conf = run_folder.fill(plan)
        for line in _first_lines(plan, settings, environ, is_check=is_check):
            display.say(wrapped(line))
        with running(plan, conf, environ) as session:
            ids = [f"{one:012d}" for one in _dongle_ids(plan, settings)]
            monitor = DeskMonitor(plan, session, display, _login(plan, settings), ids)
            if plan.page_port:
                stack.enter_context(LivePageServer(plan.page_port, monitor.page.document))
            asyncio.run(monitor.run(stop, is_check=is_check))
    print("everything has stopped")
    return 0


def _refuse_range(meter_count: int, interval_s: float) -> None:
    if not 1 <= meter_count <= MAX_METERS:
        raise ConfigError(f"--meters {meter_count}: expected 1 to {MAX_METERS}")
    if not MIN_INTERVAL_S <= interval_s <= MAX_INTERVAL_S:
        raise ConfigError(
            f"--interval {interval_s:.15g}: expected {MIN_INTERVAL_S:g} to {MAX_INTERVAL_S:g} s"
        )


@contextlib.contextmanager
def running(plan: Plan, conf: Path, environ: dict[str, str]) -> Iterator[ProgramSession]:
    """Run supervisord with all its programs; leave no process behind."""
    argv = [str(plan.python), "-m", "supervisor.supervisord", "-c", str(conf)]
    session = ProgramSession(argv, environ, plan.log_dir / "desk.log")
    try:
        yield session
    finally:
        session.end(HOME_ASSISTANT_STOP_S if plan.home_assistant_command else STOP_S)


@contextlib.contextmanager
def _folder(wanted: Path | None, is_check: bool) -> Iterator[Path]:
    """Hold the run folder; a check has a temporary one unless a person has chosen one."""
    with contextlib.ExitStack() as stack:
        if wanted is None and is_check:
            with run_folder.writing(Path(tempfile.gettempdir())):
                temporary = tempfile.TemporaryDirectory(prefix="hems-")
            wanted = Path(stack.enter_context(temporary))
        yield stack.enter_context(run_folder.claimed(wanted or ROOT / ".hems"))


def _login(plan: Plan, settings: Settings) -> BrokerLogin:
    return BrokerLogin(
        plan.host, plan.mqtt_port, USER, plan.mqtt_password, settings.mqtt.base_topic
    )


def _dongle_ids(plan: Plan, settings: Settings) -> list[int]:
    """Return the ids of a person's own dongles, those of D2L_DEVICES."""
    simulated = {int(meter.device_id) for meter in plan.meters}
    return [one.id for one in settings.secrets.d2l_devices if one.id not in simulated]


def _first_lines(
    plan: Plan, settings: Settings, environ: Mapping[str, str], *, is_check: bool
) -> list[str]:
    """Return everything that a person should know before the first unit starts."""
    ignored = overridden(environ, os.environ)
    pronoun = "it" if len(ignored) == 1 else "them"
    return [
        *introduction(plan),
        *([] if is_check else taken_ports(plan)),
        *dongle_instructions(plan, link_state.addresses(), _dongle_ids(plan, settings)),
        *([f"ignored   {', '.join(ignored)}: bin/up sets {pronoun} itself"] if ignored else []),
        *setting_mistake_consequences.lines(settings.problems),
    ]
