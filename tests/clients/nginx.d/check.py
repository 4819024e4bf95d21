"""Asks a server of files for every path of an export's manifest, and compares what it answers with the manifest.

check.py URL FOLDER
"""

import gzip
import hashlib
import http.client
import json
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

url, folder = sys.argv[1], Path(sys.argv[2])
files = json.loads((folder / "manifest.json").read_text())["files"]
connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
wrong = []
counts = {"paths": 0, "conditional requests": 0, "compressed": 0, "compressed when asked": 0, "encoded slashes": 0, "aliases of providers": 0}


def ask(path, method="GET", **headers):
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer, answer.read()


def check(path, holds, what):
    if not holds:
        wrong.append(f"{path}: {what}")


def encoded(path, safe="/"):
    return quote(path, safe=safe)


def plain(file):
    path = file["path"]
    headers = {"Accept": "text/html"} if file["file"].endswith(".html") else {}
    answer, body = ask(encoded(path), **headers)
    counts["paths"] += 1
    check(path, answer.status == 200, f"status {answer.status}")
    check(path, hashlib.sha256(body).hexdigest() == file["sha256"], "another body than the export's")
    check(path, (answer.headers["Content-Type"] or "").split(";")[0] == file["type"].split(";")[0], f"type {answer.headers['Content-Type']}")
    check(path, answer.headers["Access-Control-Allow-Origin"] == "*", "no page of another site may read it")
    tag = answer.headers["ETag"]
    check(path, tag, "no tag")
    again, body = ask(encoded(path), If_None_Match=tag or "none", **headers)
    counts["conditional requests"] += 1
    check(path, again.status == 304 and not body, f"status {again.status} to its own tag")
    if counts["paths"] % 100 == 0 and int(file["bytes"]) >= 1024:
        answer, body = ask(encoded(path), Accept_Encoding="gzip", **headers)
        counts["compressed when asked"] += 1
        check(path, answer.headers["Content-Encoding"] == "gzip", "not compressed")
        check(path, hashlib.sha256(gzip.decompress(body)).hexdigest() == file["sha256"], "another body when compressed")
    if path.startswith("/models/") and path.count("/") > 3 and counts["paths"] % 50 == 0:
        provider, rest = path.removeprefix("/models/").split("/", 1)
        answer, body = ask(f"/models/{encoded(provider)}/{encoded(rest, '')}")
        counts["encoded slashes"] += 1
        check(path, hashlib.sha256(body).hexdigest() == file["sha256"], f"status {answer.status} with encoded slashes")


def compressed(file):
    path = file["path"]
    answer, body = ask(encoded(path), Accept_Encoding="gzip")
    counts["compressed"] += 1
    check(path, answer.headers["Content-Encoding"] == "gzip", "not compressed")
    check(path, hashlib.sha256(body).hexdigest() == file["sha256"], "compressed another way than the export did")
    check(path, "accept-encoding" in (answer.headers["Vary"] or "").lower(), "caches are not told that it is there in two ways")


own = {}
for file in files:
    if file["path"].count("/") >= 3 and "type" in file:
        own.setdefault(file["path"].split("/")[2], file)

for file in files:
    # An alias of a provider is a link to its folder.
    if "link" in file:
        if model := own.get(file["link"]):
            path = file["path"] + model["path"].removeprefix(f"/models/{file['link']}/")
            answer, body = ask(encoded(path))
            counts["aliases of providers"] += 1
            check(path, hashlib.sha256(body).hexdigest() == model["sha256"], f"status {answer.status}")
        continue
    if file.get("encoding") == "gzip":
        compressed(file)
    elif "encoding" not in file:
        plain(file)
        if "hashed" in file:
            answer, body = ask("/" + file["hashed"])
            check(file["hashed"], hashlib.sha256(body).hexdigest() == file["sha256"], f"status {answer.status}")
            check(file["hashed"], "immutable" in (answer.headers["Cache-Control"] or ""), "not cached for good")

answer, body = ask("/api.json", Origin="https://example.com")
check("/api.json", answer.headers["Access-Control-Allow-Origin"] == "*", "a page of another site may not read it")
answer, body = ask("/api.json", "OPTIONS", Origin="https://example.com", Access_Control_Request_Method="GET")
check("OPTIONS /api.json", answer.status == 204 and answer.headers["Access-Control-Allow-Origin"] == "*", f"status {answer.status}")
answer, body = ask("/api.json", "HEAD")
check("HEAD /api.json", answer.status == 200 and not body and answer.headers["Content-Length"], f"status {answer.status}")
answer, body = ask("/api.json", "POST")
check("POST /api.json", answer.status == 405, f"status {answer.status}")
connection.close()
answer, body = ask("/models/no/such-model")
check("/models/no/such-model", answer.status == 404 and json.loads(body)["error"]["code"], f"status {answer.status}")

for each in wrong[:10]:
    print(f"wrong: {each}", file=sys.stderr)
if wrong:
    sys.exit(f"{len(wrong)} answers are wrong")
print(", ".join(f"{count} {what}" for what, count in counts.items()) + ", CORS, HEAD, 404 and 405 as they should be")
