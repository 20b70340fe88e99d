"""The memory: what is recorded is found, and nothing else is."""
