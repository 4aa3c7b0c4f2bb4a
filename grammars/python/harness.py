"""Runs Python programs on many inputs for weiser: the Python side of grammars/HARNESS.md.

harness.py --ms MILLISECONDS --entry NAME PROGRAM...
"""

import _thread
import builtins
import collections
import dis
import hashlib
import importlib
import inspect
import io
import os
import random
import signal
import struct
import sys
import time
import traceback

# Programs may put something else into `builtins`.
ORIGINAL = dict(vars(builtins))
globals().update((name, value) for name, value in ORIGINAL.items() if not name.startswith("__"))

LONGEST = 2000  # bytes of the printed names of a visit
VISITS = 200  # visits of one run that are told
OUTPUT = 1 << 20  # characters a program may print
DEPTH = 6  # of objects in printed values
RAISES = {"RAISE_VARARGS", "RERAISE"}


class Over(BaseException):
    """The run has ended; not an Exception, so that ordinary handlers let it through."""


class Run:
    """What is known of the run that is going on."""

    def __init__(self):
        self.before = []
        self.words = []
        self.end = None
        self.active = False

    def stop(self, code, detail=""):
        if self.end is None:
            self.end = (code, str(detail)[:300])
        raise Over()


run = Run()


# What instrumented programs call. Once a run is over nothing counts any more, whatever the program does with `Over`.


def counts():
    if run.end is not None:
        raise Over()
    return run.active


def weiser_pre(k, condition):
    if counts():
        try:
            holds = bool(condition())
        except Exception as error:
            run.stop("pre", f"{k}: {type(error).__name__}: {error}")
        if not holds:
            run.stop("pre", k)


def assume(holds):
    if counts() and not holds:
        run.stop("assume", sys._getframe(1).f_lineno)


def visit(truth, names):
    printed = "; ".join(f"{name}={printed_name(value)}" for name, value in names)
    data = printed.encode("utf-8", "backslashreplace")
    if len(data) > LONGEST:
        data = data[: LONGEST - 70] + b" # " + hashlib.sha256(data).hexdigest().encode()
    run.words.append(truth + data.hex())
    if truth == "F":
        run.stop("violated")
    if len(run.words) >= VISITS:
        run.stop("ended", "visits")


def weiser_post(condition, *names):
    if counts():
        try:
            truth = "T" if condition() else "F"
        except Exception as error:
            truth = "E"
            names = (*names, ("error", lambda kind=type(error).__name__: kind))
        visit(truth, names)


def weiser_observe(*names):
    if counts():
        visit("U", names)


def bound(result, names):
    return [(name, lambda value=value: value(result)) for name, value in names]


def weiser_return(result, condition, *names):
    if counts():
        weiser_post(lambda: condition(result), *bound(result, names))
    return result


def weiser_return_observed(result, *names):
    if counts():
        visit("U", bound(result, names))
    return result


def weiser_output():
    """What the program has printed so far."""
    return sys.stdout.getvalue() if isinstance(sys.stdout, Sink) else ""


PROBES = {
    f.__name__: f
    for f in (
        weiser_pre,
        assume,
        weiser_post,
        weiser_observe,
        weiser_return,
        weiser_return_observed,
        weiser_output,
    )
}


# Values, printed so that equal ones print equally.


def printed_name(value):
    try:
        return show(value(), DEPTH, ())
    except Over:
        raise
    except Exception as error:
        return f"<{type(error).__name__}>"


