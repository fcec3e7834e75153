from collections.abc import Set

import pytest

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.settings.capability_names import ALL, NUMBERS
from hems.supervision.settings.directive_parser import mistakes, parse
from hems.supervision.settings.process_settings import (
    Credential,
    PathEntry,
    ProcessSettings,
    ProtectSystem,
    ResourceLimit,
    StandardInput,
)
from hems.supervision.settings.unit_spec import UnitSpec

CHOWN, KILL = NUMBERS["CAP_CHOWN"], NUMBERS["CAP_KILL"]


def settings(text: str) -> ProcessSettings:
    return parse(text, UnitSpec("led")).process


def test_without_directives_a_process_is_as_supervisord_makes_it() -> None:
    assert settings("") == ProcessSettings()


def test_every_directive_of_privileges_is_read() -> None:
    process = settings(
        "User=d2l Group=hems SupplementaryGroups='adm dialout' SupplementaryGroups=42 "
        "NoNewPrivileges=yes CapabilityBoundingSet=CAP_CHOWN,cap_kill AmbientCapabilities=CAP_KILL"
    ).privileges
    assert (process.user, process.group, process.no_new_privileges) == ("d2l", "hems", True)
    assert process.supplementary_groups == (("adm", "dialout"), ("42",))
    assert (process.bounding_set, process.ambient_set) == (
        frozenset({CHOWN, KILL}),
        frozenset({KILL}),
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([""], frozenset()),
        (["CAP_CHOWN", "CAP_KILL"], {CHOWN, KILL}),
        (["CAP_CHOWN CAP_KILL", "~CAP_KILL"], {CHOWN}),
        (["~CAP_KILL"], ALL - {KILL}),
        (["~CAP_KILL", "~CAP_CHOWN"], ALL - {KILL, CHOWN}),
        (["~"], ALL),
        (["CAP_KILL", ""], set()),
    ],
)
def test_sets_of_capabilities_are_added_and_taken_away(
    values: list[str], expected: Set[int]
) -> None:
    text = " ".join(f"CapabilityBoundingSet='{value}'" for value in values)
    assert settings(text).privileges.bounding_set == expected


def test_no_bounding_set_is_not_an_empty_one() -> None:
    assert settings("").privileges.bounding_set is None


def test_every_directive_of_limits_is_read() -> None:
    process = settings(
        "LimitNOFILE=64:128 LimitAS=1G LimitCORE=0 LimitCPU=1min LimitNPROC=infinity UMask=0027 "
        "Nice=-5 OOMScoreAdjust=-100"
    )
    assert {limit.name: (limit.soft, limit.hard) for limit in process.limits.given()} == {
        "NOFILE": (64, 128),
        "AS": (1 << 30, 1 << 30),
        "CORE": (0, 0),
        "CPU": (60, 60),
        "NPROC": (-1, -1),
    }
    assert process.limits.cpu == ResourceLimit("CPU", 60, 60)
    assert (process.umask, process.nice, process.oom_score_adjust) == (0o27, -5, -100)


def test_every_directive_of_the_surroundings_is_read() -> None:
    process = settings(
        "Environment='A=1 B=' EnvironmentFile=/a EnvironmentFile=-/b UnsetEnvironment='C D=2' "
        "PassEnvironment=PATH,HEMS_* LoadCredential=key:/k LoadCredential=own "
        "ImportCredential=MQTT_* SetCredential=text:a:b WorkingDirectory=-/x StandardInput=null"
    )
    assert process.environment.variables == ((("A", "1"), ("B", "")),)
    assert process.environment.files == (PathEntry("/a"), PathEntry("/b", is_optional=True))
    assert process.environment.unset == (("C", "D=2"),)
    assert process.environment.passed == ("PATH", "HEMS_*")
    assert process.credentials.loaded == (Credential("key", "/k"), Credential("own"))
    assert process.credentials.imported == ("MQTT_*",)
    assert process.credentials.texts == (Credential("text", value="a:b"),)
    assert process.directory == PathEntry("/x", is_optional=True)
    assert process.standard_input is StandardInput.NULL


def test_every_directive_of_mounts_is_read() -> None:
    process = settings(
        "PrivateTmp=yes ProtectSystem=full ReadOnlyPaths='/a -/b' ReadWritePaths=/a/c "
        "InaccessiblePaths=/d"
    ).mounts
    assert (process.private_tmp, process.protect_system) == (True, ProtectSystem.FULL)
    assert process.read_only == ((PathEntry("/a"), PathEntry("/b", is_optional=True)),)
    assert (process.read_write, process.inaccessible) == (
        ((PathEntry("/a/c"),),),
        ((PathEntry("/d"),),),
    )


def test_a_credential_in_the_configuration_is_not_shown() -> None:
    text = "SetCredential=key:hunter2"
    assert "hunter2" not in repr(parse(text, UnitSpec("led")))


@pytest.mark.parametrize(
    "text",
    ["SetCredential=hunter2", "SetCredential=a:b hunter2", "SetCredential=a:b hunter2=c",
     "SetCredential=a:b c hunter2", "Environment='A=b hunter2'", "Environment=A=b hunter2"],
)  # fmt: skip
def test_a_mistake_in_a_secret_does_not_show_it(text: str) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        parse(text, UnitSpec("led"))
    lines = [str(refused.value), *mistakes(text, UnitSpec("led"))]
    assert "hunter2" not in " ".join(lines)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("CapabilityBoundingSet=CAP_FLY", "found 'CAP_FLY', expected a capability"),
        ("User=", "User: found '', expected a name or a number"),
        ("UMask=0999", "expected octal digits such as 0077"),
        ("Nice=20", "expected a whole number from -20 to 19"),
        ("OOMScoreAdjust=many", "expected a whole number from -1000 to 1000"),
        ("LimitAS=1X", "expected a size such as 64M or infinity"),
        ("LimitNOFILE=few", "expected a whole number or infinity"),
        ("LimitNOFILE=9223372036854775808", "expected at most 9223372036854775807 or infinity"),
        ("LimitAS=8E", "expected at most 9223372036854775807 or infinity"),
        ("LimitNOFILE=9:8", "expected a soft limit up to the hard one"),
        ("Environment=1A=2", "expected VARIABLE=value"),
        ("EnvironmentFile=a", "expected an absolute path"),
        ("WorkingDirectory=a", "expected an absolute path"),
        ("LoadCredential=../x:/y", "expected a name of letters"),
        ("LoadCredential=x:y", "expected ID or ID:PATH with an absolute path"),
        ("StandardInput=tty", "expected pipe or null"),
        ("ReadOnlyPaths=b", "expected an absolute path"),
        ("ProtectSystem=maybe", "expected no or yes or full or strict"),
    ],
)
def test_a_mistake_is_refused(text: str, fault: str) -> None:
    with pytest.raises(InvalidConfiguration, match=fault):
        settings(text)
