"""The checks: one module each. bin/check discovers and runs every module in this folder."""
