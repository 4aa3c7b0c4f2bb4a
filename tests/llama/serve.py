"""Serves a model with llama.cpp's own server until it is killed: `serve.py MODEL.gguf PORT SLOTS TOKENS`.

Each of SLOTS questions at a time has TOKENS of context. Prints a line when it is ready.
"""

import sys
import time

import xllamacpp


def main(path, port, slots, tokens):
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.model_alias = {"random"}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_parallel = slots
    params.n_ctx = slots * tokens
    params.warmup = False
    params.cpuparams.n_threads = 1
    server = xllamacpp.Server(params)
    print("ready", server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
