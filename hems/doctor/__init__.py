"""The doctor: looks at everything that the gateway promises, and says what to do.

On a device, in the service hems: `python -m hems.doctor`; on a desk: `bin/doctor`. It asks as the
workers do and changes nothing, so it may run at any time, whatever else still runs.
"""
