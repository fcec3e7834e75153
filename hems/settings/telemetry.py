"""[telemetry]: how often the gateway's own figures are published."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hems.settings.section import Section


class Telemetry(Section, frozen=True):
    period_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 60.0
    health_file: str = "/run/hems/health.json"
