//! What is known of each fact of a model, base model or provider: what the catalog has, what was decided and by which rule, and who says
//! what. `modeldex evidence` tells it, and so does a server of the catalog.

use crate::beside::{self, Held, Holdings, Kept, Lines, Sellers, Side, Voice};
use crate::decision::Rule;
use crate::evidence::{Evidence, EvidenceError, Line, ProviderEvidence};
use crate::probes::{Probe, Probes, ProbesError};
use crate::registry::Registry;
use crate::sources::ReadError;
use crate::statement::{Key, Untyped, Value};
use modeldex_compile::authored::cited::Citation;
use modeldex_compile::{FileKind, authored, registry};
use modeldex_table::{BaseModel, Model, OriginPart, Provider};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Whatever is known of one subject.
pub struct Account<'e> {
    /// What it is about: `model`, `provider` or `base`.
    pub kind: &'static str,
    /// Its reference.
    pub reference: String,
    /// Its name on screen.
    pub name: &'e str,
    /// What its facts are inherited from, where they are.
    pub base: Option<String>,
    /// What servers said when they were asked.
    pub probes: Vec<Probe>,
    /// Its facts.
    pub rows: Vec<Row<'e>>,
}

/// One fact with everything that is known of it.
pub struct Row<'e> {
    /// Which fact it is.
    pub key: &'e Key,
    /// What was decided.
    pub chosen: Option<&'e Value>,
    /// By which rule.
    pub rule: Option<Rule>,
    /// The values side by side.
    pub sides: Vec<Side<'e>>,
    /// What the catalog has.
    pub held: Option<&'e Held>,
    /// What a person wrote where the sources say otherwise.
    pub kept: Option<&'e Kept>,
    /// Which providers have which value, where it follows from theirs.
    pub sellers: Vec<(&'e Value, Vec<&'e str>)>,
    /// The citation of a value set by hand.
    pub citation: Option<&'e Citation>,
}

/// The evidence about a model, base model or provider.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Evidence")]
pub struct Body<'e> {
    r#ref: &'e str,
    #[schemars(extend("enum" = ["model", "provider", "base"]))]
    kind: &'static str,
    /// The base model that facts are inherited from, as `lab/model`.
    base: Option<&'e str>,
    facts: Vec<FactBody<'e>>,
    /// The newest verdicts of `modeldex probe`.
    probes: &'e [Probe],
}

/// A fact: the value in the catalog, the value that was decided, and the claims.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EvidenceFact")]
struct FactBody<'e> {
    fact: String,
    /// The group of facts that a source is an authority for.
    group: &'static str,
    /// The value that was decided; null where none was.
    #[schemars(with = "Option<Untyped>")]
    value: Option<&'e Value>,
    /// The rule that decided.
    rule: Option<&'static str>,
    /// The reason, for people.
    why: String,
    /// The value in the catalog.
    #[schemars(with = "Option<Untyped>")]
    catalog: Option<&'e Value>,
    /// The part of the catalog that has it: `own`, `defaults`, `base` or `extended`.
    part: Option<&'static str>,
    /// The value that a person set where the sources disagree with it.
    kept: Option<&'e Kept>,
    claims: Vec<ClaimBody<'e>>,
    /// The values of the providers that sell the base model, where the fact follows from theirs.
    providers: Vec<SellersBody<'e>>,
    /// The citation of a value set by hand; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    citation: Option<&'e Citation>,
}

/// What a source claims.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Claim")]
struct ClaimBody<'e> {
    #[schemars(with = "Untyped")]
    value: &'e Value,
    source: &'e str,
    /// The date of the first snapshot with this value.
    since: String,
    /// The date of the first snapshot without it; null while it is claimed.
    until: Option<String>,
    /// The id under which the source has the model, where it is another one.
    under: Option<&'e str>,
}

/// Providers with the same value.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProvidersWithValue")]
struct SellersBody<'e> {
    #[schemars(with = "Untyped")]
    value: &'e Value,
    providers: &'e [&'e str],
}

/// Reads an evidence folder for callers that ask of many subjects: what was read for one is often what the next needs.
pub struct Reader {
    catalog: PathBuf,
    dir: PathBuf,
    registry: Registry,
    /// How many base models are remembered with all that sell them.
    most_bases: usize,
    last: Mutex<Option<(String, Arc<OfProvider>)>>,
    bases: Mutex<BTreeMap<String, Arc<Evidence>>>,
}

