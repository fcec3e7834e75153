"""The clients of other services on the network, a folder for each."""
