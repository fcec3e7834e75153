"""The guest: a machine with GPIO lines and radios, emulated by QEMU without KVM.

It boots to systemd's basic target; whatever a test needs beyond it, the test starts. The
project is mounted read-only on /project, so the guest runs the current code.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from hems.system.subprocesses import ProgramSession, last_lines
from tests.hil.agent import Agent, GuestError, connect
from tests.hil.image import ROOT, Image

BOOT_S, LIFE_S = 360.0, 1800.0  # beside other tests an emulated guest is slow
START_S, RUN_S = 240, 300.0  # a busy host and an emulated guest
LOG_LINES = 80
PATHS = "PYTHONPATH=/opt/site:/project"
BOOT = (
    "console=ttyS0 quiet loglevel=4 panic=-1 rdinit=/lib/systemd/systemd "
    "systemd.unit=basic.target systemd.show_status=auto "
    # The journal is there even when the guest does not answer any more.
    "systemd.journald.forward_to_console=1"
)
MOUNT = "mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose project /project"


class Guest:
    """A running guest; what fails in it raises GuestError with what it said."""

    def __init__(self, agent: Agent, console: Path) -> None:
        self._agent = agent
        self._console = console

    def run(self, *argv: str, timeout_s: float = RUN_S, stdin: str = "") -> str:
        """Run a program to its end and return what it printed."""
        outcome = self._agent.run(list(argv), timeout_s, stdin)
        if outcome.code:
            said = outcome.errors.strip() or outcome.output
            raise GuestError(f"`{' '.join(argv)}` ended with {outcome.code}:\n{last_lines(said)}")
        return outcome.output

    def succeeds(self, *argv: str, timeout_s: float = RUN_S) -> bool:
        """Run a program to its end and tell whether it ended with 0."""
        return self._agent.run(list(argv), timeout_s).code == 0

    def python(self, name: str, *arguments: str, timeout_s: float = RUN_S) -> str:
        """Run tests/hil/inside/NAME.py and return what it printed."""
        module = f"tests.hil.inside.{name}"
        return self.run("env", PATHS, "python3", "-m", module, *arguments, timeout_s=timeout_s)

    def start(self, unit: str, *argv: str, settings: Sequence[str] = ()) -> None:
        """Start a program under systemd; with `Type=notify` return once it is ready."""
        settings = [f"Environment={PATHS}", *settings]
        properties = [f"--property={setting}" for setting in settings]
        self.run("systemd-run", f"--unit={unit}", "--collect", *properties, "--", *argv)

    def start_worker(self, name: str, environ: Mapping[str, str]) -> None:
        """Start one of the project's workers; return once it is ready."""
        environ = {"HEMS_CONFIG": "/project/etc/hems.toml", **environ}
        settings = ["Type=notify", "WatchdogSec=30", f"TimeoutStartSec={START_S}"]
        settings += [f"Environment={variable}={value}" for variable, value in environ.items()]
        self.start(name, "python3", "-m", "hems", name, settings=settings)

    def stop(self, unit: str) -> None:
        self.run("systemctl", "stop", unit)

    def write(self, path: str, text: str) -> None:
        self.run("dd", "status=none", f"of={path}", stdin=text)

    def log(self) -> str:
        """Return the end of the journal and of the kernel's log."""
        return last_lines(self._console.read_text(errors="replace"), LOG_LINES)

    def until(self, what: str, is_so: Callable[[], bool], timeout_s: float = RUN_S) -> float:
        """Wait for `is_so`; return the seconds it took."""
        started = time.monotonic()
        while not is_so():
            if time.monotonic() - started > timeout_s:
                raise GuestError(f"not within {timeout_s:g} s: {what}")
            time.sleep(0.1)
        return time.monotonic() - started


@contextlib.contextmanager
def booted(image: Image, directory: Path) -> Iterator[Guest]:
    """Yield a fresh guest. Its socket and its console's log are in `directory`."""
    console, output = directory / "console", directory / "qemu"
    qemu = ProgramSession(_qemu(image, directory), os.environ, output)
    try:
        with _agent(directory / "agent", [output, console]) as agent:
            guest = Guest(agent, console)
            guest.run("mkdir", "/project")
            guest.run(*MOUNT.split())
            yield guest
    finally:
        qemu.end(5.0)


@contextlib.contextmanager
def _agent(path: Path, logs: Sequence[Path]) -> Iterator[Agent]:
    """Yield the agent of a guest that boots. Raises GuestError with the end of `logs`."""
    with contextlib.ExitStack() as stack:
        try:
            agent = Agent(stack.enter_context(connect(path)), BOOT_S)
        except GuestError as error:
            said = "".join(log.read_text(errors="replace") for log in logs if log.exists())
            raise GuestError(f"{error}\n{last_lines(said, LOG_LINES)}") from error
        yield agent


def _qemu(image: Image, directory: Path) -> list[str]:
    """Return QEMU's command; it ends after LIFE_S whatever happens."""
    return [
        *("timeout", "--kill-after=5", f"{LIFE_S:g}", "qemu-system-x86_64"),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "2G"),
        *("-kernel", str(image.kernel), "-initrd", str(image.initrd), "-append", BOOT),
        *("-serial", f"file:{directory / 'console'}"),
        *("-chardev", f"socket,id=agent,path={directory / 'agent'},server=on,wait=off"),
        *("-device", "virtio-serial-pci"),
        *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
        *("-fsdev", f"local,id=project,path={ROOT},security_model=none,readonly=on"),
        *("-device", "virtio-9p-pci,fsdev=project,mount_tag=project"),
    ]
