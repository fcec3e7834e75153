"""Properties of units, as supervisord answers."""

from hems.supervision.commands.start_times import Properties

DEPENDENCIES = ("Requires", "BindsTo", "Wants", "Upholds", "After")
TIMES = ("InactiveExit", "ActiveEnter", "InactiveEnter")


def unit(state: str = "active", times: tuple[float, ...] = (), **given: str) -> dict[str, str]:
    """Return the properties of one unit; `times` are those of TIMES in seconds."""
    properties = {"ActiveState": state, "Type": "notify", "Result": "success"}
    properties |= dict.fromkeys(DEPENDENCIES, "")
    properties |= {f"{name}TimestampMonotonic": "0" for name in TIMES}
    for name, at in zip(TIMES, times, strict=False):
        properties[f"{name}TimestampMonotonic"] = str(round(at * 1e6))
    return properties | given


def units(**properties: dict[str, str]) -> Properties:
    return properties
