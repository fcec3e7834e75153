import pytest

from hems.desk.check import balena_parser
from hems.desk.check.compose import FILE
from hems.errors import ConfigError, Unavailable
from tests.fakes.tree import Tree


class Registry:
    """npm in a network that swallows everything: each command takes all its time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def run(self, argv: list[str], timeout_s: float) -> str:
        self.now += timeout_s
        raise Unavailable(f"{argv[0]} took longer than {timeout_s:g} s")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tree: Tree) -> Registry:
    registry = Registry()
    monkeypatch.setattr("hems.system.process.run", registry.run)
    monkeypatch.setattr("time.monotonic", lambda: registry.now)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tree.root / "cache"))
    return registry


def test_a_registry_that_is_silent_is_waited_for_a_minute_in_all(
    registry: Registry, tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Unavailable, match="npm did not fetch balena's parser within 60 s"):
        list(balena_parser.problems(tree.root))
    assert registry.now == 1060
    assert capsys.readouterr().out == "fetching balena's parser with npm, once: 60 s at most\n"


def test_what_is_no_yaml_is_not_given_to_the_parser(registry: Registry, tree: Tree) -> None:
    (tree.root / FILE).write_text("a: [")
    with pytest.raises(ConfigError, match="is not YAML"):
        list(balena_parser.problems(tree.root))
    assert registry.now == 1000
