/// The default, `kimi-coding/k2p5`.
pub const DEFAULT: &str = "kimi-coding/kimi-k2.5";
fn limit<'a>(x: &'a str) -> Model { Model { id: "kimi-k2.5", provider: "kimi-coding", context_window: 1_000_000 } }
