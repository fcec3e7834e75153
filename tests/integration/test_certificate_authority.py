"""The gateway's CA is good for its home and for nothing else: OpenSSL and Chromium judge it."""

from __future__ import annotations

import http.server
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from hems.protocols.web.certificate_requirements import ServerNames
from hems.protocols.web.name_constraints import of_a_new_authority
from hems.system.certificates import create, inspect
from tests.required import required
from tests.server_thread import serving

pytestmark = pytest.mark.integration

NOW = 1_795_000_000.0
HOME = ServerNames(
    ("4b1c2d3", "4b1c2d3.local", "gw.tail1234.ts.net", "localhost"), ("192.168.1.7",)
)
CA_KEY = create.new_key()
CA = create.authority_certificate(CA_KEY, of_a_new_authority(HOME))
STRANGE = {
    "a bank": ServerNames(("www.bank.example",), ()),
    "a bank beside a name of the home": ServerNames(("4b1c2d3.local", "www.bank.example"), ()),
    "everything": ServerNames(("*.com",), ()),
    "a name that ends alike": ServerNames(("notlocal", "bank.mylocal"), ()),
    "an address of the internet": ServerNames(("4b1c2d3.local",), ("8.8.8.8",)),
    "the same in IPv6": ServerNames((), ("2606:4700:4700::1111",)),
}


def chain(names: ServerNames, now: float = NOW) -> tuple[bytes, bytes]:
    """Return a key and a chain for it that a thief of the CA's key makes."""
    key = create.new_key()
    return key, create.server_chain(CA_KEY, CA, key, names, now)


def openssl(folder: Path, certificate: bytes, *options: str) -> str:
    required("" if shutil.which("openssl") else "not installed: openssl")
    (folder / "ca.crt").write_bytes(CA)
    (folder / "server.crt").write_bytes(certificate)
    command = ["openssl", "verify", "-CAfile", str(folder / "ca.crt"), "-x509_strict"]
    command += ["-attime", f"{NOW:.0f}", "-purpose", "sslserver", *options]
    done = subprocess.run(
        [*command, str(folder / "server.crt")], capture_output=True, text=True, check=False
    )
    return "OK" if done.returncode == 0 else done.stderr


def test_openssl_accepts_what_provision_makes(tmp_path: Path) -> None:
    _, certificate = chain(HOME)
    assert openssl(tmp_path, certificate, "-verify_hostname", "4b1c2d3.local") == "OK"
    assert openssl(tmp_path, certificate, "-verify_ip", "192.168.1.7") == "OK"


@pytest.mark.parametrize("names", STRANGE.values(), ids=STRANGE.keys())
def test_openssl_refuses_what_a_thief_of_the_key_makes(tmp_path: Path, names: ServerNames) -> None:
    assert "permitted subtree violation" in openssl(tmp_path, chain(names)[1])


def test_a_thief_makes_no_further_authority(tmp_path: Path) -> None:
    key = create.new_key()
    authority, private = x509.load_pem_x509_certificate(CA), inspect.private_key(CA_KEY)
    begin, end = authority.not_valid_before_utc, authority.not_valid_after_utc
    builder = x509.CertificateBuilder(subject_name=create._subject("below"))
    builder = builder.issuer_name(authority.subject).public_key(
        inspect.private_key(key).public_key()
    )
    builder = builder.serial_number(9).not_valid_before(begin).not_valid_after(end)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    below = create._pem(builder.sign(private, hashes.SHA256()))
    leaf = create.server_chain(key, below, create.new_key(), HOME, NOW)
    (tmp_path / "below.crt").write_bytes(below)
    assert openssl(tmp_path, leaf, "-untrusted", str(tmp_path / "below.crt")) != "OK"


@contextmanager
def server(folder: Path, names: ServerNames) -> Iterator[int]:
    """Serve a page with a certificate for `names`, from now; yield the port."""
    key, certificate = chain(names, now=time.time())
    (folder / "server.pem").write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler
    ) as web:
        web.socket = context.wrap_socket(web.socket, server_side=True)
        with serving(web):
            yield web.server_address[1]


def judgement(folder: Path, names: ServerNames, host: str) -> str:
    """Return what a Chromium says that has imported the CA: "OK" or the error."""
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415

    missing = [name for name in ("chromium", "certutil") if not shutil.which(name)]
    required(f"not installed: {' '.join(missing)}" if missing else "")
    store = folder / ".pki" / "nssdb"
    store.mkdir(parents=True)
    (folder / "ca.crt").write_bytes(CA)
    database = ["certutil", "-d", f"sql:{store}"]
    subprocess.run([*database, "-N", "--empty-password"], check=True)
    added = [*database, "-A", "-t", "C,,", "-n", "gateway", "-i", str(folder / "ca.crt")]
    subprocess.run(added, check=True)
    arguments = ["--no-sandbox", "--host-resolver-rules=MAP * 127.0.0.1"]
    with server(folder, names) as port, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=arguments,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        )
        try:
            answer = chromium.new_page().goto(f"https://{host}:{port}/server.pem")
        except Error as error:
            return error.message
        finally:
            chromium.close()
        return "OK" if answer is not None else "no answer"


@pytest.mark.parametrize("host", ["4b1c2d3.local", "gw.tail1234.ts.net", "192.168.1.7"])
def test_chromium_accepts_the_gateway(tmp_path: Path, host: str) -> None:
    assert judgement(tmp_path, HOME, host) == "OK"


@pytest.mark.parametrize("which", ["a bank", "a bank beside a name of the home"])
def test_chromium_refuses_a_bank(tmp_path: Path, which: str) -> None:
    assert "ERR_CERT" in judgement(tmp_path, STRANGE[which], "www.bank.example")
