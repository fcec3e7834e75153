"""The commands of a unit besides its main process: ExecStartPre and the like, without a shell."""

import re
import shlex
import signal
from collections.abc import Mapping
from typing import NamedTuple

_PREFIXES = "-+!@:"
_VARIABLE = re.compile(r"\$\$|\$\{(\w+)\}", re.ASCII)
_WORD = re.compile(r"\$(\w+)", re.ASCII)


class ExecCommand(NamedTuple):
    """One command. `-`: its failure does not count. `+` or `!`: it has supervisord's privileges."""

    argv: tuple[str, ...]
    may_fail: bool = False
    is_privileged: bool = False

    def __str__(self) -> str:
        return shlex.join(self.argv)

    def expanded(self, environment: Mapping[str, str]) -> list[str]:
        """Return the words with the values of variables; an unknown one is empty.

        `${NAME}` is replaced within a word, the word `$NAME` by as many words as its value has,
        and `$$` is a dollar sign.
        """
        words: list[str] = []
        for word in self.argv:
            if variable := _WORD.fullmatch(word):
                words += environment.get(variable[1], "").split()
            else:
                words.append(
                    _VARIABLE.sub(lambda one: environment.get(one[1], "") if one[1] else "$", word)
                )
        return words


def exec_command(text: str) -> ExecCommand:
    """Return the command of one directive. Raises ValueError."""
    bare = text.lstrip(_PREFIXES)
    prefix = text[: len(text) - len(bare)]
    if unknown := set(prefix) & set("@:"):
        raise ValueError(f"found {text!r}, expected no prefix but -, + or !, not {min(unknown)}")
    try:
        argv = tuple(shlex.split(bare))
    except ValueError as error:
        raise ValueError(f"found {text!r}: {error}") from None
    if not argv:
        raise ValueError(f"found {text!r}, expected a command")
    if "$" in argv[0]:
        raise ValueError(f"found {text!r}, expected a program that is not in a variable")
    return ExecCommand(argv, "-" in prefix, "+" in prefix or "!" in prefix)


class ExecSettings(NamedTuple):
    """The commands of each phase, in their order."""

    condition: tuple[ExecCommand, ...] = ()
    start_pre: tuple[ExecCommand, ...] = ()
    start_post: tuple[ExecCommand, ...] = ()
    reload: tuple[ExecCommand, ...] = ()
    stop: tuple[ExecCommand, ...] = ()
    stop_post: tuple[ExecCommand, ...] = ()


def signal_name(number: int) -> str:
    """Return a signal's name without SIG, as EXIT_STATUS has it."""
    try:
        return signal.Signals(number).name.removeprefix("SIG")
    except ValueError:
        return str(number)
