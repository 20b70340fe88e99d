"""The layer in which a person writes: tasks, their parameters, sources, outputs, and the graph of them."""

from __future__ import annotations

from daicho.task import luigi_toml

luigi_toml.enable()  # before anything here imports Luigi
