"""What one desk consists of, and what that means for supervisord: its file, its environment.

The gateway's part is etc/supervisord.conf, word for word; the broker and the meters are
appended. Secrets are in the environment only, which nobody else can read; the file and
the command lines hold none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hems.protocols.linky import Mode

USER = "hems"
FIRST_ID = 20_000_000_001
EXTENDED = {"D2L_DEVICES", "PATH", "PYTHONPATH"}  # the desk has its own of these in any case
MODES = (Mode.STANDARD, Mode.HISTORIQUE)

# The gateway's own takes the directory from the environment, which a person's shell has not.
CONTROL = """
[supervisorctl]
serverurl = unix://%(here)s/supervisor.sock
"""
PROGRAM = """
[program:{name}]
command = {command}
environment = UNIT="{unit}"
autorestart = unexpected
stdout_logfile = /dev/fd/1
stdout_logfile_maxbytes = 0
redirect_stderr = true
"""
BROKER_UNIT = (
    "Type={type} After=provision RestartSec=1 StartLimitBurst=10 StartLimitIntervalSec=600"
)
SUPERVISOR = PROGRAM.format(
    name="balena", command="python -m hems.desk balena", unit="Type=notify WatchdogSec=30"
)
METER_UNIT = "Type=notify After=eesmart-d2l WatchdogSec={watchdog_s:g} RestartSec=1"
METER_SLACK_S = 60  # its longest wait after a failure, and the failure itself, fit into this


@dataclass(frozen=True)
class SimulatedMeter:
    """A meter and its dongle; key and iv are 32 hex digits."""

    name: str
    device_id: str
    mode: Mode
    key: str = field(repr=False)
    iv: str = field(repr=False)


@dataclass(frozen=True)
class Plan:
    """Everything that differs from one desk to the next.

    `mosquitto` is the program's path, None for the embedded broker; `interval_s` is the
    time between two readings of a meter.
    """

    root: Path
    run_dir: Path
    python: Path
    user: str
    mosquitto: str | None
    mqtt_port: int
    mqtt_password: str = field(repr=False)
    d2l_port: int
    supervisor_port: int
    supervisor_key: str = field(repr=False)
    meters: tuple[SimulatedMeter, ...]
    interval_s: float

    @property
    def devices(self) -> list[str]:
        """Return id:key:iv of each simulated meter."""
        return [f"{meter.device_id}:{meter.key}:{meter.iv}" for meter in self.meters]

    @property
    def gateway_dir(self) -> Path:
        """Return where provision puts what is on the volume `gateway` of a real one."""
        return self.run_dir / "gateway"

    @property
    def log_dir(self) -> Path:
        return self.run_dir / "log"


def meters(count: int, keys: list[tuple[str, str]]) -> tuple[SimulatedMeter, ...]:
    """Return `count` meters, STANDARD and HISTORIQUE in turn, with a (key, iv) each."""
    return tuple(
        SimulatedMeter(
            f"meter-{number + 1}",
            f"{FIRST_ID + number:012d}",
            MODES[number % len(MODES)],
            *keys[number],
        )
        for number in range(count)
    )


def supervisord_conf(plan: Plan, gateway: str) -> str:
    """Return `gateway`, the text of etc/supervisord.conf, with the desk's own programs."""
    fixed = [gateway, CONTROL, _broker(plan), SUPERVISOR]
    return "".join([*fixed, *(_meter(plan, one) for one in plan.meters)])


