from hems.desk.check.dockerfile import Instruction, parse


def test_continued_lines_are_one_instruction_without_comments() -> None:
    text = "# a\nRUN one \\\n  # b\n  && two\n\nuser x\n"
    assert parse(text) == [Instruction("RUN", {}, "one && two"), Instruction("USER", {}, "x")]


def test_options_stand_apart_from_the_rest() -> None:
    [found] = parse("HEALTHCHECK --interval=60s --retries=5 CMD --all")
    assert found == ("HEALTHCHECK", {"interval": "60s", "retries": "5"}, "CMD --all")
