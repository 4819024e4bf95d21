DEFAULT_MODEL = "claude-3-opus-20240229"
answer = client.messages.create(model="claude-3-opus-20240229", max_tokens=1_000_000, messages=[])
PRICES = {"claude-3-opus-20240229": 15.0}
path = "anthropic/claude-3.py"
OLD = {"model": "claude-opus-4-1-20250805", "fallback": "claude-opus-4-20250514"}
NEXT = ["openai/gpt-5.5", "openai/gpt-55", "openai/gpt-5.5-mini:free"]
