"""Let Zigbee devices join for five minutes, and find out who joins.

ZHA is asked again and again for a short time only: if this process ends, the network closes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.responses import IGNORED
from hems.clients.home_assistant.zha_responses import ZhaDevice
from hems.errors import HemsError, Rejected, Unavailable
from hems.protocols.gateway.joining_entities import JoinedMeter, meter_name
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.home_assistant.zigbee_stick_finder import LOADED, STARTING, ZHA

OPEN_S, PERMIT_S, AGAIN_S = 300.0, 30, 10.0
PAUSE_S = 5.0  # after a look that has failed


class NoZigbeeNetwork(Unavailable):
    """Home Assistant answers, but its Zigbee network does not work."""


@dataclass
class JoiningWindow:
    """`open_session` opens Home Assistant; times are monotonic seconds.

    `closes_at` is when it closes, None while it is closed. `joined` are the devices that have
    joined since it was opened, the newest last.
    """

    open_session: Callable[[], AdminSession]
    closes_at: float | None = None
    joined: tuple[JoinedMeter, ...] = ()
    _permitted_at: float = field(default=0.0, init=False)
    _current: AdminSession | None = field(default=None, init=False)
    _failure: HemsError | None = field(default=None, init=False)  # of the last look
    _look_at: float = field(default=0.0, init=False)  # again, after a failure
    _before: Mapping[str, int | str] | None = field(default=None, init=False)  # by address
    _order: list[str] = field(default_factory=list, init=False)  # addresses of who has joined

    def open(self, now: float) -> None:
        """Open it, or keep it open for the whole time from now on. Raises HemsError."""
        with self._network() as session:
            if self.closes_at is None:
                self._before = {one.ieee: one.nwk for one in session.zigbee_devices()}
                self.joined, self._order = (), []
            if self.closes_at is None or now - self._permitted_at >= AGAIN_S:
                # A broadcast: many of them would disturb the meters.
                self._permit(session, PERMIT_S, now)
            self.closes_at = now + OPEN_S
        logger.info("Zigbee devices may join for {:.0f} s", OPEN_S)

    def look(self, now: float) -> None:
        """Keep it open or close it, and see who has joined.

        Raises HemsError; for PAUSE_S after a failure the same again, without a question.
        """
        if self.closes_at is None:
            return
        left_s = self.closes_at - now
        if left_s <= 0:
            self.close(now)
            return
        if self._failure and now < self._look_at:
            raise self._failure
        try:
            with self._network() as session:
                if now - self._permitted_at >= AGAIN_S:
                    self._permit(session, min(PERMIT_S, int(left_s) + 1), now)
                self._see(session)
        except HemsError as error:  # Home Assistant or ZHA starts again, perhaps
            self._failure, self._look_at = error, now + PAUSE_S
            raise

    def close(self, now: float) -> None:
        """Close it, if it is open. Raises HemsError."""
        if self.closes_at is None:
            return
        self.closes_at = None
        with self._network() as session:
            self._permit(session, 0, now)
        logger.info("Zigbee joining is closed; {} joined", len(self.joined) or "none")

    def rename(self, device_id: str, name: str) -> None:
        """Give a device its name. Raises HemsError."""
        with self._network() as session:
            session.name_device(device_id, name)
            logger.info("a Zigbee device got the name {!r}", name)
            if self._before is not None:
                self._see(session)

    @contextmanager
    def _network(self) -> Iterator[AdminSession]:
        """Yield Home Assistant if its Zigbee network works. Raises NoZigbeeNetwork otherwise.

        Home Assistant would log an error for each question to a network that does not work. A
        session lasts while joining is open and Home Assistant answers. A stick that is away ends
        joining; one that starts does not.
        """
        try:
            session = self._current = self._current or self.open_session()
            states = {one.state for one in session.entries(ZHA) if one.source != IGNORED}
            if LOADED not in states:
                if not states.isdisjoint(STARTING):
                    raise NoZigbeeNetwork("the Zigbee network is being started: wait a moment")
                self.closes_at = None
                raise NoZigbeeNetwork("the Zigbee network does not work now: look at its stick")
            yield session
            self._failure = None
        except Unavailable:
            self._drop()
            raise
        finally:
            if self.closes_at is None:
                self._drop()

    def _permit(self, session: AdminSession, seconds: int, now: float) -> None:
        session.permit_zigbee_joining(seconds)
        self._permitted_at = now

    def _see(self, session: AdminSession) -> None:
        before = self._before or {}
        devices = {
            one.ieee: one
            for one in session.zigbee_devices()
            if not one.active_coordinator and before.get(one.ieee) != one.nwk
        }
        for address, device in devices.items():
            if address not in self._order:
                self._order.append(address)
                logger.info("the Zigbee device {} has joined", meter_name(device.shown_name))
        if devices:
            states = {state.entity_id: state for state in session.states()}
            known = (devices[address] for address in self._order if address in devices)
            self.joined = tuple(_meter(device, states) for device in known)

    def _drop(self) -> None:
        if self._current is not None:
            self._current.close()
        self._current = None


def _meter(device: ZhaDevice, states: Mapping[str, EntityState]) -> JoinedMeter:
    # Whoever joins chooses these texts, and a terminal shows them.
    model = meter_name(f"{device.manufacturer or ''} {device.model or ''}")
    known = (states[one.entity_id] for one in device.entities if one.entity_id in states)
    measures = dict.fromkeys(text for state in known for text in _measured(state))
    return JoinedMeter(
        device.device_reg_id,
        meter_name(device.shown_name),
        model or device.ieee,
        tuple(measures),
        device.lqi,
        device.rssi,
    )


def _measured(state: EntityState) -> Iterator[str]:
    kind, unit = state.attributes.device_class, state.attributes.unit_of_measurement
    if kind and unit and state.attributes.state_class and state.number is not None:
        yield f"{kind} {state.state} {unit}"


def required_device(meters: tuple[JoinedMeter, ...], last: JoinedMeter | None) -> str:
    """Return the id of the device that joined last. Raises Rejected if none has."""
    newest = meters[-1] if meters else last
    if newest is None or not newest.device_id:
        raise Rejected("no Zigbee device has joined that could get a name")
    return newest.device_id
