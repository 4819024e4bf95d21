//! The summary of usage lines by model and day. Amounts in different currencies are not added up.

use super::super::out;
use super::super::table::{Column, Shorten, Step, Table};
use super::super::units;
use modeldex_table::{Amount, Catalog, Cost, Currency, Meter, Model, Moment, Usage};
use std::collections::{BTreeMap, HashMap};

/// Totals by model, day and currency.
#[derive(Default)]
pub(super) struct Summary {
    sums: HashMap<SummaryKey, UsageTotals>,
}

/// The key of a total: the index of the model, the day, and the code of the currency. The order of indexes is that of the model references.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct SummaryKey {
    model: u32,
    day: u32,
    currency: u8,
}

#[derive(Clone, Copy)]
struct UsageTotals {
    requests: u64,
    input: u64,
    output: u64,
    /// `None` on overflow.
    amount: Option<Amount>,
}

const MINUTES_PER_DAY: u32 = 24 * 60;

impl Summary {
    /// Adds the cost of a line.
    pub(super) fn add(&mut self, model: Model<'_>, at: Moment, usage: &Usage, cost: &Cost<'_>) {
        // The index of a model fits 24 bits.
        let model = u32::try_from(model.index()).unwrap_or(u32::MAX);
        let key = SummaryKey { model, day: at.minutes() / MINUTES_PER_DAY, currency: cost.currency().code() };
        let (input, output) = (usage.get(Meter::Input), usage.get(Meter::Output));
        self.take(key, UsageTotals { requests: usage.get(Meter::Request), input, output, amount: Some(cost.amount()) });
    }

    fn take(&mut self, key: SummaryKey, sums: UsageTotals) {
        self.sums.entry(key).and_modify(|known| known.add(&sums)).or_insert(sums);
    }

    /// Adds the summary of another thread.
    pub(super) fn merge(&mut self, other: Self) {
        other.sums.into_iter().for_each(|(key, sums)| self.take(key, sums));
    }

    /// Prints the summary to stderr, so that stdout has only results.
    pub(super) fn print(self, catalog: &Catalog<'_>) {
        if self.sums.is_empty() {
            return;
        }
        let mut table = Table::new(COLUMNS);
        let mut totals = BTreeMap::<u8, UsageTotals>::new();
        let ordered: BTreeMap<SummaryKey, UsageTotals> = self.sums.into_iter().collect();
        for (key, sums) in &ordered {
            match catalog.model_at(key.model as usize) {
                Some(model) => table.cell(model.reference()),
                None => table.cell("?"),
            }
            table.cell(Moment::from_minutes(key.day * MINUTES_PER_DAY).date());
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

impl UsageTotals {
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
