"""services/mqtt as it is, with the files that provision makes, on free loopback ports."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from device_limits import BLOCKED_S
from paho.mqtt.enums import CallbackAPIVersion

from dev.launcher.free_port import free_port
from hems.settings.shared_secret_rules import HOME_ASSISTANT, Secret
from tests.integration.mosquitto import Observer, program
from tests.integration.provision import provisioned
from tests.integration.worker_process import ROOT, eventually

FILES = ROOT / "services" / "mqtt"
REPORT = "$gateway/broker"
RUN = """
import sys
from pathlib import Path
import device_limits
from broker_paths import BrokerPaths
from run_mosquitto import main
*paths, port, blocked_s = sys.argv[1:]
device_limits.BLOCKED_S = float(blocked_s)
sys.exit(main(BrokerPaths(*map(Path, paths), device_port=int(port))))
"""


class MqttService:
    """The container mqtt; `users` is MQTT_USERS. Use as a context manager, which starts it.

    A login that sends too much is shut out for `blocked_s`.
    """

    def __init__(
        self,
        directory: Path,
        users: str = "",
        *,
        is_provisioned: bool = True,
        blocked_s: float = BLOCKED_S,
    ) -> None:
        self._blocked_s = blocked_s
        self.port, self.device_port = free_port(None), free_port(None)
        self.data, self.run = directory / "store", directory / "run"
        self.log_file = directory / "mosquitto.log"
        self.gateway = directory / "gateway"
        for folder in (self.data, self.run):
            folder.mkdir()
        self._conf = directory / "mosquitto.conf"
        shutil.copy(FILES / "control.acl", directory)
        self._write(self._conf, (FILES / "mosquitto.conf").read_text() + "\nuser root\n")
        self.passwords = dict(_login(user) for user in users.split(";") if user)
        if is_provisioned:
            made = provisioned(directory, MQTT_USERS=users)
            self.passwords |= {
                HOME_ASSISTANT: made.secret(Secret.MQTT_HOMEASSISTANT_PASSWORD),
                "hems": made.secret(Secret.MQTT_PASSWORD),
            }
            listeners = self.gateway / "mosquitto.conf"
            self._write(listeners, listeners.read_text())
        else:
            self.gateway.mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    def _write(self, path: Path, text: str) -> None:
        moved = {
            "/mosquitto/config/": f"{self.run.parent}/",
            "/mosquitto/data/": f"{self.data}/",
            "/run/mosquitto/": f"{self.run}/",
            "include_dir /gateway": f"include_dir {self.gateway}",
            "listener 1883": f"listener {self.port} 127.0.0.1",
        }
        for theirs, ours in moved.items():
            text = text.replace(theirs, ours)
        path.write_text(text)

    def __enter__(self) -> MqttService:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, within_s: float = 20) -> None:
        paths = [program(), self._conf, self.data, self.gateway / "mosquitto", self.run]
        with self.log_file.open("ab") as log:
            self._process = process = subprocess.Popen(
                [sys.executable, "-c", RUN, *map(str, [*paths, self.device_port, self._blocked_s])],
                env={"PYTHONPATH": str(FILES), "PATH": os.environ["PATH"]},
                stderr=log,
            )

        def is_up() -> bool:
            assert process.poll() is None, self.log()
            return (self.run / "heartbeat").exists()

        (self.run / "heartbeat").unlink(missing_ok=True)
        eventually(is_up, within_s, "the broker answers")

    def stop(self) -> int:
        """End it as the engine does; return its exit status."""
        assert self._process is not None
        self._process.terminate()
        try:
            return self._process.wait(20)
        finally:
            self._process.kill()
            self._process.wait()

    def ends(self, within_s: float) -> int:
        """Wait until it ends by itself; return its exit status."""
        assert self._process is not None
        return self._process.wait(within_s)

    def mosquitto(self) -> int:
        """Return the process id of mosquitto."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return int(children.read_text().split()[0])

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.mosquitto(), number)

    def memory(self) -> int:
        """Return the resident memory of the container's two processes, in bytes."""
        assert self._process is not None
        return sum(map(_resident, (self._process.pid, self.mosquitto())))

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def report(self) -> dict[str, Any]:
        """Return what it says about the broker."""
        with self.join("hems") as reader:
            reader.subscribe(REPORT)
            eventually(lambda: reader.count(REPORT) > 0, 10, "a report")
            return reader.newest_json(REPORT)

    def join(self, user: str) -> Observer:
        """Return an observer that is logged in at the user's door."""
        is_own = user in (HOME_ASSISTANT, "hems")
        return Observer(self.port if is_own else self.device_port, user, self.passwords[user])

    def client(self, user: str, client_id: str = "", **options: Any) -> mqtt.Client:
        """Return a client of `user` that is not connected."""
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, **options)
        client.username_pw_set(user, self.passwords[user])
        return client

    def raw(
        self, user: str, password: str | None = None, client_id: str = "x", proxy: str = ""
    ) -> socket.socket:
        """Return a connection of a device that has sent its CONNECT, from the address `proxy`."""
        given = self.passwords[user] if password is None else password
        joined = socket.create_connection(("127.0.0.1", self.device_port), 10)
        head = f"PROXY TCP4 {proxy} 172.18.4.4 50000 8883\r\n".encode() if proxy else b""
        joined.sendall(head + connect(user, given, client_id))
        return joined


def answer(port: int, user: str | None, password: str | None) -> str:
    """Return what the broker says to a login."""
    said: list[str] = []
    answered = threading.Event()

    def on_connect(*arguments: object) -> None:
        said.append(str(arguments[3]))
        answered.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
    client.username_pw_set(user, password)
    client.on_connect = on_connect
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert answered.wait(10), "the broker has not answered"
    client.disconnect()
    client.loop_stop()
    return said[0]


def connect(user: str, password: str, client_id: str = "x") -> bytes:
    """Return a CONNECT of MQTT 3.1.1, section 3.1."""
    body = _text("MQTT") + b"\x04\xc2\x00\x00" + b"".join(map(_text, (client_id, user, password)))
    return bytes((0x10, len(body))) + body


def publish(topic: str, payload: bytes, *, is_retained: bool = True) -> bytes:
    """Return a PUBLISH of MQTT 3.1.1 at QoS 0."""
    body = _text(topic) + payload
    size, octets = len(body), bytearray()
    while size > 0x7F:
        octets.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([0x31 if is_retained else 0x30, *octets, size]) + body


def _text(value: str) -> bytes:
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


def _login(user: str) -> tuple[str, str]:
    name, password, *_ = user.split(":")
    return name, password


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