def show(value, depth, seen):
    kind = type(value)
    if kind in (int, bool, float, complex, str, bytes, type(None)):
        return repr(value)
    if depth == 0 or id(value) in seen:
        return "..."
    seen = seen + (id(value),)

    def inner(value):
        return show(value, depth - 1, seen)

    if kind in (list, tuple, collections.deque):
        return f"{kind.__name__}[{', '.join(map(inner, value))}]"
    if isinstance(value, (set, frozenset)):
        return f"{kind.__name__}{{{', '.join(sorted(map(inner, value)))}}}"
    if isinstance(value, dict):
        return f"{kind.__name__}{{{', '.join(sorted(inner(k) + ': ' + inner(v) for k, v in value.items()))}}}"
    if isinstance(value, (range, type)) or inspect.isroutine(value) or inspect.ismodule(value):
        return f"{kind.__name__}:{getattr(value, '__name__', value)}"
    if inspect.isgenerator(value) or isinstance(value, collections.abc.Iterator):
        return f"<{kind.__name__}>"
    if isinstance(value, BaseException):
        return f"{kind.__name__}{inner(value.args)}"
    if hasattr(value, "__dict__"):
        return f"{kind.__name__}{{{', '.join(sorted(k + '=' + inner(v) for k, v in vars(value).items()))}}}"
    text = repr(value)
    return f"<{kind.__name__}>" if " at 0x" in text else text


# Requests.


class Values:
    """The value words of a request."""

    def __init__(self, words):
        self.words = iter(words)

    def next(self):
        word = next(self.words)
        mark, rest = word[0], word[1:]
        if mark == "n":
            return None
        if mark == "b":
            return rest == "1"
        if mark == "i":
            return int(rest)
        if mark == "f":
            return struct.unpack(">d", bytes.fromhex(rest))[0]
        if mark == "s":
            return bytes.fromhex(rest).decode("utf-8", "surrogatepass")
        if mark == "x":
            return bytes.fromhex(rest)
        count = int(rest)
        if mark == "{":
            return {self.key(): self.next() for _ in range(count)}
        if mark == "<":
            return {self.key() for _ in range(count)}
        items = [self.next() for _ in range(count)]
        return items if mark == "[" else tuple(items)

    def key(self):
        return hashable(self.next())

    def rest(self):
        values = []
        try:
            while True:
                values.append(self.next())
        except StopIteration:
            return values


def hashable(value):
    if isinstance(value, (list, tuple)):
        return tuple(map(hashable, value))
    if isinstance(value, (set, dict)):
        return tuple(sorted(map(repr, value)))
    return value


class Sink(io.StringIO):
    """Standard output: kept up to a bound, beyond which a run ends."""

    def write(self, text):
        if self.tell() + len(text) > OUTPUT:
            run.stop("output", "more than 1 MiB")
        return super().write(text)


class Asked(io.TextIOBase):
    """Standard input that is made up as it is read, from a list of choices; each line is one of a few kinds."""

    def __init__(self, choices, words):
        self.choices = iter(choices)
        self.words = words
        self.last = 1
        self.made = []

    def choice(self):
        return next(self.choices, 0)

    def integer(self):
        c = self.choice()
        if c < 40000:
            value = c % 13
        elif c < 50000:
            value = c % 101
        elif c < 60000:
            value = -(c % 20)
        else:
            value = (c - 60000) ** 2
        return value

    def word(self):
        length = self.last if self.choice() % 2 and 0 < self.last < 60 else 1 + self.choice() % 9
        return "".join(self.words[self.choice() % len(self.words)] for _ in range(length))

    def readline(self, size=-1):
        kind = self.choice() % 8
        if len(self.made) > 10000:
            return ""
        if kind < 3:
            self.last = self.integer()
            line = str(self.last)
        elif kind < 6:
            count = self.last if kind != 3 and 0 < self.last < 60 else 2 + self.choice() % 3
            line = " ".join(str(self.integer()) for _ in range(count))
        elif kind == 6:
            line = self.word()
        else:
            line = " ".join(self.word() for _ in range(1 + self.choice() % 3))
        self.made.append(line + "\n")
        return line + "\n"

    def read(self, size=-1):
        return "".join(self.readline() for _ in range(1 + self.choice() % 6))

    def readable(self):
        return True

    def __iter__(self):
        return iter([self.readline() for _ in range(1 + self.choice() % 6)])


# Programs.


