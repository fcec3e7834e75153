"""What a host sets in a stick and gets back: values, endpoints, the multicast table, tokens."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from dev.simulator.zigbee.ezsp_constants import (
    RELEASE,
    SUCCESS,
    EzspCommand,
    EzspStatus,
    sized,
)
from dev.simulator.zigbee.stick_memory import NO_EUI64, RESTORED_EUI64, StickMemory

# EzspConfigId: buffers, tables, children and so on of a stick from the shop.
CONFIGURATION = {0x01: 100, 0x03: 16, 0x05: 16, 0x06: 8, 0x0D: 5, 0x11: 32, 0x1A: 200, 0x1E: 12}
MULTICAST_TABLE_SIZE = 0x06
FREE_BUFFERS, RELEASE_INFO, FRAME_COUNTER = 0x03, 0x11, 0x23  # EzspValueId
GENERAL_AVAILABILITY = 0xAA
CUSTOM_EUI64 = 0x0C  # of the manufacturing tokens
NO_ENTRY = bytes(4)


class StickSettings:
    """Their commands; all but the tokens are lost when the stick starts."""

    def __init__(
        self,
        memory: StickMemory,
        endpoints: dict[int, bytes],
        count_from: Callable[[int], None],
    ) -> None:
        """`endpoints` is filled with the simple descriptors that the host sets.

        `count_from` takes the frame counter for the next network.
        """
        self._count_from = count_from
        self._memory = memory
        self._endpoints = endpoints
        self._configuration = dict(CONFIGURATION)
        release = struct.pack("<HBBBBB", 0, *RELEASE, 0, GENERAL_AVAILABILITY)
        self._values = {FREE_BUFFERS: b"\xf0", RELEASE_INFO: release}
        self._multicast: dict[int, bytes] = {}

    def handlers(self) -> Mapping[int, Callable[[bytes], bytes]]:
        return {
            EzspCommand.ADD_ENDPOINT: self._add_endpoint,
            EzspCommand.GET_VALUE: self._get_value,
            EzspCommand.SET_VALUE: self._set_value,
            EzspCommand.GET_CONFIGURATION_VALUE: self._get_configuration,
            EzspCommand.SET_CONFIGURATION_VALUE: self._set_configuration,
            EzspCommand.GET_MULTICAST_TABLE_ENTRY: self._get_multicast,
            EzspCommand.SET_MULTICAST_TABLE_ENTRY: self._set_multicast,
            EzspCommand.GET_MANUFACTURING_TOKEN: self._get_manufacturing_token,
            EzspCommand.GET_TOKEN_DATA: self._get_token,
            EzspCommand.SET_TOKEN_DATA: self._set_token,
        }

    def _add_endpoint(self, body: bytes) -> bytes:
        number, profile, device, version, inputs, outputs = struct.unpack_from("<BHHBBB", body)
        clusters, size = body[8:], 2 * inputs
        descriptor = struct.pack("<BHHBB", number, profile, device, version, inputs)
        descriptor += clusters[:size] + bytes((outputs,)) + clusters[size : size + 2 * outputs]
        self._endpoints[number] = descriptor
        return SUCCESS

    def _get_value(self, body: bytes) -> bytes:
        if body[0] not in self._values:
            return bytes((EzspStatus.INVALID_ID, 0))
        return SUCCESS + sized(self._values[body[0]])

    def _set_value(self, body: bytes) -> bytes:
        value = body[2 : 2 + body[1]]
        self._values[body[0]] = value
        if body[0] == FRAME_COUNTER:
            self._count_from(int.from_bytes(value, "little"))
        return SUCCESS

    def _get_configuration(self, body: bytes) -> bytes:
        return SUCCESS + struct.pack("<H", self._configuration.get(body[0], 0))

    def _set_configuration(self, body: bytes) -> bytes:
        (self._configuration[body[0]],) = struct.unpack_from("<H", body, 1)
        return SUCCESS

    def _get_multicast(self, body: bytes) -> bytes:
        if body[0] >= self._configuration[MULTICAST_TABLE_SIZE]:
            return bytes((EzspStatus.INDEX_OUT_OF_RANGE,)) + NO_ENTRY
        return SUCCESS + self._multicast.get(body[0], NO_ENTRY)

    def _set_multicast(self, body: bytes) -> bytes:
        self._multicast[body[0]] = body[1 : 1 + len(NO_ENTRY)]
        return SUCCESS

    def _get_manufacturing_token(self, body: bytes) -> bytes:
        return sized(NO_EUI64 if body[0] == CUSTOM_EUI64 else b"\xff" * 16)

    def _get_token(self, body: bytes) -> bytes:
        (token,) = struct.unpack_from("<I", body)
        if token != RESTORED_EUI64:
            return bytes((EzspStatus.ERROR,))
        value = self._memory.tokens.get(token, NO_EUI64)
        return SUCCESS + struct.pack("<I", len(value)) + value

    def _set_token(self, body: bytes) -> bytes:
        token, _index, size = struct.unpack_from("<III", body)
        self._memory.tokens[token] = body[12 : 12 + size]
        return SUCCESS
