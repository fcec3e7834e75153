"""All checks at once, each in a thread and a catch of its own, and all within one time limit."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hems.doctor.finding import Finding, failed
from hems.errors import HemsError

AGAIN = "look again; if it stays, restart the gateway: balena device reboot UUID"


@dataclass(frozen=True)
class Check:
    """One promise; `look` may take its time, and may fail in any way."""

    name: str
    look: Callable[[], Sequence[Finding]]


def examine(checks: Sequence[Check], limit_s: float) -> dict[str, Sequence[Finding]]:
    """Return what each check has found, or that it hangs, no later than after `limit_s`."""
    answers: queue.SimpleQueue[tuple[str, Sequence[Finding]]] = queue.SimpleQueue()
    for check in checks:
        threading.Thread(target=_take, args=(check, answers), daemon=True).start()
    deadline = time.monotonic() + limit_s
    found: dict[str, Sequence[Finding]] = {}
    while len(found) < len(checks):
        try:
            name, findings = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        found[name] = findings
    hung = [failed(f"no answer within {limit_s:g} s", "one", AGAIN)]
    return {check.name: found.get(check.name, hung) for check in checks}


def _take(check: Check, answers: queue.SimpleQueue[tuple[str, Sequence[Finding]]]) -> None:
    answers.put((check.name, _findings(check)))


def _findings(check: Check) -> Sequence[Finding]:
    try:
        return check.look()
    except (HemsError, OSError) as error:
        return [failed(str(error), "an answer", AGAIN)]
    except Exception as error:  # noqa: BLE001 - a bug in one check must not hide the others
        what = f"a bug in this check: {type(error).__name__}"  # its text may hold anything
        return [failed(what, "none", "report it with the version of the gateway")]
