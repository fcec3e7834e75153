"""What an operator does with the Zigbee network: python -m hems.zigbee restore, or join."""
