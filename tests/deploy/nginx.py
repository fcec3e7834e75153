"""The real nginx with the files of services/nginx-reverse-proxy, unchanged."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from dev.check import compose_file, dockerfile
from tests.deploy.container import Container
from tests.deploy.lan import BRIDGE, PROXY
from tests.integration.namespaces import ENVIRON, Namespace, require_namespaces
from tests.integration.worker_process import ROOT, eventually
from tests.required import required

DOCKERFILE = "services/nginx-reverse-proxy/Dockerfile"
FILES = ROOT / "services" / "nginx-reverse-proxy" / "nginx"
USER = 101  # of nginx in the image, and its group
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs"]
STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")  # the image has it built in


def ready() -> None:
    """Skip or fail unless nginx and namespaces can be had."""
    require_namespaces("nginx")
    required("" if STREAM.exists() else "not installed: libnginx-mod-stream")


class Nginx:
    """nginx on the ports of its files, with the user that the image has."""

    def __init__(self, space: Namespace, gateway: Path, directory: Path) -> None:
        self.log = directory / "nginx.log"
        self._space = space
        self._etc = directory / "nginx"
        shutil.copytree(FILES, self._etc)
        empty = dict.fromkeys(("/run", "/run/nginx", "/var/log/nginx"))
        mounts = {"/gateway": gateway, "/etc/nginx": self._etc, **empty}
        self._container = Container(space, mounts, {"nginx": USER})
        self._container.write("/etc/hosts", f"{BRIDGE} eesmart-d2l\n")
        service = compose_file.read(ROOT).services["nginx-reverse-proxy"]
        for name, value in service.sysctls.items():
            space.run("tee", f"/proc/sys/{name.replace('.', '/')}", text=str(value))
        self.log.touch()
        self.log.chmod(0o666)  # /dev/stdout is opened by its name
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, patience: str = "60s", environ: Mapping[str, str] = ENVIRON) -> None:
        """Start it with the image's command; wait until it answers.

        `patience` is how long nginx waits for any service, unless its files say otherwise.
        `environ` is the environment of the container.
        """
        (self._etc / "http.d" / "patience.conf").write_text(f"proxy_read_timeout {patience};\n")
        *words, last = dockerfile.command(
            dockerfile.image_stages(dockerfile.read(ROOT, DOCKERFILE))
        )
        argv = [*AS_USER, *words, f"load_module {STREAM}; {last}"]
        self._process = self._container.start(argv, self.log, environ)
        eventually(self._answers, 10, "nginx answers")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> int:
        """Stop it as Docker does with this image and return its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        return self._process.wait(10)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        return all(self._space.reaches(PROXY, port, 1) for port in (80, 443))
