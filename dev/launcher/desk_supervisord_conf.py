"""Write supervisord's configuration of a desk: the gateway's programs and the simulators.

The gateway's part is etc/supervisord.conf, word for word; the broker, balena's Supervisor and the
meters are appended. The file and the command lines in it hold no secret.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from dev.launcher.desk_plan import Plan, SimulatedMeter
from dev.launcher.simulated_home_options import FIRST_ID

# The gateway's own section takes the folder from a variable that a person's shell does not have.
# The simulators are forked, as the workers are: to execute each would take a second at every start.
OVERRIDES = """
[supervisorctl]
serverurl = unix://%(here)s/supervisor.sock

[rpcinterface:supervision]
preload = hems, dev.simulator
problem_kinds = dev.launcher.desk_problem_advice:KINDS
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
    name="balena", command="python -m dev.simulator balena", unit="Type=notify WatchdogSec=30"
)
SIMULATOR_UNIT = "Type=notify WatchdogSec=30 RestartSec=1"
WALLBOX_UNIT = "Type=notify After=broker WatchdogSec=30 RestartSec=1"
HOME_ASSISTANT_UNIT = "Type=simple After=provision RestartSec=1"
RESIDENT_UNIT = "Type=notify After=homeassistant TimeoutStartSec=600 WatchdogSec=120 RestartSec=5"
METER_UNIT = "Type=notify After=eesmart-d2l WatchdogSec={watchdog_s:g} RestartSec=1"
METER_SLACK_S = 60  # covers its longest wait after a failure, and the failure itself


def supervisord_conf(plan: Plan, gateway: str) -> str:
    """Return `gateway`, the text of etc/supervisord.conf, with the desk's own programs."""
    fixed = [gateway, OVERRIDES, _broker(plan), SUPERVISOR]
    return "".join([*fixed, *(_meter(plan, one) for one in plan.meters), *_home(plan)])


def _home(plan: Plan) -> Iterator[str]:
    """Yield the programs of a whole home that a person asked for."""
    home, (port, control_port) = plan.home, plan.zigbee_ports
    pace = f"--begin {home.begin} --speed {home.speed}"
    if home.has_zigbee:
        memory = shlex.quote(str(plan.run_dir / "zigbee-stick.json"))
        command = f"python -m dev.simulator zigbee {port} {control_port} --memory {memory}"
        command += f" --home {FIRST_ID} {home.kind_name} {pace}"
        yield PROGRAM.format(name="zigbee", command=command, unit=SIMULATOR_UNIT)
    if plan.wallbox_password:
        command = f"python -m dev.simulator wallbox {plan.device_port} {FIRST_ID} {home.kind_name}"
        yield PROGRAM.format(name="wallbox", command=f"{command} {pace}", unit=WALLBOX_UNIT)
    if plan.home_assistant_command:
        command = shlex.join(plan.home_assistant_command)
        yield PROGRAM.format(name="homeassistant", command=command, unit=HOME_ASSISTANT_UNIT)
        command = f"python -m dev.simulator resident {FIRST_ID} {home.kind_name} {home.days} {port}"
        yield PROGRAM.format(name="resident", command=f"{command} {pace}", unit=RESIDENT_UNIT)


def _broker(plan: Plan) -> str:
    if plan.mosquitto:
        command = f'{plan.mosquitto} -c "%(ENV_HEMS_RUN_DIR)s/mosquitto.conf"'
        return PROGRAM.format(
            name="broker", command=command, unit=BROKER_UNIT.format(type="simple")
        )
    command = f"python -m dev.simulator broker {plan.listen}"
    return PROGRAM.format(name="broker", command=command, unit=BROKER_UNIT.format(type="notify"))


def _meter(plan: Plan, meter: SimulatedMeter) -> str:
    program = f"python -m dev.simulator meter {meter.name} {meter.device_id}"
    unit = METER_UNIT.format(watchdog_s=METER_SLACK_S + 2 * plan.interval_s)
    command = f"{program} {meter.kind} {plan.interval_s:g}"
    if plan.home.speed > 1:
        command += f" --begin {plan.home.begin} --speed {plan.home.speed}"
    if meter.is_failing:
        command += " --failing"
    return PROGRAM.format(name=meter.name, command=command, unit=unit)
