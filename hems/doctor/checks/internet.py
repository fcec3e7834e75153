"""There is a way to the internet, and no portal in it."""

from __future__ import annotations

from collections.abc import Sequence

from hems.clients.connectivity import is_portal, reach_tcp
from hems.doctor.finding import Finding, failed, note, ok
from hems.errors import HemsError
from hems.settings import Settings
from hems.settings.watchdog import address
from hems.system.links import has_link

TIMEOUT_S = 1.5  # a name is resolved in the resolver's own time
EXPECTED = "a way to the internet"
LINK = "plug the cable in, or let the gateway into the Wi-Fi again by its portal"
BOX = "look at the home's router: its own page says whether it is online"
NAMES = "look at the DNS server that the home's router gives, or set one in balena's dnsServers"
PORTAL = "log this gateway's address in on the page of the network, or use another network"


def look(settings: Settings) -> list[Finding]:
    own = settings.watchdog
    if not (own.tcp_targets or own.http_urls):
        return [note("nobody to ask is set")]
    refusals: list[str] = []
    reached = _reached(own.tcp_targets, refusals)
    for url in own.http_urls:
        try:
            if is_portal(url, TIMEOUT_S):
                return [failed(f"a portal answers instead of {url}", EXPECTED, PORTAL)]
            return [ok(f"{url} answers")]
        except HemsError as error:
            refusals.append(str(error))
    if reached and own.http_urls:
        return [failed(f"{reached} answers, but {refusals[-1]}", "pages, too", NAMES)]
    if reached:
        return [ok(f"{reached} answers")]
    return [failed("; ".join(refusals), EXPECTED, BOX if has_link() else LINK)]


def _reached(targets: Sequence[str], refusals: list[str]) -> str:
    """Return the first of `targets` that takes a connection, empty when none does."""
    for target in targets:
        where = address(f"tcp://{target}", "tcp")
        try:
            if where:
                reach_tcp(*where, TIMEOUT_S)
                return target
        except HemsError as error:
            refusals.append(str(error))
    return ""
