"""What differs between results, by cause and in effect; and how two contents of one format differ."""

from daicho.compare.between import compare_sides
from daicho.compare.comparison import Code, Comparison, Content, Equal, Fact, Metric
from daicho.compare.contents import compare_files
from daicho.compare.difference import Difference
from daicho.compare.sides import Part, Side, side_of, work_tree

__all__ = [
    "Code",
    "Comparison",
    "Content",
    "Difference",
    "Equal",
    "Fact",
    "Metric",
    "Part",
    "Side",
    "compare_files",
    "compare_sides",
    "side_of",
    "work_tree",
]
