//! What a usage costs: exact, with a line for each rate.

use super::{Circumstances, Price, Prices, Rates};
use crate::{Amount, Billing, Currency, ImpossibleUsage, Meter, Model, Rate, ServiceTier, Usage};
use core::fmt;

impl<'a> Model<'a> {
    /// What `usage` costs under `circumstances`, exactly. A function of its arguments alone: no clock is read.
    ///
    /// `circumstances.input_tokens` is not read: a threshold judges the input tokens of the usage itself. Each meter that was used is
    /// charged at its own rate, or where the list has none:
    ///
    /// | meter | is charged |
    /// |---|---|
    /// | `reasoning` | as `output` |
    /// | `cache_read`, `cache_write`, `input_audio`, `input_image` | as `input` |
    /// | `cache_write_1h` | as `input`, unless `cache_write` has a rate: then it is dearer than that, and by how much is not known |
    /// | `request` | nothing: who asks for a fee lists it |
    /// | every other | an error: unknown is not zero |
    ///
    /// A class of service that no entry of the list names is an error, too: what it costs there is not known. Where an entry names it but
    /// asks for more than holds, as for more input tokens, the rates are those of the entries that do hold.
    ///
    /// What a free model is used for costs 0, without lines.
    ///
    /// # Errors
    /// In this order: when the usage is impossible, when a plan covers it or no price is known, when no entry names the class of service,
    /// when a meter that was used has no rate, or when the amount is too large to be counted.
    pub fn price(self, usage: &Usage, circumstances: &Circumstances<'_>) -> Result<Cost<'a>, PriceError> {
        let quantities = usage.charged().map_err(PriceError::Usage)?;
        let prices = self.prices();
        let mut cost = Cost {
            billing: self.billing(),
            prices,
            rates: Rates::none(Currency::Usd),
            quantities,
            rate_meters: [Meter::Input; METERS],
            charged: 0,
            amount: Amount::ZERO,
        };
        match cost.billing {
            Billing::Metered => {}
            Billing::Free => return Ok(cost),
            Billing::Plan => return Err(PriceError::Plan),
            Billing::Unpriced => return Err(PriceError::Unpriced),
        }
        let circumstances = Circumstances { input_tokens: usage.get(Meter::Input), ..*circumstances };
        if !prices.write_under(&circumstances, &mut cost.rates) {
            return Err(PriceError::NoPrices);
        }
        if let Some(tier) = circumstances.tier
            && !prices.iter().any(|price| price.tier() == Some(tier))
        {
            return Err(PriceError::NoTier(tier));
        }
        // Only what was used is looked at; a usual usage has three or four of all meters.
        let mut left = quantities.iter().enumerate().fold(0_u16, |bits, (at, quantity)| bits | u16::from(*quantity != 0) << at);
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            let meter = Meter::ALL[at];
            let rate_meter = if cost.rates.known() >> at & 1 == 1 {
                meter
            } else {
                match fallback(meter, &cost.rates) {
                    Fallback::Rate(other) => other,
                    Fallback::Nothing => continue,
                    Fallback::Unknown => return Err(PriceError::NoRate(meter)),
                }
            };
            let rate = cost.rates.get(rate_meter).ok_or(PriceError::NoRate(meter))?;
            cost.charged |= 1 << at;
            cost.rate_meters[at] = rate_meter;
            cost.amount = cost.amount.checked_add(rate.times(quantities[at])).ok_or(PriceError::TooLarge)?;
        }
        Ok(cost)
    }
}

/// What a usage costs. The amounts of its lines add up to its own, exactly.
#[derive(Clone, Copy)]
pub struct Cost<'a> {
    billing: Billing,
    prices: Prices<'a>,
    rates: Rates,
    quantities: [u64; METERS],
    rate_meters: [Meter; METERS],
    /// A bit for each meter that has a line.
    charged: u16,
    amount: Amount,
}

/// What one meter adds to a cost.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// What was counted.
    pub meter: Meter,
    /// How many units; of `input` and `output`, those that no other line has.
    pub quantity: u64,
    /// The rate, per million units.
    pub rate: Rate,
    /// The meter whose rate it is: another one where the list has none for `meter`.
    pub rate_meter: Meter,
    /// The entry of the price list that the rate comes from.
    pub price: Price<'a>,
    /// Quantity times rate.
    pub amount: Amount,
}

