"""supervisord's internals, on which hems/supervision depends: these tests fail when they change.

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
    "states follow phases (unit_process.py)": {
        "process:Subprocess.__init__": "5ac615fe1a3fe13b",
        "process:Subprocess.change_state": "81c89a023e39a271",
        "process:Subprocess.get_state": "58857fdc414d560f",
        "process:Subprocess.transition": "5f67bdc373a85df1",
        "process:Subprocess.give_up": "4ed5c2579a957e60",
    },
    "starting: environment, spawnerr, group and execve of the child (supervised_subprocess.py)": {
        "process:Subprocess.spawn": "a3e17283768dce79",
        "process:Subprocess._spawn_as_parent": "5ed8ee29b4d26b70",
        "process:Subprocess._prepare_child_fds": "51b22000ac76d404",
        "process:Subprocess.set_uid": "6acdba695c718520",
        "process:Subprocess._spawn_as_child": "17f11c3ba28b46c2",
        "options:ServerOptions.execve": "028235339e501948",
        "options:ProcessConfig.__init__": "e3d80d9829928f5b",
        "options:ProcessConfig.make_process": "aae9fca2226ca78b",
        "process:ProcessGroupBase.__init__": "3b2fcc0d804ecb35",
    },
    "ending: BACKOFF or STOPPING to STOPPED, nothing is too quick (supervised_subprocess.py)": {
        "process:Subprocess.stop": "d1a2fd0f89ed587f",
        "process:Subprocess.signal": "5dbd869e1da85e30",
        "process:Subprocess.kill": "6fe5e09466747765",
        "process:Subprocess.finish": "2665526353387525",
        "process:ProcessGroupBase.stop_all": "8209900a9f8cf957",
        "process:ProcessGroupBase.get_unstopped_processes": "d3568d1843862051",
    },
    "all stop at once: a call waits for none, stop_groups may change (stop_all_at_shutdown.py)": {
        "rpcinterface:make_allfunc": "2a06b42f69f1f5b9",
        "supervisord:Supervisor.ordered_stop_groups_phase_1": "746cf1e433709fb6",
        "supervisord:Supervisor.ordered_stop_groups_phase_2": "d543a2e576d30dd9",
        "supervisord:Supervisor.shutdown_report": "e733e20e76974a7d",
    },
    "logs: one dispatcher for each output, handlers write to a stream (unit_output.py)": {
        "process:Subprocess.drain": "e78552488f1c9d24",
        "options:ProcessConfig.make_dispatchers": "b7673e02cf856351",
        "options:ServerOptions.make_pipes": "fd73f8f8181f3ddd",
        "dispatchers:POutputDispatcher.__init__": "bcbb9ecd2f9ba290",
        "dispatchers:POutputDispatcher._init_normallog": "e97141111c0afb79",
        "dispatchers:POutputDispatcher._log": "937a293191cdd615",
        "dispatchers:POutputDispatcher.record_output": "d3011e5aa8fde3d5",
        "dispatchers:POutputDispatcher.handle_read_event": "547d1c9e11bb4808",
        "loggers:Handler.emit": "0be9257667c09adf",
        "loggers:Handler.close": "90ec1062d505d7ba",
        "loggers:StreamHandler": "0e9293495014db63",
        "loggers:Logger.log": "718fd5db1f357c3f",
        "poller:PollPoller.unregister_writable": "9d71299c8418889a",
        "supervisord:main": "8c043dc771e9c062",
    },
    "the loop: readable(), poll, transition(), reap() in each round": {
        "supervisord:Supervisor.runforever": "4f57d6e10b139a2a",
        "supervisord:Supervisor.reap": "673bb1ec6cd348d9",
        "supervisord:Supervisor.handle_signal": "9dcb2ee94d6ed4a0",
        "options:SignalReceiver": "71a4aff3aad9c4ed",
        "process:ProcessGroup.transition": "b7dbf9c80ec6184a",
        "poller:PollPoller._poll_fds": "2964ed2b9c310fe0",
        "options:ServerOptions.waitpid": "290f8e9fd7428d88",
        "options:ServerOptions.get_socket_map": "44c46b76568f7133",
    },
    "life: groups before the plugin, dispatchers close with their server (supervision_loop.py)": {
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
    "reread and update compare the groups' own configurations": {
        "supervisord:Supervisor.diff_to_active": "1f8bfc928cd1ec9c",
        "supervisord:Supervisor.add_process_group": "3607347c39fa18be",
        "supervisord:Supervisor.remove_process_group": "bc866deda535ab8b",
        "options:ServerOptions.process_config": "56b41e519c67afac",
        "options:ProcessConfig.__eq__": "906a11525a3389ca",
        "options:ProcessGroupConfig.__eq__": "bc065d49948cd0f5",
        "options:ProcessGroupConfig.after_setuid": "3f35f48f1ccf7ebb",
        "options:ProcessConfig.create_autochildlogs": "99a321433877b294",
        "process:Subprocess.get_execv_args": "5a947cc573a2fc1e",
        "rpcinterface:SupervisorNamespaceRPCInterface.reloadConfig": "adea23bd9d07e93b",
        "options:make_namespec": "5a9d96ec7e492f83",
        "options:ServerOptions.processes_from_section": "92ef8ca7e1ddf0fc",
        "datatypes:RestartWhenExitUnexpected": "1f41641027cbecd2",
        "datatypes:RestartUnconditionally": "978a3fe167f48757",
    },
    "events (supervision_loop.py)": {
        "events:notify": "9c8478d4381ff73d",
        "events:subscribe": "3fb0b33cf89f04ae",
        "events:ProcessGroupEvent": "ea71b8140ce36909",
    },
    "XML-RPC: start looks at spawnerr, public methods are published (start_rpc_methods.py)": {
        "rpcinterface:SupervisorNamespaceRPCInterface.startProcessGroup": "d49360ffca18d76c",
        "rpcinterface:SupervisorNamespaceRPCInterface.startAllProcesses": "5535edb638dc467e",
        "rpcinterface:SupervisorNamespaceRPCInterface._getGroupAndProcess": "b17d63e5bb3a6db9",
        "rpcinterface:make_allfunc": "2a06b42f69f1f5b9",
        "xmlrpc:RootRPCInterface": "ef9b2e667fc09071",
        "xmlrpc:supervisor_xmlrpc_handler.__init__": "2701712befeb2f79",
        "http:supervisor_auth_handler.__init__": "dcb1bac2fdf09d40",
        "rpcinterface:SupervisorNamespaceRPCInterface.startProcess": "fe76aa7c61176785",
        "rpcinterface:SupervisorNamespaceRPCInterface.stopProcess": "34e47538be2e2f2a",
        "rpcinterface:SupervisorNamespaceRPCInterface._interpretProcessInfo": "91a84f6c6c9939d5",
        "xmlrpc:traverse": "6b94075ec89bed71",
    },
    "monitor: a call that waits is tried again in each round of the loop (rpc_interface.py)": {
        "xmlrpc:DeferredXMLRPCResponse": "ec12b7301a1383fb",
        "http:deferring_http_channel": "e8a3d306b7e39b78",
    },
    "supervisorctl's plugins (supervisorctl_plugin.py, update_command.py)": {
        "supervisorctl:DefaultControllerPlugin.do_update": "0f39e9225d8ca790",
        "supervisorctl:DefaultControllerPlugin._startresult": "3527b67a9dada8f5",
        "supervisorctl:DefaultControllerPlugin.do_start": "7ab804946a57eab0",
        "supervisorctl:DefaultControllerPlugin.do_restart": "bc368b4feb5f5087",
        "supervisorctl:Controller.set_exitstatus_from_xmlrpc_fault": "7d7da58edd8053d2",
        "supervisorctl:Controller.__init__": "0fdad9e92bac9bcb",
        "supervisorctl:Controller.onecmd": "fd953bac41adc069",
        "supervisorctl:Controller._get_do_func": "b6d97afaa0d0f8b2",
        "supervisorctl:Controller.upcheck": "4b8bfa3d2f72acb9",
        "supervisorctl:Controller.do_help": "471bf904104c849c",
        "supervisorctl:ControllerPluginBase.do_help": "9b0e332ca9e4dffb",
    },
}


def find(name: str) -> Any:
    """Return what `module:Class.function` names inside the supervisor package."""
    module, _, path = name.partition(":")
    named: Any = importlib.import_module(f"supervisor.{module}")
    for part in path.split("."):
        named = getattr(named, part)
    return named


def test_supervisor_is_the_version_this_was_written_for() -> None:
    installed = importlib.metadata.version("supervisor")
    assert installed == VERSION, f"supervisor is {installed}: re-check this file's list against it"


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
    current = hashlib.sha256(source.encode()).hexdigest()[:16]
    assert current == digest, f"supervisor.{name} changed; re-check {subject}"
