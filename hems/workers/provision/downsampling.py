"""The Flux script that keeps years of history small: two values a quarter of an hour.

Of what is read (W, °C, %) the mean tells most, of what is counted (kWh, m³) the last value; which
of the two a series is nobody has written down, so both are kept, as the fields `mean` and `last`.
InfluxDB runs it every 6 h only, as all it makes is written to the flash. It forgets a run that was
due while it was restarted (task/backend/coordinator.go), so each makes the whole day before anew:
the same values, again, and three runs may be missed.
"""

from __future__ import annotations

NAME = "SmartCORE downsampling"
SCRIPT = """\
// Kept as it is by the gateway's worker provision, for as long as its setting wants it.
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
