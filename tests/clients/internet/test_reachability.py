import pytest
from pytest_mock import MockerFixture

from hems.clients.internet import reachability_probes
from hems.clients.internet.reachability import Probe, Reachability, hints, proofs, run_probes
from hems.errors import HemsError, ProtocolError, Unavailable
from hems.protocols.gateway.watchdog_report import Internet

ASK_S = 30.0

ONLINE, PORTAL = Internet.ONLINE, Internet.PORTAL
LAN_ONLY, NO_LINK = Internet.LAN_ONLY, Internet.NO_LINK


class Probes:
    """Probes with a fixed result, which take `each_s` and record their targets."""

    def __init__(self, each_s: float = 0.0) -> None:
        self.requests: list[str] = []
        self.now = 0.0
        self._each_s = each_s

    def probe(self, name: str, outcome: Internet | HemsError) -> Probe:
        def ask() -> Internet:
            self.requests.append(name)
            self.now += self._each_s
            if isinstance(outcome, HemsError):
                raise outcome
            return outcome

        return Probe(name, ask)


def looked(
    proofs: list[Internet | HemsError],
    hints: list[Internet | HemsError],
    has_link: bool,
    each_s: float = 0.0,
) -> tuple[Reachability, list[str]]:
    probes = Probes(each_s)
    reachability = run_probes(
        [probes.probe(f"proof {n}", what) for n, what in enumerate(proofs)],
        [probes.probe(f"hint {n}", what) for n, what in enumerate(hints)],
        lambda: has_link,
        ASK_S,
        lambda: probes.now,
    )
    return reachability, probes.requests


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
    assert looked(proofs, hints, has_link)[0].internet is expected


def test_nobody_is_asked_after_the_first_success() -> None:
    assert looked([DOWN, ONLINE, ONLINE], [ONLINE], True)[1] == ["proof 0", "proof 1"]
    assert looked([DOWN], [ONLINE, ONLINE], True)[1] == ["proof 0", "hint 0"]
    assert looked([PORTAL], [ONLINE], True)[1] == ["proof 0"]


def test_every_failure_is_in_the_reason() -> None:
    reachability, _ = looked([DOWN, PORTAL], [], True)
    assert reachability.reason == "no answer; proof 1: portal"


@pytest.mark.parametrize("each_s", [3.0, 31.0])
def test_however_many_there_are_a_look_is_bounded_by_time(each_s: float) -> None:
    reachability, requests = looked([DOWN] * 100, [DOWN] * 100, True, each_s)
    assert len(requests) * each_s <= 2 * (ASK_S + each_s)
    assert reachability.internet is LAN_ONLY
    left = 100 - len(requests) // 2
    assert reachability.reason.endswith(f"no time for {left} more probes")


def test_no_probe_starts_when_the_time_is_just_over() -> None:
    reachability, requests = looked([DOWN] * 100, [DOWN] * 100, True, each_s=ASK_S / 3)
    assert requests == [f"{kind} {n}" for kind in ("proof", "hint") for n in range(3)]
    assert reachability.reason.endswith("no time for 97 more probes")


def test_proofs_that_take_all_their_time_take_none_of_the_hints() -> None:
    assert looked([DOWN] * 100, [DOWN, ONLINE], True, each_s=5.0)[0].internet is ONLINE


def test_when_the_kernel_does_not_say_there_may_be_a_link() -> None:
    def unknown() -> bool:
        raise Unavailable("/proc/net/route cannot be read")

    reachability = run_probes([], [], unknown, ASK_S, lambda: 0.0)
    assert reachability == Reachability(LAN_ONLY, "/proc/net/route cannot be read")


def test_what_the_settings_name_is_asked_in_its_order(mocker: MockerFixture) -> None:
    requests: list[tuple[object, ...]] = []
    for name in ("is_portal", "reach_tcp", "reach_icmp"):
        mocker.patch.object(reachability_probes, name, lambda *what: requests.append(what))
    probes = proofs(["http://h/"], 2.0)
    probes += hints(["h:443", "[2001:db8::1]:53"], ["192.0.2.1"], 3.0)
    assert {probe.run() for probe in probes} == {ONLINE}
    assert requests == [
        ("http://h/", 2.0),
        ("h", 443, 3.0),
        ("2001:db8::1", 53, 3.0),
        ("192.0.2.1", 3.0),
    ]
