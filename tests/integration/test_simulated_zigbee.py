"""The simulated Zigbee stick as a program: its TCP port, its terminal, its memory."""

from __future__ import annotations

import os
import select
import socket
import tty
from pathlib import Path

import pytest

from dev.launcher.free_port import free_port
from dev.simulator.zigbee.ash_framing import AshFrameReader, encode
from tests.integration.zigbee import simulated_stick

pytestmark = pytest.mark.integration
RST, RSTACK = encode(b"\xc0"), b"\xc1\x02\x0b"
ANSWER_S = 10
UNREAD_ANSWERS = 12_000  # more than a terminal keeps


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), ANSWER_S)


def answers(connection: socket.socket) -> bool:
    """Reset the link; return whether the stick does it, False if the line is cut."""
    reader = AshFrameReader()
    connection.sendall(RST)
    while data := connection.recv(100):
        for frame in reader.receive(data):
            return frame == RSTACK
    return False


def first_frame(terminal: int) -> bytes | None:
    """Return the first frame that arrives, None if none does or it is damaged."""
    reader = AshFrameReader()
    while select.select([terminal], [], [], ANSWER_S)[0]:
        for frame in reader.receive(os.read(terminal, 100)):
            return frame
    return None


def test_a_stick_at_a_tcp_port_is_unplugged_and_plugged_in_again(tmp_path: Path) -> None:
    port = free_port(None)
    with simulated_stick(tmp_path, port, "--unplugged") as control:
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                connected(port)
            control.order("plug_in")
            with connected(port) as host:
                assert answers(host)
                assert control.state()["is_connected"]
                with connected(port) as second:  # the line has one host, the newest
                    assert answers(second)
                    assert host.recv(100) == b""
                    control.order("cut")
                    assert not second.recv(100)
            with connected(port) as host:
                assert answers(host)
                control.order("unplug")
                assert not host.recv(100)


def test_a_stick_at_a_terminal_answers_through_its_name(tmp_path: Path) -> None:
    name = tmp_path / "by-id" / "usb-simulated"
    with simulated_stick(tmp_path, name) as control:
        for _ in range(2):
            terminal = os.open(name, os.O_RDWR | os.O_NOCTTY)
            try:
                tty.setraw(terminal)
                os.write(terminal, RST)
                assert first_frame(terminal) == RSTACK
                control.order("unplug")
                assert not name.is_symlink()
            finally:
                os.close(terminal)
            control.order("plug_in")


def test_a_host_that_does_not_read_its_terminal_blocks_nothing(tmp_path: Path) -> None:
    name = tmp_path / "usb-simulated"
    with simulated_stick(tmp_path, name) as control:
        terminal = os.open(name, os.O_RDWR | os.O_NOCTTY)
        try:
            tty.setraw(terminal)
            os.set_blocking(terminal, False)
            for _ in range(UNREAD_ANSWERS):
                assert select.select([], [terminal], [], ANSWER_S)[1], "the stick reads no more"
                os.write(terminal, RST)
            assert control.state()["is_connected"]
        finally:
            os.close(terminal)


def test_the_memory_outlives_the_program(tmp_path: Path) -> None:
    memory = ("--memory", str(tmp_path / "stick.json"))
    with simulated_stick(tmp_path, free_port(None), *memory) as control:
        control.order("replace", eui64="00124b00000000fe", network="other")
        before = control.state()
    with simulated_stick(tmp_path, free_port(None), *memory) as control:
        after = control.state()
    assert len(before["network_key"]) == 32
    assert (after["eui64"], after["network_key"]) == ("00124b00000000fe", before["network_key"])
