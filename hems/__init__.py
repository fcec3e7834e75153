"""HEMS gateway: small supervised workers around Home Assistant.

Read in this order: workers/ (what runs), protocols/ (bytes and rules, no I/O),
clients/ and system/ (the only code that touches the outside), runtime.py (the
frame every worker runs in), supervision/ (what keeps the workers alive), and
desk/ (the gateway without a gateway).
"""

__version__ = "0.1.0"
