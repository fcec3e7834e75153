"""Who may import whom. A failure here names the file and the reason."""

import ast
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import dev
import hems

ROOT = Path(hems.__file__).parent

# The supervision library knows nothing of hems; everything else may use it.
LOWER = {"errors", "backoff_and_rate_limits", "protocols", "supervision"}
MAY_IMPORT = {
    "errors": set(),
    "backoff_and_rate_limits": set(),
    "protocols": {"errors", "protocols", "supervision"},
    "settings": {"errors", "protocols", "settings"},  # a contract is a value with rules
    "worker_outage_log": {"supervision"},
    "worker_runtime": {"errors", "worker_outage_log", "supervision"},
    "clients": LOWER | {"worker_outage_log", "clients"},
    "system": LOWER | {"system"},
    "supervision": {"supervision"},
    "workers": LOWER
    | {
        "clients",
        "system",
        "worker_outage_log",
        "worker_runtime",
        "settings",
        "workers",
        "__version__",
    },
    "doctor": LOWER | {"clients", "system", "settings", "peer_clients", "doctor"},
    "zigbee": LOWER | {"clients", "settings", "peer_clients", "workers", "zigbee"},
    "peer_clients": {"clients", "settings"},
    "worker_table": LOWER
    | {"clients", "system", "worker_runtime", "settings", "workers", "peer_clients"},
}
INPUT_OUTPUT = {
    *("asyncio", "logging", "loguru", "os", "psutil", "random", "requests", "secrets"),
    *("socket", "subprocess", "threading", "time"),
}
PURE = {"errors": INPUT_OUTPUT, "backoff_and_rate_limits": INPUT_OUTPUT, "protocols": INPUT_OUTPUT}
# Each package is imported by the module, or the folder, that wraps it.
ONLY_IN = {
    "bcrypt": ("protocols/web/htpasswd.py",),
    "cryptography": ("protocols/linky/d2l_frames.py", "system/certificates/"),
    "fastcrc": ("protocols/linky/d2l_frames.py",),
    "gpiozero": ("system/gpio.py",),
    "jeepney": ("system/network/dbus.py", "system/network/network_manager.py"),
    "aiomqtt": ("clients/mqtt/",),
    "psutil": ("system/",),
    "requests": ("clients/http.py", "clients/http_deadline.py"),
    "sdnotify": ("system/sd_notify.py",),
    "nftables": ("system/firewall.py",),
    "subprocess": ("system/subprocesses.py",),
    "supervisor": ("supervision/supervisord/",),
    "websockets": ("clients/home_assistant/websocket.py",),
}
DOCSTRING_WIDTH = 100
EDGE = ("__main__.py", "worker_table.py", "supervision")
COMMANDS = [ROOT / name / "__main__.py" for name in ("doctor", "zigbee")]


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Return all nodes of a file, the module first. Several tests read each file."""
    return list(ast.walk(ast.parse(path.read_text())))


def imports(path: Path) -> list[tuple[str, int]]:
    names = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return names


def broken_rules(path: Path) -> list[str]:
    relative = path.relative_to(ROOT)
    layer = relative.parts[0].removesuffix(".py")
    broken = []
    for name, line in imports(path):
        top, *rest = name.split(".")
        where = f"{relative}:{line}"
        allowed = MAY_IMPORT.get(layer)
        if top == "hems" and rest and allowed is not None and rest[0] not in allowed:
            broken.append(f"{where}: {layer} may not import {rest[0]}")
        if top in PURE.get(layer, set()):
            broken.append(f"{where}: {layer} does no I/O, found {top}")
        if top in ONLY_IN and not str(relative).startswith(ONLY_IN[top]):
            broken.append(f"{where}: only {', '.join(ONLY_IN[top])} may import {top}")
    return broken


def reads_environment(path: Path) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}: the environment is read in {', '.join(EDGE)}"
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]


def sibling_imports(path: Path) -> list[str]:
    """Return each import of another worker. A worker is workers/NAME.py or workers/NAME/."""
    own = path.relative_to(ROOT / "workers").parts[0].removesuffix(".py")
    return [
        f"{path.relative_to(ROOT)}:{line}: workers never import each other"
        for name, line in imports(path)
        if name.startswith("hems.workers.") and name.split(".")[2] != own
    ]


def test_layers() -> None:
    broken = [problem for path in sorted(ROOT.rglob("*.py")) for problem in broken_rules(path)]
    assert not broken, "\n".join(broken)


def test_hems_does_not_import_the_development_package() -> None:
    broken = [
        f"{path.relative_to(ROOT)}:{line}: imports {name}"
        for path in sorted(ROOT.rglob("*.py"))
        for name, line in imports(path)
        if name.partition(".")[0] == "dev"
    ]
    assert not broken, "\n".join(broken)


def class_names() -> dict[str, list[str]]:
    """Return the files that define each class of hems and dev, by its name in lower case."""
    files: dict[str, list[str]] = {}
    for root in (ROOT, ROOT.parent / "dev"):
        for path in sorted(root.rglob("*.py")):
            for node in nodes(path):
                if isinstance(node, ast.ClassDef):
                    files.setdefault(node.name.lower(), []).append(
                        str(path.relative_to(ROOT.parent))
                    )
    return files


def test_a_class_name_is_there_once() -> None:
    duplicates = {name: files for name, files in class_names().items() if len(files) > 1}
    assert not duplicates


def test_every_module_says_in_one_line_what_it_does() -> None:
    for root in (ROOT, ROOT.parent / "dev"):
        for path in sorted(root.rglob("*.py")):
            module = nodes(path)[0]
            assert isinstance(module, ast.Module)
            line = (ast.get_docstring(module) or "").split("\n\n")[0]
            assert line, f"{path}: expected a docstring"
            assert "\n" not in line, f"{path}: expected one line before the first empty one"
            assert len(line) <= DOCSTRING_WIDTH, f"{path}: {len(line)} characters"


@pytest.mark.parametrize("package", [hems, dev], ids=["hems", "dev"])
def test_the_package_docstring_lists_every_folder(package: ModuleType) -> None:
    folders = {
        path.parent.name for path in Path(str(package.__file__)).parent.glob("*/__init__.py")
    }
    listed = {line.split("/")[0] for line in (package.__doc__ or "").splitlines() if "/ " in line}
    assert listed == folders


def test_workers_never_import_each_other() -> None:
    paths = sorted((ROOT / "workers").rglob("*.py"))
    broken = [problem for path in paths for problem in sibling_imports(path)]
    assert not broken, "\n".join(broken)


def test_the_environment_is_read_at_the_edge_only() -> None:
    inner = [
        path
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).parts[0] not in EDGE and path not in COMMANDS
    ]
    broken = [problem for path in inner for problem in reads_environment(path)]
    assert not broken, "\n".join(broken)


def test_there_is_no_shell() -> None:
    files = [
        *ROOT.rglob("*.py"),
        *(ROOT.parent / "dev").rglob("*.py"),
        *(ROOT.parent / "bin").iterdir(),
    ]
    for path in files:
        text = path.read_text()
        assert "shell=True" not in text, path
        assert "os.system(" not in text, path
