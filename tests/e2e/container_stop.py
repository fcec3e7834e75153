"""End the processes of a service as Docker does."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from contextlib import suppress

import psutil

from dev.check import compose_file
from tests.integration.worker_process import ROOT

KILLED_S = 20


def stop(process: subprocess.Popen[bytes], service: str) -> None:
    """Stop it; it must end within the stop_grace_period of docker-compose.yml."""
    grace_s = compose_file.seconds(compose_file.read(ROOT).services[service].stop_grace_period)
    process.terminate()
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        kill([process.pid])
        process.wait(KILLED_S)
        raise AssertionError(f"{service} has not ended {grace_s} s after SIGTERM") from None


def kill(pids: Iterable[int]) -> None:
    """End each process with all its children at once."""
    trees = [psutil.Process(pid) for pid in pids]
    trees += [child for process in trees for child in process.children(recursive=True)]
    for process in trees:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(trees, KILLED_S)
