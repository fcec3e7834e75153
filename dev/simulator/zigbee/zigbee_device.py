"""A Zigbee device: it joins, answers its interview, reports, falls silent and leaves."""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping

from dev.simulator.zigbee import zcl_frames, zdo
from dev.simulator.zigbee.aps_frames import BROADCAST, UNICAST, ZDO_PROFILE, ApsFrame
from dev.simulator.zigbee.attribute_reports import AttributeKey, AttributeReports
from dev.simulator.zigbee.radio_interface import Radio
from dev.simulator.zigbee.scheduler_interface import Scheduler
from dev.simulator.zigbee.zcl_server import ON_OFF, Endpoint, ZclServer
from dev.simulator.zigbee.zcl_values import ZclValue
from dev.simulator.zigbee.zdo import Zdo

MANUFACTURER_CODE = 0x1286
ROUTER, END_DEVICE = 1, 2  # logical types
CAPABILITIES = (
    zdo.Capability.ROUTER
    | zdo.Capability.MAINS
    | zdo.Capability.ALWAYS_LISTENING
    | zdo.Capability.HAS_SHORT_ADDRESS
)
HOST_ENDPOINT = 1
ANNOUNCE_S, SWITCH_S, LEAVE_S = 0.05, 0.02, 0.1
ADDRESSES = range(1, 0xFFF0)
CLUSTER_AT = 8  # in Bind and Unbind: after the device's address, its endpoint and cluster


class ZigbeeDevice:
    """A device in the range of `radio`; `eui64` is its address as the air has it."""

    def __init__(
        self,
        scheduler: Scheduler,
        radio: Radio,
        eui64: bytes,
        endpoints: Mapping[int, Endpoint],
        *,
        is_router: bool = True,
    ) -> None:
        self._kind = ROUTER if is_router else END_DEVICE
        self._capabilities = CAPABILITIES if is_router else zdo.Capability.HAS_SHORT_ADDRESS
        self._scheduler = scheduler
        self._radio = radio
        self._random = random.Random(eui64)  # noqa: S311 - the same addresses in every run
        self._number = 0
        self.eui64 = eui64
        self.endpoints = endpoints
        self.address = self._random.choice(ADDRESSES)
        self.network_key: bytes | None = None
        self.is_silent = False
        self.children: list[tuple[bytes, int]] = []  # addresses of those that send through it
        self.bindings: set[tuple[int, int]] = set()  # endpoint and cluster
        self.reports = AttributeReports(scheduler, self.value, self._send_report)
        self._server = ZclServer(endpoints, self.reports, self._switch)

    def join(self) -> bool:
        """Ask for a network, as after a long press of the button; return whether one is open."""
        key = self._radio.open_network
        if key is None:
            return False
        self.lose_network()
        self.network_key = key
        self.address = self._random.choice(ADDRESSES)
        self._radio.admit(self, is_rejoin=False)
        self._scheduler.call_later(ANNOUNCE_S, self._announce)
        return True

    def rejoin(self) -> None:
        """Come back with the key that it has, as after a power cut."""
        self._radio.admit(self, is_rejoin=True)
        self._scheduler.call_later(ANNOUNCE_S, self._announce)

    def lose_network(self) -> None:
        """Leave the network, and forget what was set in it."""
        if self.network_key is not None:
            self._radio.dismiss(self)
        self.network_key = None
        self.bindings.clear()
        self.reports.clear()

    def value(self, key: AttributeKey) -> ZclValue:
        """Return the value of an attribute. Raises KeyError if there is none."""
        return self.endpoints[key.endpoint].values[key.cluster, key.attribute]

    def measure(self, key: AttributeKey, value: int, *, is_reported: bool = False) -> None:
        """Change an attribute, in the units of the wire.

        Report it now if `is_reported`, otherwise when that is due.
        """
        changed = ZclValue(self.value(key).type, value)
        self.endpoints[key.endpoint].values[key.cluster, key.attribute] = changed
        if is_reported:
            self.reports.report(key)
        else:
            self.reports.changed(key)

    def receive(self, header: ApsFrame, message: bytes) -> None:
        """Answer a message from the stick."""
        if header.profile == ZDO_PROFILE:
            answer = message[:1] + self._answer_zdo(header.cluster, message[1:])
            self._send(header.answer(header.cluster | zdo.ANSWER), answer)
            return
        frame = zcl_frames.decode(message)
        for one in self._server.answers(header.destination, header.cluster, frame):
            self._send(header.answer(), one.encode())

    def _answer_zdo(self, request: int, fields: bytes) -> bytes:
        """Return status and fields of the answer to a request."""
        node = zdo.node_descriptor(self._kind, self._capabilities, MANUFACTURER_CODE)
        simple = {number: one.descriptor(number) for number, one in self.endpoints.items()}
        descriptors = zdo.Descriptors(self.address, self.eui64, node, simple)
        answer = descriptors.answer(request, fields)
        if answer is not None:
            return answer
        if request in (Zdo.BIND, Zdo.UNBIND):
            change = self.bindings.add if request == Zdo.BIND else self.bindings.discard
            endpoint, cluster = struct.unpack_from("<BH", fields, CLUSTER_AT)
            change((endpoint, cluster))
        elif request == Zdo.LEAVE:
            self._scheduler.call_later(LEAVE_S, self.lose_network)
        elif request == Zdo.MGMT_LQI:
            one = self.children[fields[0] : fields[0] + 1]  # one a time
            rows = [zdo.neighbour(bytes(8), *child, zdo.SLEEPING_CHILD) for child in one]
            head = bytes((zdo.SUCCESS, len(self.children), fields[0], len(rows)))
            return head + b"".join(rows)
        elif request == Zdo.MGMT_RTG:
            return bytes((zdo.SUCCESS, 0, fields[0], 0))
        elif request != Zdo.PERMIT_JOINING:
            return bytes((zdo.NOT_SUPPORTED,))
        return bytes((zdo.SUCCESS,))

    def _switch(self, endpoint: int, is_on: bool) -> None:
        key = AttributeKey(endpoint, ON_OFF, 0)
        self._scheduler.call_later(SWITCH_S, lambda: self.measure(key, int(is_on)))

    def _announce(self) -> None:
        fields = struct.pack("<H8sB", self.address, self.eui64, self._capabilities)
        message = bytes((self._next_number(),)) + fields
        self._send(ApsFrame(ZDO_PROFILE, Zdo.DEVICE_ANNOUNCEMENT, 0, 0), message, BROADCAST)

    def _send_report(self, key: AttributeKey) -> None:
        if (key.endpoint, key.cluster) not in self.bindings:
            return
        fields = struct.pack("<H", key.attribute) + self.value(key).typed()
        control = zcl_frames.FROM_SERVER | zcl_frames.DISABLE_DEFAULT_RESPONSE
        frame = zcl_frames.ZclFrame(control, self._next_number(), zcl_frames.REPORT, fields)
        profile = self.endpoints[key.endpoint].profile
        header = ApsFrame(profile, key.cluster, key.endpoint, HOST_ENDPOINT)
        self._send(header, frame.encode())

    def _send(self, header: ApsFrame, message: bytes, kind: int = UNICAST) -> None:
        if not self.is_silent:
            self._radio.take(self, header, message, kind)

    def _next_number(self) -> int:
        self._number = (self._number + 1) % 256
        return self._number
