//! What formats cannot express, as data: declared for each format, and counted when it happens.

use modeldex_table::{Billing, Capability, Condition, Fact, Meter, Model, ServiceTier};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Something that is not in what was written, or not as the catalog has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// A model that no longer answers is left out.
    Retired,
    /// A model that is not for conversation is left out.
    Kind,
    /// A model at an endpoint whose wire protocol the tool does not speak is left out.
    Protocol,
    /// A model whose provider wants another proof than one key, or none that is known, is left out.
    Credentials,
    /// A model of which the format demands an endpoint and none is known is left out.
    NoEndpoint,
    /// A model at another endpoint of its provider than the one that is written is left out.
    OtherEndpoint,
    /// A model at an address with variables in it is left out.
    AddressVariables,
    /// A model without a known context window is left out, because the tool would assume one.
    NoContextWindow,
    /// A model without a known maximum of output is left out, because the tool would assume one.
    NoMaxOutput,
    /// A model whose id the format has for another one already is left out.
    SameId,
    /// A model with a character in a name or id that its readers take for different ones is left out.
    Character,
    /// A model with an id that the tool reads as a template is left out.
    Template,
    /// A number is demanded where nobody knows a price: 0 is written.
    UnpricedAsZero,
    /// A number is demanded where nothing is to be paid: 0 is written.
    FreeAsZero,
    /// A number is demanded where a plan covers it: 0 is written.
    PlanAsZero,
    /// A number is demanded for a rate that the price list does not have: 0 is written.
    RateAsZero,
    /// A number is demanded for a limit that nobody knows: 0 is written.
    LimitAsZero,
    /// Yes or no is demanded where nobody knows: what the tool has by default is written.
    UnknownAsDefault,
    /// A date with a day is demanded where only a month or a year is known: the date is left out.
    InexactDate,
    /// The format has what is asked for by default where the catalog has the most that there is: the most is written.
    DefaultOutput,
    /// The format has two rates of a cache that readers tell apart by their numbers alone, and these numbers do not tell.
    CacheByNumbers,
    /// Readers of the format may take a value for one that was only filled in.
    Filler(Fact),
    /// Rates of a single request, image or search that hold under a condition are left out.
    UnitRate,
    /// A default model is demanded where none is known: the first one is written.
    FirstAsDefault,
    /// The address is left out, because the tool makes it itself.
    AddressLeft,
    /// The format has one word for several wire protocols.
    CoarseProtocol,
    /// The tool reads the key from a variable that is named after the provider, not from the provider's own.
    KeyVariable,
    /// The format has one limit for the context window and for what goes in.
    OneLimit,
    /// A status that the format has a coarser word for, or none.
    Status,
    /// Prices in another currency than US dollars are left out.
    Currency,
    /// There is no place for a part of the catalog.
    NoPlace(Part),
    /// Some words of a fact have no place in the format, as a modality that the tool does not know.
    Words(Fact),
}

/// What a price can depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionPart {
    /// The length of the request.
    Above,
    /// Dates: what held before or will hold later.
    Dates,
    /// Hours of the day, or days of the week.
    Hours,
    /// The region.
    Region,
}

/// A part of the catalog that a format has a place for or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Prices that hold under a condition.
    Condition(ConditionPart),
    /// Prices of a service tier.
    Tier(ServiceTier),
    /// A fact of models; not capabilities and prices, each of which is a part of its own.
    Fact(Fact),
    /// Whether a model can do something.
    Capability(Capability),
    /// A rate.
    Meter(Meter),
    /// Other ids of a model.
    Aliases,
    /// The provider itself: its name, documentation and addresses.
    Provider,
    /// The base model. A format without a place for it loses nothing: its facts are the model's.
    Base,
}

/// What was lost while a selection was written: for each loss, the models that it happened to.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    models: BTreeMap<Loss, BTreeSet<usize>>,
}

