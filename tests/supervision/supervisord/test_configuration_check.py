"""The mistakes in configuration files, each with its line."""

import getpass
from collections.abc import Mapping
from pathlib import Path

import pytest

from hems.supervision.__main__ import main
from hems.supervision.supervisord.configuration_check import ConfigurationCheck

HEAD = """[supervisord]
[unix_http_server]
file = %(here)s/ctl.sock
[rpcinterface:supervision]
supervisor.rpcinterface_factory = hems.supervision.supervisord.supervisord_plugin:make_interface
notify_socket = /run/notify.sock
"""
FIRST = HEAD.count("\n") + 1  # the line of the first section after it
HERE = {"PATH": "/usr/bin:/bin"}
SPEC = "PACKAGE.MODULE:FUNCTION"


def check(
    folder: Path, text: str, variables: Mapping[str, str] = HERE, *, is_here: bool = True
) -> ConfigurationCheck:
    (folder / "main.conf").write_text(HEAD + text)
    return ConfigurationCheck(folder / "main.conf", variables, is_here=is_here)


def lines(folder: Path, text: str, variables: Mapping[str, str] = HERE) -> list[str]:
    """Return the findings without the folder; the number of the line counts from [program:a]."""
    faults = []
    for one in check(folder, text, variables).faults():
        _folder, _, line = str(one).partition(f"{folder}/")
        file, number, rest = line.replace(f"{folder}/", "").split(":", 2)
        faults.append(f"{file}:{int(number) - FIRST + 1}:{rest}")
    return faults


def program(*settings: str, name: str = "a") -> str:
    return "\n".join([f"[program:{name}]", "command = sh", *settings]) + "\n"


def test_a_good_file_has_no_findings(tmp_path: Path) -> None:
    user = getpass.getuser()
    text = program(f"user = {user}", 'environment = A="1",UNIT="Type=notify After=b"')
    assert lines(tmp_path, text + program(name="b")) == []


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        (
            "autostrat = no",
            "[program:a] autostrat: supervisord ignores it; did you mean autostart?",
        ),
        (
            "Requires = b",
            "[program:a] requires: supervisord ignores it: a directive is written in "
            'environment = UNIT="Requires=..."',
        ),
        (
            'environment = UNITS="Type=notify"',
            "warning: [program:a] environment: found directives in UNITS, expected them in UNIT",
        ),
        ("stopwaitsecs = soon", "[program:a] stopwaitsecs: found 'soon', expected a whole number"),
        ("startsecs = soon", "[program:a] startsecs: found 'soon', expected a whole number"),
        ("autostart = maybe", "[program:a] autostart: found 'maybe', expected true or false"),
        (
            "stopsignal = FOO",
            "[program:a] stopsignal: found 'FOO', expected the name of a signal, such as TERM",
        ),
        (
            "user = nobody-here",
            "[program:a] user: found 'nobody-here', expected a user of this machine",
        ),
        (
            "stdout_logfile = /no/where/a.log",
            "[program:a] stdout_logfile: found no folder /no/where, expected one",
        ),
        (
            "directory = %(ENV_X)s",
            "[program:a] directory: found %(ENV_X)s, expected the variable X in supervisord's "
            "environment",
        ),
        ("directory = 50%", "[program:a] directory: found a % without (NAME)s, expected %%"),
        (
            "startsecs = 5",
            "warning: [program:a] startsecs: it has no effect: Type decides when a unit is up",
        ),
        (
            'environment = UNIT="Typ=notify"',
            "[program:a] UNIT: unknown directive 'Typ', did you mean Type?",
        ),
        (
            'environment = UNIT="WatchdogSec=x"',
            "[program:a] UNIT: WatchdogSec: found 'x', expected a time such as 30, 100ms, 5min or "
            "infinity",
        ),
        (
            'environment = UNIT="User=nobody-here"',
            "[program:a] UNIT: found the user 'nobody-here', expected one in /etc/passwd",
        ),
        (
            'environment = UNIT="SupplementaryGroups=none-here"',
            "[program:a] UNIT: found the group 'none-here', expected one in /etc/group",
        ),
        ('environment = UNIT="After=b"', "[program:a] UNIT: depends on unknown unit 'b'"),
        (
            'environment = UNIT="Type=oneshot WatchdogSec=1"',
            "[program:a] UNIT: Type=oneshot cannot have WatchdogSec, use TimeoutStartSec",
        ),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, setting: str, fault: str) -> None:
    assert lines(tmp_path, program(setting)) == [f"main.conf:3: {fault}"]


