"""Asks a LiteLLM proxy for its models, and compares them with the configuration it was started with.

proxy.py URL CONFIG_YAML [--ready]    With --ready it only says whether the proxy answers.
"""

import json
import sys
import urllib.request

import yaml

url, config, *ready = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(path):
    request = urllib.request.Request(url + path, headers={"Authorization": "Bearer sk-none"})
    with opener.open(request, timeout=60) as answer:
        return json.load(answer)["data"]


if ready:
    get("/v1/models")
    sys.exit()

with open(config) as file:
    wanted = yaml.load(file, yaml.CSafeLoader)["model_list"]
listed = {model["id"] for model in get("/v1/models")}
names = {deployment["model_name"] for deployment in wanted}
assert listed == names, f"not listed: {sorted(names - listed)[:5]}; not asked for: {sorted(listed - names)[:5]}"

# What it knows of a deployment: where requests go, and what they cost.
known = {}
for deployment in get("/v1/model/info"):
    known.setdefault(deployment["model_name"], []).append(deployment)
wrong = []
for deployment in wanted:
    for field, value in deployment["model_info"].items():
        if field.endswith("_tokens") and isinstance(value, int) or "_cost" in field and not isinstance(value, (list, dict)):
            found = [other["model_info"].get(field) for other in known[deployment["model_name"]]]
            if not any(other is not None and float(other) == float(value) for other in found):
                wrong.append(f"{deployment['model_name']}: {field} is {found} and not {value}")
    for field in ("model", "api_base"):
        value = deployment["litellm_params"].get(field)
        if value and value not in [other["litellm_params"].get(field) for other in known[deployment["model_name"]]]:
            wrong.append(f"{deployment['model_name']}: {field} is not {value}")
for each in wrong[:10]:
    print(f"wrong: {each}", file=sys.stderr)
if wrong:
    sys.exit(f"{len(wrong)} facts are wrong")
print(f"its proxy lists {len(names)} models of a selection with their prices and limits")
