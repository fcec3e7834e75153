"""Check that the plugins of supervisord and supervisorctl can be imported."""

from __future__ import annotations

from collections.abc import Iterator

from supervisor.compat import import_spec

from hems.supervision.configuration.setting_places import ConfigurationFault
from hems.supervision.supervisord import supervisord_keys
from hems.supervision.supervisord.configuration_files import ConfigurationFiles

KEYS = {
    "rpcinterface:": "supervisor.rpcinterface_factory",
    "ctlplugin:": "supervisor.ctl_factory",
}


def faults(files: ConfigurationFiles) -> Iterator[ConfigurationFault]:
    """Yield each plugin that supervisord or supervisorctl could not load."""
    for section in files.parser.sections():
        for prefix, key in KEYS.items():
            if section.startswith(prefix) and (text := _fault(files, section, key)):
                has_key = files.parser.has_option(section, key)
                place = files.places.of(section, key) if has_key else files.places.of(section)
                yield ConfigurationFault(place, f"[{section}] {text}")


def _fault(files: ConfigurationFiles, section: str, key: str) -> str:
    """Return what is wrong with the factory of a plugin, empty if nothing is."""
    value = files.parser.get(section, key, fallback="")
    if not value:
        return f"found no {key}, expected PACKAGE.MODULE:FUNCTION"
    if fault := supervisord_keys.expansion_fault(value, files.parser.expansions):
        return f"{key}: {fault}"
    name = value % files.parser.expansions
    try:
        import_spec(name)
    except Exception as error:  # noqa: BLE001 - an import may raise anything
        reason = f"{type(error).__name__}: {error}"
        return f"{key}: found {name}, expected what can be imported ({reason})"
    return ""
