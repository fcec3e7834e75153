"""A stick's network: form it, start it, leave it, its keys, and for how long it can be joined."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from dev.simulator.zigbee.ezsp_constants import (
    SL_NOT_FOUND,
    SL_OK,
    SUCCESS,
    EzspCallback,
    EzspCommand,
    EzspStatus,
)
from dev.simulator.zigbee.radio_interface import RadioDevice
from dev.simulator.zigbee.scheduler_interface import Scheduler
from dev.simulator.zigbee.stick_memory import FRAME_COUNTER, StickMemory, StickNetwork

COORDINATOR = 1  # EmberNodeType
JOINED, NOT_JOINED = 0x02, 0x00  # EmberNetworkStatus
KEY_SIZE, KEY_AT = 16, 18
NETWORK_KEY, TRUST_CENTER_LINK_KEY = 1, 2  # sl_zb_sec_man_key_type
KEPT_SECURITY_BITS, TRUST_CENTER_IS_KNOWN = 0x0084, 0x0010
ENERGY_SCAN, QUIET_DBM = 0, -90
CHANNELS = range(11, 27)
NOT_RUNNING = 0xFFFE  # the address of a stick whose network is down


class StickNetworkCommands:
    """The commands of the network; it is down until the host starts it."""

    def __init__(
        self,
        scheduler: Scheduler,
        memory: StickMemory,
        call_back: Callable[[int, bytes], None],
        noise: Mapping[int, int],
    ) -> None:
        """`noise` is how loud a channel is (dBm); any other is quiet."""
        self._noise = noise
        self._scheduler = scheduler
        self.memory = memory
        self._call_back = call_back
        self._security: StickNetwork | None = None  # of the network that will be formed
        self._frame_counter = FRAME_COUNTER  # of the network that will be formed
        self._closes_at = 0.0
        self.is_up = False
        self.formed = 0  # networks, since the stick has its power

    def handlers(self) -> Mapping[int, Callable[[bytes], bytes]]:
        return {
            EzspCommand.NETWORK_STATE: self._state,
            EzspCommand.NETWORK_INIT: self._start,
            EzspCommand.GET_NETWORK_PARAMETERS: self._parameters,
            EzspCommand.GET_NODE_ID: self._node_id,
            EzspCommand.GET_EUI64: lambda _: self.memory.eui64,
            EzspCommand.GET_CURRENT_SECURITY_STATE: self._current_security,
            EzspCommand.EXPORT_KEY: self._export_key,
            EzspCommand.GET_NETWORK_KEY_INFO: self._key_info,
            EzspCommand.SET_INITIAL_SECURITY_STATE: self._set_security,
            EzspCommand.FORM_NETWORK: self._form,
            EzspCommand.LEAVE_NETWORK: self._leave,
            EzspCommand.TOKEN_FACTORY_RESET: self._erase,
            EzspCommand.START_SCAN: self._scan,
            EzspCommand.PERMIT_JOINING: self._permit,
        }

    def restart(self) -> None:
        """Start the stick again: its network is down, and closed."""
        self.is_up = False
        self._security, self._frame_counter = None, FRAME_COUNTER
        self._closes_at = 0.0

    def count_from(self, frame_counter: int) -> None:
        """Let the network that will be formed count its frames on from here."""
        self._frame_counter = frame_counter

    def permit(self, seconds: int) -> None:
        """Let devices join for `seconds`."""
        self._closes_at = self._scheduler.time() + seconds

    @property
    def running(self) -> StickNetwork | None:
        """Return the network if it is up."""
        return self.memory.network if self.is_up else None

    def has(self, device: RadioDevice) -> bool:
        """Return whether the network is up and `device` has its key."""
        return self.running is not None and device.network_key == self.running.key

    @property
    def is_open(self) -> bool:
        return self.is_up and self._scheduler.time() < self._closes_at

    def _state(self, _: bytes) -> bytes:
        return bytes((JOINED if self.is_up else NOT_JOINED,))

    def _start(self, _: bytes) -> bytes:
        if self.memory.network is None:
            return bytes((EzspStatus.NOT_JOINED,))
        return self._bring_up()

    def _bring_up(self) -> bytes:
        self.is_up = True
        self._call_back(EzspCallback.STACK_STATUS, bytes((EzspStatus.NETWORK_UP,)))
        return SUCCESS

    def _parameters(self, _: bytes) -> bytes:
        if self.running is None:
            return bytes((EzspStatus.NOT_JOINED, 0)) + bytes(20)
        return SUCCESS + bytes((COORDINATOR,)) + self.running.parameters

    def _node_id(self, _: bytes) -> bytes:
        return struct.pack("<H", 0 if self.is_up else NOT_RUNNING)

    def _current_security(self, _: bytes) -> bytes:
        if self.running is None:
            return bytes((EzspStatus.NOT_JOINED,)) + bytes(10)
        bits = self.running.security_bits & KEPT_SECURITY_BITS | TRUST_CENTER_IS_KNOWN
        return SUCCESS + struct.pack("<H", bits) + self.memory.eui64

    def _export_key(self, body: bytes) -> bytes:
        if self.running is not None and body[0] == NETWORK_KEY:
            return self.running.key + SL_OK
        if self.running is not None and body[0] == TRUST_CENTER_LINK_KEY:
            return self.running.link_key + SL_OK
        return bytes(KEY_SIZE) + SL_NOT_FOUND

    def _key_info(self, _: bytes) -> bytes:
        if self.memory.network is None:
            return SL_OK + bytes(8)
        number = self.memory.network.key_number
        return SL_OK + struct.pack(
            "<BBBBI", True, False, number, 0, self.memory.network.frame_counter
        )

    def _set_security(self, body: bytes) -> bytes:
        (bits,) = struct.unpack_from("<H", body)
        keys = [body[at : at + KEY_SIZE] for at in (2, KEY_AT)]
        self._security = StickNetwork(b"", keys[1], keys[0], body[KEY_AT + KEY_SIZE], bits)
        return SUCCESS

    def _form(self, body: bytes) -> bytes:
        if self.is_up or self._security is None:
            return bytes((EzspStatus.INVALID_CALL,))
        one = self._security
        self.memory.network = StickNetwork(
            body[:20], one.key, one.link_key, one.key_number, one.security_bits, self._frame_counter
        )
        self.formed += 1
        return self._bring_up()

    def _leave(self, _: bytes) -> bytes:
        if not self.is_up:
            return bytes((EzspStatus.NOT_JOINED,))
        self.is_up, self.memory.network = False, None
        self._call_back(EzspCallback.STACK_STATUS, bytes((EzspStatus.NETWORK_DOWN,)))
        return SUCCESS

    def _erase(self, _: bytes) -> bytes:
        self.is_up = False
        self.memory.erase()
        return b""

    def _scan(self, body: bytes) -> bytes:
        kind, mask = struct.unpack_from("<BI", body)
        channels = [channel for channel in CHANNELS if mask >> channel & 1]
        if kind == ENERGY_SCAN:
            for channel in channels:
                result = struct.pack("<Bb", channel, self._noise.get(channel, QUIET_DBM))
                self._call_back(EzspCallback.ENERGY_SCAN_RESULT, result)
        last = channels[-1] if channels else 0
        self._call_back(EzspCallback.SCAN_COMPLETE, bytes((last, EzspStatus.SUCCESS)))
        return SUCCESS

    def _permit(self, body: bytes) -> bytes:
        self.permit(body[0])
        return SUCCESS