def missing_names():
    """What programs are often shown without: the names of `typing` and a few modules. A program's own names come first."""
    import bisect, functools, heapq, itertools, math, re, string, typing, copy, datetime, hashlib, operator

    extra = {name: getattr(typing, name) for name in typing.__all__}
    for module in (bisect, collections, copy, datetime, functools, hashlib, heapq, itertools, math, operator, random, re):
        extra[module.__name__] = module
    for module in (collections, functools, itertools, heapq, math, string):
        for name in dir(module):
            if not name.startswith("_"):
                extra.setdefault(name, getattr(module, name))
    extra["sys"] = sys
    extra.update((name, value) for name, value in vars(builtins).items())
    return extra


BUILTINS = missing_names()


class Program:
    def __init__(self, path):
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            self.code = compile(file.read(), path, "exec", dont_inherit=True)
        self.path = path
        self.words = self.characters(self.code) or ["a", "b", "c"]

    def characters(self, code):
        """Characters of the program's short texts, and some others."""
        found = set()
        for constant in code.co_consts:
            if isinstance(constant, str) and len(constant) <= 6:
                found.update(c for c in constant if c.isprintable() and not c.isspace())
            elif inspect.iscode(constant):
                found.update(self.characters(constant))
        return sorted(found | set("abAB1"))

    def namespace(self, name):
        return {"__name__": name, "__builtins__": dict(BUILTINS), "__file__": self.path, **PROBES}

    def start(self, entry, values):
        if entry == "<module>":
            run.active = True
            exec(self.code, self.namespace("__main__"))
            return
        space = self.namespace("weiser_program")
        exec(self.code, space)
        try:
            function, values = find(space, entry, values)
        except Over:
            raise
        except Exception as error:
            run.stop("input", f"{entry}: {type(error).__name__}: {error}")
        try:
            inspect.signature(function).bind(*values)
        except (TypeError, ValueError) as error:
            run.stop("input", error)
        run.active = True
        result = function(*values)
        if inspect.iscoroutine(result):
            import asyncio

            asyncio.run(result)
        elif inspect.isgenerator(result):
            for _, _ in zip(result, range(10000)):
                pass


def find(space, entry, values):
    """The function by its qualified name, bound to an object if it is a method."""
    parts = entry.split(".")
    holder, found = None, space[parts[0]]
    for part in parts[1:]:
        holder, found = found, inspect.getattr_static(found, part)
    if isinstance(found, (staticmethod, classmethod)) or holder is None:
        return (found.__get__(None, holder) if holder else found), values
    if parts[-1] == "__init__":
        return holder, values[1:]
    values = list(values)
    if values and values[0] is None:
        values = values[1:]
    return found.__get__(made(holder), holder), values


def made(kind):
    """An object with as little in it as its class allows."""
    for fill in (0, "", [], None):
        try:
            needed = [
                p
                for p in inspect.signature(kind).parameters.values()
                if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
            ]
            return kind(*[type(fill)() if fill is not None else None for _ in needed])
        except Exception as error:
            last = error
    raise last


def how_it_left(error, path):
    """`left` if the innermost statement of the program raised it by itself, else `fault`."""
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, SystemExit):
        return "left", detail
    if isinstance(error, MemoryError):
        return "memory", detail
    inner = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            inner = trace
        trace = trace.tb_next
    if inner is None:
        return "fault", detail
    detail = f"line {inner.tb_lineno}: {detail}"
    code = inner.tb_frame.f_code
    try:
        raised = any(i.offset == inner.tb_lasti and i.opname in RAISES for i in dis.get_instructions(code))
    except Exception:
        # What it stands on was changed by the program.
        raised = False
    return ("left" if raised else "fault"), detail


leave = os._exit


def left_by_exit(status=0):
    """`os._exit` of programs: a written way of leaving."""
    run.stop("left", f"os._exit({status})")


def over_time(*_):
    over_time.count += 1
    if run.end is None:
        run.end = ("timeout", "")
    if over_time.count > 20:
        # The program swallows what it is sent.
        answer()
        leave(1)
    raise Over()


def answer():
    code, detail = run.end or ("ended", "")
    words = run.before + run.words + [f"end={code}:{detail.encode('utf-8', 'backslashreplace').hex()}"]
    control.write((" ".join(words) + "\n").encode())
    control.flush()


