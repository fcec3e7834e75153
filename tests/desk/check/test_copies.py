from hems.desk.check import copies
from tests.fakes.tree import Tree

CONFIGURATOR = "services/hass-configurator/Dockerfile"


def test_a_file_that_is_not_there_is_found(tree: Tree) -> None:
    [line] = tree.found(copies.problems, CONFIGURATOR, " login.py", " logon.py")
    assert line.startswith(f"{CONFIGURATOR}: COPY logon.py: no such file below ")


def test_what_comes_from_another_stage_is_not_looked_for(tree: Tree) -> None:
    assert tree.found(copies.problems, CONFIGURATOR, "/opt/page/ace", "/opt/page/a") == []