impl ConditionPart {
    /// Every part.
    pub const ALL: &'static [Self] = &[Self::Above, Self::Dates, Self::Hours, Self::Region];

    /// Whether a condition depends on it.
    #[must_use]
    pub fn is_in(self, condition: Condition<&str>) -> bool {
        match self {
            Self::Above => condition.above.is_some(),
            Self::Dates => condition.from.is_some() || condition.until.is_some(),
            Self::Hours => condition.hours.is_some(),
            Self::Region => condition.region.is_some(),
        }
    }

    /// What prices depend on, as a word.
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

impl Part {
    /// Every part that can be lost.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        // Facts that consist of other parts are not among them.
        let is_whole = |fact: &Fact| !matches!(fact, Fact::Capabilities | Fact::Prices | Fact::Endpoints | Fact::Sources);
        let facts = Fact::ALL.iter().copied().filter(is_whole).map(Self::Fact);
        let capabilities = Capability::ALL.iter().copied().map(Self::Capability);
        let meters = Meter::ALL.iter().copied().map(Self::Meter);
        let conditions = ConditionPart::ALL.iter().copied().map(Self::Condition);
        let tiers = ServiceTier::ALL.iter().copied().map(Self::Tier);
        facts.chain(capabilities).chain(meters).chain(conditions).chain(tiers).chain([Self::Aliases, Self::Provider])
    }

