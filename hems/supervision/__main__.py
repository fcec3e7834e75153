"""python -m hems.supervision COMMAND: what needs no running supervisord.

verify FILE...     find the mistakes in configuration files of supervisord
completion bash    write a script that completes supervisorctl's commands and units
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hems.supervision.commands import shell_completion
from hems.supervision.supervisord import configuration_check, supervisorctl_plugin

USAGE = 2
_USAGE = "expected python -m hems.supervision verify FILE... or completion bash"


def main(words: list[str]) -> int:
    """Run a command and return the exit status."""
    match words:
        case ["verify", *files] if files:
            paths = map(Path, files)
            return configuration_check.report(paths, os.environ, _print)
        case ["completion", "bash"]:
            _print(shell_completion.bash(supervisorctl_plugin.stock_commands()).rstrip())
            return 0
        case ["-h" | "--help"]:
            _print((__doc__ or "").rstrip())
            return 0
    sys.stderr.write(f"found {' '.join(words) or 'no command'}, {_USAGE}\n")
    return USAGE


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
