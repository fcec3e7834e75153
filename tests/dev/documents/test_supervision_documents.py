"""docs/supervision says what the code does: options, commands, notifications."""

import re

import pytest
from supervisor.supervisorctl import ControllerPluginBase

from dev import ROOT
from hems.supervision.supervisord import plugin_options
from hems.supervision.supervisord.supervisorctl_plugin import SupervisorctlPlugin
from hems.supervision.worker import notification_datagram

FOLDER = ROOT / "docs/supervision"
COMMANDS = sorted(
    name.removeprefix("do_")
    for name in {*dir(SupervisorctlPlugin)} - {*dir(ControllerPluginBase)}
    if name.startswith("do_")
)
KEYS = sorted(
    {key for key, _ in notification_datagram._FLAGS} | {*notification_datagram._VALUES, "BARRIER"}
)


def text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def test_the_index_has_every_document() -> None:
    linked = set(re.findall(r"\]\(([^)#]+\.md)\)", text("README.md")))
    documents = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.md")} - {"README.md"}
    assert linked == documents


def test_the_index_has_every_option_of_the_plugin() -> None:
    section = text("README.md").split("[rpcinterface:supervision]")[1].split("[ctlplugin")[0]
    options = re.findall(r"^(\w+) =", section, re.MULTILINE)
    assert {*options} == {*plugin_options._KNOWN}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_tools_have_every_command_of_supervisorctl(command: str) -> None:
    assert re.search(rf"^\| .*`{command}\b", text("tools.md"), re.MULTILINE)


@pytest.mark.parametrize("key", KEYS)
def test_the_notifications_have_every_key(key: str) -> None:
    assert f"`{key}=" in text("notifications.md")
