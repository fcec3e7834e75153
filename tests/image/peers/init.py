"""Run the scripts in /etc/cont-init.d, as s6-overlay does at a start, then a Python program."""

import os
import subprocess
import sys
from pathlib import Path

for program in sorted(Path("/etc/cont-init.d").iterdir()):
    subprocess.run([program], check=True)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
