"""Tests of what values look like in a terminal."""
