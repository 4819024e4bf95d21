//! Writes a catalog in a format, reads that with the importer's reader of the same format, and compares fact by fact.

use super::{is_left_out, known};
use modeldex::{Api, Capability, Catalog, CurrentRates, Endpoint, Fact, Meter, Modality, Model, Moment, Provider, WireFeature};
use modeldex_formats::ProviderIdMap;
use modeldex_formats::SourceReader;
use modeldex_formats::snapshot::{ProviderFacts, Snapshot};
use modeldex_formats::{CatalogPart, ConditionKind, EmitTarget, Loss, LossReport, ModelSelection};
use modeldex_import::comparison;
use modeldex_import::statement::{FactKey, OwnedCondition, Value};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Every provider by itself: two of them may have the same route in the format.
pub(super) fn read(name: &str, source: &str, catalog: &Catalog<'_>, at: Moment) {
    let target = known(name);
    let losses = target.losses();
    let reader = SourceReader::for_source(source).expect("there is a reader");
    let mut faults = Vec::new();
    let mut compared = 0;
    for provider in catalog.providers() {
        let selection = ModelSelection::filtered(catalog, at, |model| model.provider().index() == provider.index());
        let mut lost = LossReport::default();
        let documents = target.write(&selection, &mut lost);
        let text = documents.first().map(|document| as_catalog(name, &document.text)).unwrap_or_default();
        let map = map(source, provider.id(), &text);
        let snapshot = reader.read(&[text.as_bytes()], &map).expect("what was written can be read");
        let problems: Vec<_> = snapshot.rejected.iter().filter(|problem| !is_known(&problem.reason)).collect();
        if !problems.is_empty() {
            faults.push(format!("{}: {problems:?}", provider.id()));
        }
        let again = Again { target, losses: &losses, lost: &lost, at };
        compared += again.provider(provider, &snapshot, &mut faults);
    }
    assert!(compared > 20, "{compared} facts were compared");
    assert!(faults.is_empty(), "{} of {compared} facts came back otherwise:\n{}", faults.len(), faults[..faults.len().min(60)].join("\n"));
}

/// What the readers say of ids that are no models to them.
fn is_known(reason: &str) -> bool {
    ["row that is not a model", "rows that are not models"].iter().any(|known| reason.contains(known))
}

/// What is written into the configuration of a tool, in the shape of the catalog that comes with the tool.
fn as_catalog(name: &str, text: &str) -> String {
    let json = || serde_json::from_str::<Json>(text).expect("the format is JSON");
    match name {
        "aichat" => text.split_once("list:").expect("a list of providers").1.trim().to_owned(),
        "openclaw" => json!({"plugin": {"modelCatalog": {"providers": json()["models"]["providers"]}}}).to_string(),
        "pi" => {
            let mut providers = json()["providers"].clone();
            for provider in providers.as_object_mut().expect("providers").values_mut() {
                let rows = provider["models"].as_array_mut().expect("models");
                rows.iter_mut().for_each(|row| row["type"] = "chat".into());
                provider["models"] = rows.drain(..).map(|row| (row["id"].as_str().unwrap_or_default().to_owned(), row)).collect();
            }
            providers.to_string()
        }
        _ => text.to_owned(),
    }
}

/// Whatever name the format has for the provider means it.
fn map(source: &str, provider: &str, text: &str) -> ProviderIdMap {
    // As a client of aichat is named.
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let mut ids: Vec<String> = vec![provider.to_owned(), provider.chars().map(plain).collect()];
    if let Ok(Json::Object(rows)) = serde_json::from_str(text) {
        let routes = rows.values().filter_map(|row| row.get("litellm_provider")?.as_str()).map(str::to_owned);
        ids.extend(routes);
    }
    ids.sort();
    ids.dedup();
    ProviderIdMap::parse(&format!("providers:\n  {provider:?}: {{{source}: {ids:?}}}\n")).expect("a map can be read")
}

struct Again<'t> {
    target: &'t EmitTarget,
    losses: &'t [Loss],
    lost: &'t LossReport,
    at: Moment,
}

