"""What an administrator may do in Home Assistant: flows over HTTP, the rest over the websocket.

POST   /api/onboarding/STEP                     marks a step as done
POST   /api/config/config_entries/flow[/FLOW]   begins a flow, or fills in its form
DELETE /api/config/config_entries/flow/FLOW     gives it up
"""

from __future__ import annotations

from typing import Any

from hems.clients import homeassistant_answers as answers
from hems.clients.homeassistant import CLIENT, REDIRECT, HomeAssistant
from hems.clients.homeassistant_answers import Dashboard, Entry, Flow, FlowStep, Statistic
from hems.clients.homeassistant_socket import CommandFailed, Socket
from hems.protocols.ha_registry import Listed

FLOWS = "/api/config/config_entries/flow"


class Session:
    """Home Assistant with an access token; a context manager, which closes the websocket.

    Raises what HomeAssistant and Socket raise.
    """

    def __init__(self, home_assistant: HomeAssistant, token: str) -> None:
        self._home_assistant = home_assistant
        self._token = token
        self._socket = Socket(home_assistant.address, token, home_assistant.timeout_s)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def finish_onboarding(self, step: str) -> None:
        """Mark `step`, any but the owner's, as done."""
        order = {"client_id": CLIENT, "redirect_uri": REDIRECT} if step == "integration" else {}
        self._ask(f"POST /api/onboarding/{step}", order)

    def set_home(self, **fields: str | float) -> None:
        """Set what Home Assistant knows of the home: config/core/update's fields."""
        self._socket.command(object, "config/core/update", **fields)

    def entries(self, domain: str) -> tuple[Entry, ...]:
        """Return the config entries of `domain`."""
        return self._socket.command(tuple[Entry, ...], "config_entries/get", domain=domain)

    def flows(self) -> tuple[Flow, ...]:
        """Return the flows that Home Assistant began itself and that wait for answers."""
        return self._socket.command(tuple[Flow, ...], "config_entries/flow/progress")

    def begin_flow(self, domain: str) -> FlowStep:
        """Begin to set up `domain`."""
        order = {"handler": domain, "show_advanced_options": False}
        return self._flow(f"POST {FLOWS}", order)

    def answer_flow(self, flow_id: str, fields: dict[str, str | int]) -> FlowStep:
        """Fill in the form that a flow shows."""
        return self._flow(f"POST {FLOWS}/{flow_id}", fields)

    def give_up_flow(self, flow_id: str) -> None:
        """Forget a flow that was begun."""
        self._ask(f"DELETE {FLOWS}/{flow_id}", {})

    def entities(self) -> tuple[Listed, ...]:
        """Return the entity registry."""
        return self._socket.command(tuple[Listed, ...], "config/entity_registry/list")

    def sums(self) -> frozenset[str]:
        """Return what long statistics are kept of as a sum: entity ids, mostly."""
        command = "recorder/list_statistic_ids"
        found = self._socket.command(tuple[Statistic, ...], command, statistic_type="sum")
        return frozenset(one.statistic_id for one in found)

    def energy_preferences(self) -> object | None:
        """Return what the energy dashboard shows; None if it was never set up."""
        return self._found("energy/get_prefs", "not_found")

    def save_energy_preferences(self, preferences: dict[str, Any]) -> None:
        """Set the energy dashboard up; protocols/ha_energy.py has the form."""
        self._socket.command(object, "energy/save_prefs", **preferences)

    def dashboards(self) -> frozenset[str]:
        """Return the paths of the dashboards that people made."""
        found = self._socket.command(tuple[Dashboard, ...], "lovelace/dashboards/list")
        return frozenset(one.url_path for one in found)

    def create_dashboard(self, path: str, title: str, icon: str) -> None:
        """Make an empty dashboard for everybody, in the side bar."""
        self._socket.command(
            object,
            "lovelace/dashboards/create",
            url_path=path,
            title=title,
            icon=icon,
            mode="storage",
            allow_single_word=True,
        )

    def content(self, path: str) -> object | None:
        """Return what the dashboard at `path` shows; None if it was never saved."""
        return self._found("lovelace/config", "config_not_found", url_path=path)

    def save_dashboard(self, path: str, content: dict[str, Any]) -> None:
        """Set what the dashboard at `path` shows; protocols/ha_dashboard.py has the form."""
        self._socket.command(object, "lovelace/config/save", url_path=path, config=content)

    def _found(self, command: str, missing: str, **fields: object) -> object | None:
        try:
            return self._socket.command(object, command, **fields)
        except CommandFailed as error:
            if error.code == missing:
                return None
            raise

    def _flow(self, what: str, order: object) -> FlowStep:
        return answers.decoded(self._ask(what, order), FlowStep, what)

    def _ask(self, what: str, order: object) -> bytes:
        return self._home_assistant.ask(what, order, self._token)
