"""A headless Chromium: what a page said on its console, and what it asked for."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.deploy.client import PASSWORD, USER
from tests.deploy.lan import PROXY
from tests.required import required

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

PROGRAM = "chromium"
TIMEOUT_MS = 20_000


def ready() -> None:
    """Skip or fail unless there is a Chromium."""
    required("" if shutil.which(PROGRAM) else "not installed: chromium")


@dataclass(frozen=True)
class Visit:
    """What a visit to a page brought about; `path` is where it ended."""

    path: str
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@contextmanager
def opened(certificate: Path) -> Iterator[tuple[Page, Visit]]:
    """Yield an empty page of a browser that has the gateway's login, and what happens on it.

    The certificate is taken for what it is by the pin of its key: to trust a CA Chromium would
    need a data base of its own, and test_tls.py has seen to that.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - others only collect this

    arguments = ["--no-sandbox", f"--ignore-certificate-errors-spki-list={pin(certificate)}"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which(PROGRAM), args=arguments)
        login = {"username": USER, "password": PASSWORD}
        page = chromium.new_page(http_credentials=login)  # type: ignore[arg-type]
        page.set_default_timeout(TIMEOUT_MS)
        seen = Visit("")
        listen(page, seen)
        yield page, seen
        chromium.close()


def visit(path: str, certificate: Path, expression: str) -> Visit:
    """Open a page of nginx with the gateway's login, until `expression` is true in it."""
    with opened(certificate) as (page, seen):
        page.goto(f"https://{PROXY}{path}")
        page.wait_for_function(expression)
        page.wait_for_load_state("networkidle")
        path = urlsplit(page.url).path
    return Visit(path, seen.console, seen.requests, seen.failures)


def listen(page: Page, seen: Visit) -> None:
    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            seen.console.append(f"{message.type}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: seen.console.append(f"pageerror: {error}"))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("requestfailed", lambda request: seen.failures.append(request.url))
    page.on(
        "response",
        lambda answer: seen.failures.append(answer.url) if answer.status >= 400 else None,
    )


def pin(certificate: Path) -> str:
    """Return the SHA-256 of a certificate's public key, in base64."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(encoded).digest()).decode()
