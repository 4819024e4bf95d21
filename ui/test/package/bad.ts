// What must not compile: exactly one error, on the line that says so.

import type { ModelRef } from "modeldex-catalog";

export const good: ModelRef = "kimi-coding/kimi-k2.5";
export const x: ModelRef = "kimi-coding/no-such"; // not in the catalog
