//! The sections of a difference, for the terminal and Markdown. Only rows that are printed are formatted.

use super::routing;
use crate::commands::models_show::price;
use crate::commands::out::Tone;
use crate::commands::table::{Column, Shorten, Step};
use crate::commands::units::{Cost, Money, Tokens};
use crate::diff::{Difference, EntryChange, FactChange, PriceChange, RateChange, StatusChange, Unmatched, largest};
use modeldex_compile::authored::Value;
use modeldex_table::{Currency, CurrentRates, Meter, Model, Provider, Status};
use std::collections::BTreeMap;

/// A section: all changes of one kind.
pub(super) struct Section {
    pub(super) title: &'static str,
    /// The noun for a number of changes, singular and plural, such as `model added` and `models added`.
    pub(super) nouns: [&'static str; 2],
    pub(super) columns: &'static [Column],
    /// How columns are shortened or dropped on a narrow terminal, in this order.
    pub(super) narrowing_steps: &'static [Step],
    pub(super) rows: Vec<Vec<Cell>>,
    /// The number of changes.
    pub(super) count: usize,
    /// The number of changes without a row.
    pub(super) left_out: usize,
    /// Whether Markdown shows all rows unfolded.
    pub(super) is_uncut: bool,
    /// The number of changes of each provider's models, if some changes are omitted. Empty for sections about providers.
    by_provider: Vec<(String, usize)>,
}

/// A table cell: plain text followed by literal text. Either may be empty.
pub(super) struct Cell {
    pub(super) tone: Tone,
    /// Plain text, such as a name.
    pub(super) words: String,
    /// Literal text, such as an id. Formatted as code in Markdown.
    pub(super) code: String,
}

/// Maximum number of providers that are listed with their number of changes.
const MAX_COUNTED_PROVIDERS: usize = 20;

const MODEL: Column = Column::shortened("Model", Shorten::Middle);
const PROVIDER: Column = Column::text("Provider");
const NOTE: Column = Column::shortened("Note", Shorten::Middle);
const FACT: Column = Column::text("Fact");
const CHANGE: Column = Column::text("Change");

const PROVIDERS: &[Column] = &[PROVIDER, Column::text("Name"), Column::number("Models"), NOTE];
const PROVIDERS_STEPS: &[Step] = &[
    Step::Shrink("Note", 24),
    Step::Shrink("Name", 12),
    Step::Shrink("Provider", 16),
    Step::Drop("Name"),
    Step::Drop("Note"),
    Step::Shrink("Provider", 1),
];

const ADDED: &[Column] = &[MODEL, Column::number("Context"), Column::number("Output"), Column::number("Price"), NOTE];
const ADDED_STEPS: &[Step] = &[
    Step::Shrink("Note", 24),
    Step::Shrink("Model", 28),
    Step::Shrink("Note", 16),
    Step::Shrink("Model", 20),
    Step::Drop("Output"),
    Step::Drop("Context"),
    Step::Drop("Note"),
    Step::Drop("Price"),
    Step::Shrink("Model", 1),
];

const REMOVED: &[Column] = &[MODEL, NOTE];
const REMOVED_STEPS: &[Step] = &[Step::Shrink("Note", 40), Step::Shrink("Model", 28), Step::Shrink("Note", 16), Step::Shrink("Model", 1)];

const STATUSES: &[Column] = &[MODEL, Column::text("Status"), Column::text("Date"), Column::shortened("Successor", Shorten::Middle)];
const STATUS_STEPS: &[Step] = &[
    Step::Shrink("Successor", 24),
    Step::Shrink("Model", 24),
    Step::Shrink("Successor", 14),
    Step::Drop("Successor"),
    Step::Drop("Date"),
    Step::Shrink("Model", 12),
    Step::Shrink("Status", 10),
];

const PRICES: &[Column] = &[MODEL, CHANGE, Column::number("Move")];
const PRICES_STEPS: &[Step] = &[
    Step::Shrink("Model", 36),
    Step::Shrink("Change", 32),
    Step::Shrink("Model", 20),
    Step::Shrink("Change", 20),
    Step::Drop("Move"),
    Step::Shrink("Model", 12),
    Step::Shrink("Change", 10),
];

const FACTS: &[Column] = &[MODEL, FACT, CHANGE];
pub(super) const PROVIDER_FACTS: &[Column] = &[PROVIDER, FACT, CHANGE];
const FACTS_STEPS: &[Step] = &facts_steps("Model");
const PROVIDER_FACTS_STEPS: &[Step] = &facts_steps("Provider");

const fn facts_steps(of: &'static str) -> [Step; 6] {
    use Step::Shrink;
    [Shrink(of, 36), Shrink("Change", 28), Shrink(of, 20), Shrink("Change", 12), Shrink("Fact", 10), Shrink(of, 1)]
}

/// Returns all non-empty sections, with at most `max_rows` rows each, except the section of routing changes, which has all rows.
pub(super) fn all(difference: &Difference<'_>, max_rows: usize) -> Vec<Section> {
    let changed_statuses =
        |is_selected: fn(Status) -> bool| difference.statuses.iter().filter(|change| is_selected(change.new)).collect::<Vec<_>>();
    let owner = |model: Model<'_>| Some(model.provider().id().to_owned());
    // The last column is omitted if it is empty in all rows.
    let notes = |columns: &'static [Column], has_note: bool| if has_note { columns } else { &columns[..columns.len() - 1] };
    let of_model = |only: &Unmatched<Model<'_>>| owner(only.item);
    let status_changes = |title, nouns, changed_statuses: Vec<&StatusChange<'_>>| {
        Section::new(
            title,
            nouns,
            STATUSES,
            STATUS_STEPS,
            &changed_statuses,
            max_rows,
            |change| owner(change.model),
            |change| vec![status_row(change)],
        )
    };
    let changes = |title, nouns, changed: &[FactChange<Model<'_>>]| {
        let changed: Vec<_> = changed.iter().filter(|changed| !routing::is_routing(changed)).collect();
        let row = |changed: &&FactChange<Model<'_>>| vec![changed_row(changed.subject.reference().to_string(), changed)];
        Section::new(title, nouns, FACTS, FACTS_STEPS, &changed, max_rows, |changed| owner(changed.subject), row)
    };
    let provider_changes = |title, nouns, changed: &[FactChange<Provider<'_>>]| {
        let changed: Vec<_> = changed.iter().filter(|changed| !routing::is_routing(changed)).collect();
        let row = |changed: &&FactChange<Provider<'_>>| vec![changed_row(changed.subject.id().to_owned(), changed)];
        Section::new(title, nouns, PROVIDER_FACTS, PROVIDER_FACTS_STEPS, &changed, max_rows, |_| None, row)
    };
    let only_providers = |title, nouns, only: &[Unmatched<Provider<'_>>], note| {
        let columns = notes(PROVIDERS, only.iter().any(|only| only.alias_of.is_some()));
        Section::new(title, nouns, columns, PROVIDERS_STEPS, only, max_rows, |_| None, |only| vec![provider_row(only, note)])
    };
    let Difference { added, removed, prices, .. } = difference;
    let added_columns = notes(ADDED, added.iter().any(|only| !added_note(only).is_empty()));
    let removed_columns = notes(REMOVED, removed.iter().any(|only| !removed_note(only).is_empty()));
    let sections = [
        routing::section(difference),
        only_providers("Providers added", ["provider added", "providers added"], &difference.providers_added, "was an alias of"),
        only_providers("Providers removed", ["provider removed", "providers removed"], &difference.providers_removed, "now an alias of"),
        Section::new("Models added", ["model added", "models added"], added_columns, ADDED_STEPS, added, max_rows, of_model, |only| {
            vec![added_row(only)]
        }),
        Section::new(
            "Models removed",
            ["model removed", "models removed"],
            removed_columns,
            REMOVED_STEPS,
            removed,
            max_rows,
            of_model,
            |only| vec![vec![Cell::code(only.item.reference().to_string()), removed_note(only)]],
        ),
        status_changes("Retired", ["model retired", "models retired"], changed_statuses(|status| status == Status::Retired)),
        status_changes("Deprecated", ["model deprecated", "models deprecated"], changed_statuses(|status| status == Status::Deprecated)),
        status_changes(
            "Other status changes",
            ["other status change", "other status changes"],
            changed_statuses(|status| !matches!(status, Status::Retired | Status::Deprecated)),
        ),
        Section::new(
            "Prices, per million tokens or per unit",
            ["price changed", "prices changed"],
            PRICES,
            PRICES_STEPS,
            prices,
            max_rows,
            |change| owner(change.new),
            price_rows,
        ),
        changes("Limits, in tokens", ["limit changed", "limits changed"], &difference.limits),
        changes(
            "Capabilities and modalities",
            ["capability or modality changed", "capabilities and modalities changed"],
            &difference.capabilities,
        ),
        changes("Other facts", ["other fact changed", "other facts changed"], &difference.facts),
        provider_changes("Facts of providers", ["fact of a provider changed", "facts of providers changed"], &difference.providers),
        changes("Sources", ["model with changed sources", "models with changed sources"], &difference.sources),
        provider_changes(
            "Sources of providers",
            ["provider with changed sources", "providers with changed sources"],
            &difference.provider_sources,
        ),
    ];
    sections.into_iter().filter(|section| section.count > 0).collect()
}

