"""nginx takes the configuration in its image: `nginx -t` on a copy in a private folder.

The copy has what the image's own start makes of the templates, addresses in place of the names in
extra_hosts, and ports and folders that no root is needed for.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from hems.desk.broker import SYSTEM_PROGRAMS
from hems.desk.check import compose, dockerfile
from hems.errors import ConfigError, Unavailable
from hems.system import process

SERVICE = "nginx-reverse-proxy"
FOLDER = f"services/{SERVICE}/nginx"
IN_IMAGE = PurePosixPath("/etc/nginx")
OUTPUT, FILTER = "NGINX_ENVSUBST_OUTPUT_DIR", "NGINX_ENVSUBST_FILTER"
TEMPLATE = ".template"
DEBIANS_STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")  # built into the image's
NO_STREAM = 'unknown directive "stream"'
LISTEN = re.compile(r"^(\s*listen )(\d+)\b", re.MULTILINE)
USER = re.compile(r"^user .*;$", re.MULTILINE)
FIRST_PORT = 20_000
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
TEST_S = 30


def problems(root: Path) -> Iterator[str]:
    """Yield what nginx says when it refuses the configuration. Raises Unavailable without nginx."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{SYSTEM_PROGRAMS}")
    if program is None:
        raise Unavailable("nginx is not installed")
    with tempfile.TemporaryDirectory(prefix="hems-") as name:
        folder = Path(name, "nginx")
        lay_out(root, folder)
        module = f"load_module {DEBIANS_STREAM};" if DEBIANS_STREAM.exists() else ""
        general = f"pid {name}/pid; {module}"
        argv = [program, "-t", "-q", "-e", "stderr", "-c", f"{folder}/nginx.conf", "-g", general]
        try:
            process.run(argv, TEST_S)
        except Unavailable as error:
            said = str(error).partition("\n")[2]
            if not said:  # it took too long
                raise
            if NO_STREAM in said:
                raise Unavailable(f"{NO_STREAM}: apt install libnginx-mod-stream") from error
            yield f"{FOLDER}: nginx refuses it:\n" + said.replace(str(folder), FOLDER)


def lay_out(root: Path, folder: Path) -> None:
    """Write the configuration to `folder` as the image's start would, for this machine.

    Raises ConfigError.
    """
    service = compose.read(root).services.get(SERVICE)
    if service is None or service.source is None or not (root / FOLDER).is_dir():
        raise ConfigError(f"{FOLDER} is missing, or {compose.FILE} has no {SERVICE}")
    shutil.copytree(root / FOLDER, folder)
    values = dockerfile.environment(dockerfile.read(root, dockerfile.path_of(service.source)))
    output = folder / PurePosixPath(values.get(OUTPUT, IN_IMAGE)).relative_to(IN_IMAGE)
    for template in (folder / "templates").glob(f"*{TEMPLATE}"):
        text = filled(template.read_text(encoding="utf-8"), values)
        (output / template.name.removesuffix(TEMPLATE)).write_text(text, encoding="utf-8")
    hosts = dict(line.split(":", 1) for line in service.extra_hosts if ":" in line)
    for path in folder.rglob("*.conf"):
        text = _private(path.read_text(encoding="utf-8"), hosts)
        path.write_text(text, encoding="utf-8")
    places = [f"{one}_temp_path {folder}/{one};\n" for one in TEMPORARY]
    (output / "places.conf").write_text("".join(places), encoding="utf-8")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a template with the values of the variables that the image's filter lets through."""
    wanted = re.compile(values.get(FILTER, ""))
    known = {name: value for name, value in values.items() if wanted.search(name)}
    return re.sub(r"\$\{(\w+)\}", lambda found: known.get(found[1], found[0]), text)


def _private(text: str, hosts: Mapping[str, str]) -> str:
    for name, address in hosts.items():
        text = re.sub(rf"\b{re.escape(name)}:", f"{address}:", text)
    text = LISTEN.sub(lambda found: f"{found[1]}127.0.0.1:{FIRST_PORT + int(found[2])}", text)
    return USER.sub("", text)
