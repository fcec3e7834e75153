"""Whatever a variable has, the settings are read, and what is read can be used."""

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from hems.settings import SECTIONS, Settings, read_secrets
from hems.settings.load import TYPES, read
from hems.settings.section import Section
from hems.settings.shared_secret_rules import Secret
from hems.settings.validation_problems import SettingsProblem, shown
from hems.settings.watchdog import DEFAULT_SERVICES, ServiceSettings
from hems.worker_table import TABLE

ETC = Path(__file__).parents[2] / "etc" / "hems.toml"
DEFAULTS = Settings()
FIELDS = Settings.__struct_fields__
SETTINGS = {  # each variable, and its section
    f"HEMS_{section.upper()}_{name.upper()}": section
    for section, struct in SECTIONS.items()
    for name in TYPES[struct]
}
SERVICES = [
    f"HEMS_SERVICES_{service.upper().replace('-', '_')}_{name.upper()}"
    for service in DEFAULT_SERVICES
    for name in TYPES[ServiceSettings]
]
OTHERS = [
    *Secret,
    *("MQTT_USERS", "MQTT_BRIDGE", "D2L_DEVICES", "WIFI_PORTAL_PASSPHRASE"),
    "NGINX_HTTPS_REDIRECT",
    *("BALENA_SUPERVISOR_ADDRESS", "BALENA_SUPERVISOR_API_KEY", "BALENA_APP_ID", "BALENA_APP_NAME"),
]
VARIABLES = [*SETTINGS, *SERVICES, *OTHERS]
HOSTILE = [
    "",
    " ",
    "\udcff",
    "caf\udce9",
    "9" * 5000,
    "-" + "9" * 5000,
    "1e999999999",
    "1e-300",
    "Infinity",
    "-inf",
    "nan",
    "٤٢",
    "1_000",
    "0x10",
    "a..b",
    ".",
    "fe80::1%eth0",
    "[fe80::1%eth0]:80",
    "http://a..b/",
    "http://[::1/",
    "tcp://h:٤",
    "a:b:" + "c" * 5000,
    "x" * 100_000,
    "a:b;" * 20_000,
    "a," * 20_000,
    "[" * 2000,
    '"',
    "{0}{x}{}",
    "%s%(x)s",
    "10000-01-01",
    "\x1b[31m\x7f",
    "line\nbreak",
    "\u202e\ufeff\u200b",
    "\U0010ffff",
]
TEXT = st.binary(min_size=1, max_size=60).map(lambda data: os.fsdecode(data.replace(b"\0", b"")))
NUMBER = st.one_of(st.integers().map(str), st.floats().map(str))
VALUE = st.one_of(TEXT, NUMBER, st.sampled_from(HOSTILE))


def sections(settings: Settings) -> list[Section]:
    return [getattr(settings, name) for name in SECTIONS] + [*settings.services.values()]


USABLE: list[Section] = []  # those of the defaults, once they are known to be


