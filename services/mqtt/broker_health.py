"""Exit with 0 if the broker has answered run_mosquitto.py within the last minute."""

import sys
import time
from pathlib import Path

MAX_AGE_S = 60.0
heartbeat = Path("/run/mosquitto/heartbeat")
sys.exit(not heartbeat.exists() or time.time() - heartbeat.stat().st_mtime > MAX_AGE_S)
