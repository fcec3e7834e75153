"""Both brokers a desk may have keep what the worker relies on, with the worker's own client."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes, token_hex

import aiomqtt
import pytest

from dev.launcher import mosquitto_or_embedded_broker, run_folder
from dev.launcher.desk_environment import environment
from dev.launcher.desk_plan import USER, Plan, simulated_meters
from dev.launcher.free_port import free_port
from hems.settings.mqtt import MqttSettings
from hems.settings.shared_secret_rules import Secret
from hems.system.subprocesses import ProgramSession
from hems.workers.provision.broker_rights import BrokerRights
from hems.workers.provision.gateway_file_paths import GatewayFiles
from hems.workers.provision.password_files import BrokerPasswords
from hems.workers.provision.shared_secrets import SharedSecrets
from tests.integration.mosquitto import program
from tests.integration.worker_process import ROOT

pytestmark = pytest.mark.integration
PASSWORD = "only in this test"
WAIT_S = 5
WILL_TOPIC = "hems/worker/availability"
MORTAL = f"""
import asyncio, sys, aiomqtt
async def main():
    will = aiomqtt.Will({WILL_TOPIC!r}, b"offline", qos=1, retain=True)
    async with aiomqtt.Client("127.0.0.1", int(sys.argv[1]), username={USER!r},
                              password={PASSWORD!r}, will=will):
        print("connected", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture(params=mosquitto_or_embedded_broker.KINDS)
def port(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    """Start the broker as the desk does and return its port."""
    mosquitto = program() if request.param == mosquitto_or_embedded_broker.MOSQUITTO else None
    plan = Plan(
        root=ROOT,
        run_dir=tmp_path,
        python=Path(sys.executable),
        user=str(os.getuid()),
        mosquitto=mosquitto,
        mqtt_port=free_port(18830),
        mqtt_password=PASSWORD,
        d2l_port=1,
        supervisor_port=1,
        supervisor_key="key",
        meters=simulated_meters(1),
        interval_s=1,
    )
    run_folder.fill(plan)
    argv = [sys.executable, "-m", "dev.simulator", "broker", plan.listen]
    if mosquitto:
        provision(plan)
        argv = [mosquitto, "-c", str(tmp_path / "mosquitto.conf")]
    session = ProgramSession(argv, environment(plan, os.environ), tmp_path / "output")
    try:
        asyncio.run(is_up(plan.mqtt_port))
        yield plan.mqtt_port
    finally:
        session.end(10)


def provision(plan: Plan) -> None:
    """Make the broker's users and their rights, as the worker does before the broker starts."""
    layout = GatewayFiles(plan.gateway_dir, plan.run_dir, sets_owner=False)
    given = {Secret.MQTT_USER: USER, Secret.MQTT_PASSWORD: plan.mqtt_password}
    shared = SharedSecrets(layout, given, token_hex)
    shared.step(0)
    BrokerPasswords(layout, shared, BrokerRights(MqttSettings(), (), ()), token_bytes).step(0)


async def is_up(port: int) -> None:
    async with asyncio.timeout(15):
        while True:
            try:
                async with client(port):
                    return
            except aiomqtt.MqttError:
                await asyncio.sleep(0.05)


def client(port: int, password: str | None = PASSWORD) -> aiomqtt.Client:
    user = USER if password else None
    return aiomqtt.Client("127.0.0.1", port, username=user, password=password)


async def first_message(listener: aiomqtt.Client) -> aiomqtt.Message:
    async with asyncio.timeout(WAIT_S):
        async for message in listener.messages:
            return message
    raise AssertionError("the connection ended")


@pytest.mark.parametrize("password", [None, "wrong"])
def test_nobody_else_is_let_in(port: int, password: str | None) -> None:
    async def enter() -> None:
        async with asyncio.timeout(WAIT_S), client(port, password):
            pass

    with pytest.raises(aiomqtt.MqttError):
        asyncio.run(enter())


def test_a_retained_message_waits_for_who_comes_later(port: int) -> None:
    async def talk() -> aiomqtt.Message:
        async with client(port) as speaker:
            await speaker.publish("hems/a/state", b"kept", qos=1, retain=True)
        async with client(port) as listener:
            await listener.subscribe("hems/+/state", qos=1)
            return await first_message(listener)

    message = asyncio.run(talk())
    assert (message.payload, message.retain, message.qos) == (b"kept", True, 1)


def test_a_message_at_qos_1_arrives(port: int) -> None:
    async def talk() -> aiomqtt.Message:
        async with client(port) as listener, client(port) as speaker:
            await listener.subscribe("hems/b/state", qos=1)
            await speaker.publish("hems/b/state", b"new", qos=1)
            return await first_message(listener)

    message = asyncio.run(talk())
    assert (message.payload, message.retain, message.qos) == (b"new", False, 1)


def test_the_last_will_of_a_killed_client_is_told_and_kept(port: int) -> None:
    mortal = subprocess.Popen([sys.executable, "-c", MORTAL, str(port)], stdout=subprocess.PIPE)

    async def talk() -> list[aiomqtt.Message]:
        async with client(port) as listener:
            await listener.subscribe(WILL_TOPIC, qos=1)
            mortal.kill()
            newest = await first_message(listener)
        async with client(port) as later:
            await later.subscribe(WILL_TOPIC, qos=1)
            return [newest, await first_message(later)]

    try:
        assert mortal.stdout is not None
        assert mortal.stdout.readline() == b"connected\n"
        messages = asyncio.run(talk())
    finally:
        mortal.kill()
        mortal.communicate()
    assert [message.payload for message in messages] == [b"offline", b"offline"]
