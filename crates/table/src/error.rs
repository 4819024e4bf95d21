//! The error for a reference that names nothing, which names what was perhaps meant.

use crate::nearest::{Nearest, distance, distance_within};
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

    /// Up to three models whose references, or those of their aliases, are most like it, the most alike first. Reads the whole catalog.
    pub fn nearest(&self) -> impl Iterator<Item = Model<'a>> + use<'a> {
        let (owner, id) = self.reference.split_once('/').unwrap_or(("", self.reference));
        let mut nearest = Nearest::<Model<'a>, 3>::new();
        let mut offer = |model: Model<'a>, owner_off: usize, other: &str| {
            // Only what is still nearer than the worst so far is worth comparing in full.
            let Some(limit) = nearest.worst().checked_sub(owner_off) else { return };
            nearest.offer(model, distance_within(id, other, limit).saturating_add(owner_off));
        };
        for provider in self.catalog.providers() {
            let owner_off = if owner.is_empty() { 0 } else { distance(owner, provider.id()) };
            provider.models().for_each(|model| offer(model, owner_off, model.id()));
        }
        for alias in self.catalog.aliases() {
            let Some(model) = alias.model() else { continue };
            let owner_off = if owner.is_empty() { 0 } else { distance(owner, alias.reference().owner) };
            offer(model, owner_off, alias.id());
        }
        // Of a provider that exists, whatever comes nearest is a help.
        let limit = if self.catalog.provider(owner).is_some() { usize::MAX - 1 } else { (self.reference.chars().count() / 3).max(2) };
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
