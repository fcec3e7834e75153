"""Check everything that `balena push` sends, for bin/check.

A check is one module in checks/. To add a check, add a module; run.py discovers it:

    TITLE     "area: what is true when the check passes", plain English
    PROGRAMS  optional: the programs that the check runs, e.g. ("nginx",)
    IS_FIRST  optional: True if other checks fail for the same reason; they then say "see above"
    problems  a function that takes the root of the tree and yields a line for each problem:
              which file, what the check found, what it expected

A check changes nothing and imports no other check. The modules beside run.py read the files that
several checks need: docker-compose.yml, Dockerfiles, etc/hems.toml, etc/supervisord.conf and the
configuration of nginx and mosquitto.
"""
