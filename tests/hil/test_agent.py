import json
import socket

import pytest

from tests.hil.agent import Agent, GuestError


def test_it_hangs_up_on_a_guest_that_is_late_whose_answers_would_be_mistaken() -> None:
    host, guest = socket.socketpair()
    guest.settimeout(1.0)
    with host, guest:
        guest.sendall(json.dumps({"return": 1}).encode() + b"\n")
        agent = Agent(host, 1.0)
        with pytest.raises(GuestError, match="guest-exec: no answer: timed out"):
            agent._call("guest-exec", {}, 0.01)
        assert b"guest-exec" in guest.recv(4096)
        assert guest.recv(4096) == b""
        with pytest.raises(GuestError, match="guest-ping: no answer"):
            agent._call("guest-ping", {}, 0.01)
