"""One file for the tools of a kind; `ALL` has them by name."""

from __future__ import annotations

from contenders import cache_tools, daicho_tool, hand_tool, luigi_tool, script_tool
from contenders.base import Tool

ALL: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        daicho_tool.TOOL,
        daicho_tool.WAL,
        script_tool.TOOL,
        hand_tool.TOOL,
        *luigi_tool.TOOLS,
        *cache_tools.TOOLS,
    )
}
