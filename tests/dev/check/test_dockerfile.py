from dev.check import compose_file
from dev.check.dockerfile import (
    Instruction,
    bases,
    environment,
    image_stages,
    is_pinned,
    listening_ports,
    parse,
)
from tests.fakes.tree import Tree


def test_continued_lines_are_one_instruction_without_comments() -> None:
    text = "# a\nRUN one \\\n  # b\n  && two\n\nuser x\n"
    assert parse(text) == [Instruction("RUN", {}, "one && two"), Instruction("USER", {}, "x")]


def test_options_stand_apart_from_the_rest() -> None:
    [instruction] = parse("HEALTHCHECK --interval=60s --retries=5 CMD --all")
    assert instruction == ("HEALTHCHECK", {"interval": "60s", "retries": "5"}, "CMD --all")


def test_stages_and_digests_are_no_bases_of_their_own() -> None:
    text = (
        "FROM a:1@sha256:ab AS one\nFROM one\nCOPY --from=one x y\nCOPY --from=0 x y\n"
        "COPY --from=b:2 x y\nFROM scratch\n"
    )
    assert bases(parse(text)) == ["a:1@sha256:ab", "b:2"]


def test_a_service_listens_on_its_published_and_exposed_ports(tree: Tree) -> None:
    project = compose_file.read(tree.root)
    assert listening_ports(tree.root, project, "mqtt") == {1883, 1884}
    path = tree.root / "services/mqtt/Dockerfile"
    path.write_text(f"{path.read_text()}\nEXPOSE 8080/tcp 9001\n")
    assert listening_ports(tree.root, project, "mqtt") == {1883, 1884, 8080, 9001}


def test_only_a_whole_version_or_a_date_is_pinned() -> None:
    assert is_pinned("nginx:1.28.3-alpine3.23")
    assert is_pinned("debian:trixie-20260918-slim")
    assert not is_pinned("nginx:1.28")
    assert not is_pinned("nginx")


def test_an_image_has_what_the_stages_have_that_its_last_one_starts_from() -> None:
    text = (
        "FROM a:1 AS build\nENV A=1\nFROM b:1 AS image\nENV B=1\n"
        "FROM image AS tool\nENV C=1\nFROM image\nENV D=1\n"
    )
    assert environment(image_stages(parse(text))) == {"B": "1", "D": "1"}
    assert environment(image_stages(parse("FROM a:1\nENV A=1\n"))) == {"A": "1"}
