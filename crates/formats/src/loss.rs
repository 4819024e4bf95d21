//! Losses: facts and models that an output format cannot express. Each format declares its possible losses. While a format writes a file, it counts
//! the models that each loss affects.

use modeldex_table::{Billing, Capability, Condition, Fact, Meter, Model, ServiceTier};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A loss: a fact or model of the catalog that an output format omits, or states in another way. In the descriptions of the variants, the tool is the
/// program that reads the output.
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
    /// A model is left out because the format allows only one endpoint per provider, and another endpoint serves the model.
    OtherEndpoint,
    /// A model is left out because its base URL contains variables.
    BaseUrlVariables,
    /// A model is left out because the tool would read the API key from an environment variable of another provider.
    ForeignKeyVariable,
    /// A model without a known context window is left out, because the tool would assume a default.
    NoContextWindow,
    /// A model without a known output limit is left out, because the tool would assume a default.
    NoMaxOutputTokens,
    /// A model is left out because another model of the output has the same id.
    DuplicateId,
    /// A model is left out because its name or an id contains a character that not all databases parse in the same way.
    UnportableCharacter,
    /// A model is left out because the tool parses its id as a template.
    TemplateInId,
    /// An apostrophe is written before a text that begins like a spreadsheet formula.
    FormulaAsText,
    /// The format requires a price, and the price is unknown: 0 is written.
    UnpricedAsZero,
    /// The format requires a price, and the model is free: 0 is written.
    FreeAsZero,
    /// The format requires a price, and a plan covers the usage: 0 is written.
    PlanAsZero,
    /// The format requires a rate that the price list does not have: 0 is written.
    MissingRateAsZero,
    /// The format requires a limit, and the limit is unknown: 0 is written.
    UnknownLimitAsZero,
    /// The format requires a capability flag, and the capability is unknown: the tool's default is written.
    UnknownCapabilityAsDefault,
    /// The format requires a full date, and only the month or year is known: the date is left out.
    ImpreciseDate,
    /// The format has a field for the default number of output tokens, but no field for the maximum number: the maximum is written as the default.
    MaxOutputAsDefault,
    /// The tool distinguishes the cache read rate from the cache write rate by their values, and the values of the model are ambiguous.
    AmbiguousCacheRates,
    /// The value of the fact equals the placeholder that the format uses for unknown values, so the tool may ignore the value.
    LooksLikeFiller(Fact),
    /// Rates per request, image or search that apply only under a condition are left out.
    ConditionalUnitRate,
    /// The format requires a default model, and the default model is unknown: the first model is written.
    FirstModelAsDefault,
    /// The base URL is left out, because the tool builds the URL itself.
    BaseUrlOmitted,
    /// The format has one name for several wire protocols: the wire protocol is written with this less specific name.
    CoarserProtocol,
    /// The tool reads the API key from an environment variable named after the provider, not from the variable that the catalog states.
    DerivedKeyVariable,
    /// If the variable of the API key is not set, the tool sends the value of another provider's variable.
    FallbackKeyVariable,
    /// In addition to the API key of the provider, the tool sends the value of another provider's variable, if that variable is set.
    ExtraKeyVariable,
    /// If the variable of the API key is not set, the AI SDK sends the value of a vendor's variable.
    VendorKeyVariable,
    /// Only one variable of the provider is written, because with several variables the tool would send the key of another provider.
    SingleKeyVariable,
    /// The format has one field for context window and input limit: one of the two numbers is written.
    SharedInputLimit,
    /// The format has fewer statuses than the catalog, or has no statuses: the exact status is lost.
    CoarserStatus,
    /// Prices in a currency other than US dollars are left out.
    OtherCurrency,
    /// A part of the catalog is left out, because the format has no field for it.
    Unsupported(CatalogPart),
    /// Some values of the fact are left out, because the format does not support them. For example, a format may support only some modalities.
    UnsupportedWords(Fact),
}

/// A kind of condition on which prices can depend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionKind {
    /// Number of input tokens of the request.
    Above,
    /// Date from which or until which a price applies, as for past and announced prices.
    Dates,
    /// Hours of the day or days of the week.
    Hours,
    /// Region of the endpoint.
    Region,
}

/// A part of the catalog for which an output format can have a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CatalogPart {
    /// Prices that apply only under this kind of condition.
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
    /// The reference of the base model. A format without this field loses no facts, because each model is written with the facts that it inherits
    /// from the base model.
    Base,
}

