"""When the D2L server publishes what it has answered: the answers of other dongles go first."""

import asyncio
import contextlib
import socket

import pytest
from pytest_mock import MockerFixture

from hems.protocols.linky.d2l_frames import PayloadType
from hems.settings.eesmart_d2l import EesmartD2lSettings
from hems.settings.read_secrets import D2lDevice
from hems.system.clock import SystemClock
from hems.workers.eesmart_d2l.d2l_server import D2lServer
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.dongle_connection import DongleConnection
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock
from tests.integration.d2l import ID, IV, KEY, payload, sealed

pytestmark = pytest.mark.integration
COUNT = 20


@pytest.fixture
def events(mocker: MockerFixture) -> list[str]:
    """Return what the servers of this test do, in order."""
    done: list[str] = []
    send = DongleConnection.send

    async def recorded(connection: DongleConnection, answer: bytes) -> None:
        done.append("answer")
        await send(connection, answer)

    mocker.patch.object(DongleConnection, "send", recorded)
    return done


async def serve(events: list[str], *, publications: int) -> None:
    """Serve dongles that have all sent a reading already; stop after so many publications."""
    enough = asyncio.Event()

    def publish(*_: object) -> None:
        events.append("publication")
        if events.count("publication") == publications:
            enough.set()

    clock = SystemClock()
    settings = EesmartD2lSettings()
    dongles = {ID + n: Dongle(D2lDevice(ID + n, KEY, IV), 60) for n in range(COUNT)}
    trusted = TrustedClock(clock, is_required=False)
    server = D2lServer(settings, dongles, publish, clock, trusted)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=COUNT))
        for device_id in dongles:
            peer = stack.enter_context(socket.create_connection(listener.getsockname(), 5))
            peer.sendall(sealed(PayloadType.PUSH_JSON, payload(device_id), device_id))
        serving = asyncio.create_task(server.serve(listener.dup()))
        async with asyncio.timeout(10):
            await enough.wait()
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


def test_every_answer_that_is_due_goes_before_the_readings_are_published(
    events: list[str],
) -> None:
    asyncio.run(serve(events, publications=COUNT))
    assert events == ["answer"] * COUNT + ["publication"] * COUNT


def test_a_stop_publishes_the_readings_that_wait_for_their_turn(events: list[str]) -> None:
    asyncio.run(serve(events, publications=1))
    assert events.count("publication") == COUNT
