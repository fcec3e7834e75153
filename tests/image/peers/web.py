"""Start nginx as its image does: templates filled in from the variables that the filter lets by."""

import os
import re
from pathlib import Path

MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"  # built into the image's nginx

names = [name for name in os.environ if re.search(os.environ["NGINX_ENVSUBST_FILTER"], name)]
for template in Path("/etc/nginx/templates").glob("*.template"):
    text = template.read_text()
    for name in names:
        text = text.replace(f"${{{name}}}", os.environ[name])
    Path(os.environ["NGINX_ENVSUBST_OUTPUT_DIR"], template.stem).write_text(text)
os.execvp("nginx", ["nginx", "-e", "stderr", "-g", f"load_module {MODULE}; daemon off;"])
