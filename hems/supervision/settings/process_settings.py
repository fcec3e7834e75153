"""The settings of a unit's process, which it gets between fork and exec: systemd.exec(5)."""

from enum import Enum
from typing import NamedTuple

from hems.supervision.settings.capability_names import CapabilityList, combined


class StandardInput(Enum):
    PIPE = "pipe"  # supervisord's, which `supervisorctl fg` writes to
    NULL = "null"


class ProtectSystem(Enum):
    NO = "no"
    YES = "yes"  # /usr and /boot are read-only
    FULL = "full"  # and /etc
    STRICT = "strict"  # and everything else but /dev, /proc, /sys


class ResourceLimit(NamedTuple):
    """A limit of setrlimit(2). `name` is its name without RLIMIT_; -1 is infinity."""

    name: str
    soft: int
    hard: int


class LimitSettings(NamedTuple):
    """The limits of setrlimit(2), by their names without RLIMIT_."""

    cpu: ResourceLimit | None = None
    fsize: ResourceLimit | None = None
    data: ResourceLimit | None = None
    stack: ResourceLimit | None = None
    core: ResourceLimit | None = None
    rss: ResourceLimit | None = None
    nofile: ResourceLimit | None = None
    as_: ResourceLimit | None = None
    nproc: ResourceLimit | None = None
    memlock: ResourceLimit | None = None
    sigpending: ResourceLimit | None = None
    msgqueue: ResourceLimit | None = None
    nice: ResourceLimit | None = None
    rtprio: ResourceLimit | None = None

    def given(self) -> list[ResourceLimit]:
        """Return the limits that have a directive."""
        return [value for value in self if value is not None]


class PathEntry(NamedTuple):
    """A path; with `is_optional` it need not exist."""

    path: str
    is_optional: bool = False


class Credential(NamedTuple):
    """A credential: the file `path`, or the text `value`, which is shown nowhere."""

    name: str
    path: str = ""
    value: str = ""

    def __repr__(self) -> str:
        return f"Credential(name={self.name!r}, path={self.path!r})"


class EnvironmentSettings(NamedTuple):
    """`passed` empty: all variables of supervisord."""

    passed: tuple[str, ...] = ()
    variables: tuple[tuple[tuple[str, str], ...], ...] = ()
    files: tuple[PathEntry, ...] = ()
    unset: tuple[tuple[str, ...], ...] = ()


class CredentialSettings(NamedTuple):
    loaded: tuple[Credential, ...] = ()
    imported: tuple[str, ...] = ()  # patterns of names
    texts: tuple[Credential, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.loaded or self.imported or self.texts)


class PrivilegeSettings(NamedTuple):
    """`bounding` None: the capabilities that supervisord itself has."""

    user: str = ""
    group: str = ""
    supplementary_groups: tuple[tuple[str, ...], ...] = ()
    no_new_privileges: bool = False
    bounding: tuple[CapabilityList, ...] | None = None
    ambient: tuple[CapabilityList, ...] = ()

    @property
    def groups(self) -> list[str]:
        return [name for names in self.supplementary_groups for name in names]

    @property
    def changes_user(self) -> bool:
        return bool(self.user or self.group or self.groups)

    @property
    def bounding_set(self) -> frozenset[int] | None:
        return None if self.bounding is None else combined(self.bounding)

    @property
    def ambient_set(self) -> frozenset[int]:
        return combined(self.ambient)


class MountSettings(NamedTuple):
    private_tmp: bool = False
    protect_system: ProtectSystem = ProtectSystem.NO
    read_only: tuple[tuple[PathEntry, ...], ...] = ()
    read_write: tuple[tuple[PathEntry, ...], ...] = ()
    inaccessible: tuple[tuple[PathEntry, ...], ...] = ()

    def __bool__(self) -> bool:
        return self != MountSettings()


class ProcessSettings(NamedTuple):
    """None: as supervisord gives it."""

    environment: EnvironmentSettings = EnvironmentSettings()
    credentials: CredentialSettings = CredentialSettings()
    privileges: PrivilegeSettings = PrivilegeSettings()
    mounts: MountSettings = MountSettings()
    limits: LimitSettings = LimitSettings()
    umask: int | None = None
    nice: int | None = None
    oom_score_adjust: int | None = None
    directory: PathEntry | None = None
    standard_input: StandardInput = StandardInput.PIPE