def texts(settings: Settings) -> list[str]:
    """Return every text of the settings that a worker may send, write or log."""
    values = [
        value
        for section in sections(settings)
        for value in msgspec.structs.asdict(section).values()
    ]
    flat = [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
    return [value for value in flat if isinstance(value, str)]


def is_usable(settings: Settings) -> bool:
    """Tell whether every changed section would be accepted again, and all texts can be encoded."""
    for section in sections(settings):
        if section in USABLE:
            continue
        assert isinstance(section, Section)
        assert list(section.problems()) == []
        assert msgspec.convert(msgspec.structs.asdict(section), type(section)) == section
    lines = [problem.line for problem in settings.problems]
    assert all(line.isprintable() and len(line) < 1500 for line in lines), lines
    assert len(lines) < 2 * len(VARIABLES)
    return all(text.isprintable() and text.encode() is not None for text in texts(settings))


@pytest.fixture(scope="module", autouse=True)
def usable_defaults() -> None:
    assert is_usable(DEFAULTS)
    USABLE.extend(sections(DEFAULTS))


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_hostile_value_costs_its_own_variable_only(toml: Path, variable: str) -> None:
    field = SETTINGS.get(variable, "services" if variable in SERVICES else "secrets")
    for value in HOSTILE:
        settings = read(toml, {variable: value})
        assert is_usable(settings)
        wrong = settings.problems
        parts = {problem.part for problem in wrong}
        assert len(parts) <= 1, value
        stopped = {entry for entry in TABLE for one in wrong if entry.is_stopped_by(one)}
        can_do_without = all(problem.instead for problem in wrong)
        assert stopped == {one for one in TABLE if parts & one.settings and not can_do_without}
        changed = {name for name in FIELDS if getattr(settings, name) != getattr(DEFAULTS, name)}
        assert changed <= {field, "problems"}, value


@limits(max_examples=50)
@given(st.dictionaries(st.sampled_from(VARIABLES), VALUE, max_size=6))
@example(dict.fromkeys(VARIABLES, "\udcff"))
@example(dict.fromkeys(VARIABLES, "9" * 5000))
@example(dict.fromkeys(VARIABLES, "a..b"))
def test_any_variables_at_once_are_read(environ: dict[str, str]) -> None:
    assert is_usable(read(ETC, environ))


@limits(max_examples=50)
@given(TEXT, VALUE)
def test_a_variable_of_any_name_is_read(name: str, value: str) -> None:
    assert is_usable(read(ETC, {f"HEMS_{name}": value}))


KEY = "a" * 32
SPOILT = [  # a secret in each field, with a mistake in each place
    "hunter2",
    "hunter2 ",
    "hunter2\udcff",
    "hunter2\n",
    "hunter2:",
    f"hunter2:{KEY}:{KEY}",
    f"011601000001:hunter2:{KEY}",
    f"011601000001:{KEY}:hunter2",
    f"011601000001:{KEY}:{KEY}:hunter2",
    "plug:hunter2:no topic#",
    "pl ug:hunter2",
    "hunter2://host",
    "mqtts://user:hunter2@",
    "mqtts://user:hunter2@host/more",
    "mqtts://user:hunter2@host:0",
    "mqtts://:hunter2@host",
]


@pytest.mark.parametrize("text", SPOILT)
def test_no_mistake_shows_a_part_of_a_secret(text: str) -> None:
    problems: list[SettingsProblem] = []
    for variable in OTHERS:
        if not variable.startswith("BALENA_"):
            read_secrets.read({variable: text}, problems)
    assert "hunter2" not in " ".join(problem.line for problem in problems)


@limits(max_examples=50)
@given(st.dictionaries(st.sampled_from(OTHERS), VALUE, max_size=4))
def test_no_message_shows_a_value_of_a_secret(environ: dict[str, str]) -> None:
    problems: list[SettingsProblem] = []
    own = {name: f"{value}hunter2hunter2" for name, value in environ.items()}
    own = {name: value for name, value in own.items() if not name.startswith("BALENA_")}
    read_secrets.read(own, problems)
    assert "hunter2" not in " ".join(problem.line for problem in problems)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = 0x" + "f" * 5000, "found a value that is too long, expected a whole number"),
        ("port = inf", "found inf, expected a whole number"),
        ("port = 1979-05-27", "found datetime.date(1979, 5, 27), expected a whole number"),
        ("timeout_s = nan", "found nan, expected a number"),
        ("timeout_s = 0x" + "f" * 5000, "found a value that is too long, expected a number"),
        ('host = "a\\u0000b"', "found 'a\\x00b', expected text without a control character"),
        ("host = [" + "[" * 100 + "]" * 100 + "]", "expected text"),
    ],
    ids=range(7),
)
def test_a_hostile_value_of_the_file_is_one_mistake(toml: Path, text: str, words: str) -> None:
    toml.write_text(f"[mqtt]\n{text}")
    settings = read(toml, {})
    (problem,) = settings.problems
    assert words in problem.text
    assert settings.mqtt == Settings().mqtt


def test_a_key_of_the_file_with_a_line_break_is_one_line(toml: Path) -> None:
    toml.write_text('["a\\nb"]\n[mqtt]\n"c\\u001bd" = 1')
    lines = [problem.line for problem in read(toml, {}).problems]
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


def test_a_wrong_value_leaves_the_rest_of_its_section(toml: Path) -> None:
    toml.write_text("[provision]\nnames = ['of.the.file']\nperiod_s = 7")
    directory = {"HEMS_PROVISION_GATEWAY_DIRECTORY": "/elsewhere"}
    section = read(toml, {"HEMS_PROVISION_NAMES": "a..b"} | directory).provision
    assert (section.gateway_directory, section.period_s) == ("/elsewhere", 7)
    assert section.names == ("of.the.file",)


def test_two_values_that_do_not_fit_are_both_replaced(toml: Path) -> None:
    toml.write_text("[watchdog]\nperiod_s = 7\nreboot_after_s = 100\nreboot_after_max_s = 200")
    section = read(toml, {"HEMS_WATCHDOG_REBOOT_AFTER_S": "300"}).watchdog
    assert (section.period_s, section.reboot_after_s, section.reboot_after_max_s) == (7, 100, 200)


@given(st.one_of(VALUE, st.integers(), st.lists(st.integers()), st.none()))
@example(16**5000)
@example([16**5000])
def test_any_wrong_value_is_shown_in_short(value: object) -> None:
    text = shown(value)
    assert text.isprintable()
    assert len(text) < 1000
