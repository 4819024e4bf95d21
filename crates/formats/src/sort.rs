//! Sort keys for lists of models, shared by `models list` and the server's `/models`.

use modeldex_table::{Billing, Currency, CurrentRates, Meter, Model, Rate};
use std::cmp::Ordering;

/// The key by which a list of models is sorted, in ascending order. Models for which the value of the key is unknown come last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    /// Provider and id: the order of the catalog.
    #[default]
    Ref,
    /// Display name.
    Name,
    /// Context window.
    Context,
    /// Maximum number of output tokens.
    Output,
    /// Input rate, then output rate.
    Price,
    /// Release date.
    Released,
}

impl SortKey {
    /// All keys, each with its name and description.
    pub const ALL: &'static [(&'static str, Self, &'static str)] = &[
        ("ref", Self::Ref, "By provider and id"),
        ("name", Self::Name, "By display name"),
        ("context", Self::Context, "By context window"),
        ("output", Self::Output, "By maximum output tokens"),
        ("price", Self::Price, "By input rate, then by output rate; free models come first, and each currency is sorted separately"),
        ("released", Self::Released, "By release date"),
    ];

    /// Returns the sort key with this exact name. Returns `None` if no sort key has the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(word, ..)| *word == text).map(|(_, sort, _)| *sort)
    }

    /// Sorts `rows`, which must be given in the order of the catalog. If `reverse` is true, the order is descending. The sort is stable. For an
    /// element of `rows`, the function `row` returns the model and its current rates.
    pub fn sort_rows<'a, R>(self, rows: &mut [R], reverse: bool, row: impl Fn(&R) -> (Model<'a>, Option<CurrentRates>)) {
        match self {
            Self::Ref if reverse => rows.reverse(),
            Self::Ref => {}
            Self::Name => by(rows, reverse, |each| Some(row(each).0.name())),
            Self::Context => by(rows, reverse, |each| row(each).0.limits().window),
            Self::Output => by(rows, reverse, |each| row(each).0.limits().output),
            Self::Price => by(rows, reverse, |each| price(row(each))),
            Self::Released => by(rows, reverse, |each| row(each).0.release_date()),
        }
    }
}

fn by<R, K: Ord>(rows: &mut [R], reverse: bool, key: impl Fn(&R) -> Option<K>) {
    rows.sort_by(|a, b| match (key(a), key(b)) {
        (Some(a), Some(b)) if reverse => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
}

/// Returns the value by which prices are sorted. Free models come first. Currencies are not converted, so the models of each currency are sorted
/// separately.
fn price((model, today): (Model<'_>, Option<CurrentRates>)) -> Option<(Option<Currency>, Option<Rate>, Option<Rate>)> {
    match (model.billing(), today) {
        (Billing::Free, _) => Some((None, None, None)),
        (Billing::Metered, Some(today)) => Some((Some(today.currency()), Some(today.get(Meter::Input)?), today.get(Meter::Output))),
        _ => None,
    }
}
