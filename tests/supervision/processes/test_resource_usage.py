from pytest_mock import MockerFixture

from hems.supervision.processes import process_tree, resource_usage
from hems.supervision.processes.process_tree import ProcessStat
from hems.supervision.processes.resource_usage import processes_of, usages

SUPERVISORD = 1


def process(parent: int, group: int, *, is_zombie: bool = False) -> ProcessStat:
    return ProcessStat(parent, group, 1, is_zombie, 0, 150, 10)


STATS = {
    SUPERVISORD: process(0, 1),
    10: process(SUPERVISORD, 10),
    11: process(10, 11),
    12: process(11, 11),
    20: process(SUPERVISORD, 20),
    21: process(SUPERVISORD, 20),  # an orphan of 20's process group
    22: process(21, 22),
    30: process(SUPERVISORD, 30),  # an orphan of nobody
}


def test_a_unit_has_its_descendants_and_its_orphans() -> None:
    pids_by_unit = processes_of({"a": 10, "b": 20}, STATS)
    assert {name: sorted(pids) for name, pids in pids_by_unit.items()} == {
        "a": [10, 11, 12],
        "b": [20, 21, 22],
    }


def test_an_orphan_belongs_to_the_unit_whose_mark_it_has(mocker: MockerFixture) -> None:
    marks = {10: [b"INVOCATION_ID=a"], 20: [b"INVOCATION_ID=b"], 30: [b"B=", b"INVOCATION_ID=b"]}
    read = mocker.patch.object(process_tree, "environment", side_effect=lambda pid: marks[pid])
    pids_by_unit = processes_of({"a": 10, "b": 20}, STATS)
    assert 30 in pids_by_unit["b"]
    assert read.call_count == 3


def test_a_process_that_is_gone_is_no_error() -> None:
    assert processes_of({"a": 99}, STATS) == {}


def test_usage_is_the_sum_without_the_memory_of_what_has_ended(mocker: MockerFixture) -> None:
    stats = STATS | {11: process(10, 11, is_zombie=True)}
    mocker.patch.object(process_tree, "all_stats", return_value=stats)
    mocker.patch.object(resource_usage, "_memory", return_value=1000)
    usage = usages({"a": 10})["a"]
    assert (usage.memory_bytes, usage.tasks) == (2000, 2)
    assert usage.cpu_s == 3 * 150 / resource_usage._TICKS_PER_S
