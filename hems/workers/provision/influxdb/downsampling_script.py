"""The Flux script that keeps years of history small: two values for each quarter of an hour.

For measured values (W, °C, %) the mean is best, for counted ones (kWh, m³) the last value.
InfluxDB does not know which of the two a series is, so the script keeps both, as the fields `mean`
and `last`. It runs only every 6 h, because InfluxDB writes all its results to the flash. InfluxDB
skips a run that was due during a restart (task/backend/coordinator.go), so each run computes the
whole last day again: the values are the same, and three runs may be missed.
"""

from __future__ import annotations

NAME = "SmartCORE downsampling"
SCRIPT = """\
// The gateway's worker provision keeps this task as it is, until its setting turns it off.
option task = {{name: "{name}", every: 6h, offset: 5m}}

values =
    from(bucket: "{source}")
        |> range(start: -1d)
        |> filter(fn: (r) => r._field == "value")

means =
    values
        |> aggregateWindow(every: 15m, fn: mean, createEmpty: false)
        |> set(key: "_field", value: "mean")

newest =
    values
        |> aggregateWindow(every: 15m, fn: last, createEmpty: false)
        |> set(key: "_field", value: "last")

union(tables: [means, newest])
    |> to(bucket: "{target}", org: "{organisation}")
"""


def flux(organisation: str, source: str, target: str) -> str:
    """Return the script from bucket `source` to bucket `target`."""
    return SCRIPT.format(name=NAME, organisation=organisation, source=source, target=target)
