"""The tree of processes as the kernel shows it, with and without its lists of children."""

import os
import subprocess
from collections.abc import Iterator

import pytest
from pytest_mock import MockerFixture

from hems.supervision.processes import process_tree

pytestmark = pytest.mark.integration


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"], env={"PATH": os.environ["PATH"], "A": "one"}) as child:
        yield child
        child.kill()


@pytest.mark.parametrize("has_lists", [True, False])
def test_a_child_is_found_until_it_is_reaped(
    child: subprocess.Popen[bytes], mocker: MockerFixture, has_lists: bool
) -> None:
    if not has_lists:
        read = process_tree._read

        def without_lists(path: str) -> bytes:
            if path.endswith("/children"):
                raise FileNotFoundError(path)
            return read(path)

        mocker.patch.object(process_tree, "_read", without_lists)
        mocker.patch.object(process_tree, "_has_lists", return_value=False)
    assert child.pid in process_tree.children(os.getpid())
    assert process_tree.children(child.pid) == []
    process = process_tree.stat(child.pid)
    assert process
    assert (process.parent, process.is_zombie) == (os.getpid(), False)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    ended = process_tree.stat(child.pid)
    assert ended
    assert ended.is_zombie
    child.wait()
    assert child.pid not in process_tree.children(os.getpid())
    assert process_tree.stat(child.pid) is None
    assert process_tree.children(child.pid) == []


def test_a_thread_that_ends_meanwhile_hides_no_child_of_another(
    child: subprocess.Popen[bytes], mocker: MockerFixture
) -> None:
    mocker.patch.object(os, "listdir", return_value=["0", str(os.getpid())])
    assert child.pid in process_tree.children(os.getpid())


def test_a_variable_is_found_as_a_whole(child: subprocess.Popen[bytes]) -> None:
    assert b"A=one" in process_tree.environment(child.pid)
    assert b"A=on" not in process_tree.environment(child.pid)
    assert b"=one" not in process_tree.environment(child.pid)
    child.kill()
    child.wait()
    assert b"A=one" not in process_tree.environment(child.pid)
