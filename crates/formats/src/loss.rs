//! Losses: facts and models that a format cannot express, declared by each format and counted while it is written.

use modeldex_table::{Billing, Capability, Condition, Fact, Meter, Model, ServiceTier};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A loss: a fact or model that is missing from the output or is written differently from the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// A retired model is left out.
    Retired,
    /// A model that is not a chat model is left out.
    NotChat,
    /// A model is left out because the tool does not support the wire protocol of its endpoint.
    UnsupportedProtocol,
    /// A model is left out because its provider has no authentication method with a single API key.
    UnsupportedAuth,
    /// A model without a known endpoint is left out.
    NoEndpoint,
    /// A model is left out because the format allows one endpoint per provider, and another endpoint serves the model.
    OtherEndpoint,
    /// A model is left out because its base URL contains variables.
    BaseUrlVariables,
    /// A model without a known context window is left out, because the tool would assume a default.
    NoContextWindow,
    /// A model without a known output limit is left out, because the tool would assume a default.
    NoMaxOutputTokens,
    /// A model is left out because another model has the same id in the format.
    DuplicateId,
    /// A model is left out because a name or id contains a character that consumers of the format parse differently.
    UnportableCharacter,
    /// A model is left out because the tool parses its id as a template.
    TemplateInId,
    /// The format requires a price, and the price is unknown: 0 is written.
    UnpricedAsZero,
    /// The format requires a price, and the model is free: 0 is written.
    FreeAsZero,
    /// The format requires a price, and a plan covers the usage: 0 is written.
    PlanAsZero,
    /// The format requires a rate that the price list does not have: 0 is written.
    MissingRateAsZero,
    /// The format requires a limit that is unknown: 0 is written.
    UnknownLimitAsZero,
    /// The format requires a capability flag that is unknown: the tool's default is written.
    UnknownCapabilityAsDefault,
    /// The format requires a full date, and only the month or year is known: the date is left out.
    ImpreciseDate,
    /// The format has a default number of output tokens, and the catalog the maximum: the maximum is written as the default.
    MaxOutputAsDefault,
    /// Consumers distinguish the cache read rate from the cache write rate by their values, and these values are ambiguous.
    AmbiguousCacheRates,
    /// The value equals the format's filler, so consumers may ignore it.
    LooksLikeFiller(Fact),
    /// Conditional rates per request, image or search are left out.
    ConditionalUnitRate,
    /// The format requires a default model that is unknown: the first model is written.
    FirstModelAsDefault,
    /// The base URL is left out, because the tool builds it.
    BaseUrlOmitted,
    /// The format has one name for several wire protocols.
    CoarserProtocol,
    /// The tool reads the API key from a variable that it derives from the provider's name, not from the provider's variable.
    DerivedKeyVariable,
    /// The format has one limit for context window and input tokens.
    SharedInputLimit,
    /// The format has fewer statuses than the catalog, or no status.
    CoarserStatus,
    /// Prices in a currency other than US dollars are left out.
    OtherCurrency,
    /// The format has no field for a part of the catalog.
    Unsupported(CatalogPart),
    /// The format does not support some values of a fact, such as a modality.
    UnsupportedWords(Fact),
}

/// A condition that prices can depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionKind {
    /// Input tokens of the request.
    Above,
    /// Dates: past or announced prices.
    Dates,
    /// Hours of the day or days of the week.
    Hours,
    /// Region of the endpoint.
    Region,
}

/// A part of the catalog that a format can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CatalogPart {
    /// Prices under a condition.
    Condition(ConditionKind),
    /// Prices of a service tier.
    Tier(ServiceTier),
    /// A fact of a model. Capabilities and rates are separate parts.
    Fact(Fact),
    /// A capability of a model.
    Capability(Capability),
    /// A rate of a model.
    Meter(Meter),
    /// Aliases of a model.
    Aliases,
    /// The provider: name, documentation and base URLs.
    Provider,
    /// The base model. Formats without it lose nothing, because its facts are in the model.
    Base,
}

/// Losses of one output: the affected models of each loss.
#[derive(Clone, Debug, Default)]
pub struct LossReport {
    models: BTreeMap<Loss, BTreeSet<usize>>,
}

impl ConditionKind {
    /// Every condition.
    pub const ALL: &'static [Self] = &[Self::Above, Self::Dates, Self::Hours, Self::Region];

    /// Returns whether a price condition has this part.
    #[must_use]
    pub fn is_in(self, condition: Condition<&str>) -> bool {
        match self {
            Self::Above => condition.above.is_some(),
            Self::Dates => condition.from.is_some() || condition.until.is_some(),
            Self::Hours => condition.hours.is_some(),
            Self::Region => condition.region.is_some(),
        }
    }

