"""What is to be done: a decision for each task, made before anything runs and asked again as results come in."""
