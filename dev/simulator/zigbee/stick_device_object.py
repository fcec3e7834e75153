"""The device object of a stick: what it answers its own host about itself and its neighbours."""

from __future__ import annotations

from collections.abc import Mapping

from dev.simulator.zigbee import zdo
from dev.simulator.zigbee.radio_interface import RadioDevice
from dev.simulator.zigbee.stick_network import StickNetworkCommands
from dev.simulator.zigbee.zdo import Zdo

COORDINATOR, SILICON_LABS = 0, 0x1049  # logical type, manufacturer code
CAPABILITIES = 0x8E  # a coordinator on the mains that always listens
SERVER = 0x2C41  # trust center, network manager; stack compliance 22
PER_ANSWER = 2  # neighbours


class StickDeviceObject:
    """`endpoints` are the simple descriptors that the host has set."""

    def __init__(
        self,
        network: StickNetworkCommands,
        endpoints: Mapping[int, bytes],
        devices: Mapping[int, RadioDevice],
    ) -> None:
        self._network = network
        self._endpoints = endpoints
        self._devices = devices

    def answer(self, request: int, fields: bytes) -> bytes:
        """Return status and fields of the answer."""
        node = zdo.node_descriptor(COORDINATOR, CAPABILITIES, SILICON_LABS, SERVER)
        eui64 = self._network.memory.eui64
        answer = zdo.Descriptors(0, eui64, node, self._endpoints).answer(request, fields)
        if answer is not None:
            return answer
        if request == Zdo.MGMT_LQI:
            return self._neighbours(fields[0])
        if request == Zdo.MGMT_RTG:
            return bytes((zdo.SUCCESS, 0, fields[0], 0))
        if request == Zdo.PERMIT_JOINING:
            self._network.permit(fields[0])
            return bytes((zdo.SUCCESS,))
        return bytes((zdo.NOT_SUPPORTED,))

    def _neighbours(self, first: int) -> bytes:
        network = self._network.running
        devices = [one for one in self._devices.values() if self._network.has(one)]
        extended_pan_id = network.extended_pan_id if network else bytes(8)
        rows = [
            zdo.neighbour(extended_pan_id, device.eui64, device.address, zdo.ROUTER_THAT_LISTENS)
            for device in devices[first : first + PER_ANSWER]
        ]
        return bytes((zdo.SUCCESS, len(devices), first, len(rows))) + b"".join(rows)
