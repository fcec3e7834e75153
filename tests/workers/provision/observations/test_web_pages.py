"""Pages behind nginx: which answers are a problem."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import pytest

from hems.clients.http import HttpClient, HttpResponse
from hems.errors import Unavailable
from hems.workers.provision.observations.web_pages import PAGES, WebPages


@dataclass
class Entry:
    """Stands for nginx; None does not answer."""

    statuses: dict[str, int | None] = field(default_factory=dict)
    requests: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def request(
        self, method: str, path: str, timeout_s: float, headers: Mapping[str, str]
    ) -> HttpResponse:
        assert method == "GET"
        self.requests[path] = dict(headers)
        status = self.statuses.get(path, 200)
        if status is None:
            raise Unavailable("no answer")
        return HttpResponse(status, b"")


@pytest.fixture
def entry() -> Entry:
    return Entry()


@pytest.fixture
def pages(entry: Entry) -> WebPages:
    return WebPages(cast(HttpClient, entry), lambda: ("admin", "pä:ss"))


def found(pages: WebPages) -> list[tuple[str, str | None]]:
    return [(problem.subject, problem.found) for problem in pages.problems(0.0, 0.0)]


@pytest.mark.parametrize(
    ("status", "is_problem"),
    [
        *((status, False) for status in (200, 302, 399, 401, 403, 404, 499)),
        *((status, True) for status in (400, 500, 502, 504)),
    ],
)
def test_which_answers_are_a_problem_twice(
    entry: Entry, pages: WebPages, status: int, *, is_problem: bool
) -> None:
    for _ in range(2):
        entry.statuses["/"] = status
        assert found(pages) == ([("/", f"it answers {status}")] if is_problem else [])
        entry.statuses.clear()
        assert found(pages) == []


def test_a_page_that_does_not_answer_hides_no_other(entry: Entry, pages: WebPages) -> None:
    entry.statuses = {"/": None, "/influx/": 502}
    assert found(pages) == [("/", None), ("/influx/", "it answers 502")]


def test_each_page_gets_its_login_and_no_redirect(entry: Entry, pages: WebPages) -> None:
    assert found(pages) == []
    assert tuple(entry.requests) == PAGES
    assert all(headers["X-Forwarded-Proto"] == "https" for headers in entry.requests.values())
    assert "Authorization" not in entry.requests["/"]  # Home Assistant bans who tries wrong logins
    scheme, _, login = entry.requests["/influx/"]["Authorization"].partition(" ")
    assert (scheme, b64decode(login).decode()) == ("Basic", "admin:pä:ss")


def test_before_the_login_is_made_its_pages_are_not_known(entry: Entry) -> None:
    def login() -> tuple[str, str]:
        raise Unavailable("waits for CONFIG_USER")

    assert found(WebPages(cast(HttpClient, entry), login)) == [
        ("/influx/", None),
        ("/configurator/", None),
    ]
