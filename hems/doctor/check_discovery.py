"""Find every check: each module of hems/doctor/checks is one.

A check module defines

TITLE    the name of the check in the report
CAUSES   optional: names of check modules whose failure explains a failure of this one
check    a function that takes a CheckContext and returns the findings, one or more
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import partial
from graphlib import TopologicalSorter

from hems.doctor import checks
from hems.doctor.check_interface import CheckContext
from hems.doctor.check_runner import GatewayCheck


def discover(context: CheckContext) -> list[GatewayCheck]:
    """Return all checks of the gateway, causes first, so that the first failure is the cause."""
    names = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    modules = {name: importlib.import_module(f"{checks.__name__}.{name}") for name in names}
    causes = {name: getattr(module, "CAUSES", ()) for name, module in modules.items()}
    ordered = [modules[name] for name in TopologicalSorter(causes).static_order()]
    return [GatewayCheck(module.TITLE, partial(module.check, context)) for module in ordered]
