"""Compares what aichat lists with what was written for it, and asks some of its clients after their hosts were replaced.

aichat.d/ask.py AICHAT FOLDER CATALOG HOST LOG    FOLDER is the configuration, CATALOG is what `modeldex providers list --json` says, at
HOST is loopback.py, which writes what it is asked into LOG
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

KEY = "none"
# Of so many clients one is asked; all are written the same way.
EVERY = 10


def run(folder, *arguments, **variables):
    """What aichat prints, with no setting but those of `folder`."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(home), "AICHAT_CONFIG_DIR": str(folder), "NO_PROXY": "127.0.0.1"}
    environment |= {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"} | variables
    done = subprocess.run(arguments, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=home, timeout=60)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)} failed: {done.stderr[-2000:]}")
    return done.stdout


def items(text, indent):
    """The parts of a list in YAML that begin with a dash at `indent`."""
    return re.split(rf"^{' ' * indent}- ", text, flags=re.MULTILINE)[1:]


def word(text, key):
    """A text in YAML, as a plain word or in quotes; `None` where the key is missing."""
    found = re.search(rf"^\s*{key}: (.*)$", text, flags=re.MULTILINE)
    return found and unquoted(found[1])


def unquoted(text):
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def written(folder):
    """The references of the models for conversation, and how many others were written."""
    references, others = [], 0
    for provider in items((folder / "models-override.yaml").read_text(), 0):
        client = word("provider: " + provider.partition(": ")[2], "provider")
        for model in items(provider, 2):
            kind = word(model, "type")
            if kind is None or kind == "chat":
                references.append(f"{client}:{word(model, 'name')}")
            else:
                others += 1
    return references, others


def main():
    aichat, folder, catalog, host, log = sys.argv[1:]
    folder, log = pathlib.Path(folder), pathlib.Path(log)
    references, others = written(folder)
    listed = run(folder, aichat, "--list-models").splitlines()
    if sorted(listed) != sorted(references):
        missing, more = set(references) - set(listed), set(listed) - set(references)
        sys.exit(f"{len(missing)} models are not listed: {sorted(missing)[:10]}; {len(more)} were not written: {sorted(more)[:10]}")

    # The same configuration, with the hosts replaced.
    there = folder.with_name("loopback")
    shutil.copytree(folder, there)
    config = there / "config.yaml"
    config.write_text(re.sub(r"(api_base: )https?://[^/\s]+", rf"\1http://{host}", config.read_text()))
    paths = {}
    for provider in json.loads(pathlib.Path(catalog).read_text()):
        name = re.sub(r"[^A-Za-z0-9]", "_", provider["id"])
        paths[name] = {urlsplit(endpoint["base_url"]).path.rstrip("/") + "/chat/completions" for endpoint in provider["endpoints"]}
    first = {}
    for reference in references:
        first.setdefault(reference.partition(":")[0], reference)
    asked = sorted(first)[::EVERY]
    for client in asked:
        model = first[client]
        answer = run(there, aichat, "--no-stream", "--model", model, "Hello", **{f"{client.upper()}_API_KEY": KEY})
        request = json.loads(log.read_text().splitlines()[-1])
        sent = (request["body"]["model"], request["headers"].get("authorization"))
        if request["path"] not in paths[client] or sent != (model.partition(":")[2], f"Bearer {KEY}") or not answer.strip():
            sys.exit(f"{model}: it asked {request['path']} for {sent}, and the catalog has {' or '.join(sorted(paths[client]))}")
    print(f"{len(listed)} models of {len(first)} clients listed, all that were written beside {others} of other kinds; {len(asked)} clients asked")


main()
