// What a user of the whole package writes. It must compile.

import { kimiCoding } from "modeldex-catalog";
import type { LegacyModelAlias, Model, ModelRef, Price, Provider } from "modeldex-catalog";
import { models, provider, type ModelId } from "modeldex-catalog/providers/kimi-coding";

export const ref: ModelRef = "kimi-coding/kimi-k2.5";
export const old: LegacyModelAlias = "kimi-coding/k2p5";
export const id: ModelId = "kimi-k2.5";
export const kimi: Model = models[id];
export const same: Provider = kimiCoding.provider ?? provider;
export const limit: number | undefined = kimi.context_window;
export const thinks: boolean | undefined = kimi.reasoning;

/** Only a metered model has prices, and the compiler knows it. */
export function prices(model: Model): readonly Price[] {
  return model.billing === "metered" ? model.prices : [];
}
