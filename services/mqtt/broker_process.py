"""Start mosquitto, without its store if it does not start with it, and read its log."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import IO, cast

import mqtt_packets
from broker_log import BrokerLog
from broker_paths import BrokerPaths
from control_connection import ControlConnection
from message_store import MessageStore

OPEN_S = 60.0  # to read its store and to answer
POLL_S = 0.05
CHUNK = 1 << 16


class BrokerProcess:
    """One mosquitto. `start` has to succeed before anything else is called."""

    def __init__(self, paths: BrokerPaths) -> None:
        self._paths = paths
        self._is_stopping = False
        self.log = BrokerLog()
        self.store = MessageStore(paths.data)
        self.selector = selectors.DefaultSelector()  # the log is in it

    def start(self) -> bool:
        """Return whether mosquitto runs. A store with which it does not start is put aside."""
        self.store.put_back()
        if self._opens():
            return True
        if self._is_stopping or not self.store.put_aside():
            return False
        if self._opens():
            self.store.keep_damaged()
            say(f"mosquitto did not start with its store, which is now {self.store.damaged}")
            return True
        self.store.put_back()
        return False

    def exit_status(self) -> int | None:
        return self._process.poll()

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def stop(self) -> None:
        """Have mosquitto save its store and end, now and at every later start."""
        self._is_stopping = True
        if hasattr(self, "_process"):
            self._process.terminate()

    @property
    def is_stopping(self) -> bool:
        return self._is_stopping

    @property
    def stderr(self) -> IO[bytes]:
        return cast(IO[bytes], self._process.stderr)  # it is a pipe

    def read_log(self) -> bool:
        """Count and pass on what mosquitto has logged; return false at the end of the log."""
        try:
            data = os.read(self.stderr.fileno(), CHUNK)
        except BlockingIOError:
            return True
        for line in self.log.lines(data, time.monotonic()):
            sys.stderr.buffer.write(line)
        sys.stderr.flush()
        return bool(data)

    def read_rest_of_log(self) -> None:
        """Read the log of a mosquitto that has ended."""
        while self.read_log():
            pass
        self.selector.unregister(self.stderr)
        self.stderr.close()

    def _opens(self) -> bool:
        """Start mosquitto; return whether it answers within OPEN_S.

        With a store that fills its memory it may listen, but admits nobody.
        """
        for path in (self._paths.control, self._paths.devices):
            path.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [str(self._paths.program), "-c", str(self._paths.configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        os.set_blocking(self.stderr.fileno(), False)
        self.selector.register(self.stderr, selectors.EVENT_READ, lambda _now: self.read_log())
        deadline = time.monotonic() + OPEN_S
        while self._process.poll() is None and time.monotonic() < deadline:
            with suppress(OSError, ValueError):
                if self._answers(deadline):
                    return True
            self.read_log()
            time.sleep(POLL_S)
        self._process.kill()
        self._process.wait()
        self.read_rest_of_log()
        return False

    def _answers(self, deadline: float) -> bool:
        """Return whether mosquitto admits a client and answers it. Raises OSError, ValueError."""
        connection = ControlConnection(self._paths.control)
        try:
            connection.ping()
            while self._process.poll() is None and time.monotonic() < deadline:
                if any(one.kind == mqtt_packets.PINGRESP for one in connection.packets()):
                    return True
                self.read_log()
                time.sleep(POLL_S)
            return False
        finally:
            connection.close()


def say(text: str) -> None:
    """Write a line of our own into the container's log."""
    sys.stderr.write(f"run_mosquitto: {text}\n")
    sys.stderr.flush()


def on_stop_signals(broker: BrokerProcess) -> None:
    """Have SIGTERM and SIGINT stop `broker`."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: broker.stop())
