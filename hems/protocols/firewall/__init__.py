"""Firewall rules, and the two formats in which Linux lists and changes them."""
