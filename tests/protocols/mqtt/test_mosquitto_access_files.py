from base64 import b64decode

import pytest

from hems.errors import ConfigError
from hems.protocols.mqtt.mosquitto_access_files import (
    AccessGrant,
    AccessRight,
    access_list,
    is_line_for,
    password_line,
)

SALT = bytes(range(12))
# mosquitto_passwd 2.0.11 -b FILE hems secret
WRITTEN_SALT = "AGKWC0Vcjfnz0znj"
WRITTEN = (
    f"hems:$7$101${WRITTEN_SALT}$nX4bccpa7xf+AzOxblZxgncR7Aj7NdUW5jloeoAdakM"
    "zuTF7WsAQtUvUNUdC8rVG3Au9+wiuBw6gXQNZTcHz2w=="
)


def test_a_line_is_what_mosquitto_passwd_wrote_with_the_same_salt() -> None:
    assert password_line("hems", "secret", b64decode(WRITTEN_SALT)) == WRITTEN


def test_another_salt_gives_another_hash() -> None:
    assert password_line("hems", "secret", SALT) != password_line("hems", "secret", SALT[::-1])


@pytest.mark.parametrize("user", ["", "a:b", "a\nb", "a\rb"])
def test_a_user_name_that_would_break_the_file_is_refused(user: str) -> None:
    with pytest.raises(ConfigError, match="broker: found user"):
        password_line(user, "secret", SALT)


def test_a_salt_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="salt of 11 bytes"):
        password_line("hems", "secret", SALT[:11])


def test_a_line_lets_its_user_in_with_its_password_only() -> None:
    assert is_line_for(WRITTEN, "hems", "secret")
    assert not is_line_for(WRITTEN, "hems", "Secret")
    assert not is_line_for(WRITTEN, "hem", "secret")


def test_a_line_that_is_cut_anywhere_lets_nobody_in() -> None:
    for size in range(len(WRITTEN)):
        assert not is_line_for(WRITTEN[:size], "hems", "secret")


def test_a_line_with_other_iterations_is_not_ours() -> None:
    other = password_line("hems", "secret", SALT, iterations=100)
    assert not is_line_for(other, "hems", "secret")


@pytest.mark.parametrize("salt", ["=" * 16, "A===============", "AGKWC0Vcjfnz0zn="])
def test_a_salt_that_is_none_lets_nobody_in(salt: str) -> None:
    assert not is_line_for(WRITTEN.replace(WRITTEN_SALT, salt), "hems", "secret")


def test_an_access_list_has_a_paragraph_a_user() -> None:
    grants = [
        AccessGrant("homeassistant", ((AccessRight.READWRITE, "#"),)),
        AccessGrant(
            "plug", ((AccessRight.READ, "homeassistant/status"), (AccessRight.WRITE, "plug/#"))
        ),
    ]
    assert access_list(grants) == (
        "user homeassistant\ntopic readwrite #\n\n"
        "user plug\ntopic read homeassistant/status\ntopic write plug/#\n"
    )
