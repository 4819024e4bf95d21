//! Some sources state rates per token instead of rates per million tokens. This module recognizes and converts such rates.

use modeldex_table::{Meter, Rate};

/// Minimum plausible rate: $0.0001 per million tokens. Lower rates of tokens are reported. If this rate were per token, it would be $100 per million
/// tokens. In 2026-11, no rate in the catalog was lower.
const MIN_TOKEN_RATE: Rate = Rate::from_micros(100);

/// Returns whether a rate is so low that it is probably per token, and not per million tokens.
pub(crate) fn is_per_token(meter: Meter, rate: Rate) -> bool {
    counts_tokens(meter) && rate.micros() > 0 && rate < MIN_TOKEN_RATE
}

/// Converts a rate per token to a rate per million tokens. Returns `None` if the meter `key` does not count tokens, if `per_token` is too high for a
/// rate per token, or if the result is not a valid rate.
pub(crate) fn rate_per_million(per_token: f64, key: Option<&str>) -> Option<String> {
    let is_meter_of_tokens = key.and_then(Meter::parse).is_some_and(counts_tokens);
    let rate = format!("{:.6}", per_token * 1e6);
    let rate = rate.trim_end_matches('0').trim_end_matches('.');
    let is_usual = per_token < 0.001 && rate != "0";
    (is_meter_of_tokens && is_usual && Rate::parse(rate).is_ok()).then(|| rate.to_owned())
}

fn counts_tokens(meter: Meter) -> bool {
    meter.per() == 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_per_token() {
        let input = Some("input");
        assert_eq!(rate_per_million(0.0000006, input).as_deref(), Some("0.6"));
        assert_eq!(rate_per_million(0.000_015, input).as_deref(), Some("15"));
        assert_eq!(rate_per_million(0.000_000_000_000_1, input), None);
        assert_eq!(rate_per_million(0.123_456_78, input), None);
        assert_eq!(rate_per_million(0.0000006, Some("request")), None);
        assert_eq!(rate_per_million(0.0000006, None), None);
    }
}