    /// Returns the name of the condition: `length`, `dates`, `hours` or `region`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Above => "length",
            Self::Dates => "dates",
            Self::Hours => "hours",
            Self::Region => "region",
        }
    }
}

impl CatalogPart {
    /// Returns every part that can be lost, which excludes [`CatalogPart::Base`].
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        // Facts that consist of other parts are left out.
        let is_single = |fact: &Fact| !matches!(fact, Fact::Capabilities | Fact::Prices | Fact::Endpoints | Fact::Sources);
        let facts = Fact::ALL.iter().copied().filter(is_single).map(Self::Fact);
        let capabilities = Capability::ALL.iter().copied().map(Self::Capability);
        let meters = Meter::ALL.iter().copied().map(Self::Meter);
        let conditions = ConditionKind::ALL.iter().copied().map(Self::Condition);
        let tiers = ServiceTier::ALL.iter().copied().map(Self::Tier);
        facts.chain(capabilities).chain(meters).chain(conditions).chain(tiers).chain([Self::Aliases, Self::Provider])
    }

    /// Returns whether a model has a value for this part.
    fn is_in(self, model: Model<'_>) -> bool {
        match self {
            // Prices imply metered billing.
            Self::Fact(Fact::Billing) => model.billing() != Billing::Metered,
            Self::Fact(fact) => model.origin(fact).is_some(),
            Self::Capability(word) => model.can(word).is_some(),
            Self::Meter(meter) => model.prices().iter().any(|price| price.rates().any(|(named, _)| named == meter)),
            Self::Condition(part) => model.prices().iter().any(|price| part.is_in(price.condition())),
            Self::Tier(tier) => model.prices().iter().any(|price| price.condition().tier == Some(tier)),
            Self::Aliases => model.aliases().next().is_some(),
            Self::Provider => true,
            Self::Base => false,
        }
    }

    /// Describes this part as a loss of `count` models.
    fn describe_unsupported(self, count: usize) -> String {
        let models = if count == 1 { "model" } else { "models" };
        let aliases = if count == 1 { "its aliases" } else { "their aliases" };
        match self {
            Self::Condition(part) => format!("{count} {models} with prices by {} left out", part.as_str()),
            Self::Tier(tier) => format!("{count} {models} with prices of service tier {tier} left out"),
            Self::Fact(fact) => format!("{count} {models} without {fact}"),
            Self::Capability(word) => format!("{count} {models} without {word}"),
            Self::Meter(meter) => format!("{count} {models} without the rate {meter}"),
            Self::Aliases => format!("{count} {models} without {aliases}"),
            Self::Provider => format!("{count} {models} without the entry of the provider"),
            Self::Base => format!("{count} {models} without base model"),
        }
    }
}

impl fmt::Display for CatalogPart {
    /// Writes the name of the part: `family`, `price.cache_write`, `prices by hours`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fact(fact) => fact.fmt(f),
            Self::Capability(word) => word.fmt(f),
            Self::Meter(meter) => write!(f, "price.{meter}"),
            Self::Condition(part) => write!(f, "prices by {}", part.as_str()),
            Self::Tier(tier) => write!(f, "prices of {tier}"),
            Self::Aliases => f.write_str("aliases"),
            Self::Provider => f.write_str("providers"),
            Self::Base => f.write_str("base"),
        }
    }
}

impl Loss {
    /// Returns whether the loss leaves out the model itself.
    #[must_use]
    pub const fn omits_model(self) -> bool {
        matches!(
            self,
            Self::Retired
                | Self::NotChat
                | Self::UnsupportedProtocol
                | Self::UnsupportedAuth
                | Self::NoEndpoint
                | Self::OtherEndpoint
                | Self::BaseUrlVariables
                | Self::NoContextWindow
                | Self::NoMaxOutputTokens
                | Self::DuplicateId
                | Self::UnportableCharacter
                | Self::TemplateInId
        )
    }

    /// Describes the loss without a count: `unpriced models written as 0`. For a loss that leaves out models, names only the models: `retired
    /// models`.
    #[must_use]
    pub fn summary(self) -> String {
        let text = self.describe(2).replacen("2 ", "", 1);
        if self.omits_model() { text.trim_end_matches(" left out").to_owned() } else { text }
    }

