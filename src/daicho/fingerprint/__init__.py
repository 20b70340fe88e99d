"""What a task's result is found by: the parts of its key, and what was seen to matter beside it."""
