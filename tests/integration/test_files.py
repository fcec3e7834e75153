"""Files and kill -9: a reader finds whole content, and no line that runs into the next."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.system import line_files
from tests.integration.worker_process import ROOT

pytestmark = pytest.mark.integration

KILLS = 25
SIZE = 200_000
WRITER = f"""
import sys
from itertools import count
from pathlib import Path
from hems.system import files, line_files
directory = Path(sys.argv[1])
for number in count():
    if number == 2:  # however slow the machine is
        print("writing", flush=True)
    letter = b"ab"[number % 2:][:1]
    files.replace(directory / "whole", letter * {SIZE})
    line_files.append_line(directory / "lines", letter.decode() * 3000)
"""


def test_kill_9_leaves_whole_files_and_no_line_that_runs_on(tmp_path: Path) -> None:
    chance = random.Random(3)
    for _ in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
        )
        try:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(chance.uniform(0, 0.05))
        finally:
            writer.kill()
            writer.wait()
            if writer.stdout is not None:
                writer.stdout.close()
        if (tmp_path / "whole").exists():
            content = (tmp_path / "whole").read_bytes()
            assert content in {b"a" * SIZE, b"b" * SIZE}
    lines = (tmp_path / "lines").read_text().splitlines()
    assert all(re.fullmatch("a{1,3000}|b{1,3000}", line) for line in lines)  # none runs on
    torn = [line for line in lines if len(line) < 3000]  # the kernel itself was interrupted
    assert len(torn) <= KILLS < len(lines)


def test_a_full_disk_is_an_error_with_a_name() -> None:
    with pytest.raises(Unavailable, match="/dev/full cannot be written: No space left on device"):
        line_files.append_line(Path("/dev/full"), "line")
