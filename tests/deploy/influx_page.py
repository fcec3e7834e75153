"""InfluxDB's page in small: the same structure as what influxd 2.7 serves, and it really runs.

The names, the public path, the router's base, the form of each call and the path of the session's
cookie are those of the page's sources. `letter` is what the minifier called the bundler's object.
"""

from __future__ import annotations

import base64

from tests.deploy.peers import HttpRequest, Reply

USER, PASSWORD, TOKEN, SESSION = "hems", "of InfluxDB", "Token t0ken", "influxdb-oss-session=s3cret"
APP, CHUNK, STYLE, PICTURE = "0a1b2c3d4e.js", "5f6a7b8c9d.js", "77.e1d2c3b4a5.css", "9e8d7c6b5a.svg"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>'
JSON = b'{"id":"1","links":{"self":"/api/v2/me"},"base":"<base href=\\"/\\">","p":"n.p=\\"/\\""}'
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>InfluxDB</title>'
    f'<base href="/"><link rel="icon" href="/favicon.ico"><link href="/{STYLE}" rel="stylesheet">'
    '</head><body><div id="react-root" data-basepath=""></div>'
    f'<script defer="defer" src="/{APP}"></script></body></html>'
)
STYLES = f"body{{background-image:url(/{PICTURE})}}"
ROUTED = """(()=>{document.title="ready";})();"""
SCRIPT = """(()=>{var L={};L.p="/";const B=(s=>s.trim())("/"),u=()=>B==="/"?"":B.slice(0,-1),
r=document.getElementById("react-root").getAttribute("data-basepath"),
k=async(a,i)=>{const o=await fetch(a,i);if(!o.ok)throw Error(a+" "+o.status);return o},
h={Authorization:"Basic "+btoa("USER:PASSWORD")};(async()=>{
await k("/api/v2/signin",{method:"POST",headers:h});
const id=(await(await k("/api/v2/me")).json()).id;await k(`/api/v2/users/${id}`);
await k(`${B}api/v2/query?${new URLSearchParams({orgID:"1"})}`,{method:"POST",body:"{}"});
await k(`${u()}/health`);history.pushState({},"",`${r}/orgs/1`);
const c=document.createElement("script");c.src=L.p+"CHUNK";document.body.append(c)})()})();"""


def script(letter: str) -> str:
    text = SCRIPT.replace("CHUNK", CHUNK).replace("USER", USER).replace(":PASSWORD", f":{PASSWORD}")
    return text.replace("L.", f"{letter}.").replace("var L", f"var {letter}")


def assets(letter: str) -> dict[str, Reply]:
    """Return what lies at the root, by path, as Go's file server types it."""
    javascript = "text/javascript; charset=utf-8"
    return {
        f"/{APP}": Reply(script(letter).encode(), javascript),
        f"/{CHUNK}": Reply(ROUTED.encode(), javascript),
        f"/{STYLE}": Reply(STYLES.encode(), "text/css; charset=utf-8"),
        f"/{PICTURE}": Reply(SVG.encode(), "image/svg+xml"),
        "/favicon.ico": Reply(b"", "image/x-icon"),
        "/health": Reply(b'{"status":"pass","version":"v2.7.12"}', "application/json"),
    }


class Influxd:
    """Answers as influxd does: the page for every path it does not know."""

    def __init__(self, letter: str = "n") -> None:
        self._assets = assets(letter)

    def __call__(self, request: HttpRequest) -> Reply:
        path = request.path.partition("?")[0]
        if path == "/api/v2/signin":
            return self._signin(request)
        if path.startswith("/api/"):
            return self._api(request)
        return self._assets.get(path) or Reply(PAGE.encode(), "text/html; charset=utf-8")

    def _signin(self, request: HttpRequest) -> Reply:
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers["Authorization"] != f"Basic {expected}":
            return Reply(b'{"code":"unauthorized"}', "application/json", 401)
        cookie = f"{SESSION}; Path=/api/; HttpOnly; SameSite=Strict"
        return Reply(b"", status=204, headers={"Set-Cookie": cookie})

    def _api(self, request: HttpRequest) -> Reply:
        """Let in who has the token; without any Authorization header the cookie counts."""
        authorization = request.headers["Authorization"]
        is_session = authorization is None and request.headers["Cookie"] == SESSION
        if authorization == TOKEN or is_session:
            return Reply(JSON, "application/json; charset=utf-8")
        return Reply(b'{"code":"unauthorized"}', "application/json", 401)
