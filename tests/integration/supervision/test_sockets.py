"""Sockets outlive the process of their unit: nothing is refused, the first one may start it."""

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.integration.supervision.rig import HERE, SUPERVISORD, WORKER, Rig, program

pytestmark = pytest.mark.integration

SERVER = f"{sys.executable} -S {HERE / 'serving.py'}"
NOTIFY = "Type=notify RestartSec=10ms StartLimitBurst=100"
KILLS = 20


def serving(address: object, unit: str = NOTIFY, *settings: str, command: str = SERVER) -> str:
    return program("web", command, f"{unit} ListenStream={address}", *settings)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def ask(address: object, timeout: float | None = 10.0) -> list[str]:
    """Connect and return the words of the answer. Raises OSError."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as connection:
        connection.settimeout(timeout)
        connection.connect(address if isinstance(address, str) else ("127.0.0.1", address))
        return connection.recv(100).decode().split()


class Stream:
    """Connect again and again in a thread; count answers, failures and the longest wait."""

    def __init__(self, port: int) -> None:
        self.answers = 0
        self.failures: list[OSError] = []
        self.longest_s = 0.0
        self._port = port
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._is_over.wait(0.002):
            began_at = time.monotonic()
            try:
                self.answers += bool(ask(self._port))
            except ConnectionResetError:
                pass  # the process had accepted it when it was killed
            except OSError as error:
                self.failures.append(error)
            self.longest_s = max(self.longest_s, time.monotonic() - began_at)

    def end(self) -> None:
        self._is_over.set()
        self._thread.join()


def test_no_connection_is_refused_over_20_kills(rig: Rig) -> None:
    port = free_port()
    rig.start(serving(f"127.0.0.1:{port}"))
    pid = rig.until_other_pid("web", None).pid
    stream = Stream(port)
    for _ in range(KILLS):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        pid = rig.until_other_pid("web", pid).pid
    stream.end()
    assert stream.failures == []
    assert stream.answers > KILLS // 2  # most of them waited for a restart
    assert stream.longest_s < 3


def test_no_connection_is_refused_during_an_update_and_a_restart_on_request(rig: Rig) -> None:
    port = free_port()
    rig.start(serving(f"127.0.0.1:{port}"))
    pid = rig.until_other_pid("web", None).pid
    stream = Stream(port)
    rig.write(serving(f"127.0.0.1:{port}", NOTIFY + " TimeoutStartSec=20"))
    assert "web: updated process group" in rig.ctl("update").stdout
    pid = rig.until_other_pid("web", pid).pid
    assert rig.ctl("restart", "web").returncode == 0
    rig.until_other_pid("web", pid)
    stream.end()
    assert stream.failures == []


def test_a_socket_that_is_no_longer_configured_is_closed(rig: Rig) -> None:
    first, second = free_port(), free_port()
    rig.start(serving(f"127.0.0.1:{first}"))
    rig.until_state("web", "active")
    rig.write(serving(f"127.0.0.1:{second}"))
    rig.ctl("update")
    assert ask(second)
    with pytest.raises(ConnectionRefusedError):
        ask(first)
    rig.write()
    rig.ctl("update")
    with pytest.raises(ConnectionRefusedError):
        ask(second)


def test_the_process_gets_its_sockets_from_3_on_and_nothing_else(rig: Rig) -> None:
    """minfds = 10 makes supervisord itself close only the descriptors below 10."""
    path = str(rig.folder / "deep" / "web.sock")
    port = free_port()
    other = program(
        "other", SERVER, f"{NOTIFY} PassEnvironment=PYTHONPATH ListenStream=127.0.0.1:{port}"
    )
    web = serving(f"{path} ListenDatagram=@{path} FileDescriptorName=a")
    rig.write(other, web)
    rig.config.write_text(
        rig.config.read_text().replace("[supervisord]", "[supervisord]\nminfds=10")
    )
    rig.launch()
    rig.until(lambda: all(row.state == "active" for row in rig.health().values()))
    assert ask(path)[1:] == ["a:a", "2"]
    assert ask(port)[1:] == ["other", "1"]


def test_a_datagram_socket_is_passed(rig: Rig) -> None:
    port = free_port()
    rig.start(program("web", SERVER, f"{NOTIFY} ListenDatagram=127.0.0.1:{port}"))
    pid = rig.until_state("web", "active").pid
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.settimeout(5)
        end.sendto(b"?", ("127.0.0.1", port))
        assert end.recv(100).split()[0] == str(pid).encode()


def test_the_first_connection_starts_a_unit_that_is_not_autostarted(rig: Rig) -> None:
    port = free_port()
    command = f"{SERVER} 1"
    rig.start(
        serving(f"127.0.0.1:{port}", f"{NOTIFY} Restart=no", "autostart = false", command=command)
    )
    assert rig.health()["web"].state == "inactive"
    first = ask(port)
    rig.until_state("web", "exited")  # it was idle for long enough
    assert ask(port)[0] != first[0]
    assert rig.rpc("supervisor.stopProcess", "web")
    with pytest.raises(TimeoutError):
        ask(port, timeout=0.3)
    assert rig.health()["web"].state == "inactive"


def test_a_port_in_use_is_a_failure_of_the_unit_and_tried_again(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        rig.start(serving(f"127.0.0.1:{port}", NOTIFY), program("led", WORKER))
        row = rig.until_state("web", "auto-restart")
        assert f"ListenStream=127.0.0.1:{port}: Address already in use; `ss " in row.reason
        rig.until_state("led", "active")
    rig.until_state("web", "active")
    assert ask(port)


def test_a_unit_on_demand_listens_as_soon_as_its_port_is_free(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        unit = f"{NOTIFY} Restart=no OnFailure=alarm"
        alarm = program("alarm", WORKER, "Type=notify", "autostart = false")
        rig.start(serving(f"127.0.0.1:{port}", unit, "autostart = false"), alarm)
        row = rig.until_state("web", "failed")
        assert f"ListenStream=127.0.0.1:{port}: Address already in use; `ss " in row.reason
        assert row.reason.endswith("; it is tried again every 1 s")
        rig.until_state("alarm", "active")
        assert rig.ctl("is-failed", "web").returncode == 0
    took = rig.until(lambda: rig.health()["web"].state == "inactive")
    assert took < 1 + 0.5
    assert rig.pids()["web"] is None
    assert ask(port)
    assert rig.health()["web"].restarts == 0


def test_access_to_a_unix_socket_is_as_configured(rig: Rig) -> None:
    path = rig.folder / "web.sock"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
    rig.start(serving(path, f"{NOTIFY} SocketMode=0620"))
    rig.until_state("web", "active")
    assert path.stat().st_mode & 0o777 == 0o620
    assert ask(str(path))


def test_a_full_backlog_is_worked_off_once_the_worker_answers_again(rig: Rig) -> None:
    path = str(rig.folder / "web.sock")
    rig.start(serving(path, f"{NOTIFY} Backlog=2"))
    pid = rig.until_state("web", "active").pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    answers: list[list[str]] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(path, None))) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    os.kill(pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert str(pid) not in {word for words in answers for word in words}


def test_a_descriptor_of_supervisord_reaches_no_process(rig: Rig) -> None:
    rig.start(program("sleep", "/bin/sleep 60"))
    pid = rig.until_state("sleep", "active").pid
    rig.until(lambda: len(list(Path(f"/proc/{pid}/fd").iterdir())) == 3)


def test_the_name_of_a_socket_has_no_colon_in_a_group(rig: Rig) -> None:
    path = str(rig.folder / "web.sock")
    rig.start(serving(path), "[group:site]\nprograms = web\n")
    rig.until_state("site:web", "active")
    assert ask(path)[1:] == ["web", "1"]


def test_a_port_is_open_without_ipv6(rig: Rig, namespaces: None) -> None:
    """Containers often have the module, but no address."""
    rig.write(serving(7846))
    off = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 && ip link set lo up"
    script = f'{off} && exec "$@"'
    rig.launch(
        ["unshare", "--net", "--kill-child", "--fork", "sh", "-c", script, "-", *SUPERVISORD]
    )
    rig.until_state("web", "active")
