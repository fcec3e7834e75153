"""Measure what floods do: to nginx alone, to a whole gateway, and to its card.

The flood runs on this machine too, with the lowest priority, as it stands for other machines.
"""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from tests.bench import card_writes, hostile_home
from tests.bench.table import Row
from tests.deploy import nginx
from tests.deploy.flooding import (
    EVERYBODY,
    Kind,
    add_attackers,
    answer_times,
    flood,
    hello,
    meters,
)
from tests.deploy.site import Site, site
from tests.integration.namespaces import require_namespaces

ANSWERS, PAGES = 300, 60
METER_S, PAGE_S = 0.2, 1.0  # at most, 99 of 100
AT_ONCE = 500
ANSWERED = re.compile(r"(\d+) answered")


def measure() -> list[Row]:
    """Return the rows of all. Needs root and what tests/e2e needs; takes about 8 minutes."""
    rows = handshakes()
    with hostile_home.powered_on() as home:
        return [*rows, *hostile_home.flooded(home), *card_writes.attacked(home)]


def handshakes() -> list[Row]:
    """Return how long a meter and a page wait while nginx does one handshake after the other."""
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
            kind = Kind(AT_ONCE, hello(), "answered")
            with flood(gateway, 443, kind, EVERYBODY) as log:
                before, began = _answered(log), time.monotonic()
                times = answer_times(gateway, ANSWERS)
                pages = [page_time(gateway) for _ in range(PAGES)]
                time.sleep(1)  # the flood prints every second
                rate = (_answered(log) - before) / (time.monotonic() - began)
    what = f"with a flood of TLS handshakes from 254 addresses ({rate:.0f}/s):"
    return [
        _row(f"{what} a meter's new connection", times, METER_S, quiet),
        _row(f"{what} another visitor's page", pages, PAGE_S),
    ]


def page_time(gateway: Site) -> float:
    """Return how long (s) a page takes, its new TLS connection included."""
    started = time.monotonic()
    assert gateway.client().ask("/healthz").status == 204
    return time.monotonic() - started


def _answered(log: Path) -> int:
    return int(ANSWERED.findall(log.read_text())[-1])


def _row(what: str, times: list[float], budget_s: float, quiet: list[float] | None = None) -> Row:
    p99 = quantiles(times, n=100)[98]
    value = f"p99 {1000 * p99:.0f} ms, median {1000 * median(times):.0f} ms"
    if quiet:
        value += f" (without a flood {1000 * median(quiet):.0f} ms)"
    return Row(what, value, f"p99 < {1000 * budget_s:.0f} ms", p99 < budget_s)
