"""The commands, a file each: from what a person typed to a verb, and from its value to an answer. None prints."""
