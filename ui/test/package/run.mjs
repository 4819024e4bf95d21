// The compiled package, as Node resolves it.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as catalog from "modeldex-catalog";
import * as kimiCoding from "modeldex-catalog/providers/kimi-coding";

test("the index and the module of a provider are the same", () => {
  assert.equal(catalog.kimiCoding.models, kimiCoding.models);
});

test("a provider says where it is asked and what its key is called", () => {
  const { endpoints, auth } = kimiCoding.provider;
  assert.equal(endpoints[0].base_url, "https://api.moonshot.cn/v1");
  assert.equal(endpoints[0].api, "openai-completions");
  assert.deepEqual(auth[0].env, ["KIMI_API_KEY"]);
});

test("a model that nobody has priced has no price, and not one of zero", () => {
  const model = kimiCoding.models["kimi-k2.5"];
  assert.equal(model.context_window, 256000);
  assert.equal(model.max_output_tokens, 8192);
  assert.equal(model.billing, "unpriced");
  assert.equal("prices" in model, false);
});

test("a dead id leads to the model it stood for", () => {
  const alias = kimiCoding.aliases.k2p5;
  assert.equal(alias.kind, "legacy");
  assert.ok(alias.target in kimiCoding.models);
});

test("every model stands under its own id and reference", () => {
  let count = 0;
  for (const { provider, models } of Object.values(catalog)) {
    for (const [id, model] of Object.entries(models)) {
      assert.equal(model.id, id);
      assert.equal(model.ref, `${provider.id}/${id}`);
      assert.equal(model.billing === "metered", model.prices !== undefined);
      count += 1;
    }
  }
  assert.ok(count > 0);
});
