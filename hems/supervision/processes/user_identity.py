"""Find out who a process runs as, and become that user: User=, Group=, SupplementaryGroups=."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Iterable
from typing import NamedTuple

from hems.supervision.settings.process_settings import PrivilegeSettings


class Identity(NamedTuple):
    """`account` is None for a user without an entry in passwd(5)."""

    user: int
    group: int
    groups: tuple[int, ...]
    account: pwd.struct_passwd | None

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables that systemd sets for User=."""
        if self.account is None:
            return {}
        name = self.account.pw_name
        shell = self.account.pw_shell or "/bin/sh"
        return {"USER": name, "LOGNAME": name, "HOME": self.account.pw_dir, "SHELL": shell}


def identity(user: str, group: str, supplementary: Iterable[str]) -> Identity:
    """Return the ids for names or numbers; an empty one is our own. Raises LookupError."""
    account = _account(user)
    uid = account.pw_uid if account else int(user)
    gid = group_id(group) if group else account.pw_gid if account else os.getgid()
    groups = os.getgrouplist(account.pw_name, gid) if account and user else [gid]
    return Identity(uid, gid, (*groups, *map(group_id, supplementary)), account)


def fault(settings: PrivilegeSettings) -> str:
    """Return which user or group this machine does not have, empty if none."""
    if settings.changes_user:
        try:
            identity(settings.user, settings.group, settings.groups)
        except LookupError as error:
            return str(error)
    return ""


def group_id(name: str) -> int:
    """Return the id of a group. Raises LookupError."""
    if name.isdecimal():
        return int(name)
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise LookupError(f"found the group {name!r}, expected one in /etc/group") from None


def become_user(identity: Identity) -> None:
    """Change user and groups of this process for ever. Raises PermissionError."""
    user, group = identity.user, identity.group
    is_same = (user, group) == (os.getuid(), os.getgid())
    if is_same and (user != 0 or {*os.getgroups(), group} == set(identity.groups)):
        return  # an unprivileged supervisord starts programs of its own user
    os.setgroups(identity.groups)
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)


def _account(user: str) -> pwd.struct_passwd | None:
    """Return the account of a name or number; None for a number without one."""
    try:
        if not user or user.isdecimal():
            return pwd.getpwuid(int(user) if user else os.getuid())
        return pwd.getpwnam(user)
    except KeyError:
        if user.isdecimal():
            return None
        raise LookupError(f"found the user {user!r}, expected one in /etc/passwd") from None
