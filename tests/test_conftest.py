"""The guard around unit tests holds, whatever kind of test ran before."""

import asyncio
import subprocess
import time

import pytest


def test_a_unit_test_cannot_sleep() -> None:
    with pytest.raises(AssertionError, match="the network, a process or the clock"):
        time.sleep(0)
    with pytest.raises(AssertionError, match="a unit test slept"):
        asyncio.run(asyncio.sleep(0.001))


@pytest.mark.integration
def test_an_integration_test_can() -> None:
    time.sleep(0)
    asyncio.run(asyncio.sleep(0.001))


def test_a_unit_test_cannot_start_a_process() -> None:
    with pytest.raises(AssertionError, match="the network, a process or the clock"):
        subprocess.run(["true"], check=True)