    /// Describes the loss for `count` models: `2 unpriced models written as 0`.
    #[must_use]
    pub fn describe(self, count: usize) -> String {
        let models = if count == 1 { "model" } else { "models" };
        match self {
            Self::Retired => format!("{count} retired {models} left out"),
            Self::NotChat => format!("{count} non-chat {models} left out"),
            Self::UnsupportedProtocol => format!("{count} {models} with an unsupported wire protocol left out"),
            Self::UnsupportedAuth => format!("{count} {models} whose provider does not use a single API key left out"),
            Self::NoEndpoint => format!("{count} {models} without a known endpoint left out"),
            Self::OtherEndpoint => format!("{count} {models} at a secondary endpoint of their provider left out"),
            Self::BaseUrlVariables => format!("{count} {models} with variables in the base URL left out"),
            Self::NoContextWindow => format!("{count} {models} without a known context window left out"),
            Self::NoMaxOutputTokens => format!("{count} {models} without a known output limit left out"),
            Self::DuplicateId => format!("{count} {models} with a duplicate id left out"),
            Self::UnportableCharacter => format!("{count} {models} with a character that databases parse differently left out"),
            Self::TemplateInId => format!("{count} {models} with an id that the tool parses as a template left out"),
            Self::UnpricedAsZero => format!("{count} unpriced {models} written as 0"),
            Self::FreeAsZero => format!("{count} free {models} written as 0"),
            Self::PlanAsZero => format!("{count} {models} covered by a plan written as 0"),
            Self::MissingRateAsZero => format!("{count} {models} with rates missing from the price list written as 0"),
            Self::UnknownLimitAsZero => format!("{count} {models} with an unknown limit written as 0"),
            Self::UnknownCapabilityAsDefault => {
                format!("{count} {models} with an unknown capability written as the tool's default")
            }
            Self::ImpreciseDate => format!("{count} {models} with a date left out because its day is unknown"),
            Self::MaxOutputAsDefault => format!("{count} {models} with the output limit written as the default number of output tokens"),
            Self::AmbiguousCacheRates => format!("{count} {models} with ambiguous cache read and cache write rates"),
            Self::LooksLikeFiller(fact) => format!("{count} {models} whose {fact} equals the format's placeholder for unknown"),
            Self::ConditionalUnitRate => {
                format!("{count} {models} with conditional prices per request, image or search left out")
            }
            Self::FirstModelAsDefault => format!("{count} {models} written as the default model, because the provider has none"),
            Self::BaseUrlOmitted => format!("{count} {models} whose base URL is left to the tool"),
            Self::CoarserProtocol => format!("{count} {models} written with a less specific wire protocol"),
            Self::DerivedKeyVariable => {
                format!("{count} {models} whose API key is read from a variable derived from the provider's name")
            }
            Self::SharedInputLimit => format!("{count} {models} with one limit for context window and input tokens"),
            Self::CoarserStatus => format!("{count} {models} written with a less specific status"),
            Self::OtherCurrency => format!("{count} {models} with prices in another currency written without prices"),
            Self::Unsupported(part) => part.describe_unsupported(count),
            Self::UnsupportedWords(fact) => format!("{count} {models} with unsupported values of {fact} left out"),
        }
    }

    /// Returns the part of the catalog without a field in the format; `None` for every other loss.
    #[must_use]
    pub const fn unsupported_part(self) -> Option<CatalogPart> {
        if let Self::Unsupported(part) = self { Some(part) } else { None }
    }
}

impl LossReport {
    /// Records a loss of a model. Repeated records count once.
    pub fn record(&mut self, loss: Loss, model: Model<'_>) {
        self.models.entry(loss).or_default().insert(model.index());
    }

    /// Records a loss for each of the `missing` parts that a written model has.
    pub(crate) fn record_unsupported(&mut self, missing: &[CatalogPart], models: &[Model<'_>]) {
        let left_out: BTreeSet<usize> =
            self.models.iter().filter(|(loss, _)| loss.omits_model()).flat_map(|(_, models)| models).copied().collect();
        let written: Vec<Model<'_>> = models.iter().copied().filter(|model| !left_out.contains(&model.index())).collect();
        for part in missing {
            let mut places: BTreeSet<usize> = written.iter().filter(|model| part.is_in(**model)).map(|model| model.index()).collect();
            if !places.is_empty() {
                self.models.entry(Loss::Unsupported(*part)).or_default().append(&mut places);
            }
        }
    }

    /// Returns each loss with its number of models.
    pub fn counts(&self) -> impl Iterator<Item = (Loss, usize)> {
        self.models.iter().map(|(loss, models)| (*loss, models.len()))
    }

    /// Returns whether a loss was recorded for a model.
    #[must_use]
    pub fn contains(&self, loss: Loss, model: Model<'_>) -> bool {
        self.models.get(&loss).is_some_and(|models| models.contains(&model.index()))
    }
}
