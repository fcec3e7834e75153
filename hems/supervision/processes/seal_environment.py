"""Move secret variables into files, and execute supervisord without them.

    python -m hems.supervision.processes.seal_environment FOLDER PATTERN… -- supervisord -c FILE

Each variable whose name matches a pattern, where * is any text, becomes a file of its name in
FOLDER, which only the current user can read. supervisord finds it in $CREDENTIALS_DIRECTORY, and
gives each unit those that its LoadCredential and ImportCredential name. execve(2) leaves nothing of
this process: supervisord's memory never had a secret, and so no forked unit has another's.

Stop signals stay blocked until the plugin of supervisord can act on them; the kernel would ignore
them for PID 1.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from hems.supervision.processes import credentials
from hems.supervision.processes.process_environment import matching

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def main(arguments: list[str]) -> NoReturn:
    """Seal this process's environment and become the command."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    if "--" not in arguments or arguments.index("--") < 1 or arguments[-1] == "--":
        sys.exit("expected FOLDER PATTERN… -- COMMAND…, as in the documentation of this module")
    at = arguments.index("--")
    (folder, *patterns), command = arguments[:at], arguments[at + 1 :]
    secrets = matching(os.environ, patterns)
    _write(Path(folder), secrets)
    environment = {name: value for name, value in os.environ.items() if name not in secrets}
    os.execvpe(command[0], command, {**environment, credentials.VARIABLE: folder})  # noqa: S606


def _write(folder: Path, secrets: dict[str, str]) -> None:
    credentials.remove(folder)
    folder.mkdir(mode=0o700)
    for name, value in secrets.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(os.fsencode(value))


if __name__ == "__main__":
    main(sys.argv[1:])
