"""Cuts a large tree of programs into slices on many machines: shards of files, each through `weiser slices`.

    python shard_slices.py TREE --to slices.jsonl --workers 16

The tree must be seen at the same path by every worker, and `weiser` be on the search path there (or named with --weiser).
Writes one line a file, the `files` entries of `weiser.slices/1`, in the order of paths; what could not be analysed goes to
standard error and ends in status 2.
"""

import argparse
import json
import os
import subprocess
import sys

EXTENSIONS = {".c", ".h", ".py", ".java"}
SKIPPED = {"target", "node_modules"}


def programs(tree):
    """Paths of the files that `weiser` would take in a folder, in order."""
    found = []
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED)
        found += [os.path.join(folder, name) for name in names if os.path.splitext(name)[1] in EXTENSIONS]
    return sorted(found)


def slices(batch, weiser, flags):
    """One shard: the files' entries, and the errors, each as a line."""
    command = [weiser, "slices", "--format", "json", *flags, "--", *batch["path"]]
    done = subprocess.run(command, capture_output=True, text=True)
    lines, errors = [], []
    try:
        document = json.loads(done.stdout)
    except ValueError:
        # Nothing in the shard had a condition, or weiser itself failed.
        nothing = "no post-condition" in done.stderr
        return {"line": [""], "error": [""] if nothing else [f"{batch['path'][0]}...: {done.stderr.strip()[-500:]}"]}
    for file in document["files"]:
        lines.append(json.dumps(file))
    for error in document["errors"]:
        # Files without a condition are no fault where a whole tree is searched.
        if "no post-condition" not in error["message"]:
            errors.append(f"{error['path']}: {error['message']}")
    rows = max(1, len(lines), len(errors))
    return {"line": lines + [""] * (rows - len(lines)), "error": errors + [""] * (rows - len(errors))}


def run(tree, to, weiser, flags, workers, shard=50):
    """Returns the number of files and the errors. Needs `ray.init`."""
    import ray

    paths = programs(tree)
    if not paths:
        open(to, "w").close()
        return 0, []
    data = ray.data.from_items([{"path": path} for path in paths], override_num_blocks=-(-len(paths) // shard))
    done = data.map_batches(
        slices,
        fn_kwargs={"weiser": weiser, "flags": flags},
        batch_size=shard,
        num_cpus=1,
        compute=ray.data.TaskPoolStrategy(size=workers),
    )
    lines, errors = [], []
    for row in done.iter_rows():
        lines += [row["line"]] if row["line"] else []
        errors += [row["error"]] if row["error"] else []
    lines.sort(key=lambda line: json.loads(line)["path"])
    with open(to, "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)
    return len(lines), sorted(errors)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree")
    parser.add_argument("--to", required=True)
    parser.add_argument("--weiser", default="weiser")
    parser.add_argument("--address")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--shard", type=int, default=50, help="files in a shard")
    options, flags = parser.parse_known_args()

    import ray

    ray.init(address=options.address, log_to_driver=False)
    files, errors = run(options.tree, options.to, options.weiser, flags, options.workers, options.shard)
    for error in errors:
        print(f"error: {error}", file=sys.stderr)
    print(f"{files} files with conditions")
    sys.exit(2 if errors else 0)


if __name__ == "__main__":
    main()
