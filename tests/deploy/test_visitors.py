"""Whom nginx refuses at every door: unknown hosts, other sites' pages, whoever would set it up."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping

import pytest

from tests.deploy.client import Client, basic
from tests.deploy.lan import BRIDGE, CLIENT, CONFIGURATOR, HOME_ASSISTANT, INFLUXDB, PROXY
from tests.deploy.peers import Peer, Reply, peer
from tests.deploy.site import NAME, PUBLIC_NAME, UUID, Site

pytestmark = pytest.mark.deploy

PORTS = (443, 80, 8080, 8123, 8086, 3218)
FOREIGN = "https://evil.example"
TUNNEL = {"X-Forwarded-Proto": "https"}  # is not redirected at port 80


@pytest.fixture(scope="module")
def doors(gateway: Site) -> Site:
    """The gateway with every door open."""
    gateway.provision("nginx/doors.conf", OPEN_PORTS="8123, 8086, 3218, 6053")
    gateway.nginx.stop()
    gateway.nginx.start()
    return gateway


@pytest.fixture(scope="module")
def behind(doors: Site) -> Iterator[dict[int, Peer]]:
    """The services, by the door that leads to them."""
    with (
        peer(doors.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"page")) as home_assistant,
        peer(doors.lan, INFLUXDB, 8086, lambda _: Reply(b"page")) as influxdb,
        peer(doors.lan, CONFIGURATOR, 3218, lambda _: Reply(b"page")) as editor,
    ):
        pages = dict.fromkeys((443, 80, 8080, 8123), home_assistant)
        yield {**pages, 8086: influxdb, 3218: editor}


def raw(site: Site, port: int, request: bytes) -> bytes:
    """Send bytes and return the whole answer."""
    connection = site.lan.connect(PROXY, port)
    if port == 443:
        connection = site.client().context().wrap_socket(connection, server_hostname=PROXY)
    connection.settimeout(10)
    with connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def status(
    site: Site,
    port: int,
    target: str = "/",
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
) -> int:
    """Return the status of one request, which is sent as it is."""
    sent = {"Host": NAME, "Connection": "close", **TUNNEL, **(headers or {})}
    if port == 3218:
        sent = {**basic(), **sent}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {text}" for name, text in sent.items())]
    answer = raw(site, port, "\r\n".join([*lines, "", ""]).encode("latin-1"))
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("port", PORTS)
def test_only_the_gateways_names_and_addresses_are_hosts(
    doors: Site, behind: dict[int, Peer], port: int
) -> None:
    known = (NAME, f"{NAME}:8443", NAME.upper(), f"{NAME}.", PUBLIC_NAME, "localhost:8443")
    for host in (*known, CLIENT, BRIDGE, PROXY, f"{PROXY}:{port}", f"{UUID}.balena-devices.com"):
        assert status(doors, port, headers={"Host": host}) == 200, host
    before = len(behind[port].requests)
    unknown = ("evil.example", "192.0.2.99", "x.gateway.local", "gateway.local.evil.example")
    other = f"{UUID[::-1]}.balena-devices.com"
    for host in (*unknown, other, f"{NAME}@evil.example", "names", "..", "%2e", "[::1]", "0", ""):
        assert status(doors, port, headers={"Host": host}) in {400, 421}, host
    assert len(behind[port].requests) == before


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize(
    "request_text",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nHost: gateway.local\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: gateway.local\r\nHost: evil.example\r\n\r\n",
        b"GET http://gateway.local/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: gateway.local\r\nConnection: close\r\n\r\n",
        # Smuggling.
        b"POST / HTTP/1.1\r\nHost: gateway.local\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: gateway.local\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: gateway.local\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : gateway.local\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: gateway.local\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: gateway.local\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    ],
)
def test_a_request_without_one_clear_host_or_length_is_refused(
    doors: Site, behind: dict[int, Peer], port: int, request_text: bytes
) -> None:
    before = len(behind[port].requests)
    answer = raw(doors, port, request_text)
    assert answer[:12] in {b"HTTP/1.1 4%d" % code for code in (0, 5, 14, 21)} or (
        int(answer.split(b" ", 2)[1]) in {400, 405, 414, 421, 501}
    ), answer[:80]
    assert len(behind[port].requests) == before


ONBOARDING = (
    "/api/onboarding",
    "/api/onboarding/users",
    "/API/Onboarding/users",
    "//api//onboarding///users",
    "/x/../api/onboarding/users",
    "/./api/./onboarding/users",
    "/api/%6fnboarding/users",
    "/api%2fonboarding%2fusers",
    "/%61pi/onboarding/users?x=1",
    "/api/onboarding/users/../../states",
    "/api/onboarding/users%00",
    "/onboarding.html",
    f"http://{NAME}/api/onboarding/users",
)
SET_UP = (
    "/api/v2/setup",
    "/api/v2/setup/user",
    "/api/v2//setup",
    "/api/V2/SETUP",
    "/api/v2/%73etup",
    "/api/x/../v2/setup",
    "//api/v2/setup?a=b",
)


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "OPTIONS"])
@pytest.mark.parametrize("port", [443, 80, 8123])
def test_nobody_gets_to_home_assistants_onboarding(
    doors: Site, behind: dict[int, Peer], port: int, method: str
) -> None:
    before = len(behind[port].requests)
    for target in ONBOARDING:
        assert status(doors, port, target, method=method) in {400, 403}, target
    assert len(behind[port].requests) == before


@pytest.mark.parametrize("port", [443, 80, 8086])
def test_nobody_sets_influxdb_up_and_its_page_hears_that_it_is(
    doors: Site, behind: dict[int, Peer], port: int
) -> None:
    before = {door: len(one.requests) for door, one in behind.items()}
    prefix = "" if port == 8086 else "/influx"
    for target in SET_UP:
        for method in ("POST", "PUT", "HEAD"):
            assert status(doors, port, prefix + target, method=method) == 403, (method, target)
    answer = raw(
        doors,
        port,
        f"GET {prefix}/api/v2/setup HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode(),
    )
    assert answer.endswith(b'\r\n\r\n{"allowed":false}')
    for target in ("/metrics", "/debug/pprof/all", "//debug/pprof/cmdline", "/%6detrics"):
        if port == 8086:
            assert status(doors, port, target) == 403, target
    assert {door: len(one.requests) for door, one in behind.items()} == before


CROSS_SITE: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("GET", "/api/states", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}),
    ("GET", "/api/states", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}),
    (
        "GET",
        "/api/states",
        {
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        },
    ),
    (
        "GET",
        "/",
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ),
    (
        "GET",
        "/media/local/x",
        {
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        },
    ),
    ("POST", "/auth/login_flow", {"Origin": FOREIGN}),
    ("POST", "/auth/token", {"Origin": "null"}),
    ("POST", "/auth/token", {"Origin": f"http://{NAME}.evil.example"}),
    ("POST", "/auth/token", {"Origin": f"https://{NAME}:8444"}),
    ("GET", "/api/websocket", {"Origin": FOREIGN, "Upgrade": "websocket"}),
    # Plain HTTP: neither Sec-Fetch-Site nor Origin, as for a picture.
    ("GET", "/api/states", {"User-Agent": "Mozilla/5.0"}),
    ("GET", "/api/camera_proxy/x?authSig=forged", {"User-Agent": "Mozilla/5.0"}),
)


@pytest.mark.parametrize("port", [443, 80, 8123])
@pytest.mark.parametrize(("method", "target", "headers"), CROSS_SITE)
def test_a_page_of_another_site_reaches_no_service(  # noqa: PLR0917
    doors: Site,
    behind: dict[int, Peer],
    port: int,
    method: str,
    target: str,
    headers: dict[str, str],
) -> None:
    """Ten such requests would ban the address of the family's phone."""
    before = len(behind[port].requests)
    assert status(doors, port, target, headers, method) == 403
    assert len(behind[port].requests) == before


