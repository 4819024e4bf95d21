//! The error for a reference that names nothing, which names what was perhaps meant.

use crate::nearest::{Nearest, distance};
use crate::{Catalog, model::Model};
use core::fmt;

/// Nothing in the catalog has this reference.
#[derive(Clone, Copy)]
pub struct UnknownModel<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) reference: &'a str,
}

impl<'a> UnknownModel<'a> {
    /// The reference that was asked for.
    #[must_use]
    pub fn reference(&self) -> &'a str {
        self.reference
    }

    /// Up to three models whose references are most like it, the most alike first. Reads the whole catalog.
    pub fn nearest(&self) -> impl Iterator<Item = Model<'a>> + use<'a> {
        let (owner, id) = self.reference.split_once('/').unwrap_or(("", self.reference));
        let mut nearest = Nearest::<Model<'a>, 3>::new();
        for provider in self.catalog.providers() {
            // A wrong provider weighs as much as its own distance; the scale keeps a right provider with a wrong id first.
            let far = if owner.is_empty() { 0 } else { distance(owner, provider.id()) };
            for model in provider.models() {
                if let Some(off) = nearest.worst().checked_sub(far).map(|limit| crate::nearest::distance_within(id, model.id(), limit)) {
                    nearest.offer(model, far.saturating_add(off));
                }
            }
        }
        let limit = (self.reference.chars().count() / 3).max(2);
        nearest.into_iter().filter(move |(_, off)| *off <= limit).map(|(model, _)| model)
    }
}

impl fmt::Display for UnknownModel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown model `{}`", self.reference)?;
        if !self.reference.contains('/') {
            f.write_str(": a reference is `provider/model`")?;
        }
        for (at, model) in self.nearest().enumerate() {
            f.write_str(if at == 0 { "; nearest: " } else { ", " })?;
            write!(f, "`{}`", model.reference())?;
        }
        Ok(())
    }
}

impl fmt::Debug for UnknownModel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnknownModel({:?})", self.reference)
    }
}

impl core::error::Error for UnknownModel<'_> {}
