from pathlib import Path

import pytest

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.supervisord.plugin_options import PluginOptions, read


def test_the_options_are_read_with_their_defaults() -> None:
    assert read({"notify_socket": "/run/n"}) == PluginOptions(Path("/run/n"), None, 30)
    given = {"notify_socket": "/n", "heartbeat": "/h", "guard_sec": "1min", "health_file": "/j"}
    assert read(given) == PluginOptions(Path("/n"), Path("/h"), 60, Path("/j"))


@pytest.mark.parametrize(
    ("text", "packages"),
    [("hems", ("hems",)), ("hems, dev.simulator", ("hems", "dev.simulator")), ("", ())],
    ids=["one", "two", "none"],
)
def test_packages_to_preload_are_separated_by_commas(text: str, packages: tuple[str, ...]) -> None:
    assert read({"notify_socket": "/n", "preload": text}).preload == packages


def test_a_relative_path_becomes_absolute_because_programs_may_change_their_folder() -> None:
    assert read({"notify_socket": "n.sock"}).notify_socket == Path.cwd() / "n.sock"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "notify_socket is missing"),
        ({"notify_socket": ""}, "notify_socket is missing"),
        ({"notify_sock": "/n"}, "unknown option 'notify_sock', did you mean notify_socket?"),
        ({"zzz": ""}, "did you mean notify_socket or heartbeat or guard_sec or health_file or pre"),
        ({"notify_socket": "/n", "guard_sec": "soon"}, "guard_sec: found 'soon'"),
        ({"notify_socket": "/n", "guard_sec": "0"}, "expected 1 to 3600 seconds"),
    ],
)
def test_a_bad_option_is_named(given: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidConfiguration) as error:
        read(given)
    assert str(error.value).startswith("[rpcinterface:supervision] ")
    assert reason in str(error.value)
