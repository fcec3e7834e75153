"""A real registry (Debian's docker-registry) on a free port, with images, and a token server."""

from __future__ import annotations

import base64
import contextlib
import datetime
import hashlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

from dev.launcher.free_port import free_port
from tests.integration.worker_process import eventually

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ISSUER, SERVICE = "issuer", "registry"
SETTINGS = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/images}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""
AUTH = """\
auth:
  token: {{realm: "{realm}", service: registry, issuer: issuer, rootcertbundle: "{folder}/ca"}}
"""


class Registry:
    """`name` is what stands before an image's repository."""

    def __init__(self, port: int, tokens: TokenServer | None) -> None:
        self.name = f"127.0.0.1:{port}"
        self._url = f"http://{self.name}/v2"
        self._tokens = tokens

    def is_up(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{self._url}/", timeout=5).status_code in {200, 401}
        return False

    def push(self, repository: str, tag: str, *architectures: str) -> str:
        """Push an index with an image for each architecture, or without one a single image.

        Return the digest of the tag.
        """
        blob = f"{repository} {tag} {time.monotonic_ns()}".encode()
        config = self._blob(repository, blob)
        body = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}
        manifest = self._manifest(repository, tag, MANIFEST, body)
        if not architectures:
            return str(manifest["digest"])
        entries = [
            {**manifest, "platform": {"os": "linux", "architecture": one}} for one in architectures
        ]
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        return str(self._manifest(repository, tag, INDEX, index)["digest"])

    def _blob(self, repository: str, content: bytes) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        headers = self._headers(repository)
        begun = requests.post(
            f"{self._url}/{repository}/blobs/uploads/", headers=headers, timeout=5
        )
        place = begun.headers["Location"]
        done = requests.put(
            place, params={"digest": digest}, data=content, headers=headers, timeout=5
        )
        assert done.status_code == 201, done.text
        kind = "application/vnd.oci.image.config.v1+json"
        return {"mediaType": kind, "digest": digest, "size": len(content)}

    def _manifest(self, repository: str, tag: str, kind: str, body: Any) -> dict[str, Any]:
        content = json.dumps(body).encode()
        headers = {"Content-Type": kind, **self._headers(repository)}
        url = f"{self._url}/{repository}/manifests/{tag}"
        done = requests.put(url, data=content, headers=headers, timeout=5)
        assert done.status_code == 201, done.text
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        return {"mediaType": kind, "digest": digest, "size": len(content)}

    def _headers(self, repository: str) -> dict[str, str]:
        if self._tokens is None:
            return {}
        token = self._tokens.token(repository, ["pull", "push"])
        return {"Authorization": f"Bearer {token}"}


class TokenServer:
    """What auth.docker.io is: it gives tokens that the registry trusts to anybody who asks."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
        now = datetime.datetime.now(datetime.UTC)
        until = now + datetime.timedelta(days=1)
        public = self._key.public_key()
        unsigned = x509.CertificateBuilder(name, name, public, 1, now, until)
        self._certificate = unsigned.sign(self._key, hashes.SHA256())
        pem = self._certificate.public_bytes(serialization.Encoding.PEM)
        (folder / "ca").write_bytes(pem)
        self.queries: list[dict[str, list[str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.realm = f"http://127.0.0.1:{self._server.server_port}/token"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def token(self, repository: str, actions: list[str]) -> str:
        der = self._certificate.public_bytes(serialization.Encoding.DER)
        header = {"typ": "JWT", "alg": "ES256", "x5c": [base64.b64encode(der).decode()]}
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": "",
            "aud": SERVICE,
            "jti": "1",
            "exp": now + 300,
            "nbf": now - 60,
            "iat": now,
            "access": [{"type": "repository", "name": repository, "actions": actions}],
        }
        text = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        numbers = utils.decode_dss_signature(
            self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        )
        return f"{text}.{_encoded(b''.join(one.to_bytes(32, 'big') for one in numbers))}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                server.queries.append(query)
                _, repository, actions = query["scope"][0].split(":")
                token = server.token(repository, actions.split(","))
                body = json.dumps({"token": token}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        return Handler


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


@contextlib.contextmanager
def serving(folder: Path, tokens: TokenServer | None = None) -> Iterator[Registry]:
    """Run a registry that keeps its images in `folder`, and asks for tokens of `tokens`."""
    port = free_port(None)
    text = SETTINGS.format(folder=folder, port=port)
    if tokens:
        text += AUTH.format(realm=tokens.realm, folder=folder)
    (folder / "settings.yml").write_text(text)
    argv = ["docker-registry", "serve", str(folder / "settings.yml")]
    with (folder / "log").open("wb") as log, subprocess.Popen(argv, stdout=log, stderr=log) as run:
        registry = Registry(port, tokens)
        try:
            eventually(registry.is_up, 20, "the registry is up")
            yield registry
        finally:
            run.terminate()
