//! The rates that hold at once, and the entries that they come from.

use crate::{Currency, Meter, Rate};

/// The rates that hold under given circumstances.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    currency: Currency,
    /// A bit for each meter that has a rate; numbers and a bit for each are half as large as options.
    known: u16,
    micros: [u64; Meter::ALL.len()],
    entries: [u16; Meter::ALL.len()],
}

impl Rates {
    /// No rates yet.
    pub(super) const fn none(currency: Currency) -> Self {
        Self { currency, known: 0, micros: [0; Meter::ALL.len()], entries: [0; Meter::ALL.len()] }
    }

    /// Begins with an entry in `currency`: rates in another one are gone.
    #[inline]
    pub(super) fn begin(&mut self, currency: Currency) {
        if self.currency != currency {
            *self = Self::none(currency);
        }
    }

    /// Gives a meter, by its code, the rate that the entry at `place` of the list names; a code that is no meter's has none.
    #[inline]
    pub(super) fn set(&mut self, code: usize, micros: u64, place: usize) {
        if let (Some(rate), Some(entry)) = (self.micros.get_mut(code), self.entries.get_mut(code)) {
            self.known |= 1 << code;
            *rate = micros;
            // A list has no more entries than its length can say, which is 16 bits.
            *entry = place as u16;
        }
    }

    /// A bit for each meter that has a rate.
    pub(super) const fn known(&self) -> u16 {
        self.known
    }

    /// The currency of all of them.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The rate of one meter, per million units; `None` when the list does not name it.
    #[inline]
    #[must_use]
    pub const fn get(&self, meter: Meter) -> Option<Rate> {
        let at = meter.code() as usize;
        if self.known >> at & 1 == 1 { Some(Rate::from_micros(self.micros[at])) } else { None }
    }

    /// The place in the price list of the entry that gave a meter its rate.
    #[must_use]
    pub const fn entry(&self, meter: Meter) -> Option<usize> {
        let at = meter.code() as usize;
        if self.known >> at & 1 == 1 { Some(self.entries[at] as usize) } else { None }
    }

    /// Every rate that is named, in the order of the meters.
    pub fn iter(&self) -> impl Iterator<Item = (Meter, Rate)> + '_ {
        Meter::ALL.iter().filter_map(|meter| Some((*meter, self.get(*meter)?)))
    }
}

/// Rates are the same when they charge the same, whichever entries they come from.
impl PartialEq for Rates {
    fn eq(&self, other: &Self) -> bool {
        self.currency == other.currency && self.known == other.known && self.micros == other.micros
    }
}

impl Eq for Rates {}

const _: () = assert!(Meter::ALL.len() <= 16);