    /// Whether a model has it.
    fn is_in(self, model: Model<'_>) -> bool {
        match self {
            // That a model with prices is paid by what is used follows from the prices.
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

    /// What happened to `count` models that have it.
    fn describe_missing(self, count: usize) -> String {
        let models = if count == 1 { "model" } else { "models" };
        let ids = if count == 1 { "id" } else { "ids" };
        match self {
            Self::Condition(part) => format!("{count} {models} with prices by {} left out", part.as_str()),
            Self::Tier(tier) => format!("{count} {models} with prices of the tier {tier} left out"),
            Self::Fact(fact) => format!("{count} {models} without {fact}"),
            Self::Capability(word) => format!("{count} {models} without {word}"),
            Self::Meter(meter) => format!("{count} {models} without the rate {meter}"),
            Self::Aliases => format!("other {ids} of {count} {models} left out"),
            Self::Provider => format!("the provider itself left out for {count} {models}"),
            Self::Base => format!("{count} {models} without base"),
        }
    }
}

impl fmt::Display for Part {
    /// As a word: `family`, `price.cache_write`, `prices by hours`.
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
    /// Whether the whole model is left out.
    #[must_use]
    pub const fn leaves_out(self) -> bool {
        matches!(
            self,
            Self::Retired
                | Self::Kind
                | Self::Protocol
                | Self::Credentials
                | Self::NoEndpoint
                | Self::OtherEndpoint
                | Self::AddressVariables
                | Self::NoContextWindow
                | Self::NoMaxOutput
                | Self::SameId
                | Self::Character
                | Self::Template
        )
    }

    /// What it happens to, and what unless that is to be left out: `unpriced models written as 0`, `retired models`.
    #[must_use]
    pub fn what(self) -> String {
        let text = self.describe(2).replacen("2 ", "", 1);
        if self.leaves_out() { text.trim_end_matches(" left out").to_owned() } else { text }
    }

    /// What happened to `count` models: `2 unpriced models written as 0`.
    #[must_use]
    pub fn describe(self, count: usize) -> String {
        let models = if count == 1 { "model" } else { "models" };
        match self {
            Self::Retired => format!("{count} retired {models} left out"),
            Self::Kind => format!("{count} {models} that are not for conversation left out"),
            Self::Protocol => format!("{count} {models} of another wire protocol left out"),
            Self::Credentials => format!("{count} {models} whose provider wants other credentials than a key left out"),
            Self::NoEndpoint => format!("{count} {models} without a known endpoint left out"),
            Self::OtherEndpoint => format!("{count} {models} at another endpoint of their provider left out"),
            Self::AddressVariables => format!("{count} {models} at an address with variables in it left out"),
            Self::NoContextWindow => format!("{count} {models} without a known context window left out"),
            Self::NoMaxOutput => format!("{count} {models} without a known maximum of output left out"),
            Self::SameId => format!("{count} {models} with the id of another one left out"),
            Self::Character => format!("{count} {models} with a character that readers take for different ones left out"),
            Self::Template => format!("{count} {models} with an id that the tool reads as a template left out"),
            Self::UnpricedAsZero => format!("{count} unpriced {models} written as 0"),
            Self::FreeAsZero => format!("{count} free {models} written as 0"),
            Self::PlanAsZero => format!("{count} {models} of a plan written as 0"),
            Self::RateAsZero => format!("{count} {models} with a rate written as 0 that their price list does not have"),
            Self::LimitAsZero => format!("{count} {models} with a limit written as 0 that nobody knows"),
            Self::UnknownAsDefault => format!("{count} {models} with a capability that nobody knows left as the tool has it by default"),
            Self::InexactDate => format!("{count} {models} with a date left out that is not known to the day"),
            Self::DefaultOutput => format!("{count} {models} with the maximum of output written as what is asked for by default"),
            Self::CacheByNumbers => format!("{count} {models} with rates of a cache that readers may take for each other"),
            Self::Filler(fact) => format!("{count} {models} with {fact} that readers may take for filled in"),
            Self::UnitRate => format!("{count} {models} with prices of single requests, images or searches under a condition left out"),
            Self::FirstAsDefault => format!("{count} {models} written as the default of their provider, which has none"),
            Self::AddressLeft => format!("{count} {models} whose address is left to the tool"),
            Self::CoarseProtocol => format!("{count} {models} with a coarser word for the wire protocol"),
            Self::KeyVariable => format!("{count} {models} whose key is read from a variable named after the provider instead of its own"),
            Self::OneLimit => format!("{count} {models} with one limit for the context window and for what goes in"),
            Self::Status => format!("{count} {models} with a coarser status"),
            Self::Currency => format!("{count} {models} with prices in another currency left unpriced"),
            Self::NoPlace(part) => part.describe_missing(count),
            Self::Words(fact) => format!("{count} {models} with fewer words of {fact}"),
        }
    }

    /// The part of the catalog that has no place in a format: nothing wrong is written then.
    #[must_use]
    pub const fn no_place(self) -> Option<Part> {
        if let Self::NoPlace(part) = self { Some(part) } else { None }
    }
}

impl Lost {
    /// Notes that something happened to a model; the same twice counts once.
    pub fn note(&mut self, loss: Loss, model: Model<'_>) {
        self.models.entry(loss).or_default().insert(model.index());
    }

    /// Notes of every model that is written which of the parts of it have no place.
    pub(crate) fn note_missing(&mut self, missing: &[Part], models: &[Model<'_>]) {
        let left_out: BTreeSet<usize> =
            self.models.iter().filter(|(loss, _)| loss.leaves_out()).flat_map(|(_, models)| models).copied().collect();
        let written: Vec<Model<'_>> = models.iter().copied().filter(|model| !left_out.contains(&model.index())).collect();
        for part in missing {
            let mut places: BTreeSet<usize> = written.iter().filter(|model| part.is_in(**model)).map(|model| model.index()).collect();
            if !places.is_empty() {
                self.models.entry(Loss::NoPlace(*part)).or_default().append(&mut places);
            }
        }
    }

    /// What happened, and to how many models.
    pub fn counts(&self) -> impl Iterator<Item = (Loss, usize)> {
        self.models.iter().map(|(loss, models)| (*loss, models.len()))
    }

    /// Whether it happened to a model.
    #[must_use]
    pub fn happened(&self, loss: Loss, model: Model<'_>) -> bool {
        self.models.get(&loss).is_some_and(|models| models.contains(&model.index()))
    }
}
