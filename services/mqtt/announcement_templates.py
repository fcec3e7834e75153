"""Decide whether a template in an announcement is harmless for Home Assistant.

Home Assistant runs templates in its own process, without a limit of time or memory, and evaluates
their constants even without a value. They can also read every state of the home. So Jinja's own
parser reads each template, and a list says which nodes of the tree are allowed: `if`, constants,
and the expressions of template_expressions.py. A result is at most a hundred times as long as its
value: 16 copies that JSON writes with six letters each, or three copies in capitals, of which each
may have three letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes
from template_expressions import Expressions

LONGEST, MOST_BLOCKS, MOST_ARITHMETIC, DEEPEST = 1024, 20, 16, 10
LETTERS = 6  # that JSON writes for one of a text
MOST_CAPITALS = 3  # texts of one result that JSON or a list then writes
MOST_TOKENS = 320  # parsing takes some 15 µs for each
MOST_STEPS, MOST_IN_BLOCK = 80, 25  # Jinja's time to compile a block grows with their third power
OPENING = ("{{", "{%", "{#")
BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod)
LEAVES = (nodes.Name, nodes.Const, nodes.Compare, nodes.Pair, nodes.Keyword)
LONGER = frozenset({"capitalize", "title", "upper"})  # filters or methods
ONCE = {"from_json": "JSON", "to_json": "JSON", "tojson": "JSON", "join": "join"}  # each quotes
# Home Assistant has these delimiters, too. Its extensions of the syntax (do, break, continue) only
# add statements, which would be refused.
JINJA = Environment(cache_size=0)  # noqa: S701 - nothing is rendered


def fault(text: str) -> str:
    """Return what is not allowed in `text`, empty if it has no template, or a harmless one."""
    if not any(mark in text for mark in OPENING):
        return ""
    if len(text) > LONGEST:
        return f"a template of more than {LONGEST} characters"
    return _judged(text)[0]


def copies(text: str) -> int:
    """Return how often its value may be in the result of a harmless template, 1 for any text."""
    is_one = len(text) <= LONGEST and any(mark in text for mark in OPENING)
    return _judged(text)[1] if is_one else 1


@lru_cache(maxsize=256)  # a bridge gives most of its devices the same
def _judged(text: str) -> tuple[str, int]:
    """Return what is not allowed in a template, and how often it may have its value."""
    try:
        _check_tokens(text)
        return "", _copies(JINJA.parse(text))
    except TemplateSyntaxError as error:
        return f"{error.message} in a template", 1
    except RecursionError:
        return "a template that is nested too deeply", 1
    except ValueError as error:
        return f"{error} in a template", 1


def _check_tokens(text: str) -> None:
    """Check what the tree does not show. Raises ValueError or TemplateSyntaxError."""
    depth = count = 0
    for _, kind, token in JINJA.lex(text):
        if kind in ("comment_begin", "raw_begin"):
            raise ValueError(f"a {kind.removesuffix('_begin')} block")
        depth += BRACKETS.get(token, 0) if kind == "operator" else 0
        count += kind not in ("data", "whitespace")
        if depth > DEEPEST or count > MOST_TOKENS:
            raise ValueError("too many brackets or words")


def _copies(tree: nodes.Template) -> int:
    """Return how often the value may be in the result. Raises ValueError for what is harmful."""
    expressions = Expressions()
    once = Counter[str]()
    arithmetic = steps = 0
    has_capitals = False
    blocks = list(_blocks(tree.body, expressions, is_start=True))
    for block in blocks:
        found = list(_nodes(block))
        steps_of_block = sum(not isinstance(one, LEAVES) for one in found)
        steps += steps_of_block
        arithmetic += sum(isinstance(one, ARITHMETIC) for one in found)
        once.update(filter(None, map(_quoting, found)))
        has_capitals |= any(map(_is_longer, found))
        if (
            steps_of_block > MOST_IN_BLOCK
            or steps > MOST_STEPS
            or arithmetic > MOST_ARITHMETIC
            or max(once.values(), default=0) > 1
        ):
            raise ValueError("too many operators")
    if len(blocks) > MOST_BLOCKS:
        raise ValueError("too many blocks")
    for block in blocks:
        expressions.check(block)
    if expressions.texts > (MOST_CAPITALS if once and has_capitals else MOST_ARITHMETIC):
        raise ValueError("too many texts in one result")
    longer = (LETTERS if once else 1) * (MOST_CAPITALS if has_capitals else 1)
    return max(1, len(blocks) + expressions.texts) * longer


def _blocks(
    statements: Sequence[nodes.Node], expressions: Expressions, is_start: bool
) -> Iterator[nodes.Node]:
    """Yield each expression. Raises ValueError for a statement that is not allowed.

    Only a start can set names: after an `if`, one could be Home Assistant's.
    """
    for one in statements:
        if isinstance(one, nodes.Output):
            found = [part for part in one.nodes if not isinstance(part, nodes.TemplateData)]
            is_start = is_start and not found
            yield from found
        elif isinstance(one, nodes.If):
            is_start = False
            yield one.test
            for branch in (one.body, one.elif_, one.else_):
                yield from _blocks(branch, expressions, is_start)
        elif isinstance(one, nodes.Assign) and is_start:
            expressions.set(one.target, one.node)
            yield one.node
        else:
            raise ValueError(f"the statement {type(one).__name__.lower()!r}")


def _nodes(top: nodes.Node) -> Iterator[nodes.Node]:
    waiting = [top]
    while waiting:
        yield (one := waiting.pop())
        waiting += one.iter_child_nodes()


def _quoting(one: nodes.Node) -> str:
    """Return how a node makes one text of several pieces, empty if it does not."""
    return ONCE.get(one.name, "") if isinstance(one, nodes.Filter) else ""


def _is_longer(one: nodes.Node) -> bool:
    """Return whether a node makes a text longer."""
    if isinstance(one, nodes.Filter):
        return one.name in LONGER
    return isinstance(one, nodes.Getattr) and one.attr in LONGER
