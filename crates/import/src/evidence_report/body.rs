//! Evidence reports as JSON.

use super::{EvidenceReport, FactReport};
use crate::comparison::{self, Override, SourceClaim};
use crate::decision::Rule;
use crate::probes::Probe;
use crate::statement::{UntypedValue, Value};
use modeldex_compile::authored::citation::Citation;
use modeldex_table::OriginPart;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// Evidence of all facts of a model, base model or provider.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Evidence")]
pub struct EvidenceBody<'e> {
    r#ref: &'e str,
    #[schemars(extend("enum" = ["model", "provider", "base"]))]
    kind: &'static str,
    /// Reference of the base model from which facts are inherited; null if the model has no base model.
    base: Option<&'e str>,
    facts: Vec<FactBody<'e>>,
    /// Newest recorded verdicts of `modeldex probe`.
    probes: &'e [&'e Probe],
}

/// Fact, with the catalog value, the decision and the claims of sources.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EvidenceFact")]
struct FactBody<'e> {
    fact: String,
    /// Group of the fact, such as `prices`.
    group: &'static str,
    /// Value that the policy chose; null if the policy chose no value.
    #[schemars(with = "Option<UntypedValue>")]
    value: Option<&'e Value>,
    /// Policy rule that applied; null if the policy was not applied to the fact.
    rule: Option<&'static str>,
    /// Reason for the value, as text for users.
    why: String,
    /// Value that the catalog has; null if the catalog does not have the fact.
    #[schemars(with = "Option<UntypedValue>")]
    catalog: Option<&'e Value>,
    /// Part of the catalog that states the value: the model's `own` entry, the `defaults` of its file, its `base` model, or the `extended` provider.
    part: Option<&'static str>,
    /// Hand-written value, if it differs from the imported value; else null.
    #[serde(rename = "kept")]
    manual_override: Option<&'e Override>,
    /// Claims of sources, current claims first.
    claims: Vec<ClaimBody<'e>>,
    /// Values that were decided for the providers that offer the base model; empty unless the catalog value is derived from these values.
    providers: Vec<ProvidersBody<'e>>,
    /// Citation of the hand-written value; absent if the value has no citation.
    #[serde(skip_serializing_if = "Option::is_none")]
    citation: Option<&'e Citation>,
}

/// Claim of one source.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Claim")]
struct ClaimBody<'e> {
    #[schemars(with = "UntypedValue")]
    value: &'e Value,
    source: &'e str,
    /// Date of the first snapshot of the source that states the value.
    since: String,
    /// Date of the last snapshot of the source that states the value; null if the newest snapshot states the value.
    until: Option<String>,
    /// Id under which the source lists the model, if it differs from the id in the catalog; else null.
    under: Option<&'e str>,
}

/// Value of a fact, with the providers for which the value was decided.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProvidersWithValue")]
struct ProvidersBody<'e> {
    #[schemars(with = "UntypedValue")]
    value: &'e Value,
    providers: &'e [&'e str],
}

impl Serialize for EvidenceReport<'_> {
    /// Serializes the report as [`EvidenceBody`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = EvidenceBody {
            r#ref: &self.reference,
            kind: self.kind,
            base: self.base.as_deref(),
            facts: self.facts.iter().map(|fact| fact.body(self)).collect(),
            probes: &self.probes,
        };
        body.serialize(serializer)
    }
}

impl FactReport<'_> {
    fn body(&self, subject: &EvidenceReport<'_>) -> FactBody<'_> {
        let current = self.claims_by_value.iter().flat_map(|group| &group.current);
        let past = self.claims_by_value.iter().flat_map(|group| &group.past);
        FactBody {
            fact: self.key.to_string(),
            group: comparison::group_name(self.key.group()),
            value: self.chosen,
            rule: self.rule.map(Rule::as_str),
            why: self.rule.map_or_else(|| self.reason(subject), |rule| rule.reason().to_owned()),
            catalog: self.catalog_value.map(|value| &value.value),
            part: self.catalog_value.map(|value| part_name(value.part)),
            manual_override: self.manual_override,
            claims: current.chain(past).map(ClaimBody::from).collect(),
            providers: self.provider_values.iter().map(|(value, providers)| ProvidersBody { value, providers }).collect(),
            citation: self.citation,
        }
    }
}

impl<'e> From<&SourceClaim<'e>> for ClaimBody<'e> {
    fn from(source_claim: &SourceClaim<'e>) -> Self {
        let claim = source_claim.claim;
        Self {
            value: &claim.value,
            source: claim.source.as_str(),
            since: claim.since.to_string(),
            until: claim.until.map(|until| until.to_string()),
            under: source_claim.alias,
        }
    }
}

fn part_name(part: OriginPart) -> &'static str {
    match part {
        OriginPart::Model => "own",
        OriginPart::Defaults => "defaults",
        OriginPart::Base => "base",
        OriginPart::Extended => "extended",
    }
}
