#!/usr/bin/env python3
# A server on this machine that stands in for a provider, so that a client can be seen to send what its configuration says.
#
# loopback.py PORT_FILE LOG_FILE    writes the port that it listens on into PORT_FILE, and a line of JSON for each request into LOG_FILE
#
# It answers a chat completion of OpenAI's protocol, in one piece or as a stream of events, a message of Anthropic's and a response of
# OpenAI's newer protocol, and refuses everything else with 404, as a provider does when a base URL is wrong. It needs python3 alone.
import http.server
import json
import os
import sys

ANSWER = "pong"


def chat(model, stream):
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
    if not stream:
        message = {"role": "assistant", "content": ANSWER}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return [(None, {"id": "c1", "object": "chat.completion", "created": 1, "model": model, "choices": [choice], "usage": usage})]

    def chunk(delta, finish, **more):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return None, {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice], **more}

    return [chunk({"role": "assistant", "content": ""}, None), chunk({"content": ANSWER}, None), chunk({}, "stop", usage=usage), "[DONE]"]


def message(model, stream):
    head = {"id": "m1", "type": "message", "role": "assistant", "model": model, "content": [], "stop_reason": None, "stop_sequence": None}
    text = {"type": "text", "text": ANSWER}
    if not stream:
        return [(None, {**head, "content": [text], "stop_reason": "end_turn", "usage": {"input_tokens": 9, "output_tokens": 1}})]
    events = [
        {"type": "message_start", "message": {**head, "usage": {"input_tokens": 9, "output_tokens": 0}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ANSWER}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]
    return [(event["type"], event) for event in events]


def response(model, stream):
    part = {"type": "output_text", "text": ANSWER, "annotations": []}
    item = {"type": "message", "id": "i1", "role": "assistant", "status": "completed", "content": [part]}
    usage = {
        "input_tokens": 9,
        "output_tokens": 1,
        "total_tokens": 10,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    head = {"id": "r1", "object": "response", "created_at": 1, "model": model}
    whole = {**head, "status": "completed", "output": [item], "usage": usage}
    if not stream:
        return [(None, whole)]
    place = {"item_id": "i1", "output_index": 0, "content_index": 0}
    empty = {**part, "text": ""}
    events = [
        {"type": "response.created", "response": {**head, "status": "in_progress", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress", "content": []}},
        {"type": "response.content_part.added", **place, "part": empty},
        {"type": "response.output_text.delta", **place, "delta": ANSWER},
        {"type": "response.output_text.done", **place, "text": ANSWER},
        {"type": "response.content_part.done", **place, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]
    return [(event["type"], {**event, "sequence_number": number}) for number, event in enumerate(events)]


ANSWERS = {"/chat/completions": chat, "/messages": message, "/responses": response}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.note(None)
        self.send(404, "application/json", b'{"error":{"message":"not found","type":"not_found"}}')

    def do_POST(self):
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(content)
        except ValueError:
            body = content.decode("utf-8", "replace")
        self.note(body)
        path = self.path.partition("?")[0]
        answer = next((answer for end, answer in ANSWERS.items() if path.endswith(end)), None)
        if answer is None or not isinstance(body, dict):
            self.send(404, "application/json", b'{"error":{"message":"not found","type":"not_found"}}')
            return
        stream = body.get("stream") is True
        parts = answer(body.get("model"), stream)
        if not stream:
            self.send(200, "application/json", json.dumps(parts[0][1]).encode())
            return
        text = ""
        for part in parts:
            event, data = (None, part) if isinstance(part, str) else (part[0], json.dumps(part[1]))
            text += (f"event: {event}\n" if event else "") + f"data: {data}\n\n"
        self.send(200, "text/event-stream", text.encode())

    def note(self, body):
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = json.dumps({"method": self.command, "path": self.path, "headers": headers, "body": body})
        with open(log_file, "a", encoding="utf-8") as log:
            log.write(line + "\n")

    def send(self, status, kind, content):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


if len(sys.argv) != 3:
    sys.exit("usage: loopback.py PORT_FILE LOG_FILE")
port_file, log_file = sys.argv[1:]
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
# The port is there whole or not at all for who waits for it.
with open(port_file + ".new", "w", encoding="utf-8") as file:
    file.write(f"{server.server_port}\n")
os.replace(port_file + ".new", port_file)
server.serve_forever()