/// `1 provider added`
pub(super) fn counted(section: &Section) -> String {
    let [one, many] = section.nouns;
    format!("{} {}", section.count, if section.count == 1 { one } else { many })
}

impl Section {
    /// Formats the number of changes without a row.
    pub(super) fn more_changes(&self) -> String {
        match self.left_out {
            1 => "1 more change".to_owned(),
            count => format!("{count} more changes"),
        }
    }

    /// Formats the number of changes of each provider, if some changes are omitted: the first providers, then the number of further providers.
    pub(super) fn counts(&self, named: impl Fn(&str) -> String) -> Vec<String> {
        let shown = self.by_provider.iter().take(MAX_COUNTED_PROVIDERS).map(|(provider, count)| format!("{} {count}", named(provider)));
        let more = match self.by_provider.len().saturating_sub(MAX_COUNTED_PROVIDERS) {
            0 => None,
            1 => Some("… and 1 more provider".to_owned()),
            count => Some(format!("… and {count} more providers")),
        };
        shown.chain(more).collect()
    }

    #[allow(clippy::too_many_arguments, reason = "a struct for them would repeat the fields of the section")]
    pub(super) fn new<T>(
        title: &'static str,
        nouns: [&'static str; 2],
        columns: &'static [Column],
        narrowing_steps: &'static [Step],
        changes: &[T],
        max_rows: usize,
        owner: impl Fn(&T) -> Option<String>,
        rows_of: impl Fn(&T) -> Vec<Vec<Cell>>,
    ) -> Self {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        let mut shown = 0;
        for change in changes {
            let more = rows_of(change);
            // A change with more rows than the limit is still printed in full.
            if shown > 0 && rows.len().saturating_add(more.len()) > max_rows {
                break;
            }
            rows.extend(more);
            shown += 1;
        }
        let by_provider = if shown < changes.len() { by_provider(changes.iter().filter_map(owner)) } else { Vec::new() };
        rows.iter_mut().for_each(|row| row.truncate(columns.len()));
        let (count, left_out) = (changes.len(), changes.len() - shown);
        Self { title, nouns, columns, narrowing_steps, rows, count, left_out, is_uncut: false, by_provider }
    }
}

impl Cell {
    fn words(words: impl Into<String>) -> Self {
        Self { tone: Tone::Plain, words: words.into(), code: String::new() }
    }

