//! What a model must have to be listed: the filters of `models list` and of a server's `/models`, which mean the same.

use modeldex_table::{Alias, Billing, Capability, Currency, Meter, Modality, Model, ModelKind, Rate, Status, Today};

/// What a model must have. A fact that is unknown never passes; what is empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// It can do all of these.
    pub capability: Vec<Capability>,
    /// It takes all of these.
    pub input: Vec<Modality>,
    /// It gives all of these.
    pub output: Vec<Modality>,
    /// It has at least this context window, in tokens.
    pub min_context: Option<u32>,
    /// A million tokens of input cost at most this, in US dollars; free ones pass, other currencies do not.
    pub max_price: Option<Rate>,
    /// A million tokens of output cost at most this.
    pub max_output_price: Option<Rate>,
    /// It stands at one of these places in its life.
    pub status: Vec<Status>,
    /// It is called for one of these.
    pub kind: Vec<ModelKind>,
    /// Its reference, name, family or another id of it has this in it, in any case.
    pub search: Option<String>,
}

impl Filter {
    /// Whether a model has all that is asked for. `today` is its ordinary rates.
    #[must_use]
    pub fn passes(&self, model: Model<'_>, today: Option<&Today>) -> bool {
        let costs_at_most = |limit: Option<Rate>, meter| match (limit, model.billing(), today) {
            (None, _, _) | (_, Billing::Free, _) => true,
            (Some(limit), Billing::Metered, Some(today)) => {
                today.currency() == Currency::Usd && today.get(meter).is_some_and(|rate| rate <= limit)
            }
            _ => false,
        };
        self.capability.iter().all(|&capability| model.can(capability) == Some(true))
            && self.input.iter().all(|&modality| model.input().contains(modality))
            && self.output.iter().all(|&modality| model.output().contains(modality))
            && self.min_context.is_none_or(|least| model.context_window().is_some_and(|context| context >= least))
            && (self.status.is_empty() || self.status.contains(&model.status()))
            && (self.kind.is_empty() || self.kind.contains(&model.kind()))
            && costs_at_most(self.max_price, Meter::Input)
            && costs_at_most(self.max_output_price, Meter::Output)
            && self.search.as_ref().is_none_or(|words| is_about(model, words))
    }
}

/// Whether every word of a search is in one of the names of a model.
fn is_about(model: Model<'_>, words: &str) -> bool {
    let reference = model.reference().to_string();
    let names = [reference.as_str(), model.name(), model.family().unwrap_or_default()];
    let mut names: Vec<String> = names.into_iter().chain(model.aliases().map(Alias::id)).map(str::to_lowercase).collect();
    names.push(model.provider().name().to_lowercase());
    words.to_lowercase().split_whitespace().all(|word| names.iter().any(|name| name.contains(word)))
}
