import pytest

from hems.errors import HemsError, ProtocolError, Unavailable
from hems.protocols.watchdog_state import Internet
from hems.workers.watchdog.outlook import ASK_S, Outlook, Probe, look

ONLINE, PORTAL = Internet.ONLINE, Internet.PORTAL
LAN_ONLY, NO_LINK = Internet.LAN_ONLY, Internet.NO_LINK


class Probes:
    """Probes that find what they are told after `each_s`, and record who was asked."""

    def __init__(self, each_s: float = 0.0) -> None:
        self.asked: list[str] = []
        self.now = 0.0
        self._each_s = each_s

    def probe(self, name: str, found: Internet | HemsError) -> Probe:
        def ask() -> Internet:
            self.asked.append(name)
            self.now += self._each_s
            if isinstance(found, HemsError):
                raise found
            return found

        return Probe(name, ask)


def outlook(
    proofs: list[Internet | HemsError],
    hints: list[Internet | HemsError],
    has_link: bool,
    each_s: float = 0.0,
) -> tuple[Outlook, list[str]]:
    probes = Probes(each_s)
    found = look(
        [probes.probe(f"proof {n}", what) for n, what in enumerate(proofs)],
        [probes.probe(f"hint {n}", what) for n, what in enumerate(hints)],
        lambda: has_link,
        lambda: probes.now,
    )
    return found, probes.asked


DOWN = Unavailable("no answer")


@pytest.mark.parametrize(
    ("proofs", "hints", "has_link", "expected"),
    [
        ([ONLINE], [], False, ONLINE),
        ([DOWN, ONLINE], [DOWN], False, ONLINE),
        ([PORTAL, ONLINE], [], True, ONLINE),
        ([DOWN, DOWN], [DOWN, ONLINE], True, ONLINE),
        ([DOWN, PORTAL], [ONLINE], True, PORTAL),
        ([PORTAL, DOWN], [ONLINE], True, PORTAL),
        ([DOWN], [DOWN, DOWN], True, LAN_ONLY),
        ([DOWN], [DOWN, DOWN], False, NO_LINK),
        ([], [], True, LAN_ONLY),
        ([ProtocolError("not HTTP")], [ONLINE], True, ONLINE),
    ],
)
def test_one_success_is_enough_but_a_portal_outranks_a_hint(
    proofs: list[Internet | HemsError],
    hints: list[Internet | HemsError],
    has_link: bool,
    expected: Internet,
) -> None:
    assert outlook(proofs, hints, has_link)[0].internet is expected


def test_nobody_is_asked_after_the_first_success() -> None:
    assert outlook([DOWN, ONLINE, ONLINE], [ONLINE], True)[1] == ["proof 0", "proof 1"]
    assert outlook([DOWN], [ONLINE, ONLINE], True)[1] == ["proof 0", "hint 0"]
    assert outlook([PORTAL], [ONLINE], True)[1] == ["proof 0"]


def test_every_failure_is_in_the_reason() -> None:
    found, _ = outlook([DOWN, PORTAL], [], True)
    assert found.reason == "no answer; proof 1: portal"


@pytest.mark.parametrize("each_s", [3.0, 31.0])
def test_however_many_there_are_a_look_is_bounded_by_time(each_s: float) -> None:
    found, asked = outlook([DOWN] * 100, [DOWN] * 100, True, each_s)
    assert len(asked) * each_s <= 2 * (ASK_S + each_s)
    assert found.internet is LAN_ONLY
    left = 100 - len(asked) // 2
    assert found.reason.endswith(f"{left} not asked for want of time")


def test_proofs_that_take_all_their_time_take_none_of_the_hints() -> None:
    assert outlook([DOWN] * 100, [DOWN, ONLINE], True, each_s=5.0)[0].internet is ONLINE


def test_when_the_kernel_does_not_say_there_may_be_a_link() -> None:
    def unknown() -> bool:
        raise Unavailable("/proc/net/route cannot be read")

    found = look([], [], unknown, lambda: 0.0)
    assert found == Outlook(LAN_ONLY, "/proc/net/route cannot be read")
