//! The models of an output, and the moment for which their prices are written.

use crate::loss::{Loss, LossReport};
use modeldex_table::{
    Auth, Billing, Catalog, Currency, CurrentRates, Meter, Model, Moment, Provider, Rate, ServiceTier, Variable, VariableRole,
};

/// The models that an output contains, ordered by provider and id. The selection also has a moment: the output states the prices that are valid at
/// this moment.
#[derive(Clone, Debug)]
pub struct ModelSelection<'a> {
    catalog: &'a Catalog<'a>,
    models: Vec<Model<'a>>,
    at: Moment,
}

impl<'a> ModelSelection<'a> {
    /// Selects every model of `catalog`. The output states the prices that are valid at the moment `at`.
    #[must_use]
    pub fn all(catalog: &'a Catalog<'a>, at: Moment) -> Self {
        Self::filtered(catalog, at, |_| true)
    }

    /// Selects the models of `catalog` for which `predicate` returns true. The output states the prices that are valid at the moment `at`.
    #[must_use]
    pub fn filtered(catalog: &'a Catalog<'a>, at: Moment, predicate: impl Fn(Model<'a>) -> bool) -> Self {
        Self { catalog, models: catalog.models().filter(|model| predicate(*model)).collect(), at }
    }

    /// Removes the models that are retired at the moment [`ModelSelection::at`].
    #[must_use]
    pub fn without_retired(mut self) -> Self {
        let models = std::mem::take(&mut self.models);
        self.models = models.into_iter().filter(|model| !self.is_retired(*model)).collect();
        self
    }

    /// Returns the selected models.
    #[must_use]
    pub fn models(&self) -> &[Model<'a>] {
        &self.models
    }

    /// Returns the moment of the selection: the output states the prices that are valid at this moment.
    #[must_use]
    pub fn at(&self) -> Moment {
        self.at
    }

    /// Returns each provider with its selected models.
    pub fn providers(&self) -> impl Iterator<Item = (Provider<'a>, &[Model<'a>])> {
        let same = |one: &Model<'a>, other: &Model<'a>| one.provider().index() == other.provider().index();
        self.models.chunk_by(same).filter_map(|models| Some((models.first()?.provider(), models)))
    }

    /// Returns whether an environment variable belongs to another provider of the catalog: another provider has the variable as a credential, and
    /// `provider` does not. The other provider need not have models in the selection.
    pub(crate) fn is_variable_of_other_provider(&self, variable: &str, provider: Provider<'_>) -> bool {
        let has = |provider: Provider<'_>| credential_variables(provider).any(|name| name == variable);
        !has(provider) && self.catalog.providers().any(has)
    }

    /// Returns the default rates of a model: the rates that apply without conditions on the request. Returns `None` if the model has no price list.
    #[must_use]
    pub fn default_rates(&self, model: Model<'a>) -> Option<CurrentRates> {
        CurrentRates::of(model.prices(), self.at)
    }

    /// Returns the rates of a model for a request with this service tier and number of input tokens. Returns `None` if the model has no price list.
    #[must_use]
    pub fn request_rates(&self, model: Model<'a>, tier: Option<ServiceTier>, input_tokens: u64) -> Option<CurrentRates> {
        CurrentRates::of_request(model.prices(), self.at, tier, input_tokens)
    }

    /// Returns the input and output rates in US dollars. Free models cost 0, which is recorded as a loss.
    pub(crate) fn input_output_rates_usd(&self, model: Model<'a>, losses: &mut LossReport) -> [Option<Rate>; 2] {
        if model.billing() == Billing::Free {
            losses.record(Loss::FreeAsZero, model);
            return [Some(Rate::from_micros(0)); 2];
        }
        let today = self.default_rates_usd(model, losses);
        [Meter::Input, Meter::Output].map(|meter| today.and_then(|today| today.get(meter)))
    }

    /// Returns the default rates in US dollars. A price list in another currency is recorded as a loss.
    pub(crate) fn default_rates_usd(&self, model: Model<'a>, losses: &mut LossReport) -> Option<CurrentRates> {
        let today = self.default_rates(model)?;
        let is_in_dollars = today.currency() == Currency::Usd;
        if !is_in_dollars {
            losses.record(Loss::OtherCurrency, model);
        }
        is_in_dollars.then_some(today)
    }

    /// Returns whether `model` is retired at the moment [`ModelSelection::at`].
    #[must_use]
    pub fn is_retired(&self, model: Model<'a>) -> bool {
        model.is_retired(self.at.date())
    }
}

/// Returns the environment variables of a provider that contain a credential: API keys, tokens and secrets.
fn credential_variables<'a>(provider: Provider<'a>) -> impl Iterator<Item = &'a str> {
    let secrets = |auth: Auth<'a>| auth.variables().filter(|variable| variable.role() == VariableRole::Secret).flat_map(Variable::env);
    provider.auth().flat_map(move |auth| auth.env().chain(secrets(auth)))
}
