"""Answers a file of questions (`weiser batch export`) on many machines, by Ray Data.

    python run_batch.py run1/requests-1-*.jsonl --to run1/results.jsonl --endpoint http://host:8000/v1 --workers 8
    python run_batch.py run1/requests-1-*.jsonl --to run1/results.jsonl --vllm Qwen/Qwen3-8B --workers 4

Each worker is a Ray actor. With --endpoint it sends its questions to a server that speaks OpenAI's chat completions, with
--in-flight of them at a time; with --vllm it holds a vLLM engine on a GPU of its own. Results are appended as blocks come
in, in the form of OpenAI's batch service, which `weiser batch import` takes. Started again, it asks only what has no
result with status 200 yet.

The key is read from WEISER_API_KEY on the machine of each worker; it is in no argument, file or log.
"""

import argparse
import json
import os
import random
import socket
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor


def failure(custom_id, status, message):
    body = {"error": {"message": str(message)[:500]}}
    return {"custom_id": custom_id, "response": {"status_code": status, "body": body}, "error": None}


class Endpoint:
    """Sends questions to a server. A passing failure (no connection, 408, 429, 5xx) is tried again, more and more slowly."""

    def __init__(self, url, in_flight, tries, timeout):
        self.url = url.rstrip("/")
        self.tries, self.timeout = tries, timeout
        self.pool = ThreadPoolExecutor(in_flight)
        self.key = os.environ.get("WEISER_API_KEY", "")

    def __call__(self, batch):
        lines = list(self.pool.map(self.answer, batch["text"]))
        return {"line": lines, "worker": [f"{socket.gethostname()}:{os.getpid()}"] * len(lines)}

    def answer(self, line):
        question = json.loads(line)
        # The address ends where `/v1` does; the question's path begins there.
        path = question["url"].removeprefix("/v1")
        return json.dumps(self.send(question["custom_id"], path, json.dumps(question["body"]).encode()))

    def send(self, custom_id, path, body):
        last = failure(custom_id, 503, "not sent")
        for attempt in range(self.tries):
            if attempt:
                time.sleep(min(60.0, 0.5 * 2**attempt) * random.uniform(0.5, 1.0))
            headers = {"Content-Type": "application/json"}
            if self.key:
                headers["Authorization"] = f"Bearer {self.key}"
            request = urllib.request.Request(self.url + path, body, headers)
            try:
                with urllib.request.urlopen(request, timeout=self.timeout) as response:
                    answer = json.loads(response.read())
                return {"custom_id": custom_id, "response": {"status_code": 200, "body": answer}, "error": None}
            except urllib.error.HTTPError as error:
                try:
                    message = json.loads(error.read())["error"]["message"]
                except Exception:
                    message = error.reason
                last = failure(custom_id, error.code, self.redacted(message))
                if error.code not in (408, 429) and error.code < 500:
                    return last
            except (OSError, ValueError) as error:
                last = failure(custom_id, 503, self.redacted(error))
        return last

    def redacted(self, message):
        return str(message).replace(self.key, "[key]") if self.key else str(message)


class Vllm:
    """A vLLM engine in this process. Its answers have the form of its server's."""

    def __init__(self, model, context):
        from vllm import LLM

        self.model = model
        self.engine = LLM(model=model, max_model_len=context, enable_prefix_caching=True)

    def __call__(self, batch):
        questions = [json.loads(line) for line in batch["text"]]
        conversations = [question["body"]["messages"] for question in questions]
        outputs = self.engine.chat(conversations, [self.sampling(question["body"]) for question in questions])
        lines = []
        for question, output in zip(questions, outputs):
            said = output.outputs[0]
            message = {"role": "assistant", "content": said.text}
            usage = {"prompt_tokens": len(output.prompt_token_ids), "completion_tokens": len(said.token_ids)}
            choice = {"index": 0, "message": message, "finish_reason": said.finish_reason}
            body = {"model": self.model, "choices": [choice], "usage": usage}
            response = {"status_code": 200, "body": body}
            lines.append(json.dumps({"custom_id": question["custom_id"], "response": response, "error": None}))
        return {"line": lines, "worker": [f"{socket.gethostname()}:{os.getpid()}"] * len(lines)}

    def sampling(self, body):
        from vllm import SamplingParams

        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        constrained = {}
        if schema:
            try:
                from vllm.sampling_params import StructuredOutputsParams

                constrained = {"structured_outputs": StructuredOutputsParams(json=schema)}
            except ImportError:
                from vllm.sampling_params import GuidedDecodingParams

                constrained = {"guided_decoding": GuidedDecodingParams(json=schema)}
        return SamplingParams(
            temperature=body.get("temperature", 1.0),
            seed=body.get("seed"),
            max_tokens=body.get("max_completion_tokens"),
            **constrained,
        )


