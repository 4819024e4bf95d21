//! The rates of one request, and the entries that they come from.

use crate::{Currency, Meter, Rate};

/// The rates that apply to one request, all in one currency.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    currency: Currency,
    /// A bit per meter with a rate. Plain numbers plus these bits take half the space of `Option`s.
    known: u16,
    micros: [u64; Meter::ALL.len()],
    entries: [u16; Meter::ALL.len()],
}

impl Rates {
    /// Creates empty rates.
    pub(super) const fn none(currency: Currency) -> Self {
        Self { currency, known: 0, micros: [0; Meter::ALL.len()], entries: [0; Meter::ALL.len()] }
    }

    /// Starts an entry in `currency`; clears rates in another currency.
    #[inline]
    pub(super) fn start_entry(&mut self, currency: Currency) {
        if self.currency != currency {
            *self = Self::none(currency);
        }
    }

    /// Sets the rate of a meter code from the entry at `index` of the list; unknown codes are ignored.
    #[inline]
    pub(super) fn set(&mut self, code: usize, micros: u64, index: usize) {
        if let (Some(rate), Some(entry)) = (self.micros.get_mut(code), self.entries.get_mut(code)) {
            self.known |= 1 << code;
            *rate = micros;
            // The length of a list is stored in 16 bits.
            *entry = index as u16;
        }
    }

    /// Returns a bit per meter with a rate.
    pub(super) const fn known(&self) -> u16 {
        self.known
    }

    /// Returns the currency of all rates.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Returns the rate of a meter per million units; `None` if no entry names the meter.
    #[inline]
    #[must_use]
    pub const fn get(&self, meter: Meter) -> Option<Rate> {
        let at = meter.code() as usize;
        if self.known >> at & 1 == 1 { Some(Rate::from_micros(self.micros[at])) } else { None }
    }

    /// Returns the index of the price list entry that a meter's rate comes from; `None` if no entry names the meter.
    #[must_use]
    pub const fn entry(&self, meter: Meter) -> Option<usize> {
        let at = meter.code() as usize;
        if self.known >> at & 1 == 1 { Some(self.entries[at] as usize) } else { None }
    }

    /// Iterates over all rates, in the order of [`Meter::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Meter, Rate)> + '_ {
        Meter::ALL.iter().filter_map(|meter| Some((*meter, self.get(*meter)?)))
    }
}

/// Compares currency and rates, not the entries that they come from.
impl PartialEq for Rates {
    fn eq(&self, other: &Self) -> bool {
        self.currency == other.currency && self.known == other.known && self.micros == other.micros
    }
}

impl Eq for Rates {}

const _: () = assert!(Meter::ALL.len() <= 16);
