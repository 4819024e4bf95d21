"""Gives each of goose's files to goose, once as it is and once with the host replaced by a server of this script, which is then asked.

goose.d/ask.py FOLDER CATALOG    FOLDER has the files, CATALOG is what `modeldex providers list --json` says
"""

import asyncio
import json
import os
import pathlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import goose

KEY = "none"
ANSWER = "Hello"
asked = []


class Server(BaseHTTPRequestHandler):
    """Answers every path that ends like one of a protocol, and keeps what was asked."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        asked.append(("GET", self.path, {}))
        self.send_error(404)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("x-api-key") or self.headers.get("Authorization", "").removeprefix("Bearer ")
        asked.append(("POST", self.path, {"model": body.get("model"), "key": key}))
        path = self.path.split("?")[0]
        if path.endswith("/chat/completions"):
            choice = {"index": 0, "delta": {"role": "assistant", "content": ANSWER}, "finish_reason": None}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            common = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
            events = [
                common | {"choices": [choice]},
                common | {"choices": [choice | {"delta": {}, "finish_reason": "stop"}], "usage": usage},
            ]
            text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
        elif path.endswith("/messages"):
            usage = {"input_tokens": 1, "output_tokens": 1}
            message = {"id": "1", "type": "message", "role": "assistant", "model": body["model"], "content": [], "usage": usage}
            events = [
                {"type": "message_start", "message": message},
                {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ANSWER}},
                {"type": "content_block_stop", "index": 0},
                {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage},
                {"type": "message_stop"},
            ]
            text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
        else:
            # No error that goose would try again after a while.
            self.send_error(401)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


def to_ask(names):
    """A model that goose asks by the protocol of the address: to models of these names it speaks OpenAI's other one, wherever they are."""
    return next((name for name in names if "gpt-5" not in name), "another")


def addresses(provider):
    """Where the catalog has a provider, as the paths to which its protocols send."""
    for endpoint in provider["endpoints"]:
        path = urlsplit(endpoint["base_url"]).path.rstrip("/")
        match endpoint["api"]:
            case "openai-completions":
                yield "openai", f"{path}/chat/completions"
            case "anthropic-messages":
                yield "anthropic", f"{path}/messages" if path.endswith("/v1") else f"{path}/v1/messages"
            case "ollama":
                yield "ollama", f"{path}/v1/chat/completions"


async def ask(text, host, model):
    """What a provider lists, takes as the limit of a model, and answers, with its host replaced."""
    entry = json.loads(text)
    address = urlsplit(entry["base_url"])
    entry["base_url"] = address._replace(scheme="http", netloc=host).geturl()
    provider = goose.declarative_provider_from_json(json.dumps(entry | {"dynamic_models": False}))
    known = {info.name: info.context_limit for info in await provider.list_models()}
    asked.clear()
    message = goose.ProviderMessage(role=goose.MessageRole.USER, content=[goose.MessageContent.TEXT("Hello")])
    await provider.complete(goose.ProviderModelConfig(model_name=model), "", [message], [])
    return known


def main():
    folder, catalog = sys.argv[1:]
    providers = {provider["id"]: provider for provider in json.loads(pathlib.Path(catalog).read_text())}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    wrong, models, engines = [], 0, {}
    files = sorted(pathlib.Path(folder).glob("*.json"))
    for file in files:
        text = file.read_text()
        entry = json.loads(text)
        name, engine = entry["name"], entry["engine"]
        if file.stem != name:
            wrong.append(f"{file.name}: its name is {name}, and goose looks it up by that")
        if entry.get("api_key_env"):
            os.environ[entry["api_key_env"]] = KEY
        model = to_ask([model["name"] for model in entry["models"]])
        try:
            goose.declarative_provider_from_json(text)
            known = asyncio.run(ask(text, host, model))
        except goose.GooseError as error:
            wrong.append(f"{name}: {error}; asked: {asked}")
            continue
        written = {written["name"]: written["context_limit"] for written in entry["models"]}
        if known != written:
            wrong.append(f"{name}: {len(written)} models were written, and goose knows {len(known)}, or other limits of them")
        expected = [path for protocol, path in addresses(providers[name]) if protocol == engine]
        method, path, request = asked[-1]
        key = KEY if entry.get("api_key_env") else ""
        if method != "POST" or path not in expected:
            wrong.append(f"{name}: it asked {method} {path}, and the catalog has {' or '.join(expected)}")
        elif (request["model"], request["key"]) != (model, key):
            wrong.append(f"{name}: it asked for {request['model']} with the key {request['key']}")
        models += len(written)
        engines[engine] = engines.get(engine, 0) + 1
    if wrong or len(files) < 100:
        sys.exit("\n".join(wrong) or f"only {len(files)} providers were written")
    told = ", ".join(f"{count} {engine}" for engine, count in sorted(engines.items()))
    print(f"{len(files)} providers with {models} models taken, and each asked at its own address ({told})")


main()
