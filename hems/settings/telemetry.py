"""[telemetry]: how often to publish the gateway and the home, and the files of other processes."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hems.settings.section import AbsolutePath, Section

PeriodSeconds = Annotated[float, msgspec.Meta(ge=1, le=3600)]


class TelemetrySettings(Section, frozen=True):
    period_s: PeriodSeconds = 60.0
    home_period_s: PeriodSeconds = 60.0
    health_file: AbsolutePath = "/run/hems/health.json"
    commands_file: AbsolutePath = "/run/hems/telemetry/commands.json"
