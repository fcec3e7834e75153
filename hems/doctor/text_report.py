"""Format findings as text: one line each, three for a failure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hems.doctor.check_interface import Finding, Severity


def lines(findings: Mapping[str, Sequence[Finding]]) -> Iterator[str]:
    """Yield the lines of the report on `findings` (by title of the check), a summary last."""
    width = max(map(len, findings), default=0)
    for title, results in findings.items():
        for finding in results:
            head = f"{finding.severity.value:7}{title:{width}}  "
            yield head + finding.found
            for label, text in (("expected", finding.expected), ("do", finding.advice)):
                if text:
                    yield f"{'':{len(head)}}{label}: {text}"
    yield ""
    yield _summary(findings)


def is_well(findings: Mapping[str, Sequence[Finding]]) -> bool:
    """Return whether nothing has failed."""
    return not _count(findings, Severity.FAILED)


def _count(findings: Mapping[str, Sequence[Finding]], severity: Severity) -> int:
    return sum(finding.severity is severity for results in findings.values() for finding in results)


def _summary(findings: Mapping[str, Sequence[Finding]]) -> str:
    failures, notes = _count(findings, Severity.FAILED), _count(findings, Severity.NOTE)
    counts = (_number(failures, "failure"), _number(notes, "note"))
    return f"{', '.join(counts)}; start with the first failure" if failures else "; ".join(counts)


def _number(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