    pub(super) fn code(code: impl Into<String>) -> Self {
        Self { tone: Tone::Plain, words: String::new(), code: code.into() }
    }

    fn both(words: &str, code: String) -> Self {
        Self { tone: Tone::Plain, words: words.to_owned(), code }
    }

    pub(super) fn toned(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.code.is_empty()
    }
}

/// Counts the changes of each provider. If there are more than `MAX_COUNTED_PROVIDERS`, the largest counts come first.
fn by_provider(owners: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    owners.for_each(|owner| *counts.entry(owner).or_default() += 1);
    let mut counts: Vec<_> = counts.into_iter().collect();
    if counts.len() > MAX_COUNTED_PROVIDERS {
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    }
    counts
}

fn provider_row(only: &Unmatched<Provider<'_>>, note: &str) -> Vec<Cell> {
    let provider = only.item;
    let note = only.alias_of.map_or_else(|| Cell::words(""), |other| Cell::both(note, other.id().to_owned()));
    vec![Cell::code(provider.id()), Cell::words(provider.name()), Cell::words(provider.models().len().to_string()), note]
}

fn added_row(only: &Unmatched<Model<'_>>) -> Vec<Cell> {
    let model = only.item;
    let limits = model.limits();
    vec![
        Cell::code(model.reference().to_string()),
        Cell::words(Tokens(limits.window).to_string()),
        Cell::words(Tokens(limits.output).to_string()),
        Cell::code(cost(model)),
        added_note(only),
    ]
}

fn added_note(only: &Unmatched<Model<'_>>) -> Cell {
    match (only.alias_of, only.item.status()) {
        (Some(other), _) => Cell::both("was an alias of", other.reference().to_string()),
        (None, Status::Active) => Cell::words(""),
        (None, status) => Cell::words(status.as_str()),
    }
}

fn removed_note(only: &Unmatched<Model<'_>>) -> Cell {
    match (only.alias_of, only.item.status()) {
        (Some(other), _) => Cell::both("now an alias of", other.reference().to_string()),
        (None, status @ (Status::Deprecated | Status::Retired)) => Cell::words(format!("was {status}")),
        (None, _) => Cell::words(""),
    }
}

fn status_row(change: &StatusChange<'_>) -> Vec<Cell> {
    let (model, life) = (change.model, change.model.lifecycle());
    let tone = match change.new {
        Status::Retired | Status::Deprecated => Tone::Warning,
        Status::Active | Status::Preview => Tone::Good,
    };
    let date = match change.new {
        Status::Retired => life.since.map(|date| date.to_string()),
        // The retirement date matters more than the deprecation date.
        Status::Deprecated => match life.end {
            Some(date) => Some(format!("retires {date}")),
            None => life.since.map(|date| format!("since {date}")),
        },
        Status::Active | Status::Preview => None,
    };
    vec![
        Cell::code(model.reference().to_string()),
        Cell::words(format!("{} → {}", change.old, change.new)).toned(tone),
        Cell::words(date.unwrap_or_default()),
        Cell::code(life.replacement.map(|successor| successor.reference().to_string()).unwrap_or_default()),
    ]
}

fn changed_row<T>(of: String, changed: &FactChange<T>) -> Vec<Cell> {
    vec![Cell::code(of), Cell::code(changed.fact), Cell::code(change(changed.old.as_ref(), changed.new.as_ref()))]
}

/// Formats a change: `? → 128k`, or for two lists the added and removed items, as in `+pdf, -image`.
pub(super) fn change(old: Option<&Value>, new: Option<&Value>) -> String {
    let shown = format!("{} → {}", short(old), short(new));
    match (old, new) {
        // Token counts that round to the same three digits are printed in full.
        (Some(Value::Tokens(a)), Some(Value::Tokens(b))) if short(old) == short(new) => format!("{a} → {b}"),
        (Some(old), Some(new)) => match (list(old), list(new)) {
            (Some(old), Some(new)) => {
                let added = new.iter().filter(|word| !old.contains(word)).map(|word| format!("+{word}"));
                let removed = old.iter().filter(|word| !new.contains(word)).map(|word| format!("-{word}"));
                let changes: Vec<String> = added.chain(removed).collect();
                if changes.is_empty() { shown } else { changes.join(", ") }
            }
            _ => shown,
        },
        _ => shown,
    }
}

/// The items of a list; `None` for a single value.
pub(super) fn list(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::Words(words) => Some(words.iter().collect()),
        Value::Texts(texts) => Some(texts.iter().map(String::as_str).collect()),
        _ => None,
    }
}

