//! Price lists: the first entry always applies; each later entry has a condition and the rates that change when the condition applies.

use super::{ALWAYS_ROW, Condition, Rates, RequestContext};
use crate::rows::*;
use crate::{Catalog, Currency, Meter, Rate, ServiceTier};
use core::fmt;

/// The price list of a model. The first entry always applies; each later entry has a condition, and states the rates that differ when this condition
/// applies.
#[derive(Clone, Copy)]
pub struct PriceList<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) rows: &'a [PriceRow],
}

/// An entry of a price list: rates and the condition under which they apply.
#[derive(Clone, Copy)]
pub struct PriceEntry<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a PriceRow,
}

impl<'a> PriceList<'a> {
    /// Iterates over the entries in the order of the price list. If several entries that apply to a request state a rate for the same meter, the rate
    /// of the last of these entries is charged.
    pub fn iter(self) -> impl ExactSizeIterator<Item = PriceEntry<'a>> + Clone {
        let catalog = self.catalog;
        self.rows.iter().map(move |row| PriceEntry { catalog, row })
    }

    /// Returns the entry with the index `index`. Returns `None` if the price list has no entry with this index.
    #[must_use]
    pub fn get(self, index: usize) -> Option<PriceEntry<'a>> {
        Some(PriceEntry { catalog: self.catalog, row: self.rows.get(index)? })
    }

    /// Returns whether the price list has no entries. The list is empty if the model is free, covered by a plan, or unpriced.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the rates that apply to a request with the properties `context`. Returns `None` if no entry of the price list applies.
    ///
    /// The rate of a meter is taken from the last entry that applies and states a rate for this meter. Currencies are never mixed: if an entry in
    /// another currency applies, the rates of all earlier entries are discarded.
    #[must_use]
    pub fn rates_for(self, context: &RequestContext<'_>) -> Option<Rates> {
        let mut rates = Rates::none(Currency::Usd);
        self.write_rates_for(context, &mut rates).then_some(rates)
    }

    /// Like [`PriceList::rates_for`], but writes the rates to `rates`, which must be empty. Returns whether an entry applies. Returning [`Rates`] by
    /// value would cost as much time as finding them.
    #[inline]
    pub(super) fn write_rates_for(self, context: &RequestContext<'_>, rates: &mut Rates) -> bool {
        let mut found = false;
        for (index, price) in self.iter().enumerate() {
            if !price.applies_to(context) {
                continue;
            }
            rates.start_entry(price.currency());
            found = true;
            for row in price.row.rates.of(self.catalog.rates) {
                rates.set(usize::from(row.meter), row.micros.get(), index);
            }
        }
        found
    }

    /// Returns the rates of a standard request. Ignores entries that are limited to a service tier, a number of input tokens, dates, hours or a
    /// region. Returns `None` if the price list is empty.
    #[must_use]
    pub fn base_rates(self) -> Option<Rates> {
        self.rates_for(&RequestContext::default())
    }
}

impl<'a> PriceEntry<'a> {
    /// Returns the condition under which the entry applies.
    #[inline]
    #[must_use]
    pub fn condition(self) -> Condition<&'a str> {
        self.condition_row().view(self.catalog)
    }

    /// Returns whether the entry applies to a request with the properties `context`.
    #[inline]
    #[must_use]
    pub fn applies_to(self, context: &RequestContext<'_>) -> bool {
        self.condition_row().matches(self.catalog, context)
    }

    /// Returns whether the entry has no condition, and therefore applies to every request.
    #[must_use]
    pub fn is_always(self) -> bool {
        *self.condition_row() == ALWAYS_ROW
    }

    /// Returns the index of the entry's condition in [`Catalog::conditions`]. Entries with equal conditions have the same index. The index can
    /// differ in another version of the catalog.
    #[must_use]
    pub fn condition_index(self) -> usize {
        self.row.condition.get() as usize
    }

    /// Returns the service tier of the entry's condition. Returns `None` if the condition does not name a service tier.
    pub(super) fn tier(self) -> Option<ServiceTier> {
        self.condition_row().tier()
    }

    fn condition_row(self) -> &'a ConditionRow {
        const ALWAYS: &ConditionRow = &ALWAYS_ROW;
        self.catalog.conditions.get(self.condition_index()).unwrap_or(ALWAYS)
    }

    /// Returns the currency of the entry's rates.
    #[must_use]
    pub fn currency(self) -> Currency {
        Currency::from_code(self.row.currency).unwrap_or(Currency::Usd)
    }

    /// Iterates over the rates that the entry states, each with its meter. Each rate is the price of a million units of the meter, even if catalog
    /// files state the price of a single unit.
    pub fn rates(self) -> impl Iterator<Item = (Meter, Rate)> + Clone {
        let rows = self.row.rates.of(self.catalog.rates);
        rows.iter().filter_map(|row| Some((Meter::from_code(row.meter)?, Rate::from_micros(row.micros.get()))))
    }
}

impl fmt::Debug for PriceEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entry(&"condition", &self.condition()).entries(self.rates()).finish()
    }
}
