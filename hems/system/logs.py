"""Logs: stderr (the container's log) and one rotating file a worker."""

from __future__ import annotations

import sys
from pathlib import Path

from loguru import logger

FORMAT = "{time:YYYY-MM-DDTHH:mm:ss.SSSZ} {level:<7} {extra[worker]}: {message}"


def to_stderr(worker: str, level: str = "INFO") -> None:
    """Send `worker`'s log lines to stderr, and nowhere else."""
    logger.remove()
    logger.configure(extra={"worker": worker})
    # diagnose would print the values of variables, secrets among them, into tracebacks.
    logger.add(sys.stderr, format=FORMAT, level=level, diagnose=False, backtrace=False)


def to_file(path: Path, level: str, max_bytes: int, files: int) -> None:
    """Send the log lines to `path` too.

    The file is turned over at `max_bytes`; `files` of them are kept in all. A place
    that cannot be written costs the file and one warning, never the worker.
    """
    try:
        logger.add(
            path,
            format=FORMAT,
            level=level,
            rotation=max_bytes,
            retention=max(0, files - 1),
            diagnose=False,
            backtrace=False,
        )
    except OSError as error:
        logger.warning("no log file {}: {}; logging to stderr only", path, error.strerror)
