"""What the owner sees in a browser, through nginx and TLS."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.deploy import browser
from tests.e2e import frontend
from tests.e2e.gateway import Gateway
from tests.e2e.meter import TOTAL, Meter
from tests.e2e.visitor import Visitor
from tests.integration.d2l import ID
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

SCREENSHOTS = "E2E_SCREENSHOTS"  # the directory to leave them in
HOURLY_WH = (310, 280, 270, 260, 290, 420, 980, 1250, 760, 540, 480, 690)
VISIT_S = 240.0
DASHBOARD, NAME = "smartcore", f"Linky {ID:012d}"


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    directory = Path(os.environ.get(SCREENSHOTS) or tmp_path)
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def import_a_day(owner: Visitor, total: int) -> None:
    """Give the meter's statistics a past, as they have one every hour only; `total` is in Wh."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    consumed = [HOURLY_WH[hour // 2] for hour in range(24)]
    stats = [
        {
            "start": (now - timedelta(hours=24 - hour)).isoformat(),
            "state": total - sum(consumed[hour + 1 :]),
            "sum": sum(consumed[: hour + 1]),
        }
        for hour in range(24)
    ]
    metadata = {
        "mean_type": 0,  # none
        "has_sum": True,
        "name": None,
        "source": "recorder",
        "statistic_id": TOTAL,
        "unit_class": "energy",
        "unit_of_measurement": "Wh",
    }
    owner.command("recorder/import_statistics", metadata=metadata, stats=stats)


def test_the_owner_sees_both_dashboards(
    home: Gateway, owner: Visitor, meter: Meter, screenshots: Path
) -> None:
    browser.ready()
    totals = [meter.push() for _ in range(5)]  # so many say what power is drawn
    import_a_day(owner, int(totals[-1]))
    eventually(lambda: bool(owner.command("lovelace/config", url_path=DASHBOARD)), 30, "it is made")
    certificate = home.site.gateway / "tls" / "server.crt"
    texts = home.site.lan.house.call(
        lambda: frontend.visit(certificate, screenshots, NAME), VISIT_S
    )
    assert texts == {"energy": f"{NAME} Energy total", "smartcore": NAME}
