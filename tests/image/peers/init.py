"""Run the scripts in /etc/cont-init.d, as s6-overlay does at a start, then a Python program.

Where Home Assistant is not installed, its start script finds a version and an owner: its own code
makes the owner.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

STAND_IN, USERS = Path("/opt/stand-in/homeassistant"), Path("/config/.storage/auth")

STAND_IN.mkdir(parents=True, exist_ok=True)
(STAND_IN / "__init__.py").touch()
(STAND_IN / "const.py").write_text('__version__ = "0.0"\n')
USERS.parent.mkdir(parents=True, exist_ok=True)
if not USERS.exists():
    USERS.write_text(json.dumps({"data": {"users": [{"is_owner": True}]}}))
environment = {**os.environ, "PYTHONPATH": str(STAND_IN.parent)}
for program in sorted(Path("/etc/cont-init.d").iterdir()):
    subprocess.run([program], check=True, env=environment)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
