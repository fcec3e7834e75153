"""Return the environment of a desk's supervisord: settings and secrets of every program.

Secrets are in the environment only, which no other user can read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dev.launcher.desk_plan import USER, Plan

DEFAULTS = "etc/hems.toml"
WALLBOX = "wallbox"  # its login at the broker, as in dev/simulator/mqtt_wallbox.py
# The desk uses a person's value of these, and may add its part to it.
SILENT_AFTER_S, SILENT_INTERVALS = 60.0, 3
RESPECTED = {"D2L_DEVICES", "HEMS_CONFIG", "MQTT_USERS", "PATH", "PYTHONPATH"}


def environment(plan: Plan, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return supervisord's environment: the desk's settings take precedence over `inherited`.

    A HEMS_ variable that a person has set reaches the workers, except for what the desk decides:
    addresses, ports, folders.
    """
    devices = [inherited.get("D2L_DEVICES", ""), *plan.devices]  # a mistake has a person's number
    return {
        "HEMS_EESMART_D2L_REQUIRE_SYNCHRONISED_CLOCK": "false",  # a desk is not a gateway
        "HEMS_LED_PINS": "mock",
        "HEMS_LED_HOME_ASSISTANT_HOST": "127.0.0.1",  # the LED shows it if there is none
        "HEMS_LED_LOG_FILE": str(plan.home_assistant_log),
        "HEMS_PROVISION_RETRY_S": "1",  # the simulated Supervisor starts at the same time
        "HEMS_TELEMETRY_PERIOD_S": "5",  # so that an ordered fault shows soon
        "HEMS_WATCHDOG_PERIOD_S": "5",
        **_whole_home(plan),
        **inherited,
        "HEMS_CONFIG": str(Path(inherited.get("HEMS_CONFIG") or plan.root / DEFAULTS).absolute()),
        "HEMS_RUN_DIR": str(plan.run_dir),
        "HEMS_DATA_DIR": str(plan.run_dir),
        "HEMS_LOGS_DIRECTORY": str(plan.log_dir),
        "HEMS_MQTT_HOST": plan.host,
        "HEMS_MQTT_PORT": str(plan.mqtt_port),
        "HEMS_EESMART_D2L_HOST": plan.listen,
        "HEMS_EESMART_D2L_PORT": str(plan.d2l_port),
        "HEMS_PROVISION_GATEWAY_DIRECTORY": str(plan.gateway_dir),
        "HEMS_PROVISION_DATA_DIRECTORY": str(plan.run_dir),
        **_home_assistant(plan),
        **_mqtt_users(plan, inherited.get("MQTT_USERS", "")),
        "HEMS_INFLUXDB_HOST": "",  # there is none on a desk
        "HEMS_IPTABLES_INIT_MODE": "report",  # this machine's firewall is not the gateway's
        **_balena(plan),
        "MQTT_USER": USER,
        "MQTT_PASSWORD": plan.mqtt_password,
        "D2L_DEVICES": ";".join(device for device in devices if device),
        "D2L_USER": plan.user,
        "TELEMETRY_USER": plan.user,
        "WATCHDOG_USER": plan.user,
        "D2L_LISTEN": f"{plan.listen}:{plan.d2l_port}",
        "REFUSALS_LISTEN": str(plan.run_dir / "refusals.sock"),  # there is no nginx on a desk
        "PATH": f"{plan.python.parent}:{inherited.get('PATH', '')}",
        "PYTHONPATH": str(plan.root),
    }


def _home_assistant(plan: Plan) -> dict[str, str]:
    """Return where Home Assistant is; most desks have none."""
    if not plan.home_assistant_command:
        return {"HEMS_HOME_ASSISTANT_HOST": ""}
    port = str(plan.home_assistant_port)
    return {
        "HEMS_HOME_ASSISTANT_HOST": "127.0.0.1",
        "HEMS_HOME_ASSISTANT_PORT": port,
        "HEMS_LED_HOME_ASSISTANT_PORT": port,
    }


def _mqtt_users(plan: Plan, inherited: str) -> dict[str, str]:
    """Return the logins of devices at the broker: a person's own, and that of the wallbox."""
    if not plan.wallbox_password:
        return {}
    logins = [inherited, f"{WALLBOX}:{plan.wallbox_password}"]
    return {"MQTT_USERS": ";".join(login for login in logins if login)}


def _whole_home(plan: Plan) -> dict[str, str]:
    """Return what a whole home costs, and after how long a meter is silent.

    That is soon, because one of them fails on purpose.
    """
    if not plan.home.is_whole:
        return {}
    silent_after_s = max(SILENT_AFTER_S, SILENT_INTERVALS * plan.interval_s)
    return {
        "HEMS_EESMART_D2L_SILENT_AFTER_S": f"{silent_after_s:g}",
        "HEMS_TARIFFS_CONTRACTS": plan.home.tariffs,
    }


def overridden(environ: Mapping[str, str], inherited: Mapping[str, str]) -> list[str]:
    """Return the names of a person's variables that have another value in the desk's `environ`."""
    names = inherited.keys() & environ.keys() - RESPECTED
    return sorted(name for name in names if environ[name] != inherited[name])


def _balena(plan: Plan) -> dict[str, str]:
    """Return the variables that balena sets, and the watchdog's settings for the desk."""
    address = f"http://127.0.0.1:{plan.supervisor_port}"
    return {
        "BALENA_SUPERVISOR_ADDRESS": address,
        "BALENA_SUPERVISOR_API_KEY": plan.supervisor_key,
        "BALENA_APP_ID": "1000001",
        "BALENA_APP_NAME": "desk",
        "HEMS_WATCHDOG_HTTP_URLS": f"{address}/generate_204",
        "HEMS_WATCHDOG_TCP_TARGETS": "",  # nothing leaves the desk
        "HEMS_WATCHDOG_ICMP_TARGETS": "",
        "HEMS_SERVICES_HOMEASSISTANT_PROBE": f"{address}/simulated/homeassistant",
        "HEMS_SERVICES_INFLUXDB_PROBE": f"{address}/simulated/influxdb",
        "HEMS_SERVICES_MQTT_PROBE": f"tcp://{plan.host}:{plan.mqtt_port}",
        "HEMS_SERVICES_NGINX_REVERSE_PROXY_PROBE": "",
    }
