"""Has LiteLLM fetch the emitted price map in place of its own, and prices the same usages with it and with `modeldex cost`.

prices.py MODELDEX AT    LITELLM_MODEL_COST_MAP_URL is where the map is.
"""

import json
import subprocess
import sys
import urllib.request
from collections import Counter
from os import environ

import litellm
from litellm.cost_calculator import cost_per_token
from litellm.litellm_core_utils.get_model_cost_map import get_model_cost_map_source_info
from litellm.types.utils import PromptTokensDetailsWrapper, Usage

modeldex, at = sys.argv[1:]
litellm.suppress_debug_info = True
with urllib.request.urlopen(environ["LITELLM_MODEL_COST_MAP_URL"]) as answer:
    emitted = json.load(answer)

# (input, cache_read, cache_write, output): short, across the steps that are usual, and beyond all of them.
USAGES = [(1_000, 400, 100, 50), (100_000, 30_000, 20_000, 5_000), (300_000, 1_000, 150_000, 20_000), (900_000, 0, 0, 1)]
TIERS = [None, "priority", "flex"]

# What LiteLLM does by itself, whatever the map says.
OWN_WAYS = {
    "huggingface": "it takes every model of Hugging Face for free",
    "perplexity": "it knows no cache at Perplexity",
}


lower = {key.lower() for key in emitted}


def own_way(key, row, tier, read):
    route = row["litellm_provider"]
    if route in OWN_WAYS:
        return OWN_WAYS[route]
    if tier and route in {"fireworks_ai", "dashscope", "deepseek", "perplexity", "xai", "lemonade", "tencent"}:
        return "it knows no classes of service there"
    if tier == "flex" and any("_above_" in field and field.endswith("_flex") and "_above_272k_" not in field for field in row):
        return "it knows no step of flex but that at 272,000"
    if route == "fireworks_ai" and read and "cache_read_input_token_cost" not in row:
        return "it halves the price of a cache at Fireworks where none is given"
    if key.removeprefix(f"{route}/").lower() in lower:
        return "it takes an id that begins with its route for another"
    if not row["input_cost_per_token"] and not row["output_cost_per_token"]:
        return "it takes what costs nothing to read and write for free, cached or not"
    if any("_above_" in field for field in row) and route in {"dashscope", "qwen_ai_platform"} and "tiered_pricing" not in row:
        return "it knows the steps of Alibaba in one form alone, `tiered_pricing`"
    return None


def main():
    source = get_model_cost_map_source_info()
    assert source["source"] == "remote", f"LiteLLM does not take the emitted map: {source['fallback_reason']}"
    assert litellm.model_cost.keys() == emitted.keys(), "LiteLLM has other models than the emitted map"
    calls = []
    for key, row in emitted.items():
        if row["mode"] != "chat" or not {"input_cost_per_token", "output_cost_per_token"} <= row.keys():
            continue
        for tier in TIERS:
            if tier is None or f"input_cost_per_token_{tier}" in row:
                calls.extend((key, tier, usage) for usage in USAGES)
    lines = [
        {"model": key, "at": at, "tier": tier or "standard", "usage": {"input": total, "cache_read": read, "cache_write": write, "output": out}}
        for key, tier, (total, read, write, out) in calls
    ]
    ran = subprocess.run([modeldex, "cost", "--usage", "-", "--no-summary"], input="\n".join(map(json.dumps, lines)), capture_output=True, text=True)
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(said) == len(calls), ran.stderr[-500:]

    counts, apart, wrong = Counter(), Counter(), []
    for (key, tier, (total, read, write, out)), expected in zip(calls, said):
        row = emitted[key]
        details = PromptTokensDetailsWrapper(cached_tokens=read, cache_creation_tokens=write)
        usage = Usage(
            prompt_tokens=total, completion_tokens=out, total_tokens=total + out, prompt_tokens_details=details,
            cache_read_input_tokens=read, cache_creation_input_tokens=write,
        )  # fmt: skip
        amount = sum(cost_per_token(model=key, custom_llm_provider=row["litellm_provider"], usage_object=usage, service_tier=tier))
        conditions = [line.get("condition", {}) for line in expected.get("lines", [])]
        if "error" not in expected and abs(amount - float(expected["amount"])) <= 1e-9 * max(amount, 1e-9):
            counts["same"] += 1
        elif way := own_way(key, row, tier, read):
            apart[way] += 1
        elif any({"hours", "days", "region"} & condition.keys() for condition in conditions):
            apart["the map has no place for prices by the hour or region"] += 1
        elif any(condition.get("above", 0) % 1_000 for condition in conditions):
            apart["the map has no word for such a length"] += 1
        else:
            wrong.append(f"{key} {tier or ''} {total}/{read}/{write}/{out}: {amount}, and modeldex says {json.dumps(expected)}")
    for each in wrong[:20]:
        print(f"wrong: {each}", file=sys.stderr)
    for way, count in apart.most_common():
        print(f"{count} not compared: {way}")
    routes = {row["litellm_provider"] for row in emitted.values()}
    known = {getattr(provider, "value", provider) for provider in litellm.provider_list}
    print(f"{len(routes & known)} of {len(routes)} providers are routes that LiteLLM calls by itself")
    if wrong:
        sys.exit(f"{len(wrong)} of {len(calls)} prices are wrong")
    models = len({key for key, _, _ in calls})
    print(f"all {len(emitted)} rows of the price map taken, {counts['same']} prices of {models} models equal")


main()