/// The losses of one output, each with the models that it affects.
#[derive(Clone, Debug, Default)]
pub struct LossReport {
    models: BTreeMap<Loss, BTreeSet<usize>>,
    /// Texts that name the providers of the models, for the losses whose description names providers.
    providers: BTreeMap<Loss, BTreeSet<String>>,
}

impl ConditionKind {
    /// All kinds of conditions.
    pub const ALL: &'static [Self] = &[Self::Above, Self::Dates, Self::Hours, Self::Region];

    /// Returns whether `condition` depends on this kind. For example, a condition with `from` or `until` depends on [`ConditionKind::Dates`].
    #[must_use]
    pub fn is_in(self, condition: Condition<&str>) -> bool {
        match self {
            Self::Above => condition.above.is_some(),
            Self::Dates => condition.from.is_some() || condition.until.is_some(),
            Self::Hours => condition.hours.is_some(),
            Self::Region => condition.region.is_some(),
        }
    }

    /// Returns the name of this kind of condition: `length` (of the input), `dates`, `hours` or `region`.
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
    /// Returns every part that counts as a loss if a format has no field for it: all parts except [`CatalogPart::Base`].
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

    /// Returns whether the catalog has a value for this part of `model`.
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

    /// Describes the loss of this part. `models` is a number of models, such as `2 models`.
    fn describe_unsupported(self, models: &str) -> String {
        match self {
            Self::Condition(ConditionKind::Above) => {
                format!("for {models}, the output omits the prices that depend on the number of input tokens")
            }
            Self::Condition(ConditionKind::Dates) => format!("for {models}, the output omits the prices that depend on the date"),
            Self::Condition(ConditionKind::Hours) => {
                format!("for {models}, the output omits the prices that depend on the hour or weekday")
            }
            Self::Condition(ConditionKind::Region) => format!("for {models}, the output omits the prices that depend on the region"),
            Self::Tier(tier) => format!("the output omits the prices of {models} for the service tier {tier}"),
            Self::Fact(fact) => format!("the output omits the fact {fact} of {models}"),
            Self::Capability(capability) => format!("the output omits the capability {capability} of {models}"),
            Self::Meter(meter) => format!("the output omits the rate {meter} of {models}"),
            Self::Aliases => format!("the output omits the aliases of {models}"),
            Self::Provider => format!("the output has no entry for the provider of {models}"),
            Self::Base => format!("the output omits the base model of {models}"),
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
            Self::Condition(ConditionKind::Above) => f.write_str("prices by input length"),
            Self::Condition(condition) => write!(f, "prices by {condition}", condition = condition.as_str()),
            Self::Tier(tier) => write!(f, "prices of the service tier {tier}"),
            Self::Aliases => f.write_str("aliases"),
            Self::Provider => f.write_str("providers"),
            Self::Base => f.write_str("base"),
        }
    }
}

