"""Read and change firewall rules: nf_tables by libnftables, legacy iptables by its programs.

The nft flavour of iptables keeps its rules in nf_tables. The legacy programs are called by their
own names, because plain `iptables` may be either flavour, and only for tables that exist,
because listing a table creates it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hems.errors import Unavailable
from hems.protocols.firewall import iptables_save, nftables_json
from hems.protocols.firewall.firewall_rule_types import ChainChange, FirewallChain
from hems.supervision.processes import system_calls
from hems.system import subprocesses

if TYPE_CHECKING:
    import nftables

LIBRARY = "libnftables.so.1"
LEGACY_TABLES = Path("/proc/net/ip_tables_names")
LEGACY_TIMEOUT_S = 8.0
LOCK_WAIT_S = 5  # for the lock that every iptables takes
CAP_NET_ADMIN = 12  # capabilities(7)


class NfTables:
    """The rules in nf_tables, family ip.

    Each call makes a context of the library and ends it: a context keeps more than a megabyte, and
    making one takes no longer than using one again.
    """

    name = "nf_tables"

    def chains(self) -> list[FirewallChain]:
        """Return every chain. Raises Unavailable, and ProtocolError for an unknown format."""
        return nftables_json.chains(self._run([nftables_json.LIST]))

    def apply(self, changes: Sequence[ChainChange]) -> None:
        """Apply all `changes` or none. Raises Unavailable, also when a chain or rule is gone."""
        self._run(nftables_json.commands(changes))

    def _run(self, commands: list[nftables_json.Json]) -> Any:
        code, output, error = _context().json_cmd({"nftables": commands})
        system_calls.return_free_heap()
        if code:
            lines = error.strip().splitlines() or [f"libnftables failed with {code}"]
            raise Unavailable(lines[0])
        return output


class LegacyIptables:
    """The rules in the legacy tables, which nf_tables does not see."""

    name = "iptables-legacy"

    def chains(self) -> list[FirewallChain]:
        """Return every chain of the tables that exist. Raises Unavailable, ProtocolError."""
        try:
            has_tables = bool(LEGACY_TABLES.read_text(encoding="ascii").strip())
        except FileNotFoundError:  # a kernel without them
            has_tables = False
        except OSError as error:
            raise Unavailable(f"{LEGACY_TABLES} cannot be read: {error.strerror}") from error
        if not has_tables:
            return []
        return iptables_save.chains(subprocesses.run(["iptables-legacy-save"], LEGACY_TIMEOUT_S))

    def apply(self, changes: Sequence[ChainChange]) -> None:
        """Apply all `changes` of a table or none of them. Raises Unavailable."""
        argv = ["iptables-legacy-restore", "--noflush", "-w", str(LOCK_WAIT_S)]
        subprocesses.run(argv, LEGACY_TIMEOUT_S, input_text=iptables_save.restore(changes))


def backends() -> tuple[NfTables | LegacyIptables, ...]:
    """Return both packet filters; none if this process may neither read nor change rules."""
    return (NfTables(), LegacyIptables()) if _is_permitted() else ()


def is_forwarding(interface: str) -> bool:
    """Return whether the kernel forwards IPv4 packets that arrive on `interface`.

    Raises Unavailable while there is no such interface.
    """
    try:
        path = Path("/proc/sys/net/ipv4/conf", interface, "forwarding")
        return path.read_text(encoding="ascii").strip() == "1"
    except OSError as error:
        raise Unavailable(f"there is no interface {interface}") from error


def _context() -> nftables.Nftables:
    """Return a new context. Raises Unavailable without the library or its Python binding."""
    try:
        ctypes.CDLL(LIBRARY)  # without it the binding's destructor would complain
        import nftables  # noqa: PLC0415 - only where there is a packet filter
    except (ImportError, OSError) as error:
        raise Unavailable(f"{error}; needs libnftables1 and pip-nftables") from error
    context = nftables.Nftables()
    context.set_handle_output(True)
    return context


def _is_permitted() -> bool:
    """Return whether this process has CAP_NET_ADMIN: proc(5), CapEff in /proc/self/status."""
    fields = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").split()
    return bool(int(fields[fields.index("CapEff:") + 1], 16) >> CAP_NET_ADMIN & 1)
