"""Which of a fleet's variables reach the workers, by the first command of our images."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hems
from dev.check import dockerfile, supervisord_conf
from hems.settings import SECTIONS
from hems.settings.load import TYPES
from hems.settings.section import AbsolutePath
from hems.supervision.processes.entrypoint_environment import SortedEnvironment, sort_out

ROOT = Path(hems.__file__).parents[1]
IMAGES = ("Dockerfile", "services/wifi-connect/Dockerfile")
README = (ROOT / "README.md").read_text(encoding="utf-8")
# What changes which code or file a program uses, or what it does before its first line.
HOSTILE = (
    *("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH"),
    *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONUSERBASE"),
    *("PYTHONPLATLIBDIR", "PYTHONBREAKPOINT", "PYTHONWARNINGS", "PYTHONTZPATH"),
    *("GPIOZERO_PIN_FACTORY", "GPIOZERO_TEST_PIN_FACTORY", "LG_WD", "OPENSSL_CONF"),
    *("OPENSSL_MODULES", "OPENSSL_ENGINES", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"),
    *("XTABLES_LIBDIR", "IPTABLES_LIB_DIR", "RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES"),
    *("CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS", "UNIT"),
    *("SUPERVISOR_ENABLED", "TMPDIR", "TZ", "TZDIR", "http_proxy", "DBUS_SYSTEM_BUS_ADDRESS"),
    "HEMS_CONFIG",
)


def sorted_out(image: str, environ: dict[str, str]) -> SortedEnvironment:
    words = dockerfile.command(dockerfile.read(ROOT, image))
    at = words.index("hems.supervision.processes.entrypoint_environment")
    assert words[:at] == ["/opt/hems/bin/python", "-I", "-m"]
    return sort_out(environ, words[at + 2 : words.index("--")])


def path_settings() -> list[str]:
    return [
        f"HEMS_{section}_{name}".upper()
        for section, struct in SECTIONS.items()
        for name, kind in TYPES[struct].items()
        if kind is AbsolutePath
    ]


@pytest.mark.parametrize("image", IMAGES)
def test_no_variable_of_a_fleet_chooses_code_paths_or_users(image: str) -> None:
    variables = dockerfile.environment(dockerfile.image_stages(dockerfile.read(ROOT, image)))
    users = ("D2L_USER", "TELEMETRY_USER", "WATCHDOG_USER")
    places = ("HEMS_RUN_DIR", "HEMS_DATA_DIR", "D2L_LISTEN", "REFUSALS_LISTEN")
    fixed = dict.fromkeys([*variables, *users, *places], "/evil")
    environment = sorted_out(image, dict.fromkeys(HOSTILE, "/evil") | fixed)
    assert environment.kept == variables
    assert not environment.secrets


@pytest.mark.parametrize("image", IMAGES)
def test_no_variable_of_a_fleet_sets_a_path_of_the_settings(image: str) -> None:
    names = path_settings()
    assert {"HEMS_LOGS_DIRECTORY", "HEMS_WIFI_CONNECT_DIRECTORY"} <= {*names}
    environment = sorted_out(image, dict.fromkeys(names, "/evil"))
    assert "/evil" not in environment.kept.values()


def test_every_documented_variable_reaches_the_workers() -> None:
    table = README.partition("| variable | meaning | default |")[2].partition("\n\n")[0]
    names = {name for row in table.splitlines() for name in re.findall(r"`([A-Z0-9_]+)`", row[:60])}
    assert {"CONFIG_PASSWORD", "D2L_DEVICES", "NGINX_HTTPS_REDIRECT"} <= names
    names |= {"HEMS_MQTT_PORT", "BALENA_SUPERVISOR_ADDRESS", "BALENA_SUPERVISOR_API_KEY"}
    environments = [sorted_out(image, dict.fromkeys(names, "x")) for image in IMAGES]
    assert names - {name for one in environments for name in {*one.kept, *one.secrets}} == set()


def test_supervisord_has_every_variable_that_it_expands_whatever_the_fleet_sets() -> None:
    names = set(supervisord_conf.VARIABLE.findall((ROOT / supervisord_conf.FILE).read_text()))
    assert names
    for environ in ({}, dict.fromkeys(names, "")):
        assert all(sorted_out("Dockerfile", environ).kept[name] for name in names)
