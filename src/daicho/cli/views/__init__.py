"""What the verbs' values look like in a terminal: functions from a value and a width to lines."""
