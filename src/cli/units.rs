//! Numbers as people read and write them: tokens and prices. Unknown is `?`, never zero.

use modeldex::{Billing, Circumstances, Condition, Currency, Meter, Model, Moment, Prices, Rate};
use std::time::{SystemTime, UNIX_EPOCH};

/// A count of tokens with three digits that count: `8.19k`, `262k`, `1.05M`.
pub(crate) fn tokens(count: u32) -> String {
    for (unit, suffix) in [(1_u64, ""), (1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")] {
        let whole = u64::from(count) / unit;
        if whole >= 1_000 {
            continue;
        }
        let decimals = if unit == 1 { 0 } else { 2_usize.saturating_sub(whole.checked_ilog10().unwrap_or(0) as usize) };
        let scale = 10_u64.pow(decimals as u32);
        let rounded = (u64::from(count) * scale + unit / 2) / unit;
        if rounded >= 1_000 * scale {
            continue;
        }
        let number = format!("{}.{:0decimals$}", rounded / scale, rounded % scale);
        let number =
            if decimals == 0 { number.split('.').next().unwrap_or_default() } else { number.trim_end_matches('0').trim_end_matches('.') };
        return format!("{number}{suffix}");
    }
    count.to_string()
}

/// Reads a count of tokens: `262144`, `200k`, `1.5M`.
pub(crate) fn parse_tokens(text: &str) -> Result<u32, String> {
    let (number, unit) = match text.trim().strip_suffix(['k', 'K']) {
        Some(number) => (number, 1_000),
        None => text.trim().strip_suffix(['m', 'M']).map_or((text.trim(), 1), |number| (number, 1_000_000)),
    };
    let micros = Rate::parse(&number.replace('_', "")).map_err(|_| "write it as 262144, 200k or 1M".to_owned())?.micros();
    let scaled = u128::from(micros) * unit;
    let count = u32::try_from(scaled / 1_000_000).map_err(|_| "no model has that many".to_owned())?;
    if scaled % 1_000_000 == 0 { Ok(count) } else { Err("it is not a whole number of tokens".to_owned()) }
}

/// Reads a rate in dollars per million: `0.6`, `$0.60`.
pub(crate) fn parse_rate(text: &str) -> Result<Rate, String> {
    Rate::parse(text.trim().trim_start_matches('$')).map_err(|error| error.to_string())
}

/// This minute.
pub(crate) fn now() -> Moment {
    Moment::from_unix(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// The rates of an ordinary request today: the first entry of a price list, changed by those whose dates hold now.
///
/// Entries for a tier, a size, a region or hours of the day are left out, so that a list does not change from hour to hour.
#[derive(Clone, Copy)]
pub(crate) struct Today {
    pub(crate) currency: Currency,
    rates: [Option<Rate>; Meter::ALL.len()],
}

impl Today {
    /// `None` when the list is empty.
    pub(crate) fn of(prices: Prices<'_>, now: Moment) -> Option<Self> {
        let circumstances = Circumstances { at: Some(now), ..Circumstances::default() };
        let mut today: Option<Self> = None;
        for price in prices.iter().filter(|price| has_dates_only(price.condition()) && price.condition().holds(&circumstances)) {
            let held = match &mut today {
                Some(held) if held.currency == price.currency() => held,
                _ => today.insert(Self { currency: price.currency(), rates: [None; Meter::ALL.len()] }),
            };
            for (meter, rate) in price.rates() {
                held.rates[usize::from(meter.code())] = Some(rate);
            }
        }
        today
    }

    /// The rate of one meter as it is written, per million tokens or per single unit.
    pub(crate) fn get(&self, meter: Meter) -> Option<Rate> {
        self.rates[usize::from(meter.code())].map(|rate| rate.authored(meter))
    }

    /// Every rate that is named, as it is written.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Meter, Rate)> + '_ {
        Meter::ALL.iter().filter_map(|meter| Some((*meter, self.get(*meter)?)))
    }
}

/// A model's price in a table: `$0.60/$2.50` for input and output, with `+` where the list has more that may come to hold.
pub(crate) fn price(model: Model<'_>, today: Option<&Today>, now: Moment) -> String {
    let today = match (model.billing(), today) {
        (Billing::Metered, Some(today)) => today,
        (Billing::Free, _) => return "free".to_owned(),
        (Billing::Plan, _) => return "plan".to_owned(),
        (Billing::Metered | Billing::Unpriced, _) => return "?".to_owned(),
    };
    let money = |rate| money(today.currency, rate);
    let text = match (today.get(Meter::Input), today.get(Meter::Output)) {
        (Some(input), Some(output)) => format!("{}/{}", money(input), money(output)),
        // What a list does not name is not for sale, as the output of an embedding is not.
        (Some(input), None) => format!("{}/-", money(input)),
        (None, Some(output)) => format!("-/{}", money(output)),
        (None, None) => today.iter().next().map_or_else(|| "?".to_owned(), |(meter, rate)| format!("{}/{meter}", money(rate))),
    };
    let more = model.prices().iter().any(|price| may_come_to_hold(price.condition(), now));
    if more { format!("{text}+") } else { text }
}

/// A rate with its currency's sign and at least two decimals: `$0.60`, `¥12.00`, `$0.0375`.
pub(crate) fn money(currency: Currency, rate: Rate) -> String {
    let sign = match currency {
        Currency::Usd => '$',
        Currency::Cny => '¥',
        Currency::Eur => '€',
    };
    let text = rate.to_string();
    match text.split_once('.') {
        None => format!("{sign}{text}.00"),
        Some((whole, decimals)) => format!("{sign}{whole}.{decimals:0<2}"),
    }
}

fn has_dates_only(condition: Condition<'_>) -> bool {
    condition.above().is_none()
        && condition.tier().is_none()
        && condition.region().is_none()
        && condition.hours().is_none()
        && condition.days().is_empty()
}

fn may_come_to_hold(condition: Condition<'_>, now: Moment) -> bool {
    let is_over = condition.until().is_some_and(|until| until <= now);
    let holds_for_good = has_dates_only(condition) && condition.until().is_none() && condition.from().is_none_or(|from| from <= now);
    !is_over && !holds_for_good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_three_digits() {
        for (count, text) in [
            (1, "1"),
            (512, "512"),
            (999, "999"),
            (1_000, "1k"),
            (4_096, "4.1k"),
            (8_192, "8.19k"),
            (16_384, "16.4k"),
            (200_000, "200k"),
            (262_144, "262k"),
            (999_499, "999k"),
            (999_500, "1M"),
            (9_996, "10k"),
            (1_000_000, "1M"),
            (1_048_576, "1.05M"),
            (10_485_760, "10.5M"),
            (u32::MAX, "4.29G"),
        ] {
            assert_eq!(tokens(count), text, "{count}");
        }
    }

    #[test]
    fn tokens_are_read_with_and_without_a_unit() {
        for (text, count) in [("200k", 200_000), ("1M", 1_000_000), ("1.5m", 1_500_000), ("262144", 262_144), ("262_144", 262_144)] {
            assert_eq!(parse_tokens(text), Ok(count), "{text}");
        }
        for text in ["", "k", "-1", "1.5", "abc", "1e30", "99999M"] {
            assert!(parse_tokens(text).is_err(), "{text}");
        }
    }

    #[test]
    fn money_has_at_least_two_decimals() {
        for (rate, text) in [("0.6", "$0.60"), ("3", "$3.00"), ("0.0375", "$0.0375"), ("0", "$0.00"), ("2.55", "$2.55")] {
            assert_eq!(money(Currency::Usd, parse_rate(rate).unwrap()), text);
        }
    }
}
