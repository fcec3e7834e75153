"""Respond to the requests of the page, below /api/: what is in the folder, and changes to it.

GET    folder?path=         the entries of a folder
GET    file?path=           the text of a file and its version
PUT    file?path=           write a file; If-Match: VERSION or *, or If-None-Match: *
GET    download?path=       a file, to keep
POST   folder?path=         make a folder
POST   rename?path=&to=     move, without replacing
DELETE entry?path=          delete a file, a link or an empty folder
POST   check                have Home Assistant check its configuration
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import quote

from config_folder import ConfigFolder
from configuration_check import ConfigurationCheck
from file_replacement import NEW, Changed, version_of
from http_messages import Head, Refused, Response, json_response

PREFIX = "/api/"
MAX_TEXT = 4_000_000  # bytes, of a file to edit
MAX_UPLOAD = 16_000_000  # bytes: the body is in memory, and the container has 96 MB
DOWNLOAD = "download"  # a link, which cannot send a header
HEADER = "X-Editor"  # with it, a browser asks before it sends a request from another site's page
STATUSES = {
    errno.ENOENT: HTTPStatus.NOT_FOUND,
    errno.EACCES: HTTPStatus.FORBIDDEN,
    errno.EPERM: HTTPStatus.FORBIDDEN,
    errno.ENOSPC: HTTPStatus.INSUFFICIENT_STORAGE,
}


class FileApi:
    """`refusal` judges the head of a request, `response` carries the request out."""

    def __init__(self, folder: ConfigFolder, check: ConfigurationCheck) -> None:
        self._folder = folder
        self._check = check
        self._actions: Mapping[tuple[str, str], Callable[[Head, bytes], Response]] = {
            ("GET", "folder"): self._list,
            ("GET", "file"): self._read,
            ("PUT", "file"): self._write,
            ("GET", DOWNLOAD): self._download,
            ("POST", "folder"): self._make_folder,
            ("POST", "rename"): self._rename,
            ("DELETE", "entry"): self._delete,
            ("POST", "check"): self._check_configuration,
        }

    def require_allowed(self, head: Head) -> None:
        """Raise Refused for a request that this API does not have, before its body is read."""
        name = head.path.removeprefix(PREFIX)
        if (head.method, name) not in self._actions:
            raise Refused(404, "This editor has no such function.")
        if name != DOWNLOAD and HEADER not in head.headers:
            raise Refused(403, f"The header {HEADER} is missing.")
        if head.body_size > (MAX_UPLOAD if head.method == "PUT" else 0):
            raise Refused(413, f"At most {MAX_UPLOAD // 1_000_000} MB can be sent.")

    def response(self, head: Head, body: bytes) -> Response:
        """Return the response to an allowed request. Raises Refused."""
        try:
            return self._actions[head.method, head.path.removeprefix(PREFIX)](head, body)
        except Changed as error:
            raise Refused(412, str(error)) from None
        except OSError as error:
            status = STATUSES.get(error.errno or 0, HTTPStatus.CONFLICT)
            raise Refused(status, f"{error.strerror}.") from None

    def _list(self, head: Head, _: bytes) -> Response:
        listing = self._folder.listing(head.parameter("path"))
        entries = [entry._asdict() for entry in listing.entries]
        return json_response({"entries": entries, "is_complete": listing.is_complete})

    def _read(self, head: Head, _: bytes) -> Response:
        file, size = self._folder.open(head.parameter("path"))
        with file:
            if size > MAX_TEXT:
                raise Refused(413, "The file is too large to edit. Download it.")
            content = file.read(MAX_TEXT)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise Refused(415, "This is not a text in UTF-8. Download it.") from None
        return json_response({"text": text, "version": version_of(content)})

    def _write(self, head: Head, body: bytes) -> Response:
        if head.headers.get("If-None-Match") == "*":
            expected = NEW
        elif not (expected := head.headers.get("If-Match", "")):
            raise Refused(428, "If-Match or If-None-Match is missing.")
        return json_response(
            {"version": self._folder.write(head.parameter("path"), body, expected)}
        )

    def _download(self, head: Head, _: bytes) -> Response:
        path = head.parameter("path")
        file, size = self._folder.open(path)
        name = quote(path.rpartition("/")[2], safe="", errors="surrogateescape")
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Content-Type": "application/octet-stream",
        }
        return Response(headers=headers, file=file, file_size=size)

    def _make_folder(self, head: Head, _: bytes) -> Response:
        self._folder.make_folder(head.parameter("path"))
        return json_response({})

    def _rename(self, head: Head, _: bytes) -> Response:
        self._folder.rename(head.parameter("path"), head.parameter("to"))
        return json_response({})

    def _delete(self, head: Head, _: bytes) -> Response:
        self._folder.delete(head.parameter("path"))
        return json_response({})

    def _check_configuration(self, _: Head, __: bytes) -> Response:
        return json_response(self._check.outcome()._asdict())
