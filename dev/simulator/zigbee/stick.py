"""A stick: its link to the host, its memory, its network; it can hang, or be another one."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Mapping

from dev.simulator.zigbee.aps_frames import UNICAST, ApsFrame
from dev.simulator.zigbee.ash_link import AshLink
from dev.simulator.zigbee.ezsp_constants import (
    CONSTANT_ANSWERS,
    INVALID_COMMAND,
    RELEASE,
    STACK_TYPE,
    UNKNOWN_FRAME,
    VERSION,
    EzspCommand,
)
from dev.simulator.zigbee.ezsp_response_frames import EzspFrames
from dev.simulator.zigbee.radio_interface import RadioDevice
from dev.simulator.zigbee.scheduler_interface import Scheduler
from dev.simulator.zigbee.stick_device_object import StickDeviceObject
from dev.simulator.zigbee.stick_memory import StickMemory
from dev.simulator.zigbee.stick_messages import StickMessages
from dev.simulator.zigbee.stick_network import StickNetworkCommands
from dev.simulator.zigbee.stick_settings import StickSettings

OLD_VERSION_SIZE, OLD_VERSION_ID = 4, 2  # the frame of the first question, and where its id is
HEAD_SIZE = 5
NAMES = {command.value: command.name.lower() for command in EzspCommand}
MAJOR, MINOR, PATCH = RELEASE
VERSION_ANSWER = struct.pack("<BBH", VERSION, STACK_TYPE, MAJOR << 12 | MINOR << 8 | PATCH << 4)


class Stick:
    """Speaks to one host at a time through `write`, which is set while a line is connected.

    `on_change` is called after each command that changes what the stick keeps without power.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        memory: StickMemory,
        on_change: Callable[[StickMemory], None] = lambda _: None,
    ) -> None:
        self._scheduler = scheduler
        self._on_change = on_change
        self.write: Callable[[bytes], None] | None = None
        self.is_hanging = False
        self.noise: dict[int, int] = {}  # of other radios in the room, by channel (dBm)
        self.commands: Counter[str] = Counter()  # how often the host has sent each
        self._link = AshLink(scheduler, self._send, self._restart, self._take)
        self._frames = EzspFrames(self._link.send)
        self._endpoints: dict[int, bytes] = {}
        self._devices: dict[int, RadioDevice] = {}
        self.replace(memory)

    def replace(self, memory: StickMemory) -> None:
        """Be another stick, with its own memory; the devices of another network are not its."""
        self._link.close()
        self.memory = memory
        self._on_change(memory)
        call_back = self._frames.call_back
        self.network = StickNetworkCommands(self._scheduler, memory, call_back, self.noise)
        own = StickDeviceObject(self.network, self._endpoints, self._devices)
        self._messages = StickMessages(self._scheduler, self.network, own, self._devices, call_back)
        self._restart()

    @property
    def is_connected(self) -> bool:
        """Return whether a host has reset the link."""
        return self._link.is_open

    def receive(self, data: bytes) -> None:
        """Take bytes from the host; while it hangs, they are lost."""
        if not self.is_hanging:
            self._link.receive(data)

    def lose_power(self) -> None:
        """Forget the host and everything that the memory does not keep."""
        self._link.close()
        self._restart()

    @property
    def open_network(self) -> bytes | None:
        network = self.network.running
        return network.key if network and self.network.is_open else None

    def admit(self, device: RadioDevice, *, is_rejoin: bool) -> None:
        self._messages.admit(device, is_rejoin=is_rejoin)

    def dismiss(self, device: RadioDevice) -> None:
        self._messages.dismiss(device)

    def take(
        self, device: RadioDevice, header: ApsFrame, message: bytes, kind: int = UNICAST
    ) -> None:
        self._messages.take(device, header, message, kind)

    def _send(self, data: bytes) -> None:
        if self.write and not self.is_hanging:
            self.write(data)

    def _restart(self) -> None:
        self.network.restart()
        self._endpoints.clear()
        settings = StickSettings(self.memory, self._endpoints, self.network.count_from)
        self._handlers: Mapping[int, Callable[[bytes], bytes]] = {
            **settings.handlers(),
            **self.network.handlers(),
            **self._messages.handlers(),
            EzspCommand.VERSION: lambda _: VERSION_ANSWER,
        }

    def _take(self, frame: bytes) -> None:
        """Answer one command."""
        self._frames.begin_answer(frame[0])
        if len(frame) == OLD_VERSION_SIZE and frame[OLD_VERSION_ID] == EzspCommand.VERSION:
            self._frames.answer_old_version(VERSION_ANSWER)
            return
        number = int.from_bytes(frame[3:HEAD_SIZE], "little")
        self.commands[_name(number)] += 1
        if number in CONSTANT_ANSWERS:
            self._frames.answer(number, CONSTANT_ANSWERS[EzspCommand(number)])
        elif handler := self._handlers.get(number):
            before = (self.memory.network, dict(self.memory.tokens))
            self._frames.answer(number, handler(frame[HEAD_SIZE:]))
            if before != (self.memory.network, self.memory.tokens):
                self._on_change(self.memory)
        else:
            self._frames.answer(INVALID_COMMAND, bytes((UNKNOWN_FRAME,)))


def _name(number: int) -> str:
    return NAMES.get(number, f"0x{number:04x}")
