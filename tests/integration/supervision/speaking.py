"""A worker that says unusual things to the supervisor; its argument says which."""

import array
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


def notify(text: str, *descriptors: int) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.connect(os.environ["NOTIFY_SOCKET"])
        fds = array.array("i", descriptors)
        end.sendmsg([text.encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)] if fds else [])


def fork(action: str = "") -> int:
    """Return the pid of a child process that sends `action` if there is one, and then waits."""
    if pid := os.fork():
        return pid
    if action:
        notify(action)
    time.sleep(60)
    os._exit(0)


def child_speaks(*_: str) -> None:
    """Let a child process send READY=1."""
    fork("READY=1")


def daemon_speaks(*_: str) -> None:
    """Let a process send READY=1 that has left the session, and whose parent has ended."""
    supervisord = os.getppid()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while os.getppid() != supervisord:
                time.sleep(0.005)
            fork("READY=1")
            time.sleep(60)
        os._exit(0)


def say(text: str, *_: str) -> None:
    """Send this, and end."""
    notify(text)
    os._exit(0)


def child_beats(*_: str) -> None:
    """Let a child process feed the watchdog, while this one does nothing."""
    notify("READY=1")
    if os.fork() == 0:
        while True:
            notify("WATCHDOG=1")
            time.sleep(0.05)


def hand_over(*_: str) -> None:
    """Name a child process as the main one, and end."""
    notify(f"MAINPID={fork()}\nREADY=1")
    os._exit(0)


def replace(note: str, *_: str) -> None:
    """Name a child process in its own session as the main one, then another, and end."""
    if (first := os.fork()) == 0:
        os.setsid()
        time.sleep(60)
    Path(note).write_text(str(first))
    notify(f"MAINPID={first}")
    notify(f"MAINPID={fork()}\nREADY=1")
    os._exit(0)


def keep(*_: str) -> None:
    """Name a child process as the main one, stay its parent, and reap it."""
    child = fork()
    notify(f"MAINPID={child}\nREADY=1")
    os.waitpid(child, 0)


def name(pid: str, *_: str) -> None:
    """Name another process as the main one."""
    notify(f"MAINPID={Path(pid).read_text() if pid.startswith('/') else pid}\nREADY=1")


def store(*names: str) -> None:
    """Store a pipe under each name at the first start; then tell what has been passed."""
    count, passed = int(os.environ.get("LISTEN_FDS", "0")), os.environ.get("LISTEN_FDNAMES", "")
    if count == 0:
        for one in names:
            reader, writer = os.pipe()
            os.write(writer, one.encode())
            notify(f"FDSTORE=1\nFDNAME={one}", reader)
            notify(f"FDSTORE=1\nFDNAME={one}-in", writer)
    contents = [os.read(3 + 2 * number, 100).decode() for number in range(count // 2)]
    notify(f"READY=1\nSTATUS={passed} {' '.join(contents)}")


def forget(one: str, *_: str) -> None:
    """Store a pipe, and remove it again."""
    if "LISTEN_FDS" not in os.environ:
        notify(f"FDSTORE=1\nFDNAME={one}", *os.pipe())
        notify(f"FDSTOREREMOVE=1\nFDNAME={one}")
    notify(f"READY=1\nSTATUS=passed {os.environ.get('LISTEN_FDS', 'none')}")


def environment(*_: str) -> None:
    """Tell which variables name this process."""
    notify(f"READY=1\nSTATUS={os.environ['WATCHDOG_PID']} {os.environ['WATCHDOG_USEC']}")


def shorten(usec: str, *_: str) -> None:
    """Ask for another WatchdogSec, and stay silent."""
    notify("READY=1")
    notify(f"WATCHDOG_USEC={usec}")


def fail(*_: str) -> None:
    """Say why, and exit with 1."""
    notify("READY=1\nERRNO=13")
    os._exit(1)


def reload(*words: str) -> None:
    """Reload at SIGHUP: say so with the time, or `late` with an old time, or not at all."""

    def on_hangup(*_: object) -> None:
        if "mute" in words:
            return
        now = 1 if "late" in words else time.monotonic_ns() // 1000
        notify(f"RELOADING=1\nMONOTONIC_USEC={now}")
        notify("READY=1\nSTATUS=reloaded")

    signal.signal(signal.SIGHUP, on_hangup)
    notify("READY=1\nSTATUS=new")


def through_systemds_own_client(*_: str) -> None:
    """Let systemd-notify speak for this process."""
    subprocess.run(["systemd-notify", "--ready", "--status=from systemd-notify"], check=True)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
    while True:
        time.sleep(1)