/// Formats a value, with tokens rounded to three digits; `?` if unknown.
fn short(value: Option<&Value>) -> String {
    match value {
        None => "?".to_owned(),
        Some(Value::Tokens(count)) => Tokens(Some(*count)).to_string(),
        Some(value) => value.to_string(),
    }
}

/// The unconditional price of a model.
fn cost(model: Model<'_>) -> String {
    Cost(model.billing(), CurrentRates::always(model.prices()).as_ref()).to_string()
}

/// Returns a row for the input and output rates, a row for each other rate, and a row for each conditional entry. Only the first row has the
/// reference of the model.
fn price_rows(change: &PriceChange<'_>) -> Vec<Vec<Cell>> {
    let (old, new) = (change.old, change.new);
    let is_usual = |rate: &RateChange| matches!(rate.meter, Meter::Input | Meter::Output);
    let (usual, others): (Vec<RateChange>, Vec<RateChange>) = change.rates.iter().partition(|rate| is_usual(rate));
    let currency = [old, new].map(|model| model.prices().base_rates().map_or(Currency::Usd, |rates| rates.currency()));
    let mut rows = Vec::new();
    let is_billing_changed = old.billing() != new.billing() || old.prices().is_empty() != new.prices().is_empty();
    if is_billing_changed || !usual.is_empty() {
        rows.push((format!("{} → {}", cost(old), cost(new)), largest_change(&usual)));
    }
    for rate in others {
        rows.push((rate_text(&rate, currency), largest_change(&[rate])));
    }
    for entry in &change.entries {
        rows.push((entry_text(entry), largest_change(&entry.rates())));
    }
    if change.is_reordered {
        rows.push(("the order of the price entries changed".to_owned(), Cell::words("")));
    }
    let model = |at: usize| if at == 0 { new.reference().to_string() } else { String::new() };
    rows.into_iter().enumerate().map(|(at, (text, largest_change))| vec![Cell::code(model(at)), Cell::code(text), largest_change]).collect()
}