def environment(plan: Plan, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return supervisord's environment: the desk's settings over what was inherited.

    A HEMS_ variable that a person has set reaches the workers, except where the desk
    decides: addresses, ports, the log directory.
    """
    devices = [*plan.devices, inherited.get("D2L_DEVICES", "")]
    return {
        "HEMS_EESMART_D2L_REQUIRE_SYNCHRONISED_CLOCK": "false",  # a desk is not a gateway
        "HEMS_LED_PINS": "mock",
        "HEMS_LED_HOME_ASSISTANT_HOST": "127.0.0.1",  # where there may be none: a lamp says so
        "HEMS_LED_LOG_FILE": str(plan.run_dir / "home-assistant.log"),
        "HEMS_PROVISION_RETRY_S": "1",  # the simulated Supervisor starts at the same time
        "HEMS_TELEMETRY_PERIOD_S": "5",  # who plays with the Supervisor wants to see it soon
        "HEMS_WATCHDOG_PERIOD_S": "5",
        **inherited,
        "HEMS_CONFIG": str(plan.root / "etc" / "hems.toml"),
        "HEMS_RUN_DIR": str(plan.run_dir),
        "HEMS_LOGS_DIRECTORY": str(plan.log_dir),
        "HEMS_MQTT_HOST": "127.0.0.1",
        "HEMS_MQTT_PORT": str(plan.mqtt_port),
        "HEMS_EESMART_D2L_HOST": "127.0.0.1",
        "HEMS_EESMART_D2L_PORT": str(plan.d2l_port),
        "HEMS_PROVISION_GATEWAY_DIRECTORY": str(plan.gateway_dir),
        "HEMS_PROVISION_DATA_DIRECTORY": str(plan.run_dir),
        "HEMS_HOME_ASSISTANT_HOST": "",  # there is none on a desk
        "HEMS_INFLUXDB_HOST": "",  # nor this
        "HEMS_IPTABLES_INIT_MODE": "report",  # this machine's firewall is not the gateway's
        **_balena(plan),
        "MQTT_USER": USER,
        "MQTT_PASSWORD": plan.mqtt_password,
        "D2L_DEVICES": ";".join(device for device in devices if device),
        "D2L_USER": plan.user,
        "PATH": f"{plan.python.parent}:{inherited.get('PATH', '')}",
        "PYTHONPATH": str(plan.root),
    }


def overridden(environ: Mapping[str, str], inherited: Mapping[str, str]) -> list[str]:
    """Return the variables of a person that the desk's `environ` has with another value."""
    names = inherited.keys() & environ.keys() - EXTENDED
    return sorted(name for name in names if environ[name] != inherited[name])


def _balena(plan: Plan) -> dict[str, str]:
    """Return what balena sets for a service, and the watchdog's settings for this fleet."""
    address = f"http://127.0.0.1:{plan.supervisor_port}"
    return {
        "BALENA_SUPERVISOR_ADDRESS": address,
        "BALENA_SUPERVISOR_API_KEY": plan.supervisor_key,
        "BALENA_APP_ID": "1000001",
        "BALENA_APP_NAME": "desk",
        "HEMS_WATCHDOG_DATA_DIRECTORY": str(plan.run_dir),
        "HEMS_WATCHDOG_HTTP_URLS": f"{address}/generate_204",
        "HEMS_WATCHDOG_TCP_TARGETS": "",  # nothing leaves the desk
        "HEMS_WATCHDOG_ICMP_TARGETS": "",
        "HEMS_SERVICES_HOMEASSISTANT_PROBE": f"{address}/simulated/homeassistant",
        "HEMS_SERVICES_INFLUXDB_PROBE": f"{address}/simulated/influxdb",
        "HEMS_SERVICES_MQTT_PROBE": f"tcp://127.0.0.1:{plan.mqtt_port}",
        "HEMS_SERVICES_NGINX_REVERSE_PROXY_PROBE": "",
    }


def _broker(plan: Plan) -> str:
    if plan.mosquitto:
        command = f'{plan.mosquitto} -c "%(ENV_HEMS_RUN_DIR)s/mosquitto.conf"'
        return PROGRAM.format(
            name="broker", command=command, unit=BROKER_UNIT.format(type="simple")
        )
    command = "python -m hems.desk broker"
    return PROGRAM.format(name="broker", command=command, unit=BROKER_UNIT.format(type="notify"))


def _meter(plan: Plan, meter: SimulatedMeter) -> str:
    program = f"python -m hems.desk meter {meter.name} {meter.device_id}"
    unit = METER_UNIT.format(watchdog_s=METER_SLACK_S + 2 * plan.interval_s)
    command = f"{program} {meter.mode.value} {plan.interval_s:g}"
    return PROGRAM.format(name=meter.name, command=command, unit=unit)
