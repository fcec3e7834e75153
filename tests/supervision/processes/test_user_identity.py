import pwd

import pytest

from hems.supervision.processes.user_identity import identity

ROOT = pwd.getpwuid(0)


def test_a_name_and_its_number_are_the_same_user() -> None:
    assert identity("root", "", ()) == identity("0", "", ())
    user = identity("root", "", ())
    assert (user.user, user.group) == (0, ROOT.pw_gid)
    assert user.variables["HOME"] == ROOT.pw_dir
    assert user.variables["USER"] == user.variables["LOGNAME"] == "root"


def test_a_number_without_an_account_has_our_group_and_no_home() -> None:
    user = identity("4242424", "17", ())
    assert (user.user, user.group, user.groups) == (4242424, 17, (17,))
    assert user.variables == {}


def test_more_groups_are_added() -> None:
    assert identity("4242424", "17", ("18", "root")).groups == (17, 18, 0)


@pytest.mark.parametrize(
    ("user", "group", "fault"),
    [
        ("no-such-user", "", "the user 'no-such-user', expected one in /etc/passwd"),
        ("root", "no-such-group", "the group 'no-such-group', expected one in /etc/group"),
    ],
)
def test_an_unknown_name_is_an_error(user: str, group: str, fault: str) -> None:
    with pytest.raises(LookupError, match=fault):
        identity(user, group, ())
