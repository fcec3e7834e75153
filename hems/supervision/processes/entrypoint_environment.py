"""Decide the environment of a container's programs: hide secrets, fix what people may not choose.

    python -I -m hems.supervision.processes.entrypoint_environment FOLDER WORD… -- COMMAND…

A container is given variables by people who do not choose its image. Each WORD says what becomes of
some of them; * is any text.

    NAME=VALUE   has this value, whatever it was
    -PATTERN     is dropped, for example what names a file
    PATTERN      is a secret: it becomes a file of its name in FOLDER, which only the current user
                 can read
    +PATTERN     is kept; without such a word every other variable is kept, and with one no other

The first that matches decides. What is dropped is named on stderr, without its value.

supervisord finds the secrets in $CREDENTIALS_DIRECTORY, and gives each unit those that its
LoadCredential and ImportCredential name. execve(2) leaves nothing of this process: supervisord's
memory never had a secret, and so no forked unit has another's.

Stop signals stay blocked until the plugin of supervisord can act on them; the kernel would ignore
them for PID 1.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple, NoReturn

from hems.supervision.processes import credentials

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
MAX_NAME = 128  # of a variable; a file's name has at most 255
USUAL = frozenset({"HOME", "HOSTNAME", "PWD", "SHLVL", "TERM", "_"})  # of every container


class SortedEnvironment(NamedTuple):
    """What has become of an environment: variables, secrets, and the names of what was dropped."""

    kept: dict[str, str]
    secrets: dict[str, str]
    dropped: list[str]


def main(arguments: list[str]) -> NoReturn:
    """Sort out this process's environment and become the command."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    if "--" not in arguments or arguments.index("--") < 1 or arguments[-1] == "--":
        sys.exit("expected FOLDER PATTERN… -- COMMAND…, as in the documentation of this module")
    at = arguments.index("--")
    (folder, *words), command = arguments[:at], arguments[at + 1 :]
    sorted_out = sort_out(os.environ, words)
    if names := sorted_out.dropped:
        sys.stderr.write(f"variables that this image does not take: {', '.join(names)}\n")
        sys.stderr.flush()
    _write(Path(folder), sorted_out.secrets)
    environment = {**sorted_out.kept, credentials.VARIABLE: folder}
    os.execvpe(command[0], command, environment)  # noqa: S606


def sort_out(environ: Mapping[str, str], words: list[str]) -> SortedEnvironment:
    """Return what becomes of the variables by these words."""
    fixed = dict(word.split("=", 1) for word in words if "=" in word)
    rules = [word for word in words if "=" not in word]
    is_closed = any(rule.startswith("+") for rule in rules)
    kept, secrets, dropped = dict[str, str](), dict[str, str](), list[str]()
    for name, value in environ.items():
        if name in fixed:
            if value != fixed[name]:
                dropped.append(name)
            continue
        rule = next((rule for rule in rules if fnmatchcase(name, rule.lstrip("+-"))), None)
        is_plain = name.isascii() and name.isidentifier() and len(name) <= MAX_NAME
        if rule is not None and rule[0] not in "+-" and is_plain:
            secrets[name] = value
        elif (not is_closed if rule is None else rule[0] == "+") and (is_plain or not is_closed):
            kept[name] = value
        elif name not in USUAL:
            dropped.append(ascii(name)[1:-1][:MAX_NAME])
    return SortedEnvironment(kept | fixed, secrets, sorted(dropped))


def _write(folder: Path, secrets: dict[str, str]) -> None:
    credentials.remove(folder)
    folder.mkdir(mode=0o700)
    for name, value in secrets.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(os.fsencode(value))


if __name__ == "__main__":
    main(sys.argv[1:])
