//! What must hold of the rows for lookups to be right: sorted, unique, in bounds.

use crate::rows::{ConditionRow, DetailRow, ModelRow, Range, Text};
use crate::{Catalog, Currency, Fact, Meter, ServiceTier, Set, Value, Weekday};
use core::fmt;
use zerocopy::FromZeros;

/// A table that breaks what lookups rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The table.
    pub table: &'static str,
    /// The row.
    pub row: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} of table `{}`: {}", self.row, self.table, self.what)
    }
}

impl core::error::Error for Fault {}

impl Catalog<'_> {
    /// Reads every row and tells the first that breaks what lookups rely on. For tests: nothing in a lookup calls it.
    ///
    /// # Errors
    /// When a table is not sorted, a key stands twice, a row points outside of a table, or a price has a code that stands for nothing.
    pub fn verify(&self) -> Result<(), Fault> {
        self.verify_order()?;
        self.verify_bounds()?;
        self.verify_prices()?;
        self.verify_index()
    }

    fn verify_order(&self) -> Result<(), Fault> {
        let id = |text| self.text(text);
        sorted("providers", self.providers, |a, b| id(a.id) < id(b.id))?;
        sorted("provider_aliases", self.provider_aliases, |a, b| id(a.id) < id(b.id))?;
        sorted("labs", self.labs, |a, b| id(a.id) < id(b.id))?;
        sorted("models", self.models, |a, b| (a.owner.get(), id(a.id)) < (b.owner.get(), id(b.id)))?;
        sorted("bases", self.bases, |a, b| (a.owner.get(), id(a.id)) < (b.owner.get(), id(b.id)))?;
        sorted("aliases", self.aliases, |a, b| (a.provider.get(), id(a.id)) < (b.provider.get(), id(b.id)))
    }

    fn verify_bounds(&self) -> Result<(), Fault> {
        let text = |text: Text| {
            let start = text.start.get() as usize;
            self.strings.get(start..start + text.len.get() as usize).is_some()
        };
        let range = |range: Range, len: usize| range.start.get() as usize + range.len.get() as usize <= len;
        each("providers", self.providers, |row| {
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
        each("endpoints", self.endpoints, |row| {
            text(row.id) && text(row.base_url) && text(row.region) && text(row.plan) && range(row.headers, self.headers.len())
        })?;
        each("headers", self.headers, |row| text(row.name) && text(row.value))?;
        each("auths", self.auths, |row| {
            range(row.env, self.texts.len())
                && range(row.variables, self.variables.len())
                && text(row.header)
                && text(row.scheme)
                && text(row.query)
        })?;
        each("variables", self.variables, |row| range(row.env, self.texts.len()) && text(row.default))?;
        each("labs", self.labs, |row| {
            let bases = row.bases_start.get() as usize + row.bases_len.get() as usize;
            text(row.id) && text(row.name) && range(row.sources, self.sources.len()) && bases <= self.bases.len()
        })?;
        for (name, rows, owners) in [("models", self.models, self.providers.len()), ("bases", self.bases, self.labs.len())] {
            each(name, rows, |row| {
                text(row.id)
                    && (row.owner.get() as usize) < owners
                    && row.base.get() as usize <= self.bases.len()
                    && range(row.prices, self.prices.len())
                    && row.detail.get() as usize <= self.details.len()
                    && (row.origin.get() as usize) < self.origins.len()
            })?;
        }
        each("details", self.details, |row| range(row.sources, self.sources.len()) && text(row.reason))?;
        let fact = |fact: &Fact, model: &ModelRow, detail: &DetailRow| match fact.load(model, detail) {
            Some(Value::Text(stored)) => text(stored),
            Some(Value::Texts(list)) => range(list, self.texts.len()),
            _ => true,
        };
        let (no_model, no_detail) = (&ModelRow::new_zeroed(), &DetailRow::new_zeroed());
        for (name, rows) in [("models", self.models), ("bases", self.bases)] {
            each(name, rows, |row| Fact::ALL.iter().all(|each| fact(each, row, no_detail)))?;
        }
        each("details", self.details, |row| Fact::ALL.iter().all(|each| fact(each, no_model, row)))?;
        each("aliases", self.aliases, |row| {
            text(row.id)
                && text(row.reason)
                && (row.model.get() as usize) < self.models.len()
                && self.models.get(row.model.get() as usize).is_some_and(|model| model.owner == row.provider)
        })?;
        each("provider_aliases", self.provider_aliases, |row| {
            text(row.id) && text(row.reason) && (row.provider.get() as usize) < self.providers.len()
        })?;
        each("prices", self.prices, |row| (row.condition.get() as usize) < self.conditions.len() && range(row.rates, self.rates.len()))?;
        each("conditions", self.conditions, |row| text(row.region))?;
        each("sources", self.sources, |row| text(row.url))?;
        each("texts", self.texts, |row| text(*row))?;
        for (name, slots) in [("model_slots", self.model_slots), ("provider_slots", self.provider_slots)] {
            each(name, slots, |row| text(row.id))?;
        }
        each("layers", self.layers, |row| text(row.name))
    }

    /// An entry whose code stands for nothing would hold for nobody, or charge nothing for what it names.
    fn verify_prices(&self) -> Result<(), Fault> {
        let what = "a code stands for nothing";
        let holds = |row: &ConditionRow| {
            let days = u32::from(row.days);
            row.tier.checked_sub(1).is_none_or(|tier| ServiceTier::from_code(tier).is_some())
                && Set::<Weekday>::from_bits(days).iter().fold(0, |bits, day| bits | 1 << day.code()) == days
                && row.hours_start.get() <= MIDNIGHT
                && row.hours_end.get() <= MIDNIGHT
        };
        each_is("conditions", self.conditions, what, holds)?;
        each_is("prices", self.prices, what, |row| Currency::from_code(row.currency).is_some())?;
        each_is("rates", self.rates, what, |row| Meter::from_code(row.meter).is_some())
    }

    fn verify_index(&self) -> Result<(), Fault> {
        let fault = |table, row| Err(Fault { table, row, what: "the index does not lead to it" });
        for (at, provider) in self.providers().enumerate() {
            if self.provider(provider.id()).is_none_or(|found| found.place() != at) {
                return fault("providers", at);
            }
        }
        for (at, alias) in self.provider_aliases().enumerate() {
            let target = alias.provider().map(crate::Provider::place);
            if target.is_none() || self.provider(alias.id()).map(crate::Provider::place) != target {
                return fault("provider_aliases", at);
            }
        }
        for (at, model) in self.models().enumerate() {
            let reference = model.reference();
            if self.resolve_in(reference.owner, reference.id).is_none_or(|found| found.model != model || found.alias.is_some()) {
                return fault("models", at);
            }
        }
        for (at, alias) in self.aliases().enumerate() {
            let reference = alias.reference();
            let found = self.resolve_in(reference.owner, reference.id);
            if found.is_none_or(|found| Some(found.model) != alias.model() || found.alias.is_none()) {
                return fault("aliases", at);
            }
        }
        Ok(())
    }
}

fn sorted<T>(table: &'static str, rows: &[T], before: impl Fn(&T, &T) -> bool) -> Result<(), Fault> {
    match rows.windows(2).position(|pair| !before(&pair[0], &pair[1])) {
        Some(at) => Err(Fault { table, row: at + 1, what: "it does not sort after the row before it" }),
        None => Ok(()),
    }
}

fn each<T>(table: &'static str, rows: &[T], holds: impl Fn(&T) -> bool) -> Result<(), Fault> {
    each_is(table, rows, "it points outside of a table", holds)
}

fn each_is<T>(table: &'static str, rows: &[T], what: &'static str, holds: impl Fn(&T) -> bool) -> Result<(), Fault> {
    match rows.iter().position(|row| !holds(row)) {
        Some(row) => Err(Fault { table, row, what }),
        None => Ok(()),
    }
}

/// The end of a day in minutes.
const MIDNIGHT: u16 = 24 * 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{PriceRow, RateRow};
    use crate::{ALWAYS_ROW, Circumstances, Prices};

    #[test]
    fn a_code_that_stands_for_nothing_is_told_and_holds_for_nobody() {
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
            assert_eq!(catalog.verify().map_err(|fault| (fault.table, fault.row)), Err(("conditions", 0)), "{at}");
            let list = Prices { catalog: &catalog, rows: &prices };
            for tier in [None].into_iter().chain(ServiceTier::ALL.iter().copied().map(Some)) {
                let given = Circumstances { tier, at: Some(crate::Moment::from_minutes(1)), region: Some(""), ..Circumstances::default() };
                assert!(list.under(&given).is_none(), "{at}");
            }
        }
        for (currency, meter, table) in [(9, 0, "prices"), (0, 99, "rates")] {
            let (prices, rates) = (
                [PriceRow { condition: 0.into(), currency, rates: Range { start: 0.into(), len: 1.into() } }],
                [RateRow { meter, micros: 1.into() }],
            );
            let catalog = Catalog { conditions: &[ALWAYS_ROW], prices: &prices, rates: &rates, ..Catalog::default() };
            assert_eq!(catalog.verify().map_err(|fault| fault.table), Err(table));
        }
    }
}
