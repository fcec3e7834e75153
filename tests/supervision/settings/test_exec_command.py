import pytest

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.settings.directive_parser import parse
from hems.supervision.settings.exec_command import ExecCommand, exec_command
from hems.supervision.settings.unit_spec import UnitSpec

VARIABLES = {"MAINPID": "12", "LIST": "a  b", "EMPTY": ""}


def test_a_command_is_split_as_by_a_shell_and_has_prefixes() -> None:
    assert exec_command("-+/bin/echo 'a b' c") == ExecCommand(("/bin/echo", "a b", "c"), True, True)
    assert exec_command("!x") == ExecCommand(("x",), is_privileged=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kill $MAINPID", ["kill", "12"]),
        ("echo $LIST ${LIST}", ["echo", "a", "b", "a  b"]),
        ("echo pid=${MAINPID}! $EMPTY ${EMPTY} ${UNKNOWN}", ["echo", "pid=12!", "", ""]),
        ("echo $$MAINPID $${x} a$MAINPID", ["echo", "$MAINPID", "${x}", "a$MAINPID"]),
    ],
)
def test_variables_are_replaced_as_systemd_does(text: str, words: list[str]) -> None:
    assert exec_command(text).expanded(VARIABLES) == words


@pytest.mark.parametrize("text", ["", "-", "@/bin/sh sh", ":echo $x", "echo 'a", "$ECHO a"])
def test_a_malformed_command_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="found "):
        exec_command(text)


def test_several_commands_add_up_and_an_empty_one_clears_them() -> None:
    spec = parse("ExecStartPre='one a' ExecStartPre=-two ExecStop=x ExecStop=", UnitSpec("led"))
    assert [str(command) for command in spec.exec.start_pre] == ["one a", "two"]
    assert spec.exec.stop == ()


def test_exit_statuses_have_names_and_signals() -> None:
    spec = parse(
        "SuccessExitStatus=TEMPFAIL,SIGKILL RestartForceExitStatus=3 "
        "RestartPreventExitStatus=SIGABRT",
        UnitSpec("led", success_codes=frozenset({0, 2})),
    )
    assert spec.success_codes == {0, 75, -9}
    assert spec.force_codes == {3}
    assert spec.prevent_codes == {-6}
    with pytest.raises(InvalidConfiguration, match="SuccessExitStatus: found 'SIGNO'"):
        parse("SuccessExitStatus=SIGNO", UnitSpec("led"))
