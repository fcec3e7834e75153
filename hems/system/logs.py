"""Configure logging: stderr (the container's log) and one rotating file for each worker."""

from __future__ import annotations

import sys
from pathlib import Path

from loguru import logger

FORMAT = "{time:YYYY-MM-DDTHH:mm:ss.SSSZ} {level:<7} {extra[worker]}: {message}"


def to_stderr(worker: str, level: str = "INFO") -> None:
    """Log the lines of `worker` to stderr only."""
    logger.remove()
    logger.configure(extra={"worker": worker})
    # diagnose would print the values of variables, secrets among them, into tracebacks.
    logger.add(sys.stderr, format=FORMAT, level=level, diagnose=False, backtrace=False)


def to_file(path: Path, level: str, max_bytes: int, files: int) -> None:
    """Log to the file `path`, too.

    The file is rotated at `max_bytes`; `files` of them are kept in all. If it cannot be written,
    log a warning and go on without it.
    """
    try:
        logger.add(
            # loguru formats the name, as in worker-{time}.log
            str(path).replace("{", "{{").replace("}", "}}"),
            format=FORMAT,
            level=level,
            rotation=max_bytes,
            retention=max(0, files - 1),
            errors="backslashreplace",
            diagnose=False,
            backtrace=False,
        )
    except OSError as error:
        logger.warning("no log file {}: {}; logging to stderr only", path, error.strerror)
