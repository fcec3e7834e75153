"""The client of InfluxDB 2.7."""
