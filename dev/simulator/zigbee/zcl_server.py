"""A device's endpoints: the attributes that it serves, and its answers to ZCL commands."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dev.simulator.zigbee import zcl_frames, zdo
from dev.simulator.zigbee.attribute_reports import AttributeKey, AttributeReports
from dev.simulator.zigbee.zcl_frames import ZclFrame
from dev.simulator.zigbee.zcl_values import ZclType, ZclValue, decode_integer

BASIC, IDENTIFY, ON_OFF, OTA = 0x0000, 0x0003, 0x0006, 0x0019
OFF, ON, TOGGLE = 0, 1, 2
SUCCEEDED = bytes((zcl_frames.SUCCESS,))
RECORD = struct.Struct("<BHBHH")  # direction, attribute, type, shortest and longest interval (s)


@dataclass
class Endpoint:
    """`inputs` are the clusters that it serves, `outputs` those that it uses.

    `values` has the attributes by cluster and number. With `is_deaf_to_servers`, it does not answer
    what is addressed to the client's side of its output clusters.
    """

    profile: int
    device: int
    inputs: Sequence[int]
    outputs: Sequence[int]
    values: dict[tuple[int, int], ZclValue] = field(default_factory=dict)
    is_deaf_to_servers: bool = False

    def descriptor(self, number: int) -> bytes:
        return zdo.simple_descriptor(number, self.profile, self.device, self.inputs, self.outputs)


class ZclServer:
    """Answers for all endpoints. `switch` takes the state that an on-off command asks for."""

    def __init__(
        self,
        endpoints: Mapping[int, Endpoint],
        reports: AttributeReports,
        switch: Callable[[int, bool], None],
    ) -> None:
        self._endpoints = endpoints
        self._reports = reports
        self._switch = switch

    def answers(self, number: int, cluster: int, frame: ZclFrame) -> list[ZclFrame]:
        """Return the answers to a command for `cluster` of endpoint `number`."""
        endpoint = self._endpoints.get(number)
        if endpoint is None or (frame.is_from_server and endpoint.is_deaf_to_servers):
            return []
        if cluster not in (endpoint.outputs if frame.is_from_server else endpoint.inputs):
            return frame.default_response(zcl_frames.UNKNOWN_CLUSTER)
        if frame.is_cluster_command:
            status = self._take_cluster_command(number, cluster, frame.command)
            return frame.default_response(status)
        return self._answers_to_any_cluster(number, cluster, frame)

    def _answers_to_any_cluster(self, number: int, cluster: int, frame: ZclFrame) -> list[ZclFrame]:
        """Return the answers to a command that every cluster has."""
        if frame.command == zcl_frames.READ:
            read = b"".join(_read(self._endpoints[number], cluster, frame))
            return [frame.answer(zcl_frames.READ_RESPONSE, read)]
        if frame.command == zcl_frames.WRITE:
            return [frame.answer(zcl_frames.WRITE_RESPONSE, SUCCEEDED)]
        if frame.command == zcl_frames.CONFIGURE_REPORTING:
            failed = b"".join(self._configure(number, cluster, frame))
            return [frame.answer(zcl_frames.CONFIGURE_REPORTING_RESPONSE, failed or SUCCEEDED)]
        if frame.command == zcl_frames.DEFAULT_RESPONSE:
            return []
        return frame.default_response(zcl_frames.UNKNOWN_COMMAND)

    def _take_cluster_command(self, number: int, cluster: int, command: int) -> int:
        """Return the status of a command that only `cluster` has."""
        if cluster == ON_OFF and command in (OFF, ON, TOGGLE):
            is_on = bool(self._endpoints[number].values[ON_OFF, 0].number)
            self._switch(number, not is_on if command == TOGGLE else command == ON)
            return zcl_frames.SUCCESS
        # Identify has no effect here.
        return zcl_frames.SUCCESS if cluster == IDENTIFY else zcl_frames.UNKNOWN_COMMAND

    def _configure(self, number: int, cluster: int, frame: ZclFrame) -> Iterator[bytes]:
        """Configure the reports of a command; yield a record for each that is refused."""
        fields = frame.fields
        while fields:
            direction, attribute, kind, min_interval_s, max_interval_s = RECORD.unpack_from(fields)
            fields, reportable_change = fields[RECORD.size :], 0
            if ZclType(kind).is_analog:
                value = ZclValue(ZclType(kind), 0)
                reportable_change = decode_integer(value.type, fields)
                fields = fields[len(value.encode()) :]
            is_known = (cluster, attribute) in self._endpoints[number].values
            if is_known and not direction and not frame.manufacturer:
                key = AttributeKey(number, cluster, attribute)
                self._reports.configure(key, min_interval_s, max_interval_s, reportable_change)
            else:
                yield struct.pack("<BBH", zcl_frames.UNKNOWN_ATTRIBUTE, direction, attribute)


def _read(endpoint: Endpoint, cluster: int, frame: ZclFrame) -> Iterator[bytes]:
    """Yield number, status and value of each attribute that is asked for."""
    for (attribute,) in struct.iter_unpack("<H", frame.fields):
        value = None if frame.manufacturer else endpoint.values.get((cluster, attribute))
        status = zcl_frames.SUCCESS if value else zcl_frames.UNKNOWN_ATTRIBUTE
        yield struct.pack("<HB", attribute, status) + (value.typed() if value else b"")
