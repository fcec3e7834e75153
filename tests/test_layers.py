"""Who may import whom. A failure here names the file and the reason."""

import ast
from pathlib import Path

import hems

ROOT = Path(hems.__file__).parent

MAY_IMPORT = {
    "errors": set(),
    "protocols": {"errors", "protocols"},
    "settings": {"errors", "settings"},
    "runtime": {"errors"},
    "clients": {"errors", "protocols", "clients"},
    "system": {"errors", "protocols", "system"},
    "doctor": {"errors", "protocols", "settings", "clients", "system", "doctor"},
    "supervision": {"errors", "protocols", "supervision"},
    "workers": {
        "errors",
        "protocols",
        "clients",
        "system",
        "runtime",
        "settings",
        "workers",
        "__version__",
    },
}
PURE = {
    "protocols": {
        "asyncio",
        "logging",
        "loguru",
        "os",
        "random",
        "secrets",
        "socket",
        "subprocess",
        "threading",
        "time",
    }
}
ONLY_IN = {
    "subprocess": {"system/process.py"},
    "supervisor": {f"supervision/{name}.py" for name in ("plugin", "process", "programs", "ctl")},
    "sdnotify": {"system/notify.py"},
}


EDGE = ("__main__.py", "builders.py", "desk", "supervision")


def imports(path: Path) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


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
        if top in ONLY_IN and str(relative) not in ONLY_IN[top]:
            broken.append(f"{where}: only {', '.join(ONLY_IN[top])} may import {top}")
    return broken


def reads_environment(path: Path) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}: the environment is read in {', '.join(EDGE)}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]


def sibling_imports(path: Path) -> list[str]:
    """A worker is workers/NAME.py or workers/NAME/; it never imports another one."""
    own = path.relative_to(ROOT / "workers").parts[0].removesuffix(".py")
    return [
        f"{path.relative_to(ROOT)}:{line}: workers never import each other"
        for name, line in imports(path)
        if name.startswith("hems.workers.") and name.split(".")[2] != own
    ]


def test_layers() -> None:
    broken = [problem for path in sorted(ROOT.rglob("*.py")) for problem in broken_rules(path)]
    assert not broken, "\n".join(broken)


def test_workers_never_import_each_other() -> None:
    paths = sorted((ROOT / "workers").rglob("*.py"))
    broken = [problem for path in paths for problem in sibling_imports(path)]
    assert not broken, "\n".join(broken)


def test_the_environment_is_read_at_the_edge_only() -> None:
    inner = [
        path
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).parts[0] not in EDGE and path != ROOT / "doctor" / "__main__.py"
    ]
    broken = [problem for path in inner for problem in reads_environment(path)]
    assert not broken, "\n".join(broken)


def test_there_is_no_shell() -> None:
    files = [*ROOT.rglob("*.py"), *(ROOT.parent / "bin").iterdir()]
    for path in files:
        text = path.read_text()
        assert "shell=True" not in text, path
        assert "os.system(" not in text, path
