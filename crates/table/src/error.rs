//! The error for an unknown model reference, with suggestions.

use crate::nearest::{Nearest, distance, distance_within};
use crate::{Catalog, model::Model};
use core::fmt;

/// The error for a reference that matches no model and no alias in the catalog. The error message suggests up to three similar references.
#[derive(Clone, Copy)]
pub struct UnknownModel<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) reference: &'a str,
}

impl<'a> UnknownModel<'a> {
    /// Returns the unknown reference.
    #[must_use]
    pub fn reference(&self) -> &'a str {
        self.reference
    }

    /// Returns up to three models whose reference or alias is similar to the unknown reference, the most similar model first. The method is slow,
    /// because it compares the unknown reference with all references and aliases of the catalog.
    pub fn nearest(&self) -> impl Iterator<Item = Model<'a>> + use<'a> {
        let (owner, id) = self.reference.split_once('/').unwrap_or(("", self.reference));
        let mut nearest = Nearest::<Model<'a>, 3>::new();
        let mut compare = |model: Model<'a>, owner_distance: usize, other: &str| {
            // The distance of the ids is computed only if the model can be nearer than the models found so far.
            let Some(limit) = nearest.max_distance().checked_sub(owner_distance) else { return };
            nearest.insert(model, distance_within(id, other, limit).saturating_add(owner_distance));
        };
        for provider in self.catalog.providers() {
            let owner_distance = if owner.is_empty() { 0 } else { distance(owner, provider.id()) };
            provider.models().for_each(|model| compare(model, owner_distance, model.id()));
        }
        for alias in self.catalog.aliases() {
            let Some(model) = alias.model() else { continue };
            let owner_distance = if owner.is_empty() { 0 } else { distance(owner, alias.reference().owner) };
            compare(model, owner_distance, alias.id());
        }
        // If the provider of the reference exists, the nearest models are suggested at any distance.
        let limit = if self.catalog.provider(owner).is_some() { usize::MAX - 1 } else { (self.reference.chars().count() / 3).max(2) };
        nearest.into_iter().filter(move |(_, distance)| *distance <= limit).map(|(model, _)| model)
    }
}

impl fmt::Display for UnknownModel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reference = self.reference;
        if reference.contains('/') {
            write!(f, "unknown model `{reference}`")?;
        } else {
            write!(f, "unknown model `{reference}`: expected a model reference, such as `openai/gpt-5.5`")?;
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
