import pytest

from hems.protocols.host.cgroup_controllers import has_memory

HEAD = "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
PI = HEAD + "cpuset\t0\t1\t1\nmemory\t0\t1\t{enabled}\npids\t0\t1\t1\n"
WITHOUT = HEAD + "cpuset\t0\t1\t1\n"


@pytest.mark.parametrize(
    ("cgroups", "controllers", "expected"),
    [
        (PI.format(enabled=1), "", True),
        (PI.format(enabled=0), "", False),
        (PI.format(enabled=1), "cpuset cpu io memory pids\n", True),
        (PI.format(enabled=0), "cpuset cpu io pids\n", False),
        (PI.format(enabled=1), "cpuset cpu io pids\n", True),
        (WITHOUT, "cpuset cpu io memory pids\n", True),
        (WITHOUT, "cpuset cpu io pids\n", False),
        ("", "cpuset cpu io memory pids\n", True),
        ("", "memory_other\n", False),
        (WITHOUT, "", None),
        ("", "", None),
        ("memory\n", "", None),
    ],
)
def test_whether_memory_can_be_limited(
    cgroups: str, controllers: str, expected: bool | None
) -> None:
    assert has_memory(cgroups, controllers) is expected
