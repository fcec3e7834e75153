from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from hems.system import logs


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    yield
    logger.remove()


def configure(directory: Path, files: int = 3) -> None:
    logs.to_stderr("led")
    logs.to_file(directory / "led.log", "INFO", max_bytes=10_000, files=files)


def test_a_line_goes_to_stderr_and_to_the_workers_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path)
    logger.info("the lamp is on")
    logger.debug("nobody wants to know")
    written = (tmp_path / "led.log").read_text()
    assert written == capsys.readouterr().err
    assert written.endswith(" INFO    led: the lamp is on\n")


def test_files_are_bounded_in_size_and_number(tmp_path: Path) -> None:
    configure(tmp_path)
    for _ in range(1000):
        logger.info("x" * 100)
    files = list(tmp_path.iterdir())
    assert len(files) == 3
    assert all(file.stat().st_size <= 10_000 for file in files)


def test_one_file_alone_is_possible(tmp_path: Path) -> None:
    configure(tmp_path, files=1)
    for _ in range(500):
        logger.info("x" * 100)
    assert [file.name for file in tmp_path.iterdir()] == ["led.log"]


def test_a_traceback_shows_no_values(tmp_path: Path) -> None:
    configure(tmp_path)

    def fails(password: str) -> None:
        raise ValueError(len(password))

    try:
        fails("hunter2")
    except ValueError:
        logger.exception("crashed")
    text = (tmp_path / "led.log").read_text()
    assert "ValueError" in text
    assert text.count("hunter2") == text.count('fails("hunter2")')  # the source line, no value


@pytest.mark.parametrize("name", ["{x}", "{", "}", "{0}", "{time:", "%s", "\udcff", "[a]"])
def test_a_folder_of_any_name_has_the_log(tmp_path: Path, name: str) -> None:
    configure(tmp_path / name)
    logger.info("a line")
    logger.remove()
    assert (tmp_path / name / "led.log").read_text().endswith(" led: a line\n")


def test_a_line_with_bytes_that_are_not_utf8_is_logged(tmp_path: Path) -> None:
    configure(tmp_path)
    logger.info("found {}", "\udcff")
    assert (tmp_path / "led.log").read_text().endswith(" led: found \\udcff\n")
