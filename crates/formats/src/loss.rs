//! What formats cannot express, as data: declared for each format, and counted when it happens.

use modeldex_table::{Billing, Capability, Condition, Fact, Meter, Model, ServiceTier};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Prices that hold under a condition are left out.
    Condition(ConditionPart),
    /// Prices in a class of service are left out.
    Tier(ServiceTier),
    /// There is no place for a fact.
    Fact(Fact),
    /// There is no place for what a model can do or cannot.
    Capability(Capability),
    /// There is no place for a rate.
    Meter(Meter),
    /// There is no place for other ids.
    Aliases,
    /// There is no place for what is known of the provider itself: its name, documentation and addresses.
    Provider,
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

/// What a format has a place for.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// The facts of models, but for capabilities and prices, which are told one by one.
    pub facts: &'static [Fact],
    /// What models can do.
    pub capabilities: &'static [Capability],
    /// The rates.
    pub meters: &'static [Meter],
    /// What prices can depend on, beside the class of service.
    pub conditions: &'static [ConditionPart],
    /// The classes of service that can have prices of their own.
    pub tiers: &'static [ServiceTier],
    /// Whether other ids of a model have a place.
    pub aliases: bool,
    /// Whether the provider itself has a place.
    pub provider: bool,
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

impl Places {
    /// A format that has a place for nothing but that a model is there.
    pub const NONE: Self =
        Self { facts: &[], capabilities: &[], meters: &[], conditions: &[], tiers: &[], aliases: false, provider: false };

    /// What has no place, as losses.
    pub fn missing(self) -> impl Iterator<Item = Loss> {
        // A fact that is told one by one: its parts are losses of their own.
        let whole = |fact: &Fact| !matches!(fact, Fact::Capabilities | Fact::Prices | Fact::Endpoints | Fact::Sources);
        let facts = Fact::ALL.iter().filter(move |fact| whole(fact) && !self.facts.contains(fact)).map(|fact| Loss::Fact(*fact));
        let capabilities = Capability::ALL.iter().filter(move |word| !self.capabilities.contains(word)).map(|word| Loss::Capability(*word));
        let meters = Meter::ALL.iter().filter(move |word| !self.meters.contains(word)).map(|word| Loss::Meter(*word));
        let parts = ConditionPart::ALL.iter().filter(move |word| !self.conditions.contains(word)).map(|word| Loss::Condition(*word));
        let tiers = ServiceTier::ALL.iter().filter(move |word| !self.tiers.contains(word)).map(|word| Loss::Tier(*word));
        let aliases = (!self.aliases).then_some(Loss::Aliases);
        facts.chain(capabilities).chain(meters).chain(parts).chain(tiers).chain(aliases).chain((!self.provider).then_some(Loss::Provider))
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

    /// Whether the format simply has no place for it, so that nothing wrong is written.
    #[must_use]
    pub const fn has_no_place(self) -> bool {
        matches!(
            self,
            Self::Fact(_) | Self::Capability(_) | Self::Meter(_) | Self::Condition(_) | Self::Tier(_) | Self::Aliases | Self::Provider
        )
    }

    /// What it happens to, and what unless that is to be left out: `unpriced models written as 0`, `retired models`.
    #[must_use]
    pub fn what(self) -> String {
        let told = self.told(2).replacen("2 ", "", 1);
        if self.leaves_out() { told.trim_end_matches(" left out").to_owned() } else { told }
    }

    /// What happened to `count` models: `2 unpriced models written as 0`.
    #[must_use]
    pub fn told(self, count: usize) -> String {
        let models = if count == 1 { "model" } else { "models" };
        let ids = if count == 1 { "id" } else { "ids" };
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
            Self::Condition(part) => format!("{count} {models} with prices by {} left out", part.as_str()),
            Self::Tier(tier) => format!("{count} {models} with prices of the tier {tier} left out"),
            Self::Fact(fact) => format!("{count} {models} without {fact}"),
            Self::Capability(word) => format!("{count} {models} without {word}"),
            Self::Meter(meter) => format!("{count} {models} without the rate {meter}"),
            Self::Aliases => format!("other {ids} of {count} {models} left out"),
            Self::Provider => format!("the provider itself left out for {count} {models}"),
            Self::Words(fact) => format!("{count} {models} with fewer words of {fact}"),
        }
    }

    /// The part of the catalog that has no place in a format, as a word: `family`, `price.cache_write`, `prices by hours`.
    #[must_use]
    pub fn place(self) -> Option<String> {
        Some(match self {
            Self::Fact(fact) => fact.to_string(),
            Self::Capability(word) => word.to_string(),
            Self::Meter(meter) => format!("price.{meter}"),
            Self::Condition(part) => format!("prices by {}", part.as_str()),
            Self::Tier(tier) => format!("prices of {tier}"),
            Self::Aliases => "aliases".to_owned(),
            Self::Provider => "providers".to_owned(),
            _ => return None,
        })
    }
}

impl Lost {
    /// Notes that something happened to a model; the same twice counts once.
    pub fn note(&mut self, loss: Loss, model: Model<'_>) {
        self.models.entry(loss).or_default().insert(model.place());
    }

    /// Notes everything of a model that has no place in a format.
    pub fn note_missing(&mut self, places: Places, model: Model<'_>) {
        for loss in places.missing() {
            if has(model, loss) {
                self.note(loss, model);
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
        self.models.get(&loss).is_some_and(|models| models.contains(&model.place()))
    }
}

/// Whether a model has what a loss says has no place.
fn has(model: Model<'_>, loss: Loss) -> bool {
    match loss {
        // That a model with prices is paid by what is used follows from the prices.
        Loss::Fact(Fact::Billing) => model.billing() != Billing::Metered,
        Loss::Fact(fact) => model.origin(fact).is_some(),
        Loss::Capability(word) => model.can(word).is_some(),
        Loss::Meter(meter) => model.prices().iter().any(|price| price.rates().any(|(named, _)| named == meter)),
        Loss::Condition(part) => model.prices().iter().any(|price| part.is_in(price.condition())),
        Loss::Tier(tier) => model.prices().iter().any(|price| price.condition().tier == Some(tier)),
        Loss::Aliases => model.aliases().next().is_some(),
        Loss::Provider => true,
        _ => false,
    }
}
