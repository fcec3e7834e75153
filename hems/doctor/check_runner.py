"""Run all checks at once, each in its own thread and `try`, within one time limit."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hems.doctor.check_interface import Finding, failed
from hems.errors import HemsError


@dataclass(frozen=True)
class GatewayCheck:
    """One check; `run` may take long, hang or raise anything."""

    title: str
    run: Callable[[], Sequence[Finding]]


def run_checks(
    checks: Sequence[GatewayCheck], limit_s: float, advice: str
) -> dict[str, Sequence[Finding]]:
    """Return the findings of each check by its title, no later than after `limit_s`.

    A check that hangs or raises has failed with this `advice`.
    """
    results: queue.SimpleQueue[tuple[str, Sequence[Finding]]] = queue.SimpleQueue()
    for check in checks:
        threading.Thread(target=_run, args=(check, advice, results), daemon=True).start()
    deadline = time.monotonic() + limit_s
    findings: dict[str, Sequence[Finding]] = {}
    while len(findings) < len(checks):
        try:
            title, result = results.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        findings[title] = result
    hung = [failed(f"no answer within {limit_s:g} s", "an answer", advice)]
    return {check.title: findings.get(check.title, hung) for check in checks}


def _run(
    check: GatewayCheck, advice: str, results: queue.SimpleQueue[tuple[str, Sequence[Finding]]]
) -> None:
    results.put((check.title, _findings(check, advice)))


def _findings(check: GatewayCheck, advice: str) -> Sequence[Finding]:
    try:
        return check.run()
    except (HemsError, OSError) as error:
        return [failed(str(error), "an answer", advice)]
    except Exception as error:  # noqa: BLE001 - a bug in one check must not hide the others
        bug = f"a bug in this check: {type(error).__name__}"  # its text may contain a secret
        return [failed(bug, "no bug", "report it with the version of the gateway")]