OWN: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("GET", "/api/states", {}),  # an app, a script
    ("POST", "/api/webhook/x", {}),
    ("GET", "/api/states", {"Sec-Fetch-Site": "same-origin"}),
    ("GET", "/api/states", {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}),
    ("POST", "/auth/login_flow", {"Origin": f"https://{NAME}"}),
    ("POST", "/auth/login_flow", {"Origin": f"http://{NAME}"}),
    ("GET", "/api/websocket", {"Origin": f"wss://{NAME}:443"}),  # an app of iOS
    ("GET", "/api/states", {"Origin": "chrome-extension://abc"}),
    ("GET", "/local/picture.svg", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}),
    ("GET", "/api/states", {"User-Agent": "Mozilla/5.0", "Authorization": "Bearer t"}),
    ("GET", "/api/camera_proxy/x", {"User-Agent": "Mozilla/5.0", "Cookie": "own_page=1"}),
    ("GET", "/api/tts_proxy/x.mp3", {"User-Agent": "Mozilla/5.0 CrKey"}),
    (
        "GET",
        "/auth/authorize?client_id=x",
        {
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        },
    ),
)


@pytest.mark.parametrize("port", [443, 80, 8123])
@pytest.mark.parametrize(("method", "target", "headers"), OWN)
def test_the_gateways_own_pages_apps_and_links_do(  # noqa: PLR0917
    doors: Site,
    behind: dict[int, Peer],
    port: int,
    method: str,
    target: str,
    headers: dict[str, str],
) -> None:
    assert status(doors, port, target, headers, method) == 200


