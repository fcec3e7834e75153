"""The real mosquitto: no anonymous access, one user, on a free loopback port."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from dev.launcher.free_port import free_port
from hems.protocols.mqtt.mosquitto_access_files import password_line
from tests.required import required

USER, PASSWORD = "hems", "Ünsafe only in tests"


def program() -> str:
    """Return mosquitto's path; skip without it, but fail in CI."""
    path = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
    required("" if path else "mosquitto is not installed: apt install mosquitto")
    return str(path)


class Mosquitto:
    """A broker that can be killed, frozen and started again on the same port.

    `configuration` has a `listener 1883`, which becomes one on loopback and a free port; the
    default lets USER in.
    """

    def __init__(self, directory: Path, configuration: str = "") -> None:
        self.port = free_port(None)
        self._program = program()
        self._config = directory / "mosquitto.conf"
        if not configuration:
            passwords = directory / "passwords"
            passwords.write_text(password_line(USER, PASSWORD, os.urandom(12)) + "\n")
            passwords.chmod(0o644)  # mosquitto drops root before it reads the file again
            configuration = f"listener 1883\nallow_anonymous false\npassword_file {passwords}\n"
        listener = f"listener {self.port} 127.0.0.1"
        made = re.search(r"^acl_file (.*)/device-acl$", configuration, re.MULTILINE)
        if made:  # by provision, and services/mqtt writes what is in /run
            configuration = configuration.replace(
                "listener 0 /run/mosquitto/devices.sock", f"listener 0 {directory}/devices.sock"
            ).replace("/run/mosquitto/", f"{made[1]}/")
            configuration = f"per_listener_settings true\n{configuration}"
        text = configuration.replace("listener 1883", listener)
        self._config.write_text(f"{text}persistence false\nuser root\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, "mosquitto ended at once"
            time.sleep(0.02)
        raise AssertionError("mosquitto does not listen")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


class Observer:
    """Everything a broker has said, in order, and what is retained on it now."""

    def __init__(self, port: int, user: str = USER, password: str = PASSWORD) -> None:
        self.messages: list[tuple[str, str]] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        if user:
            self._client.username_pw_set(user, password)
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("#", qos=1)  # sent once connected
        self._client.loop_start()
        assert subscribed.wait(10), "the observer cannot subscribe"

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.messages.append((message.topic, message.payload.decode()))

    def __enter__(self) -> Observer:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def send(self, topic: str, payload: str) -> None:
        """Publish a retained message without waiting for the broker."""
        self._client.publish(topic, payload, qos=1, retain=True)

    def subscribe(self, topics: str) -> None:
        """Listen to `topics` too: `#` has none that begin with $."""
        self._client.subscribe(topics, qos=1)

    def of(self, topic: str) -> list[str]:
        return [payload for name, payload in list(self.messages) if name == topic]

    def newest_json(self, topic: str) -> dict[str, Any]:
        """Return the newest JSON object on `topic`, empty before the first."""
        document: dict[str, Any] = json.loads(self.newest(topic) or "{}")
        return document

    def newest(self, topic: str) -> str | None:
        payloads = self.of(topic)
        return payloads[-1] if payloads else None

    def count(self, topic: str) -> int:
        return len(self.of(topic))