def test_all_mistakes_of_a_unit_are_found(tmp_path: Path) -> None:
    faults = lines(tmp_path, program('environment = UNIT="Typ=a Nice=x After=b"'))
    assert [line.split(": ")[2].split()[0] for line in faults] == ["unknown", "Nice"]


def test_a_mistake_in_a_long_unit_has_the_line_of_its_directive(tmp_path: Path) -> None:
    unit = 'environment = A="1",\n  UNIT="Type=notify\n    Nice=x\n    After=b"\npriority = 1'
    assert lines(tmp_path, program(unit)) == [
        "main.conf:5: [program:a] UNIT: Nice: found 'x', expected a whole number from -20 to 19"
    ]


@pytest.mark.parametrize("setting", ["command = {}", 'environment = UNIT="Type={}"'])
def test_a_setting_that_is_too_long_is_found_at_once(tmp_path: Path, setting: str) -> None:
    text = program(setting.format("a" * 1_000_000))
    [line] = [line for line in lines(tmp_path, text) if "characters" in line]
    assert "found 1000" in line
    assert "expected at most 131072" in line


def test_a_list_of_variables_that_cannot_be_read_is_not_shown(tmp_path: Path) -> None:
    [line] = lines(tmp_path, program('environment = PASSWORD="hush'))
    assert line.endswith('environment: found something else, expected NAME="value",NAME="value"')


@pytest.mark.parametrize("count", ["99999999", "1001", "-1", "many"])
@pytest.mark.parametrize("kind", ["program", "eventlistener", "fcgi-program"])
def test_an_absurd_number_of_processes_is_found_at_once(
    tmp_path: Path, kind: str, count: str
) -> None:
    text = f"[{kind}:a]\ncommand = sh\nevents = TICK_5\nsocket = tcp://localhost:9\n"
    name = "process_name = %(process_num)s\n"
    faults = lines(tmp_path, f"{text}numprocs = {count}\n{name}")
    expected = f"numprocs: found {count!r}, expected a whole number from 0 to 1000"
    assert f"main.conf:5: [{kind}:a] {expected}" in faults


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("hems.supervison:make", "ModuleNotFoundError: No module named 'hems.supervison'"),
        ("hems.supervision.errors:make", "AttributeError: module 'hems.supervision.errors' has"),
        ("hems.supervision.errors:%(ENV_X)s", "found %(ENV_X)s, expected the variable X"),
        ("", SPEC),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_a_mistake(
    tmp_path: Path, name: str, fault: str
) -> None:
    for kind, key in {"rpcinterface": "rpcinterface_factory", "ctlplugin": "ctl_factory"}.items():
        text = f"[{kind}:mine]\nsupervisor.{key} = {name}\n"
        [line] = lines(tmp_path, text)
        assert line.startswith(f"main.conf:2: [{kind}:mine] ")
        assert fault in line
        [line] = lines(tmp_path, f"[{kind}:mine]\n")
        assert line == f"main.conf:1: [{kind}:mine] found no supervisor.{key}, expected {SPEC}"
        assert check(tmp_path, text, is_here=False).faults() == []


def test_a_credential_without_a_file_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hush")
    names = f"LoadCredential=a:{tmp_path}/token LoadCredential=b LoadCredential=c:{tmp_path}/tokn"
    [line] = lines(tmp_path, program(f'environment = UNIT="{names}"'))
    assert line == "main.conf:3: warning: [program:a] UNIT: LoadCredential: found no file tokn"
    text = program(f'environment = UNIT="{names}"')
    assert check(tmp_path, text, is_here=False).faults() == []


