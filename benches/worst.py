"""Runs every reader of modeldex on the worst input known for it, and prints seconds and megabytes: `benches/worst.py PROGRAM [FILTER ...]`.

An input has 10 MB, or --megabytes. Each run is a process of its own. The limits are 2 s and 200 MB; runs above a limit are marked with `!`. A filter
selects the runs whose name contains it, and `--group` a group of readers. `--all` also prints the runs below the limits one by one, else only the
worst run of each reader.
"""

import argparse
import gzip
import http.server
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

MAX_SECONDS, MAX_MEGABYTES, MAX_OUTPUT, TIMEOUT = 2.0, 200.0, 20.0, 20
KEY = "worst-key-0123456789abcdef"
ROOT = Path(__file__).resolve().parent.parent


def repeated(unit, size):
    return unit * max(1, size // len(unit))


def counted(template, size, limit=10**9):
    """The template with 0, 1, 2, ... in place of `#`, up to the size."""
    parts, length, count = [], 0, 0
    while length < size and count < limit:
        part = template.replace("#", str(count))
        parts.append(part)
        length += len(part)
        count += 1
    return "".join(parts)


def yaml_texts(size):
    """Texts of any YAML file."""
    ladder = "".join(" " * depth + "a:\n" for depth in range(int((2 * size) ** 0.5)))
    yield "open lists", "a: " + "[" * size
    yield "open lists, a line each", "a:\n" + repeated(" [\n", size)
    yield "lists behind quoted brackets", "a:\n " + repeated('["]",', size)
    yield "lists, then many texts", "a:\n " + "[" * 4000 + repeated("x,", size)
    yield "closed lists", "a: " + "[" * (size // 2) + "]" * (size // 2)
    yield "mappings in brackets", "a: " + repeated("{a: ", size)
    yield "entries of entries", repeated("- ", size) + "x\n"
    yield "keys of keys", repeated("? ", size) + "x\n"
    yield "ladder", ladder
    yield "many keys", counted("k#: 1\n", size)
    yield "many keys in brackets", "a: {" + counted("k#: 1,", size) + "}\n"
    yield "the same key", repeated("name: x\n", size)
    yield "one key", "k" * size + ": 1\n"
    yield "one text", "name: " + "x" * size + "\n"
    yield "one quoted text", 'name: "' + "é" * (size // 2) + '"\n'
    yield "one block text", "name: |\n" + repeated("  text\n", size)
    yield "one number", "name: " + "9" * size + "\n"
    yield "one comment", "# " + "c" * size + "\nname: x\n"
    yield "comments", repeated("# c\n", size)
    yield "documents", repeated("---\na\n", size)
    yield "anchors", counted("- &a# 1\n", size)
    yield "anchors in one line", "a: [" + counted("&a# 1, ", size) + "]\n"
    yield "tags", repeated("- !!str a\n", size)
    yield "aliases", "a: &a [x]\nb:\n" + repeated("- *a\n", size)
    yield "alias bomb", "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
    )
    yield "empty lists in one line", "a: [" + repeated("[],", size) + "]\n"
    yield "empty lists", "a:\n" + repeated("- []\n", size)
    yield "short texts", "a: [" + repeated("x,", size) + "]\n"
    yield "line ends", "\n" * size
    yield "carriage returns", "\r" * size
    yield "CRLF", repeated("a: b\r\n", size)
    yield "spaces", " " * size
    yield "tabs", "name: x\n" + "\t" * size
    yield "quotes", repeated("\"\n'\n", size)
    yield "control characters", "name: " + "\x07" * size
    yield "invalid UTF-8", b"name: " + b"\xff" * size
    yield "line separators", "name: " + "\u2028" * (size // 3) + "\n"


def catalog_texts(size):
    """Texts of files of providers and models, by the path in a catalog folder."""
    head = "name: Acme\nendpoints:\n  - {base_url: https://acme.example/v1, api: openai-completions}\n"
    model = "models:\n  - id: a\n    prices:\n"
    provider = "providers/acme.yaml"
    yield "unknown keys below the limit", provider, head + "models:\n  - id: a\n" + counted("    k#: 1\n", size, 249_000)
    yield "unknown keys of models", provider, head + "models:\n" + counted("  - {id: m#, k: 1}\n", size, 60_000)
    yield "unknown keys of a model", provider, head + "models:\n  - id: a\n" + counted("    k#: 1\n", size)
    yield "models", provider, head + "models:\n" + counted("  - {id: m#}\n", size)
    yield "models with wrong types", provider, head + "models:\n" + counted("  - {id: m#, context_window: x}\n", size)
    yield "models without an id", provider, head + "models:\n" + repeated("  - {name: x}\n", size)
    yield "models of one id", provider, head + "models:\n" + repeated("  - {id: x}\n", size)
    yield "20,000 steps", provider, head + model + counted("      - {above: #, input: #}\n", size, 20_000).replace("above: 0,", "")
    yield "steps downwards", provider, head + model + "".join(f"      - {{above: {n}, input: {n}}}\n" for n in range(20_000, 0, -1))
    yield "equal steps", provider, head + model + repeated("      - {above: 5, input: 1}\n", size)
    yield "regions", provider, head + model + counted("      - {region: r#, input: #}\n", size, 60_000)
    yield "regions and steps", provider, head + model + "".join(
        f"      - {{region: r{n}, input: {n}}}\n      - {{above: {n + 1}, input: {n}}}\n" for n in range(10_000)
    )
    yield "dates", provider, head + model + "".join(
        f"      - {{from: 20{10 + n // 300:02}-{1 + n // 25 % 12:02}-{1 + n % 25:02}, input: {n}}}\n" for n in range(20_000)
    )
    yield "dates downwards", provider, head + model + "".join(
        f"      - {{from: 20{10 + n // 300:02}-{1 + n // 25 % 12:02}-{1 + n % 25:02}, until: 2099-01-{1 + n % 25:02}, input: {n}}}\n" for n in range(20_000, 0, -1)
    )
    hours = 'hours: {start: "%02d:%02d", end: "%02d:%02d", time_zone: UTC}'
    yield "hours", provider, head + model + "".join(
        f"      - {{{hours % (n // 60 % 23, n % 60, n // 60 % 23 + 1, n % 60)}, input: {n}}}\n" for n in range(20_000)
    )
    yield "aliases of a model", provider, head + "model_aliases:\n" + counted("  - {id: a#, target: m}\n", size) + "models:\n  - {id: m}\n"
    yield "chain of aliases", provider, head + "model_aliases:\n" + "".join(
        f"  - {{id: a{n}, target: a{n + 1}}}\n" for n in range(60_000)
    )
    yield "aliases of the provider", provider, head + "aliases: [" + counted("b#, ", size) + "]\n"
    yield "endpoints", provider, "name: Acme\nendpoints:\n" + counted("  - {base_url: 'https://a#.example/v1', api: openai-completions}\n", size)
    yield "variables", provider, head + "auth:\n  - kind: api-key\n    env: [" + counted("A#, ", size) + "]\n"
    yield "successors", provider, head + "models:\n" + "".join(f"  - {{id: m{n}, successor: acme/m{n + 1}}}\n" for n in range(size // 40))
    yield "base models", "models/acme.yaml", "name: Acme\nmodels:\n" + counted("  - {id: m#}\n", size)
    yield "chain of extensions", "", {f"providers/p{n}.yaml": f"extends: p{n + 1}\n" for n in range(2_000)}
    yield "files of unknown keys", "", {f"providers/p{n}.yaml": counted("k#: 1\n", 5_000) for n in range(size // 5_000)}
    yield "large files of models", "", {f"providers/p{n}.yaml": head + "models:\n" + counted("  - {id: m#}\n", 700_000) for n in range(size // 700_000)}
    yield "files of models with wrong types", "", {
        f"providers/p{n}.yaml": head + "models:\n" + counted("  - {id: m#, context_window: x}\n", 5_000) for n in range(size // 5_000)
    }
    yield "files of models", "", {f"providers/p{n}.yaml": head + "models:\n" + counted("  - {id: m#}\n", 5_000) for n in range(size // 5_000)}
    yield "imported models", "imported/providers/acme.yaml", head + "models:\n" + counted("  - {id: m#}\n", size)
    yield "held claims", "imported/held.yaml", "held:\n" + counted("  - {provider: a#, fact: env, value: A, sources: [x], since: 2026-01-01}\n", size)
    yield "provider map", "provider-map.yaml", "providers:\n" + counted("  a#: {litellm: [a#]}\n", size)
    yield "ids of one provider", "provider-map.yaml", "providers:\n  a:\n    litellm: [" + counted("a#, ", size) + "]\n"
    yield "routing", "routing.yaml", "providers:\n" + counted("  a#: {auth: []}\n", size)
    yield "sources", "sources.yaml", "sources:\n" + counted("  s#: {name: S, licence: MIT}\n", size)


def json_texts(size):
    """Texts of any JSON file."""
    yield "open lists", "[" * size
    yield "closed lists", "[" * (size // 2) + "]" * (size // 2)
    yield "objects", repeated('{"a":', size)
    yield "nested value", '{"a":' + "[" * (size // 2) + "]" * (size // 2) + "}"
    yield "many keys", "{" + counted('"k#":1,', size) + '"z":1}'
    yield "many keys, a line each", "{\n" + counted('"k#":1,\n', size) + '"z":1\n}\n'
    yield "many objects", "{" + counted('"k#":{},', size) + '"z":{}}'
    yield "the same key", "{" + repeated('"k":{},', size) + '"k":{}}'
    yield "one key", '{"' + "k" * size + '":1}'
    yield "one text", '{"a":"' + "x" * size + '"}'
    yield "escapes", '{"a":"' + repeated("\\u00e9", size) + '"}'
    yield "one number", '{"a":' + "9" * size + "}"
    yield "one fraction", '{"a":0.' + "3" * size + "}"
    yield "empty lists", "[" + repeated("[],", size) + "[]]"
    yield "empty objects", "[" + repeated("{},", size) + "{}]"
    yield "numbers", "[" + repeated("1,", size) + "1]"
    yield "texts", "[" + repeated('"",', size) + '""]'
    yield "line ends", "\n" * size
    yield "lines", repeated("{}\n", size)
    yield "spaces", " " * size
    yield "quotes", '"' * size
    yield "control characters", '{"a":"' + "\x07" * size
    yield "invalid UTF-8", b'{"a":"' + b"\xff" * size + b'"}'
    yield "comments", repeated("// c\n", size)
    yield "open comment", "/*" + "*" * size


def snapshot_texts(source, size):
    """Texts of snapshots of a source with many models, keys or prices."""
    if source == "models.dev":
        provider = '{"openai":{"id":"openai","name":"OpenAI","env":["OPENAI_API_KEY"],"npm":"@ai-sdk/openai","models":{%s}}}'
        yield "models", provider % (counted('"m#":{},', size) + '"z":{}')
        yield "models below the limit", provider % (counted('"m#":{"name":"M #","cost":{"input":1,"output":2,"cache_read":1,"cache_write":1,"input_audio":1}},', size, 19_900) + '"z":{}')
        yield "one id", provider % (repeated('"m":{"name":"x"},', size) + '"z":{}')
        yield "invalid models", provider % (counted('"m#":1,', size) + '"z":{}')
        yield "full models", provider % (counted('"m#":{"name":"M #","limit":{"context":#0,"output":1},"cost":{"input":1,"output":2}},', size) + '"z":{}')
        yield "keys of a model", provider % ('"m":{' + counted('"k#":1,', size) + '"z":1}')
        yield "20,000 steps", provider % ('"m":{"cost":{"input":1,"output":1,"tiers":[' + counted('{"input":1,"output":#,"tier":{"type":"context","size":1#}},', size, 20_000)[:-1] + "]}}")
        yield "many steps", provider % ('"m":{"cost":{"input":1,"output":1,"tiers":[' + counted('{"input":1,"tier":{"type":"context","size":1#}},', size)[:-1] + "]}}")
        yield "modes", provider % ('"m":{"experimental":{"modes":{' + counted('"k#":{"cost":{"input":1},"provider":{"body":{"service_tier":"flex"}}},', size)[:-1] + "}}}")
        yield "words", provider % ('"m":{"modalities":{"input":[' + repeated('"text",', size) + '"text"]}}')
        yield "variables", '{"openai":{"env":[' + counted('"A#",', size) + '"B"],"models":{}}}'
        yield "unknown providers", "{" + counted('"p#":{"models":{}},', size) + '"z":{}}'
    elif source == "litellm":
        yield "models", "{" + counted('"openai/m#":{"litellm_provider":"openai"},', size) + '"z":{}}'
        yield "one id", "{" + repeated('"m":{"litellm_provider":"openai"},', size) + '"z":{}}'
        yield "keys of a model", '{"m":{"litellm_provider":"openai",' + counted('"input_cost_per_token_above_#k_tokens":1,', size) + '"z":1}}'
    elif source == "openrouter":
        row = '{"id":"openai/m#","name":"M","pricing":{"prompt":"0.1","completion":"0.1"}},'
        yield "models", '{"data":[' + counted(row, size)[:-1] + "]}"
        yield "short models", '{"data":[' + counted('{"id":"a/#"},', size)[:-1] + "]}"
        yield "overrides", '{"data":[{"id":"a/b","pricing":{"prompt":"1","overrides":[' + counted('{"min_context":1#,"prompt":"1"},', size)[:-1] + "]}}]}"
    elif source == "aichat":
        yield "models", "- provider: openai\n  models:\n" + counted("    - {name: m#}\n", size)
        yield "few keys", "- provider: openai\n  models:\n" + counted("    - {name: m#, input_price: 1}\n", size, 19_900)
        yield "providers", counted("- {provider: openai, models: [{name: m#}]}\n", size)
    elif source == "model-prices":
        yield "aliases", '{"aliases":{"models":{' + counted('"a#":"openai/b#",', size) + '"z":"openai/y"},"providers":{}}}'
    else:
        ids = {"pi-ai": "openai", "oh-my-pi": "openai", "catwalk": "openai", "portkey": "openai", "openclaw": "openai"}
        models = counted('{"id":"m#","name":"M"},', size)[:-1]
        keyed = counted('"m#":{"id":"m#"},', size)[:-1]
        name = ids.get(source, "openai")
        yield "listed models", '{"%s":{"id":"%s","name":"O","models":[%s]}}' % (name, name, models)
        yield "keyed models", '{"%s":{"id":"%s","name":"O","base_urls":[],"env":[],"oauth":[],"models":{%s}}}' % (name, name, keyed)
        yield "portkey models", '{"%s":{"general":{"name":"o",%s},"pricing":{%s}}}' % (name, keyed, keyed)
        yield "manifests", '{"%s":{"id":"%s","providers":["%s"],"modelCatalog":{"providers":{"%s":{"models":[%s]}}}}}' % (name, name, name, name, models)
        yield "20,000 ids", '{"%s":{"id":"%s","models":[%s]}}' % (name, name, counted('{"id":"m#","name":"M"},', size, 20_000)[:-1])


def real_snapshot(source):
    """The file that a test fixture or another folder of snapshots has, if SNAPSHOTS names it."""
    folder = os.environ.get("SNAPSHOTS")
    files = sorted(Path(folder, source).glob("*")) if folder and Path(folder, source).is_dir() else []
    return [path for path in files if path.suffix in (".json", ".yaml")]


def usage_texts(size):
    line = '{"model":"openai/gpt-5.5","usage":{"input":1,"output":1}}\n'
    yield "lines", repeated(line, size)
    yield "invalid lines", repeated("x\n", size)
    yield "open objects", repeated("{\n", size)
    yield "objects without fields", repeated("{}\n", size)
    yield "objects with syntax errors", repeated("{x}\n", size)
    yield "objects with wrong types", repeated('{"model":1}\n', size)
    yield "objects without usage", repeated('{"model":""}\n', size)
    yield "lines that are not UTF-8", b"\xff\n" * (size // 2)
    priced = '{"model":"openai/gpt-5.5","usage":{"input":1}%s}\n'
    for key in ("at", "tier", "region", "api"):
        yield f"invalid values of {key}", repeated(priced % f',"{key}":"x"', size)
        yield f"long invalid values of {key}", repeated(priced % f',"{key}":"{"x" * 900_000}"', size)
    yield "unknown meters", repeated('{"model":"openai/gpt-5.5","usage":{"x":1}}\n', size)
    yield "long unknown meters", repeated('{"model":"openai/gpt-5.5","usage":{"%s":1}}\n' % ("x" * 900_000), size)
    yield "empty usage", repeated('{"model":"openai/gpt-5.5","usage":{}}\n', size)
    yield "unknown models", counted('{"model":"a/b#","usage":{"input":1}}\n', size)
    yield "days", counted('{"model":"openai/gpt-5.5","at":"20#-01-01T00:00:00Z","usage":{"input":1}}\n', size)
    yield "one line", '{"model":"openai/gpt-5.5","usage":{' + counted('"k#":1,', size) + '"input":1}}\n'
    yield "lines of 1 MB", repeated('{"model":"openai/gpt-5.5","usage":{' + counted('"k#":1,', 1_000_000) + '"input":1}}\n', size)
    yield "nested lines", repeated('{"model":"openai/gpt-5.5","usage":' + "[" * 500_000 + "]" * 500_000 + "}\n", size)
    yield "long numbers", repeated('{"model":"openai/gpt-5.5","usage":{"input":' + "9" * 900_000 + "}}\n", size)
    yield "lists of a usage object", repeated('{"model":"openai/gpt-5.5","api":"google-generative-ai","usage":{"promptTokensDetails":[' + repeated('{"modality":"TEXT","tokenCount":1},', 900_000) + '{}],"promptTokenCount":1}}\n', size)


def audit_texts(size):
    yield "words", "a.txt", repeated("word ", size)
    yield "references", "a.py", counted('m = "openai/gpt-#"\n', size)
    yield "retired models", "a.py", repeated('m = "openai/gpt-4-32k"\n', size)
    yield "retired models in one line", "a.json", "[" + repeated('"openai/gpt-4-32k",', size) + '""]'
    yield "open brackets", "a.json", repeated("[", size - 30) + '"openai/gpt-4-32k"'
    yield "brackets around models", "a.json", repeated('{"model":"openai/gpt-4-32k","a":[', size)
    yield "unbalanced brackets", "a.json", repeated('[(]){"gpt-4-32k" ', size)
    yield "ladder", "a.yaml", "".join(" " * depth + "model: gpt-4-32k\n" for depth in range(int((2 * size) ** 0.5)))
    yield "entries of entries", "a.yaml", repeated("- ", size) + "model: gpt-4-32k\n"
    yield "keys", "a.yaml", counted("k#: gpt-4-32k\n", size)
    yield "keys in one line", "a.json", "{" + counted('"k#":"gpt-4-32k",', size) + "}"
    yield "limits", "a.json", "[" + repeated('{"id":"openai/gpt-5.5","context_window":1},', size) + "{}]"
    yield "limits of one entry", "a.json", '{"id":"openai/gpt-5.5",' + repeated('"context_window":1,', size) + '"a":1}'
    yield "base URLs", "a.json", "[" + repeated('{"provider":"openai","base_url":"https://api.anthropic.com/v1"},', size) + "{}]"
    yield "URLs of one entry", "a.json", '{"provider":"openai",' + repeated('"base_url":"https://api.anthropic.com/v1",', size) + '"a":1}'
    yield "variables", "a.py", repeated('key = os.environ["ANTHROPIC_API_KEY"]; provider = "openai"\n', size)
    yield "ignored findings", "a.py", repeated('m = "openai/gpt-4-32k" # modeldex-ignore: x\n', size)
    yield "ignored findings in one line", "a.json", repeated('"openai/gpt-4-32k", modeldex-ignore: x ', size)
    yield "tables", "a.md", repeated("| gpt-4-32k | 8192 |\n", size)
    yield "fences", "a.md", repeated("```yaml\nmodel: gpt-4-32k\n```\n", size)
    yield "headings", "a.toml", counted("[a.b#]\nmodel = 'gpt-4-32k'\n", size)
    yield "quotes", "a.js", repeated("'\"`", size)
    yield "one word", "a.txt", "gpt-" + "4" * size
    yield "keys like secrets", "a.txt", counted("sk-abcdefghijklmnop#qrstuvwxyz012345 gpt-4-32k\n", size)
    yield "invalid UTF-8", "a.txt", b"\xff gpt-4-32k " * (size // 12)


def stream_texts(size):
    """Streamed responses: server-sent events of the protocol openai-completions."""
    event = 'data: {"choices":[{"delta":{%s}}]}\n\n'
    end = 'data: {"choices":[{"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    yield "spaces", " " * size
    yield "line ends", "\n" * size
    yield "carriage returns", "\r" * size
    yield "comments", repeated(":\n", size)
    yield "names of events", repeated("event: a\n", size)
    yield "one line", "data: " + "x" * size
    yield "one line of 8 MB", "data: " + "x" * 8_000_000 + "\n\n" + end
    yield "spaces in an event", 'data: {"choices":[' + " " * 8_000_000 + "]}\n\n" + end
    yield "spaces in events", repeated('data: {"choices":[' + " " * 1000 + "]}\n\n", size) + end
    yield "lines of one event", repeated("data:\n", size)
    yield "empty events", repeated("data:\n\n", size) + end
    yield "short events", repeated("data:1\n\n", size) + end
    yield "events without choices", repeated("data: {}\n\n", size) + end
    yield "invalid events", repeated("data: {\n\n", size) + end
    yield "events that are not UTF-8", repeated("data: ?\n\n", size).encode().replace(b"?", b"\xff")
    yield "values of an event", 'data: {"choices":[],"a":[' + repeated("[],", 8_000_000) + "[]]}\n\n" + end
    yield "nested event", "data: " + "[" * 8_000_000 + "\n\n" + end
    yield "short parts", repeated(event % '"content":"x"', size) + end
    yield "short parts of reasoning", repeated(event % '"reasoning":"x"', size) + end
    yield "parts that may begin the key", repeated(event % f'"content":"{KEY[0]}"', size) + end
    yield "parts of backslashes", repeated(event % '"content":"\\\\"', size) + end
    yield "parts of blanks", repeated(event % '"content":" "', size) + end
    yield "long parts", repeated(event % f'"content":"{"x" * 100_000}"', size) + end
    yield "long parts of blanks", repeated(event % f'"content":"{" " * 100_000}"', size) + end
    yield "long parts of references", repeated(event % f'"content":"{"&#38;" * 20_000}"', size) + end
    yield "keys of usage objects", counted('data: {"choices":[],"usage":{"k#":1}}\n\n', size) + end
    yield "long key of usage objects", repeated('data: {"choices":[],"usage":{"%s":1}}\n\n' % ("k" * 1000), size) + end


def response_texts(size):
    """Whole responses of the protocol openai-completions."""
    yield from json_texts(size)
    whole = '{"choices":[{"finish_reason":"stop","message":{"content":%s}}]%s}'
    yield "one answer", whole % ('"' + "x" * size + '"', "")
    yield "answer of spaces", whole % ('"' + " " * size + '"', "")
    yield "answer that may begin the key", whole % ('"' + KEY[0] * size + '"', "")
    yield "answer of backslashes", whole % ('"' + "\\" * (size // 2 * 2) + '"', "")
    yield "answer of references", whole % ('"' + repeated("&#38;", size) + '"', "")
    yield "answer of percent signs", whole % ('"' + repeated("%25", size) + '"', "")
    yield "answer of keys", whole % ('"' + repeated(KEY + " ", size) + '"', "")
    yield "answer of control characters", whole % ('"' + repeated("\\u001b", size) + '"', "")
    yield "parts of an answer", whole % ("[" + repeated('{"text":"x"},', size) + "{}]", "")
    yield "choices", '{"choices":[' + repeated("{},", size) + "{}]}"
    yield "usage object", whole % ('"x"', ',"usage":{' + counted('"k#":1,', size) + '"z":1}')
    yield "spaces in a response", whole % ('"x"', " " * size)


def list_texts(size):
    """Lists of models of the protocol openai-completions."""
    yield from json_texts(size)
    yield "models below the limit", '{"data":[' + counted('{"id":"m#"},', size, 124_000) + '{"id":"z"}]}'
    yield "models", '{"data":[' + counted('{"id":"m#"},', size) + '{"id":"z"}]}'
    yield "one id", '{"data":[' + repeated('{"id":"m"},', size) + '{"id":"z"}]}'
    yield "long ids", '{"data":[' + counted('{"id":"#%s"},' % ("m" * 500), size) + '{"id":"z"}]}'
    yield "ids with escapes", '{"data":[' + counted('{"id":"#\\u001b"},', size) + '{"id":"z"}]}'
    yield "models without an id", '{"data":[' + repeated("{},", size) + "{}]}"
    yield "keys of models", '{"data":[{"id":"m",' + counted('"k#":1,', size) + '"z":1}]}'


def error_texts(size):
    """Bodies of error responses."""
    yield "message", '{"error":{"message":"' + "x" * size + '"}}'
    yield "message of blanks", '{"error":{"message":"' + " " * size + '"}}'
    yield "details", '{"error":{"details":[' + repeated('{"reason":"x"},', size) + "{}]}}"
    yield "values", "[" + repeated("[],", size) + "[]]"
    yield "web page", "<html>" + repeated("<p>x", size)
    yield "keys", '{"error":{"message":"' + repeated(KEY + " ", size) + '"}}'
    yield "invalid UTF-8", b"\xff" * size


class Server:
    """A server on the loopback interface that sends `response`, a tuple of status, content type, body and content encoding, to every request."""

    def __init__(self):
        parent = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def respond(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, content_type, body, encoding = parent.response
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                if encoding:
                    self.send_header("Content-Encoding", encoding)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # The program does not read more than its limit.

            do_GET = do_POST = respond

            def log_message(self, *_):
                pass

        self.response = (500, "", b"", "")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/v1"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def set(self, content_type, body, status=200, encoding=""):
        self.response = (status, content_type, body if isinstance(body, bytes) else body.encode(), encoding)


class Readers:
    """The readers and their inputs: tuples of reader, input, command line, environment and files to write."""

    def __init__(self, folder, size):
        self.folder, self.size = Path(folder), size
        self.server = Server()
        self.registry = {name: (ROOT / "catalog" / name).read_text() for name in ("sources.yaml", "provider-map.yaml", "routing.yaml")}

    GROUPS = {"check": "check", "import": "import_", "evidence": "evidence", "cost": "cost", "audit": "audit", "files": "files", "client": "client"}

    def runs(self, groups):
        for group in groups or self.GROUPS:
            yield from getattr(self, self.GROUPS[group])()

    def check(self):
        places = ["providers/acme.yaml", "models/acme.yaml", "views/acme.yaml", "usage/acme.yaml"]
        for name, text in yaml_texts(self.size):
            for path in places if "list" in name or "key" in name else places[:1]:
                yield f"check {path.split('/')[0]}", name, ["check", "--catalog", "catalog", "--format", "json"], {f"catalog/{path}": text}
        few = ("open lists", "many keys", "empty lists", "anchors", "one comment", "ladder")
        for name, text in yaml_texts(self.size):
            if name in few:
                for path in ("sources.yaml", "provider-map.yaml", "routing.yaml", "imported/held.yaml", "imported/providers/acme.yaml"):
                    files = {f"catalog/{path}": text, "catalog/providers/.keep": ""}
                    yield f"check {path}", name, ["check", "--catalog", "catalog", "--format", "json"], files
        for name, path, text in catalog_texts(self.size):
            files = text if isinstance(text, dict) else {path: text}
            files = {f"catalog/{path}": text for path, text in files.items()} | {"catalog/providers/.keep": ""}
            for form in ("json", "human", "sarif", "github") if "unknown" in name else ("human",):
                yield f"check, {form} report", name, ["check", "--catalog", "catalog", "--format", form], files
        yield "check --fix", "many keys", ["check", "--fix", "--catalog", "catalog"], {"catalog/providers/acme.yaml": counted("k#: 1\n", self.size)}
        lists = "a: " + "[" * self.size
        yield "check --fix", "open lists", ["check", "--fix", "--catalog", "catalog"], {"catalog/providers/acme.yaml": lists}

    def import_(self):
        for source in ("models.dev", "litellm", "openrouter", "pi-ai", "oh-my-pi", "portkey", "catwalk", "aichat", "openclaw", "model-prices"):
            texts = yaml_texts(self.size) if source == "aichat" else json_texts(self.size)
            for name, text in list(texts) + list(snapshot_texts(source, self.size)):
                command = ["import", source, "snapshot.json", "--date", "2026-11-01", "--dry-run", "--catalog", "catalog"]
                files = {f"catalog/{path}": content for path, content in self.registry.items()}
                yield f"import {source}", name, command, files | {"snapshot.json": text, "catalog/providers/.keep": "", "evidence/.keep": ""}
            for path in real_snapshot(source):
                command = ["import", source, str(path), "--date", "2026-11-01", "--dry-run", "--catalog", "catalog"]
                files = {f"catalog/{path}": content for path, content in self.registry.items()}
                yield f"import {source}", f"real: {path.name}", command, files | {"catalog/providers/.keep": "", "evidence/.keep": ""}

    def evidence(self):
        registry = {f"catalog/{path}": content for path, content in self.registry.items()} | {"catalog/providers/.keep": ""}
        texts = dict(json_texts(self.size))
        head = '{"provider":"openai","facts":{}}\n'
        fact = '"name":[["M","litellm@2026-10-01"]]'
        texts["models"] = head + counted('{"model":"m#","facts":{%s}}\n' % fact, self.size)
        texts["models below the limit"] = head + counted('{"model":"m#","facts":{%s}}\n' % fact, self.size, 19_900)
        texts["values"] = head + '{"model":"m","facts":{"name":[' + counted('["M#","litellm@2026-10-01"],', self.size)[:-1] + "]}}\n"
        texts["sources"] = head + '{"model":"m","facts":{"name":[["M"' + counted(',"s#@2026-10-01"', self.size) + "]]}}\n"
        texts["facts"] = head + '{"model":"m","facts":{' + counted('"input@above=#":[[1,"litellm@2026-10-01"]],', self.size)[:-1] + "}}\n"
        texts["aliases"] = head + "".join('{"model":"m%d","facts":{"alias_of":[["m%d","litellm@2026-10-01"]]}}\n' % (n, n + 1) for n in range(self.size // 70))
        for name, text in texts.items():
            command = ["reconcile", "--dry-run", "--catalog", "catalog"]
            yield "reconcile", name, command, registry | {"evidence/openai.jsonl": text, "evidence/snapshots.json": "{}"}
        for name in ("open lists", "many keys", "many objects", "one text"):
            command = ["reconcile", "--dry-run", "--catalog", "catalog"]
            yield "reconcile snapshots.json", name, command, registry | {"evidence/snapshots.json": texts[name]}

    def cost(self):
        for name, text in list(json_texts(self.size)) + list(usage_texts(self.size)):
            yield "cost --usage", name, ["cost", "--usage", "usage.jsonl"], {"usage.jsonl": text}

    def audit(self):
        for name, path, text in audit_texts(self.size):
            yield "audit", name, ["audit", path], {path: text}
            if name in ("retired models", "limits", "references"):
                yield "audit, JSON report", name, ["audit", path, "--format", "json"], {path: text}
                yield "audit --write-baseline", name, ["audit", path, "--write-baseline", "known.json"], {path: text}
        for name, text in yaml_texts(self.size):
            yield "audit of YAML", name, ["audit", "a.yaml"], {"a.yaml": text}
        for name, text in json_texts(self.size):
            yield "audit of JSON", name, ["audit", "a.json"], {"a.json": text}
            yield "audit --baseline", name, ["audit", "a.txt", "--baseline", "known.json"], {"a.txt": "gpt-4-32k\n", "known.json": text}
        entry = '{"path":"a.txt","code":"retired-model","text":"m#","count":1},'
        text = '{"version":1,"findings":[' + counted(entry, self.size)[:-1] + "]}"
        yield "audit --baseline", "entries", ["audit", "a.txt", "--baseline", "known.json"], {"a.txt": "gpt-4-32k\n", "known.json": text}
        for name, text in (("patterns", counted("a#/**/b\n", self.size)), ("stars", repeated("*", self.size)), ("lists", repeated("[a]", self.size))):
            yield "audit .modeldexignore", name, ["audit", "."], {"a.txt": "gpt-4-32k\n", ".modeldexignore": text}

    def files(self):
        below = [(f"{name}, 1 MB", text) for name, text in json_texts(min(self.size, 1_000_000))]
        below.append(("vars, 1 MB", '{"env":{"vars":{' + counted('"K#":"x",', 1_000_000) + '"Z":"x"}}}'))
        below.append(("unknown keys of providers, 1 MB", '{"providers":{' + counted('"p#":{"a":1,"b":1,"c":1},', 1_000_000) + '"z":{}}}'))
        for name, text in [*json_texts(self.size), *below]:
            yield "config list", name, ["config", "list"], {"config.json": text}
        entries = '{"models":{"providers":{"openai":{%s}}}}'
        below.append(("keys of a provider, 1 MB", entries % (counted('"k#":1,', 1_000_000) + '"z":1')))
        below.append(("models, 1 MB", entries % ('"models":[' + counted('{"id":"m#"},', 1_000_000) + "{}]")))
        below.append(("one model, 1 MB", entries % ('"models":[' + repeated('{"id":"gpt-5.5"},', 1_000_000) + "{}]")))
        below.append(("models with many keys, 1 MB", entries % ('"models":[' + repeated('{"id":"gpt-5.5",' + counted('"k#":1,', 4_000) + '"z":1},', 1_000_000) + "{}]")))
        for name, text in [*json_texts(self.size), *below]:
            command = ["emit", "openclaw", "--provider", "openai", "--apply", "openclaw.json", "--dry-run"]
            yield "emit openclaw --apply", name, command, {"openclaw.json": text}
        for name, text in below[:-4]:
            yield "config set", name, ["config", "set", "default_model", "openai/gpt-5.5"], {"config.json": text}
        for name, text in list(yaml_texts(self.size))[:12]:
            yield "models list --overlay", name, ["models", "list", "--overlay", "overlay"], {"overlay/providers/acme.yaml": text}
        text = "name: Acme\nmodels:\n" + counted("  - {id: m#}\n", self.size)
        yield "diff", "models", ["diff", "one", "two"], {"one/providers/acme.yaml": text, "two/providers/acme.yaml": text.replace("m1", "n1")}

    def client(self):
        provider = (
            f"name: Acme\nendpoints:\n  - {{base_url: '{self.server.url}', api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [ACME_API_KEY]}}\n"
            "models:\n  - id: m\n"
        )
        files = {"catalog/providers/acme.yaml": provider}
        request = ["--catalog", "catalog", "--retries", "0", "--timeout", "60"]
        send = ["message", "send", "--model", "acme/m", "--message", "Hello", *request]
        for name, text in stream_texts(self.size):
            self.server.set("text/event-stream", text)
            yield "message send, stream", name, send, files
            if "part" in name or "usage" in name:
                self.server.set("text/event-stream", text)
                yield "message send --json, stream", name, [*send, "--json"], files
        # Whole responses have a limit of 8 MiB.
        for name, text in response_texts(min(self.size, 8_000_000)):
            self.server.set("application/json", text)
            yield "message send --no-stream", name, [*send, "--no-stream"], files
            if name in ("one text", "empty lists", "spaces", "lines"):
                self.server.set("", text)
                yield "message send, unknown content type", name, send, files
        for name, text in stream_texts(100_000_000):
            if name in ("line ends", "comments", "empty events", "short parts", "long parts of references", "spaces in events"):
                self.server.set("text/event-stream", gzip.compress(text.encode(), 1), encoding="gzip")
                yield "message send, stream, gzip", name, send, files
        bombs = ("zeros", "\0"), ("spaces", " "), ("lists", "[],"), ("line ends", "\n")
        for name, unit in bombs:
            self.server.set("application/json", gzip.compress(repeated(unit, 100_000_000).encode(), 9), encoding="gzip")
            yield "message send --no-stream, gzip", name, [*send, "--no-stream"], files
            yield "probe, gzip", name, ["probe", "acme", *request], files
        for name, text in list_texts(min(self.size, 8_000_000)):
            self.server.set("application/json", text)
            yield "probe", name, ["probe", "acme", *request], files
            if name in ("models", "models below the limit", "one id", "long ids"):
                yield "probe --json", name, ["probe", "acme/m", "--json", *request], files
        for name, text in error_texts(self.size):
            for status in (401, 404, 500):
                self.server.set("application/json", text, status)
                yield f"message send, status {status}", name, send, files
                yield f"probe, status {status}", name, ["probe", "acme", *request], files


def write(folder, files):
    for path, content in files.items():
        path = folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def launch():
    """Runs the commands that standard input names, a JSON object each. A process of its own, because the memory of a child includes that of the
    process that started it."""
    for line in sys.stdin:
        job = json.loads(line)

        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
            resource.setrlimit(resource.RLIMIT_CPU, (TIMEOUT, TIMEOUT))

        with open(job["folder"] + "/stdout", "wb") as out, open(job["folder"] + "/stderr", "wb") as err:
            child = subprocess.Popen(
                job["command"], cwd=job["folder"], stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=job["env"], preexec_fn=limit
            )
            timer = threading.Timer(10 * TIMEOUT, child.kill)
            timer.start()
            _, status, usage = os.wait4(child.pid, 0)
            timer.cancel()
            child.returncode = status
        # Processor time, because other programs may run on the machine at the same time.
        print(json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)]), flush=True)


def measure(launcher, program, command, folder):
    """Runs a command and returns seconds, megabytes, exit status and the first line of its error output."""
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MODELDEX_CONFIG": str(folder / "config.json"), "HOME": str(folder), "ACME_API_KEY": KEY}
    print(json.dumps({"command": [program, *command], "folder": str(folder), "env": env}), file=launcher.stdin, flush=True)
    seconds, megabytes, status = json.loads(launcher.stdout.readline())
    lines = (folder / "stderr").read_bytes()[:100_000].decode(errors="replace").strip().splitlines() or [""]
    output = (folder / "stdout").stat().st_size + (folder / "stderr").stat().st_size
    return seconds, megabytes, status, output / 1e6, lines[0][:110]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("filters", nargs="*")
    parser.add_argument("--group", action="append", choices=Readers.GROUPS)
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_intermixed_args()
    program, worst, failed = os.path.abspath(options.program), {}, 0
    launcher = subprocess.Popen([sys.executable, __file__, "--launch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    base = tempfile.mkdtemp(prefix="worst-")
    try:
        for number, (reader, name, command, files) in enumerate(Readers(base, int(options.megabytes * 1e6)).runs(options.group)):
            label = f"{reader}: {name}"
            if options.filters and not all(part in label for part in options.filters):
                continue
            folder = Path(base, str(number))
            write(folder, files)
            seconds, megabytes, status, output, line = measure(launcher, program, command, folder)
            shutil.rmtree(folder)
            # `cost` answers each line, so its output grows with the number of lines.
            too_long = output > MAX_OUTPUT and not reader.startswith("cost")
            above = seconds > MAX_SECONDS or megabytes > MAX_MEGABYTES or too_long or status not in (0, 1, 2)
            failed += above
            if above or options.all:
                print(f"{'!' if above else ' '} {label:60} {seconds:6.2f} s {megabytes:7.0f} MB  exit {status:3}  {output:6.1f} MB out  {line}", flush=True)
            old = worst.get(reader, ((0, ""), (0, ""), 0))
            worst[reader] = (max(old[0], (seconds, name)), max(old[1], (megabytes, name)), old[2] + 1)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print("\n| reader | inputs | most seconds | most MB |\n|---|---:|---|---|")
    for reader, (seconds, megabytes, count) in worst.items():
        print(f"| {reader} | {count} | {seconds[0]:.2f} ({seconds[1]}) | {megabytes[0]:.0f} ({megabytes[1]}) |")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(launch() if sys.argv[1:] == ["--launch"] else main())
