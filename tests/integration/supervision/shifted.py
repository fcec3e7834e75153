"""supervisord with a wall clock that the test can set: `shifted.py OFFSET_FILE SUPERVISORD_ARGS`.

The file holds the seconds to add to time.time(); the monotonic clock stays as it is.
"""

import sys
import time
from pathlib import Path

from supervisor import supervisord

offset = Path(sys.argv.pop(1))
real_time = time.time
time.time = lambda: real_time() + float(offset.read_text())
supervisord.main(sys.argv[1:])
