//! Which endpoint of a provider serves which of its models.

use modeldex_table::{Endpoint, Model, Provider};

/// The endpoints of a provider that serve some of `models`, in its order, each with the models that it is the first to serve.
pub(crate) fn served<'a>(provider: Provider<'a>, models: &[Model<'a>]) -> Vec<(Endpoint<'a>, Vec<Model<'a>>)> {
    let first = |model: &Model<'a>| model.endpoints().next().map(Endpoint::id);
    let of = |endpoint: Endpoint<'a>| models.iter().copied().filter(|model| first(model) == Some(endpoint.id())).collect::<Vec<_>>();
    provider.endpoints().map(|endpoint| (endpoint, of(endpoint))).filter(|(_, models)| !models.is_empty()).collect()
}
