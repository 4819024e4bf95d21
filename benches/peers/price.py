"""What modeldex's peers make of the same lines of usage: how many they can price, how many a second, and how often the amounts agree.

Called by `benches/peers/run`, which writes the lines, installs the peers and knows where modeldex is.
"""

import json
import os
import resource
import subprocess
import sys
import time
from datetime import datetime
from decimal import Decimal

# The peers' own data, as it was packaged: nothing is fetched.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402
from genai_prices import Usage, calc_price  # noqa: E402

# It tells each model that it does not know on stdout.
litellm.suppress_debug_info = True

LITELLM = {"google": "gemini"}
GENAI = {"xai": "x-ai"}


def counts(row):
    """Input with everything in it, of that read from and written to a cache; output with thinking in it, and the thinking."""
    usage, api = row["usage"], row.get("api")
    if api is None:
        return usage["input"], usage["cache_read"], 0, usage["output"], usage["reasoning"]
    if api == "openai-completions":
        read, thought = usage["prompt_tokens_details"]["cached_tokens"], usage["completion_tokens_details"]["reasoning_tokens"]
        return usage["prompt_tokens"], read, 0, usage["completion_tokens"], thought
    if api == "openai-responses":
        read, thought = usage["input_tokens_details"]["cached_tokens"], usage["output_tokens_details"]["reasoning_tokens"]
        return usage["input_tokens"], read, 0, usage["output_tokens"], thought
    if api == "anthropic-messages":
        read, written = usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]
        return usage["input_tokens"] + read + written, read, written, usage["output_tokens"], 0
    thought = usage["thoughtsTokenCount"]
    return usage["promptTokenCount"], usage["cachedContentTokenCount"], 0, usage["candidatesTokenCount"] + thought, thought


def for_litellm(row):
    provider, model = row["model"].split("/", 1)
    prompt, read, written, completion, thought = counts(row)
    usage = litellm.Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=prompt + completion,
        reasoning_tokens=thought,
        cache_read_input_tokens=read,
        cache_creation_input_tokens=written,
    )
    return model, LITELLM.get(provider, provider), usage


def by_litellm(asked):
    model, provider, usage = asked
    return sum(litellm.cost_per_token(model=model, custom_llm_provider=provider, usage_object=usage))


def for_genai(row):
    provider, model = row["model"].split("/", 1)
    prompt, read, written, completion, _ = counts(row)
    usage = Usage(input_tokens=prompt, cache_read_tokens=read, cache_write_tokens=written, output_tokens=completion)
    return model, GENAI.get(provider, provider), usage, datetime.fromisoformat(row["at"])


def by_genai(asked):
    model, provider, usage, at = asked
    return calc_price(usage, model_ref=model, provider_id=provider, genai_request_timestamp=at).total_price


def priced(price, asked):
    try:
        amount = price(asked)
    except Exception:  # A model that a peer does not know is an error of its own kind in each.
        return None
    return Decimal(str(amount))


def peer(lines, prepare, price):
    """Amounts, seconds from line to amount, and seconds for the prices alone."""
    start = time.process_time()
    amounts = [priced(price, prepare(json.loads(line))) for line in lines]
    whole = time.process_time() - start
    # A failure costs more than a price, so those that have none are left out of the second measurement.
    asked = [prepare(json.loads(line)) for line, amount in zip(lines, amounts) if amount is not None]
    start = time.process_time()
    for one in asked:
        price(one)
    return amounts, whole, (time.process_time() - start) / max(len(asked), 1)


def modeldex(program, path):
    """Amounts, and the processor time of the whole process, which starts, reads, prices and writes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [program, "cost", "--usage", path, "--jobs", "1", "--no-summary"]
    answers = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return [Decimal(amount) if (amount := json.loads(line).get("amount")) else None for line in answers.splitlines()], seconds


def agreement(ours, theirs):
    """Of the lines that both can price, how many come to the same amount; a billionth apart is rounding of their floats."""
    both = [(a, b) for a, b in zip(ours, theirs) if a is not None and b is not None]
    same = sum(abs(a - b) <= max(abs(a), abs(b)) * Decimal("1e-9") for a, b in both)
    return same, len(both)


def main():
    program, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    ours, seconds = modeldex(program, path)
    print(f"{len(lines):,} lines, processor time of one core")
    print("| what | priced | lines a second | to modeldex | price alone | agrees |")
    print("|---|---:|---:|---:|---:|---:|")
    priced_by_us = sum(amount is not None for amount in ours)
    print(f"| modeldex | {priced_by_us:,} | {len(lines) / seconds:,.0f} | 1 | | |")
    for name, prepare, price in (("litellm", for_litellm, by_litellm), ("genai-prices", for_genai, by_genai)):
        amounts, whole, alone = peer(lines, prepare, price)
        same, both = agreement(ours, amounts)
        could = sum(amount is not None for amount in amounts)
        rate = len(lines) / whole
        agrees = f"{same:,} of {both:,}, {same / max(both, 1):.1%}"
        print(f"| {name} | {could:,} | {rate:,.0f} | 1/{len(lines) / seconds / rate:,.0f} | {alone * 1e6:,.1f} µs | {agrees} |")


main()
