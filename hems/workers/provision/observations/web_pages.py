"""Find pages that fail behind nginx, although each service answers a direct request.

Without `http:` in its configuration Home Assistant answers 400 to whatever nginx passes on; 502
means that nginx does not reach a service.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hems.clients.http import HttpClient
from hems.errors import HemsError
from hems.protocols.gateway.problem_kinds import PAGE_FAILS
from hems.supervision.worker.problem import ReportedProblem

HOME_ASSISTANT = "/"  # has its own login
PAGES = (HOME_ASSISTANT, "/influx/", "/configurator/")
BAD_REQUEST, SERVER_ERRORS = 400, 500
TIMEOUT_S = 10.0
INSIDE_TLS = {"X-Forwarded-Proto": "https"}  # nginx does not redirect what a tunnel passes on


@dataclass
class WebPages:
    """Gets each page from `nginx`; `login` returns the user and the password of the pages."""

    nginx: HttpClient
    login: Callable[[], tuple[str, str]]

    def problems(self, _now: float, _wall: float) -> Iterator[ReportedProblem]:
        """Yield a problem for each page that fails; "unknown" for one that does not answer."""
        for page in PAGES:
            try:
                status = self.nginx.request("GET", page, TIMEOUT_S, self._headers(page)).status
            except HemsError:
                yield PAGE_FAILS.unknown(page)
                continue
            if status == BAD_REQUEST or status >= SERVER_ERRORS:
                yield PAGE_FAILS.found(f"it answers {status}", page)

    def _headers(self, page: str) -> dict[str, str]:
        if page == HOME_ASSISTANT:
            return INSIDE_TLS
        basic = b64encode(":".join(self.login()).encode()).decode()
        return {**INSIDE_TLS, "Authorization": f"Basic {basic}"}
