"""Compares what `opencode models --verbose` lists with the api.json that it was given.

compare.py API_JSON LISTED
"""

import json
import sys
from collections import Counter

api, listed = json.load(open(sys.argv[1])), open(sys.argv[2]).read()

# OpenCode takes these for names of other models of the same provider, and lists none of them.
HIDDEN = {"gpt-5-chat-latest": {"openai", "github-copilot", "openrouter"}, "openai/gpt-5-chat": {"openrouter"}}
# OpenCode chooses the package by the model.
OWN_PACKAGE = {"cloudflare-ai-gateway"}


def parse(text):
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        end = text.index("\n", at)
        name = text[at:end]
        value, at = decoder.raw_decode(text, end + 1)
        yield name, value
        while at < len(text) and text[at].isspace():
            at += 1


def expected():
    """Every model that OpenCode can use: it drops what is deprecated and what has no known limits, and needs a key's variable."""
    for provider in api.values():
        for name, model in provider["models"].items():
            limits = model["limit"]
            if model.get("status") == "deprecated" or provider["id"] in HIDDEN.get(name, ()):
                left_out["deprecated or hidden"] += 1
            elif "context" not in limits or "output" not in limits:
                left_out["without known limits"] += 1
            elif not provider["env"]:
                left_out["without a variable for a key"] += 1
            else:
                yield f"{provider['id']}/{name}", provider, model, model.get("cost", {})
                for mode, more in model.get("experimental", {}).get("modes", {}).items():
                    yield f"{provider['id']}/{name}-{mode}", provider, model, model.get("cost", {}) | more.get("cost", {})


def facts_of_listed(model):
    cost, can = model["cost"], model["capabilities"]
    facts = {
        "input": cost["input"], "output": cost["output"], "cache_read": cost["cache"]["read"], "cache_write": cost["cache"]["write"],
        "steps": [[step["tier"]["size"], step["input"], step["output"], step["cache"]["read"]] for step in cost.get("tiers", [])],
        "url": model["api"]["url"], "npm": model["api"]["npm"], "id": model["api"]["id"], "family": model.get("family"),
        "release_date": model["release_date"],
    }
    facts |= {f"limit.{key}": model["limit"].get(key) for key in ("context", "input", "output")}
    facts |= {key: can[key] for key in ("toolcall", "reasoning", "attachment", "temperature")}
    facts |= {f"{way}.{word}": can[way][word] for way in ("input", "output") for word in WORDS}
    return facts


def facts_of_emitted(provider, model, cost):
    served = model.get("provider", {})
    facts = {key: cost.get(key, 0) for key in ("input", "output", "cache_read", "cache_write")}
    steps = [[step["tier"]["size"], step["input"], step["output"], step.get("cache_read", 0)] for step in cost.get("tiers", [])]
    facts |= {
        "steps": steps, "url": served.get("api") or provider.get("api", ""), "id": model["id"], "family": model.get("family"),
        "npm": served.get("npm") or provider.get("npm", "@ai-sdk/openai-compatible"), "release_date": model.get("release_date", ""),
    }
    facts |= {f"limit.{key}": model["limit"].get(key) for key in ("context", "input", "output")}
    facts |= {key: model.get(key, False) for key in ("reasoning", "attachment", "temperature")} | {"toolcall": model.get("tool_call", True)}
    modalities = model.get("modalities", {})
    facts |= {f"{way}.{word}": word in modalities.get(way, []) for way in ("input", "output") for word in WORDS}
    return facts


WORDS = ("text", "audio", "image", "video", "pdf")
left_out = Counter()
have = dict(parse(listed))
want = {name: (provider, model, cost) for name, provider, model, cost in expected()}
missing, extra = sorted(set(want) - set(have)), sorted(set(have) - set(want))
wrong = []
for name, (provider, model, cost) in want.items():
    if name not in have:
        continue
    emitted, read = facts_of_emitted(provider, model, cost), facts_of_listed(have[name])
    differing = [key for key in emitted if emitted[key] != read[key] and not (key == "npm" and provider["id"] in OWN_PACKAGE)]
    wrong.extend(f"{name}: {key} is {read[key]!r} and not {emitted[key]!r}" for key in differing)
for what, found in (("not listed", missing), ("listed without reason", extra), ("listed wrongly", wrong)):
    for each in found[:5]:
        print(f"{what}: {each}", file=sys.stderr)
    if found:
        sys.exit(f"{len(found)} are {what}")
providers = len({name.split("/")[0] for name in have})
apart = ", ".join(f"{count} {why}" for why, count in sorted(left_out.items()))
print(f"{len(have)} models of {providers} providers listed with the emitted prices, limits, capabilities and addresses; not listed: {apart}")
