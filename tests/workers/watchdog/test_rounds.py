from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from loguru import logger

from hems.clients.outlook import Outlook
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
from hems.protocols import watchdog_state
from hems.protocols.watchdog_state import Internet, WatchdogState
from hems.settings.watchdog import Service
from hems.workers.watchdog.internet import InternetCheck
from hems.workers.watchdog.reboots import Backoff
from hems.workers.watchdog.restart_log import RestartLog
from hems.workers.watchdog.rounds import Rounds
from hems.workers.watchdog.services import ServiceCheck
from tests.fakes.balena import FakeSupervisor
from tests.fakes.time import FakeTime, context

MQTT = Service("tcp://h:1", patience=4, cooldown_s=600.0, give_up_after=3)
BACKOFF = Backoff(1800.0, 86400.0, 1800.0, 600.0, "this boot")


@dataclass
class Recorder:
    """A check that records when it is made, and fails while told to."""

    name: str = "recorder"
    error: HemsError | None = None
    made_at: list[float] = field(default_factory=list)
    on_step: Callable[[], None] = lambda: None

    def step(self, now: float) -> None:
        self.made_at.append(now)
        self.on_step()
        if self.error is not None:
            raise self.error


@dataclass
class Home:
    """Rounds in a directory of their own, with an internet that a test chooses."""

    directory: Path
    internet: Internet = Internet.ONLINE
    supervisor: FakeSupervisor = field(default_factory=FakeSupervisor)
    probe: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.data = self.directory

    @property
    def state_file(self) -> Path:
        return self.directory / "watchdog.json"

    def state(self) -> WatchdogState:
        return watchdog_state.decode(self.state_file.read_bytes())

    def rounds(self, clock: FakeTime, *others: Recorder) -> Rounds:
        journal = RestartLog(self.data / "restartLog.txt", clock)
        record = self.data / "reboots.json"
        look = self._look
        check = InternetCheck(look, self.supervisor, BACKOFF, 3600.0, record, journal)
        services = [ServiceCheck("mqtt", MQTT, 3600.0, self.probe, self.supervisor, journal)]
        if "mqtt" not in self.supervisor.running:
            services = []
        return Rounds(check, services, [journal, *others], journal, self.state_file, 30.0)

    def _look(self) -> Outlook:
        return Outlook(self.internet, "")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logger.add(lambda message: lines.append(message.record["message"]))
    yield lines
    logger.remove(handler)


def test_every_30_s_every_check(home: Home) -> None:
    ctx, clock, notifier = context(until=300)
    recorder = Recorder()
    home.rounds(clock, recorder).run(ctx)
    assert recorder.made_at == [30.0 * n for n in range(10)]
    assert notifier.sent[0] == "ready"


def test_it_is_alive_after_each_check(home: Home) -> None:
    ctx, clock, notifier = context(until=30)
    recorders = [Recorder(), Recorder(), Recorder()]
    home.rounds(clock, *recorders).run(ctx)
    assert notifier.sent.count("alive") == 5 + 1


@pytest.mark.parametrize("error", [Unavailable("x"), Rejected("x"), ProtocolError("x")])
def test_a_check_that_fails_hides_no_other(home: Home, error: HemsError) -> None:
    ctx, clock, notifier = context(until=300)
    failing, other = Recorder("failing", error), Recorder("other")
    home.rounds(clock, failing, other).run(ctx)
    assert len(other.made_at) == 10
    assert notifier.figures["troubles"] == {"failing": "x"}


def test_a_bug_ends_the_worker(home: Home) -> None:
    ctx, clock, _ = context(until=300)

    def stumble() -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        home.rounds(clock, Recorder(on_step=stumble)).run(ctx)


def test_trouble_is_two_lines_however_long_it_lasts(home: Home, log: list[str]) -> None:
    ctx, clock, _ = context(until=3600)
    recorder = Recorder()

    def fail_for_a_while() -> None:
        recorder.error = Unavailable("no answer") if 300 <= clock.now < 3000 else None

    recorder.on_step = fail_for_a_while
    home.rounds(clock, recorder).run(ctx)
    told = [line for line in log if line.startswith("recorder")]
    assert told == ["recorder: no answer; trying again", "recorder: works again"]


def test_the_state_is_there_for_other_workers_after_a_round(home: Home) -> None:
    ctx, clock, _ = context(until=61)
    home.internet = Internet.LAN_ONLY
    home.rounds(clock, Recorder()).run(ctx)
    assert home.state() == WatchdogState(60.0, 180.0, Internet.LAN_ONLY, 0.0, 1800.0)


def test_a_state_that_cannot_be_written_costs_nothing_else(home: Home) -> None:
    ctx, clock, notifier = context(until=300)
    home.state_file.mkdir()
    home.rounds(clock, Recorder()).run(ctx)
    assert notifier.figures["internet"] == "online"


