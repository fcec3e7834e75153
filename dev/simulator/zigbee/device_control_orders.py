"""Add devices around the stick, and carry out the orders to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dev.simulator.zigbee.control_protocol import Order, eui64, known
from dev.simulator.zigbee.meter_traps import NO_TRAP, TRAPS
from dev.simulator.zigbee.metering_attributes import QUANTITIES, quantity
from dev.simulator.zigbee.metering_devices import MeterModel, meter
from dev.simulator.zigbee.radio_interface import Radio
from dev.simulator.zigbee.scheduler_interface import Scheduler
from dev.simulator.zigbee.zigbee_device import ZigbeeDevice


class DeviceOrders:
    """The devices in the range of a stick, by the names of their orders."""

    def __init__(self, scheduler: Scheduler, radio: Radio) -> None:
        self._scheduler = scheduler
        self._radio = radio
        self._devices: dict[str, ZigbeeDevice] = {}

    def carry_out(self, order: Order) -> Any:
        """Return the order's result. Raises ConfigError if it has an unknown name."""
        if order.order == "add":
            return self._add(order)
        if order.order == "adopt":
            parent, child = (
                known("device", self._devices, one) for one in (order.device, order.child)
            )
            parent.children.append((child.eui64, child.address))
            return None
        action = known("order", ACTIONS, order.order)
        return action(known("device", self._devices, order.device), order)

    def _add(self, order: Order) -> None:
        trap = known("trap", TRAPS, order.trap) if order.trap else NO_TRAP
        self._devices[order.device] = meter(
            self._scheduler,
            self._radio,
            eui64(order.eui64),
            MeterModel(order.manufacturer, order.model, order.has_switch, order.has_battery, trap),
        )


def _measure(device: ZigbeeDevice, values: Mapping[str, int]) -> None:
    for name, value in values.items():
        known("quantity", QUANTITIES, name)
        device.measure(quantity(name), value)


def _report(device: ZigbeeDevice, values: Mapping[str, int]) -> None:
    for name, value in values.items():
        known("quantity", QUANTITIES, name)
        device.measure(quantity(name), value, is_reported=True)


def _silence(device: ZigbeeDevice, _: Order) -> None:
    device.is_silent = True


def _speak(device: ZigbeeDevice, _: Order) -> None:
    device.is_silent = False


def _state(device: ZigbeeDevice, _: Order) -> dict[str, Any]:
    return {
        "address": device.address,
        "is_joined": device.network_key is not None,
        "bindings": sorted(device.bindings),
        "reports": {
            f"{key.cluster:04x}/{key.attribute:04x}": (
                one.min_interval_s,
                one.max_interval_s,
                one.reportable_change,
            )
            for key, one in device.reports.configurations.items()
        },
    }


ACTIONS: Mapping[str, Callable[[ZigbeeDevice, Order], Any]] = {
    "join": lambda device, _: device.join(),
    "rejoin": lambda device, _: device.rejoin(),
    "leave": lambda device, _: device.lose_network(),
    "silence": _silence,
    "speak": _speak,
    "measure": lambda device, order: _measure(device, order.values),
    "report": lambda device, order: _report(device, order.values),
    "send_trap": lambda device, order: _report(device, known("trap", TRAPS, order.trap).sends),
    "device": _state,
}
