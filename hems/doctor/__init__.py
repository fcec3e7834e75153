"""The doctor: checks that everything on a gateway works, and advises how to repair each fault.

On a device, in the service hems: `python -m hems.doctor`; on a desk: `bin/doctor`. It only reads,
so an operator may run it at any time. Each module of checks/ is one check: writing the file is
enough to run it (check_discovery.py says what it has to define).
"""
