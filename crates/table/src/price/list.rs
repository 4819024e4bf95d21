//! Price lists: ordered entries, where later entries change single rates under conditions.

use super::{ALWAYS_ROW, Condition, Rates, RequestContext};
use crate::rows::*;
use crate::{Catalog, Currency, Meter, Rate, ServiceTier};
use core::fmt;

/// The price list of a model. The first entry always applies; each later entry has a condition and the rates it changes.
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
    /// Iterates over the entries in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = PriceEntry<'a>> + Clone {
        let catalog = self.catalog;
        self.rows.iter().map(move |row| PriceEntry { catalog, row })
    }

    /// Returns the entry at an index; `None` if out of bounds.
    #[must_use]
    pub fn get(self, index: usize) -> Option<PriceEntry<'a>> {
        Some(PriceEntry { catalog: self.catalog, row: self.rows.get(index)? })
    }

    /// Returns whether the list has no entries, as for models that are free, covered by a plan, or unpriced.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the rates for a request. The rate of a meter is that of the last applicable entry that states one.
    ///
    /// Currencies are never mixed: an entry in another currency replaces all rates of the entries before it. `None` if no entry applies.
    #[must_use]
    pub fn rates_for(self, context: &RequestContext<'_>) -> Option<Rates> {
        let mut rates = Rates::none(Currency::Usd);
        self.write_rates_for(context, &mut rates).then_some(rates)
    }

    /// Like [`PriceList::rates_for`], but fills empty rates in place: moving them costs as much as finding them.
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

    /// Returns the rates of a small request in the standard tier, without a time or region.
    #[must_use]
    pub fn base_rates(self) -> Option<Rates> {
        self.rates_for(&RequestContext::default())
    }
}

impl<'a> PriceEntry<'a> {
    /// Returns the condition.
    #[inline]
    #[must_use]
    pub fn condition(self) -> Condition<&'a str> {
        self.condition_row().view(self.catalog)
    }

    /// Returns whether the entry applies to a request.
    #[inline]
    #[must_use]
    pub fn applies_to(self, context: &RequestContext<'_>) -> bool {
        self.condition_row().matches(self.catalog, context)
    }

    /// Returns whether the entry always applies.
    #[must_use]
    pub fn is_always(self) -> bool {
        *self.condition_row() == ALWAYS_ROW
    }

    /// Returns the index of the condition in [`Catalog::conditions`]: equal for entries with equal conditions, and stable within one build of
    /// the catalog.
    #[must_use]
    pub fn condition_index(self) -> usize {
        self.row.condition.get() as usize
    }

    /// Returns the service tier of the condition.
    pub(super) fn tier(self) -> Option<ServiceTier> {
        self.condition_row().tier()
    }

    fn condition_row(self) -> &'a ConditionRow {
        const ALWAYS: &ConditionRow = &ALWAYS_ROW;
        self.catalog.conditions.get(self.condition_index()).unwrap_or(ALWAYS)
    }

    /// Returns the currency of the rates.
    #[must_use]
    pub fn currency(self) -> Currency {
        Currency::from_code(self.row.currency).unwrap_or(Currency::Usd)
    }

    /// Iterates over the rates of this entry, per million units.
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
