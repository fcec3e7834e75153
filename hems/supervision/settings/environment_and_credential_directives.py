"""The directives of what a process finds at its start: variables, credentials, folder, stdin."""

from __future__ import annotations

import re
import shlex

from hems.supervision.settings.directive import Directive, names, one_of
from hems.supervision.settings.process_settings import Credential, PathEntry, StandardInput

EXEC = "systemd.exec(5)"
_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_CREDENTIAL = re.compile("[A-Za-z0-9_.@-]{1,255}")


def variables(value: str) -> tuple[tuple[str, str], ...]:
    """Return the name and value of each assignment: `A=1 "B=two words"`."""
    pairs = []
    for word in shlex.split(value):
        name, equals, text = word.partition("=")
        if not equals or not _VARIABLE.fullmatch(name):  # it may be a part of a secret
            raise ValueError("found something else, expected VARIABLE=value, each in quotes")
        pairs.append((name, text))
    return tuple(pairs)


def optional_path(value: str) -> PathEntry:
    """Return an absolute path; `-` in front: it need not exist."""
    path = value.removeprefix("-")
    if not path.startswith("/"):
        raise ValueError(f"found {value!r}, expected an absolute path")
    return PathEntry(path, is_optional=value != path)


def folder(value: str) -> PathEntry:
    """Return an absolute path or ~, the home of the user."""
    return PathEntry("~", value != "~") if value in {"~", "-~"} else optional_path(value)


def credential_name(name: str) -> str:
    """Return the name of a credential, which is the name of a file."""
    if not _CREDENTIAL.fullmatch(name) or name in {".", ".."}:
        raise ValueError(f"found {name!r}, expected a name of letters, digits and . _ @ -")
    return name


def loaded_credential(value: str) -> Credential:
    """Return the credential of `ID:PATH`, or of `ID`, which supervisord itself was given."""
    name, colon, path = value.partition(":")
    if colon and not path.startswith("/"):
        raise ValueError(f"found {value!r}, expected ID or ID:PATH with an absolute path")
    return Credential(credential_name(name), path=path)


def credential_text(value: str) -> Credential:
    """Return the credential of `ID:VALUE`. An error never shows the value."""
    name, colon, text = value.partition(":")
    if not colon:
        raise ValueError("found no colon, expected ID:VALUE")
    return Credential(credential_name(name), value=text)


DIRECTIVES = (
    Directive(
        "PassEnvironment",
        "process.environment.passed",
        names,
        "everything",
        "The variables that the program inherits, where * is any text; it also has those of its "
        "own `environment`. Such a program is always executed, never forked",
        EXEC,
        "Without it a program inherits everything",
    ),
    Directive(
        "Environment",
        "process.environment.variables",
        variables,
        "",
        'Variables of the process, such as `A=1 "B=two words"`',
        EXEC,
        "No specifiers such as %n",
        is_list=True,
        is_secret=True,
    ),
    Directive(
        "EnvironmentFile",
        "process.environment.files",
        optional_path,
        "",
        "A file with a variable on each line, read at each start. `-` in front: it need not exist",
        EXEC,
        "No wildcards. Without the file, or with a line that is no VARIABLE=value, the start fails "
        "with status 78/CONFIG",
        is_list=True,
    ),
    Directive(
        "UnsetEnvironment",
        "process.environment.unset",
        names,
        "",
        "Variables that the process does not have, whoever sets them; NAME=value: only this value",
        EXEC,
        is_list=True,
    ),
    Directive(
        "LoadCredential",
        "process.credentials.loaded",
        loaded_credential,
        "",
        "ID:PATH: the file is $CREDENTIALS_DIRECTORY/ID for this unit alone. ID: the credential "
        "of this name that supervisord has in its own $CREDENTIALS_DIRECTORY, if it has one",
        EXEC,
        "PATH is a file: no folder, no socket",
        is_list=True,
    ),
    Directive(
        "ImportCredential",
        "process.credentials.imported",
        str,
        "",
        "All credentials of supervisord whose names match, where * is any text",
        EXEC,
        is_list=True,
    ),
    Directive(
        "SetCredential",
        "process.credentials.texts",
        credential_text,
        "",
        "ID:VALUE: a credential with this text, unless LoadCredential finds one. It is no secret "
        "for those who can read supervisord.conf",
        EXEC,
        "VALUE is used as it is: no escape sequences",
        is_list=True,
        is_secret=True,
    ),
    Directive(
        "WorkingDirectory",
        "process.directory",
        folder,
        "directory",
        "The folder in which the process starts; ~ is the home of its user. `-` in front: it need "
        "not exist",
        EXEC,
    ),
    Directive(
        "StandardInput",
        "process.standard_input",
        one_of(StandardInput),
        "pipe",
        "null: the process reads the end of the file at once",
        EXEC,
        "The default is supervisord's pipe, in systemd it is null",
    ),
)
