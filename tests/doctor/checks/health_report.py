"""Health reports for the tests of the checks that read one."""

from hems.protocols.gateway import unit_health_file
from hems.protocols.gateway.unit_health_file import HealthReport
from hems.supervision.health.health_json import HealthEncoder
from hems.supervision.health.health_row import HealthRow

ROW = HealthRow("led", "notify", "active", "", True, True, "", 0, "", "{}")


def report(*rows: HealthRow) -> HealthReport:
    return unit_health_file.decode(HealthEncoder().report(rows, 0.0).encode())


def unit(**changes: object) -> HealthRow:
    return HealthRow(**{**ROW._asdict(), **changes})
