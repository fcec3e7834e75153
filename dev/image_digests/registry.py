"""Ask registries which digest a tag has.

https://github.com/opencontainers/distribution-spec: GET /v2/NAME/manifests/TAG. A registry that
asks for a token names its server in WWW-Authenticate: Docker Hub and GitHub's give one to anybody.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

import msgspec
import requests

from dev.image_digests.reference import Reference
from hems.errors import ProtocolError, Unavailable

TIMEOUT_S = 30.0
LARGEST = 4 * 1024 * 1024  # bytes, the specification's limit for a manifest
INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
PARAMETER = re.compile(r'(\w+)="([^"]*)"')
GATEWAY = ("linux", "arm64")  # a Raspberry Pi


class Machine(msgspec.Struct, frozen=True):
    os: str = ""
    architecture: str = ""


class Manifest(msgspec.Struct, frozen=True):
    platform: Machine = Machine()


class Index(msgspec.Struct, frozen=True):
    manifests: tuple[Manifest, ...]


class Token(msgspec.Struct, frozen=True):
    token: str = ""
    access_token: str = ""


def digest(image: Reference) -> str:
    """Return the digest of the tag's index, which has an image for each kind of machine.

    The digest is computed from what the registry sent. Raises Unavailable if it cannot be asked or
    lacks the tag, ProtocolError for an answer that is no index with an image for the gateway.
    """
    body = _manifest(image)
    try:
        platforms = [one.platform for one in msgspec.json.decode(body, type=Index).manifests]
    except msgspec.MsgspecError as error:
        raise ProtocolError(f"{image.name}: the registry sent no index: {error}") from error
    if GATEWAY not in [(one.os, one.architecture) for one in platforms]:
        raise ProtocolError(f"{image.name} has no image for {'/'.join(GATEWAY)}")
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _manifest(image: Reference) -> bytes:
    url = f"{image.url}{image.repository}/manifests/{image.tag}"
    headers = {"Accept": ", ".join(INDEXES)}
    response = _got(image, url, headers)
    if response.status_code == requests.codes.unauthorized:
        token = _token(image, response.headers.get("WWW-Authenticate", ""))
        response = _got(image, url, headers | {"Authorization": f"Bearer {token}"})
    if response.status_code != requests.codes.ok:
        raise Unavailable(f"{image.name}: the registry answered {response.status_code} to {url}")
    claimed = response.headers.get("Docker-Content-Digest", "")
    actual = f"sha256:{hashlib.sha256(response.content).hexdigest()}"
    if claimed not in {"", actual}:
        raise ProtocolError(f"{image.name}: the registry claims {claimed} for what is {actual}")
    return response.content


def _token(image: Reference, challenge: str) -> str:
    """Return a token for pulling without an account, from the server that the challenge names."""
    parameters = dict(PARAMETER.findall(challenge))
    if not challenge.startswith("Bearer ") or "realm" not in parameters:
        raise Unavailable(f"{image.name}: the registry asks for a login: {challenge or 'no words'}")
    query = {"scope": f"repository:{image.repository}:pull"}
    query |= {"service": parameters["service"]} if "service" in parameters else {}
    response = _got(image, parameters["realm"], {}, query)
    try:
        answer = msgspec.json.decode(response.content, type=Token)
    except msgspec.MsgspecError as error:
        text = f"{response.status_code} and no token"
        raise Unavailable(f"{image.name}: {parameters['realm']} answered {text}") from error
    return answer.token or answer.access_token


def _got(
    image: Reference, url: str, headers: Mapping[str, str], query: Mapping[str, str] | None = None
) -> requests.Response:
    try:
        response = requests.get(url, headers=headers, params=query, timeout=TIMEOUT_S, stream=True)
        with response:
            content = response.raw.read(LARGEST + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise Unavailable(f"{image.name}: {url} cannot be reached: {error}") from error
    if len(content) > LARGEST:
        raise ProtocolError(f"{image.name}: {url} sent more than {LARGEST} bytes")
    response._content = content  # noqa: SLF001 - what requests does itself, without a limit
    return response
