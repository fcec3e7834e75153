"""A worker for the fault tests; `worker.py --help` lists what it can be made to do.

It says READY=1 after --delay, beats every 50 ms and ends on SIGTERM. SIGUSR1 makes it deadlock,
SIGUSR2 makes it spin. It uses no more than the standard library, so that it starts in no time.
"""

import argparse
import faulthandler
import os
import signal
import socket
import threading
import time


def tell(text: str) -> None:
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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--silent", action="store_true", help="never say READY=1")
    parser.add_argument("--no-beat", action="store_true", help="say READY=1, then nothing")
    parser.add_argument("--once", type=int, help="exit with this code instead of beating")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until READY=1")
    parser.add_argument("--early", action="append", default=[], help="say this at once")
    parser.add_argument("--tell", action="append", default=[], help="say this after READY=1")
    parser.add_argument("--deaf", action="store_true", help="ignore SIGTERM")
    arguments = parser.parse_args()
    faulthandler.enable()
    signal.signal(signal.SIGUSR1, deadlock)
    signal.signal(signal.SIGUSR2, spin)
    if arguments.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for text in arguments.early:
        tell(text)
    time.sleep(arguments.delay)
    if not arguments.silent:
        tell("READY=1")
    for text in arguments.tell:
        tell(text)
    if arguments.once is not None:
        os._exit(arguments.once)
    while True:
        time.sleep(0.05)
        if not arguments.silent and not arguments.no_beat:
            tell("WATCHDOG=1")


if __name__ == "__main__":
    main()
