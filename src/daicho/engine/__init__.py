"""What carries a plan out: turns from Luigi, processes that run tasks, and the conversation with the recorder."""
