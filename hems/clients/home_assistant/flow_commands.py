"""What a session of an administrator may do with the flows that set up an integration.

POST   /api/config/config_entries/flow[/FLOW]   starts a flow, or fills in its form
GET    /api/config/config_entries/flow/FLOW     returns its present step
DELETE /api/config/config_entries/flow/FLOW     cancels it
"""

from __future__ import annotations

from collections.abc import Mapping

from hems.clients.home_assistant.command_base import SessionCommands
from hems.clients.home_assistant.responses import FlowStep, WaitingFlow
from hems.protocols.json_decoding import decode_json

FLOWS = "/api/config/config_entries/flow"


class FlowCommands(SessionCommands):
    """A part of AdminSession; raises what it raises."""

    def flows(self) -> tuple[WaitingFlow, ...]:
        """Return the flows that Home Assistant started itself and that wait for a person."""
        return self._socket.command(tuple[WaitingFlow, ...], "config_entries/flow/progress")

    def begin_flow(self, domain: str) -> FlowStep:
        """Start to set up the integration `domain`."""
        order = {"handler": domain, "show_advanced_options": False}
        return self._flow(FLOWS, order)

    def answer_flow(self, flow_id: str, fields: Mapping[str, object]) -> FlowStep:
        """Fill in the form of a flow."""
        return self._flow(f"{FLOWS}/{flow_id}", fields)

    def flow(self, flow_id: str) -> FlowStep:
        """Return the present step of a flow. Raises Unavailable once it has ended."""
        path = f"{FLOWS}/{flow_id}"
        return decode_json(self._request("GET", path, None), FlowStep, path)

    def give_up_flow(self, flow_id: str) -> None:
        """Cancel a flow that was started."""
        self._request("DELETE", f"{FLOWS}/{flow_id}", {})

    def _flow(self, path: str, order: object) -> FlowStep:
        return decode_json(self._request("POST", path, order), FlowStep, path)
