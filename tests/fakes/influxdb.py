"""A fake InfluxDB 2.7 without an engine: tokens, buckets and tasks, with the real answers.

http/write_handler.go, http/task_service.go, http/authentication_middleware.go and tenant/ of
v2.7.12. It keeps lines as text, never expires them, and reads only the name of a Flux task.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.deploy.peers import HttpRequest, Reply
from tests.fakes.influxdb_state import Denied, State, Token, keep, script

CODES = {
    400: "invalid",
    401: "unauthorized",
    403: "forbidden",
    404: "not found",
    422: "conflict",
    500: "internal error",
}
SOURCE = re.compile(r'from\(bucket: "([^"]+)"\)')
LINE = re.compile(r"[^ ,]\S* [^ =]+=\S+( -?[0-9]+)?")
Query = Mapping[str, str]


@dataclass
class FakeInfluxdb(State):
    """Answers HTTP requests; `requests` is the history."""

    requests: list[str] = field(default_factory=list)

    def __call__(self, request: HttpRequest) -> Reply:
        parts = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.requests.append(f"{request.method} {parts.path}")
        try:
            status, body = self._route(request, parts.path, query)
        except Denied as error:
            status, body = error.status, {"code": CODES[error.status], "message": str(error)}
        content = b"" if body is None else json.dumps(body).encode()
        return Reply(content, "application/json; charset=utf-8", status)

    @property
    def changes(self) -> list[str]:
        """Return the requests that change something; a write of nothing does not."""
        return [
            one
            for one in self.requests
            if not one.startswith("GET") and not one.endswith(("/write", "/query"))
        ]

    def _route(self, request: HttpRequest, path: str, query: Query) -> tuple[int, Any]:
        if path == "/health":
            return 200, {"status": "pass", "version": "v2.7.12"}
        if path == "/api/v2/setup":
            return self._setup(request)
        scheme, _, secret = (request.headers["Authorization"] or "").partition(" ")
        token = self.tokens.get(secret) if scheme == "Token" else None
        if token is None:
            raise Denied(401, "unauthorized access")
        kind, _, name = path.removeprefix("/api/v2/").partition("/")
        routes = {
            ("POST", "write"): self._write,
            ("POST", "query"): self._query,
            ("GET", "orgs"): self._orgs,
            ("GET", "buckets"): self._get_buckets,
            ("POST", "buckets"): self._post_bucket,
            ("PATCH", "buckets"): self._patch_bucket,
            ("GET", "tasks"): self._get_tasks,
            ("POST", "tasks"): self._post_task,
            ("PATCH", "tasks"): self._patch_task,
            ("DELETE", "tasks"): self._delete_task,
        }
        if (request.method, kind) not in routes:
            raise Denied(404, "path not found")
        return routes[request.method, kind](token, {**query, "id": name}, request)

    def _setup(self, request: HttpRequest) -> tuple[int, Any]:
        if request.method == "GET":
            return 200, {"allowed": not self.users}
        if self.users:
            raise Denied(422, "onboarding has already been completed")
        order = json.loads(request.body)
        missing = [name for name in ("username", "org", "bucket") if not order.get(name)]
        if missing:
            raise Denied(422, f"onboarding failed: missing required fields [{','.join(missing)}]")
        if not 8 <= len(order["password"].encode()) <= 72:
            raise Denied(400, "passwords must be between 8 and 72 characters long")
        self.users[order["username"]] = order["password"]
        self.organisations[order["org"]] = self.new_id()
        bucket = self.add_bucket(order["bucket"], order["retentionPeriodSeconds"])
        self.tokens[order["token"]] = Token(may_all=True)
        return 201, {"auth": {"token": order["token"]}, "bucket": bucket}

    def _write(self, token: Token, query: Query, request: HttpRequest) -> tuple[int, Any]:
        self.organisation(query["org"])
        self.bucket(query["bucket"])
        if not token.is_active:
            raise Denied(403, "insufficient permissions for write: token is inactive")
        if not (token.may_all or query["bucket"] in token.writes):
            raise Denied(403, "insufficient permissions for write")
        self.take(request, query["bucket"])
        return 204, None

    def _query(self, token: Token, query: Query, request: HttpRequest) -> tuple[int, Any]:
        """Answer with a table if the bucket has a line; a missing right is a missing bucket."""
        if query["org"] not in self.organisations:
            wrong = f'organization name "{query["org"]}" not found'
            raise Denied(400, f"failed to decode request body: {wrong}")
        [name] = SOURCE.findall(json.loads(request.body)["query"])
        if name not in self.buckets or not (token.may_all or name in token.reads):
            wrong = f'could not find bucket "{name}"'
            raise Denied(404, f"failed to initialize execute state: {wrong}")
        return 200, [",result,table,_time"] if self.lines.get(name) else None

    def take(self, request: HttpRequest, bucket: str) -> None:
        """Keep the lines that are written; raise Denied for one that is none."""
        lines = request.body.decode().splitlines()
        for line in lines:
            if not LINE.fullmatch(line):
                raise Denied(400, f"unable to parse '{line}': missing fields")
        self.lines.setdefault(bucket, []).extend(lines)

    def _orgs(self, token: Token, query: Query, _request: HttpRequest) -> tuple[int, Any]:
        organisation = {"id": self.organisation(query["org"]), "name": query["org"]}
        return 200, {"orgs": [organisation] if token.may_all else []}

    def _get_buckets(self, token: Token, query: Query, _request: HttpRequest) -> tuple[int, Any]:
        self.organisation(query["org"])
        bucket = self.bucket(query["name"])
        is_seen = token.may_all or query["name"] in token.reads
        return 200, {"buckets": [bucket] if is_seen else []}

    def _post_bucket(self, token: Token, _: Query, request: HttpRequest) -> tuple[int, Any]:
        order = json.loads(request.body)
        if not token.may_all:
            raise Denied(401, f"write:orgs/{order['orgID']}/buckets is unauthorized")
        if order["name"] in self.buckets:
            raise Denied(422, f"bucket with name {order['name']} already exists")
        rule = order["retentionRules"][0]
        made = self.add_bucket(order["name"], 0)
        keep(made, rule)
        return 201, made

    def _patch_bucket(self, token: Token, query: Query, request: HttpRequest) -> tuple[int, Any]:
        buckets = [one for one in self.buckets.values() if one["id"] == query["id"]]
        if not buckets:
            raise Denied(404, "bucket not found")
        if not (token.may_all or buckets[0]["name"] in token.writes):
            raise Denied(401, f"write:buckets/{query['id']} is unauthorized")
        keep(buckets[0], json.loads(request.body)["retentionRules"][0])
        return 200, buckets[0]

    def _get_tasks(self, token: Token, query: Query, _request: HttpRequest) -> tuple[int, Any]:
        if query["org"] not in self.organisations:
            wrong = f'organization name "{query["org"]}" not found'
            raise Denied(400, f"failed to decode request: {wrong}")
        tasks = [one for one in self.tasks.values() if one["name"] == query["name"]]
        return 200, {"tasks": tasks if token.may_all else []}

    def _post_task(self, token: Token, _: Query, request: HttpRequest) -> tuple[int, Any]:
        if not token.may_all:
            raise Denied(500, "failed to create task: unauthorized")
        order = json.loads(request.body)
        task = {"id": self.new_id(), "orgID": order["orgID"], "status": "active"}
        self.tasks[task["id"]] = task | script(order["flux"])
        return 201, self.tasks[task["id"]]

    def _patch_task(self, token: Token, query: Query, request: HttpRequest) -> tuple[int, Any]:
        self.tasks[query["id"]] |= script(json.loads(request.body)["flux"])
        return 200, self.tasks[query["id"]]

    def _delete_task(self, token: Token, query: Query, _request: HttpRequest) -> tuple[int, Any]:
        if self.tasks.pop(query["id"], None) is None:
            raise Denied(404, "failed to delete task: task not found")
        return 204, None
