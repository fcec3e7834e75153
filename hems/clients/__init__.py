"""Network peers, one class each."""
