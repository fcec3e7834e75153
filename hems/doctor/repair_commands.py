"""Name the actions and commands that repair a gateway, for the advice of the checks."""

from __future__ import annotations


class RepairCommands:
    """On a device: its services are balena's, and a shell runs in the service hems.

    dev/launcher/desk_repair_commands.py has the same for a desk.
    """

    start_gateway = "restart the service hems in balena's dashboard"
    reboot = "reboot the device: balena device reboot UUID"
    deploy = "push the release again, with docker-compose.yml unchanged"
    restart_balena = "run on the host: systemctl restart balena-supervisor"
    variables = "in balena's dashboard"  # the place where an operator sets variables
    health = "supervisorctl health"
    free_space = "keep less history: lower HEMS_INFLUXDB_RETENTION_DAYS; or use a larger card"
    dongle_server = "port 7845 of this gateway"

    def supervisorctl(self, action: str, unit: str) -> str:
        """Return the command that starts, stops or restarts a unit of supervisord."""
        return f"supervisorctl {action} {unit}"

    def restart_service(self, service: str) -> str:
        """Return how to restart a service of docker-compose.yml."""
        return f"restart the service {service} in balena's dashboard"

    def service_log(self, service: str) -> str:
        """Return the command that prints the log of a service of docker-compose.yml."""
        return f"balena device logs UUID --service {service}"
