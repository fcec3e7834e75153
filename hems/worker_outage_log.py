"""Log an outage to the worker's log: one line when it begins, one when it ends."""

from __future__ import annotations

from loguru import logger

from hems.supervision.outage_log import OutageLog


def _warn(line: str) -> None:
    logger.warning("{}", line)


def _inform(line: str) -> None:
    logger.info("{}", line)


class Outage(OutageLog):
    """An OutageLog that writes to the worker's log."""

    def __init__(self, name: str) -> None:
        super().__init__(name, _warn, _inform)
