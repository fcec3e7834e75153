"""The directives of notifications and stored descriptors."""

from __future__ import annotations

from hems.supervision.settings.directive import Directive, count, one_of
from hems.supervision.settings.notify_access import NotifyAccess

DIRECTIVES = (
    Directive(
        "NotifyAccess",
        "notify.access",
        one_of(NotifyAccess),
        "main for Type=notify and notify-reload, with WatchdogSec or FileDescriptorStoreMax; "
        "otherwise none",
        "Who may notify. main: the main process; exec: ExecStartPre and the like, too; all: every "
        "process of the unit. none: nobody, and there is no $NOTIFY_SOCKET",
        unlike="With `all`, a process counts that has the process group of the main one, or "
        "descends from it. MAINPID= names a process of the unit; only root may name another one. "
        "A main process that supervisord cannot wait for is taken to have ended with success",
    ),
    Directive(
        "FileDescriptorStoreMax",
        "notify.max_descriptors",
        count,
        "0",
        "The most descriptors that FDSTORE=1 may store. The next start gets them after the "
        "sockets, in $LISTEN_FDS, with their FDNAME= in $LISTEN_FDNAMES",
        unlike="They are closed once the unit is inactive or failed: `supervisorctl restart` is a "
        "stop and a start. One that hung up is closed at the next start or FDSTORE, not at once. "
        "Descriptors without an inode of their own (eventfd, epoll) are not compared, so one that "
        "is sent twice is stored twice",
    ),
)
