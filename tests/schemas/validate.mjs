// The published schemas as another validator judges by them: ajv in its strict mode, draft 2020-12, without any keyword or format of ours.
//
// Every schema compiles, every YAML file under catalog/ names its schema and is valid by it, and the cases of tests/diagnostics/ that are about
// the shape of a file are refused, so that an editor underlines what `modeldex check` reports.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import Ajv2020 from "ajv/dist/2020.js";
import { parse } from "yaml";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const schemas = join(root, "schema");
const diagnostics = join(root, "tests/diagnostics");

/** Codes whose faults a schema can see. */
const BY_SCHEMA = [
  "environment-name", "invalid-date", "invalid-rate", "invalid-value", "limit", "missing-key", "too-long", "unknown-currency", "unknown-key",
  "wrong-type",
];

const ajv = new Ajv2020({ strict: true, allErrors: true });

/** The validator of a schema file, compiled once. */
const compiled = new Map();
function validator(path) {
  if (!compiled.has(path)) {
    compiled.set(path, ajv.compile(JSON.parse(readFileSync(path, "utf8"))));
  }
  return compiled.get(path);
}

function yamlFiles(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** The value of a YAML file and what is wrong with it by the schema that its first line names. */
function judge(path) {
  const text = readFileSync(path, "utf8");
  const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text);
  assert.ok(named, `${relative(root, path)}: the first line names no schema`);
  const validate = validator(join(schemas, basename(named[1])));
  const value = parse(text, { maxAliasCount: 0 });
  return { named: resolve(dirname(path), named[1]), value, errors: validate(value) ? [] : validate.errors };
}

/** The value that an error is about. */
function culprit(value, { instancePath }) {
  const keys = instancePath.split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys.reduce((below, key) => below[key], value);
}

test("every schema compiles in strict mode and has the $id of its file", () => {
  const files = readdirSync(schemas).filter((name) => name.endsWith(".schema.json"));
  assert.ok(files.length >= 6, `${files}`);
  for (const name of files) {
    const { $id } = validator(join(schemas, name)).schema;
    assert.ok($id.startsWith("https://") && $id.endsWith(`/schema/${name}`), `${name}: ${$id}`);
  }
});

test("every file under catalog/ names its schema and is valid by it", () => {
  const files = yamlFiles(join(root, "catalog"));
  assert.ok(files.length > 100);
  for (const path of files) {
    const { named, errors } = judge(path);
    assert.equal(dirname(named), schemas, relative(root, path));
    assert.deepEqual(errors.slice(0, 3), [], relative(root, path));
  }
});

test("what check reports about the shape of a file, a validator refuses", () => {
  for (const code of BY_SCHEMA) {
    const refused = yamlFiles(join(diagnostics, code, "catalog")).filter((path) => judge(path).errors.length > 0);
    assert.ok(refused.length > 0, `no file of the case ${code} is refused`);
  }
});

test("dates and hours are held by patterns", () => {
  const { value, errors } = judge(join(diagnostics, "invalid-date/catalog/providers/invalid-date.yaml"));
  const refused = new Set(errors.filter(({ keyword }) => keyword === "pattern").map((error) => culprit(value, error)));
  assert.deepEqual([...refused].sort(), ["2025-13", "2026-01-01T08:00", "25:00", "Asia/Shanghai", "tomorrow"]);
});

test("each word of a vocabulary has its description", () => {
  const endpoint = validator(join(schemas, "provider.schema.json")).schema.properties.endpoints.items.properties;
  assert.ok(endpoint.api.oneOf.length > 5);
  for (const word of endpoint.api.oneOf) {
    assert.ok(word.const && word.description, JSON.stringify(word));
  }
});
