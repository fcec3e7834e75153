import os

from hems.supervision.processes import run_members
from hems.supervision.processes.run_members import RunMembers


def test_a_reload_keeps_no_number_of_a_descriptor_that_it_closes() -> None:
    for _ in range(2):
        run_members.close_spare_descriptor()
        count = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        RunMembers(1, "0" * 32, tuple)
        assert len(os.listdir("/proc/self/fd")) == count + 1  # noqa: PTH208
        run_members.close_spare_descriptor()
        client = os.open(os.devnull, os.O_RDONLY)  # it gets the number
        run_members.close_spare_descriptor()
        os.fstat(client)
        os.close(client)
