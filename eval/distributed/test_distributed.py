"""A real Ray with two workers: a batch of weiser through a server, killed in between and continued, and slices by shards.

    WEISER_BIN=target/debug/weiser python eval/distributed/test_distributed.py [ENDPOINT MODEL]

Without an endpoint a server in this process answers; it fails now and then, as servers do.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run_batch
import shard_slices

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEISER = os.path.abspath(os.environ.get("WEISER_BIN", os.path.join(ROOT, "target/debug/weiser")))
KEY = "sk-nobody-may-see-this"
SEEN = {}
LOCK = threading.Lock()


class Standin(BaseHTTPRequestHandler):
    """Says that everything passes; every third question is first turned away, and one always fails."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with LOCK:
            SEEN[body] = SEEN.get(body, 0) + 1
            times, number = SEEN[body], len(SEEN)
        # Slow enough that one worker doesn't answer everything before the other has started.
        time.sleep(0.5)
        question = json.loads(body)
        user = question["messages"][1]["content"]
        if number % 3 == 0 and times == 1:
            return self.send(429, {"error": {"message": "slow down"}})
        if "always_fails" in user:
            return self.send(400, {"error": {"message": f"no: {self.headers.get('Authorization')}"}})
        text = "All paths are fine.\n\nVerdict: PASS"
        counted = sum(len(m["content"]) for m in question["messages"]) // 3
        usage = {"prompt_tokens": counted, "completion_tokens": 9}
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        self.send(200, {"model": question["model"], "choices": [choice], "usage": usage})

    def send(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def weiser(folder, *arguments, status=0):
    environment = {**os.environ, "WEISER_CACHE": "false"}
    done = subprocess.run([WEISER, *arguments], cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout


def programs(folder, count):
    for number in range(count):
        path = os.path.join(folder, f"src/part{number % 3}/f{number:03}.py")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        name = "always_fails" if number == 7 else f"x{number}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"def f({name}):\n    r = abs({name})\n    if r > {number}:\n        r = {number}\n    assert r >= 0  # POST\n")
    with open(os.path.join(folder, "src/nothing.py"), "w", encoding="utf-8") as file:
        file.write("x = 1\n")


def batch(folder, endpoint, model):
    weiser(folder, "batch", "export", "src", "--oracle", f"openai:{model}", "--to", "run", "--lines", "17")
    files = sorted(os.path.join(folder, "run", f) for f in os.listdir(os.path.join(folder, "run")))
    assert len(files) > 2, files
    results = os.path.join(folder, "run/results.jsonl")
    arguments = {"url": endpoint, "in_flight": 4, "tries": 4, "timeout": 60.0}
    # The first run ends early, in the middle of a line.
    some, _, _ = run_batch.run(files[:1], results, run_batch.Endpoint, arguments, 2, batch_size=4)
    with open(results, "rb+") as file:
        file.truncate(os.path.getsize(results) - 10)
    asked, failed, workers = run_batch.run(files, results, run_batch.Endpoint, arguments, 2, batch_size=4)
    assert len(workers) == 2, workers
    questions = sum(len(open(f, encoding="utf-8").readlines()) for f in files)
    print(f"{questions} questions in {len(files)} files: {some} at first, then {asked} by {len(workers)} workers")
    return files, results, questions, some, asked, failed


def own_server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Standin)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/v1"


def test_batch(folder):
    files, results, questions, some, asked, failed = batch(folder, own_server(), "m")
    # One question fails for good, in both runs if the first had it; one result was torn.
    assert asked in (questions - some + 1, questions - some + 2, questions - some + 3), (questions, some, asked)
    assert failed >= 1, failed
    for name in files + [results]:
        assert KEY not in open(name, encoding="utf-8").read(), name
    weiser(folder, "batch", "import", "run", "run/results.jsonl", status=3)
    out = weiser(folder, "check", "src", "--format", "json", "--oracle", "replay:run/answers.jsonl", status=3)
    outcomes = [t["outcome"] for f in json.loads(out)["files"] for t in f["triples"]]
    assert outcomes.count("holds") == len(outcomes) - 1 and outcomes.count("undecided") == 1, outcomes
    print(f"verdicts offline: {outcomes.count('holds')} hold, {outcomes.count('undecided')} undecided")


def test_shards(folder):
    to = os.path.join(folder, "slices.jsonl")
    files, errors = shard_slices.run(os.path.join(folder, "src"), to, WEISER, [], 2, shard=7)
    assert not errors, errors
    sharded = [json.loads(line) for line in open(to, encoding="utf-8")]
    whole = json.loads(weiser(folder, "slices", os.path.join(folder, "src"), "--format", "json"))["files"]
    assert sharded == sorted(whole, key=lambda file: file["path"])
    assert files == len(whole)
    print(f"{files} files in shards are the same as in one run")


def main():
    # A cluster of this process alone needs no token, and should leave none in the home folder.
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    import ray

    # Ray's folders need short paths.
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="wr") as folder:
        programs(folder, 30)
        # Workers have the key in their surroundings, as on a cluster.
        runtime_env = {"env_vars": {"WEISER_API_KEY": os.environ.setdefault("WEISER_API_KEY", KEY)}}
        ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False, runtime_env=runtime_env)
        ray.data.DataContext.get_current().enable_progress_bars = False
        if len(sys.argv) == 3:
            _, _, questions, some, asked, failed = batch(folder, sys.argv[1], sys.argv[2])
            assert failed == 0 and some + asked >= questions, (questions, some, asked, failed)
            weiser(folder, "batch", "import", "run", "run/results.jsonl")
        else:
            test_batch(folder)
        test_shards(folder)
        ray.shutdown()
    print("passed")


if __name__ == "__main__":
    main()
