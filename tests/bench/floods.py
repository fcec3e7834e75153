"""Measure how long a meter waits for its answer while nginx is flooded.

The flood runs on this machine too, with the lowest priority, as it stands for other machines.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median, quantiles

from tests.bench.table import Row
from tests.deploy import nginx
from tests.deploy.flooding import add_attackers, answer_times, hostile, meters
from tests.deploy.site import site
from tests.integration.namespaces import require_namespaces

ANSWERS = 300
BUDGET_S = 0.2


def measure() -> list[Row]:
    """Return one row. Needs root, nginx and mosquitto."""
    nginx.ready()
    require_namespaces("mosquitto")
    with tempfile.TemporaryDirectory() as name, site(Path(name)) as gateway:
        gateway.provision()
        gateway.nginx.start()
        add_attackers(gateway)
        directory = Path(name, "worker")
        directory.mkdir()
        with meters(gateway, directory):
            quiet = answer_times(gateway, ANSWERS)
            with hostile(gateway):
                times = answer_times(gateway, ANSWERS)
    p99 = quantiles(times, n=100)[98]
    value = f"p99 {1000 * p99:.0f} ms, median {1000 * median(times):.0f} ms"
    value += f" (without a flood {1000 * median(quiet):.0f} ms)"
    what = "answer to a meter's new connection, 5 000 hostile ones each at 443 and 1883"
    return [Row(what, value, f"p99 < {1000 * BUDGET_S:.0f} ms", p99 < BUDGET_S)]