def test_a_browser_on_plain_http_gets_the_cookie_once(doors: Site, behind: dict[int, Peer]) -> None:
    first = f"GET / HTTP/1.0\r\nHost: {NAME}\r\nUser-Agent: Mozilla/5.0\r\n"
    answer = raw(doors, 8123, f"{first}\r\n".encode())
    cookie = b"Set-Cookie: own_page=1; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict"
    assert answer.count(cookie) == 1
    for more, port in (("Cookie: own_page=1\r\n", 8123), ("", 443)):
        assert b"Set-Cookie" not in raw(doors, port, f"{first}{more}\r\n".encode())


@pytest.mark.parametrize("port", PORTS)
def test_a_service_sees_the_visitors_own_address_alone(
    doors: Site, behind: dict[int, Peer], port: int
) -> None:
    """Whatever the visitor says about himself: Home Assistant would log, or ban, another."""
    lies = {"X-Forwarded-For": "127.0.0.1, 8.8.8.8", "X-Forwarded-Host": "evil.example"}
    assert status(doors, port, headers=lies) == 200
    headers = behind[port].requests[-1].headers
    assert headers.get_all("X-Forwarded-For") == [CLIENT]
    assert headers.get_all("X-Forwarded-Host") == [NAME]
    assert headers.get_all("Host") == [NAME]
    proxy = b"PROXY TCP4 8.8.8.8 8.8.8.8 1 2\r\n"
    if port != 443:
        assert b" 400 " in raw(doors, port, proxy + b"GET / HTTP/1.0\r\n\r\n")


@pytest.mark.parametrize(
    ("port", "path", "size", "expected"),
    [
        (443, "/api/states", 17, 413),
        (8123, "/api/states", 17, 413),
        (443, "/configurator/upload", 18, 413),
        (8086, "/api/v2/write", 65, 413),
        (443, "/influx/api/v2/write", 65, 413),
        (443, "/api/file_upload", 101, 413),
        (8123, "/api/backup/upload", 200, 200),
        (443, "/api/backup/upload", 200, 200),
    ],
)
def test_a_body_is_bounded_but_for_a_backup(  # noqa: PLR0917
    doors: Site, behind: dict[int, Peer], port: int, path: str, size: int, expected: int
) -> None:
    """`size` is in MiB."""
    connection = doors.lan.connect(PROXY, port)
    if port == 443:
        connection = doors.client().context().wrap_socket(connection, server_hostname=PROXY)
    auth = basic()["Authorization"] if "configurator" in path else "Bearer t"
    head = f"POST {path} HTTP/1.1\r\nHost: {NAME}\r\nAuthorization: {auth}\r\nConnection: close\r\n"
    with connection:
        connection.settimeout(30)
        connection.sendall(f"{head}Content-Length: {size << 20}\r\n\r\n".encode())
        if expected == 200:
            for _ in range(size):
                connection.sendall(bytes(1 << 20))
        assert connection.recv(12) == f"HTTP/1.1 {expected}".encode()


def test_http_2_and_its_floods_do_not_exist(doors: Site, client: Client) -> None:
    context = client.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    plain = doors.lan.connect(PROXY, 443)
    with context.wrap_socket(plain, server_hostname=PROXY) as connection:
        assert connection.selected_alpn_protocol() in {None, "http/1.1"}
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9))
        assert b" 400 " in connection.recv(4096)


def test_a_closed_door_does_not_answer(fresh: Site) -> None:
    fresh.provision(MQTT_USERS="")
    fresh.nginx.start()
    for port in (8123, 8086, 3218, 6053, 1883):
        with pytest.raises(ConnectionRefusedError):
            fresh.lan.connect(PROXY, port)


def test_esphome_and_mqtt_lead_to_their_services(doors: Site) -> None:
    for port, host, inner in ((6053, HOME_ASSISTANT, 6053), (1883, "172.18.4.7", 1884)):
        with doors.lan.listen(host, inner) as listener, doors.lan.connect(PROXY, port) as device:
            assert exchanged(listener, device, is_told=port == 1883)
    with doors.lan.listen("172.18.4.7", 1884) as listener:
        plain = doors.lan.connect(PROXY, 8883)
        context = doors.client().context()
        with context.wrap_socket(plain, server_hostname=NAME) as device:
            assert exchanged(listener, device, is_told=True)


def exchanged(
    listener: socket.socket, device: socket.socket | ssl.SSLSocket, *, is_told: bool
) -> bool:
    """Return whether bytes pass in both directions, after the client's address if `is_told`."""
    listener.settimeout(5)
    device.settimeout(5)
    device.sendall(b"hello")
    server, _ = listener.accept()
    with server:
        server.settimeout(5)
        received = b""
        while not received.endswith(b"hello"):
            received += server.recv(100)
        header = b"PROXY TCP4 192.0.2.7 "
        assert received.startswith(header) == is_told, received
        server.sendall(b"there")
    return device.recv(5) == b"there"
