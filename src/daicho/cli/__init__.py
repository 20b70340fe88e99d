"""The command line: a face of the verbs. What it draws is text; what it decides is only how to say it."""
