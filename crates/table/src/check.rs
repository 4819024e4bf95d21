//! Verification of the tables: rows are sorted and unique, and refer only to existing rows, as lookups require.

use crate::rows::{ConditionRow, DetailRow, ModelRow, Range, Text};
use crate::{Catalog, Currency, Fact, Meter, ServiceTier, Set, Value, Weekday};
use core::fmt;
use zerocopy::FromZeros;

/// The error for a table row that lookups cannot find or read correctly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorruptTable {
    /// The table with the invalid row: the name of a field of [`Catalog`], such as `providers`.
    pub table: &'static str,
    /// The index of the invalid row in the table.
    pub row: usize,
    /// Description of what is wrong with the row, as a sentence.
    pub problem: &'static str,
}

impl fmt::Display for CorruptTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, row, problem } = self;
        write!(f, "row {row} of the table `{table}` is invalid: {problem}")
    }
}

impl core::error::Error for CorruptTable {}

impl Catalog<'_> {
    /// Verifies that lookups can find and read every row of the catalog. Intended for tests; no lookup calls this function.
    ///
    /// # Errors
    /// Returns the first invalid row that was found. A row is invalid if it is not in sort order, has the same id as another row, refers to a row or
    /// text that does not exist, or is not found by its id in the hash index. A row of `conditions`, `prices` or `rates` is also invalid if it stores
    /// a number without a meaning, such as the code of an unknown meter.
    pub fn verify(&self) -> Result<(), CorruptTable> {
        self.verify_order()?;
        self.verify_bounds()?;
        self.verify_prices()?;
        self.verify_index()
    }

    fn verify_order(&self) -> Result<(), CorruptTable> {
        let id = |text| self.text(text);
        verify_sorted("providers", self.providers, |a, b| id(a.id) < id(b.id))?;
        verify_sorted("provider_aliases", self.provider_aliases, |a, b| id(a.id) < id(b.id))?;
        verify_sorted("labs", self.labs, |a, b| id(a.id) < id(b.id))?;
        verify_sorted("models", self.models, |a, b| (a.owner.get(), id(a.id)) < (b.owner.get(), id(b.id)))?;
        verify_sorted("bases", self.bases, |a, b| (a.owner.get(), id(a.id)) < (b.owner.get(), id(b.id)))?;
        verify_sorted("aliases", self.aliases, |a, b| (a.provider.get(), id(a.id)) < (b.provider.get(), id(b.id)))
    }

    fn verify_bounds(&self) -> Result<(), CorruptTable> {
        let text = |text: Text| {
            let start = text.start.get() as usize;
            self.strings.get(start..start + text.len.get() as usize).is_some()
        };
        let range = |range: Range, len: usize| range.start.get() as usize + range.len.get() as usize <= len;
        verify_each("providers", self.providers, |row| {
            let models = row.models_start.get() as usize + row.models_len.get() as usize;
            text(row.id)
                && text(row.name)
                && text(row.doc_url)
                && text(row.extends)
                && range(row.endpoints, self.endpoints.len())
                && range(row.auths, self.auths.len())
                && range(row.sources, self.sources.len())
                && models <= self.models.len()
                && row.default_model.get() as usize <= self.models.len()
        })?;
        verify_each("endpoints", self.endpoints, |row| {
            text(row.id) && text(row.base_url) && text(row.region) && text(row.plan) && range(row.headers, self.headers.len())
        })?;
        verify_each("headers", self.headers, |row| text(row.name) && text(row.value))?;
        verify_each("auths", self.auths, |row| {
            range(row.env, self.texts.len())
                && range(row.variables, self.variables.len())
                && text(row.header)
                && text(row.scheme)
                && text(row.query)
        })?;
        verify_each("variables", self.variables, |row| range(row.env, self.texts.len()) && text(row.default))?;
        verify_each("labs", self.labs, |row| {
            let bases = row.bases_start.get() as usize + row.bases_len.get() as usize;
            text(row.id) && text(row.name) && range(row.sources, self.sources.len()) && bases <= self.bases.len()
        })?;
        for (name, rows, owners) in [("models", self.models, self.providers.len()), ("bases", self.bases, self.labs.len())] {
            verify_each(name, rows, |row| {
                text(row.id)
                    && (row.owner.get() as usize) < owners
                    && row.base.get() as usize <= self.bases.len()
                    && range(row.prices, self.prices.len())
                    && row.detail.get() as usize <= self.details.len()
                    && (row.origin.get() as usize) < self.origins.len()
            })?;
        }
        verify_each("details", self.details, |row| range(row.sources, self.sources.len()) && text(row.reason))?;
        let fact = |fact: &Fact, model: &ModelRow, detail: &DetailRow| match fact.load(model, detail) {
            Some(Value::Text(stored)) => text(stored),
            Some(Value::Texts(list)) => range(list, self.texts.len()),
            _ => true,
        };
        let (no_model, no_detail) = (&ModelRow::new_zeroed(), &DetailRow::new_zeroed());
        for (name, rows) in [("models", self.models), ("bases", self.bases)] {
            verify_each(name, rows, |row| Fact::ALL.iter().all(|each| fact(each, row, no_detail)))?;
        }
        verify_each("details", self.details, |row| Fact::ALL.iter().all(|each| fact(each, no_model, row)))?;
        verify_each("aliases", self.aliases, |row| {
            text(row.id)
                && text(row.reason)
                && (row.model.get() as usize) < self.models.len()
                && self.models.get(row.model.get() as usize).is_some_and(|model| model.owner == row.provider)
        })?;
        verify_each("provider_aliases", self.provider_aliases, |row| {
            text(row.id) && text(row.reason) && (row.provider.get() as usize) < self.providers.len()
        })?;
        verify_each("prices", self.prices, |row| {
            (row.condition.get() as usize) < self.conditions.len() && range(row.rates, self.rates.len())
        })?;
        verify_each("conditions", self.conditions, |row| text(row.region))?;
        verify_each("sources", self.sources, |row| text(row.url))?;
        verify_each("texts", self.texts, |row| text(*row))?;
        for (name, slots) in [("model_slots", self.model_slots), ("provider_slots", self.provider_slots)] {
            verify_each(name, slots, |row| text(row.id))?;
        }
        verify_each("layers", self.layers, |row| text(row.name))
    }

    /// Verifies the row codes of conditions, prices and rates. A price list entry with an unknown code would never apply, and a rate with an unknown
    /// meter would never be charged.
    fn verify_prices(&self) -> Result<(), CorruptTable> {
        let problem = "the row stores a code that does not stand for any value";
        let is_valid = |row: &ConditionRow| {
            let days = u32::from(row.days);
            row.tier.checked_sub(1).is_none_or(|tier| ServiceTier::from_code(tier).is_some())
                && Set::<Weekday>::from_bits(days).iter().fold(0, |bits, day| bits | 1 << day.code()) == days
                && row.hours_start.get() <= MIDNIGHT
                && row.hours_end.get() <= MIDNIGHT
        };
        verify_each_with("conditions", self.conditions, problem, is_valid)?;
        verify_each_with("prices", self.prices, problem, |row| Currency::from_code(row.currency).is_some())?;
        verify_each_with("rates", self.rates, problem, |row| Meter::from_code(row.meter).is_some())
    }

    fn verify_index(&self) -> Result<(), CorruptTable> {
        let corrupt = |table, row| Err(CorruptTable { table, row, problem: "the hash index does not find the row by its id" });
        for (at, provider) in self.providers().enumerate() {
            if self.provider(provider.id()).is_none_or(|found| found.index() != at) {
                return corrupt("providers", at);
            }
        }
        for (at, alias) in self.provider_aliases().enumerate() {
            let target = alias.provider().map(crate::Provider::index);
            if target.is_none() || self.provider(alias.id()).map(crate::Provider::index) != target {
                return corrupt("provider_aliases", at);
            }
        }
        for (at, model) in self.models().enumerate() {
            let reference = model.reference();
            if self.resolve_in(reference.owner, reference.id).is_none_or(|found| found.model != model || found.alias.is_some()) {
                return corrupt("models", at);
            }
        }
        for (at, alias) in self.aliases().enumerate() {
            let reference = alias.reference();
            let found = self.resolve_in(reference.owner, reference.id);
            if found.is_none_or(|found| Some(found.model) != alias.model() || found.alias.is_none()) {
                return corrupt("aliases", at);
            }
        }
        Ok(())
    }
}