def answered(path):
    """Ids with a result of status 200; a torn last line, of a run that was killed, is cut off."""
    done = set()
    if not os.path.exists(path):
        return done
    whole = 0
    with open(path, "rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            whole += len(line)
            result = json.loads(line)
            if result["response"] and result["response"]["status_code"] == 200:
                done.add(result["custom_id"])
    os.truncate(path, whole)
    return done


def run(files, to, worker, arguments, workers, gpus=0, batch_size=64):
    """Returns how many were asked, how many failed, and which workers took part. Needs `ray.init`."""
    import ray

    done = answered(to)
    is_open = lambda line: json.loads(line)["custom_id"] not in done
    left = 0
    for name in files:
        with open(name, encoding="utf-8") as file:
            left += sum(is_open(line) for line in file)
    if not left:
        return 0, 0, set()
    # Enough blocks that every worker has some, each small enough that little is lost with it. Lines stay on the disk until a
    # worker is ready for them.
    blocks = max(4 * workers, left // (8 * batch_size) + 1)
    data = ray.data.read_text(list(files), override_num_blocks=blocks).filter(lambda row: is_open(row["text"]))
    answers = data.map_batches(
        worker,
        fn_constructor_kwargs=arguments,
        batch_size=batch_size,
        # Workers wait most of the time; what reads the files needs a core beside them.
        num_cpus=0.25,
        num_gpus=gpus,
        compute=ray.data.ActorPoolStrategy(size=workers),
    )
    asked, failed, took_part = 0, 0, set()
    with open(to, "a", encoding="utf-8") as out:
        for row in answers.iter_rows():
            out.write(row["line"] + "\n")
            out.flush()
            asked += 1
            failed += json.loads(row["line"])["response"]["status_code"] != 200
            took_part.add(row["worker"])
    return asked, failed, took_part


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--to", required=True, help="file of results, continued if it is there")
    engine = parser.add_mutually_exclusive_group(required=True)
    engine.add_argument("--endpoint", help="address that ends in /v1")
    engine.add_argument("--vllm", metavar="MODEL")
    parser.add_argument("--address", help="of the Ray cluster (auto: the one this machine is in); default: a local one")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--in-flight", type=int, default=16, help="questions in flight of each worker")
    parser.add_argument("--tries", type=int, default=6)
    parser.add_argument("--timeout", type=float, default=300.0)
    parser.add_argument("--context", type=int, default=16384, help="tokens of context of a vLLM engine")
    options = parser.parse_args()

    import ray

    ray.init(address=options.address, log_to_driver=False)
    if options.endpoint:
        arguments = {
            "url": options.endpoint,
            "in_flight": options.in_flight,
            "tries": options.tries,
            "timeout": options.timeout,
        }
        asked, failed, workers = run(options.files, options.to, Endpoint, arguments, options.workers)
    else:
        arguments = {"model": options.vllm, "context": options.context}
        asked, failed, workers = run(options.files, options.to, Vllm, arguments, options.workers, 1, 512)
    print(f"{asked} questions asked by {len(workers)} workers, {failed} failed")
    sys.exit(3 if failed else 0)


if __name__ == "__main__":
    main()
