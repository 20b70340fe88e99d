"""A recorded run made again in a folder of its own, with nothing reused, and compared output by output."""

from daicho.reproducing.reproduce import reproduce
from daicho.reproducing.reproduction import ReproducedTask, Reproduction

__all__ = ["ReproducedTask", "Reproduction", "reproduce"]
