"""Check that the internet is reachable and that no captive portal is in the way."""

from __future__ import annotations

from collections.abc import Sequence

from hems.clients.internet.reachability_probes import is_portal, reach_tcp
from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.errors import HemsError
from hems.settings.address_validation import url_address
from hems.system.network.link_state import has_link

TITLE = "internet"
CAUSES = ("settings",)
TIMEOUT_S = 1.5  # plus what the resolver takes for a name
EXPECTED = "the internet is reachable"
LINK = "plug the network cable in, or choose the Wi-Fi again in the gateway's own portal"
ROUTER = "look at the page of the home's router: it says whether it is online"
NAMES = "check the DNS server that the home's router announces, or set balena's dnsServers"
PORTAL = "register this gateway on the page of the network, or use another network"


def check(context: CheckContext) -> list[Finding]:
    watchdog = context.settings.watchdog
    if not (watchdog.tcp_targets or watchdog.http_urls):
        return [note("not checked: the settings name no target")]
    errors: list[str] = []
    target = _first_reachable(watchdog.tcp_targets, errors)
    for url in watchdog.http_urls:
        try:
            if is_portal(url, TIMEOUT_S):
                return [failed(f"a captive portal answers in place of {url}", EXPECTED, PORTAL)]
            return [ok(f"{url} answers")]
        except HemsError as error:
            errors.append(str(error))
    if target and watchdog.http_urls:
        return [failed(f"{target} answers, but {errors[-1]}", "web pages answer too", NAMES)]
    if target:
        return [ok(f"{target} answers")]
    return [failed("; ".join(errors), EXPECTED, ROUTER if has_link() else LINK)]


def _first_reachable(targets: Sequence[str], errors: list[str]) -> str:
    """Return the first of `targets` that accepts a connection, empty when none does."""
    for target in targets:
        endpoint = url_address(f"tcp://{target}", "tcp")
        try:
            if endpoint:
                reach_tcp(*endpoint, TIMEOUT_S)
                return target
        except HemsError as error:
            errors.append(str(error))
    return ""
