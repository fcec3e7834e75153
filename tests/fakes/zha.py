"""The config flow of ZHA and the serial ports, as Home Assistant 2026.10 has them.

The recommended choice, or any at all before the onboarding is complete, replaces a stick's network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

SONOFF = "SONOFF Zigbee 3.0 USB Dongle Plus V2"
STICK = "/dev/serial/by-id/usb-ITEAD_SONOFF_Zigbee_3.0_USB_Dongle_Plus_V2_2023-if00"
NEW = "a new network"
DAY = datetime(2026, 12, 1, 12, tzinfo=UTC)


def port(
    device: str = STICK, description: str = SONOFF, integration: str = "zha", serial: str = "2023"
) -> dict[str, Any]:
    """Return a port as usb/list_serial_ports describes it."""
    return {
        "device": device,
        "present": True,
        "serial_number": serial,
        "description": description,
        "manufacturer": "ITEAD",
        "matching_integrations": [integration] if integration else [],
        "consumers": [],
        "discovery_flows": [],
    }


def default_options() -> dict[str, dict[str, Any]]:
    limits = {"consider_unavailable_mains": 7200, "consider_unavailable_battery": 21600}
    return {"zha_options": {"enable_identify_on_join": True, **limits}}


@dataclass
class FakeZha:
    """`networks` has the network of each stick that answers, empty if it is blank.

    `backup` is the network that an earlier entry has left. A network is formed by the time that
    the flow has been asked for `forming_takes` times.
    """

    ports: list[dict[str, Any]] = field(default_factory=list)
    networks: dict[str, str] = field(default_factory=dict)
    backup: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)
    is_forming_possible: bool = True
    forming_takes: int = 2
    reloads: int = 0  # of the entry
    backups: list[bytes] = field(default_factory=list)
    begun: int = 0  # flows
    changes: int = 0  # of the options
    options: dict[str, dict[str, Any]] = field(default_factory=default_options)
    flows: dict[str, str] = field(default_factory=dict)  # the device of each, once it is chosen
    _asked: int = 0

    def diagnostics(self, entry_id: str) -> dict[str, Any]:
        """Return what it measures of a network that works."""
        [entry] = [one for one in self.entries if one["entry_id"] == entry_id]
        assert entry["state"] == "loaded"
        quiet = {str(channel): 3.0 for channel in range(11, 27)}
        return {"energy_scan": quiet, "application_state": {"network_info": {"channel": 15}}}

    def plug_in(self, device: str = STICK, network: str = "", **about: str) -> None:
        self.ports.append(port(device, **about))
        self.networks[device] = network

    def find(self, flow_id: str, device: str = STICK) -> None:
        """Offer a stick to a person."""
        self.flows[flow_id] = device
        for one in self.ports:
            if one["device"] == device:
                one["discovery_flows"].append({"flow_id": flow_id, "domain": "zha"})

    def begin(self, flow_id: str) -> dict[str, Any]:
        self.begun += 1
        assert not self.entries, "one that moves the network has begun"
        self.flows[flow_id] = ""
        return self._step(flow_id, "form", "choose_serial_port")

    def has_flow(self, flow_id: str) -> bool:
        return flow_id in self.flows

    def progress(self, flow_id: str) -> dict[str, Any] | None:
        """Return the present step of a flow, None once it has ended."""
        self._asked += 1
        if self._asked < self.forming_takes:
            return self._step(flow_id, "progress", "form_new_network")
        device = self.flows.pop(flow_id)
        if self.is_forming_possible:
            self.networks[device] = NEW
            self.entries.append(self._entry(device))
        return None

    def answer(self, flow_id: str, fields: dict[str, Any]) -> dict[str, Any]:
        if device := fields.get("path", "" if fields else self.flows[flow_id]):
            self.flows[flow_id] = device
            if device not in self.networks:
                return self._step(flow_id, "form", "manual_pick_radio_type")
            options = ["setup_strategy_recommended", "setup_strategy_advanced"]
            return self._step(flow_id, "menu", "choose_setup_strategy", options)
        device, choice = self.flows[flow_id], fields["next_step_id"]
        if choice == "setup_strategy_advanced":
            return self._step(flow_id, "menu", "choose_formation_strategy", self._choices(device))
        if choice == "reuse_settings":
            assert self.networks[device]
            del self.flows[flow_id]
            self.entries.append(self._entry(device))
            return self._step(flow_id, "create_entry", "") | {"result": self.entries[0]}
        assert choice in ("form_initial_network", "setup_strategy_recommended")
        self.networks[device] = ""
        self._asked = 0
        return self._step(flow_id, "progress", "form_new_network")

    def _choices(self, device: str) -> list[str]:
        network = self.networks[device]
        has_other = self.backup and self.backup != network
        restore = ["choose_automatic_backup"] if has_other else []
        reuse = ["reuse_settings"] if network else []
        form = "form_new_network" if network else "form_initial_network"
        return [*restore, *reuse, "upload_manual_backup", form]

    def _entry(self, device: str) -> dict[str, Any]:
        user = {"kind": "integration", "title": "ZHA", "domain": "zha", "active": True}
        for one in self.ports:
            if one["device"] == device:
                one["consumers"].append(user)
        return {"entry_id": "zha-1", "title": "", "state": "loaded", "reason": None}

    def _step(
        self, flow_id: str, kind: str, step_id: str, options: list[str] | None = None
    ) -> dict[str, Any]:
        step: dict[str, Any] = {"type": kind, "flow_id": flow_id, "step_id": step_id}
        if kind == "create_entry":
            del step["step_id"]
        return step | ({"menu_options": options} if options else {})


def network_backup(
    *,
    at: datetime = DAY,
    counter: int = 5000,
    network_key: str = "0f:1e:2d:3c:4b:5a:69:78:87:96:a5:b4:c3:d2:e1:f0",
    ieee: str = "00:12:4b:00:de:ad:be:ef",
    **network: Any,
) -> bytes:
    """Return a backup as zha/network/backups/list has it, with a field that hems does not know."""

    def key(text: str, tx_counter: int) -> dict[str, Any]:
        partner = "00:12:4b:00:de:ad:be:ef"
        counters = {"tx_counter": tx_counter, "rx_counter": 0, "seq": 0}
        return {"key": text, **counters, "partner_ieee": partner}

    info = {
        "extended_pan_id": "0b:2b:3c:4d:5e:6f:70:81",
        "pan_id": "1A62",
        "nwk_update_id": 0,
        "channel": 15,
        "network_key": key(network_key, counter),
        "tc_link_key": key("5a:69:67:42:65:65:41:6c:6c:69:61:6e:63:65:30:39", 0),
        "nwk_addresses": {},
        "stack_specific": {"ezsp": {"hashed_tclk": "00" * 16}},
        **network,
    }
    node = {"nwk": "0000", "ieee": ieee, "logical_type": "coordinator"}
    backup = {"version": 1, "backup_time": at.isoformat(), "network_info": info, "node_info": node}
    return msgspec.json.encode(backup)
