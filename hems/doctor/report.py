"""What was found as text: a line for what is well, three for what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hems.doctor.finding import Finding, Level


def lines(found: Mapping[str, Sequence[Finding]]) -> Iterator[str]:
    """Yield the report, and at its end what it comes to."""
    width = max(map(len, found), default=0)
    for name, findings in found.items():
        for finding in findings:
            head = f"{finding.level.value:7}{name:{width}}  "
            yield head + finding.found
            for label, text in (("expected", finding.expected), ("do", finding.advice)):
                if text:
                    yield f"{'':{len(head)}}{label}: {text}"
    yield ""
    yield _sum(found)


def is_well(found: Mapping[str, Sequence[Finding]]) -> bool:
    """Tell whether nothing has failed."""
    return not _count(found, Level.FAILED)


def _count(found: Mapping[str, Sequence[Finding]], level: Level) -> int:
    return sum(one.level is level for findings in found.values() for one in findings)


def _sum(found: Mapping[str, Sequence[Finding]]) -> str:
    failures, notes = _count(found, Level.FAILED), _count(found, Level.NOTE)
    if not failures:
        return f"all is well; {notes} worth knowing" if notes else "all is well"
    return f"{failures} failed, {notes} worth knowing: begin with the first that failed"