@pytest.mark.parametrize("kind", ["eventlistener", "fcgi-program"])
@pytest.mark.parametrize("value", ['A="hush",B', 'A="hush%(ENV_NONE)s"'])
def test_the_variables_of_what_is_no_unit_are_not_shown(
    tmp_path: Path, kind: str, value: str
) -> None:
    text = f"[{kind}:a]\ncommand = sh\nevents = TICK_5\nsocket = tcp://localhost:9\n"
    [line] = lines(tmp_path, f"{text}environment = {value}\n")
    assert line.startswith(f"main.conf:5: [{kind}:a] environment: found")
    assert "hush" not in line


def test_a_cycle_is_found(tmp_path: Path) -> None:
    a, b = ('environment = UNIT="After=b"', 'environment = UNIT="Requires=a"')
    first, second = lines(tmp_path, program(a) + program(b, name="b"))
    assert first.startswith("main.conf:3: [program:a] UNIT: After, Before, Requires and BindsTo")
    assert second.endswith("form a cycle: b > a > b")


def test_a_program_that_is_not_there_is_a_warning_and_none_is_a_mistake(tmp_path: Path) -> None:
    text = "[program:a]\ncommand = no-such-program --now\n[program:b]\npriority = 1\n"
    text += "[program:c]\ncommand = /nowhere/program\n"
    named, no_command, path = lines(tmp_path, text)
    start = (
        "main.conf:2: warning: [program:a] command: found no program 'no-such-program', expected"
    )
    assert named.startswith(f"{start} an executable file in PATH=/")
    assert no_command == "main.conf:3: [program:b] found no command, expected one"
    assert path.endswith("found no program '/nowhere/program', expected an executable file")


def test_a_section_that_supervisord_ignores_is_a_mistake_if_it_looks_like_another(
    tmp_path: Path,
) -> None:
    text = "[progam:b]\ncommand = sh\n[watchtower:c]\n[group:g]\nprograms = a\n"
    assert lines(tmp_path, program() + text) == [
        "main.conf:3: [progam:b] supervisord ignores it; did you mean [program:b]?"
    ]


def test_a_file_that_cannot_be_read_says_so_once(tmp_path: Path) -> None:
    [fault] = ConfigurationCheck(tmp_path / "none.conf", HERE).faults()
    assert str(fault) == (
        f"{tmp_path}/none.conf: found No such file or directory, expected a configuration file"
    )


def test_what_supervisord_would_warn_of_is_a_warning(tmp_path: Path) -> None:
    text = program("stdout_logfile = syslog", "stderr_logfile = /no/where/a.log")
    deprecated, mistake = lines(tmp_path, text)
    assert deprecated.startswith("main.conf:1: warning: [program:a] stdout_logfile=syslog but this")
    assert (
        mistake
        == "main.conf:4: [program:a] stderr_logfile: found no folder /no/where, expected one"
    )


def test_included_files_are_checked_too(tmp_path: Path) -> None:
    (tmp_path / "b.ini").write_text(program("environment = UNIT='Nice=x'", name="b"))
    faults = lines(tmp_path, "[include]\nfiles = *.ini none/*\n" + program(name="b"))
    assert faults[0] == "main.conf:2: warning: [include] files: found no file none/*, expected one"
    assert faults[1].endswith("[program:b] found it twice, expected it only at main.conf:9")
    assert "b.ini:" in faults[2]
    assert "UNIT: Nice: found 'x'" in faults[2]


def test_an_included_file_may_have_any_section(tmp_path: Path) -> None:
    (tmp_path / "rest.ini").write_text(HEAD + program())
    (tmp_path / "main.conf").write_text("[include]\nfiles = *.ini\n")
    assert ConfigurationCheck(tmp_path / "main.conf", HERE).faults() == []


