//! The cost of a usage: an exact amount, with a line for each charged meter.

use super::{PriceEntry, PriceList, Rates, RequestContext};
use crate::{Amount, Billing, Currency, ImpossibleUsage, Meter, Model, Rate, ServiceTier, Usage};
use core::fmt;

impl<'a> Model<'a> {
    /// Returns the exact cost of `usage` with this model, for a request with the properties `context`. The result depends only on the model and on
    /// these arguments. It does not depend on the current time.
    ///
    /// The function ignores `context.input_tokens`. The number of input tokens in `usage` decides which entries of the price list apply.
    ///
    /// Each used meter is charged at its own rate. If the price list has no rate for a meter, another rate is used:
    ///
    /// | meter without a rate | rate used |
    /// |---|---|
    /// | `reasoning` | rate of `output` |
    /// | `cache_read`, `cache_write`, `input_audio`, `input_image` | rate of `input` |
    /// | `cache_write_1h` | rate of `input`, if `cache_write` has no rate; otherwise an error, since the one-hour rate is higher than the rate of `cache_write` by an unknown amount |
    /// | `request` | not charged, since a provider that charges a fee per request states the fee in its price list |
    /// | any other meter | error [`PriceError::NoRate`] |
    ///
    /// If no entry of the price list names the service tier of the request, the result is an error, since the rates of this tier are unknown. If some
    /// entries name the tier but none of them applies, for example because the request has too few input tokens, the rates of the applicable entries
    /// without a tier are charged.
    ///
    /// The cost of a free model is 0 and has no lines.
    ///
    /// # Errors
    /// Fails if the usage is impossible, if the model is covered by a plan or has no known price, if no entry of the price list applies, if no entry
    /// names the service tier, if a used meter has no rate, or if the cost is too large for an [`Amount`]. If several of these conditions are true,
    /// the error is for the first condition in this order.
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

/// The cost of a [`Usage`] with one model: a total amount, and a line for each charged meter. The total is exactly the sum of the lines.
#[derive(Clone, Copy)]
pub struct Cost<'a> {
    billing: Billing,
    prices: PriceList<'a>,
    rates: Rates,
    quantities: [u64; METERS],
    rate_meters: [Meter; METERS],
    /// The charged meters: one bit for each meter code.
    charged: u16,
    amount: Amount,
}

/// One line of a cost: the charge for one meter.
#[derive(Clone, Copy, Debug)]
pub struct CostLine<'a> {
    /// The meter that the line charges.
    pub meter: Meter,
    /// Number of charged units of the meter. The lines of `input` and `output` do not count the tokens that other lines charge, such as cached
    /// tokens.
    pub quantity: u64,
    /// The rate: the price of a million units of the meter, even if catalog files state the price of a single unit.
    pub rate: Rate,
    /// The meter whose rate is charged. If the price list has a rate for `meter`, this is `meter`. Otherwise it is the replacement from the table of
    /// [`Model::price`], such as `output` for `reasoning`.
    pub rate_meter: Meter,
    /// The entry of the price list that states the rate.
    pub price: PriceEntry<'a>,
    /// The charge for the meter: `quantity` times `rate`.
    pub amount: Amount,
}

/// The reason why [`Model::price`] cannot compute the cost of a usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceError {
    /// The usage is impossible: the parts of a total, such as cached tokens, add up to more than the total.
    Usage(ImpossibleUsage),
    /// A subscription plan covers the model, so individual requests to the model have no price.
    Plan,
    /// The price is unknown, because no source states a price for the model.
    Unpriced,
    /// Usage of the model is charged by a price list, but no entry of the list applies to the request.
    NoPrices,
    /// The price list has no rates for this service tier.
    NoTier(ServiceTier),
    /// The usage contains units of this meter, but the price list has no rate for the meter.
    NoRate(Meter),
    /// The cost is too large for an [`Amount`].
    TooLarge,
}

/// The way in which a meter without a rate is charged.
enum Fallback {
    /// The meter is charged at the rate of this other meter.
    Rate(Meter),
    /// The meter is not charged.
    NotCharged,
    /// The rate is unknown, so that pricing fails.
    Unknown,
}

const METERS: usize = Meter::ALL.len();

/// Returns the way in which a meter without a rate is charged, as documented in [`Model::price`].
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
    /// Returns the currency of the total and of all lines. The currency is US dollars for a free model, which has no price list.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.rates.currency()
    }

    /// Returns the total cost: the sum of the amounts of all lines.
    #[must_use]
    pub const fn amount(&self) -> Amount {
        self.amount
    }

    /// Returns the billing of the model: [`Billing::Metered`] or [`Billing::Free`].
    #[must_use]
    pub const fn billing(&self) -> Billing {
        self.billing
    }

    /// Iterates over the lines of the cost, one for each charged meter, in the order of [`Meter::ALL`].
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
    /// Returns the stable error code for programs, such as `no-rate`.
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
            Self::Plan => f.write_str("a subscription plan covers this model, so individual requests to the model have no price"),
            Self::Unpriced => f.write_str("no source states a price for this model"),
            Self::NoPrices => f.write_str("no entry of the model's price list applies to this request"),
            Self::NoTier(tier) => {
                write!(f, "the model's price list has no rates for the service tier `{tier}`")
            }
            Self::NoRate(meter) => write!(f, "the model's price list has no rate for the meter `{meter}`"),
            Self::TooLarge => f.write_str("the cost is too large to be computed"),
        }
    }
}

impl core::error::Error for PriceError {}
