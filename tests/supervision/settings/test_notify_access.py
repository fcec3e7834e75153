"""Who may notify, and which process may become the main one."""

import math

import pytest

from hems.supervision.settings.directive_parser import parse
from hems.supervision.settings.notify_access import (
    NotifyAccess,
    NotifySettings,
    effective_access,
    main_pid_fault,
    refusal,
)
from hems.supervision.settings.unit_spec import UnitSpec

MAIN, CONTROL, CHILD = 10, 11, 12
NONE, ALL = NotifyAccess.NONE, NotifyAccess.ALL


@pytest.mark.parametrize(
    ("access", "allowed"),
    [
        (NONE, set()),
        (NotifyAccess.MAIN, {MAIN}),
        (NotifyAccess.EXEC, {MAIN, CONTROL}),
        (ALL, {MAIN, CONTROL, CHILD}),
    ],
)
def test_each_access_admits_its_processes(access: NotifyAccess, allowed: set[int]) -> None:
    senders = (MAIN, CONTROL, CHILD)
    assert {one for one in senders if refusal(access, one, MAIN, [CONTROL]) is None} == allowed


def test_a_refusal_says_who_may() -> None:
    assert refusal(NotifyAccess.MAIN, CHILD, MAIN) == (
        "only the main process 10 may, with NotifyAccess=main"
    )


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("", NONE),
        ("Type=notify", NotifyAccess.MAIN),
        ("Type=notify NotifyAccess=none", NotifyAccess.MAIN),
        ("Type=notify NotifyAccess=all", ALL),
        ("WatchdogSec=3", NotifyAccess.MAIN),
        ("FileDescriptorStoreMax=1", NotifyAccess.MAIN),
        ("NotifyAccess=exec", NotifyAccess.EXEC),
    ],
)
def test_a_unit_that_needs_notifications_hears_its_main_process(
    unit: str, expected: NotifyAccess
) -> None:
    assert parse(unit, UnitSpec("x")).notify_access is expected


def test_without_any_need_nobody_may_notify() -> None:
    assert effective_access(NotifySettings(), is_notify_type=False, watchdog_s=math.inf) is NONE


@pytest.mark.parametrize(
    ("pid", "is_member", "uid", "is_accepted"),
    [
        (20, True, 1000, True),
        (20, False, 0, True),
        (20, False, 1000, False),
        (1, True, 0, False),
        (0, True, 0, False),
        (2, True, 0, False),
        (3, True, 0, False),
    ],
)
def test_a_main_process_is_of_the_unit_or_named_by_root(
    pid: int, *, is_member: bool, uid: int, is_accepted: bool
) -> None:
    fault = main_pid_fault(pid, supervisor=2, others={3}, is_member=is_member, sender_uid=uid)
    assert (fault is None) == is_accepted
    assert fault is None or fault.startswith(f"{pid} is ")
