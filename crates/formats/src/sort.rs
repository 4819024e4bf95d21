//! How a list of models is sorted: the orders of `models list` and of a server's `/models`, which are the same.

use modeldex_table::{Billing, Currency, CurrentRates, Meter, Model, Rate};
use std::cmp::Ordering;

/// What a list is sorted by, smallest first; unknown is last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Provider and id, the order of the catalog.
    #[default]
    Ref,
    /// Name on screen.
    Name,
    /// Context window.
    Context,
    /// Most tokens of an answer.
    Output,
    /// Input rate, then output rate.
    Price,
    /// Release date.
    Released,
}

impl Sort {
    /// Every order, with its word and what it is.
    pub const ALL: &'static [(&'static str, Self, &'static str)] = &[
        ("ref", Self::Ref, "By provider and id"),
        ("name", Self::Name, "By name on screen"),
        ("context", Self::Context, "By context window"),
        ("output", Self::Output, "By the most tokens of an answer"),
        ("price", Self::Price, "By the input rate, free first, then the output rate; each currency by itself"),
        ("released", Self::Released, "By release date"),
    ];

    /// The order with this word, exactly.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(word, ..)| *word == text).map(|(_, sort, _)| *sort)
    }

    /// Sorts rows that are in the order of the catalog, and leaves those that are the same in that order. `row` is the model of a row and
    /// its rates today.
    pub fn sort<'a, R>(self, rows: &mut [R], reverse: bool, row: impl Fn(&R) -> (Model<'a>, Option<CurrentRates>)) {
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

/// Currencies are not converted, so each is by itself; free comes first.
fn price((model, today): (Model<'_>, Option<CurrentRates>)) -> Option<(Option<Currency>, Option<Rate>, Option<Rate>)> {
    match (model.billing(), today) {
        (Billing::Free, _) => Some((None, None, None)),
        (Billing::Metered, Some(today)) => Some((Some(today.currency()), Some(today.get(Meter::Input)?), today.get(Meter::Output))),
        _ => None,
    }
}
