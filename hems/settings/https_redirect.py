"""NGINX_HTTPS_REDIRECT: whether HTTP leads to HTTPS, or serves the pages too.

provision tells nginx by a file, so no variable's text gets into nginx's configuration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hems.settings.validation_problems import DEFAULT, SettingsProblem, shown

SETTING = "NGINX_HTTPS_REDIRECT"
YES, NO = (re.compile(words, re.IGNORECASE) for words in ("(?:true|yes|1)?", "false|no|0"))


def are_pages_on_http(environ: Mapping[str, str], problems: list[SettingsProblem]) -> bool:
    """Return whether the variable says so; append a mistake in it to `problems`."""
    value = environ.get(SETTING, "")
    if not (YES.fullmatch(value) or NO.fullmatch(value)):
        text = f"{SETTING}: found {shown(value)}, expected true or false"
        problems.append(SettingsProblem(SETTING, text, DEFAULT))
    return bool(NO.fullmatch(value))
