"""Check the variables that only another service reads: hems reports what is wrong with them.

NGINX_HTTPS_REDIRECT   nginx-reverse-proxy: whether HTTP leads to HTTPS. nginx redirects unless the
                       value means "no", and writes the value into its configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hems.settings.problems import DEFAULT, SettingsProblem, shown

REDIRECT = "NGINX_HTTPS_REDIRECT"
SWITCH = re.compile("true|yes|1|false|no|0", re.IGNORECASE)
SPECIAL = re.compile(r'["\\$]')  # within a quoted text of nginx


def mistakes(environ: Mapping[str, str]) -> Iterator[SettingsProblem]:
    """Yield each mistake in the variables of other services."""
    value = environ.get(REDIRECT, "")
    if value and not SWITCH.fullmatch(value):
        breaks = SPECIAL.search(value)
        text = f"{REDIRECT}: found {shown(value)}, expected true or false"
        end = "; nginx cannot start with it" if breaks else ""
        yield SettingsProblem(REDIRECT, text + end, "" if breaks else DEFAULT)
