"""The formats of the web server: password file, PROXY protocol, names in a certificate."""
