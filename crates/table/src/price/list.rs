//! Prices: an ordered list whose later entries change single rates under conditions.

use super::{ALWAYS_ROW, Circumstances, Condition, Rates};
use crate::rows::*;
use crate::{Catalog, Currency, Meter, Rate, ServiceTier};
use core::fmt;

/// A model's price list. The first entry always holds; each later one names conditions and the rates that it changes.
#[derive(Clone, Copy)]
pub struct Prices<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) rows: &'a [PriceRow],
}

/// One entry of a price list.
#[derive(Clone, Copy)]
pub struct Price<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a PriceRow,
}

impl<'a> Prices<'a> {
    /// The entries in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Price<'a>> + Clone {
        let catalog = self.catalog;
        self.rows.iter().map(move |row| Price { catalog, row })
    }

    /// The entry at a place of the list.
    #[must_use]
    pub fn get(self, place: usize) -> Option<Price<'a>> {
        Some(Price { catalog: self.catalog, row: self.rows.get(place)? })
    }

    /// Whether there are none, as for a model that is free, in a plan or unpriced.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.rows.is_empty()
    }

    /// The rates that hold under `circumstances`: each is taken from the last entry that holds and names it.
    ///
    /// Currencies are never mixed: an entry in another currency than the ones before it replaces them whole.
    /// `None` when the list is empty.
    #[must_use]
    pub fn under(self, circumstances: &Circumstances<'_>) -> Option<Rates> {
        let mut rates = Rates::none(Currency::Usd);
        self.write_under(circumstances, &mut rates).then_some(rates)
    }

    /// Like [`Prices::under`], into rates that are still none, because moving them costs as much as finding them.
    #[inline]
    pub(super) fn write_under(self, circumstances: &Circumstances<'_>, rates: &mut Rates) -> bool {
        let mut found = false;
        for (place, price) in self.iter().enumerate() {
            if !price.holds(circumstances) {
                continue;
            }
            rates.begin(price.currency());
            found = true;
            for row in price.row.rates.of(self.catalog.rates) {
                rates.set(usize::from(row.meter), row.micros.get(), place);
            }
        }
        found
    }

    /// The rates of an ordinary small request: the first entry alone.
    #[must_use]
    pub fn base(self) -> Option<Rates> {
        self.under(&Circumstances::default())
    }
}

impl<'a> Price<'a> {
    /// When it holds.
    #[inline]
    #[must_use]
    pub fn condition(self) -> Condition<&'a str> {
        self.condition_row().view(self.catalog)
    }

    /// Whether it holds under `circumstances`.
    #[inline]
    #[must_use]
    pub fn holds(self, circumstances: &Circumstances<'_>) -> bool {
        self.condition_row().holds(self.catalog, circumstances)
    }

    /// Whether it holds for every request at every time.
    #[must_use]
    pub fn is_always(self) -> bool {
        *self.condition_row() == ALWAYS_ROW
    }

    /// The place of its condition in [`Catalog::conditions`], the same for every entry with this condition and stable for one build of the
    /// catalog.
    #[must_use]
    pub fn condition_place(self) -> usize {
        self.row.condition.get() as usize
    }

    /// The class of service that it asks for.
    pub(super) fn tier(self) -> Option<ServiceTier> {
        self.condition_row().tier()
    }

    fn condition_row(self) -> &'a ConditionRow {
        const ALWAYS: &ConditionRow = &ALWAYS_ROW;
        self.catalog.conditions.get(self.condition_place()).unwrap_or(ALWAYS)
    }

    /// The currency of its rates.
    #[must_use]
    pub fn currency(self) -> Currency {
        Currency::from_code(self.row.currency).unwrap_or(Currency::Usd)
    }

    /// The rates it names, per million units each.
    pub fn rates(self) -> impl Iterator<Item = (Meter, Rate)> + Clone {
        let rows = self.row.rates.of(self.catalog.rates);
        rows.iter().filter_map(|row| Some((Meter::from_code(row.meter)?, Rate::from_micros(row.micros.get()))))
    }
}

impl fmt::Debug for Price<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entry(&"condition", &self.condition()).entries(self.rates()).finish()
    }
}