impl Loss {
    /// Returns whether the output omits the models that the loss affects.
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
                | Self::ForeignKeyVariable
                | Self::NoContextWindow
                | Self::NoMaxOutputTokens
                | Self::DuplicateId
                | Self::UnportableCharacter
                | Self::TemplateInId
        )
    }

    /// Returns a short description of this loss, for a list of the losses of a format. The description states neither the number of affected models
    /// nor the reason for the loss. If the output omits whole models, the description states which ones: `models whose base URL contains variables`.
    /// For every other loss, the description states what the output omits or changes: `omits the base URL of some models`.
    #[must_use]
    pub fn summary(self) -> String {
        if self == Self::FirstModelAsDefault {
            return "states the first model of a provider as the default model if the catalog has no default model".to_owned();
        }
        if let Self::LooksLikeFiller(fact) = self {
            return format!("the tool may ignore the {fact} of a model if the value equals the tool's placeholder for unknown values");
        }
        let sentence = self.sentence(if self.omits_model() { "models" } else { "some models" });
        let (text, _reason) = sentence.split_once(", because ").unwrap_or((sentence.as_str(), ""));
        let (text, _next_step) = text.split_once("; ").unwrap_or((text, ""));
        let subject = if self.omits_model() { "the output omits " } else { "the output " };
        text.strip_prefix(subject).unwrap_or(text).to_owned()
    }

    /// Describes this loss, which affects `count` models. The description is a sentence without a full stop, such as
    /// `the output omits 2 models that the provider has retired`.
    #[must_use]
    pub fn describe(self, count: usize) -> String {
        self.sentence(&model_count(count))
    }

    /// Returns the sentence of [`Loss::describe`]. `models` is a number of models, such as `2 models`.
    fn sentence(self, models: &str) -> String {
        match self {
            Self::Retired => format!("the output omits {models} that the provider has retired"),
            Self::NotChat => format!("the output omits {models} for tasks other than chat"),
            Self::UnsupportedProtocol => format!("the output omits {models} with a wire protocol that the tool does not support"),
            Self::UnsupportedAuth => format!("the output omits {models} whose provider does not authenticate with a single API key"),
            Self::NoEndpoint => format!("the output omits {models} for which the catalog has no endpoint"),
            Self::OtherEndpoint => {
                format!(
                    "the output omits {models} that the provider's first endpoint does not serve, because the format allows only one endpoint per provider"
                )
            }
            Self::BaseUrlVariables => format!("the output omits {models} whose base URL contains variables"),
            Self::ForeignKeyVariable => {
                format!("the output omits {models} whose API key the tool would read from a variable of another provider")
            }
            Self::NoContextWindow => {
                format!("the output omits {models} without a known context window, because the tool would assume a default")
            }
            Self::NoMaxOutputTokens => {
                format!("the output omits {models} without a known maximum output, because the tool would assume a default")
            }
            Self::DuplicateId => format!("the output omits {models} whose id in the output would equal the id of another model"),
            Self::UnportableCharacter => {
                format!(
                    "the output omits {models} with a backslash or NUL in a name or id, because \
                     databases parse these characters differently"
                )
            }
            Self::TemplateInId => format!("the output omits {models} whose id the tool would parse as a template"),
            Self::FormulaAsText => {
                format!(
                    "the output has an apostrophe before ids and names of {models} if they begin like a formula, because a spreadsheet would calculate such a text"
                )
            }
            Self::UnpricedAsZero => {
                format!("the output states a price of 0 for {models} without a known price, because the format requires a price")
            }
            Self::FreeAsZero => {
                format!(
                    "the output states a price of 0 for {models} that the provider offers for free, because \
                     the format requires a price"
                )
            }
            Self::PlanAsZero => {
                format!("the output states a price of 0 for {models} that a plan covers, because the format requires a price")
            }
            Self::MissingRateAsZero => {
                format!("the output states 0 for rates missing from the price list of {models}, because the format requires these rates")
            }
            Self::UnknownLimitAsZero => {
                format!("the output states 0 for unknown token limits of {models}, because the format requires a number")
            }
            Self::UnknownCapabilityAsDefault => {
                format!(
                    "the output states the tool's defaults for unknown capabilities of {models}, because the format requires a value for each capability"
                )
            }
            Self::ImpreciseDate => {
                format!("the output omits incomplete dates of {models}, because the format requires year, month and day")
            }
            Self::MaxOutputAsDefault => {
                format!(
                    "the output states the maximum output of {models} as the default output, because the format has no field for the maximum"
                )
            }
            Self::AmbiguousCacheRates => {
                format!(
                    "the tool may confuse the cache read rate and the cache write rate of {models}, because \
                     the names of the format's fields do not distinguish these rates"
                )
            }
            Self::LooksLikeFiller(fact) => {
                format!("the tool may ignore the {fact} of {models}, because the value equals the tool's placeholder for unknown values")
            }
            Self::ConditionalUnitRate => {
                format!(
                    "the output omits conditional prices of {models}: prices per request, image or search that apply only under a condition"
                )
            }
            Self::FirstModelAsDefault => {
                format!(
                    "the output states {models} as the default model of the provider, because \
                     the format requires a default model and the catalog has none"
                )
            }
            Self::BaseUrlOmitted => format!("the output omits the base URL of {models}, because the tool builds the URL itself"),
            Self::CoarserProtocol => {
                format!(
                    "the output does not state the exact wire protocol of {models}, because \
                     the format has one name for several protocols"
                )
            }
            Self::DerivedKeyVariable => {
                format!(
                    "the tool reads the API key for {models} from a variable that is named after the provider, not from the variable in the catalog"
                )
            }
            Self::FallbackKeyVariable => {
                format!(
                    "if the provider's own variable is not set, LiteLLM sends the value of `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, \
                     `ANTHROPIC_AUTH_TOKEN`, `GOOGLE_API_KEY`, `GEMINI_API_KEY` or `OLLAMA_API_KEY` with requests for {models}; \
                     set all variables that the file references, or use `--usable` to write only providers whose variables are set"
                )
            }
            Self::ExtraKeyVariable => {
                format!(
                    "if `ANTHROPIC_AUTH_TOKEN` is set, Crush also sends the value of this variable with requests for {models}; \
                     unset the variable before you start Crush"
                )
            }
            Self::VendorKeyVariable => {
                format!(
                    "if your OpenCode configuration names a provider and the provider's own variable is not set, OpenCode sends the value of \
                     `OPENAI_API_KEY`, `ANTHROPIC_API_KEY` or `GOOGLE_GENERATIVE_AI_API_KEY` with requests for {models}; \
                     for each provider that your OpenCode configuration names, set the provider's own variable"
                )
            }
            Self::SingleKeyVariable => {
                format!(
                    "the output states only one of several environment variables for {models}, because \
                     with several variables OpenCode would send the key of another provider"
                )
            }
            Self::SharedInputLimit => {
                format!(
                    "the output states only one of the context window and the input limit of {models}, because \
                     the format has only one field for both"
                )
            }
            Self::CoarserStatus => format!("the format has no exact equivalent for the status of {models}"),
            Self::OtherCurrency => format!("the output omits the prices of {models} in currencies other than US dollars"),
            Self::Unsupported(part) => part.describe_unsupported(models),
            Self::UnsupportedWords(Fact::Input) => {
                format!("the output omits unsupported input modalities of {models}")
            }
            Self::UnsupportedWords(Fact::Output) => {
                format!("the output omits unsupported output modalities of {models}")
            }
            Self::UnsupportedWords(fact) => {
                format!("the output omits unsupported values of the fact {fact} of {models}")
            }
        }
    }

    /// Returns the part of the catalog for which the format has no field. Returns `None` if the loss is not [`Loss::Unsupported`].
    #[must_use]
    pub const fn unsupported_part(self) -> Option<CatalogPart> {
        if let Self::Unsupported(part) = self { Some(part) } else { None }
    }
}

