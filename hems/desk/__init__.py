"""The gateway without a gateway: a meter, a broker, a live view."""
