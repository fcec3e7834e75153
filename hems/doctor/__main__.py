"""python -m hems.doctor: check this gateway and print the findings; exit 1 if one has failed."""

from __future__ import annotations

import os
import sys

from hems.doctor.diagnose_gateway import diagnose
from hems.doctor.repair_commands import RepairCommands

RESOLVER = "RES_OPTIONS", "timeout:2 attempts:1"  # resolv.conf(5): do not wait for a silent server

if __name__ == "__main__":
    os.environ.setdefault(*RESOLVER)
    sys.exit(diagnose(os.environ, RepairCommands()))