/// Why a usage has no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceError {
    /// Its parts are more than their total.
    Usage(ImpossibleUsage),
    /// A subscription covers it, so that it has no price of its own.
    Plan,
    /// Nobody has said what the model costs.
    Unpriced,
    /// The model is paid for by what is used, but no entry of a price list holds.
    NoPrices,
    /// No entry of the list names this class of service.
    NoTier(ServiceTier),
    /// This meter was used, and the list has no rate for it.
    NoRate(Meter),
    /// The amount is more than can be counted.
    TooLarge,
}

/// What is charged for a meter that the list has no rate for.
enum Fallback {
    /// The rate of another.
    Rate(Meter),
    /// Nothing.
    Nothing,
    /// Nobody knows.
    Unknown,
}

const METERS: usize = Meter::ALL.len();

/// The one place that says which rate stands in for which; [`Model::price`] tells it to people.
const fn fallback(meter: Meter, rates: &Rates) -> Fallback {
    match meter {
        Meter::Reasoning => Fallback::Rate(Meter::Output),
        Meter::CacheWrite1h if rates.get(Meter::CacheWrite).is_some() => Fallback::Unknown,
        Meter::CacheRead | Meter::CacheWrite | Meter::CacheWrite1h | Meter::InputAudio | Meter::InputImage => Fallback::Rate(Meter::Input),
        Meter::Request => Fallback::Nothing,
        Meter::Input | Meter::Output | Meter::OutputAudio | Meter::OutputImage | Meter::Image | Meter::WebSearch => Fallback::Unknown,
    }
}

impl<'a> Cost<'a> {
    /// The currency of every amount. That of a free model, which has no list to say it, is the catalog's ordinary one, USD.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.rates.currency()
    }

    /// All lines together.
    #[must_use]
    pub const fn amount(&self) -> Amount {
        self.amount
    }

    /// How the model is paid for: [`Billing::Metered`] or [`Billing::Free`].
    #[must_use]
    pub const fn billing(&self) -> Billing {
        self.billing
    }

    /// A line for each meter that was charged, in the order of the meters.
    pub fn lines(&self) -> impl Iterator<Item = Line<'a>> + Clone + use<'a, '_> {
        Meter::ALL.iter().enumerate().filter(|(at, _)| self.charged >> at & 1 == 1).filter_map(|(at, &meter)| {
            let (quantity, rate_meter) = (self.quantities[at], self.rate_meters[at]);
            let rate = self.rates.get(rate_meter)?;
            let price = self.prices.get(self.rates.entry(rate_meter)?)?;
            Some(Line { meter, quantity, rate, rate_meter, price, amount: rate.times(quantity) })
        })
    }
}

impl PriceError {
    /// A word that stays, for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Usage(_) => "impossible-usage",
            Self::Plan => "plan",
            Self::Unpriced => "unpriced",
            Self::NoPrices => "no-prices",
            Self::NoTier(_) => "no-tier",
            Self::NoRate(_) => "no-rate",
            Self::TooLarge => "too-large",
        }
    }
}

impl fmt::Debug for Cost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.amount, self.currency())?;
        f.debug_list().entries(self.lines()).finish()
    }
}

impl fmt::Display for PriceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(impossible) => impossible.fmt(f),
            Self::Plan => f.write_str("a plan covers this model: what is used has no price of its own"),
            Self::Unpriced => f.write_str("nobody has said what this model costs, and unknown is not 0"),
            Self::NoPrices => f.write_str("this model is paid for by what is used, but no entry of its price list holds"),
            Self::NoTier(tier) => {
                write!(f, "what this model costs in the class of service `{tier}` is not known, and unknown is not the ordinary price")
            }
            Self::NoRate(meter) => write!(f, "the price list has no rate for `{meter}`, and unknown is not 0"),
            Self::TooLarge => f.write_str("the amount is too large to be counted"),
        }
    }
}

impl core::error::Error for PriceError {}
