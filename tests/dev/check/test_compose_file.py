from pathlib import Path

import pytest

from dev.check import compose_file
from dev.check.compose_file import Build, Service
from hems.errors import ConfigError


def test_a_build_of_one_word_is_its_folder() -> None:
    assert Service(build="./services/mqtt").source == Build("./services/mqtt", "Dockerfile")


def test_the_container_port_is_known_by_the_hosts() -> None:
    assert Service(ports=("80:8080", "53:5353/udp", "9")).published == {80: 8080, 53: 5353}


def test_an_attachment_without_an_address_has_none() -> None:
    assert Service(networks={"hems": None}).addresses == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", "is not YAML"),
        ("services: {}", "missing required field `networks`"),
        (
            "services: {a: {ports: [80]}}\nnetworks: {}",
            r"a: Expected `str`, got `int`.*a.ports\[0\]",
        ),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / compose_file.FILE).write_text(text)
    with pytest.raises(ConfigError, match=f"(?s)^docker-compose.yml.*{reason}"):
        compose_file.read(tmp_path)


def test_no_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"docker-compose\.yml cannot be read: No such file"):
        compose_file.read(tmp_path)


def test_a_span_that_is_none_is_named() -> None:
    assert compose_file.seconds("1m30s") == 90
    with pytest.raises(ConfigError, match="found 'soon'"):
        compose_file.seconds("soon")