impl Again<'_> {
    /// Compares, and returns how many facts.
    fn provider(&self, provider: Provider<'_>, snapshot: &Snapshot, faults: &mut Vec<String>) -> usize {
        let none = ProviderFacts::default();
        let read = snapshot.providers.get(provider.id()).unwrap_or(&none);
        let mut compared = 0;
        let written = provider.models().filter(|model| !is_left_out(self.target, self.lost, *model)).collect::<Vec<_>>();
        // What the other tools are configured with is not where their own catalogs have it.
        let has_header = ["models.dev", "catwalk"].contains(&self.target.name);
        if has_header && written.iter().any(|model| !self.lost.contains(Loss::Unsupported(CatalogPart::Provider), *model)) {
            compared += self.header(provider, &read.facts, faults);
        }
        for model in provider.models() {
            let facts = read.models.get(model.id());
            match facts {
                None if is_left_out(self.target, self.lost, model) || is_no_model(model) => {}
                None => faults.push(format!("{} is gone", model.reference())),
                Some(facts) => compared += self.model(model, facts, faults),
            }
        }
        for id in read.models.keys().filter(|id| !provider.models().any(|model| model.id() == id.as_str())) {
            faults.push(format!("{}/{id} came from nowhere", provider.id()));
        }
        compared
    }

    fn header(&self, provider: Provider<'_>, read: &BTreeMap<FactKey, Value>, faults: &mut Vec<String>) -> usize {
        let held = comparison::provider_values(provider);
        for (key, held) in &held {
            let is_lost = match (key, read.get(key)) {
                (FactKey::Api, Some(_)) if self.happened_to_all(provider, Loss::CoarserProtocol) => false,
                (FactKey::Env, Some(_)) if self.happened_to_all(provider, Loss::SingleKeyVariable) => false,
                (FactKey::BaseUrl, None) if self.happened_to_all(provider, Loss::BaseUrlOmitted) => false,
                (_, Some(value)) => !is_same_header(provider, key, &held.value, value),
                // Only the base URL without variables is one that can be read.
                (FactKey::BaseUrl, None) => provider.endpoints().next().is_some_and(|endpoint| endpoint.variables().next().is_none()),
                (FactKey::DocUrl, None) => self.target.name != "catwalk",
                (_, None) => true,
            };
            if is_lost {
                faults.push(format!("{} {key}: {:?} became {:?}", provider.id(), held.value, read.get(key)));
            }
        }
        held.len()
    }

    fn happened_to_all(&self, provider: Provider<'_>, loss: Loss) -> bool {
        provider.models().filter(|model| !is_left_out(self.target, self.lost, *model)).all(|model| self.lost.contains(loss, model))
    }

    fn model(&self, model: Model<'_>, read: &BTreeMap<FactKey, Value>, faults: &mut Vec<String>) -> usize {
        let held = comparison::model_values(model);
        for (key, held) in &held {
            if read.get(key) != Some(&held.value) && !self.is_explained(model, key) && !self.is_not_read(model, key, &held.value) {
                faults.push(format!("{} {key}: {:?} became {:?}", model.reference(), held.value, read.get(key)));
            }
        }
        for (key, value) in read.iter().filter(|(key, _)| !held.contains_key(key)) {
            if !self.is_implied(model, key, value) && !self.is_explained(model, key) {
                faults.push(format!("{} {key}: {value:?} came from nowhere", model.reference()));
            }
        }
        held.len()
    }

    /// Whether the reader passes over a fact that is written, because the tool's own catalog means something else by it.
    fn is_not_read(&self, model: Model<'_>, key: &FactKey, held: &Value) -> bool {
        match (self.target.name, key) {
            // One field has the lower of two limits, which is read as the window.
            ("aichat", FactKey::Fact(Fact::MaxInputTokens)) => true,
            // What openclaw asks for, and a window of which pi's prices change.
            ("openclaw", FactKey::Fact(Fact::MaxOutputTokens)) => true,
            ("pi", FactKey::Fact(Fact::ContextWindow)) => *held == Value::Tokens(272_000),
            // Efforts that are not sent to the endpoint are not written.
            ("pi", FactKey::Fact(Fact::ReasoningEfforts)) => model.endpoints().all(|endpoint| {
                endpoint.supports(WireFeature::ReasoningEffort) != Some(true) && endpoint.api() != Api::OpenaiResponses
                    || model.can(Capability::Reasoning) != Some(true)
            }),
            // A cache rate of 0 is filler in these catalogs.
            ("pi" | "openclaw", FactKey::Rate(_, Meter::CacheRead | Meter::CacheWrite)) => held.is_zero_rate(),
            _ => false,
        }
    }

    /// Whether a declared loss that happened to this model is about this fact.
    fn is_explained(&self, model: Model<'_>, key: &FactKey) -> bool {
        // Catwalk's own lists of these two are known to be wrong, so its reader takes none of theirs.
        if self.target.name == "catwalk"
            && ["neuralwatt", "vercel"].contains(&model.provider().id())
            && *key == FactKey::Fact(Fact::ReasoningEfforts)
        {
            return true;
        }
        self.losses.iter().any(|loss| is_about(*loss, key) && self.lost.contains(*loss, model))
    }

    /// Whether a fact that is read follows from what the catalog has.
    fn is_implied(&self, model: Model<'_>, key: &FactKey, value: &Value) -> bool {
        match key {
            FactKey::Listed => true,
            FactKey::Base => model.base().map(|base| base.reference().to_string()).as_deref() == value.text(),
            // A model without a name is called by its id, and one without a kind is for conversation.
            FactKey::Fact(Fact::Name) => value.text() == Some(model.name()),
            FactKey::Fact(Fact::Kind) => value.text() == Some(model.kind().as_str()),
            FactKey::Fact(Fact::ContextWindow) if self.target.name == "aichat" => {
                model.max_input_tokens().map(Value::Tokens).as_ref() == Some(value)
            }
            // Crush means images by attachments.
            FactKey::Capability(Capability::Attachment) if self.target.name == "catwalk" => {
                *value == Value::Flag(model.input().contains(Modality::Image))
            }
            FactKey::Rate(condition, meter) => {
                // What is kept is charged as any other input where a price list has no rate for it.
                let is_kept = matches!(meter, Meter::CacheRead | Meter::CacheWrite) && ["pi", "openclaw"].contains(&self.target.name);
                self.is_charged(model, condition, *meter, value) || is_kept && self.is_charged(model, condition, Meter::Input, value)
            }
            _ => false,
        }
    }

    /// Whether a rate holds under a condition, from whichever entry of the list it comes.
    fn is_charged(&self, model: Model<'_>, condition: &OwnedCondition, meter: Meter, value: &Value) -> bool {
        let OwnedCondition { region: None, tier, above, from: None, until: None, hours: None } = condition else { return false };
        let length = above.map_or(0, |above| u64::from(above) + 1);
        let rates = CurrentRates::of_request(model.prices(), self.at, *tier, length);
        let rate = rates.and_then(|rates| rates.get(meter));
        matches!(value, Value::Rate(money) if Some(money.rate) == rate)
    }
}

