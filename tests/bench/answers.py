"""Measure how long a meter waits for its answer, alone and with 500 connections open.

Each connection belongs to another device. The devices send in turn, far more often than real
dongles, which send one reading a minute.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

from dev.launcher.free_port import free_port
from hems.protocols.linky.d2l_frames import PayloadType
from tests.bench.table import Row
from tests.integration.d2l import ID, D2lWorker, entry, payload, sealed

CONNECTIONS = 500
FRAMES = 3000
PAUSE_S = 0.002
ANSWER_SIZE = 48
BUDGET_S = 0.020
Ask = Callable[[int, int], Coroutine[None, None, list[float]]]


async def _ask(port: int, connections: int) -> list[float]:
    """Return the seconds each of FRAMES answers took, the connections taking turns."""
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    took = []
    for number in range(FRAMES):
        device_id = ID + number % connections
        reader, writer = streams[number % connections]
        frame = sealed(PayloadType.PUSH_JSON, payload(device_id), device_id)
        started = time.perf_counter()
        writer.write(frame)
        await reader.readexactly(ANSWER_SIZE)
        took.append(time.perf_counter() - started)
        await asyncio.sleep(PAUSE_S)
    for _, writer in streams:
        writer.close()
    return took


async def _ask_at_once(port: int, connections: int) -> list[float]:
    """Return the seconds each answer took, every connection sending within the same second."""

    async def one(number: int) -> float:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        device_id = ID + number
        frame = sealed(PayloadType.PUSH_JSON, payload(device_id), device_id)
        await everybody.wait()
        await asyncio.sleep(number / connections)
        started = time.perf_counter()
        writer.write(frame)
        await reader.readexactly(ANSWER_SIZE)
        took = time.perf_counter() - started
        writer.close()
        return took

    everybody = asyncio.Barrier(connections)
    return await asyncio.gather(*(one(number) for number in range(connections)))


def measure() -> list[Row]:
    """Return p50 and p99 of an answer with 1 and with 500 connections."""
    name = f"{CONNECTIONS} connections"
    return [
        _row("answer to a reading, 1 connection", 1, _ask),
        _row(f"answer to a reading, {name} open, one sends at a time", CONNECTIONS, _ask),
        _row(f"answer to a reading, {name}, all send within 1 s", CONNECTIONS, _ask_at_once),
    ]


def _row(what: str, connections: int, ask: Ask) -> Row:
    devices = ";".join(entry(ID + number) for number in range(connections))
    with (
        tempfile.TemporaryDirectory() as directory,
        D2lWorker(
            Path(directory), free_port(None), D2L_DEVICES=devices, max_frames_per_minute=100_000
        ) as worker,
    ):
        took = asyncio.run(ask(worker.port, connections))
    p50, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
    return Row(
        what,
        f"p50 {p50 * 1000:.2f} ms, p99 {p99 * 1000:.2f} ms",
        "p99 < 20 ms" if connections > 1 else "",
        p99 < BUDGET_S if connections > 1 else None,
    )
