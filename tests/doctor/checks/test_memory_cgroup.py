import pytest

from hems.doctor.check_interface import Severity
from hems.doctor.checks import memory_cgroup


def test_a_kernel_with_the_memory_cgroup_is_fine() -> None:
    (finding,) = memory_cgroup.findings("cgroup_disable=memory", is_there=True)
    assert finding.severity is Severity.OK


@pytest.mark.parametrize(
    ("command_line", "advice"),
    [
        ("quiet cgroup_disable=memory rootwait", "remove cgroup_disable=memory"),
        ("quiet", "add cgroup_enable=memory"),
        ("", "add cgroup_enable=memory"),
    ],
)
def test_a_kernel_without_the_memory_cgroup_has_failed(command_line: str, advice: str) -> None:
    (finding,) = memory_cgroup.findings(command_line, is_there=False)
    assert finding.severity is Severity.FAILED
    assert "every service with mem_limit every 7 s" in finding.found
    assert finding.advice.startswith(advice)
