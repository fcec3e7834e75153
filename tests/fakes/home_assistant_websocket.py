"""The fake Home Assistant's websocket: authentication, then commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

import msgspec
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedOK, InvalidStatus
from websockets.http11 import Response

from hems.clients.home_assistant import websocket
from hems.clients.http import HttpClient
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.zha import network_backup

NEEDS_ADMIN = (
    "config",
    "energy/save_prefs",
    "lovelace/config/save",
    "frontend/set_system_data",
    "lovelace/dashboards/create",
    "person/create",
    "usb/",
    "zha/",
)
GRID = dict.fromkeys(  # what is left out is returned as well
    (
        "stat_energy_from",
        "stat_energy_to",
        "stat_cost",
        "stat_compensation",
        "entity_energy_price",
        "number_energy_price",
        "entity_energy_price_export",
        "number_energy_price_export",
    )
)
OF_GRID = {"type", "name", "cost_adjustment_day", "stat_rate", "power_config"}


class FailedCommandError(Exception):
    """The real one answers with this code and these words."""


class FakeConnection:
    """In the place of what websockets.sync.client.connect returns."""

    def __init__(self, home_assistant: FakeHomeAssistant) -> None:
        self._peer = home_assistant
        self._answers: list[dict[str, Any]] = [{"type": "auth_required"}]
        self._is_let_in = False

    def recv(self, timeout: float) -> str:
        if not self._answers:
            raise TimeoutError
        return msgspec.json.encode(self._answers.pop(0)).decode()

    def send(self, text: str) -> None:
        if self._peer.is_away:
            raise ConnectionClosedOK(None, None)
        order = msgspec.json.decode(text)
        if self._is_let_in:
            for kind in ("event", "result"):  # of an earlier command
                self._answers.append({"id": order["id"] - 1, "type": kind, "success": False})
            self._answers.append({"id": order["id"], **self._result(order)})
            return
        self._is_let_in = order["type"] == "auth" and self._peer.accounts.may(order["access_token"])
        self._answers.append({"type": "auth_ok" if self._is_let_in else "auth_invalid"})
        self._peer.note(f"websocket: {self._answers[-1]['type']}")

    def close(self) -> None:
        self._is_let_in = False

    def _result(self, order: dict[str, Any]) -> dict[str, Any]:
        try:
            result = self._carried_out(order)
        except FailedCommandError as error:
            code, words = error.args
            self._peer.note(f"{order['type']}: {code}")
            failure = {"code": code, "message": words}
            return {"type": "result", "success": False, "error": failure}
        self._peer.note(order["type"])
        return {"type": "result", "success": True, "result": result}

    def _carried_out(self, order: dict[str, Any]) -> object:
        if order["type"].startswith(NEEDS_ADMIN) and not self._peer.accounts.is_admin:
            raise FailedCommandError("unauthorized", "Unauthorized")
        if order["type"] not in COMMANDS:
            raise FailedCommandError("unknown_command", "Unknown command.")
        return COMMANDS[order["type"]](self._peer, order)


@contextmanager
def in_place(home_assistant: FakeHomeAssistant) -> Iterator[None]:
    """Let hems's client talk to this one."""

    def opened(_uri: str, **_: object) -> FakeConnection:
        return connect(home_assistant)

    with (
        patch.object(HttpClient, "request", home_assistant.request),
        patch.object(websocket, "connect", opened),
    ):
        yield


def connect(home_assistant: FakeHomeAssistant) -> FakeConnection:
    """Return a connection. Raises what the real client does."""
    if home_assistant.is_away:
        raise ConnectionRefusedError
    if home_assistant.accounts.is_banned:
        raise InvalidStatus(Response(403, "Forbidden", Headers(), b""))
    return FakeConnection(home_assistant)