def test_a_data_directory_that_is_missing_is_told(home: Home) -> None:
    home.data = home.directory / "data"
    ctx, clock, notifier = context(until=60)
    home.rounds(clock).run(ctx)
    assert home.state().is_data_unwritable
    assert notifier.figures["is_data_unwritable"] is True
    trouble = f"{home.data} is missing; make or mount it"
    assert notifier.figures["troubles"] == {"restart log": trouble}
    home.data.mkdir()
    clock.until = 120
    home.rounds(clock).run(ctx)
    assert not home.state().is_data_unwritable


def test_a_reboot_that_is_held_back_is_told(home: Home) -> None:
    (home.directory / ".reboots.json.new").mkdir()
    home.internet = Internet.LAN_ONLY
    ctx, clock, _ = context(until=1900)
    home.rounds(clock).run(ctx)
    assert home.supervisor.asked == []
    assert home.state().is_data_unwritable


def test_the_last_action_is_told_after_a_restart(home: Home) -> None:
    (home.directory / "restartLog.txt").write_text("2026-11-23T12:00:00Z  reboot: no link\n")
    ctx, clock, notifier = context(until=30)
    home.rounds(clock).run(ctx)
    assert notifier.figures["last_action"] == "2026-11-23T12:00:00Z  reboot: no link"
    assert notifier.sent[-2].endswith("; last: 2026-11-23T12:00:00Z  reboot: no link")


def test_a_restart_of_the_worker_is_no_news_of_the_internet(home: Home) -> None:
    home.internet = Internet.LAN_ONLY
    ctx, clock, _ = context(until=1000)
    home.rounds(clock).run(ctx)
    clock.until = 1100
    home.rounds(clock).run(ctx)
    assert home.state().internet_since == 30.0  # from the last look to the first one
    clock.until = 1900
    home.rounds(clock).run(ctx)
    assert home.supervisor.asked == ["reboot"]


def hung() -> None:
    raise Unavailable("no answer")


@pytest.mark.parametrize("away_s", [30.0, 86_400.0])
def test_a_restart_of_the_worker_gives_no_service_new_restarts(home: Home, away_s: float) -> None:
    home.supervisor.add("mqtt")
    home.probe = hung
    ctx, clock, _ = context(until=1800)
    home.rounds(clock).run(ctx)
    assert home.state().restarts == {"mqtt": 2}
    clock.now += away_s
    for _ in range(10):
        clock.until = clock.now + 1800
        home.rounds(clock).run(ctx)
    assert home.supervisor.asked == ["restart mqtt"] * 3
    assert home.state().given_up == ("mqtt",)


def test_what_was_told_before_a_reboot_is_no_reason_to_give_up(home: Home) -> None:
    home.supervisor.add("mqtt")
    told = WatchdogState(9e9, 180.0, Internet.ONLINE, 9e9, given_up=("mqtt",), restarts={"mqtt": 3})
    home.state_file.write_bytes(watchdog_state.encode(told))
    home.probe = hung
    ctx, clock, _ = context(until=60)
    home.rounds(clock).run(ctx)
    assert home.state().given_up == ()


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\0"])
def test_a_state_that_makes_no_sense_is_passed_over(home: Home, data: bytes) -> None:
    home.state_file.write_bytes(data)
    ctx, clock, _ = context(until=30)
    home.rounds(clock).run(ctx)
    assert home.state().internet is Internet.ONLINE


def test_a_wall_clock_that_jumps_by_years_changes_nothing(home: Home) -> None:
    ctx, clock, _ = context(until=43_200)
    home.internet = Internet.LAN_ONLY

    def jump() -> None:
        clock.epoch = 0.0 if clock.epoch > 1e9 else 1_795_435_200.0

    recorder = Recorder(on_step=jump)
    rounds = home.rounds(clock, recorder)
    rounds.run(ctx)
    # Accepted, and never come true: asked for every ten minutes from the first half hour on.
    assert len(home.supervisor.asked) == 1 + (43_200 - 1800 - 1) // 600
    assert rounds.internet.record.attempts == 1


def test_told_to_stop_it_begins_no_other_check(home: Home) -> None:
    ctx, clock, _ = context(until=1e9)
    first, second = Recorder("first"), Recorder("second")
    first.on_step = lambda: setattr(clock, "until", 0.0)
    home.rounds(clock, first, second).run(ctx)
    assert (len(first.made_at), len(second.made_at)) == (1, 0)


def test_people_are_told_in_one_line(home: Home) -> None:
    ctx, clock, notifier = context(until=630)
    home.internet = Internet.LAN_ONLY
    failing = Recorder("release", Unavailable("503"))
    home.rounds(clock, failing).run(ctx)
    assert notifier.sent[-2] == (
        "status lan only for 10.0 min; a reboot is due in 20.0 min; in trouble: release"
    )
