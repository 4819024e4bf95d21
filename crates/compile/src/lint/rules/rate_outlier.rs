use super::common::*;
use crate::authored::{Model, Price};
use crate::per_token::is_per_token;
use crate::resolve::ResolvedModel;
use modeldex_table::{Currency, Fact, Meter, OriginPart, Rate};
use std::collections::HashMap;

/// Minimum ratio between an outlier and the median rate of the other providers.
const MIN_OUTLIER_FACTOR: u64 = 1_000;

/// Minimum number of other providers with which a rate is compared.
const MIN_OTHER_PROVIDERS: usize = 2;

/// The meters whose rates are compared.
const COMPARED_METERS: [Meter; 2] = [Meter::Input, Meter::Output];

/// The rate at which one provider offers a model.
struct Offer<'c> {
    rate: Rate,
    provider: &'c str,
    file: Option<usize>,
    /// The index of the model in its file.
    index: Option<usize>,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for meter in COMPARED_METERS {
        let mut offers: HashMap<&str, Vec<Offer<'_>>> = HashMap::new();
        for (id, provider) in &context.resolved.providers {
            for model in provider.models.values().filter(|model| states_prices(model)) {
                if let Some((base, rate)) = model.model.base.as_deref().zip(rate(&model.model, meter)) {
                    offers.entry(base).or_default().push(Offer { rate, provider: id, file: provider.file, index: model.index });
                }
            }
        }
        for (base, mut list) in offers {
            list.sort_by_key(|offer| offer.rate);
            for offer in &list {
                // The code `price-per-token` reports such a rate already.
                let is_reported = is_per_token(meter, offer.rate);
                let Some(other) = median_if_outlier(&list, |offer| offer.rate, offer.rate).filter(|_| !is_reported) else { continue };
                let Some(place) = offer.place(meter) else { continue };
                let (rate, median) = (offer.rate, other.rate);
                let message = if rate > median {
                    let factor = rate.micros() / median.micros();
                    format!(
                        "the `{meter}` rate {rate} is {factor} times higher than {median}, the median of the other providers of `{base}`"
                    )
                } else {
                    let factor = median.micros() / rate.micros();
                    format!(
                        "the `{meter}` rate {rate} is {factor} times lower than {median}, the median of the other providers of `{base}`"
                    )
                };
                findings
                    .add(&codes::RATE_OUTLIER, place, message)
                    .also(other.place(meter), format!("the rate of the provider `{provider}` is the median", provider = other.provider))
                    .help("the catalog states rates per million tokens; check whether this rate is per token or per thousand tokens");
            }
        }
    }
}

impl Offer<'_> {
    /// Returns the place of the rate. Returns `None` if the offer is from a lower catalog, because the files of this catalog are not known here.
    fn place(&self, meter: Meter) -> Option<Place> {
        Some(Place::value(self.file?, pointer!("models", self.index?, "prices", 0, meter)))
    }
}

/// Returns the offer with the median rate if `rate` is an outlier. An outlier is at least 1,000 times higher or lower than the median rate. Such a
/// rate indicates a misplaced decimal point or a wrong unit. Returns `None` if `rate` is not an outlier, or if `list` has fewer than three offers.
///
/// `list` has the offers of all providers for one model, sorted by rate. `rate_of` returns the rate of an offer. `list` also contains the offer with
/// the rate `rate`, but this offer does not count for the median. If the number of the other offers is even, the lower of the two middle offers is
/// the median.
pub fn median_if_outlier<T>(list: &[T], rate_of: impl Fn(&T) -> Rate, rate: Rate) -> Option<&T> {
    let is_far = |one: Rate, other: Rate| {
        one.micros() >= other.micros().saturating_mul(MIN_OUTLIER_FACTOR)
            || other.micros() >= one.micros().saturating_mul(MIN_OUTLIER_FACTOR)
    };
    // If the first and the last rate are close, no rate is an outlier.
    if !is_far(rate_of(list.first()?), rate_of(list.last()?)) {
        return None;
    }
    let others = list.len().checked_sub(1).filter(|others| *others >= MIN_OTHER_PROVIDERS)?;
    let own = list.partition_point(|offer| rate_of(offer) < rate);
    let at = (others - 1) / 2;
    let middle = &list[if at < own { at } else { at + 1 }];
    is_far(rate, rate_of(middle)).then_some(middle)
}

/// Returns whether the model states its prices itself instead of inheriting them from another provider.
fn states_prices(model: &ResolvedModel) -> bool {
    model.origins.origin(Fact::Prices).is_some_and(|origin| origin.part == OriginPart::Model)
}

/// Returns the rate of the first price entry, if it is in US dollars and not zero.
fn rate(model: &Model, meter: Meter) -> Option<Rate> {
    let in_dollars = |price: &&Price| price.currency.is_none_or(|currency| currency == Currency::Usd);
    let first = model.prices.first().filter(in_dollars)?;
    first.rates.0.get(&meter).copied().filter(|rate| !rate.is_zero())
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    const LAB: &str = "name: Lab\nmodels:\n  - id: model\n";

    fn provider_with_rates(rates: &str) -> String {
        format!("{ACME}models:\n  - id: model\n    base: lab/model\n    prices:\n      - {{{rates}}}\n")
    }

    fn found(rates: [&str; 4]) -> Vec<String> {
        let texts = rates.map(provider_with_rates);
        let names = ["providers/a.yaml", "providers/b.yaml", "providers/c.yaml", "providers/d.yaml"];
        let mut files = vec![("models/lab.yaml", LAB)];
        files.extend(names.into_iter().zip(&texts).filter(|(_, text)| !text.contains("{}")).map(|(name, text)| (name, text.as_str())));
        check(&files)
    }

    #[test]
    fn a_rate_a_thousand_times_too_low_or_too_high() {
        assert_eq!(found(["input: 3, output: 9", "input: 2", "input: 0.001", "input: 4"]), ["rate-outlier providers/c.yaml:13:17"]);
        assert_eq!(
            found(["input: 3, output: 9", "input: 2", "input: 0.000003", "input: 4"]),
            ["price-per-token providers/c.yaml:13:17"],
            "one warning is enough"
        );
        assert_eq!(found(["input: 3000", "input: 3", "input: 3", ""]), ["rate-outlier providers/a.yaml:13:17"]);
        assert_eq!(found(["output: 3", "output: 3", "output: 3", "output: 0.003"]), ["rate-outlier providers/d.yaml:13:18"]);
    }

    #[test]
    fn rates_that_cannot_be_compared() {
        assert!(found(["input: 3", "input: 0.001", "", ""]).is_empty(), "one other provider is not enough");
        assert!(found(["input: 3", "input: 0", "input: 2999", "input: 3"]).is_empty(), "zero is ignored");
        assert!(found(["input: 3", "currency: CNY, input: 9000", "input: 3", "input: 3"]).is_empty(), "another currency");
    }
}
