"""Loads what `modeldex emit sql` wrote into four databases, prices a log with the SQL of docs/warehouse.md, and compares every amount.

prices.py MODELDEX MODELS_SQL WAREHOUSE_MD WORK [PSQL_ARGUMENT...]
"""

import json
import random
import re
import sqlite3
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

modeldex, models_sql, warehouse, work, *psql = sys.argv[1:]
work = Path(work)
emitted = Path(models_sql).read_text()
blocks = dict(re.findall(r"<!-- (\w+) -->\n```sql\n(.*?)```", Path(warehouse).read_text(), re.S))
SINGLES = ["request", "image", "web_search"]
INPUTS = ["cache_read", "cache_write", "cache_write_1h", "input_audio", "input_image"]
OUTPUTS = ["reasoning", "output_audio", "output_image"]
COLUMNS = {"input": "input_tokens", "output": "output_tokens", "request": "requests", "image": "images", "web_search": "web_searches"}
COLUMNS |= {meter: f"{meter}_tokens" for meter in INPUTS + OUTPUTS}


def column_names():
    return re.findall(r"^  (\w+) (?:BIGINT|VARCHAR|TIMESTAMP)", blocks["log"], re.M)


def a_log(database):
    """A log that names every id and alias of the catalog, with every class of service, length and date at which a price changes."""
    chance = random.Random(1)
    rows = []
    ids = database.execute("SELECT provider, id, model FROM modeldex_ids ORDER BY provider, id").fetchall()
    bands = {}
    for band in database.execute(
        "SELECT provider, model, service_tier, above_input_tokens, up_to_input_tokens, valid_from, valid_until, input_rate, output_rate,"
        " cache_read_rate, cache_write_rate, cache_write_1h_rate, input_audio_rate, output_audio_rate, input_image_rate,"
        " output_image_rate, image_rate, web_search_rate FROM modeldex_prices"
    ):
        bands.setdefault(band[:2], []).append(band[2:])
    for provider, name, model in ids:
        own = bands.get((provider, model), [])
        cases = [(None, None, None)] + [(band, at, length) for band in own for at, length in edges(band)]
        for band, at, length in cases[:40]:
            total = length if length is not None else chance.choice([0, 1, 999, 40_000, 260_000])
            usage = {"input": total, "output": chance.choice([0, 7, 5_000])}
            parts = chance.sample(INPUTS[:2] + (INPUTS[2:] if chance.random() < 0.2 else []), k=chance.choice([0, 1, 2]))
            for part in parts:
                usage[part] = chance.randrange(0, total // 3 + 1)
            for part in chance.sample(OUTPUTS, k=1) if chance.random() < 0.3 else []:
                usage[part] = chance.randrange(0, usage["output"] + 1)
            usage["request"] = chance.choice([0, 1, 1, 1, 3])
            if chance.random() < 0.05:
                usage[chance.choice(["image", "web_search"])] = 2
            tier = band[0] if band else chance.choice(["standard", "standard", "batch", "flex", "priority", "fast"])
            at = at or chance.choice(["2024-02-29 12:00:00", "2026-08-16 13:30:00", "2027-01-01 00:00:00"])
            rows.append((provider, name, at, tier, {meter: count for meter, count in usage.items() if count}))
    return rows


def edges(band):
    """Just inside of a row of prices, at all its corners."""
    _, above, up_to, since, until, *_ = band
    # A price without a first day has the first moment that there is, which is before every log.
    since = max(since, "2001-01-01 00:00:00")
    for length in {above + 1, up_to} - {None}:
        yield since, length
        if until is not None:
            yield until, length


def say_what_modeldex_says(rows):
    lines = "\n".join(
        json.dumps({"model": f"{provider}/{name}", "usage": usage if "request" in usage else usage | {"request": 0},
                    "at": at.replace(" ", "T") + "Z", "tier": tier})
        for provider, name, at, tier, usage in rows
    )
    ran = subprocess.run([modeldex, "cost", "--usage", "-", "--no-summary"], input=lines, capture_output=True, text=True)
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(said) == len(rows), (len(said), len(rows), ran.stderr[-500:])
    return said


def log_sql(rows):
    names = column_names()
    yield blocks["log"]
    values = []
    for number, (provider, name, at, tier, usage) in enumerate(rows):
        known = {"id": number, "used_at": f"'{at}'", "provider": text(provider), "model": text(name), "service_tier": text(tier)}
        known |= {column: usage.get(meter, 0) for meter, column in COLUMNS.items()}
        values.append("(" + ", ".join(str(known[column]) for column in names) + ")")
    for start in range(0, len(values), 1000):
        yield "INSERT INTO usage_log VALUES\n" + ",\n".join(values[start : start + 1000]) + ";"


def text(value):
    return "'" + value.replace("'", "''") + "'"


def in_sqlite():
    database = sqlite3.connect(":memory:")
    database.executescript(emitted)
    return database, f"SQLite {sqlite3.sqlite_version}"


def compare(name, rows, said, answers):
    """Fails at the first amount that is not that of modeldex, and counts the rows that were compared."""
    assert len(answers) == len(rows), (name, len(answers), len(rows))
    counts = {"priced": 0, "unknown": 0, "by the hour or region": 0}
    wrong = []
    for (row, answer), (number, currency, amount) in zip(zip(rows, said), answers):
        conditions = [line.get("condition", {}) for line in answer.get("lines", [])]
        if any({"hours", "days", "region"} & set(condition) for condition in conditions):
            counts["by the hour or region"] += 1
        elif "error" in answer:
            counts["unknown"] += 1
            if amount is not None:
                wrong.append((row, answer, currency, amount))
        else:
            counts["priced"] += 1
            expected = Decimal(answer["amount"])
            same = amount is not None and abs(Decimal(str(amount)) - expected) <= abs(expected) * Decimal("1e-12") + Decimal("1e-15")
            if not same or currency != answer["currency"]:
                wrong.append((row, answer, currency, amount))
    for each in wrong[:5]:
        print(f"{name}: {each}", file=sys.stderr)
    assert not wrong, f"{name}: {len(wrong)} of {len(rows)} amounts are wrong"
    return counts


def main():
    database, sqlite = in_sqlite()
    rows = a_log(database)
    print(f"a log of {len(rows)} rows", flush=True)
    said = say_what_modeldex_says(rows)
    log = list(log_sql(rows))
    shown = []

    def done(name, began, answers):
        counts = compare(name, rows, said, answers)
        print(f"{name}: {time.time() - began:.1f} s, {counts}", flush=True)
        shown.append(name)

    began = time.time()
    database.executescript("\n".join(log))
    done(sqlite, began, database.execute(blocks["join"]).fetchall())

    if psql:
        began = time.time()
        answers = postgres(log)
        version = run_psql("SHOW server_version;").strip().split()[0]
        done(f"PostgreSQL {version}", began, answers)

    began = time.time()
    from chdb import session

    clickhouse = session.Session(str(work / "clickhouse"))
    for statements in [emitted, *log]:
        clickhouse.query(statements)
    lines = str(clickhouse.query(blocks["join"].rstrip().rstrip(";") + "\nFORMAT JSONCompactEachRow")).splitlines()
    answers = [json.loads(line) for line in lines]
    version = str(clickhouse.query("SELECT version() FORMAT TSVRaw")).strip()
    done(f"ClickHouse {version}", began, answers)
    began = time.time()
    import duckdb

    duck = duckdb.connect()
    for statements in [emitted, *log]:
        duck.execute(statements)
    done(f"DuckDB {duckdb.__version__}", began, duck.execute(blocks["join"]).fetchall())

    print(f"the whole catalog and {len(rows)} priced rows in " + ", ".join(shown))


def run_psql(statements):
    command = [*psql, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]
    ran = subprocess.run(command, input=statements, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout


def postgres(log):
    run_psql("BEGIN;\n" + emitted + "COMMIT;\n" + "\n".join(log))
    answers = []
    for line in run_psql(blocks["join"]).splitlines():
        number, currency, amount = line.split("|")
        answers.append((int(number), currency or None, Decimal(amount) if amount else None))
    return answers


main()