/// What a loss is about.
fn is_about(loss: Loss, key: &FactKey) -> bool {
    let condition =
        |test: &dyn Fn(&OwnedCondition, Meter) -> bool| matches!(key, FactKey::Rate(condition, meter) if test(condition, *meter));
    match loss {
        Loss::Unsupported(CatalogPart::Fact(fact)) | Loss::UnsupportedWords(fact) => *key == FactKey::Fact(fact),
        Loss::Unsupported(CatalogPart::Capability(word)) => *key == FactKey::Capability(word),
        Loss::Unsupported(CatalogPart::Meter(lost)) => condition(&|_, meter| meter == lost),
        Loss::Unsupported(CatalogPart::Tier(lost)) => condition(&|condition, _| condition.tier == Some(lost)),
        // What holds on the day is written as if it held always.
        Loss::Unsupported(CatalogPart::Condition(ConditionKind::Dates)) => key.is_price(),
        Loss::Unsupported(CatalogPart::Condition(part)) => condition(&|condition, _| match part {
            ConditionKind::Above => condition.above.is_some(),
            ConditionKind::Hours => condition.hours.is_some(),
            _ => condition.region.is_some(),
        }),
        Loss::OtherCurrency => key.is_price(),
        Loss::FreeAsZero | Loss::UnpricedAsZero | Loss::PlanAsZero | Loss::MissingRateAsZero => {
            *key == FactKey::Fact(Fact::Billing) || key.is_price()
        }
        Loss::SharedInputLimit => matches!(key, FactKey::Fact(Fact::ContextWindow | Fact::MaxInputTokens)),
        Loss::ImpreciseDate => *key == FactKey::Fact(Fact::RetirementDate),
        Loss::CoarserStatus => *key == FactKey::Fact(Fact::Status),
        Loss::AmbiguousCacheRates => condition(&|_, meter| matches!(meter, Meter::CacheRead | Meter::CacheWrite)),
        Loss::LooksLikeFiller(Fact::Prices) => key.is_price(),
        Loss::LooksLikeFiller(fact) => *key == FactKey::Fact(fact),
        Loss::ConditionalUnitRate => {
            condition(&|condition, meter| meter.per() == 1 && (condition.tier.is_some() || condition.above.is_some()))
        }
        Loss::MaxOutputAsDefault => *key == FactKey::Fact(Fact::MaxOutputTokens),
        _ => false,
    }
}

/// Whether the reader takes the id for something else than a model, as it has to in what LiteLLM itself writes: the end of the path of
/// another id of Fireworks, a route of a cloud, the size of an image, a tuned model.
fn is_no_model(model: Model<'_>) -> bool {
    let is_end = |other: Model<'_>| other.id().strip_suffix(model.id()).is_some_and(|path| path.ends_with('/'));
    match model.provider().id() {
        "fireworks-ai" => model.provider().models().any(is_end) || model.id().starts_with("fireworks-ai-"),
        "amazon-bedrock" | "azure-openai" | "openai" => model.id().contains('/') || model.id().starts_with("ft:"),
        _ => false,
    }
}

/// Whether a provider's fact is the same: the base URLs of two protocols are written with and without a version.
fn is_same_header(provider: Provider<'_>, key: &FactKey, one: &Value, other: &Value) -> bool {
    let trimmed = |value: &Value| value.text().map(|text| text.trim_end_matches("/v1").to_owned());
    let may_differ = |endpoint: Endpoint<'_>| matches!(endpoint.api(), Api::AnthropicMessages | Api::Ollama);
    let is_versioned = provider.endpoints().next().is_some_and(may_differ);
    one == other || *key == FactKey::BaseUrl && is_versioned && trimmed(one) == trimmed(other)
}
