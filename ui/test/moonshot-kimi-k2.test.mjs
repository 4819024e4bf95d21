// What the first consumer was promised of `moonshot-kimi-k2.ts`: these names, in this order, with these values.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as data from "../dist/src/data/moonshot-kimi-k2.js";

const exported = [
  "MOONSHOT_KIMI_K2_DEFAULT_ID",
  "MOONSHOT_KIMI_K2_CONTEXT_WINDOW",
  "MOONSHOT_KIMI_K2_MAX_TOKENS",
  "MOONSHOT_KIMI_K2_INPUT",
  "MOONSHOT_KIMI_K2_COST",
  "KIMI_CODING_DEFAULT_ID",
  "KIMI_CODING_CONTEXT_WINDOW",
  "KIMI_CODING_MAX_TOKENS",
  "KIMI_CODING_INPUT",
  "KIMI_CODING_COST",
  "MOONSHOT_KIMI_K2_MODELS",
  "MoonshotKimiK2Model",
  "KIMI_CODING_MODELS",
  "KimiCodingModel",
];

const noCost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

test("the file exports these names in this order", async () => {
  const source = await readFile(new URL("../src/data/moonshot-kimi-k2.ts", import.meta.url), "utf8");
  const names = [...source.matchAll(/^export (?:const|type) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(names, exported);
});

test("every constant is `as const`", async () => {
  const source = await readFile(new URL("../src/data/moonshot-kimi-k2.ts", import.meta.url), "utf8");
  const constants = source.match(/^export const /gm)?.length;
  assert.equal(source.match(/ as const;$/gm)?.length, constants);
});

test("the values that only types have are gone at run time", () => {
  assert.deepEqual(Object.keys(data).sort(), exported.filter((name) => name === name.toUpperCase()).sort());
});

for (const prefix of ["MOONSHOT_KIMI_K2", "KIMI_CODING"]) {
  test(`the constants of ${prefix}`, () => {
    assert.equal(data[`${prefix}_CONTEXT_WINDOW`], 256000);
    assert.equal(data[`${prefix}_MAX_TOKENS`], 8192);
    assert.deepEqual(data[`${prefix}_INPUT`], ["text"]);
    assert.deepEqual(Object.entries(data[`${prefix}_COST`]), Object.entries(noCost));
  });
}

test("the default ids are ids of the arrays", () => {
  assert.equal(data.KIMI_CODING_DEFAULT_ID, "kimi-k2.5");
  assert.ok(data.MOONSHOT_KIMI_K2_MODELS.some(({ id }) => id === data.MOONSHOT_KIMI_K2_DEFAULT_ID));
});

test("the Moonshot models, and which of them think", () => {
  assert.deepEqual(
    data.MOONSHOT_KIMI_K2_MODELS.map(({ id, reasoning }) => [id, reasoning]),
    [
      ["kimi-k2-0905-preview", false],
      ["kimi-k2.5", false],
      ["kimi-k2-turbo-preview", false],
      ["kimi-k2-thinking", true],
      ["kimi-k2-thinking-turbo", true],
    ],
  );
  for (const row of data.MOONSHOT_KIMI_K2_MODELS) {
    assert.deepEqual(Object.keys(row), ["id", "name", "alias", "reasoning"]);
    assert.ok(row.name.length > 0 && row.alias.length > 0);
  }
});

test("the one Kimi Coding model", () => {
  const row = { id: data.KIMI_CODING_DEFAULT_ID, name: "Kimi Code K2.5", alias: "Kimi Code K2.5", reasoning: false };
  assert.deepEqual(data.KIMI_CODING_MODELS, [row]);
});
