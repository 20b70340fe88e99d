"""The tests: they mirror the package, and each says in a sentence what holds."""
