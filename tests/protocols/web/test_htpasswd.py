import pytest

from hems.protocols.web.htpasswd import is_line_for, new_salt, password_line

SALT = b"$2b$04$..CA.uOD/eaGAOmJB.yMBu"
# glibc's libxcrypt 4.4 gives this hash for the salt and "pässwörd".
LINE = "admin:$2b$04$..CA.uOD/eaGAOmJB.yMBuBNlMI71saKDv99t9oxd5LlAgQJh9m3."


def test_a_line_is_a_bcrypt_hash_with_the_given_salt() -> None:
    assert password_line("admin", "pässwörd", SALT) == LINE


def test_a_line_lets_its_user_in_with_its_password_only() -> None:
    line = password_line("admin", "pässwörd", SALT)
    assert is_line_for(line, "admin", "pässwörd")
    assert not is_line_for(line, "admin", "passwörd")
    assert not is_line_for(line, "root", "pässwörd")


def test_the_longest_password_is_taken_whole() -> None:
    line = password_line("admin", "x" * 72, SALT)
    assert is_line_for(line, "admin", "x" * 72)
    assert not is_line_for(line, "admin", "x" * 71)


def test_a_line_that_is_cut_anywhere_lets_nobody_in() -> None:
    line = password_line("admin", "pässwörd", SALT)
    for size in range(len(line)):
        assert not is_line_for(line[:size], "admin", "pässwörd")


@pytest.mark.parametrize("prefix", ["$2b$07$", "$2a$04$", "$6$"])
def test_a_hash_of_another_method_or_cost_is_replaced(prefix: str) -> None:
    line = password_line("admin", "pässwörd", SALT).replace("$2b$04$", prefix)
    assert not is_line_for(line, "admin", "pässwörd")


def test_each_salt_is_new_and_makes_a_line_of_our_cost() -> None:
    first, second = new_salt(), new_salt()
    assert first != second
    assert is_line_for(password_line("admin", "secret", first), "admin", "secret")
