"""A stick's messages: to the devices around it, from them, and those to the stick itself."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace

from dev.simulator.zigbee import aps_frames, zdo
from dev.simulator.zigbee.aps_frames import UNICAST, ZDO_PROFILE, ApsFrame
from dev.simulator.zigbee.ezsp_constants import (
    NO_ADDRESS,
    NO_INDEX,
    SUCCESS,
    EzspCallback,
    EzspCommand,
    EzspStatus,
    sized,
)
from dev.simulator.zigbee.radio_interface import RadioDevice
from dev.simulator.zigbee.scheduler_interface import Scheduler
from dev.simulator.zigbee.stick_device_object import StickDeviceObject
from dev.simulator.zigbee.stick_memory import NO_EUI64
from dev.simulator.zigbee.stick_network import StickNetworkCommands

HEADER_SIZE = aps_frames.APS.size
MULTICAST_SENT, BROADCAST_SENT = 3, 6  # EmberOutgoingMessageType
SENT_S, AIR_S, FAILURE_S = 0.005, 0.01, 2.0  # until the host knows; until a message arrives
LINK_QUALITY, SIGNAL_DBM = 200, -55
OWN_LINK_QUALITY = 255
UNSECURED_JOIN, SECURED_REJOIN, LEFT = 1, 0, 2  # EmberDeviceUpdate
NO_DECISION, LEAVE_DECISION = 0, 3  # EmberJoinDecision


class StickMessages:
    """Their commands. `devices` has what was admitted to a network, by its address."""

    def __init__(
        self,
        scheduler: Scheduler,
        network: StickNetworkCommands,
        own: StickDeviceObject,
        devices: dict[int, RadioDevice],
        call_back: Callable[[int, bytes], None],
    ) -> None:
        self._scheduler = scheduler
        self._network = network
        self._own = own
        self._call_back = call_back
        self._number = 0
        self._devices = devices

    def handlers(self) -> Mapping[int, Callable[[bytes], bytes]]:
        return {
            EzspCommand.SEND_UNICAST: self._send_unicast,
            EzspCommand.SEND_BROADCAST: self._send_broadcast,
            EzspCommand.SEND_MULTICAST: self._send_multicast,
            EzspCommand.LOOK_UP_NODE_ID: self._look_up_address,
            EzspCommand.LOOK_UP_EUI64: self._look_up_eui64,
            EzspCommand.REMOVE_DEVICE: self._remove,
        }

    def admit(self, device: RadioDevice, *, is_rejoin: bool) -> None:
        """Take a device into the network and tell the host; ignore one of another network."""
        if not self._network.has(device):
            return
        self._devices[device.address] = device
        update = SECURED_REJOIN if is_rejoin else UNSECURED_JOIN
        self._tell_of(device, update, NO_DECISION)

    def dismiss(self, device: RadioDevice) -> None:
        """Tell the host that a device has left."""
        if self._devices.get(device.address) is device:
            del self._devices[device.address]
            if self._network.has(device):
                self._tell_of(device, LEFT, LEAVE_DECISION)

    def take(
        self, device: RadioDevice, header: ApsFrame, message: bytes, kind: int = UNICAST
    ) -> None:
        """Give the host a message of a device that the network knows."""
        if self._reached(device.address) is device:
            signal = struct.pack("<Bb", LINK_QUALITY, SIGNAL_DBM)
            self._deliver(kind, header, signal, device.address, message)

    def _known(self, address: int) -> RadioDevice | None:
        """Return the network's device at `address`; None if there is none."""
        device = self._devices.get(address)
        return device if device and self._network.has(device) else None

    def _reached(self, address: int) -> RadioDevice | None:
        """Return the network's device at `address`; None if there is none, or it is silent."""
        device = self._known(address)
        return None if device is None or device.is_silent else device

    def _deliver(
        self, kind: int, header: ApsFrame, signal: bytes, address: int, message: bytes
    ) -> None:
        sender = struct.pack("<HBB", address, NO_INDEX, NO_INDEX)
        body = bytes((kind,)) + header.encode() + signal + sender + sized(message)
        self._call_back(EzspCallback.INCOMING_MESSAGE, body)

    def _tell_of(self, device: RadioDevice, update: int, decision: int) -> None:
        ends = struct.pack("<H8s", device.address, device.eui64)
        self._call_back(
            EzspCallback.TRUST_CENTER_JOIN, ends + struct.pack("<BBH", update, decision, 0)
        )

    def _send_unicast(self, body: bytes) -> bytes:
        kind, address = struct.unpack_from("<BH", body)
        header, (tag, size) = aps_frames.decode(body[3:]), body[3 + HEADER_SIZE :][:2]
        message = body[5 + HEADER_SIZE :][:size]
        if not self._network.is_up:
            return bytes((EzspStatus.INVALID_CALL, 0))
        numbered = self._numbered(header)
        device = self._reached(address)
        is_own = address == 0

        def sent() -> None:
            status = EzspStatus.SUCCESS if is_own or device else EzspStatus.DELIVERY_FAILED
            self._tell_sent(kind, address, numbered, tag, status)

        self._scheduler.call_later(SENT_S if is_own or device else FAILURE_S, sent)
        if is_own:
            self._scheduler.call_later(AIR_S, lambda: self._answer(header, message))
        elif device:
            self._scheduler.call_later(AIR_S, lambda: device.receive(header, message))
        return SUCCESS + bytes((numbered.number,))

    def _send_broadcast(self, body: bytes) -> bytes:
        (address,) = struct.unpack_from("<H", body)
        header, (tag, size) = aps_frames.decode(body[2:]), body[3 + HEADER_SIZE :][:2]
        message = body[5 + HEADER_SIZE :][:size]
        if (header.profile, header.cluster) == (ZDO_PROFILE, zdo.Zdo.PERMIT_JOINING):
            self._network.permit(message[1])
        if (header.profile, header.cluster) == (ZDO_PROFILE, zdo.Zdo.EXTENDED_ADDRESS):
            device = self._reached(struct.unpack_from("<H", message, 1)[0])
            if device:  # only the one that has the short address answers
                self._scheduler.call_later(AIR_S, lambda: device.receive(header, message))
        numbered = self._numbered(header)
        self._tell_sent(BROADCAST_SENT, address, numbered, tag)
        return SUCCESS + bytes((numbered.number,))

    def _send_multicast(self, body: bytes) -> bytes:
        header, tag = aps_frames.decode(body), body[HEADER_SIZE + 2]
        numbered = self._numbered(header)
        self._tell_sent(MULTICAST_SENT, 0, numbered, tag)
        return SUCCESS + bytes((numbered.number,))

    def _numbered(self, header: ApsFrame) -> ApsFrame:
        self._number = (self._number + 1) % 256
        return replace(header, number=self._number)

    def _tell_sent(
        self,
        kind: int,
        address: int,
        header: ApsFrame,
        tag: int,
        status: EzspStatus = EzspStatus.SUCCESS,
    ) -> None:
        body = struct.pack("<BH", kind, address) + header.encode()
        self._call_back(EzspCallback.MESSAGE_SENT, body + bytes((tag, status, 0)))

    def _answer(self, header: ApsFrame, message: bytes) -> None:
        """Let the stick's own device object answer its host."""
        if header.profile == ZDO_PROFILE:
            signal = struct.pack("<Bb", OWN_LINK_QUALITY, 0)
            answered = header.answer(header.cluster | zdo.ANSWER)
            answer = message[:1] + self._own.answer(header.cluster, message[1:])
            self._deliver(UNICAST, answered, signal, 0, answer)

    def _look_up_address(self, body: bytes) -> bytes:
        devices = filter(self._network.has, self._devices.values())
        addresses = (one.address for one in devices if one.eui64 == body[:8])
        return struct.pack("<H", next(addresses, NO_ADDRESS))

    def _look_up_eui64(self, body: bytes) -> bytes:
        device = self._known(struct.unpack_from("<H", body)[0])
        return SUCCESS + device.eui64 if device else bytes((EzspStatus.ERROR,)) + NO_EUI64

    def _remove(self, body: bytes) -> bytes:
        device = self._known(struct.unpack_from("<H", body)[0])
        if device:
            self._scheduler.call_later(0, device.lose_network)
        return SUCCESS
