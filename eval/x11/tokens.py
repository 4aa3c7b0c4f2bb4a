#!/usr/bin/env python3
"""The table of the X11 subjects in eval/README.md: slices of weiser beside the published ones.

    python3 eval/x11/tokens.py SUBJECTS [WEISER]

SUBJECTS is the folder with xinput/, xlsclients/, ... as published; WEISER the program (default: target/release/weiser). A slice
counts as the bug's if it holds all that its cause needs, see CAUSES.
"""

import json
import pathlib
import subprocess
import sys
import time

# Published tokens, and what a slice with the cause must hold.
CAUSES = {
    "xinput": (178, ["XInput_2_0, extinfo) == -1)", "return NULL;", "XIFreeDeviceInfo(info)"]),
    "xlsclients": (229, ["has_error", "return 0;", "(cs->c, NULL, client_machine)"]),
    "xmodmap": (279, ["res = (XModifierKeymap *) NULL;", "printMap = True;", "print_modifier_map ()"]),
    "xset": (506, ["repeat_interval = rep.repeatInterval;", "return Success;", "XkbRepeatKeysMask, xkb) == Success"]),
    "xwininfo": (597, ["xcb_screen_allowed_depths_iterator (screen)", "xcb_depth_next (&depth_iter)",
                       "xcb_depth_visuals_iterator (depth_iter.data)", "xcb_visualtype_next (&visual_iter)"]),
}


def slices(weiser, path, *flags):
    started = time.time()
    out = subprocess.run([weiser, "slices", path, "--format", "json", *flags], capture_output=True, text=True)
    seconds = time.time() - started
    triples = json.loads(out.stdout)["files"][0]["triples"]
    return triples[0], seconds


def row(weiser, folder, name):
    published, needed = CAUSES[name]
    cells = [name, str(published)]
    for file in ("PROMPT_FUNC.c", "PROMPT_FILE.c"):
        for slicing in ("lean", "exact"):
            triple, seconds = slices(weiser, str(folder / name / file), "--slicing", slicing)
            with_cause = [s for s in triple["slices"] if all(n in s["text"] for n in needed)]
            classes = [s["tokens"] for s in with_cause if s["kind"] == "class"]
            least = str(min(classes)) if classes else "—"
            cells.append(f"{least} of {len(triple['slices'])}")
            if slicing == "exact":
                rest = [s["tokens"] for s in triple["slices"] if s["kind"] == "remainder"]
                cells.append(str(rest[0]) if rest else "all classes")
                whole, _ = slices(weiser, str(folder / name / file), "--slicing", slicing, "--max-partitions", "0")
                cells.append(str(min(s["tokens"] for s in whole["slices"])))
        cells.append(f"{seconds:.1f}")
    return cells


def main():
    folder = pathlib.Path(sys.argv[1])
    weiser = sys.argv[2] if len(sys.argv) > 2 else "target/release/weiser"
    head = ["subject", "published"]
    for what in ("functions", "files"):
        head += [f"lean, {what}", f"exact, {what}", "remainder", "whole region", "s"]
    print("| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    for name in CAUSES:
        print("| " + " | ".join(row(weiser, folder, name)) + " |")


main()
