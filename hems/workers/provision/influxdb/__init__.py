"""Set up InfluxDB and its downsampling task."""
