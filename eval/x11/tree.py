#!/usr/bin/env python3
"""The X11 triples over the whole tree: programs and libraries as they are packaged, about 480 000 lines of C.

    python3 eval/x11/tree.py [TREE] [WEISER]      (default: target/x11, which fetch.sh makes, and target/release/weiser)

Copies the sources of the tree to TREE-asked, writes the conditions into the copy, and slices each triple's file with the rest
of the tree as its project. A slice counts as the bug's if it holds all that its cause needs. Prints a table.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

UTILS, SERVER, X11 = "x11-utils-*", "x11-xserver-utils-*", "libx11-*"

# Where conditions go: (file, the line that they stand behind, condition). What a slice with the cause must hold.
TRIPLES = {
    "xinput": (
        "xinput*/src/list.c",
        [
            ("xinput*/src/list.c", r"^list_xi2\([^;{]*\)\n\{\n", "PRE: true"),
            ("libxi-[!d]*/src/XIQueryDevice.c", r"^XIFreeDeviceInfo\([^;{]*\)\n\{\n", "POST: info != NULL"),
        ],
        # The check before it shares no data with Q once its function is seen: lean slices leave it out.
        ["return NULL;", "XIFreeDeviceInfo(info)"],
    ),
    "xlsclients": (
        f"{UTILS}/xlsclients/xlsclients.c",
        [
            (f"{UTILS}/xlsclients/xlsclients.c", r"^show_client_properties\(void \*closure\)\n\{\n", "PRE: true"),
            (f"{UTILS}/xlsclients/xlsclients.c", r"^print_text_field\(xcb_connection_t [^;{]*\)\n\{\n", "POST: tp != NULL"),
        ],
        ["has_error", "return 0;", "(cs->c, NULL, client_machine)"],
    ),
    "xmodmap": (
        f"{SERVER}/xmodmap/xmodmap.c",
        [
            (f"{SERVER}/xmodmap/xmodmap.c", r"^main\(int argc, char \*argv\[\]\)\n\{\n", "PRE: true"),
            (f"{SERVER}/xmodmap/exec.c", r"^PrintModifierMapping\([^;{]*\)\n\{\n", "POST: map != NULL"),
        ],
        ["res = (XModifierKeymap *) NULL;", "printMap = True;", "print_modifier_map ()"],
    ),
    "xset": (
        f"{SERVER}/xset/xset.c",
        [
            (f"{X11}/src/xkb/XKBCtrls.c", r"^XkbGetControls\([^;{]*\)\n\{\n", "PRE: true"),
            (
                f"{SERVER}/xset/xset.c",
                r"^\tif \(XkbGetControls\(dpy, XkbRepeatKeysMask, xkb\) == Success\) \{\n",
                "POST: xkb->ctrls->repeat_interval != 0",
            ),
        ],
        ["repeat_interval = rep.repeatInterval;", "XkbRepeatKeysMask, xkb) == Success"],
    ),
    "xwininfo": (
        f"{UTILS}/xwininfo/xwininfo.c",
        [
            (f"{UTILS}/xwininfo/xwininfo.c", r"^Display_Stats_Info \(struct wininfo \*w\)\n\{\n", "PRE: screen != NULL"),
            (
                f"{UTILS}/xwininfo/xwininfo.c",
                r"^\t    for \(; visual_iter\.rem; xcb_visualtype_next \(&visual_iter\)\) \{\n",
                'POST: "`visual_iter` is within the bounds of the object"',
            ),
        ],
        ["xcb_depth_next (&depth_iter)", "xcb_visualtype_next (&visual_iter)"],
    ),
}

# Folders of the headers, as the packages' builds name them.
INCLUDES = ["libxi-[!d]*/include", "libxi-[!d]*/src", f"{X11}/include", f"{X11}/src", f"{X11}/src/xkb", f"{X11}/include/X11", "libxcb-*", "x11proto-dev/usr/include"]


def one(tree, pattern):
    found = sorted(tree.glob(pattern))
    if len(found) != 1:
        sys.exit(f"tree.py: {pattern} fits {len(found)} places below {tree}")
    return found[0]


def copied(tree):
    asked = tree.with_name(tree.name + "-asked")
    shutil.rmtree(asked, ignore_errors=True)
    for path in tree.rglob("*.[ch]"):
        to = asked / path.relative_to(tree)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    return asked


def lacking(asked):
    """The source of xinput itself may not be to be had; then its file with the triple is taken from the published subject."""
    if list(asked.glob("xinput*/src/list.c")) or not list(asked.glob("libxi-[!d]*")):
        return
    published = pathlib.Path("../shared/datasets/autoexe/RQ2/X11/xinput/PROMPT_FILE.c")
    if not published.exists():
        print("xinput: left out, there is neither its source nor the published subject", file=sys.stderr)
        del TRIPLES["xinput"]
        return
    _, program = published.read_text().split('#include "xinput.h"\n', 1)
    program = re.sub(r"^ *// (PRE|POST): .*\n", "", program, flags=re.M)
    to = asked / "xinput-published" / "src" / "list.c"
    to.parent.mkdir(parents=True)
    headers = ["X11/Xlib.h", "X11/extensions/XInput.h", "X11/extensions/XInput2.h"]
    to.write_text("".join(f"#include <{h}>\n" for h in headers) + program)


def annotate(asked):
    for _, conditions, _ in TRIPLES.values():
        for file, behind, condition in conditions:
            path = one(asked, file)
            text = path.read_text(encoding="latin-1")
            found = list(re.finditer(behind, text, re.M))
            if len(found) != 1:
                sys.exit(f"tree.py: {behind} fits {len(found)} places in {path}")
            at = found[0].end()
            path.write_text(text[:at] + f"    // {condition}\n" + text[at:], encoding="latin-1")


def run(command):
    """Standard output, seconds, and most memory in MiB."""
    started = time.time()
    timed = ["/usr/bin/time", "-f", "%M", *command] if os.path.exists("/usr/bin/time") else command
    done = subprocess.run(timed, capture_output=True, text=True)
    seconds = time.time() - started
    last = done.stderr.strip().splitlines()[-1:] or [""]
    memory = f"{int(last[0]) // 1024}" if last[0].isdigit() else "?"
    return done, seconds, memory


def main():
    tree = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/x11")
    weiser = sys.argv[2] if len(sys.argv) > 2 else "target/release/weiser"
    asked = copied(tree)
    lacking(asked)
    annotate(asked)
    includes = [flag for pattern in INCLUDES for flag in ("-I", str(one(asked, pattern)))]
    run([weiser, "index", str(asked), *includes])
    for cold in (True, False):
        flags = ["--no-index-cache"] if cold else []
        _, seconds, memory = run([weiser, "index", str(asked), *includes, *flags])
        print(f"index, {'cold' if cold else 'kept'}: {seconds:.1f} s, {memory} MiB")
    print()
    print("| subject | files linked | lines of them | lean, class | exact, class | remainder | slices | s | MiB |")
    print("|" + " --- |" * 9)
    for name, (file, _, needed) in TRIPLES.items():
        cells = {}
        for slicing in ("lean", "exact"):
            command = [weiser, "slices", str(one(asked, file)), "--project", str(asked), *includes]
            done, seconds, memory = run([*command, "--format", "json", "--slicing", slicing])
            try:
                triple = json.loads(done.stdout)["files"][0]["triples"][0]
            except (json.JSONDecodeError, IndexError):
                sys.exit(f"tree.py: {name}: {done.stderr}")
            (asked / f"{name}.{slicing}.json").write_text(done.stdout)
            found = [s for s in triple["slices"] if all(n in s["text"] for n in needed)]
            classes = [s["tokens"] for s in found if s["kind"] == "class"]
            cells[slicing] = str(min(classes)) if classes else "—"
        rest = [s["tokens"] for s in triple["slices"] if s["kind"] == "remainder"]
        parts = triple.get("parts", [])
        files, lines = len({p["path"] for p in parts}), sum(p["lines"] for p in parts)
        row = [name, str(files), str(lines), cells["lean"], cells["exact"], str(rest[0]) if rest else "all classes"]
        print("| " + " | ".join([*row, str(len(triple["slices"])), f"{seconds:.1f}", memory]) + " |")


if __name__ == "__main__":
    main()
