"""Home Assistant's config entry for InfluxDB, written to its store while it does not run.

Home Assistant no longer takes a connection from configuration.yaml; what it sends stands there
still. Its own flow needs a login, shows the stored token, and logs an error while InfluxDB is new.
The store has had this form (1.5) since 2025.3. An entry for another database is a person's.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from default_files import replace

STORE = ".storage/core.config_entries"
EMPTY = {"version": 1, "minor_version": 5, "key": "core.config_entries", "data": {"entries": []}}
DOMAIN, HOST = "influxdb", "172.18.4.3"
URL = f"http://{HOST}:8086"
ORGANISATION, BUCKET = "hems", "home_assistant"


def write_entry(volume: Path, token: str) -> None:
    """Create the entry, or give it `token`. Raises OSError, or ValueError for a spoilt store."""
    path = volume / STORE
    store: dict[str, Any] = json.loads(path.read_bytes() if path.exists() else json.dumps(EMPTY))
    entries: list[dict[str, Any]] = store["data"]["entries"]
    own = next((entry for entry in entries if entry["domain"] == DOMAIN), None)
    if own is None:
        entries.append(_entry(token))
    elif own["data"].get("url") != URL or own["data"].get("token") == token:
        return
    else:
        own["data"]["token"] = token
    replace(path, json.dumps(store, indent=2).encode(), 0o600)


def _entry(token: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {
        "created_at": now,
        "data": {
            "api_version": "2",
            "bucket": BUCKET,
            "organization": ORGANISATION,
            "token": token,
            "url": URL,
            "verify_ssl": True,
        },
        "disabled_by": None,
        "discovery_keys": {},
        "domain": DOMAIN,
        "entry_id": secrets.token_hex(16),
        "minor_version": 1,
        "modified_at": now,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "subentries": [],
        "title": f"{BUCKET} ({URL})",
        "unique_id": None,
        "version": 1,
    }
