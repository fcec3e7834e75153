"""Say where everything of a desk is: addresses, ports and files, and how to set up a dongle."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from dev.launcher.desk_plan import (
    D2L_PORT,
    EVERY_ADDRESS,
    HOME_ASSISTANT_PORT,
    MQTT_PORT,
    SUPERVISOR_PORT,
    USER,
    Plan,
)
from dev.launcher.free_port import LOOPBACK
from hems.system.network.tcp_listener import port_holder

WIDTH, INDENT = 80, 10  # columns
NO_NETWORK = "no dongle can reach this machine: it has only the address 127.0.0.1"
NO_KEY = (
    "D2L_DEVICES is not set, so the desk refuses your dongle: stop it with Ctrl-C and start it "
    "again with D2L_DEVICES=ID:KEY:IV in front of the command"
)


def wrapped(line: str) -> str:
    """Return `line` with line breaks at spaces, so that 80 columns are enough where possible."""
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent=" " * INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def introduction(plan: Plan) -> list[str]:
    """Return a line for each part of the desk."""
    return [
        f"broker    {plan.mosquitto or 'embedded (amqtt): mosquitto is not used'}",
        f"MQTT      {plan.listen}:{plan.mqtt_port}, user {USER}, "
        f"password in {plan.run_dir / 'mqtt-password'}",
        *([f"          devices of MQTT_USERS: port {plan.device_port}"] if plan.mosquitto else []),
        f"balena    127.0.0.1:{plan.supervisor_port}, simulated, "
        f"key in {plan.run_dir / 'supervisor-key'}",
        f"D2L       {plan.listen}:{plan.d2l_port}, simulated meters: {len(plan.meters)}",
        f"LEDs      mock pins; they show a Home Assistant on 127.0.0.1:{_home_assistant_port(plan)}"
        f", and its log in {plan.home_assistant_log}",
        *([f"page      http://127.0.0.1:{plan.page_port}/"] if plan.page_port else []),
        *_home(plan),
        f"logs      {plan.log_dir}",
    ]


def _home_assistant_port(plan: Plan) -> int:
    return plan.home_assistant_port if plan.home_assistant_command else HOME_ASSISTANT_PORT


def _home(plan: Plan) -> Iterator[str]:
    """Yield what a person needs for Zigbee and Home Assistant, if the desk has them."""
    if plan.home_assistant_command:
        secrets = plan.gateway_dir / "secrets"
        yield (
            f"home      Home Assistant: http://127.0.0.1:{plan.home_assistant_port}/, user admin, "
            f"password in {secrets / 'CONFIG_PASSWORD'}; its first start takes a minute"
        )
    if plan.home.has_zigbee:
        yield (
            f"Zigbee    a simulated stick at socket://127.0.0.1:{plan.zigbee_ports[0]}, with "
            "meters that join while its network is open"
        )
        if not plan.home_assistant_command:
            yield (
                "          in your Home Assistant on this machine: Settings > Devices > Add "
                "integration > Zigbee Home Automation > enter this address; then Add device"
            )


def taken_ports(plan: Plan, holder: Callable[[int], str] = port_holder) -> list[str]:
    """Return a line for each usual port that another program has, and what the desk uses."""
    ports = (
        ("MQTT", MQTT_PORT, plan.mqtt_port),
        ("balena", SUPERVISOR_PORT, plan.supervisor_port),
        ("D2L", D2L_PORT, plan.d2l_port),
    )
    return [
        f"{name} port {usual} is in use by {holder(usual)}: this desk uses {port} instead"
        for name, usual, port in ports
        if port != usual
    ]


def dongle_instructions(
    plan: Plan, own_addresses: Iterable[str], dongle_ids: Sequence[int]
) -> list[str]:
    """Return how to set up a dongle, nothing while only this machine can reach the desk.

    `own_addresses` are this machine's; `dongle_ids` are those of a person's D2L_DEVICES.
    """
    if plan.listen == LOOPBACK:
        return []
    servers = [plan.listen]
    if plan.listen == EVERY_ADDRESS:
        servers = [address for address in own_addresses if not address.startswith("127.")]
    if not servers:
        return [f"dongle    {NO_NETWORK}"]
    listed = ", ".join(f"{one:012d}" for one in dongle_ids)
    dongles = "dongle" if len(dongle_ids) == 1 else "dongles"
    return [
        f"dongle    set its server to {' or '.join(servers)}, port {plan.d2l_port}",
        f"          accepts your {dongles} {listed}" if listed else f"          {NO_KEY}",
    ]
