// Checked by compiling it: the values are literal types, so a UI that compares them with something else does not compile.

import {
  KIMI_CODING_CONTEXT_WINDOW,
  KIMI_CODING_COST,
  KIMI_CODING_DEFAULT_ID,
  KIMI_CODING_INPUT,
  KIMI_CODING_MAX_TOKENS,
  KIMI_CODING_MODELS,
  MOONSHOT_KIMI_K2_CONTEXT_WINDOW,
  MOONSHOT_KIMI_K2_COST,
  MOONSHOT_KIMI_K2_DEFAULT_ID,
  MOONSHOT_KIMI_K2_INPUT,
  MOONSHOT_KIMI_K2_MAX_TOKENS,
  MOONSHOT_KIMI_K2_MODELS,
  type KimiCodingModel,
  type MoonshotKimiK2Model,
} from "../src/data/moonshot-kimi-k2.js";

/** Whether two types are the same one, and not only assignable to each other. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type NoCost = { readonly input: 0; readonly output: 0; readonly cacheRead: 0; readonly cacheWrite: 0 };
type MoonshotId =
  | "kimi-k2-0905-preview"
  | "kimi-k2.5"
  | "kimi-k2-turbo-preview"
  | "kimi-k2-thinking"
  | "kimi-k2-thinking-turbo";

export const id: "kimi-k2.5" = KIMI_CODING_DEFAULT_ID;
export const first: "kimi-k2.5" = KIMI_CODING_MODELS[0].id;
export const defaultId: MoonshotKimiK2Model["id"] = MOONSHOT_KIMI_K2_DEFAULT_ID;

export const literal: [
  Same<typeof KIMI_CODING_CONTEXT_WINDOW, 256000>,
  Same<typeof KIMI_CODING_MAX_TOKENS, 8192>,
  Same<typeof KIMI_CODING_INPUT, readonly ["text"]>,
  Same<typeof KIMI_CODING_COST, NoCost>,
  Same<typeof MOONSHOT_KIMI_K2_CONTEXT_WINDOW, 256000>,
  Same<typeof MOONSHOT_KIMI_K2_MAX_TOKENS, 8192>,
  Same<typeof MOONSHOT_KIMI_K2_INPUT, readonly ["text"]>,
  Same<typeof MOONSHOT_KIMI_K2_COST, NoCost>,
  Same<MoonshotKimiK2Model["id"], MoonshotId>,
  Same<KimiCodingModel["name"] | KimiCodingModel["alias"], "Kimi Code K2.5">,
  Same<(typeof MOONSHOT_KIMI_K2_MODELS)["length"], 5>,
] = [true, true, true, true, true, true, true, true, true, true, true];

// @ts-expect-error The id that the endpoint does not know is no id of a Kimi Coding model.
export const dead: KimiCodingModel["id"] = "k2p5";
