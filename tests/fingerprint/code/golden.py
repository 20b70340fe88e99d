"""A file with all syntax that the oldest supported Python reads, and the digests that it must have for ever."""

from __future__ import annotations

SOURCE = '''"""Doc."""
from __future__ import annotations
import os.path as path, sys
from collections import *
A, (B, *C) = 1, (2, 3, 4)
D: int = 0x10
(E): "str" = "a" 'b' u"c"
F = [1.0, 1e999, -0.0, 2j, b"\\x00b", True, None, ..., 10**20, 0o17, 1_000, "\\ud800", "é"]
G = {**{"a": 1}, "b": {1, 2}}; H = not A if B else -C[0] @ 2
I = [x for x in F if x for y in G if y] or {k: v for k, v in G.items()} or (z for z in F)
J = lambda a, /, b=1, *c, d=2, **e: (yield)
K = f"{A}{B!r:>{D}}x{{{'q'}}}" f"{A=}" "y" f"{A:}" f"{D:%H:%M}{E:{A}.{B}}"
L = A[1:2, ::3, ...]
if (M := 1) < 2 <= 3 != 4 is not None in F: N = 1
elif A and B or C: N = 2
else: N = 3
A += 1
del N
@path.join
@functools.cache
def f(a: int, b: "B" = 1, /, c=2, *args: str, d, e: list[int] = 3, **kw: dict) -> None:
    """Doc."""
    global A
    nonlocal_ = 1
    def g():
        nonlocal nonlocal_
        return nonlocal_
    for i, j in enumerate(a): continue
    else: pass
    while True: break
    with open(a) as b, (c): pass
    try: raise ValueError(1) from None
    except (OSError, ValueError) as error: pass
    except TypeError: assert a, "b"
    else: return
    finally: print()
    try: pass
    except* KeyError: ...
    match a:
        case {"x": 1, **rest}: pass
        case [1, *others] | (2 as two): pass
        case C(1, y=None) if b: pass
        case str() | -1.5 | "t" | A.b: pass
        case _: pass
    return (yield from g()), (lambda: 0)
async def h():
    async with a as b: await b
    async for c in d: print(*c, **e)
    return [x async for x in y]
class Base: pass
class Trainer(Base, metaclass=type):
    """Doc."""
    x: int = 1; y: str
    "about y"
    def run(self):
        return super().run(), [f, h, A, B, C, D, E, F, G, H, I, J, K, L, M, N, sys, self.x]
'''

CODE = {
    "tasks:*": "fp1:74fa1dbaddbff4182313cf86f81a5210",
    "tasks:<body>": "fp1:85f5a97b9dd67818ce4ed50f21d00678",
    "tasks:A": "fp1:87ec8e178c9d54fa8378725869282a06",
    "tasks:B": "fp1:d0e3997950553f477e739e400128886d",
    "tasks:Base": "fp1:35c3564ad58cd5d2f17d464f28e93adf",
    "tasks:C": "fp1:d0e3997950553f477e739e400128886d",
    "tasks:D": "fp1:a56be528c5dcbd5368a081e115d2cd04",
    "tasks:E": "fp1:51d7e4f9573f1365b5848ad5563228a2",
    "tasks:F": "fp1:c97cac05e56073fc9e8c3a5017bd3c0b",
    "tasks:G": "fp1:576e10ca1f91aa9b82d4dd3afdb0c9e3",
    "tasks:H": "fp1:326c4ec633b7130d577f76947cda7855",
    "tasks:I": "fp1:7274a520173794927548e18439013091",
    "tasks:J": "fp1:57d3574ea112d8a18c461bf7076877d0",
    "tasks:K": "fp1:6654831ce6cd5d211721d902623738f1",
    "tasks:L": "fp1:acc8f60ce92cb18fba1339beb29bbaf4",
    "tasks:M": "fp1:c901d87e9ef63e493e4a7aba2f0f5a0d",
    "tasks:N": "fp1:6427533b8f63216b1ccb6d4ab355602b",
    "tasks:Trainer": "fp1:b898513d1e3d8a0e701888b06554c810",
    "tasks:f": "fp1:cfd2ada6ef6c7a5cca902621a7379ee2",
    "tasks:h": "fp1:15716524deb8cc22244af08f2094460f",
    "tasks:path": "fp1:263d164d0036e6f076e6e49bfb068871",
    "tasks:sys": "fp1:20b467c400a926ab3ec978f927741b1b",
}