def _update(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    for name, value in order.items():
        if value in peer.refused.get(name, ()):
            message = f"not a valid value for dictionary value @ data['{name}']. Got '{value}'"
            raise FailedCommandError("invalid_format", message)
    peer.home.update(order)


def _user(peer: FakeHomeAssistant, _order: dict[str, Any]) -> dict[str, Any]:
    name = next(iter(peer.accounts.users))
    return {"id": f"id of {name}", "name": name, "is_owner": True}


def _create_person(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    assert all(one["user_id"] != order["user_id"] for one in peer.persons), "one user, one person"
    peer.persons.append({"name": order["name"], "user_id": order["user_id"]})


def _create_room(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    if any(room["name"] == order["name"] for room in peer.rooms):
        raise FailedCommandError("invalid_info", f"The name {order['name']} is already in use")
    peer.rooms.append({"name": order["name"], "icon": order["icon"]})


def _translations(_peer: FakeHomeAssistant, order: dict[str, Any]) -> dict[str, Any]:
    assert (order["category"], order["integration"]) == ("area", ["onboarding"])
    names = {"living_room": "Salon", "kitchen": "Cuisine", "bedroom": "Chambre"}
    prefix = "component.onboarding.area."
    return {"resources": {f"{prefix}{key}": name for key, name in names.items()}}


def _entries(peer: FakeHomeAssistant, order: dict[str, Any]) -> list[dict[str, Any]]:
    if order["domain"] == "zha":
        return [{**one, "domain": "zha"} for one in peer.zha.entries]
    assert order["domain"] == "mqtt"
    return [{**one, "domain": "mqtt", "state": "loaded"} for one in peer.entries]


def _serial_ports(peer: FakeHomeAssistant, order: dict[str, Any]) -> list[dict[str, Any]]:
    assert order["include_usage"]
    return peer.zha.ports


def _call_service(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    assert (order["domain"], order["service"]) == ("homeassistant", "reload_config_entry")
    assert order["service_data"] == {"entry_id": peer.zha.entries[0]["entry_id"]}
    peer.zha.reloads += 1


def _options(peer: FakeHomeAssistant, _order: dict[str, Any]) -> dict[str, Any]:
    assert peer.zha.entries[0]["state"] == "loaded"
    return {"schemas": {}, "data": peer.zha.options}


def _set_options(peer: FakeHomeAssistant, order: dict[str, Any]) -> bool:
    peer.zha.options = order["data"]
    peer.zha.changes += 1
    return True


def _backups(peer: FakeHomeAssistant, _order: dict[str, Any]) -> list[Any]:
    assert peer.zha.entries[0]["state"] == "loaded"
    return [msgspec.json.decode(one) for one in peer.zha.backups]


def _create_backup(peer: FakeHomeAssistant, _order: dict[str, Any]) -> dict[str, Any]:
    peer.zha.backups.append(network_backup())
    return {"is_complete": True}


def _states(peer: FakeHomeAssistant, _order: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the states of all entities, those that no integration loads as restored."""
    states: list[dict[str, Any]] = []
    for entry in peer.registry:
        is_restored = entry["entity_id"] in peer.restored
        attributes = {"restored": True} if is_restored else entry.get("attributes", {"x": 1})
        states.append(
            {
                "entity_id": entry["entity_id"],
                "state": entry.get("state", "1"),
                "attributes": attributes,
                "last_updated": peer.last_updated,
            }
        )
    return states


def _devices(peer: FakeHomeAssistant, _order: dict[str, Any]) -> list[dict[str, Any]]:
    ids = dict.fromkeys(entry["device_id"] for entry in peer.registry if "device_id" in entry)
    return [{"id": one, "name": one, "labels": peer.device_labels.get(one, [])} for one in ids]


def _label_device(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    assert {*order["labels"]} <= peer.labels.keys()
    peer.device_labels[order["device_id"]] = order["labels"]


def _create_label(peer: FakeHomeAssistant, order: dict[str, Any]) -> dict[str, Any]:
    label_id = order["name"].replace(" ", "_")
    if order["name"] in peer.labels.values():
        raise FailedCommandError("invalid_info", f"The name {order['name']} is already in use")
    if label_id in peer.labels:
        label_id += "_2"
    peer.labels[label_id] = order["name"]
    return {"label_id": label_id, "name": order["name"], "icon": order["icon"]}


def _rename_label(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    peer.labels[order["label_id"]] = order["name"]


def _remove(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    if all(entry["entity_id"] != order["entity_id"] for entry in peer.registry):
        raise FailedCommandError("not_found", "Entity not found")
    peer.registry = [one for one in peer.registry if one["entity_id"] != order["entity_id"]]


def _sums(peer: FakeHomeAssistant, order: dict[str, Any]) -> list[dict[str, Any]]:
    assert order["statistic_type"] == "sum"
    return [{"statistic_id": one, "has_sum": True} for one in peer.sums]


def _preferences(peer: FakeHomeAssistant, _order: dict[str, Any]) -> dict[str, Any]:
    if peer.energy is None:
        raise FailedCommandError("not_found", "No prefs")
    return peer.energy


def _save_preferences(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    for source in order["energy_sources"]:
        if source["type"] != "grid":
            continue
        if unknown := source.keys() - GRID.keys() - OF_GRID:
            raise FailedCommandError("invalid_format", f"extra keys not allowed: {unknown}")
        source.update(GRID | source)
        source["cost_adjustment_day"] = float(source["cost_adjustment_day"])  # so does the real one
    names = ("energy_sources", "device_consumption", "device_consumption_water")
    empty: dict[str, Any] = {name: [] for name in names}
    peer.energy = (
        empty | (peer.energy or {}) | {name: order[name] for name in names if name in order}
    )


def _dashboards(peer: FakeHomeAssistant, _order: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"url_path": path, "mode": "storage"} for path in peer.dashboards]


def _create(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    path = order["url_path"]
    if path in peer.dashboards:
        raise FailedCommandError("invalid_format", "Panel url path needs to be unique")
    if "-" not in path and not order.get("allow_single_word"):
        raise FailedCommandError("invalid_format", "Url path needs to contain a hyphen (-)")
    peer.dashboards[path] = None
    peer.for_administrators[path] = order["require_admin"]
    peer.titles[path] = order["title"]


def _config(peer: FakeHomeAssistant, order: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] | None = peer.dashboards.get(order["url_path"])
    if content is None:
        raise FailedCommandError("config_not_found", "No config found.")
    return content


def _save_config(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    if order["url_path"] not in peer.dashboards:
        raise FailedCommandError("config_not_found", f"Unknown config: {order['url_path']}")
    peer.dashboards[order["url_path"]] = order["config"]


def _create_user(peer: FakeHomeAssistant, order: dict[str, Any]) -> dict[str, Any]:
    assert (order["group_ids"], order["local_only"]) == (["system-read-only"], True)
    user = {"id": f"user-{len(peer.history)}", "username": None, "name": order["name"]}
    peer.readers.append(user)
    return {"user": user}


def _create_login(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    if order["username"] in peer.accounts.users:
        raise FailedCommandError("username_exists", "Username already exists")
    (user,) = (one for one in peer.readers if one["id"] == order["user_id"])
    user["username"] = order["username"]
    peer.accounts.users[order["username"]] = order["password"]


def _delete_user(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    (user,) = (one for one in peer.readers if one["id"] == order["user_id"])
    peer.readers.remove(user)
    peer.accounts.users.pop(user["username"], None)


def _statistics(peer: FakeHomeAssistant, order: dict[str, Any]) -> dict[str, Any]:
    """Return the energy of each slot; an entity without statistics is left out."""
    assert (order["types"], order["units"]) == (["change"], {"energy": "Wh"})
    if not order["statistic_ids"]:
        raise FailedCommandError("invalid_format", "length of value must be at least 1")
    begin = datetime.fromisoformat(order["start_time"]).timestamp()
    end = datetime.fromisoformat(order.get("end_time", "2100-01-01T00:00:00+00:00")).timestamp()
    return {
        entity_id: rows
        for entity_id in order["statistic_ids"]
        if (
            rows := [
                {"start": at * 1000, "change": wh}
                for at, wh in peer.energy_slots(entity_id, order["period"])
                if begin <= at < end
            ]
        )
    }


def _share(peer: FakeHomeAssistant, order: dict[str, Any]) -> None:
    peer.shared[order["key"]] = order["value"]


COMMANDS = {
    "config/auth/list": lambda peer, _: [*peer.listed_users, *peer.readers],
    "config/auth/create": _create_user,
    "config/auth/delete": _delete_user,
    "config/auth_provider/homeassistant/create": _create_login,
    "recorder/statistics_during_period": _statistics,
    "config/core/update": _update,
    "auth/current_user": _user,
    "person/list": lambda peer, _: {"storage": peer.persons, "config": []},
    "person/create": _create_person,
    "config/area_registry/list": lambda peer, _: peer.rooms,
    "config/area_registry/create": _create_room,
    "frontend/get_translations": _translations,
    "get_config": lambda peer, _: peer.home,
    "config_entries/get": _entries,
    "config_entries/flow/progress": lambda peer, _: peer.waiting_flows(),
    "config/device_registry/list": _devices,
    "config/device_registry/update": _label_device,
    "config/label_registry/list": lambda peer, _: [
        {"label_id": label_id, "name": name} for label_id, name in peer.labels.items()
    ],
    "config/label_registry/create": _create_label,
    "config/label_registry/update": _rename_label,
    "config/entity_registry/list": lambda peer, _: peer.registry,
    "config/entity_registry/remove": _remove,
    "get_states": _states,
    "usb/list_serial_ports": _serial_ports,
    "zha/network/backups/list": _backups,
    "zha/network/backups/create": _create_backup,
    "zha/configuration": _options,
    "zha/configuration/update": _set_options,
    "call_service": _call_service,
    "recorder/list_statistic_ids": _sums,
    "energy/get_prefs": _preferences,
    "energy/save_prefs": _save_preferences,
    "lovelace/dashboards/list": _dashboards,
    "lovelace/dashboards/create": _create,
    "lovelace/config": _config,
    "lovelace/config/save": _save_config,
    "frontend/get_system_data": lambda peer, order: {"value": peer.shared.get(order["key"])},
    "frontend/set_system_data": _share,
}