impl LossReport {
    /// Records that `loss` affects `model`. Recording the same pair again has no effect.
    pub fn record(&mut self, loss: Loss, model: Model<'_>) {
        self.models.entry(loss).or_default().insert(model.index());
    }

    /// Records that `loss` affects `model`, and adds `provider` to the providers that the description names: `acme`, or the provider with the
    /// variables in question, such as ``acme (`ACME_KEY`)``.
    pub(crate) fn record_with_provider(&mut self, loss: Loss, model: Model<'_>, provider: String) {
        self.record(loss, model);
        self.providers.entry(loss).or_default().insert(provider);
    }

    /// Records the loss [`Loss::Unsupported`] for each part in `missing` that the catalog has for a model of the output.
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

    /// Returns each recorded loss with the number of models that it affects.
    pub fn counts(&self) -> impl Iterator<Item = (Loss, usize)> {
        self.models.iter().map(|(loss, models)| (*loss, models.len()))
    }

    /// Returns each recorded loss with its description, the sentence of [`Loss::describe`]. For some losses, the sentence also names up to three of
    /// the affected providers.
    pub fn descriptions(&self) -> impl Iterator<Item = (Loss, String)> {
        self.counts().map(|(loss, count)| {
            let text = match self.providers.get(&loss) {
                Some(providers) => {
                    loss.sentence(&format!("{models} of {providers}", models = model_count(count), providers = enumerate(providers)))
                }
                None => loss.describe(count),
            };
            (loss, text)
        })
    }

    /// Returns whether `loss` was recorded for `model`.
    #[must_use]
    pub fn contains(&self, loss: Loss, model: Model<'_>) -> bool {
        self.models.get(&loss).is_some_and(|models| models.contains(&model.index()))
    }
}

/// Returns the number of models with the noun: `1 model`, `2 models`.
fn model_count(count: usize) -> String {
    if count == 1 { "1 model".to_owned() } else { format!("{count} models") }
}

/// Returns the first three providers, and the number of all others: `acme, brook, co and 4 other providers`.
fn enumerate(providers: &BTreeSet<String>) -> String {
    const NAMED: usize = 3;
    let mut names: Vec<String> = providers.iter().take(NAMED).cloned().collect();
    match providers.len().saturating_sub(NAMED) {
        0 => {}
        1 => names.push("1 other provider".to_owned()),
        others => names.push(format!("{others} other providers")),
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{rest} and {last}", rest = rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_providers_are_named() {
        let text = |ids: &[&str]| enumerate(&ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(text(&["acme"]), "acme");
        assert_eq!(text(&["acme", "brook"]), "acme and brook");
        assert_eq!(text(&["acme", "brook", "co"]), "acme, brook and co");
        assert_eq!(text(&["acme", "brook", "co", "dawn"]), "acme, brook, co and 1 other provider");
        assert_eq!(text(&["acme", "brook", "co", "dawn", "east"]), "acme, brook, co and 2 other providers");
    }
}