/// What is known of one provider.
#[derive(Debug, Default)]
pub struct OfProvider {
    /// Its evidence, with what was decided.
    pub evidence: ProviderEvidence,
    /// Its imported file.
    pub imported: authored::Provider,
}

/// Why there is no account.
#[derive(Debug)]
pub enum AccountError {
    /// The evidence cannot be read.
    Evidence(EvidenceError),
    /// What servers said cannot be read.
    Probes(ProbesError),
}

/// What is known of one model of a provider.
pub struct Known {
    own: Arc<OfProvider>,
    /// The evidence of those that sell the same base model, where a fact leans on theirs.
    others: Arc<Evidence>,
    base: Option<String>,
    /// What the catalog has.
    pub held: Holdings,
    /// What a person wrote where the sources say otherwise.
    pub kept: BTreeMap<Key, Kept>,
}

impl Reader {
    /// A reader of the evidence folder `dir` of the folder `catalog`, that remembers the sellers of so many base models.
    ///
    /// # Errors
    /// When the registry of the catalog cannot be read: without it nothing is decided.
    pub fn open(catalog: PathBuf, dir: PathBuf, most_bases: usize) -> Result<Self, ReadError> {
        let registry = Registry::read(&catalog, &dir)?;
        Ok(Self { catalog, dir, registry, most_bases, last: Mutex::default(), bases: Mutex::default() })
    }

