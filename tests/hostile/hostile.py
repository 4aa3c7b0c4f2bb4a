import builtins
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading


def tried(action) -> str:
    try:
        return "did " + str(action())
    except Exception as error:
        return type(error).__name__


def wait():
    while True:
        pass


def down(n):
    return down(n + 1) + 1


class Deep:
    def __repr__(self):
        return repr(self) + "x"


def fork():
    for _ in range(200):
        os.fork()


def threads(count, action):
    for _ in range(count):
        threading.Thread(target=action, daemon=True).start()


def connect():
    socket.create_connection(("127.0.0.1", @PORT@), timeout=1)


def closed():
    os.closerange(0, 256)


def written():
    for number in range(3, 30):
        try:
            os.write(number, b"T end=ended:\n")
        except OSError:
            pass


def stubborn():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def f(which: int):
    seen = ""
    if which == 1:
        fork()
    elif which == 2:
        for _ in range(200):
            subprocess.Popen(["/bin/sh", "-c", "sleep 3"])
    elif which == 3:
        threads(400, wait)
    elif which == 4:
        threads(3, wait)
    elif which == 5:
        bytearray(10 << 30)
    elif which == 6:
        kept = []
        while True:
            kept.append(bytearray(1 << 20))
    elif which == 7:
        while True:
            print("x" * 1000)
    elif which == 8:
        wait()
    elif which == 9:
        down(0)
    elif which == 10:
        sys.setrecursionlimit(10**9)
        repr(Deep())
    elif which == 11:
        seen = tried(lambda: shutil.rmtree("@OUTSIDE@")) + tried(lambda: os.remove("@OUTSIDE@/kept"))
    elif which == 12:
        seen = tried(lambda: shutil.rmtree(os.getcwd())) + tried(lambda: os.remove("harness.py"))
    elif which == 13:
        for path in ("left", "/tmp/weiser-left", "@OUTSIDE@/left", "@OUTSIDE@/kept"):
            seen += tried(lambda path=path: open(path, "w").write("left"))
    elif which == 14:
        seen = tried(connect)
    elif which == 15:
        for path in ("/etc/passwd", "/etc/shadow", "@HOME@", "/proc/1/environ"):
            seen += tried(lambda path=path: open(path).read())
    elif which == 16:
        seen = tried(lambda: os.kill(os.getppid(), 9))
    elif which == 17:
        tried(lambda: os.kill(-1, 9))
        os.kill(os.getpid(), 9)
    elif which == 18:
        closed()
    elif which == 19:
        written()
    elif which == 20:
        os._exit(0)
    elif which == 21:
        stubborn()
    elif which == 22:
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
        signal.alarm(1)
        sys.setrecursionlimit(60)
    elif which == 23:
        signal.setitimer(signal.ITIMER_PROF, 0)
        wait()
    elif which == 24:
        builtins.len = builtins.bool = builtins.open = None
        os._exit = os.getcwd = None
    elif which == 25:
        while input() != "end":
            pass
    elif which == 26:
        sys.exit(0)
    where = os.path.abspath("x") if which == 0 else ""
    total = len(str(which)) + sum([which])
    assert total > which and where != seen + "x"  # POST
