"""A worker for the fault tests; `worker.py --help` lists what it can be made to do.

It says READY=1 after --delay, beats every 50 ms and ends on SIGTERM. SIGUSR1 makes it deadlock,
SIGUSR2 makes it spin. It uses no more than the standard library, so that it starts in no time.
"""

import argparse
import contextlib
import faulthandler
import os
import signal
import socket
import threading
import time


def notify(text: str) -> None:
    if "NOTIFY_SOCKET" not in os.environ:
        return  # nobody may notify
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.connect(os.environ["NOTIFY_SOCKET"])
        connection.send(text.encode())


def deadlock(*_: object) -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def spin(*_: object) -> None:
    while True:
        pass


def end_after(seconds: float) -> None:
    time.sleep(seconds)
    os._exit(0)


def handle_signals(arguments: argparse.Namespace) -> None:
    signal.signal(signal.SIGUSR1, deadlock)
    signal.signal(signal.SIGUSR2, spin)
    if arguments.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if arguments.slow_stop:
        signal.signal(signal.SIGTERM, lambda *_: end_after(arguments.slow_stop))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--silent", action="store_true", help="never send READY=1")
    parser.add_argument("--no-beat", action="store_true", help="send READY=1, then nothing")
    parser.add_argument("--once", type=int, help="exit with this code instead of beating")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until READY=1")
    parser.add_argument("--early", action="append", default=[], help="send this at once")
    parser.add_argument("--notify", action="append", default=[], help="send this after READY=1")
    parser.add_argument("--deaf", action="store_true", help="ignore SIGTERM")
    parser.add_argument("--times", type=int, default=1, help="send --early so many times")
    parser.add_argument("--wait-for", help="wait until this file exists first")
    parser.add_argument("--slow-stop", type=float, help="end so many seconds after SIGTERM")
    arguments = parser.parse_args()
    faulthandler.enable()
    handle_signals(arguments)
    while arguments.wait_for and not os.access(arguments.wait_for, os.F_OK):
        time.sleep(0.01)
    for text in arguments.early * arguments.times:
        notify(text)
    time.sleep(arguments.delay)
    if not arguments.silent:
        notify("READY=1")
    for text in arguments.notify:
        notify(text)
    if arguments.once is not None:
        os._exit(arguments.once)
    while True:
        time.sleep(0.05)
        if not arguments.silent and not arguments.no_beat:
            with contextlib.suppress(OSError):  # as sd_notify's callers do
                notify("WATCHDOG=1")


if __name__ == "__main__":
    main()
