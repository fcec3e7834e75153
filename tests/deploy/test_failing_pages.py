"""Pages that fail behind the real nginx, as provision finds them."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import pytest

from hems.clients.http import HttpClient
from hems.workers.provision.observations.web_pages import PAGES, WebPages
from tests.deploy.client import PASSWORD, USER
from tests.deploy.lan import CONFIGURATOR, HOME_ASSISTANT, INFLUXDB, PROXY
from tests.deploy.peers import HttpRequest, Reply, peer
from tests.deploy.site import Site

pytestmark = pytest.mark.deploy

SERVICES = dict(
    zip(PAGES, ((HOME_ASSISTANT, 8123), (INFLUXDB, 8086), (CONFIGURATOR, 3218)), strict=True)
)


def found(site: Site) -> dict[str, str | None]:
    """Return what provision finds of each page that fails."""
    pages = WebPages(HttpClient("nginx", (PROXY, 80)), lambda: (USER, PASSWORD))
    problems = site.lan.house.call(lambda: list(pages.problems(0.0, 0.0)))
    return {problem.subject: problem.found for problem in problems}


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_page_that_fails_is_found_until_its_service_answers(fresh: Site, status: int) -> None:
    answers = dict.fromkeys(PAGES, 200)

    def reply(page: str, _: HttpRequest) -> Reply:
        return Reply(b"a page", status=answers[page])

    fresh.provision()
    fresh.nginx.start()
    for _ in range(2):
        assert found(fresh) == dict.fromkeys(PAGES, "it answers 502")
        with ExitStack() as stack:
            for page, (address, port) in SERVICES.items():
                stack.enter_context(peer(fresh.lan, address, port, partial(reply, page)))
            assert found(fresh) == {}
            for page in PAGES:
                answers[page] = status
                assert found(fresh) == {page: f"it answers {status}"}
                answers[page] = 200
            assert found(fresh) == {}
