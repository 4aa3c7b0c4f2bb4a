//! What `--help` says beyond the flags.

pub const ABOUT: &str = "A symbolic executor whose solver is a language model";

pub const LONG_ABOUT: &str = "\
A symbolic executor whose solver is a language model.

Takes a program in C, Python or Java with a post-condition, cuts it into the few small slices that matter \
for it, each standing for a whole class of paths, and asks a model about each, smallest first. What is \
reported is the least slice on which the condition fails.";

pub const AFTER: &str = "\
Where conditions come from:
  // POST: x > 0            a comment at the point where it must hold; `PRE:` likewise
  assert(x > 0); // POST    an assertion
  pre: / post:              a docstring's lines; @requires / @ensures of a documentation comment
  --pre, --post             the command line

Examples:
  weiser slices parse.c                             what would be asked, and at what cost
  weiser check parse.c                              without a model: runs it on generated inputs
  weiser check parse.c --oracle ollama:llama3.1:8b --confirm
  weiser check src/ --format json --output weiser.json
  weiser check sort.py --entry sort --post 'the result is sorted'
  weiser fidelity parse.c                           run it beside its slices; no model is asked
  weiser eval eval/own.toml                         data sets with known answers: scores
  weiser batch export src/ --oracle openai:gpt-5-mini --to run1
  weiser check src/ --save run1 --report html=run1.html
  weiser index src/ --find parse                    what a name means in a project
  weiser dataset prove datasets/leetcode            prove labels by running
  weiser trace run1 --only confirmed --format text  bugs of a recorded run as stories

Exit status:
  0  every triple holds
  1  one is violated (wins over 3)
  2  wrong usage, or an input that could not be read; whatever could be is reported
  3  undecided: the model doesn't know, or could not be asked

