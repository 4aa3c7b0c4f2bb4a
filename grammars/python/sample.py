"""A program that uses every construct the tables of Python know. It is parsed, not run."""
from __future__ import annotations
import os.path, sys as system
from collections import deque, OrderedDict as Ordered
from math import *

type Pair = tuple[int, int]
LIMIT: int = 10
first, *rest = [1, 2, 3]


@decorator(LIMIT)
async def gather(self, a, b: int, c=LIMIT, *args: int, d: str = "x", e, **kwargs) -> int:
    """Its documentation."""
    global LIMIT
    async with open(a) as f, lock:
        await f.read()
    async for x in source():
        yield x
    yield from other
    return (yield)


def plain((p, q), *, only, **more: int) -> NoReturn:
    nested = None

    def inner():
        nonlocal nested
        nested = 1

    class Local(Base):
        attribute = 1

    if a: pass
    elif b < 1 <= 2:
        pass
    elif not c:
        x = -1
    else:
        x = y = 2
    while a and b or c:
        break
    else:
        continue
    for i, (j, [k]) in zip(a, b):
        continue
    else:
        pass
    match command, other:
        case 1 | -2:
            pass
        case -3:
            pass
        case 1.5:
            pass
        case "go":
            pass
        case [x, *others] if x > 1:
            pass
        case (x, y):
            pass
        case {"key": value, **others}:
            pass
        case Point(x=0, y=1) as origin:
            pass
        case colour.RED:
            pass
        case 1 + 2j:
            pass
        case None | True:
            pass
        case whole:
            pass
    match command:
        case _:
            pass
    try:
        raise ValueError("no") from None
    except (KeyError, TypeError) as error:
        raise
    except OSError:
        pass
    except:
        pass
    else:
        pass
    finally:
        pass
    assert a, "message"
    assume(a > 0)
    del a, b[0]
    print >>out, "old"
    print "older"
    exec "code" in scope
    x.y[1:2, ...] += 1
    a[i] = (3.0 if a else 4)
    text = f"{a!r:>{width}} and {b}" "more"
    many = """one
two"""
    functions = lambda u, v=1: u + v
    numbers = [n for n in range(3) if n]
    unique = {n for n in numbers if odd(n)}
    table = {k: v for k, v in items if odd(v)}
    lazy = (n for n in numbers if odd(n))
    both = {1, 2}, {"a": 1, **table}, (1,), True, False
    f(*args, key=1, **kwargs)
    if (n := 10) > 5:
        pass
    a, b
    with (open(a) as f, open(b)):
        pass
    for *p, q in rows:
        pass
    [a, b] = b, a
    return 1, 2


class Shape(Base, metaclass=Meta):
    size = 1

    @property
    def area(self):
        return self.size


if __name__ == "__main__":
    plain((1, 2), only=3)
    system.exit(0)
