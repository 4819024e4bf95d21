//! The cost of a usage: an exact amount with a line per charged meter.

use super::{PriceEntry, PriceList, Rates, RequestContext};
use crate::{Amount, Billing, Currency, ImpossibleUsage, Meter, Model, Rate, ServiceTier, Usage};
use core::fmt;

impl<'a> Model<'a> {
    /// Returns the exact cost of `usage` for a request with `context`. Depends on its arguments only: reads no clock.
    ///
    /// `context.input_tokens` is ignored: thresholds compare with the input tokens of the usage. Each used meter is charged at its own rate;
    /// a meter without a rate in the price list falls back:
    ///
    /// | meter | fallback |
    /// |---|---|
    /// | `reasoning` | rate of `output` |
    /// | `cache_read`, `cache_write`, `input_audio`, `input_image` | rate of `input` |
    /// | `cache_write_1h` | rate of `input`; error if `cache_write` has a rate, since the one-hour rate is then higher by an unknown amount |
    /// | `request` | not charged: providers with a fee per request list it |
    /// | all others | [`PriceError::NoRate`] |
    ///
    /// A service tier that no entry of the price list names is an error as well, since its rates are unknown. If the price list has entries for the
    /// tier, but none applies (for example, the input is below their threshold), the other applicable entries are charged.
    ///
    /// The cost of a free model is 0, without lines.
    ///
    /// # Errors
    /// In this order: when the usage is impossible, when the model is covered by a plan or has no known price, when no entry names the
    /// service tier, when a used meter has no rate, or when the amount overflows.
    pub fn price(self, usage: &Usage, context: &RequestContext<'_>) -> Result<Cost<'a>, PriceError> {
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
        let context = RequestContext { input_tokens: usage.get(Meter::Input), ..*context };
        if !prices.write_rates_for(&context, &mut cost.rates) {
            return Err(PriceError::NoPrices);
        }
        if let Some(tier) = context.tier
            && !prices.iter().any(|price| price.tier() == Some(tier))
        {
            return Err(PriceError::NoTier(tier));
        }
        // Loop over used meters only: a typical usage has three or four.
        let mut remaining = quantities.iter().enumerate().fold(0_u16, |bits, (at, quantity)| bits | u16::from(*quantity != 0) << at);
        while remaining != 0 {
            let at = remaining.trailing_zeros() as usize;
            remaining &= remaining - 1;
            let meter = Meter::ALL[at];
            let rate_meter = if cost.rates.known() >> at & 1 == 1 {
                meter
            } else {
                match fallback(meter, &cost.rates) {
                    Fallback::Rate(other) => other,
                    Fallback::NotCharged => continue,
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

/// The cost of a usage. Its amount is exactly the sum of its lines.
#[derive(Clone, Copy)]
pub struct Cost<'a> {
    billing: Billing,
    prices: PriceList<'a>,
    rates: Rates,
    quantities: [u64; METERS],
    rate_meters: [Meter; METERS],
    /// A bit per meter with a line.
    charged: u16,
    amount: Amount,
}

/// One line of a cost: the charge for one meter.
#[derive(Clone, Copy, Debug)]
pub struct CostLine<'a> {
    /// The charged meter.
    pub meter: Meter,
    /// Number of units. For `input` and `output`: only those not charged on other lines.
    pub quantity: u64,
    /// Rate per million units.
    pub rate: Rate,
    /// The meter whose rate is charged; differs from `meter` for a fallback.
    pub rate_meter: Meter,
    /// The price list entry with the rate.
    pub price: PriceEntry<'a>,
    /// `quantity` times `rate`.
    pub amount: Amount,
}

/// An error pricing a usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceError {
    /// The parts of a total exceed it.
    Usage(ImpossibleUsage),
    /// A subscription plan covers the model; usage has no price of its own.
    Plan,
    /// No source states a price for the model.
    Unpriced,
    /// The model is metered, but no entry of its price list applies.
    NoPrices,
    /// No entry of the price list names this service tier.
    NoTier(ServiceTier),
    /// A used meter has no rate in the price list.
    NoRate(Meter),
    /// The amount overflows.
    TooLarge,
}

/// How a meter without a rate is charged.
enum Fallback {
    /// At the rate of another meter.
    Rate(Meter),
    /// Not charged.
    NotCharged,
    /// Unknown; pricing fails.
    Unknown,
}

const METERS: usize = Meter::ALL.len();

/// Returns the fallback of a meter without a rate. Documented in [`Model::price`].
const fn fallback(meter: Meter, rates: &Rates) -> Fallback {
    match meter {
        Meter::Reasoning => Fallback::Rate(Meter::Output),
        Meter::CacheWrite1h if rates.get(Meter::CacheWrite).is_some() => Fallback::Unknown,
        Meter::CacheRead | Meter::CacheWrite | Meter::CacheWrite1h | Meter::InputAudio | Meter::InputImage => Fallback::Rate(Meter::Input),
        Meter::Request => Fallback::NotCharged,
        Meter::Input | Meter::Output | Meter::OutputAudio | Meter::OutputImage | Meter::Image | Meter::WebSearch => Fallback::Unknown,
    }
}

impl<'a> Cost<'a> {
    /// Returns the currency of all amounts. USD for a free model, which has no price list.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.rates.currency()
    }

    /// Returns the total amount of all lines.
    #[must_use]
    pub const fn amount(&self) -> Amount {
        self.amount
    }

    /// Returns the billing of the model: [`Billing::Metered`] or [`Billing::Free`].
    #[must_use]
    pub const fn billing(&self) -> Billing {
        self.billing
    }

    /// Iterates over the lines, one per charged meter, in the order of [`Meter::ALL`].
    pub fn lines(&self) -> impl Iterator<Item = CostLine<'a>> + Clone + use<'a, '_> {
        Meter::ALL.iter().enumerate().filter(|(at, _)| self.charged >> at & 1 == 1).filter_map(|(at, &meter)| {
            let (quantity, rate_meter) = (self.quantities[at], self.rate_meters[at]);
            let rate = self.rates.get(rate_meter)?;
            let price = self.prices.get(self.rates.entry(rate_meter)?)?;
            Some(CostLine { meter, quantity, rate, rate_meter, price, amount: rate.times(quantity) })
        })
    }
}

impl PriceError {
    /// Returns the stable error code, for programs.
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
            Self::Plan => f.write_str("a subscription plan covers this model: usage has no price of its own"),
            Self::Unpriced => f.write_str("no source states a price for this model"),
            Self::NoPrices => f.write_str("no entry of the price list applies to this request"),
            Self::NoTier(tier) => {
                write!(f, "the price list has no rates for the service tier `{tier}`")
            }
            Self::NoRate(meter) => write!(f, "the price list has no rate for `{meter}`"),
            Self::TooLarge => f.write_str("the amount overflows"),
        }
    }
}

impl core::error::Error for PriceError {}