Settings: flags win over the environment, which wins over the file.
  File         weiser.toml in this folder or the nearest above it, or --config FILE. Its keys:
               oracle, base_url, api_key_env, api_key_file, jobs, all, timeout, seed, num_ctx,
               max_partitions, call_depth, slicing, comments, strict, confirm, trust,
               reasoning, answer_tokens, ca_file, headers, connect_timeout, first_byte_timeout,
               stall_timeout, requests_per_minute, tokens_per_minute, votes, escalate, probe,
               budget_tokens, budget_usd, budget_time, cache, cache_size, [prices] with
               \"openai:MODEL\" = { input = 0.25, output = 2.0 } (dollars per million tokens), and
               [servers.\"openai:MODEL\"] with base_url, api_key_env, api_key_file for one oracle
  Environment  WEISER_ and the key in capitals, as in WEISER_JOBS, for all but the keys of
               API keys, prices, servers and a connection's three timeouts. WEISER_HEADERS has a
               line `Name: value` for each. WEISER_CACHE_DIR is the folder of the cache,
               WEISER_INDEX_CACHE says where indices are kept, WEISER_CONFIG names the file,
               OLLAMA_HOST says where ollama listens, HTTPS_PROXY and NO_PROXY which way
               servers are reached, NO_COLOR turns colours off
  API keys     from WEISER_API_KEY, from OPENAI_API_KEY, ANTHROPIC_API_KEY or OLLAMA_API_KEY
               for the service itself, or the variable that api_key_env names, or the file that
               api_key_file names and only you can read; never from weiser.toml itself. A file
               with one of these and a base_url must be named with --config

`weiser check --help` explains its flags.";

pub const AFTER_BATCH: &str = "\
A batch has a folder. `export` writes the questions that a run would ask next, a line each, in the form that OpenAI's \
batch service, `vllm run-batch` and eval/distributed take; `import` takes their results into answers.jsonl, a recording. \
Export again for the next round: the second phase of what was answered, further votes, and what ended in an error. When \
nothing is left to ask, `weiser check --oracle replay:DIR/answers.jsonl` gives the verdicts, offline.

Examples:
  weiser batch export src/ --oracle openai:gpt-5-mini --to run1 --without temperature
  weiser batch import run1 batch_results.jsonl
  weiser check src/ --oracle replay:run1/answers.jsonl

Exit status: 0 done, 2 wrong usage or a file that can't be used, 3 (import) questions are still open, or lines of the \
results were of no use.";

pub const AFTER_EVAL: &str = "\
An experiment names data sets, oracles, methods and numbers of votes; each subject is judged in every way, and the verdicts \
are scored against the labels, beside what others have published.

  schema = \"weiser.experiment/1\"
  name = \"own\"
  methods = [\"slices\", \"baseline\"]    slices: a question for each; functions: one about the functions that
                                       matter, uncut; baseline: one about the whole program
  votes = [1, 5]
  [[dataset]]
  path = \"../datasets/leetcode\"        a dataset.toml or a published layout; from the experiment's folder
  groups = [\"leetcode/c\"]              optional; so are kind = \"code\" or \"text\", and tasks = 20: a
                                       small share, the same everywhere
  [[oracle]]
  spec = \"ollama:llama3:8b\"            as after --oracle; `run` asks no model
  name = \"Llama3-8B\"                   optional, for tables; so are base_url, api_key_env, jobs, timeout,
                                       num_ctx, reasoning and what else weiser.toml says of a server
  [settings]
  max_partitions = 64                  optional: keys of weiser.toml

A run has a folder: verdicts.jsonl, answers/ with every question and answer, the record that `weiser report` takes, and \
tables/ with scores as Markdown, CSV, JSON and SVG. Whatever ends a run, Ctrl-C or worse, the same command goes on with \
it and asks only what is open: what was not asked yet, and what ended in an error. Subjects are judged side by side, each \
server by a queue of its own; the tables don't depend on how many at a time.

Undecided is never right and never left out; nor are subjects that could not be analysed.

Examples:
  weiser eval eval/own.toml                          run the programs, ask no model
  weiser eval eval/ollama.toml --dry-run             questions, tokens, cost
  weiser eval eval/ollama.toml --budget-usd 5
  weiser eval eval/own.toml --oracle openai:gpt-5-mini --tasks 10 --to runs/try
  weiser eval eval/ollama.toml --shard 2/5           on the second of five machines
  weiser eval --merge runs/ollama-*-of-5 --to runs/ollama

Exit status: 0 everything is judged, 2 wrong usage or unreadable input, 3 something is still open.";

pub const AFTER_REPORT: &str = "\
`weiser check --save DIR` records a run as it goes: a line for each triple with its slices, prompts, replies and \
control-flow graph, and the sources. From that every report is made, also of a run that was stopped: each report says so \
then. The record holds your sources and what models said of them, and no keys.

html   one file that works from disk: each slice with assumptions, prompt, reply and verdict,
       the graph with the edges it takes; filter, search, keys
sarif  SARIF 2.1.0: a rule for each kind of condition, the least failing slice as code flow;
       `error` for what was seen to happen or proved, `warning` for what a model claims
json   everything in one document (`weiser schema report`; `weiser schema run`: the record)
junit  a case for each triple; what is undecided is an error
md     for a comment on a pull request, below its 65 536 characters
gcc    file:line:column: message; what holds has no line

Examples:
  weiser check src/ --save run1 --report html=run1.html --report sarif=run1.sarif
  weiser report run1 --format md
  weiser report run1 --format html --output run1.html

Exit status: 0 written, 2 no record of a run, or a file that can't be written. What the run came to is in the report.";

pub const AFTER_CACHE: &str = "\
Every whole answer of a model is kept in one file of the user's cache folder and found again by a hash of the question, \
the model and its options; several runs may use it at once. A run that was stopped, or killed, and is started again asks \
only what was not answered. Errors are never kept, nor are prompts and keys. A damaged file is set aside under another \
name, and that is said.

Examples:
  weiser cache stats
  weiser cache gc --older-than 30d --max-size 100MB
  weiser cache clear

Exit status: 0, or 2 where the cache can't be used.";

pub const AFTER_CHECK: &str = "\
The report goes to standard output, diagnostics and progress to standard error. The first line says who \
answers and why; an outcome that rests on a model's word is `claimed`, one that was seen to happen `confirmed`.

Who answers: `run` executes the program on generated inputs, in a sandbox, and finds failures; it never says \
that a condition holds. `auto` is the configured model, or `run` where none is configured or its server doesn't \
answer. With --confirm, a counter-example that a model claims is run on the program; one that isn't seen to \
fail decides nothing.

Answers are kept (`weiser cache`) and not paid for twice. With --votes or several --oracle, the majority of the votes \
decides each slice; what has none is `split`. When a budget is used up, questions in flight are still answered, the \
others are `budget`, and the status is 3 unless something is violated.

A slice whose question is too long for the model is asked about as a lean slice of the same paths (--slicing lean), if that \
fits: a failure is a claim about that, and a pass leaves the slice `leaner_passes`, which is undecided.

--emit-test writes a test of the first violation that was confirmed: pytest for .py, a program that aborts for .c, \
JUnit 5 for .java. It calls the program where it is if the program asserts the condition itself or the condition is about \
what a caller sees; else it holds a copy, and says so. Without a confirmed violation nothing is written, and standard \
error says why. A file that weiser didn't write is never replaced.

Examples:
  weiser check parse.c
  weiser check parse.c --oracle ollama:llama3.1:8b --confirm
  weiser check parse.c --emit-test tests/parse_regression.c
  weiser check src/main.c --project . -I include
  weiser check src/ --report html=report.html --report sarif=report.sarif
  weiser check parse.c --post 'buf is always freed'
  weiser check parse.c --at parse.c:120 --post 'n <= cap'
  weiser check sort.py --oracle openai:gpt-4o-mini --jobs 16
  weiser check src/ --oracle ollama:qwen3:8b --votes 3 --escalate openai:gpt-5 --budget-usd 2
  weiser check f.c --oracle ollama:small --escalate openai:big --base-url openai:big=http://gpu:8000/v1
  weiser check src/ --oracle record:run.jsonl=ollama:llama3.1:8b
  weiser check src/ --oracle replay:run.jsonl
  cat f.c | weiser check - --language c --format json

--save keeps the record of a run, and --report writes a report of it when it is done, or cut short: html for a browser, \
sarif for a code host, junit for a build server, md for a pull request, gcc for an editor (`weiser report --help`).

Calls, types and macros are followed into the other files of a folder that is searched, or of --project: PRE may stand in one file \
and POST in another. What isn't certain to be meant stays a call without source; -v says which and why. In C, -I says where \
included files are.

In a folder every file of a known language is taken, in order of paths, except in hidden folders, `target` and \
`node_modules`, and except what .gitignore leaves out; files without a post-condition are skipped. Bytes that are not UTF-8 are read as `?`, with a \
warning; files over 64 MiB are refused.

Exit status: 0 every triple holds, 1 one is violated, 2 wrong usage or unreadable input, 3 undecided.";

pub const AFTER_SLICES: &str = "\
Slices are listed in the order in which `weiser check` asks about them, with the lines of the original beside \
them; lines without a number were written by weiser. All flags of `weiser check` are accepted.

Examples:
  weiser slices parse.c
  weiser slices parse.c --format json | jq '.files[].triples[].slices[].tokens'
  weiser slices src/ --estimate --oracle openai:gpt-5-mini
  weiser slices parse.c --dot | dot -Tsvg > cfg.svg

Exit status: 0, or 2 for wrong usage or unreadable input.";

pub const AFTER_FIDELITY: &str = "\
Slices are only worth asking about if they behave as their program. This command tests that: it makes up inputs \
that P allows, runs the program and each of its slices on them, and compares every visit to Q: its truth and the \
values of Q's names. No model is asked.

  missed    the program comes to Q as no slice does: a failure there would go unseen
  spurious  a slice does what the program doesn't: another truth, other values, a visit too many
  untested  it ran, but no input came to Q
  not run   this machine lacks the tools (python3, cc, javac and java), or the program can't be run

A mismatch is one of the limits that README lists, or a bug in weiser: please report it with the input, the program \
and the slice, which are printed, the input as small as it could be made. Faults that nobody wrote (an index out of range, undefined behaviour) end the \
comparison of a run, for removing a statement may remove its fault.

This runs the code of the files you name: in a folder of its own, without network or sight of your files, with \
limits of time and memory. The first line says what is run, by which tool, and which walls stand. Where the kernel \
has none, nothing is run unless --unprotected is given.

Examples:
  weiser fidelity parse.c
  weiser fidelity src/ --inputs 1000 --seed 7
  weiser fidelity sort.py --entry sort --post 'result == sorted(xs)'
  weiser fidelity src/ --format json | jq '.files[].triples[] | select(.outcome == \"differs\")'

Exit status: 0 every triple ran and agrees, 1 one differs or has a slice that can't be run, 2 wrong usage or \
unreadable input, 3 one was not run or not tested (1 wins over 3).";

pub const AFTER_MODELS: &str = "\
Lists what can be named with --oracle. Without --oracle the configured server is asked; without one of those, Ollama \
on this machine, and OpenAI and Anthropic where there is a key for them. `context` is what the model can hold, `loaded \
with` what its server gives it now.

Examples:
  weiser models
  weiser models --oracle openai --base-url http://127.0.0.1:8080/v1
  weiser models --format json | jq -r '.servers[].models[].spec'

Exit status: 0 if a server told its models, 2 wrong usage, 3 none did.";
pub const AFTER_INDEX: &str = "\
Reads the sources of a folder once and keeps what they define, so that later runs read only what has changed: under \
$XDG_CACHE_HOME/weiser (or ~/.cache/weiser), or in the folder that WEISER_INDEX_CACHE names; with \
WEISER_INDEX_CACHE=off, nowhere.

--find lists what a name may mean as seen from --from, closest first: the class around it, the same file, included \
text, imports, the same package, functions declared there and defined elsewhere, then others. `the first is meant` is said \
only where the language leaves no choice. Includes are looked for beside the file, in -I, where \
compile_commands.json says (in the folder, or in build/, builddir/, out/ of it), and at last by the end of their path, which is a guess.

Examples:
  weiser index
  weiser index src/ --exclude 'tests/' -I include
  weiser index --find parse_line --from src/main.c
  weiser index --find total --from Cart.java:12 --receiver this
  weiser index --format json | jq .counts

Exit status: 0, or 2 for wrong usage or a file or folder that could not be read.";

pub const AFTER_DATASET: &str = "\
A data set is a folder with a manifest, dataset.toml: tasks with programs in one or more languages, conditions in code \
and in plain language, and labels. datasets/README.md describes the format. AutoExe's folder (with RQ1, RQ2 or RQ3 in it) \
and SV-COMP tasks (.yml) are read as they are.

`prove` runs the programs in the sandbox, as `weiser check --oracle run` does. A label `violated` needs an input on which \
Q is seen to be false: it is kept in witnesses.json beside the manifest, and run again the next time. A label `holds` must \
survive every input within bounds (small numbers, short lists and texts) and generated ones, without the program failing \
by itself.

Examples:
  weiser dataset validate datasets/leetcode
  weiser dataset prove datasets/leetcode
  weiser dataset prove datasets/leetcode --stale
  weiser dataset prove datasets/leetcode --only leap-days --domain 50000
  weiser dataset tokens autoexe --beside autoexe/prototype_results.csv

Exit status: 0, 1 a label is not proved, 2 wrong usage or a mistake in a data set, 3 a program could not be run.";

pub const AFTER_TRACE: &str = "\
A trace is one class of paths with its answer: the steps that the post-condition may depend on, in order from the entry; \
branches, with the side taken and who decided it; what holds on the path; the slice; the answer, who gave it, and \
how sure it is; inputs, and what was seen when they were run; and all that as text. Nothing is asked or run.

Traces that say the same are told once. --exclude keeps the programs of a data set out, so that a model that learns from \
traces can be judged by it: programs and functions are known by their text without comments and layout, names numbered.

Examples:
  weiser check src/ --oracle run --save run1
  weiser trace run1 --only confirmed --format text
  weiser trace run1 --exclude datasets/leetcode --output traces.jsonl
  weiser schema trace

Exit status: 0, or 2 for no record of a run or a data set that can't be read.";

pub const AFTER_COMPLETIONS: &str = "\
Examples:
  weiser completions bash > ~/.local/share/bash-completion/completions/weiser
  weiser completions zsh > ~/.zfunc/_weiser
  weiser completions fish > ~/.config/fish/completions/weiser.fish";