def test_the_units_of_a_group_and_of_several_processes_are_known(tmp_path: Path) -> None:
    many = ("numprocs = 2", "process_name = %(program_name)s%(process_num)s")
    text = program(*many, 'environment = UNIT="After=g:b"') + program(name="b")
    assert lines(tmp_path, f"{text}[group:g]\nprograms = b\n") == []
    assert check(tmp_path, f"{text}[group:g]\nprograms = b\n").faults() == []


def test_programs_may_use_variables_that_supervisord_or_they_themselves_set(tmp_path: Path) -> None:
    text = program('environment = A="1"', "stdout_logfile = %(ENV_LOGS)s/%(ENV_A)s.log")
    (tmp_path / "main.conf").write_text(
        HEAD.replace("[unix_", f'environment = LOGS="{tmp_path}"\n[unix_') + text
    )
    assert ConfigurationCheck(tmp_path / "main.conf", HERE).faults() == []


def test_what_only_the_other_machine_has_is_not_looked_at(tmp_path: Path) -> None:
    text = program("user = nobody-here", "stdout_logfile = /no/where/a.log", "startsecs = 5")
    faults = check(tmp_path, text.replace("sh", "no-such"), is_here=False).faults()
    assert [one.is_warning for one in faults] == [True]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("command = a\n", "1: found a setting outside a section, expected [SECTION]"),
        ("[supervisord]\nwhat\n", "2: found no setting, expected NAME = VALUE"),
        ("[program:a]\n", " found no [supervisord], expected one"),
        (
            "[supervisord]\n",
            " found no [rpcinterface:supervision], expected one: UNIT has no effect",
        ),
    ],
)
def test_a_file_that_is_no_configuration_says_so(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "main.conf"
    file.write_text(text)
    [line] = map(str, ConfigurationCheck(file, {}).faults())
    assert line == f"{file}:{fault}"


def test_an_option_of_the_plugin_that_is_wrong_is_found(tmp_path: Path) -> None:
    (tmp_path / "main.conf").write_text(HEAD + "guard_sec = 0\n")
    [line] = map(str, ConfigurationCheck(tmp_path / "main.conf", HERE).faults())
    assert "guard_sec: found 0, expected 1 to 3600 seconds" in line


def test_a_second_http_server_is_found(tmp_path: Path) -> None:
    [line] = map(str, check(tmp_path, "[inet_http_server]\nport = 9001\n").faults())
    assert line.endswith("found 2 HTTP servers, expected only [unix_http_server]")


def test_verify_exits_with_1_after_a_mistake_and_with_0_after_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(tmp_path, program("startsecs = 5"))
    assert main(["verify", str(tmp_path / "main.conf")]) == 0
    assert "warning: [program:a] startsecs" in capsys.readouterr().out
    check(tmp_path, program("startsec = 5"))
    assert main(["verify", str(tmp_path / "main.conf")]) == 1
    assert main(["--help"]) == 0
    assert "verify FILE...     find the mistakes" in capsys.readouterr().out
    assert main(["verify"]) == main(["verfy"]) == 2
    assert "found verfy, expected python -m hems.supervision" in capsys.readouterr().err


def test_the_plugin_knows_the_folder_of_the_file_only_if_something_is_included(
    tmp_path: Path,
) -> None:
    path = tmp_path / "main.conf"
    text = HEAD.replace("/run/notify.sock", "%(here)s/notify.sock")
    path.write_text(text)
    (fault,) = ConfigurationCheck(path, HERE).faults()
    line = text.splitlines().index("notify_socket = %(here)s/notify.sock") + 1
    assert str(fault).startswith(f"{path}:{line}: [rpcinterface:supervision] notify_socket: found")
    (tmp_path / "more.conf").write_text(program())
    path.write_text(f"{text}[include]\nfiles = more.conf\n")
    assert ConfigurationCheck(path, HERE).faults() == []
