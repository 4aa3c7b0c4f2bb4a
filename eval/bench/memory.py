"""Peak memory of weiser over many questions, without a model: a tree is made, its questions exported as a batch, answered by
this script, imported, and checked from the recording.

    python3 eval/bench/memory.py [--weiser target/release/weiser] [1000 10000 100000]

Prints a line for each number of questions and command: seconds, peak resident MB.
"""

import argparse
import json
import os
import sys
import tempfile
import time


def program(number):
    ifs = "".join(f"    if x{i} > {number + i}:\n        r = r + {i + 1}\n" for i in range(6))
    names = ", ".join(f"x{i}" for i in range(6))
    return f"def f({names}):\n    r = {number}\n{ifs}    assert r >= {number}  # POST\n"


def run(folder, *command):
    """Seconds and peak resident megabytes; the status must be 0 or 3."""
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.execv(command[0], command)
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"{command} ended with {status}")
    return time.monotonic() - started, usage.ru_maxrss / 1024


def answer(folder):
    text = "r only grows from where it starts. " * 20 + "\n\nVerdict: PASS"
    with open(os.path.join(folder, "results.jsonl"), "w", encoding="utf-8") as out:
        for name in sorted(os.listdir(os.path.join(folder, "run"))):
            with open(os.path.join(folder, "run", name), encoding="utf-8") as file:
                for line in file:
                    usage = {"prompt_tokens": 600, "completion_tokens": 170}
                    body = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": usage}
                    result = {"custom_id": json.loads(line)["custom_id"], "response": {"status_code": 200, "body": body}}
                    out.write(json.dumps(result) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weiser", default="target/release/weiser")
    parser.add_argument("--without", action="append", default=[], help="leave a command out: 'slices'")
    parser.add_argument("questions", nargs="*", type=int, default=[1000, 10_000, 100_000])
    options = parser.parse_args()
    weiser = os.path.abspath(options.weiser)
    os.environ["WEISER_CACHE"] = "false"
    for questions in options.questions:
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "src"))
            for number in range(-(-questions // 64)):
                with open(os.path.join(folder, "src", f"f{number}.py"), "w", encoding="utf-8") as file:
                    file.write(program(number))
            for name, command in [
                ("slices", ["slices", "src", "-q"]),
                ("slices as JSON", ["slices", "src", "-q", "--format", "json"]),
                ("export", ["batch", "export", "src", "--oracle", "openai:m", "--to", "run"]),
                ("import", ["batch", "import", "run", "results.jsonl"]),
                ("check", ["check", "src", "-q", "--oracle", "replay:run/answers.jsonl"]),
                ("check as JSON", ["check", "src", "-q", "--format", "json", "--oracle", "replay:run/answers.jsonl"]),
            ]:
                if name in options.without:
                    continue
                if name == "import":
                    answer(folder)
                seconds, peak = run(folder, weiser, *command)
                print(f"{questions:8} questions  {name:14} {seconds:8.1f} s  {peak:8.1f} MB", flush=True)


if __name__ == "__main__":
    main()
