//! Formatting of token counts and prices, and parsing of times. Unknown values are printed as `?`.

use modeldex_table::{Billing, Condition, Currency, CurrentRates, Date, Meter, Model, Moment, Rate};
use std::fmt::{self, Display, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

/// A token count with three significant digits: `8.19k`, `262k`, `1.05M`; `?` if unknown.
pub(crate) struct Tokens(pub(crate) Option<u32>);

impl Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(count) = self.0.map(u64::from) else { return f.write_char('?') };
        for (unit, suffix) in [(1, ""), (1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")] {
            // 1, 10 or 100, for three significant digits.
            let scale = match count / unit {
                1_000.. => continue,
                _ if unit == 1 => 1,
                100.. => 1,
                10.. => 10,
                _ => 100,
            };
            let rounded = (count * scale + unit / 2) / unit;
            // 999.5k is 1M.
            if rounded >= 1_000 * scale {
                continue;
            }
            // Formatted as a rate in millionths, the shortest decimal: format strings took half of the time of a long list.
            f.write_str(Rate::from_micros(rounded * (1_000_000 / scale)).digits().as_str())?;
            return f.write_str(suffix);
        }
        Ok(())
    }
}

/// Parses a time in RFC 3339 format, such as `2026-08-16T16:00:30+08:00`.
pub(crate) fn parse_moment(text: &str) -> Result<Moment, String> {
    Moment::from_rfc3339(text).map_err(|error| format!("{error}; expected a time in RFC 3339 format, such as 2026-08-16T16:00:30+08:00"))
}

/// Returns the current time, with a precision of a minute.
pub(crate) fn now() -> Moment {
    Moment::from_unix(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// Returns the current date in UTC.
pub(crate) fn today() -> Date {
    now().date()
}

/// The price of a model: the input and the output rate, `$0.60/$2.50`, or the billing if it is not metered.
pub(crate) struct Cost<'a>(pub(crate) Billing, pub(crate) Option<&'a CurrentRates>);

impl Display for Cost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let today = match (self.0, self.1) {
            (Billing::Metered, Some(today)) => today,
            (Billing::Free, _) => return f.write_str("free"),
            (Billing::Plan, _) => return f.write_str("plan"),
            (Billing::Metered | Billing::Unpriced, _) => return f.write_char('?'),
        };
        let money = |rate| Money(today.currency(), rate);
        match (today.get(Meter::Input), today.get(Meter::Output)) {
            (Some(input), Some(output)) => {
                money(input).fmt(f)?;
                f.write_char('/')?;
                money(output).fmt(f)
            }
            // A meter without a rate is not billed, such as the output of an embedding model.
            (Some(input), None) => write!(f, "{}/-", money(input)),
            (None, Some(output)) => write!(f, "-/{}", money(output)),
            (None, None) => match today.iter().next() {
                Some((meter, rate)) => write!(f, "{}/{meter}", money(rate)),
                None => f.write_char('?'),
            },
        }
    }
}

/// The price of a model in a table: the input and the output rate, `$0.60/$2.50`, with `+` if the price list has entries that can apply at other
/// times or to other requests.
pub(crate) struct TablePrice<'a> {
    pub(crate) model: Model<'a>,
    pub(crate) today: Option<&'a CurrentRates>,
    pub(crate) now: Moment,
}

impl Display for TablePrice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Cost(self.model.billing(), self.today).fmt(f)?;
        let more = self.model.prices().iter().any(|price| can_apply_later(price.condition(), self.now));
        if more { f.write_char('+') } else { Ok(()) }
    }
}

/// A rate with the sign of its currency and at least two decimals: `$0.60`, `¥12.00`, `$0.0375`.
#[derive(Clone, Copy)]
pub(crate) struct Money(pub(crate) Currency, pub(crate) Rate);

impl Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(currency, rate) = *self;
        let digits = rate.digits();
        let text = digits.as_str();
        f.write_char(sign(currency))?;
        f.write_str(text)?;
        match text.split_once('.').map_or(0, |(_, decimals)| decimals.len()) {
            0 => f.write_str(".00"),
            1 => f.write_char('0'),
            _ => Ok(()),
        }
    }
}

/// Returns the sign of a currency.
pub(crate) const fn sign(currency: Currency) -> char {
    match currency {
        Currency::Usd => '$',
        Currency::Cny => '¥',
    }
}

fn can_apply_later(condition: Condition<&str>, now: Moment) -> bool {
    let is_over = condition.until.is_some_and(|until| until <= now);
    let applies_forever = condition.is_date_only() && condition.until.is_none() && condition.from.is_none_or(|from| from <= now);
    !is_over && !applies_forever
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
            assert_eq!(Tokens(Some(count)).to_string(), text, "{count}");
        }
    }

    #[test]
    fn money_has_at_least_two_decimals() {
        for (rate, text) in [("0.6", "$0.60"), ("3", "$3.00"), ("0.0375", "$0.0375"), ("0", "$0.00"), ("2.55", "$2.55")] {
            assert_eq!(Money(Currency::Usd, Rate::parse(rate).unwrap()).to_string(), text);
        }
    }
}
