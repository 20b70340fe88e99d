"""The layer in which a person writes: tasks, their parameters, sources, outputs, and the graph of them."""
