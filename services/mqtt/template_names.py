"""The names that a template in an announcement may use."""

from __future__ import annotations

VARIABLES = frozenset(
    "value value_json this entity_id name state action code effect flash mode tone"  # noqa: SIM905
    " transition duration".split()
)
NUMBERS = frozenset(  # Home Assistant's own values, in templates of commands
    "brightness color_temp color_temp_kelvin red green blue white cold_white warm_white"  # noqa: SIM905
    " hue sat x y position position_open position_closed tilt_position tilt_min tilt_max"
    " volume_level".split()
)
FUNCTIONS = frozenset(
    "now utcnow today_at as_timestamp as_datetime as_local bool float int iif is_number"  # noqa: SIM905
    " max min timedelta".split()
)
OWN_STATE = frozenset({"states", "state_attr", "is_state", "is_state_attr", "has_value"})
TO_NUMBER = frozenset({"float", "int", "as_timestamp", "add", "multiply"})
KEYWORDS = frozenset(
    "default default_value boolean if_true if_false days hours minutes seconds".split()  # noqa: SIM905
)
METHODS = frozenset(
    "capitalize endswith get isoformat lower lstrip rstrip split startswith strftime"  # noqa: SIM905
    " strip timestamp title upper".split()
)
TESTS = frozenset(
    "boolean defined even false float integer is_number mapping none number odd"  # noqa: SIM905
    " sequence string true undefined".split()
)
REMAINDERS = frozenset({"even", "odd"})  # Jinja computes value % 2: a text would be a format
PICKS = frozenset({"count", "first", "last", "length", "max", "min"})  # one of the pieces
ANY_ARGUMENTS = frozenset({"d", "default", "iif"})
