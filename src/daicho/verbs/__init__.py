"""What a person can ask for: one verb a file, one function each, which takes values and returns a value.

The command line, notebooks and `daicho.run(…)` are faces of these functions; none of them prints.
"""