def perform(program, entry, stdin, words, ms, before=()):
    global run
    run = Run()
    run.before = before
    random.seed(0)
    over_time.count = 0
    asked = None
    if stdin.startswith("?"):
        choices = [int(stdin[i : i + 4], 16) for i in range(1, len(stdin), 4)]
        asked = Asked(choices, program.words)
        sys.stdin = asked
    else:
        text = "" if stdin == "-" else bytes.fromhex(stdin).decode("utf-8", "surrogateescape")
        sys.stdin = io.StringIO(text)
    sys.stdout = Sink()
    sys.stderr = io.StringIO()
    sys.argv = ["program"]
    signal.signal(signal.SIGPROF, over_time)
    signal.setitimer(signal.ITIMER_PROF, ms / 1000, 0.02)
    try:
        try:
            program.start(entry, Values(words).rest())
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except Over:
        pass
    except BaseException as error:
        if run.end is None:
            if isinstance(error, RecursionError):
                run.end = ("fault", "RecursionError")
            else:
                run.end = how_it_left(error, program.path)
    signal.setitimer(signal.ITIMER_PROF, 0)
    if asked is not None:
        run.words.append("in=" + "".join(asked.made).encode("utf-8", "backslashreplace").hex())


RECURSION = sys.getrecursionlimit()


watched = []


def watch(module):
    """What is in a module now will be again after each run."""
    names = vars(module)
    if not any(names is known for known, _, _ in watched):
        original = dict(names)
        watched.append((names, original, list(map(id, original.values()))))


def watch_imports(code):
    """The same for the standard library's modules that a program imports. Some do things when they are imported."""
    for step in dis.get_instructions(code):
        if step.opname == "IMPORT_NAME" and step.argval.split(".")[0] in STANDARD:
            try:
                watch(importlib.import_module(step.argval))
            except Exception:
                pass  # the program will see
    for constant in code.co_consts:
        if inspect.iscode(constant):
            watch_imports(constant)


STANDARD = getattr(sys, "stdlib_module_names", frozenset()) - {"sys", "this", "antigravity", "idlelib", "__main__"}


def tidy():
    """Takes back what a run has changed for all: whether the next may come in this process."""
    for names, original, ids in watched:
        # By identity: comparing would run what the program has put there.
        if list(map(id, names.values())) != ids:
            names.clear()
            names.update(original)
    sys.settrace(None)
    sys.setprofile(None)
    sys.setrecursionlimit(RECURSION)
    signal.setitimer(signal.ITIMER_REAL, 0)
    # One that was joined may still be about to end.
    for _ in range(20):
        if threads() == 0:
            return True
        sleep(0.001)
    return False


# By a name of our own: a program may put something else there.
threads, sleep = _thread._count, time.sleep


def load(programs, path):
    number = len(programs)
    try:
        programs.append(Program(path))
        watch_imports(programs[-1].code)
        control.write(f"program {number} ok\n".encode())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        del programs[number:]
        programs.append(None)
        message = "".join(traceback.format_exception_only(error)).strip()
        control.write(f"program {number} bad {message.encode('utf-8', 'backslashreplace').hex()}\n".encode())


def main():
    global control
    arguments = sys.argv[1:]
    ms, entry, paths = float(arguments[1]), arguments[3], arguments[4:]
    requests = os.fdopen(os.dup(0), "rb")
    control = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os._exit = left_by_exit
    watch(builtins)
    for value in BUILTINS.values():
        if inspect.ismodule(value) and value is not sys:
            watch(value)
    programs = []
    for path in paths:
        load(programs, path)
    control.write(b"ready\n")
    control.flush()
    for line in requests:
        words = line.decode().split()
        if words[0] == "load":
            load(programs, words[1])
            control.flush()
            continue
        before = [words.pop(0)] if words[0].startswith("#") else []
        perform(programs[int(words[0])], entry, words[1], words[2:], ms, before)
        clean = tidy()
        answer()
        if not clean:
            # Threads can't be stopped, and would live on in the next run.
            control.write(b"again\n")
            control.flush()
            leave(0)


main()
