"""What electricity costs: contracts, their prices and hours, and the sums of money of a home."""
