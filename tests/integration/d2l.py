"""The real eesmart-d2l worker as a process, and a dongle's side of a TCP connection."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hems.desk.up import free_port
from hems.protocols.d2l import Cipher, Frame, FrameReader, PayloadType, decode, encode
from tests.integration.mosquitto import PASSWORD, USER

ROOT = Path(__file__).parents[2]
SAMPLES = Path(__file__).parents[1] / "data"
ID = 11601000001
KEY = bytes.fromhex("12341234123412341234123412341234")
IV = bytes.fromhex("fc91837fa2bdba1f9fe985452fdb925e")
CIPHER = Cipher(KEY, IV)


def entry(device_id: int = ID) -> str:
    return f"{device_id:012d}:{KEY.hex()}:{IV.hex()}"


def eventually(check: Callable[[], bool], within_s: float, what: str) -> None:
    """Wait until `check` holds."""
    deadline = time.monotonic() + within_s
    while not check():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.02)


class D2lWorker:
    """`python -m hems eesmart-d2l` with the given settings."""

    def __init__(self, directory: Path, broker_port: int, **settings: object) -> None:
        self.port = free_port(None)
        self.log = directory / "log" / "eesmart-d2l.log"
        environ = {
            "PATH": os.environ["PATH"],
            "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
            "HEMS_LOGS_DIRECTORY": str(directory / "log"),
            "HEMS_MQTT_HOST": "127.0.0.1",
            "HEMS_MQTT_PORT": str(broker_port),
            "HEMS_EESMART_D2L_HOST": "127.0.0.1",
            "HEMS_EESMART_D2L_PORT": str(self.port),
            "HEMS_EESMART_D2L_REQUIRE_SYNCHRONISED_CLOCK": "false",
            "MQTT_USER": USER,
            "MQTT_PASSWORD": PASSWORD,
            "D2L_DEVICES": ";".join(entry(ID + number) for number in range(3)),
        }
        for name, value in settings.items():
            environ[name if name.isupper() else f"HEMS_EESMART_D2L_{name.upper()}"] = str(value)
        self.stderr = directory / "stderr"
        with self.stderr.open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hems", "eesmart-d2l"], env=environ, cwd=ROOT, stderr=stderr
            )

    def __enter__(self) -> D2lWorker:
        try:
            self._wait_until_listening()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_listening(self) -> None:
        def is_listening() -> bool:
            assert self.process.poll() is None, self.stderr.read_text()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        eventually(is_listening, 10, "the worker listens")

    def stop(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(15)
        finally:
            self.process.kill()
            self.process.wait()


class Dongle:
    """One TCP connection to the worker, with a real dongle's frames."""

    def __init__(
        self, port: int, device_id: int = ID, *, host: str = "127.0.0.1", source: str = ""
    ) -> None:
        self.device_id = device_id
        self.socket = socket.create_connection((host, port), 10, source_address=(source, 0))
        self._frames = FrameReader()

    def __enter__(self) -> Dongle:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, timeout_s: float = 5) -> Frame | None:
        """Return the next answer, None if the server hung up instead."""
        self.socket.settimeout(timeout_s)
        while (data := self._frames.next_frame()) is None:
            try:
                received = self.socket.recv(4096)
            except ConnectionResetError:
                return None
            if not received:
                return None
            self._frames.receive_data(received)
        return decode(data, CIPHER)

    def clock_request(self) -> bytes:
        return sealed(PayloadType.GET_CLOCK, b"", self.device_id)

    def push(self, **changes: str) -> bytes:
        """Return a STANDARD reading of this device with some values changed."""
        return sealed(PayloadType.PUSH_JSON, payload(self.device_id, **changes), self.device_id)


def payload(device_id: int = ID, **changes: str) -> bytes:
    document = json.loads((SAMPLES / "linky_samples.json").read_text())["standard_single_phase"]
    own = {"_ID_D2L": f"{device_id:012d}", "DATE": horodate(0)}
    return json.dumps(document | own | changes).encode()


def horodate(seconds_from_now: int) -> str:
    """Return a DATE of a meter on winter time."""
    return time.strftime("H%y%m%d%H%M%S", time.gmtime(time.time() + 3600 + seconds_from_now))


def sealed(
    kind: int, content: bytes, device_id: int = ID, random: bytes | None = None, **flags: bool
) -> bytes:
    return encode(Frame(device_id, kind, content, random or os.urandom(16), **flags), CIPHER)
