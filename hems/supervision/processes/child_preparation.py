"""Prepare a child process for its program, after the fork: systemd.exec(5), in systemd's order.

What goes wrong is a line on the unit's stderr and one of systemd's exit statuses.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hems.supervision.processes import (
    capabilities,
    credentials,
    mount_namespace,
    process_environment,
    resource_limits,
    system_calls,
    user_identity,
)
from hems.supervision.processes.user_identity import Identity
from hems.supervision.settings import mount_directives
from hems.supervision.settings.capability_names import NUMBERS
from hems.supervision.settings.process_settings import (
    MountSettings,
    PathEntry,
    PrivilegeSettings,
    ProcessSettings,
    StandardInput,
)
from hems.supervision.units.preparation_exit_statuses import STATUSES


class ChildPreparation(NamedTuple):
    """How the process of one unit starts.

    `user` is supervisord's own setting. `credentials` is the unit's folder of credentials, and
    `given` that of supervisord. `oom_score_adjust` is the default.
    """

    unit: str
    settings: ProcessSettings
    user: int | None
    credentials: Path
    given: Path | None
    oom_score_adjust: int

    def prepare(self, inherited: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
        """Prepare this process, and return the environment of its program.

        The parameters are those of process_environment.environment. Does not return after an error.
        """
        settings = self.settings
        # A supervisord that has changed its user left its files in /proc to root, until an exec.
        system_calls.prctl(system_calls.PR_SET_DUMPABLE, 1)
        with self.step("STDIN"):
            if settings.standard_input is StandardInput.NULL:
                _read_nothing()
        self._set_priorities()
        with self.step("USER"):
            identity = self._identity()
        environment = self._environment(inherited, own, identity)
        with self.step("NAMESPACE"):
            if settings.mounts and capabilities.has(capabilities.SYS_ADMIN):
                mount_namespace.enter(settings.mounts)
        with self.step("LIMITS"):
            resource_limits.set_limits(settings.limits.given())
        self._drop(settings.privileges, identity)
        if settings.umask is not None:
            os.umask(settings.umask)
        with self.step("CHDIR"):
            if settings.directory:
                _change_folder(settings.directory, identity)
        return environment

    def _set_priorities(self) -> None:
        settings = self.settings
        with self.step("OOM_ADJUST"):
            adjust = settings.oom_score_adjust
            resource_limits.set_oom_score_adjust(
                self.oom_score_adjust if adjust is None else adjust
            )
        with self.step("NICE"):
            if settings.nice is not None:
                resource_limits.set_nice(settings.nice)

    def _environment(
        self, inherited: Mapping[str, str], own: Mapping[str, str], identity: Identity | None
    ) -> dict[str, str]:
        """Return the variables, among them where the credentials are, which are written now."""
        settings = self.settings
        if settings.privileges.user and identity:
            own = {**identity.variables, **own}
        with self.step("CONFIG"):
            environment = process_environment.environment(
                settings.environment, {**inherited, **own}, own
            )
        if settings.credentials:
            with self.step("CREDENTIALS"):
                self._write_credentials(identity)
            environment[credentials.VARIABLE] = str(self.credentials)
        return environment

    def without_effect(self) -> dict[str, str]:
        """Return the directives that have no effect, each with what supervisord lacks for it."""
        settings = self.settings
        return _without_capabilities(settings.privileges) | _without_mounts(settings.mounts)

    def uid(self) -> int:
        """Return the user that the process runs as, -1 if there is no such user."""
        try:
            identity = self._identity()
        except LookupError:
            return -1
        return identity.user if identity else os.getuid()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """End this process with the step's exit status if the step fails."""
        try:
            yield
        except (OSError, ValueError, LookupError) as error:
            sys.stderr.flush()
            os.write(2, f"supervision: {self.unit}: {name}: {error}\n".encode())
            os._exit(STATUSES[name])

    def _identity(self) -> Identity | None:
        """Return whom the process becomes, None if it stays what supervisord is."""
        privileges = self.settings.privileges
        user = privileges.user or ("" if self.user is None else str(self.user))
        if not (user or privileges.changes_user):
            return None
        return user_identity.identity(user, privileges.group, privileges.groups)

    def _write_credentials(self, identity: Identity | None) -> None:
        user, group = (identity.user, identity.group) if identity else (os.geteuid(), os.getegid())
        credentials.write(self.settings.credentials, self.credentials, self.given, user, group)

    def _drop(self, privileges: PrivilegeSettings, identity: Identity | None) -> None:
        """Drop capabilities, become the user, and keep what is left for ever."""
        bounding = privileges.bounding_set
        ambient = privileges.ambient_set & capabilities.permitted()
        with self.step("CAPABILITIES"):
            if bounding is not None:
                capabilities.limit(bounding, can_gain=not privileges.no_new_privileges)
            if ambient:
                capabilities.keep_over_user_change(is_kept=True)
        with self.step("USER"):
            if identity:
                user_identity.become_user(identity)
        with self.step("CAPABILITIES"):
            if bounding is not None or ambient:
                capabilities.settle(bounding, ambient, is_root=os.getuid() == 0)
                capabilities.keep_over_user_change(is_kept=False)
        with self.step("NO_NEW_PRIVILEGES"):
            if privileges.no_new_privileges:
                capabilities.forbid_new_privileges()


def _without_capabilities(privileges: PrivilegeSettings) -> dict[str, str]:
    if not (missing := privileges.ambient_set - capabilities.permitted()):
        return {}
    names = (name for name, number in NUMBERS.items() if number in missing)
    return {"AmbientCapabilities": ", ".join(names)}


def _without_mounts(given: MountSettings) -> dict[str, str]:
    if capabilities.has(capabilities.SYS_ADMIN):
        return {}
    fields = {row.name: row.setting.rpartition(".")[2] for row in mount_directives.DIRECTIVES}
    default = MountSettings()
    return {
        name: "CAP_SYS_ADMIN"
        for name, field in fields.items()
        if getattr(given, field) != getattr(default, field)
    }


def _read_nothing() -> None:
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.dup2(descriptor, 0)
    os.close(descriptor)


def _change_folder(folder: PathEntry, identity: Identity | None) -> None:
    path = folder.path
    if path == "~":
        account = identity.account if identity else None
        path = account.pw_dir if account else os.path.expanduser("~")  # noqa: PTH111
    try:
        os.chdir(path)
    except FileNotFoundError:
        if not folder.is_optional:
            raise
