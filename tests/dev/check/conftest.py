from collections.abc import Iterator

import pytest

from tests.fakes.tree import Tree


@pytest.fixture(scope="session")
def shared_tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def tree(shared_tree: Tree) -> Iterator[Tree]:
    yield shared_tree
    shared_tree.restore()