    /// Hands over the account of a model.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub fn of_model<T>(&self, model: Model<'_>, tell: impl FnOnce(&Account<'_>) -> T) -> Result<T, AccountError> {
        let known = self.known(model)?;
        let (lines, sellers) = (known.lines(model), known.sellers());
        let citations = self.citations(FileKind::Provider, model.provider().id(), Some(model.id()));
        let rows = rows(&lines, &known.held, &known.kept, &citations, |key, held| {
            if held.is_some_and(|held| leans(&lines, key, held)) { sellers.values(key) } else { Vec::new() }
        });
        let (reference, base) = (model.reference().to_string(), known.base.clone());
        let probes = self.probes(model.provider().id(), Some(model.id()))?;
        Ok(tell(&Account { kind: "model", reference, name: model.name(), base, probes, rows }))
    }

    /// Hands over the account of a provider.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub fn of_provider<T>(&self, provider: Provider<'_>, tell: impl FnOnce(&Account<'_>) -> T) -> Result<T, AccountError> {
        let known = self.provider(provider.id())?;
        let lines = Lines::provider(&known.evidence);
        let held = beside::of_provider(provider);
        let kept = beside::kept(&held, &beside::stated_header(&known.imported), &lines);
        let citations = self.citations(FileKind::Provider, provider.id(), None);
        let rows = rows(&lines, &held, &kept, &citations, |_, _| Vec::new());
        let (reference, probes) = (provider.id().to_owned(), self.probes(provider.id(), None)?);
        Ok(tell(&Account { kind: "provider", reference, name: provider.name(), base: None, probes, rows }))
    }

    /// Hands over the account of a base model.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub fn of_base<T>(&self, base: BaseModel<'_>, tell: impl FnOnce(&Account<'_>) -> T) -> Result<T, AccountError> {
        let reference = base.reference().to_string();
        let all = self.sellers(&reference)?;
        let sellers = Sellers::of(&all, &reference);
        let lab: authored::Lab = self.imported(FileKind::Lab, base.reference().owner)?;
        let imported = lab.models.iter().find(|model| model.id == base.id()).map(|model| beside::stated_facts(&model.facts));
        let lines = Lines::default();
        let held = beside::of_base(base);
        let kept = beside::kept(&held, &imported.unwrap_or_default(), &lines);
        let citations = self.citations(FileKind::Lab, base.reference().owner, Some(base.id()));
        let rows = rows(&lines, &held, &kept, &citations, |key, _| sellers.values(key));
        Ok(tell(&Account { kind: "base", reference, name: base.name(), base: None, probes: Vec::new(), rows }))
    }

    /// What is known of a model.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub fn known(&self, model: Model<'_>) -> Result<Known, EvidenceError> {
        let own = self.provider(model.provider().id())?;
        let lines = Lines::of(&own.evidence, model.id());
        let held = beside::of_model(model);
        let imported = own.imported.models.iter().find(|imported| imported.id == model.id()).map(beside::stated);
        let kept = beside::kept(&held, &imported.unwrap_or_default(), &lines);
        let base = model.base().map(|base| base.reference().to_string());
        let others = match &base {
            Some(base) if held.iter().any(|(key, held)| leans(&lines, key, held)) => self.sellers(base)?,
            _ => Arc::default(),
        };
        Ok(Known { own, others, base, held, kept })
    }

    /// What is known of a provider.
    ///
    /// # Errors
    /// When its evidence or its imported file cannot be read.
    pub fn provider(&self, id: &str) -> Result<Arc<OfProvider>, EvidenceError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, evidence)) = last.as_ref().filter(|(known, _)| known == id) {
            return Ok(Arc::clone(evidence));
        }
        let mut evidence = Evidence::read_provider(&self.dir, id)?.unwrap_or_default();
        self.registry.decide(id, &mut evidence);
        let imported: authored::Provider = self.imported(FileKind::Provider, id)?;
        // That a price is impossible is seen beside those of other providers, and then none is imported.
        for model in imported.models.iter().filter(|model| model.prices.is_empty()) {
            evidence.models.get_mut(&model.id).into_iter().for_each(Line::doubt_prices);
        }
        let known = Arc::new(OfProvider { evidence, imported });
        *last = Some((id.to_owned(), Arc::clone(&known)));
        Ok(known)
    }

    /// The citations of the facts of one subject that are set by hand.
    fn citations(&self, kind: FileKind, owner: &str, model: Option<&str>) -> Cited {
        let all = registry::citations(&self.catalog, kind, owner);
        Cited(all.into_iter().filter(|((id, _), _)| id.as_deref() == model).map(|((_, key), citation)| (key, citation)).collect())
    }

    /// An imported file; nothing in it where there is none.
    fn imported<T: DeserializeOwned + Default>(&self, kind: FileKind, id: &str) -> Result<T, EvidenceError> {
        let path = self.catalog.join(kind.imported_path(id));
        let failed = |reason: String| EvidenceError { path: path.clone(), line: 0, reason };
        match std::fs::read_to_string(&path) {
            Ok(text) => serde_yaml::from_str(&text).map_err(|error| failed(error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(T::default()),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    fn sellers(&self, base: &str) -> Result<Arc<Evidence>, EvidenceError> {
        let mut bases = self.bases.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(evidence) = bases.get(base) {
            return Ok(Arc::clone(evidence));
        }
        let evidence = Arc::new(beside::read_sellers(&self.dir, base, &self.registry)?);
        if bases.len() >= self.most_bases {
            bases.clear();
        }
        bases.insert(base.to_owned(), Arc::clone(&evidence));
        Ok(evidence)
    }

    /// What the servers of a provider said of a model, or of its endpoints themselves.
    fn probes(&self, provider: &str, model: Option<&str>) -> Result<Vec<Probe>, ProbesError> {
        Ok(Probes::read(&self.dir, provider)?.on(model).cloned().collect())
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// The citations of one subject, by the key in the file.
struct Cited(HashMap<String, Citation>);

impl Cited {
    fn of(&self, key: &Key) -> Option<&Citation> {
        if key.is_price() { self.0.get("prices") } else { self.0.get(&key.to_string()) }
    }
}

impl Account<'_> {
    /// The account as JSON.
    #[must_use]
    pub fn json(&self) -> Json {
        json!(self.body())
    }

    fn body(&self) -> Body<'_> {
        Body {
            r#ref: &self.reference,
            kind: self.kind,
            base: self.base.as_deref(),
            facts: self.rows.iter().map(|row| row.body(self)).collect(),
            probes: &self.probes,
        }
    }
}

impl Known {
    /// Who says what of a model.
    #[must_use]
    pub fn lines(&self, model: Model<'_>) -> Lines<'_> {
        Lines::of(&self.own.evidence, model.id())
    }

    /// Those that sell the same base model.
    #[must_use]
    pub fn sellers(&self) -> Sellers<'_> {
        self.base.as_deref().map(|base| Sellers::of(&self.others, base)).unwrap_or_default()
    }
}

impl Row<'_> {
    /// Why the value stands there, in a few words.
    #[must_use]
    pub fn why(&self, subject: &Account<'_>) -> String {
        match (self.rule, &subject.base, self.held.map(|held| held.part)) {
            (Some(rule), _, _) => rule.as_str().to_owned(),
            (None, _, Some(_)) if subject.kind == "base" && !self.sellers.is_empty() => "from the providers that sell it".to_owned(),
            (None, Some(base), Some(OriginPart::Base)) if self.sellers.is_empty() => format!("inherited from {base}; no evidence"),
            (None, Some(base), Some(OriginPart::Base)) => format!("inherited from {base}"),
            (None, _, Some(OriginPart::Extended)) => "taken over by `extends`".to_owned(),
            (None, _, Some(_)) => "set by hand".to_owned(),
            (None, _, None) if self.sides.iter().all(|side| side.now.is_empty()) => "no longer stated".to_owned(),
            (None, _, None) => "not decided".to_owned(),
        }
    }

    fn body(&self, subject: &Account<'_>) -> FactBody<'_> {
        let now = self.sides.iter().flat_map(|side| &side.now);
        let past = self.sides.iter().flat_map(|side| &side.past);
        FactBody {
            fact: self.key.to_string(),
            group: beside::word(self.key.group()),
            value: self.chosen,
            rule: self.rule.map(Rule::as_str),
            why: self.rule.map_or_else(|| self.why(subject), |rule| rule.why().to_owned()),
            catalog: self.held.map(|held| &held.value),
            part: self.held.map(|held| part(held.part)),
            kept: self.kept,
            claims: now.chain(past).map(ClaimBody::from).collect(),
            providers: self.sellers.iter().map(|(value, providers)| SellersBody { value, providers }).collect(),
            citation: self.citation,
        }
    }
}

impl<'e> From<&Voice<'e>> for ClaimBody<'e> {
    fn from(voice: &Voice<'e>) -> Self {
        let claim = voice.claim;
        Self {
            value: &claim.value,
            source: claim.source.as_str(),
            since: claim.since.to_string(),
            until: claim.until.map(|until| until.to_string()),
            under: voice.under,
        }
    }
}

/// Whether an inherited fact stands on the word of other providers, because nothing was decided of it for this one.
#[must_use]
pub fn leans(lines: &Lines<'_>, key: &Key, held: &Held) -> bool {
    held.part == OriginPart::Base && lines.decision(key).is_none()
}

/// Every fact that the catalog or the evidence has, in the order in which groups are told.
fn rows<'e>(
    lines: &Lines<'e>,
    held: &'e Holdings,
    kept: &'e BTreeMap<Key, Kept>,
    citations: &'e Cited,
    sellers: impl Fn(&Key, Option<&Held>) -> Vec<(&'e Value, Vec<&'e str>)>,
) -> Vec<Row<'e>> {
    let mut keys: Vec<&'e Key> = lines.keys().chain(held.keys()).chain(kept.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.sort_by_key(|key| beside::rank(key));
    let row = |key: &'e Key| {
        let decision = lines.decision(key);
        Row {
            key,
            chosen: decision.and_then(|fact| fact.value.as_ref()),
            rule: beside::rule(decision),
            sides: lines.sides(key),
            held: held.get(key),
            kept: kept.get(key),
            sellers: sellers(key, held.get(key)),
            citation: citations.of(key),
        }
    };
    keys.into_iter().map(row).collect()
}

fn part(part: OriginPart) -> &'static str {
    match part {
        OriginPart::Own => "own",
        OriginPart::Defaults => "defaults",
        OriginPart::Base => "base",
        OriginPart::Extended => "extended",
    }
}

impl From<EvidenceError> for AccountError {
    fn from(error: EvidenceError) -> Self {
        Self::Evidence(error)
    }
}

impl From<ProbesError> for AccountError {
    fn from(error: ProbesError) -> Self {
        Self::Probes(error)
    }
}

impl fmt::Display for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Evidence(error) => error.fmt(f),
            Self::Probes(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AccountError {}
