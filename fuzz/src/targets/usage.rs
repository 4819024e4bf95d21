//! Reads a usage object in the format of any wire protocol, and prices it with every model of a small catalog.
//!
//! The lines of a cost add up to its amount, and each line is its quantity times its rate, exactly.

use super::split_text;
use crate::fixture;
use modeldex_table::{Api, Meter, PriceError, RequestContext, ServiceTier, Usage};

pub(crate) fn run(input: &[u8]) {
    let Some((selector, text)) = split_text(input) else { return };
    let api = Api::ALL.get(selector % (Api::ALL.len() + 1)).copied();
    match modeldex_usage::read(api, &text) {
        Err(error) => assert!(!error.to_string().is_empty() && !error.code().is_empty()),
        Ok(read) => check_costs(&read.usage, read.tier.unwrap_or(None)),
    }
}

/// Prices a usage with every model.
pub(crate) fn check_costs(usage: &Usage, tier: Option<ServiceTier>) {
    let charged = usage.charged().expect("a usage that was read is possible");
    for model in fixture::catalog().models() {
        let context = RequestContext { at: Some(fixture::now()), tier, ..RequestContext::default() };
        let cost = match model.price(usage, &context) {
            Ok(cost) => cost,
            Err(PriceError::Usage(error)) => panic!("the usage was read, but is impossible: {error:?}"),
            Err(_) => continue,
        };
        let mut sum = 0_u128;
        let mut priced = [false; Meter::ALL.len()];
        for line in cost.lines() {
            let at = usize::from(line.meter.code());
            assert!(!std::mem::replace(&mut priced[at], true), "two lines charge `{}`", line.meter);
            assert_eq!(line.quantity, charged[at], "{}", line.meter);
            assert_eq!(line.amount.pico(), u128::from(line.rate.micros()) * u128::from(line.quantity));
            sum = sum.checked_add(line.amount.pico()).expect("the amount fits");
        }
        assert_eq!(sum, cost.amount().pico());
        // Every used meter of a model with a price list is charged, except the fee for a request, which few providers have.
        for (at, quantity) in charged.iter().enumerate() {
            let is_free = cost.lines().next().is_none() && cost.amount().pico() == 0;
            assert!(*quantity == 0 || priced[at] || is_free || Meter::ALL[at] == Meter::Request, "`{}` is not charged", Meter::ALL[at]);
        }
    }
}
