"""A process that does what its arguments say, one after the other, and then waits for a signal.

ready, reload (RELOADING=1 with the time), say:TEXT (its lines are separated by \\n), sleep:S,
exit:CODE, die:SIGNAL, deaf:SIGNAL (ignore it), on:SIGNAL:WORDS (do these words, with +, then),
child:WORDS (a child process does these, with commas), main-child:WORDS (it is the main process, and
this one ends), beat:S (WATCHDOG=1 for so long), touch:FILE, need:FILE (or exit with 1),
once:FILE,WORD (unless the file exists, which this makes).
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path


def say(text: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        address = os.environ["NOTIFY_SOCKET"]
        end.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        end.send(text.replace("\\n", "\n").encode())


def die(name: str) -> None:
    number = signal.Signals[f"SIG{name}"]
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def beat(seconds: str) -> None:
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        say("WATCHDOG=1")
        time.sleep(0.05)


def fork(words: str) -> int:
    pid = os.fork()
    if pid == 0:
        live(words.split(","))
    return pid


def on(text: str) -> None:
    name, _, words = text.partition(":")
    signal.signal(signal.Signals[f"SIG{name}"], lambda *_: obey(words.split("+")))


def main_child(words: str) -> None:
    say(f"MAINPID={fork(words)}\nREADY=1")
    os._exit(0)


def need(file: str) -> None:
    if not Path(file).exists():
        os._exit(1)


def once(text: str) -> None:
    file, _, word = text.partition(",")
    if not Path(file).exists():
        Path(file).touch()
        obey([word])


DEEDS: dict[str, Callable[[str], object]] = {
    "ready": lambda _: say("READY=1"),
    "say": say,
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "exit": lambda code: os._exit(int(code)),
    "die": die,
    "deaf": lambda name: signal.signal(signal.Signals[f"SIG{name}"], signal.SIG_IGN),
    "on": on,
    "child": fork,
    "main-child": main_child,
    "need": need,
    "once": once,
    "touch": lambda file: Path(file).touch(),
    "beat": beat,
    "reload": lambda _: say(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"),
}


def obey(words: list[str]) -> None:
    for word in words:
        name, _, argument = word.partition(":")
        DEEDS[name](argument)


def live(words: list[str]) -> None:
    """Do these words, then wait for signals: one that comes right before the wait ends it too."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    obey(words)
    while True:
        os.read(reader, 1)


if __name__ == "__main__":
    live(sys.argv[1:])
