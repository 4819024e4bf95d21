//! Which models are written, and as of when.

use crate::loss::{Loss, Lost};
use modeldex_table::{Billing, Catalog, Currency, CurrentRates, Meter, Model, Moment, Provider, Rate, ServiceTier};

/// The models to write, in the order of the catalog: by provider and id.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    models: Vec<Model<'a>>,
    at: Moment,
}

impl<'a> Selection<'a> {
    /// Every model.
    #[must_use]
    pub fn all(catalog: &'a Catalog<'a>, at: Moment) -> Self {
        Self::of(catalog, at, |_| true)
    }

    /// The models that `wanted` says yes to. `at` decides which of the dated prices are written.
    #[must_use]
    pub fn of(catalog: &'a Catalog<'a>, at: Moment, wanted: impl Fn(Model<'a>) -> bool) -> Self {
        Self { models: catalog.models().filter(|model| wanted(*model)).collect(), at }
    }

    /// Those of them that answer.
    #[must_use]
    pub fn answering(mut self) -> Self {
        let models = std::mem::take(&mut self.models);
        self.models = models.into_iter().filter(|model| self.answers(*model)).collect();
        self
    }

    /// The models.
    #[must_use]
    pub fn models(&self) -> &[Model<'a>] {
        &self.models
    }

    /// The day of which the prices are.
    #[must_use]
    pub fn at(&self) -> Moment {
        self.at
    }

    /// Each provider that has a model among them, with those models.
    pub fn providers(&self) -> impl Iterator<Item = (Provider<'a>, &[Model<'a>])> {
        let same = |one: &Model<'a>, other: &Model<'a>| one.provider().index() == other.provider().index();
        self.models.chunk_by(same).filter_map(|models| Some((models.first()?.provider(), models)))
    }

    /// The ordinary rates of a model on that day; `None` when it has no price list.
    #[must_use]
    pub fn rates(&self, model: Model<'a>) -> Option<CurrentRates> {
        CurrentRates::of(model.prices(), self.at)
    }

    /// The rates of a request of one class of service and length on that day.
    #[must_use]
    pub fn rates_of(&self, model: Model<'a>, tier: Option<ServiceTier>, input_tokens: u64) -> Option<CurrentRates> {
        CurrentRates::of_request(model.prices(), self.at, tier, input_tokens)
    }

    /// The rates of input and output in US dollars, for formats that know no others. What a free model costs is 0, and that is noted.
    pub(crate) fn in_dollars(&self, model: Model<'a>, lost: &mut Lost) -> [Option<Rate>; 2] {
        if model.billing() == Billing::Free {
            lost.note(Loss::FreeAsZero, model);
            return [Some(Rate::from_micros(0)); 2];
        }
        let today = self.dollars(model, lost);
        [Meter::Input, Meter::Output].map(|meter| today.and_then(|today| today.get(meter)))
    }

    /// The ordinary rates in US dollars, for formats that know no others; a list in another currency is noted.
    pub(crate) fn dollars(&self, model: Model<'a>, lost: &mut Lost) -> Option<CurrentRates> {
        let today = self.rates(model)?;
        let is_in_dollars = today.currency() == Currency::Usd;
        if !is_in_dollars {
            lost.note(Loss::Currency, model);
        }
        is_in_dollars.then_some(today)
    }

    /// Whether a model answers on that day, as far as is known.
    #[must_use]
    pub fn answers(&self, model: Model<'a>) -> bool {
        !model.is_retired(self.at.date())
    }
}
