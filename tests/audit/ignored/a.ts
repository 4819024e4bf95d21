const a = "kimi-coding/k2p5"; // modeldex-ignore
// modeldex-ignore: legacy-reference
const b = "kimi-coding/k2p5";
// modeldex-ignore: unknown-reference
const c = "kimi-coding/k2p5"; // this one is told
const d = "kimi-coding/k2p5"; // modeldex-ignore: legacy-reference, unknown-reference (a test)
