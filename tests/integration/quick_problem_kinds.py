"""The gateway's table of problems for supervisord, with patience of seconds in place of minutes."""

from hems.protocols.gateway.problem_kinds import KINDS as REAL

PATIENCE_S, GONE_S = 3.0, 6.0
KINDS = tuple(
    kind._replace(patience_s=min(kind.patience_s, PATIENCE_S), gone_s=min(kind.gone_s, GONE_S))
    for kind in REAL
)
