from pathlib import Path

import pytest

from hems.errors import ConfigError
from hems.supervision.options import Options, read


def test_the_options_are_read_with_their_defaults() -> None:
    assert read({"notify_socket": "/run/n"}) == Options(Path("/run/n"), None, 30)
    given = {"notify_socket": "/n", "heartbeat": "/h", "guard_sec": "1min", "health_file": "/j"}
    assert read(given) == Options(Path("/n"), Path("/h"), 60, Path("/j"))


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
    with pytest.raises(ConfigError) as error:
        read(given)
    assert str(error.value).startswith("[rpcinterface:hems] ")
    assert reason in str(error.value)
