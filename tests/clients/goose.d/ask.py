"""Gives each of goose's files to goose, once as it is and once with the host replaced by one on loopback, which is then asked.

goose.d/ask.py FOLDER CATALOG HOST LOG    FOLDER has the files, CATALOG is what `modeldex providers list --json` says, at HOST is
loopback.py, which writes what it is asked into LOG
"""

import asyncio
import json
import os
import pathlib
import sys
from urllib.parse import urlsplit

import goose

KEY = "none"


def addresses(provider):
    """The protocols that goose speaks, with the paths to which they send where the catalog has the provider."""
    for endpoint in provider["endpoints"]:
        path = urlsplit(endpoint["base_url"]).path.rstrip("/")
        match endpoint["api"]:
            case "openai-completions":
                yield "openai", f"{path}/chat/completions"
            case "anthropic-messages":
                yield "anthropic", f"{path}/messages" if path.endswith("/v1") else f"{path}/v1/messages"
            case "ollama":
                yield "ollama", f"{path}/v1/chat/completions"


async def ask(entry, host, model):
    """The models that a provider lists, with their limits, after its host was replaced and it was asked."""
    address = urlsplit(entry["base_url"])
    base_url = address._replace(scheme="http", netloc=host).geturl()
    provider = goose.declarative_provider_from_json(json.dumps(entry | {"base_url": base_url, "dynamic_models": False}))
    known = {info.name: info.context_limit for info in await provider.list_models()}
    message = goose.ProviderMessage(role=goose.MessageRole.USER, content=[goose.MessageContent.TEXT("Hello")])
    await provider.complete(goose.ProviderModelConfig(model_name=model), "", [message], [])
    return known


def check(file, provider, host, log):
    """What goose knows and does of one file; the engine of it, and its number of models."""
    text = file.read_text()
    entry = json.loads(text)
    engine, key = entry["engine"], entry.get("api_key_env")
    assert file.stem == entry["name"], f"goose looks up {entry['name']} in a file of that name"
    if key:
        os.environ[key] = KEY
    goose.declarative_provider_from_json(text)
    written = {model["name"]: model["context_limit"] for model in entry["models"]}
    # Its name alone makes goose speak OpenAI's other protocol to a model, so that one of another name is asked where there is one.
    model = next((name for name in written if "gpt-5" not in name), next(iter(written)))
    before = log.stat().st_size if log.exists() else 0
    known = asyncio.run(ask(entry, host, model))
    assert known == written, f"{len(written)} models were written, and goose knows {len(known)}, or other limits of them"
    with log.open() as lines:
        lines.seek(before)
        request = [json.loads(line) for line in lines][-1]
    expected = [path for protocol, path in addresses(provider) if protocol == engine]
    if "gpt-5" in model:
        expected = [path.replace("/chat/completions", "/responses") for path in expected]
    assert request["path"] in expected, f"it asked {request['path']}, and the catalog has {' or '.join(expected)}"
    assert request["body"]["model"] == model, f"it asked for {request['body']['model']}"
    sent = request["headers"].get("x-api-key") or request["headers"].get("authorization", "").removeprefix("Bearer ")
    assert sent == (KEY if key else ""), f"it sent the key {sent}"
    return engine, len(written)


def main():
    folder, catalog, host, log = sys.argv[1:]
    providers = {provider["id"]: provider for provider in json.loads(pathlib.Path(catalog).read_text())}
    wrong, models, engines = [], 0, {}
    files = sorted(pathlib.Path(folder).glob("*.json"))
    for file in files:
        try:
            engine, count = check(file, providers[file.stem], host, pathlib.Path(log))
        except (AssertionError, goose.GooseError) as error:
            wrong.append(f"{file.stem}: {error}")
            continue
        models += count
        engines[engine] = engines.get(engine, 0) + 1
    if wrong or len(files) < 100:
        sys.exit("\n".join(wrong) or f"only {len(files)} providers were written")
    told = ", ".join(f"{count} {engine}" for engine, count in sorted(engines.items()))
    print(f"{len(files)} providers with {models} models taken, and each asked at its own address ({told})")


main()
