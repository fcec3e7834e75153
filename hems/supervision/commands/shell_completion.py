"""Complete supervisorctl's commands, their options and the names of units in bash.

zsh reads the same script after `autoload -U bashcompinit && bashcompinit`. The names come from
supervisorctl itself, with the options that are on the command line.
"""

from __future__ import annotations

from collections.abc import Iterable

from hems.supervision.commands.command_table import COMMANDS

_STOCK_WITH_UNITS = ("clear", "fg", "pid", "restart", "signal", "start", "status", "stop", "tail")
_STOCK_WITH_GROUPS = ("add", "remove", "update")
_SCRIPT = """\
_supervisorctl() {
    local current=${COMP_WORDS[COMP_CWORD]} command= word at=1 options=()
    COMPREPLY=()
    while ((at < COMP_CWORD)); do
        word=${COMP_WORDS[at]}
        case $word in
            -c|-s|-u|-p|-r) options+=("$word" "${COMP_WORDS[at+1]}"); ((at += 1)) ;;
            -*) options+=("$word") ;;
            *) command=$word; break ;;
        esac
        ((at += 1))
    done
    case $command in
        "") COMPREPLY=($(compgen -W "@COMMANDS@" -- "$current")) ;;
        verify) COMPREPLY=($(compgen -f -- "$current")) ;;
        help) COMPREPLY=($(compgen -W "@COMMANDS@" -- "$current")) ;;
@OPTIONS@
    esac
    case $command in
        @WITH_UNITS@)
            [[ $current == -* ]] && return
            local names
            names=$(supervisorctl "${options[@]}" status 2>/dev/null | sed 's/ .*//')
            COMPREPLY+=($(compgen -W "$names" -- "$current"))
            ;;
    esac
}
complete -F _supervisorctl supervisorctl
"""


def bash(stock: Iterable[str]) -> str:
    """Return the script. `stock` are the names of supervisord's own commands."""
    names = sorted({*stock, *(command.name for command in COMMANDS)})
    with_units = [one.name for one in COMMANDS if one.units[1] and one.of == "UNIT"]
    options = [
        f'        {one.name}) COMPREPLY=($(compgen -W "{" ".join(one.options)}" -- "$current")) ;;'
        for one in COMMANDS
        if one.options
    ]
    return (
        _SCRIPT.replace("@COMMANDS@", " ".join(names))
        .replace("@OPTIONS@", "\n".join(options))
        .replace("@WITH_UNITS@", "|".join([*_STOCK_WITH_UNITS, *_STOCK_WITH_GROUPS, *with_units]))
    )
