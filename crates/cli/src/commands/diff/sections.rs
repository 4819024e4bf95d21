//! A difference as sections of rows, which a terminal and Markdown show alike. Only the rows that are shown are made.

use crate::commands::models_show::price;
use crate::commands::out::Tone;
use crate::commands::table::{Column, Shorten, Step};
use crate::commands::units::{Cost, Money, Tokens};
use crate::diff::{Changed, Difference, EntryChange, Only, PriceChange, RateChange, Turn, largest};
use modeldex_compile::authored::Value;
use modeldex_table::{Currency, CurrentRates, Meter, Model, Provider, Status};
use std::collections::BTreeMap;

/// One kind of change.
pub(super) struct Section {
    pub(super) title: &'static str,
    /// What is counted, one and many.
    pub(super) nouns: [&'static str; 2],
    pub(super) columns: &'static [Column],
    /// What gives way on a narrow terminal.
    pub(super) narrower: &'static [Step],
    pub(super) rows: Vec<Vec<Cell>>,
    /// How many changes there are.
    pub(super) count: usize,
    /// How many of them are in no row.
    pub(super) left_out: usize,
    /// How many changes each provider has, when some are left out. Empty where the changes are of providers themselves.
    by_provider: Vec<(String, usize)>,
}

/// One cell: words, then what is to be taken literally; either may be empty.
pub(super) struct Cell {
    pub(super) tone: Tone,
    /// What people read, such as a name.
    pub(super) words: String,
    /// What is written somewhere exactly so, such as an id. In Markdown it is code.
    pub(super) code: String,
}

/// How many providers are named with the number of their changes.
const PROVIDERS_COUNTED: usize = 20;

const MODEL: Column = Column::shortened("Model", Shorten::Middle);
const PROVIDER: Column = Column::text("Provider");
const NOTE: Column = Column::shortened("Note", Shorten::Middle);
const FACT: Column = Column::text("Fact");
const CHANGE: Column = Column::text("Change");

const PROVIDERS: &[Column] = &[PROVIDER, Column::text("Name"), Column::number("Models"), NOTE];
const PROVIDERS_NARROWER: &[Step] = &[
    Step::Shrink("Note", 24),
    Step::Shrink("Name", 12),
    Step::Shrink("Provider", 16),
    Step::Drop("Name"),
    Step::Drop("Note"),
    Step::Shrink("Provider", 1),
];

const ADDED: &[Column] = &[MODEL, Column::number("Context"), Column::number("Output"), Column::number("Price"), NOTE];
const ADDED_NARROWER: &[Step] = &[
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
const REMOVED_NARROWER: &[Step] =
    &[Step::Shrink("Note", 40), Step::Shrink("Model", 28), Step::Shrink("Note", 16), Step::Shrink("Model", 1)];

const TURNED: &[Column] = &[MODEL, Column::text("Status"), Column::text("Date"), Column::shortened("Successor", Shorten::Middle)];
const TURNED_NARROWER: &[Step] = &[
    Step::Shrink("Successor", 24),
    Step::Shrink("Model", 24),
    Step::Shrink("Successor", 14),
    Step::Drop("Successor"),
    Step::Drop("Date"),
    Step::Shrink("Model", 12),
    Step::Shrink("Status", 10),
];

const PRICES: &[Column] = &[MODEL, CHANGE, Column::number("Move")];
const PRICES_NARROWER: &[Step] = &[
    Step::Shrink("Model", 36),
    Step::Shrink("Change", 32),
    Step::Shrink("Model", 20),
    Step::Shrink("Change", 20),
    Step::Drop("Move"),
    Step::Shrink("Model", 12),
    Step::Shrink("Change", 10),
];

const FACTS: &[Column] = &[MODEL, FACT, CHANGE];
const PROVIDER_FACTS: &[Column] = &[PROVIDER, FACT, CHANGE];
const FACTS_NARROWER: &[Step] = &facts_narrower("Model");
const PROVIDER_FACTS_NARROWER: &[Step] = &facts_narrower("Provider");

const fn facts_narrower(of: &'static str) -> [Step; 6] {
    use Step::Shrink;
    [Shrink(of, 36), Shrink("Change", 28), Shrink(of, 20), Shrink("Change", 12), Shrink("Fact", 10), Shrink(of, 1)]
}

/// Every section that has something in it, of at most `most` rows each.
pub(super) fn all(difference: &Difference<'_>, most: usize) -> Vec<Section> {
    let turned = |wanted: fn(Status) -> bool| difference.statuses.iter().filter(|turn| wanted(turn.new)).collect::<Vec<_>>();
    let owner = |model: Model<'_>| Some(model.provider().id().to_owned());
    // The last column is there when a row has something to say in it.
    let notes = |columns: &'static [Column], has_note: bool| if has_note { columns } else { &columns[..columns.len() - 1] };
    let of_model = |only: &Only<Model<'_>>| owner(only.it);
    let turns = |title, nouns, turned: Vec<&Turn<'_>>| {
        Section::new(title, nouns, TURNED, TURNED_NARROWER, &turned, most, |turn| owner(turn.model), |turn| vec![turn_row(turn)])
    };
    let changes = |title, nouns, changed: &[Changed<Model<'_>>]| {
        let row = |changed: &Changed<Model<'_>>| vec![changed_row(changed.of.reference().to_string(), changed)];
        Section::new(title, nouns, FACTS, FACTS_NARROWER, changed, most, |changed| owner(changed.of), row)
    };
    let provider_changes = |title, nouns, changed: &[Changed<Provider<'_>>]| {
        let row = |changed: &Changed<Provider<'_>>| vec![changed_row(changed.of.id().to_owned(), changed)];
        Section::new(title, nouns, PROVIDER_FACTS, PROVIDER_FACTS_NARROWER, changed, most, |_| None, row)
    };
    let only_providers = |title, nouns, only: &[Only<Provider<'_>>], note| {
        let columns = notes(PROVIDERS, only.iter().any(|only| only.alias_of.is_some()));
        Section::new(title, nouns, columns, PROVIDERS_NARROWER, only, most, |_| None, |only| vec![provider_row(only, note)])
    };
    let Difference { added, removed, prices, .. } = difference;
    let added_columns = notes(ADDED, added.iter().any(|only| !added_note(only).is_empty()));
    let removed_columns = notes(REMOVED, removed.iter().any(|only| !removed_note(only).is_empty()));
    let sections = [
        only_providers("Providers added", ["provider added", "providers added"], &difference.providers_added, "was an alias of"),
        only_providers("Providers removed", ["provider removed", "providers removed"], &difference.providers_removed, "now an alias of"),
        Section::new("Models added", ["model added", "models added"], added_columns, ADDED_NARROWER, added, most, of_model, |only| {
            vec![added_row(only)]
        }),
        Section::new(
            "Models removed",
            ["model removed", "models removed"],
            removed_columns,
            REMOVED_NARROWER,
            removed,
            most,
            of_model,
            |only| vec![vec![Cell::code(only.it.reference().to_string()), removed_note(only)]],
        ),
        turns("Retired", ["model retired", "models retired"], turned(|status| status == Status::Retired)),
        turns("Deprecated", ["model deprecated", "models deprecated"], turned(|status| status == Status::Deprecated)),
        turns(
            "Other statuses",
            ["other status changed", "other statuses changed"],
            turned(|status| !matches!(status, Status::Retired | Status::Deprecated)),
        ),
        Section::new(
            "Prices, per million tokens or per unit",
            ["price changed", "prices changed"],
            PRICES,
            PRICES_NARROWER,
            prices,
            most,
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
        changes("Sources", ["model with other sources", "models with other sources"], &difference.sources),
        provider_changes(
            "Sources of providers",
            ["provider with other sources", "providers with other sources"],
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
    /// How many changes each provider has, where some changes are left out: of the first providers, and then how many more there are.
    pub(super) fn counts(&self, named: impl Fn(&str) -> String) -> Vec<String> {
        let shown = self.by_provider.iter().take(PROVIDERS_COUNTED).map(|(provider, count)| format!("{} {count}", named(provider)));
        let more = self.by_provider.len().saturating_sub(PROVIDERS_COUNTED);
        let providers = if more == 1 { "provider" } else { "providers" };
        shown.chain((more > 0).then(|| format!("… and {more} more {providers}"))).collect()
    }

    #[allow(clippy::too_many_arguments, reason = "they are what a section is; a struct for them would be the section again")]
    fn new<T>(
        title: &'static str,
        nouns: [&'static str; 2],
        columns: &'static [Column],
        narrower: &'static [Step],
        changes: &[T],
        most: usize,
        owner: impl Fn(&T) -> Option<String>,
        rows_of: impl Fn(&T) -> Vec<Vec<Cell>>,
    ) -> Self {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        let mut shown = 0;
        for change in changes {
            let more = rows_of(change);
            // One change may take more rows than there should be, and is still shown whole.
            if shown > 0 && rows.len().saturating_add(more.len()) > most {
                break;
            }
            rows.extend(more);
            shown += 1;
        }
        let by_provider = if shown < changes.len() { by_provider(changes.iter().filter_map(owner)) } else { Vec::new() };
        rows.iter_mut().for_each(|row| row.truncate(columns.len()));
        Self { title, nouns, columns, narrower, rows, count: changes.len(), left_out: changes.len() - shown, by_provider }
    }
}

impl Cell {
    fn words(words: impl Into<String>) -> Self {
        Self { tone: Tone::Plain, words: words.into(), code: String::new() }
    }

    fn code(code: impl Into<String>) -> Self {
        Self { tone: Tone::Plain, words: String::new(), code: code.into() }
    }

    fn both(words: &str, code: String) -> Self {
        Self { tone: Tone::Plain, words: words.to_owned(), code }
    }

    fn toned(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.code.is_empty()
    }
}

/// How often each provider is there; where there are many, the greatest come first.
fn by_provider(owners: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    owners.for_each(|owner| *counts.entry(owner).or_default() += 1);
    let mut counts: Vec<_> = counts.into_iter().collect();
    if counts.len() > PROVIDERS_COUNTED {
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    }
    counts
}

fn provider_row(only: &Only<Provider<'_>>, note: &str) -> Vec<Cell> {
    let provider = only.it;
    let note = only.alias_of.map_or_else(|| Cell::words(""), |other| Cell::both(note, other.id().to_owned()));
    vec![Cell::code(provider.id()), Cell::words(provider.name()), Cell::words(provider.models().len().to_string()), note]
}

fn added_row(only: &Only<Model<'_>>) -> Vec<Cell> {
    let model = only.it;
    let limits = model.limits();
    vec![
        Cell::code(model.reference().to_string()),
        Cell::words(Tokens(limits.window).to_string()),
        Cell::words(Tokens(limits.output).to_string()),
        Cell::code(cost(model)),
        added_note(only),
    ]
}

fn added_note(only: &Only<Model<'_>>) -> Cell {
    match (only.alias_of, only.it.status()) {
        (Some(other), _) => Cell::both("was an alias of", other.reference().to_string()),
        (None, Status::Active) => Cell::words(""),
        (None, status) => Cell::words(status.as_str()),
    }
}

fn removed_note(only: &Only<Model<'_>>) -> Cell {
    match (only.alias_of, only.it.status()) {
        (Some(other), _) => Cell::both("now an alias of", other.reference().to_string()),
        (None, status @ (Status::Deprecated | Status::Retired)) => Cell::words(format!("was {status}")),
        (None, _) => Cell::words(""),
    }
}

fn turn_row(turn: &Turn<'_>) -> Vec<Cell> {
    let (model, life) = (turn.model, turn.model.lifecycle());
    let tone = match turn.new {
        Status::Retired | Status::Deprecated => Tone::Warning,
        Status::Active | Status::Preview => Tone::Good,
    };
    let date = match turn.new {
        Status::Retired => life.since.map(|date| date.to_string()),
        // When it stops answering matters more than since when it is advised to leave it.
        Status::Deprecated => match life.end {
            Some(date) => Some(format!("retires {date}")),
            None => life.since.map(|date| format!("since {date}")),
        },
        Status::Active | Status::Preview => None,
    };
    vec![
        Cell::code(model.reference().to_string()),
        Cell::words(format!("{} → {}", turn.old, turn.new)).toned(tone),
        Cell::words(date.unwrap_or_default()),
        Cell::code(life.replacement.map(|successor| successor.reference().to_string()).unwrap_or_default()),
    ]
}

fn changed_row<T>(of: String, changed: &Changed<T>) -> Vec<Cell> {
    vec![Cell::code(of), Cell::code(changed.fact), Cell::code(change(changed.old.as_ref(), changed.new.as_ref()))]
}

/// `? → 128k`; of two lists, what came and what went.
fn change(old: Option<&Value>, new: Option<&Value>) -> String {
    let shown = format!("{} → {}", short(old), short(new));
    match (old, new) {
        // Counts that are the same to three digits are told to the last.
        (Some(Value::Tokens(a)), Some(Value::Tokens(b))) if short(old) == short(new) => format!("{a} → {b}"),
        (Some(old), Some(new)) => match (list(old), list(new)) {
            (Some(old), Some(new)) => {
                let came = new.iter().filter(|word| !old.contains(word)).map(|word| format!("+{word}"));
                let went = old.iter().filter(|word| !new.contains(word)).map(|word| format!("-{word}"));
                let moved: Vec<String> = came.chain(went).collect();
                if moved.is_empty() { shown } else { moved.join(", ") }
            }
            _ => shown,
        },
        _ => shown,
    }
}

/// The texts of a list; `None` for a single value.
fn list(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::Words(words) => Some(words.iter().collect()),
        Value::Texts(texts) => Some(texts.iter().map(String::as_str).collect()),
        _ => None,
    }
}

/// A value in words, with tokens to three digits; `?` where it is unknown.
fn short(value: Option<&Value>) -> String {
    match value {
        None => "?".to_owned(),
        Some(Value::Tokens(count)) => Tokens(Some(*count)).to_string(),
        Some(value) => value.to_string(),
    }
}

/// What a model costs at the rates that hold always.
fn cost(model: Model<'_>) -> String {
    Cost(model.billing(), CurrentRates::always(model.prices()).as_ref()).to_string()
}

/// A row for input and output, then one for each other rate and each entry with a condition. Only the first names the model.
fn price_rows(change: &PriceChange<'_>) -> Vec<Vec<Cell>> {
    let (old, new) = (change.old, change.new);
    let is_usual = |rate: &RateChange| matches!(rate.meter, Meter::Input | Meter::Output);
    let (usual, others): (Vec<RateChange>, Vec<RateChange>) = change.rates.iter().partition(|rate| is_usual(rate));
    let currency = [old, new].map(|model| model.prices().base_rates().map_or(Currency::Usd, |rates| rates.currency()));
    let mut rows = Vec::new();
    let has_turned = old.billing() != new.billing() || old.prices().is_empty() != new.prices().is_empty();
    if has_turned || !usual.is_empty() {
        rows.push((format!("{} → {}", cost(old), cost(new)), moved(&usual)));
    }
    for rate in others {
        rows.push((rate_text(&rate, currency), moved(&[rate])));
    }
    for entry in &change.entries {
        rows.push((entry_text(entry), moved(&entry.rates())));
    }
    if change.is_reordered {
        rows.push(("entries in another order".to_owned(), Cell::words("")));
    }
    let model = |at: usize| if at == 0 { new.reference().to_string() } else { String::new() };
    rows.into_iter().enumerate().map(|(at, (text, moved))| vec![Cell::code(model(at)), Cell::code(text), moved]).collect()
}

/// By how much the rate moved that moved most.
fn moved(rates: &[RateChange]) -> Cell {
    let Some(percent) = largest(rates) else { return Cell::words("") };
    Cell::words(percent_text(percent)).toned(if percent > 0.0 { Tone::Warning } else { Tone::Good })
}

/// Whole percents, but one decimal below ten.
fn percent_text(percent: f64) -> String {
    if percent.abs() < 9.95 { format!("{percent:+.1}%").replace(".0%", "%") } else { format!("{percent:+.0}%") }
}

/// `cache_read $0.20 → $0.10`
fn rate_text(rate: &RateChange, [old, new]: [Currency; 2]) -> String {
    let told = |currency, rate: Option<modeldex_table::Rate>| rate.map_or_else(|| "-".to_owned(), |rate| Money(currency, rate).to_string());
    format!("{} {} → {}", rate.meter, told(old, rate.old), told(new, rate.new))
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
    fn unknown_is_a_question_mark_and_lists_tell_what_moved() {
        let words = |words: &[&str]| Some(Value::Texts(words.iter().map(|word| (*word).to_owned()).collect()));
        let modalities = |words: &[&str]| Words::parse(Modality::VOCABULARY, words.iter().copied()).map(Value::Words);
        let tokens = |count| Some(Value::Tokens(count));
        for (old, new, told) in [
            (None, tokens(128_000), "? → 128k"),
            (tokens(128_000), None, "128k → ?"),
            (tokens(262_144), tokens(262_000), "262144 → 262000"),
            (None, Some(Value::Flag(false)), "? → no"),
            (modalities(&["text", "image"]), modalities(&["text", "pdf"]), "+pdf, -image"),
            (words(&["a", "b"]), words(&["b", "a"]), "a, b → b, a"),
            (None, modalities(&["text", "image"]), "? → text, image"),
        ] {
            assert_eq!(change(old.as_ref(), new.as_ref()), told);
        }
    }

    #[test]
    fn percents_are_short() {
        for (percent, text) in [(-50.0, "-50%"), (12.5, "+12%"), (2.5, "+2.5%"), (9.96, "+10%"), (-1.0, "-1%"), (900.0, "+900%")] {
            assert_eq!(percent_text(percent), text);
        }
    }
}
