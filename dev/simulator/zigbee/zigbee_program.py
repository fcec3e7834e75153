"""The simulated stick as a program: its serial line, its control port and its memory in a file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import msgspec
from loguru import logger

from dev.simulator.household import Household
from dev.simulator.zigbee import stick_memory
from dev.simulator.zigbee.control_protocol import Order
from dev.simulator.zigbee.device_control_orders import DeviceOrders
from dev.simulator.zigbee.home_meters import HomeMeters
from dev.simulator.zigbee.serial_lines import PtyLine, SerialLine, TcpLine
from dev.simulator.zigbee.stick import Stick
from dev.simulator.zigbee.stick_control_orders import StickOrders
from dev.simulator.zigbee.stick_memory import StickMemory
from hems.errors import ConfigError, Unavailable
from hems.worker_runtime import Context, run_until_stopped

BEAT_S = 5.0


class ControlPort:
    """Answers orders, one JSON document in each line."""

    def __init__(self, of_stick: StickOrders, of_devices: DeviceOrders) -> None:
        self._of_stick = of_stick.handlers()
        self._of_devices = of_devices

    async def answer(self, line: bytes) -> bytes:
        """Carry out the order in a line and return the answer's line."""
        try:
            result = {"ok": await self._carry_out(msgspec.json.decode(line, type=Order))}
        except (ConfigError, Unavailable, msgspec.MsgspecError, OverflowError) as error:
            result = {"error": str(error)}
        return msgspec.json.encode(result) + b"\n"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the orders of one connection until it ends."""
        while line := await reader.readline():
            writer.write(await self.answer(line))
            await writer.drain()
        writer.close()

    async def _carry_out(self, order: Order) -> object:
        if order.order in self._of_stick:
            return await self._of_stick[order.order](order)
        return self._of_devices.carry_out(order)


@dataclass
class ZigbeeProgram:
    """`port` is a TCP port or a terminal's path; the memory is lost if it has no file.

    With a `household`, its meters are around the stick.
    """

    port: int | Path
    control_port: int
    memory_file: Path | None = None
    is_plugged_in: bool = True
    household: Household | None = None
    name: str = "zigbee"

    def run(self, ctx: Context) -> None:
        """Serve until the stop. Raises Unavailable when a port is taken."""
        asyncio.run(self._run(ctx))

    async def _run(self, ctx: Context) -> None:
        loop = asyncio.get_running_loop()
        memory = stick_memory.read(self.memory_file) if self.memory_file else StickMemory()
        stick = Stick(loop, memory, self._keep)
        line: SerialLine = (
            TcpLine(stick, self.port) if isinstance(self.port, int) else PtyLine(stick, self.port)
        )
        control = ControlPort(StickOrders(stick, line), DeviceOrders(loop, stick))
        try:
            server = await asyncio.start_server(control.serve, "127.0.0.1", self.control_port)
        except OSError as error:
            raise Unavailable(f"port {self.control_port}: {error.strerror}") from error
        if self.is_plugged_in:
            await line.plug_in()
        logger.info("a simulated Zigbee stick at {}, orders at {}", self.port, self.control_port)
        try:
            jobs = [self._report(ctx, stick)]
            if self.household:
                jobs.append(HomeMeters(loop, stick, self.household).run(ctx.clock.time))
            await run_until_stopped(ctx, *jobs)
        finally:
            line.unplug()
            server.close()

    async def _report(self, ctx: Context, stick: Stick) -> None:
        while True:
            connected = "a host is connected" if stick.is_connected else "no host"
            ctx.notify.status(f"{connected}, {stick.commands.total()} commands")
            ctx.notify.alive()
            await asyncio.sleep(BEAT_S)

    def _keep(self, memory: StickMemory) -> None:
        if self.memory_file:
            stick_memory.write(self.memory_file, memory)
