"""What the programs write: which lines are kept, and how they reach a reader that may pause."""