/// Formats the largest relative change of the rates; empty if no rate has a relative change.
fn largest_change(rates: &[RateChange]) -> Cell {
    let Some(percent) = largest(rates) else { return Cell::words("") };
    Cell::words(percent_text(percent)).toned(if percent > 0.0 { Tone::Warning } else { Tone::Good })
}

/// Formats a percentage: with one decimal below 10%, otherwise without decimals.
fn percent_text(percent: f64) -> String {
    if percent.abs() < 9.95 { format!("{percent:+.1}%").replace(".0%", "%") } else { format!("{percent:+.0}%") }
}

/// `cache_read $0.20 → $0.10`
fn rate_text(rate: &RateChange, [old, new]: [Currency; 2]) -> String {
    let format =
        |currency, rate: Option<modeldex_table::Rate>| rate.map_or_else(|| "-".to_owned(), |rate| Money(currency, rate).to_string());
    format!("{} {} → {}", rate.meter, format(old, rate.old), format(new, rate.new))
}

fn entry_text(entry: &EntryChange<'_>) -> String {
    let whole = |sign: char, entry| {
        let [when, rates] = price(entry);
        format!("{sign} {when}: {rates}")
    };
    match (entry.old, entry.new) {
        (Some(old), Some(new)) => {
            let rates: Vec<String> = entry.rates().iter().map(|rate| rate_text(rate, [old.currency(), new.currency()])).collect();
            format!("{}: {}", new.condition(), rates.join("  "))
        }
        (Some(old), None) => whole('-', old),
        (None, Some(new)) => whole('+', new),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::{Modality, Words};

    #[test]
    fn unknown_is_a_question_mark_and_lists_show_added_and_removed_items() {
        let words = |words: &[&str]| Some(Value::Texts(words.iter().map(|word| (*word).to_owned()).collect()));
        let modalities = |words: &[&str]| Words::parse(Modality::VOCABULARY, words.iter().copied()).map(Value::Words);
        let tokens = |count| Some(Value::Tokens(count));
        for (old, new, expected) in [
            (None, tokens(128_000), "? → 128k"),
            (tokens(128_000), None, "128k → ?"),
            (tokens(262_144), tokens(262_000), "262144 → 262000"),
            (None, Some(Value::Flag(false)), "? → no"),
            (modalities(&["text", "image"]), modalities(&["text", "pdf"]), "+pdf, -image"),
            (words(&["a", "b"]), words(&["b", "a"]), "a, b → b, a"),
            (None, modalities(&["text", "image"]), "? → text, image"),
        ] {
            assert_eq!(change(old.as_ref(), new.as_ref()), expected);
        }
    }

    #[test]
    fn percents_are_short() {
        for (percent, text) in [(-50.0, "-50%"), (12.5, "+12%"), (2.5, "+2.5%"), (9.96, "+10%"), (-1.0, "-1%"), (900.0, "+900%")] {
            assert_eq!(percent_text(percent), text);
        }
    }
}
