"""What the commands of supervisorctl print: from the properties of units to text, without I/O."""
