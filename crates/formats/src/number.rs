//! Rates per token, serialized as floats whose shortest decimal form is the published number.

use modeldex_table::Rate;
use serde::{Serialize, Serializer};

/// A rate per million tokens that is serialized per token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PerToken(pub(crate) Rate);

/// Serializes as a float. A rate has at most 15 digits, so the float's shortest decimal is the published decimal.
impl Serialize for PerToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.micros() {
            0 => serializer.serialize_u64(0),
            micros => serializer.serialize_f64(micros as f64 / 1e12),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serialized_rates_keep_their_decimals() {
        for text in ["0.6", "2", "0.000001", "0.15", "999999999.999999", "123.456789", "1e-6"] {
            let rate = Rate::parse(text).unwrap();
            let written = serde_json::to_string(&rate).unwrap();
            assert_eq!(Rate::parse(&written), Ok(rate), "{written}");
        }
        assert_eq!(serde_json::to_string(&Rate::parse("0.60").unwrap()).unwrap(), "0.6");
        assert_eq!(serde_json::to_string(&PerToken(Rate::parse("0.6").unwrap())).unwrap(), "6e-7");
    }
}
