import pytest

from dev.image_digests.reference import parse
from hems.errors import ConfigError

SOME = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("text", "url", "repository", "tag"),
    [
        ("nginx:1.28.3", "https://registry-1.docker.io/v2/", "library/nginx", "1.28.3"),
        ("eclipse/mosquitto:2", "https://registry-1.docker.io/v2/", "eclipse/mosquitto", "2"),
        ("ghcr.io/a/x:2026.10.4", "https://ghcr.io/v2/", "a/x", "2026.10.4"),
        ("127.0.0.1:5000/a/b:1", "http://127.0.0.1:5000/v2/", "a/b", "1"),
        ("registry:5000/b:1", "https://registry:5000/v2/", "b", "1"),
    ],
)  # fmt: skip
def test_a_name_is_understood_as_docker_does(
    text: str, url: str, repository: str, tag: str
) -> None:
    for name, digest in ((text, ""), (f"{text}@{SOME}", SOME)):
        reference = parse(name)
        assert (reference.name, reference.url, reference.repository) == (text, url, repository)
        assert (reference.tag, reference.digest) == (tag, digest)


@pytest.mark.parametrize("text", ["nginx", "", "localhost:5000/nginx", "nginx:1@sha256:ab"])
def test_a_name_without_a_tag_or_with_half_a_digest_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected NAME:TAG"):
        parse(text)
