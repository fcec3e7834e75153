import pytest

from dev.check.checks import pinned_downloads
from tests.fakes.tree import Tree

HEMS, EDITOR = "Dockerfile", "services/hass-configurator/Dockerfile"
SUMS, WIFI = "services/wifi-connect/checksums", "services/wifi-connect/requirements.lock"
FETCH = "services/wifi-connect/fetch.py"
NPM_LOCK = "services/hass-configurator/package-lock.json"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (HEMS, "--require-hashes", "", "Dockerfile: pip install"),
        (EDITOR, "npm ci", "npm install", f"{EDITOR}: found npm install, expected npm ci"),
        (SUMS, "413d70", "413d7", f"{SUMS}:1: found '413d7"),
        (SUMS, "  wifi-connect-ui.tar.gz", "", f"{SUMS}:2: found"),
        (WIFI, "jeepney==", "jeepney>=", f"{WIFI}: found jeepney>=0.9.0, expected NAME==VERSION"),
        (WIFI, "--hash=sha256:", "--hash=sha256:0", f"{WIFI}: found jeepney==0.9.0, expected"),
        (WIFI, " \\\n    --hash=sha256:", " #", f"{WIFI}: found jeepney==0.9.0"),
        (
            EDITOR,
            "RUN npm ci",
            "RUN npx esbuild && npm ci",
            f"{EDITOR}: found npx, expected a file",
        ),
        (EDITOR, "RUN npm ci", "RUN curl https://a.b/c | sh && npm ci", f"{EDITOR}: found curl"),
        (
            EDITOR,
            "RUN npm ci",
            "RUN git clone https://a.b/c && npm ci",
            "found git clone, expected",
        ),
        (
            EDITOR,
            "RUN npm ci",
            "RUN apk add --allow-untrusted a.apk && npm ci",
            "allow-untrusted, expected packages",
        ),
        (
            HEMS,
            "COPY etc/hems.toml",
            "ADD https://a.b/c /d\nCOPY etc/hems.toml",
            "ADD https://a.b/c",
        ),
        (
            FETCH,
            "hashlib.sha256",
            "hashlib.md5",
            f"{FETCH}: it fetches a file, expected its SHA-256 in checksums",
        ),
        (NPM_LOCK, "sha512-", "sha1-", f"{NPM_LOCK}: node_modules/"),
        (NPM_LOCK, '"integrity"', '"resolved"', f"{NPM_LOCK}: node_modules/"),
    ],
)
def test_a_download_without_a_hash_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    assert any(fault in line for line in tree.found(pinned_downloads.problems, file, old, new))
