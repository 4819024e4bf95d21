//! The rates that apply to one request, each with the price list entry that states the rate.

use crate::{Currency, Meter, Rate};

/// The rates that apply to one request, all in one currency. For each rate, [`Rates::entry`] returns the price list entry that states the rate.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    currency: Currency,
    /// The meters with a rate: one bit for each meter code. Numbers and these bits take half the space of an array of `Option`.
    known: u16,
    micros: [u64; Meter::ALL.len()],
    entries: [u16; Meter::ALL.len()],
}

impl Rates {
    /// Creates rates in which no meter has a rate.
    pub(super) const fn none(currency: Currency) -> Self {
        Self { currency, known: 0, micros: [0; Meter::ALL.len()], entries: [0; Meter::ALL.len()] }
    }

    /// Starts an entry in `currency`. Removes all rates of previous entries if their currency differs.
    #[inline]
    pub(super) fn start_entry(&mut self, currency: Currency) {
        if self.currency != currency {
            *self = Self::none(currency);
        }
    }

    /// Sets the rate of the meter with this row code, as the price list entry with this index states it. Ignores an unknown row code.
    #[inline]
    pub(super) fn set(&mut self, code: usize, micros: u64, index: usize) {
        if let (Some(rate), Some(entry)) = (self.micros.get_mut(code), self.entries.get_mut(code)) {
            self.known |= 1 << code;
            *rate = micros;
            // Indexes fit, since the length of a price list is stored in 16 bits.
            *entry = index as u16;
        }
    }

    /// Returns the meters with a rate: one bit for each meter code.
    pub(super) const fn known(&self) -> u16 {
        self.known
    }

    /// Returns the currency of all rates.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Returns the rate of `meter` per million units. Returns `None` if no applicable entry of the price list states a rate for the meter.
    #[inline]
    #[must_use]
    pub const fn get(&self, meter: Meter) -> Option<Rate> {
        let at = meter.code() as usize;
        if self.known >> at & 1 == 1 { Some(Rate::from_micros(self.micros[at])) } else { None }
    }

    /// Returns the index of the price list entry that states the rate of `meter`. Returns `None` if no applicable entry states a rate for the meter.
    #[must_use]
    pub const fn entry(&self, meter: Meter) -> Option<usize> {
        let at = meter.code() as usize;
        if self.known >> at & 1 == 1 { Some(self.entries[at] as usize) } else { None }
    }

    /// Iterates over the meters that have a rate, each with its rate per million units, in the order of [`Meter::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Meter, Rate)> + '_ {
        Meter::ALL.iter().filter_map(|meter| Some((*meter, self.get(*meter)?)))
    }
}

/// Compares the currency and the rates, but not the price list entries that state the rates.
impl PartialEq for Rates {
    fn eq(&self, other: &Self) -> bool {
        self.currency == other.currency && self.known == other.known && self.micros == other.micros
    }
}

impl Eq for Rates {}

const _: () = assert!(Meter::ALL.len() <= 16);
