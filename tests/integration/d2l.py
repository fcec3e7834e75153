"""The real eesmart-d2l worker as a process, and a dongle's side of a TCP connection."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

from dev.launcher.free_port import free_port
from hems.protocols.linky.d2l_frame_reader import D2lFrameReader
from hems.protocols.linky.d2l_frames import (
    D2lCipher,
    D2lFrame,
    PayloadType,
    decode,
    encode,
)
from tests.integration.mosquitto import PASSWORD, USER
from tests.integration.worker_process import WorkerProcess

SAMPLES = Path(__file__).parents[1] / "data"
ID = 11601000001
KEY = bytes.fromhex("12341234123412341234123412341234")
IV = bytes.fromhex("fc91837fa2bdba1f9fe985452fdb925e")
CIPHER = D2lCipher(KEY, IV)


def entry(device_id: int = ID) -> str:
    return f"{device_id:012d}:{KEY.hex()}:{IV.hex()}"


class D2lWorker(WorkerProcess):
    """`python -m hems eesmart-d2l` with the given settings."""

    def __init__(self, directory: Path, broker_port: int, **settings: object) -> None:
        self.port = free_port(None)
        environ: dict[str, object] = {
            "HEMS_HOME_ASSISTANT_LANGUAGE": "en",  # of the names that tests compare
            "HEMS_MQTT_HOST": "127.0.0.1",
            "HEMS_MQTT_PORT": broker_port,
            "HEMS_EESMART_D2L_HOST": "127.0.0.1",
            "HEMS_EESMART_D2L_PORT": self.port,
            "HEMS_EESMART_D2L_REQUIRE_SYNCHRONISED_CLOCK": "false",
            "MQTT_USER": USER,
            "MQTT_PASSWORD": PASSWORD,
            "D2L_DEVICES": ";".join(entry(ID + number) for number in range(3)),
        }
        for name, value in settings.items():
            environ[name if name.isupper() else f"HEMS_EESMART_D2L_{name.upper()}"] = value
        super().__init__("eesmart-d2l", directory, environ)

    def is_up(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Dongle:
    """One TCP connection to the worker, with a real dongle's frames."""

    def __init__(
        self, port: int, device_id: int = ID, *, host: str = "127.0.0.1", source: str = ""
    ) -> None:
        self.device_id = device_id
        self.socket = socket.create_connection((host, port), 10, source_address=(source, 0))
        self._frames = D2lFrameReader()

    def __enter__(self) -> Dongle:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, timeout_s: float = 5) -> D2lFrame | None:
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
    own = {"_ID_D2L": f"{device_id:012d}", "DATE": horodate(time.time())}
    if "EAST" in changes:  # the sum of its parts
        own |= dict.fromkeys(("EASF02", "EASD02"), "000000000")
        own |= dict.fromkeys(("EASF01", "EASD01"), changes["EAST"])
    return json.dumps(document | own | changes).encode()


def horodate(now: float) -> str:
    """Return the DATE of a meter on winter time at `now`, seconds since 1970 (UTC)."""
    return time.strftime("H%y%m%d%H%M%S", time.gmtime(now + 3600))


def sealed(
    kind: int, content: bytes, device_id: int = ID, random: bytes | None = None, **flags: bool
) -> bytes:
    return encode(D2lFrame(device_id, kind, content, random or os.urandom(16), **flags), CIPHER)
