"""[energy_summary]: how often the numbers of the home are calculated."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hems.settings.section import Section


class EnergySummarySettings(Section, frozen=True):
    period_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 60.0
