"""hems/supervision stands on supervisord's insides. This fails when they change.

After an update of supervisor: read each changed function, re-check what its group says, run the
integration tests, and only then write down the new version and digests.
"""

import hashlib
import importlib
import importlib.metadata
import inspect
from typing import Any

import pytest

VERSION = "4.3.0"
DIGESTS = {
    "states follow phases (process.py)": {
        "process:Subprocess.__init__": "5ac615fe1a3fe13b",
        "process:Subprocess.change_state": "81c89a023e39a271",
        "process:Subprocess.get_state": "58857fdc414d560f",
        "process:Subprocess.transition": "5f67bdc373a85df1",
        "process:Subprocess.give_up": "4ed5c2579a957e60",
    },
    "starting: environment, spawnerr, the child's process group and its execve (process.py)": {
        "process:Subprocess.spawn": "a3e17283768dce79",
        "process:Subprocess._spawn_as_parent": "5ed8ee29b4d26b70",
        "process:Subprocess._spawn_as_child": "17f11c3ba28b46c2",
        "options:ServerOptions.execve": "028235339e501948",
        "options:ProcessConfig.__init__": "e3d80d9829928f5b",
        "options:ProcessConfig.make_process": "aae9fca2226ca78b",
        "process:ProcessGroupBase.__init__": "3b2fcc0d804ecb35",
    },
    "ending: BACKOFF or STOPPING to STOPPED, nothing is too quick (process.py)": {
        "process:Subprocess.stop": "d1a2fd0f89ed587f",
        "process:Subprocess.kill": "6fe5e09466747765",
        "process:Subprocess.finish": "2665526353387525",
        "process:ProcessGroupBase.stop_all": "8209900a9f8cf957",
        "process:ProcessGroupBase.get_unstopped_processes": "d3568d1843862051",
    },
    "the loop: readable(), poll, transition(), reap() in each round (plugin.py, wakeup.py)": {
        "supervisord:Supervisor.runforever": "4f57d6e10b139a2a",
        "supervisord:Supervisor.reap": "673bb1ec6cd348d9",
        "process:ProcessGroup.transition": "b7dbf9c80ec6184a",
        "poller:PollPoller._poll_fds": "2964ed2b9c310fe0",
        "options:ServerOptions.waitpid": "290f8e9fd7428d88",
        "options:ServerOptions.get_socket_map": "44c46b76568f7133",
    },
    "life: groups before the plugin, dispatchers close with their server (plugin.py)": {
        "supervisord:Supervisor.run": "e4300d5f7b5ddf66",
        "supervisord:Supervisor.main": "bbd50d17f6d38f5e",
        "options:ServerOptions.openhttpservers": "1711900092c39f06",
        "options:ServerOptions.close_httpservers": "1ad86f9b4b1321c7",
        "options:ServerOptions.cleanup_fds": "90c62532a39a4b3a",
        "options:ServerOptions.cleanup": "717188e6ac5d16d0",
        "options:ServerOptions.setsignals": "a6d44c31db79e199",
        "http:make_http_servers": "d51d8c76f2a0ed27",
        "options:Options.get_plugins": "9f831cbee509d476",
    },
    "reread and update compare the groups' own configurations (programs.py, plugin.py)": {
        "supervisord:Supervisor.diff_to_active": "1f8bfc928cd1ec9c",
        "supervisord:Supervisor.add_process_group": "3607347c39fa18be",
        "supervisord:Supervisor.remove_process_group": "bc866deda535ab8b",
        "options:ProcessConfig.__eq__": "906a11525a3389ca",
        "options:make_namespec": "5a9d96ec7e492f83",
        "options:ServerOptions.processes_from_section": "92ef8ca7e1ddf0fc",
        "datatypes:RestartWhenExitUnexpected": "1f41641027cbecd2",
        "datatypes:RestartUnconditionally": "978a3fe167f48757",
    },
    "events (plugin.py)": {
        "events:notify": "9c8478d4381ff73d",
        "events:subscribe": "3fb0b33cf89f04ae",
        "events:ProcessGroupEvent": "ea71b8140ce36909",
    },
    "XML-RPC: start looks at spawnerr, public methods are published (process.py, plugin.py)": {
        "rpcinterface:SupervisorNamespaceRPCInterface.startProcess": "fe76aa7c61176785",
        "rpcinterface:SupervisorNamespaceRPCInterface.stopProcess": "34e47538be2e2f2a",
        "rpcinterface:SupervisorNamespaceRPCInterface._interpretProcessInfo": "91a84f6c6c9939d5",
        "xmlrpc:traverse": "6b94075ec89bed71",
    },
    "supervisorctl's plugins (ctl.py)": {
        "supervisorctl:Controller.__init__": "0fdad9e92bac9bcb",
        "supervisorctl:Controller.onecmd": "fd953bac41adc069",
        "supervisorctl:Controller._get_do_func": "b6d97afaa0d0f8b2",
        "supervisorctl:Controller.upcheck": "4b8bfa3d2f72acb9",
        "supervisorctl:ControllerPluginBase.do_help": "9b0e332ca9e4dffb",
    },
}


def find(name: str) -> Any:
    """Return what `module:Class.function` names inside the supervisor package."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(f"supervisor.{module}")
    for part in path.split("."):
        found = getattr(found, part)
    return found


def test_supervisor_is_the_version_this_was_written_for() -> None:
    found = importlib.metadata.version("supervisor")
    assert found == VERSION, f"supervisor is {found}: re-check this file's list against it"


@pytest.mark.parametrize(
    ("name", "digest", "subject"),
    [
        (name, digest, subject)
        for subject, list_ in DIGESTS.items()
        for name, digest in list_.items()
    ],
)
def test_supervisor_still_works_as_relied_on(name: str, digest: str, subject: str) -> None:
    try:
        source = inspect.getsource(find(name))
    except AttributeError:
        pytest.fail(f"supervisor.{name} is gone; re-check {subject}")
    found = hashlib.sha256(source.encode()).hexdigest()[:16]
    assert found == digest, f"supervisor.{name} changed; re-check {subject}"
