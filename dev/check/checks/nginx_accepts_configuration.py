"""Check that nginx accepts the configuration in its image: `nginx -t` on an adapted copy.

In the copy addresses replace the names in extra_hosts, and ports and folders need no root.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from dev.check import compose_file
from dev.check.nginx_files import FOLDER, SERVICE
from dev.launcher.mosquitto_or_embedded_broker import SYSTEM_PROGRAMS
from hems.errors import ConfigError, Unavailable
from hems.system import subprocesses

TITLE = "nginx: nginx accepts its configuration"
PROGRAMS = ("nginx",)
RUN_FOLDER = "/run/nginx"  # the only folder that nginx may write to
DEBIANS_STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")  # the image's is built in
NO_STREAM = 'unknown directive "stream"'
LISTEN = re.compile(r"^(\s*listen )(\d+)(?=[ ;])", re.MULTILINE)
DOORS = "/gateway/nginx/[d]oors.conf"  # from provision, which includes some of these
FIRST_PORT = 20_000
TEST_S = 30


def problems(root: Path) -> Iterator[str]:
    """Yield nginx's output if it refuses the configuration. Raises Unavailable without nginx."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{SYSTEM_PROGRAMS}")
    if program is None:
        raise Unavailable("nginx is not installed")
    with tempfile.TemporaryDirectory(prefix="hems-") as name:
        folder = Path(name, "nginx")
        _write_adapted(root, folder)
        module = f"load_module {DEBIANS_STREAM};" if DEBIANS_STREAM.exists() else ""
        argv = [program, "-t", "-q", "-e", "stderr", "-c", f"{folder}/nginx.conf", "-g", module]
        try:
            subprocesses.run(argv, TEST_S)
        except Unavailable as error:
            output = str(error).partition("\n")[2]
            if not output:  # it took too long
                raise
            if NO_STREAM in output:
                raise Unavailable(f"{NO_STREAM}: apt install libnginx-mod-stream") from error
            yield f"{FOLDER}: nginx refuses it:\n" + output.replace(str(folder), FOLDER)


def _write_adapted(root: Path, folder: Path) -> None:
    """Write the configuration to `folder`, for this machine. Raises ConfigError."""
    service = compose_file.read(root).services.get(SERVICE)
    if service is None or not (root / FOLDER).is_dir():
        raise ConfigError(f"{FOLDER} is missing, or {compose_file.FILE} has no {SERVICE}")
    shutil.copytree(root / FOLDER, folder)
    run = folder / "run"
    run.mkdir()
    hosts = dict(line.split(":", 1) for line in service.extra_hosts if ":" in line)
    for path in folder.rglob("*.conf"):
        text = _adapted(path.read_text(encoding="utf-8"), hosts)
        path.write_text(text.replace(RUN_FOLDER, str(run)), encoding="utf-8")


def _adapted(text: str, hosts: Mapping[str, str]) -> str:
    for name, address in hosts.items():
        text = re.sub(rf"\b{re.escape(name)}:", f"{address}:", text)
    text = LISTEN.sub(lambda listen: f"{listen[1]}127.0.0.1:{FIRST_PORT + int(listen[2])}", text)
    return text.replace(DOORS, "doors/*.conf")
