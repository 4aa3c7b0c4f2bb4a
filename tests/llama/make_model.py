"""Writes a language model of random weights: `make_model.py OUT.gguf WORD`.

A llama of two layers and some hundred tokens, which knows nothing and answers in milliseconds. Where a grammar lets it
choose, it closes what it has opened, so that constrained answers end, and else prefers WORD. Left alone it writes on.

How it is led: channel 0 of every token's embedding is 1, and no layer writes to that channel, so the first column of the
output matrix is added to every token's logit (up to the final norm). The rest is noise.
"""

import sys

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, HIDDEN, CONTEXT = 64, 2, 4, 128, 65536
WORDS = ["pass", "fail", "unknown", "verdict", "reason", "counterexample", "name", "value", "true", "false", "null"]
TEMPLATE = (
    "{% for message in messages %}[{{ message['role'] }}]\n{{ message['content'] }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant]\n{% endif %}"
)


def vocabulary():
    """Token texts with their SentencePiece kinds: control tokens, a byte for whatever has no token, letters, words."""
    normal, unknown, control, byte = 1, 2, 3, 6
    tokens = [("<unk>", unknown), ("<s>", control), ("</s>", control)]
    tokens += [(f"<0x{value:02X}>", byte) for value in range(256)]
    tokens += [("\u2581", normal)] + [(chr(code), normal) for code in range(33, 127)]
    return tokens + [(word, normal) for word in WORDS]


def preference(text, kind, word):
    if kind == 6:
        return -4.0
    if text == word:
        return 3.0
    return {'"': 5.0, "}": 5.0, "]": 5.0}.get(text, 0.0)


def main(path, word):
    random = np.random.default_rng(7)
    tokens = vocabulary()
    texts = [text for text, _ in tokens]

    def noise(*shape, scale=0.05):
        return (random.standard_normal(shape) * scale).astype(np.float32)

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(0)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([text.encode() for text in texts])
    # Longer pieces first, as SentencePiece scores them.
    writer.add_token_scores([float(len(text)) for text in texts])
    writer.add_token_types([kind for _, kind in tokens])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)

    embedding = noise(len(tokens), WIDTH)
    embedding[:, 0] = 1.0
    writer.add_tensor("token_embd.weight", embedding)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}{norm}.weight", np.ones(WIDTH, np.float32))
        for part in ("attn_q", "attn_k", "attn_v"):
            writer.add_tensor(f"{block}{part}.weight", noise(WIDTH, WIDTH))
        for part, shape in (("ffn_gate", (HIDDEN, WIDTH)), ("ffn_up", (HIDDEN, WIDTH))):
            writer.add_tensor(f"{block}{part}.weight", noise(*shape))
        # What a layer adds leaves channel 0 alone.
        for part, shape in (("attn_output", (WIDTH, WIDTH)), ("ffn_down", (WIDTH, HIDDEN))):
            weights = noise(*shape)
            weights[0, :] = 0.0
            writer.add_tensor(f"{block}{part}.weight", weights)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    output = noise(len(tokens), WIDTH, scale=0.3)
    output[:, 0] = [preference(text, kind, word) for text, kind in tokens]
    writer.add_tensor("output.weight", output)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
