"""A plugin of supervisord for the tests: its one call never returns.

With the option `signal` it sends this signal to supervisord while the plugins are made.
"""

import os
import signal
import time
from typing import Any


class XmlRpcInterface:
    def hang(self) -> bool:
        time.sleep(60)
        return True


def make_interface(_supervisord: Any, **options: str) -> XmlRpcInterface:
    if "signal" in options:
        os.kill(os.getpid(), signal.Signals[f"SIG{options['signal']}"])
    return XmlRpcInterface()
