//! What lines cost together, by model and day. Currencies are never added up.

use super::super::out;
use super::super::table::{Column, Shorten, Step, Table};
use super::super::units;
use modeldex_table::{Amount, Catalog, Cost, Currency, Meter, Model, Moment, Usage};
use std::collections::{BTreeMap, HashMap};

/// Sums of lines.
#[derive(Default)]
pub(super) struct Summary {
    sums: HashMap<Key, Sums>,
}

/// The place of a model, which is in the order of references, then the day and the currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    model: u32,
    day: u32,
    currency: u8,
}

#[derive(Clone, Copy)]
struct Sums {
    requests: u64,
    input: u64,
    output: u64,
    /// `None` when it is too large to be counted.
    amount: Option<Amount>,
}

const MINUTES_A_DAY: u32 = 24 * 60;

impl Summary {
    /// Adds a line.
    pub(super) fn add(&mut self, model: Model<'_>, at: Moment, usage: &Usage, cost: &Cost<'_>) {
        // A place is an index into a table whose length fits 24 bits.
        let model = u32::try_from(model.index()).unwrap_or(u32::MAX);
        let key = Key { model, day: at.minutes() / MINUTES_A_DAY, currency: cost.currency().code() };
        let (input, output) = (usage.get(Meter::Input), usage.get(Meter::Output));
        self.take(key, Sums { requests: usage.get(Meter::Request), input, output, amount: Some(cost.amount()) });
    }

    fn take(&mut self, key: Key, sums: Sums) {
        self.sums.entry(key).and_modify(|known| known.add(&sums)).or_insert(sums);
    }

    /// Adds what another thread has summed up.
    pub(super) fn merge(&mut self, other: Self) {
        other.sums.into_iter().for_each(|(key, sums)| self.take(key, sums));
    }

    /// Tells it on stderr, so that stdout has nothing but answers.
    pub(super) fn tell(self, catalog: &Catalog<'_>) {
        if self.sums.is_empty() {
            return;
        }
        let mut table = Table::new(COLUMNS);
        let mut totals = BTreeMap::<u8, Sums>::new();
        let ordered: BTreeMap<Key, Sums> = self.sums.into_iter().collect();
        for (key, sums) in &ordered {
            match catalog.model_at(key.model as usize) {
                Some(model) => table.cell(model.reference()),
                None => table.cell("?"),
            }
            table.cell(Moment::from_minutes(key.day * MINUTES_A_DAY).date());
            sums.cells(&mut table, key.currency);
            totals.entry(key.currency).and_modify(|total| total.add(sums)).or_insert(*sums);
        }
        for (currency, sums) in totals {
            table.cells(&[&"total", &""]);
            sums.cells(&mut table, currency);
        }
        out::report(&table.report(STEPS));
    }
}

const COLUMNS: &[Column] = &[
    Column::shortened("Model", Shorten::Middle),
    Column::text("Day"),
    Column::number("Requests"),
    Column::number("Input"),
    Column::number("Output"),
    Column::number("Amount"),
];

const STEPS: &[Step] = &[Step::Shrink("Model", 20), Step::Drop("Output"), Step::Drop("Input")];

impl Sums {
    fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.amount = self.amount.and_then(|amount| amount.checked_add(other.amount?));
    }

    fn cells(&self, table: &mut Table, currency: u8) {
        table.cells(&[&self.requests, &self.input, &self.output]);
        match (self.amount, Currency::from_code(currency)) {
            (Some(amount), Some(currency)) => table.cell(format_args!("{}{amount}", units::sign(currency))),
            _ => table.cell("too large"),
        }
    }
}