fn verify_sorted<T>(table: &'static str, rows: &[T], before: impl Fn(&T, &T) -> bool) -> Result<(), CorruptTable> {
    match rows.windows(2).position(|pair| !before(&pair[0], &pair[1])) {
        Some(at) => Err(CorruptTable { table, row: at + 1, problem: "the row is out of order, or equals the previous row" }),
        None => Ok(()),
    }
}

fn verify_each<T>(table: &'static str, rows: &[T], is_valid: impl Fn(&T) -> bool) -> Result<(), CorruptTable> {
    verify_each_with(table, rows, "the row refers to a row or text that does not exist", is_valid)
}

fn verify_each_with<T>(table: &'static str, rows: &[T], problem: &'static str, is_valid: impl Fn(&T) -> bool) -> Result<(), CorruptTable> {
    match rows.iter().position(|row| !is_valid(row)) {
        Some(row) => Err(CorruptTable { table, row, problem }),
        None => Ok(()),
    }
}

/// The end of a day, in minutes.
const MIDNIGHT: u16 = 24 * 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{PriceRow, RateRow};
    use crate::{ALWAYS_ROW, PriceList, RequestContext};

    #[test]
    fn unknown_codes_are_reported_and_match_no_request() {
        let outside = Text { start: 9.into(), len: 1.into() };
        let bad = [
            ConditionRow { tier: 200, ..ALWAYS_ROW },
            ConditionRow { days: 128, ..ALWAYS_ROW },
            ConditionRow { region: outside, ..ALWAYS_ROW },
        ];
        for (at, condition) in bad.into_iter().enumerate() {
            let (conditions, rates) = ([condition], [RateRow { meter: 0, micros: 1.into() }]);
            let prices = [PriceRow { condition: 0.into(), currency: 0, rates: Range { start: 0.into(), len: 1.into() } }];
            let catalog = Catalog { conditions: &conditions, prices: &prices, rates: &rates, ..Catalog::default() };
            assert_eq!(catalog.verify().map_err(|corrupt| (corrupt.table, corrupt.row)), Err(("conditions", 0)), "{at}");
            let list = PriceList { catalog: &catalog, rows: &prices };
            for tier in [None].into_iter().chain(ServiceTier::ALL.iter().copied().map(Some)) {
                let context =
                    RequestContext { tier, at: Some(crate::Moment::from_minutes(1)), region: Some(""), ..RequestContext::default() };
                assert!(list.rates_for(&context).is_none(), "{at}");
            }
        }
        for (currency, meter, table) in [(9, 0, "prices"), (0, 99, "rates")] {
            let (prices, rates) = (
                [PriceRow { condition: 0.into(), currency, rates: Range { start: 0.into(), len: 1.into() } }],
                [RateRow { meter, micros: 1.into() }],
            );
            let catalog = Catalog { conditions: &[ALWAYS_ROW], prices: &prices, rates: &rates, ..Catalog::default() };
            assert_eq!(catalog.verify().map_err(|corrupt| corrupt.table), Err(table));
        }
    }
}
