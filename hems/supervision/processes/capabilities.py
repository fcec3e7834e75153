"""Limit the capabilities of a process before and after it changes its user: capabilities(7)."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from hems.supervision.processes import system_calls
from hems.supervision.settings.capability_names import ALL, NUMBERS

SETPCAP, SYS_ADMIN = NUMBERS["CAP_SETPCAP"], NUMBERS["CAP_SYS_ADMIN"]


def has(capability: int) -> bool:
    """Return whether this process has a capability in effect."""
    effective, _, _ = system_calls.capget()
    return bool(effective >> capability & 1)


def permitted() -> frozenset[int]:
    """Return the capabilities that this process may have in effect."""
    _, bits, _ = system_calls.capget()
    return frozenset(capability for capability in ALL if bits >> capability & 1)


def limit(bounding: Collection[int], *, can_gain: bool) -> None:
    """Drop all other capabilities from the bounding set, which needs CAP_SETPCAP.

    Without that, a process that `can_gain` no capability by an exec needs no bounding set.
    """
    if not can_gain and not has(SETPCAP):
        return
    for capability in sorted(ALL - set(bounding)):
        if _is_in_bounding_set(capability):
            system_calls.prctl(system_calls.PR_CAPBSET_DROP, capability)


def keep_over_user_change(*, is_kept: bool) -> None:
    """Keep the permitted capabilities when the user is no longer root, or do not."""
    system_calls.prctl(system_calls.PR_SET_KEEPCAPS, int(is_kept))


def settle(bounding: Collection[int] | None, ambient: Collection[int], *, is_root: bool) -> None:
    """Take the capabilities that an exec would give now, since a forked process has no exec.

    Root has those of the bounding set, another user the ambient ones.
    """
    _, permitted, _ = system_calls.capget()
    kept = _bits(ambient)
    if is_root:
        kept = permitted if bounding is None else permitted & _bits(bounding)
    system_calls.prctl(system_calls.PR_CAP_AMBIENT, system_calls.PR_CAP_AMBIENT_CLEAR_ALL)
    system_calls.capset(kept, kept, _bits(ambient))
    for capability in ambient:
        system_calls.prctl(
            system_calls.PR_CAP_AMBIENT, system_calls.PR_CAP_AMBIENT_RAISE, capability
        )


def forbid_new_privileges() -> None:
    """Make set-user-ID bits and file capabilities without effect, for ever."""
    system_calls.prctl(system_calls.PR_SET_NO_NEW_PRIVS, 1)


def _is_in_bounding_set(capability: int) -> bool:
    with contextlib.suppress(OSError):
        return bool(system_calls.prctl(system_calls.PR_CAPBSET_READ, capability))
    return False  # EINVAL: this kernel does not know it


def _bits(capabilities: Collection[int]) -> int:
    return sum(1 << capability for capability in capabilities)
