"""Do what s6 and balena do: run /etc/cont-init.d in a root until it succeeds, then become ARGV.

    as_container.py ROOT ENVIRONMENT ARGV...

ENVIRONMENT is the folder of the variables that s6 gives to services, as seen in the root. A signal
ends everything, as the end of a container does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

ATTEMPTS, PAUSE_S = 20, 0.5
root, environment, *argv = sys.argv[1:]
# The root has simulated devices, over which start.py could mount the machine's own.
PREPARE = ("setpriv", "--bounding-set", "-sys_admin", "chroot", root)


def end(*_: object) -> None:
    os.killpg(0, signal.SIGKILL)


os.setpgid(0, 0)
signal.signal(signal.SIGTERM, end)
for _ in range(ATTEMPTS):
    if subprocess.run([*PREPARE, "/etc/cont-init.d/gateway"], check=False).returncode == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.execvp("chroot", ["chroot", root, "s6-envdir", environment, *argv])
    time.sleep(PAUSE_S)
sys.exit("cont-init.d failed again and again")
