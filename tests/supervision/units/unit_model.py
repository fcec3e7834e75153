"""A second, much simpler description of a unit's life, without time-outs and without a table."""

from __future__ import annotations

from hems.supervision.settings.exec_command import ExecCommand
from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec, UnitType

STARTING = ("condition", "start-pre", "start", "start-post")
ENDING = ("stop", "stop-sigterm", "stop-post")


class UnitModel:
    """What runs in which phase; `has_failed` is about the current run."""

    def __init__(self, spec: UnitSpec) -> None:
        self.spec = spec
        self.phase = "dead"
        self.has_main = False
        self.control: ExecCommand | None = None
        self.has_failed = self.is_skipped = self.is_stopped = self.is_wanted = False
        self._todo: list[ExecCommand] = []

    def start(self) -> None:
        self.is_stopped = False
        if self.phase in {"dead", "failed", "auto-restart"}:
            self._begin()
        elif self.phase in ENDING:
            self.is_wanted = True

    def stop(self) -> None:
        self.is_stopped, self.is_wanted = True, False
        if self.phase in STARTING:
            self._signal()
        elif self.phase in {"running", "exited"}:
            self._run("stop")
        elif self.phase == "auto-restart":
            self.phase = "dead"

    def delay_is_over(self) -> None:
        if self.phase == "auto-restart":
            self._begin()

    def ready(self) -> None:
        if self.phase == "start" and self.spec.type is UnitType.NOTIFY:
            self._run("start-post")

    def main_ends(self, *, is_ok: bool) -> None:
        self.has_main = False
        if self.phase in (*ENDING, "start-post"):
            self.has_failed |= not is_ok
            if self.phase == "stop-sigterm" and not self.control:
                self._run("stop-post")
        elif not is_ok or (self.phase == "start" and self.spec.type is UnitType.NOTIFY):
            self._fail()
        elif self.phase == "start":
            self._run("start-post")
        elif self.phase == "running":
            self._ended()

    def control_ends(self, *, is_ok: bool) -> None:
        command, self.control = self.control, None
        assert command
        if self.phase == "stop-sigterm":
            if not self.has_main:
                self._run("stop-post")
        elif is_ok or command.may_fail:
            self._next()
        elif self.phase == "condition":
            self.is_skipped = True
            self._signal()
        elif self.phase in STARTING:
            self._fail()
        else:
            self.has_failed |= not self.is_skipped
            self._done()

    def _begin(self) -> None:
        self.has_failed = self.is_skipped = self.is_wanted = False
        self._run("condition")

    def _run(self, phase: str) -> None:
        self.phase = phase
        self._todo = list(getattr(self.spec.exec, phase.replace("-", "_")))
        self._next()

    def _next(self) -> None:
        if self._todo:
            self.control = self._todo.pop(0)
        else:
            self._done()

    def _done(self) -> None:
        """Follow the last command of a phase."""
        if self.phase == "condition":
            self._run("start-pre")
        elif self.phase == "start-pre":
            self.phase, self.has_main = "start", True
            if self.spec.type is UnitType.SIMPLE:
                self._run("start-post")
        elif self.phase == "start-post":
            self._up()
        elif self.phase == "stop":
            self._signal()
        else:
            self._finish()

    def _up(self) -> None:
        if self.has_main:
            self.phase = "running"
        elif self.has_failed:
            self._signal()
        else:
            self._ended()

    def _ended(self) -> None:
        if self.spec.remains_after_exit:
            self.phase = "exited"
        else:
            self._run("stop")

    def _fail(self) -> None:
        self.has_failed = True
        self._signal()

    def _signal(self) -> None:
        self.phase = "stop-sigterm"
        if not (self.has_main or self.control):
            self._run("stop-post")

    def _finish(self) -> None:
        restarted = {
            RestartCondition.ALWAYS: not self.is_skipped,
            RestartCondition.ON_FAILURE: self.has_failed,
            RestartCondition.ON_SUCCESS: not (self.has_failed or self.is_skipped),
        }
        if self.is_stopped:
            self.phase = "dead"
        elif self.is_wanted:
            self._begin()
        elif restarted.get(self.spec.restart):
            self.phase = "auto-restart"
        else:
            self.phase = "failed" if self.has_failed else "dead"
