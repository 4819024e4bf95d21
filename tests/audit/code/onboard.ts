import { createOpenAI } from "@ai-sdk/openai";
import fetcher from "openai/openai-node4";

export const KIMI_CODING_MODEL_REF = "kimi-coding/k2p5";
const FALLBACK: string =
  "anthropic/claude-opus-4-0";

export function choose(model = "kimi-coding/kimi-k25") {
  if (model === "anthropic/claude-3-opus-20240229") return "new";
  return fetch(`https://api.kimi.com/coding/v1/models/${model}`);
}

export const client = createOpenAI({ baseURL: "https://api.kimi.com/v1", apiKey: process.env.KIMI_API_KEY });
