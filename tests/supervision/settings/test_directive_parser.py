import contextlib
import math
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.settings.container_end_directives import Action, ActionSettings
from hems.supervision.settings.directive_parser import parse, whole
from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec, UnitType

BASE = UnitSpec("led", restart=RestartCondition.ON_FAILURE, stop_timeout_s=7)


def test_a_program_without_directives_is_simple_with_systemds_defaults() -> None:
    spec = parse("", BASE)
    assert spec.type is UnitType.SIMPLE
    assert (spec.restart_s, spec.limit_burst, spec.limit_interval_s) == (0.1, 5, 10)
    assert spec.watchdog_s == math.inf


def test_every_directive_is_read() -> None:
    spec = parse(
        "Type=notify WatchdogSec=30 TimeoutStartSec='1min 30s' TimeoutAbortSec=3 After=a,b "
        "Requires=c Restart=always RestartSec=100ms RestartSteps=5 RestartMaxDelaySec=60 "
        "RestartPreventExitStatus=78,64 StartLimitBurst=10 StartLimitIntervalSec=10min "
        "StartLimitAction=exit",
        BASE,
    )
    assert spec == UnitSpec(
        name="led",
        type=UnitType.NOTIFY,
        after=("a", "b"),
        requires=("c",),
        watchdog_s=30,
        start_timeout_s=90,
        abort_timeout_s=3,
        stop_timeout_s=7,
        restart=RestartCondition.ALWAYS,
        restart_s=0.1,
        restart_steps=5,
        restart_max_delay_s=60,
        prevent_codes=frozenset({64, 78}),
        limit_burst=10,
        limit_interval_s=600,
        actions=ActionSettings(start_limit=Action.EXIT),
    )


def test_the_abort_time_out_is_the_stop_time_out_unless_given() -> None:
    assert parse("", BASE).abort_timeout_s == 7
    assert parse("TimeoutAbortSec=1", BASE).abort_timeout_s == 1


def test_a_oneshot_has_no_start_time_out_unless_given() -> None:
    assert parse("Type=oneshot", BASE).start_timeout_s == math.inf
    assert parse("Type=oneshot TimeoutStartSec=5", BASE).start_timeout_s == 5
    assert parse("Type=notify", BASE).start_timeout_s == 90


@pytest.mark.parametrize("directive", ["WatchdogSec", "TimeoutStartSec", "TimeoutAbortSec"])
@pytest.mark.parametrize("value", ["0", "infinity"])
def test_a_time_out_of_zero_or_infinity_is_none(directive: str, value: str) -> None:
    spec = parse(f"{directive}={value}", BASE)
    assert math.inf in {spec.watchdog_s, spec.start_timeout_s, spec.abort_timeout_s}
    assert 0 not in {spec.watchdog_s, spec.start_timeout_s, spec.abort_timeout_s}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("WatchdogSecs=3", "unknown directive 'WatchdogSecs', did you mean WatchdogSec?"),
        ("Wood=a", "unknown directive 'Wood', known: Type, ReloadSignal"),
        ("Type", "found 'Type', expected Directive=value, with single quotes around spaces"),
        ("= exec", "found '=', expected Directive=value, with single quotes around spaces"),
        ("ExecStart=sh", "unknown directive 'ExecStart', use the program's setting command"),
        ("Type=forking", "Type: found 'forking', expected simple or exec or notify"),
        ("Restart=never", "Restart: found 'never', expected no or on-success or"),
        ("WatchdogSec=soon", "WatchdogSec: found 'soon', expected a time such as"),
        ("StartLimitBurst=-1", "StartLimitBurst: found '-1', expected a whole number"),
        ("StartLimitBurst=9999999999", "expected a whole number up to 999999999"),
        ("Backlog=9999999999", "expected a whole number up to 999999999"),
        ("RestartPreventExitStatus=256", "expected exit statuses from 0 to 255"),
        ("Type=notify Type=notify", "Type occurs twice"),
        ("After='a", "No closing quotation"),
        ("RestartSteps=3", "RestartSteps needs a RestartMaxDelaySec above RestartSec"),
        ("RestartSteps=3 RestartSec=9 RestartMaxDelaySec=9", "RestartSteps needs"),
        ("Type=oneshot Restart=always", "Type=oneshot cannot have Restart=always"),
        ("Type=oneshot WatchdogSec=3", "Type=oneshot cannot have WatchdogSec"),
    ],
)
def test_a_malformed_unit_is_one_line_that_names_the_program(text: str, reason: str) -> None:
    with pytest.raises(InvalidConfiguration) as error:
        parse(text, BASE)
    assert str(error.value).startswith("[program:led] UNIT: ")
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


@given(st.text(max_size=60))
def test_any_text_is_a_unit_or_a_config_error(text: str) -> None:
    with contextlib.suppress(InvalidConfiguration):
        parse(text, BASE)


@pytest.mark.parametrize(
    "text",
    [
        "After=a",
        "RestartSec='1min 2s'",
        'Environment="A=b c"',
        "ExecStop='a '\\''b c'\\'''",
        'Environment="A=it\'s"',
        r'Environment="\"A=b c\""',
    ],
)
def test_the_quotes_that_supervisord_strips_are_put_back(text: str) -> None:
    assert shlex.split(whole(text.rstrip("'\""))) == shlex.split(text)
