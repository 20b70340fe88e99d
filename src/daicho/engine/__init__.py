"""What carries a plan out: turns from Luigi, processes that run tasks, and the conversation with the recorder."""

import daicho.task  # noqa: F401  # a worker starts here: before anything imports Luigi (`daicho.task.luigi_toml`)
