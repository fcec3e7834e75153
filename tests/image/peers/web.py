#!/usr/bin/python3
"""Become Debian's nginx, with the module that is built into the image's."""

import os
import sys

MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"

options = [f"load_module {MODULE}; {word}" if word == "daemon off;" else word for word in sys.argv]
os.execv("/usr/sbin/nginx.debian", ["nginx", *options[1:]])
