//! What was used and what it costs, as commands write it.

use modeldex::{Cost, Currency, Usage};
use serde_json::{Map, Value, json};

/// A usage in the names of the meters; what was not used is left out.
pub(crate) fn usage(usage: &Usage) -> Value {
    Value::Object(usage.iter().map(|(meter, count)| (meter.as_str().to_owned(), count.into())).collect())
}

/// A cost: currency, amount, and a line for each rate, with decimals as text.
pub(crate) fn cost(cost: &Cost<'_>) -> Value {
    let lines = cost.lines().map(|line| {
        let mut row = Map::new();
        row.insert("meter".to_owned(), line.meter.as_str().into());
        row.insert("quantity".to_owned(), line.quantity.into());
        row.insert("rate".to_owned(), line.rate.authored(line.rate_meter).to_string().into());
        if line.rate_meter != line.meter {
            row.insert("rate_of".to_owned(), line.rate_meter.as_str().into());
        }
        if !line.condition.is_always() {
            row.insert("condition".to_owned(), line.condition.to_string().into());
        }
        row.insert("amount".to_owned(), line.amount.to_string().into());
        Value::Object(row)
    });
    json!({"currency": cost.currency().as_str(), "amount": cost.amount().to_string(), "lines": lines.collect::<Value>()})
}

/// An amount with its currency's sign.
pub(crate) fn amount(cost: &Cost<'_>) -> String {
    let sign = match cost.currency() {
        Currency::Usd => '$',
        Currency::Cny => '¥',
    };
    format!("{sign}{}", cost.amount())
}
