//! What is known of each fact of a model, base model or provider: what the catalog has, what was decided and by which rule, and who says
//! what. `modeldex evidence` tells it, and so does a server of the catalog.

use crate::beside::{self, Held, Holdings, Kept, Lines, Sellers, Side, ValueOfProviders, Voice};
use crate::decision::Rule;
use crate::evidence::{self, EvidenceError, Line, ProviderEvidence};
use crate::probes::{Probe, Probes, ProbesError};
use crate::registry::decide;
use crate::sources::{self, ReadError, Sources};
use crate::statement::{Key, Untyped, Value};
use modeldex_compile::authored::cited::Citation;
use modeldex_compile::authored::provider_map::Service;
use modeldex_compile::authored::routing::Routing;
use modeldex_compile::{FileKind, authored, registry};
use modeldex_formats::ProviderMap;
use modeldex_support::parallel::in_parallel;
use modeldex_table::{Alias, BaseModel, Catalog, Model, OriginPart, Provider, ProviderKind};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::io::ErrorKind;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

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
    pub probes: Vec<&'e Probe>,
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
    pub sellers: &'e [ValueOfProviders<'e>],
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
    probes: &'e [&'e Probe],
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

/// Reads an evidence folder: for one subject the few lines that it needs.
pub struct Reader {
    catalog: PathBuf,
    dir: PathBuf,
    sources: Sources,
    /// The provider map, once all of it is needed: reading it takes longer than all that one model needs besides.
    map: OnceLock<ProviderMap>,
}

/// The facts of models follow from no route.
static NOWHERE: Routing = Routing { providers: BTreeMap::new() };

/// What is known of one provider.
#[derive(Debug, Default)]
pub struct OfProvider {
    /// Its evidence, with what was decided.
    pub evidence: ProviderEvidence,
    /// Its imported file.
    pub imported: authored::Provider,
}

/// All of an evidence folder, for callers that need every model: each file is read once, and nothing is looked for twice.
pub struct All<'e> {
    providers: HashMap<&'e str, Models<'e>>,
    sellers: HashMap<&'e str, Sellers<'e>>,
}

/// What is known of the models of one provider.
#[derive(Default)]
struct Models<'e> {
    lines: BTreeMap<&'e str, Lines<'e>>,
    imported: HashMap<&'e str, &'e authored::Model>,
    citations: HashMap<Option<String>, Cited>,
    probes: Probes,
}

/// Why there is no account.
#[derive(Debug)]
pub enum AccountError {
    /// The evidence cannot be read.
    Evidence(EvidenceError),
    /// What servers said cannot be read.
    Probes(ProbesError),
    /// The registry of the catalog cannot be read: without it nothing is decided.
    Registry(ReadError),
}

/// What is known of one model of a provider.
pub struct Known {
    own: OfProvider,
    /// The evidence of those that sell the same base model, where a fact leans on theirs.
    others: BTreeMap<String, ProviderEvidence>,
    base: Option<String>,
    /// What the catalog has.
    pub held: Holdings,
    /// What a person wrote where the sources say otherwise.
    pub kept: BTreeMap<Key, Kept>,
}

impl Reader {
    /// A reader of the evidence folder `dir` of the folder `catalog`.
    ///
    /// # Errors
    /// When the sources of the catalog cannot be read.
    pub fn open(catalog: PathBuf, dir: PathBuf) -> Result<Self, AccountError> {
        let sources = registry::unjudged(&catalog, FileKind::Sources).map_or_else(|| registry::sources(&catalog), Ok);
        let sources = sources::add_snapshots(sources.map_err(ReadError::from)?, &dir)?;
        Ok(Self { catalog, dir, sources, map: OnceLock::new() })
    }

    /// Hands over what is known of every model of `catalog`: every file is read here.
    ///
    /// # Errors
    /// When the evidence, an imported file or the provider map cannot be read.
    pub fn of_all<T>(&self, catalog: &Catalog<'_>, tell: impl FnOnce(&All<'_>) -> T) -> Result<T, AccountError> {
        let mut ids: BTreeSet<String> = evidence::files(&self.dir)?.into_keys().collect();
        ids.extend(catalog.providers().map(|provider| provider.id().to_owned()));
        let ids = Vec::from_iter(ids);
        self.map()?;
        let read = in_parallel(&ids, |_, id| Ok((id.as_str(), self.read(id, None, &NOWHERE)?)));
        let read: BTreeMap<&str, OfProvider> = read.into_iter().collect::<Result<_, AccountError>>()?;
        let mut all = All { providers: HashMap::new(), sellers: Sellers::all(read.iter().map(|(id, known)| (*id, &known.evidence))) };
        for id in catalog.providers().map(Provider::id) {
            let Some((id, known)) = read.get_key_value(id) else { continue };
            let imported = known.imported.models.iter().map(|model| (model.id.as_str(), model)).collect();
            let (citations, probes) = (self.citations(FileKind::Provider, id), Probes::read(&self.dir, id)?);
            all.providers.insert(id, Models { lines: Lines::all(&known.evidence), imported, citations, probes });
        }
        Ok(tell(&all))
    }

    /// Hands over the account of a model.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub fn of_model<T>(&self, model: Model<'_>, tell: impl FnOnce(&Account<'_>) -> T) -> Result<T, AccountError> {
        let known = self.known(model)?;
        let (lines, sellers) = (known.lines(model), known.sellers());
        let citations = self.citations(FileKind::Provider, model.provider().id()).remove(&Some(model.id().to_owned())).unwrap_or_default();
        let probes = Probes::read(&self.dir, model.provider().id())?;
        Ok(tell(&Account::of_model(model, &lines, &known.held, &known.kept, &citations, &sellers, &probes)))
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
        let citations = self.citations(FileKind::Provider, provider.id()).remove(&None).unwrap_or_default();
        let rows = rows(&lines, &held, &kept, &citations, |_, _| &[]);
        let probes = Probes::read(&self.dir, provider.id())?;
        let (reference, probes) = (provider.id().to_owned(), probes.on(None).collect());
        Ok(tell(&Account { kind: "provider", reference, name: provider.name(), base: None, probes, rows }))
    }

    /// Hands over the account of a base model.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub fn of_base<T>(&self, base: BaseModel<'_>, tell: impl FnOnce(&Account<'_>) -> T) -> Result<T, AccountError> {
        let reference = base.reference().to_string();
        let all = self.sellers(base)?;
        let sellers = sellers_of(&all, &reference);
        let lab: authored::Lab = self.imported(FileKind::Lab, base.reference().owner, Some(base.id()))?;
        let imported = lab.models.iter().find(|model| model.id == base.id()).map(|model| beside::stated_facts(&model.facts));
        let lines = Lines::default();
        let held = beside::of_base(base);
        let kept = beside::kept(&held, &imported.unwrap_or_default(), &lines);
        let citations = self.citations(FileKind::Lab, base.reference().owner).remove(&Some(base.id().to_owned())).unwrap_or_default();
        let rows = rows(&lines, &held, &kept, &citations, |key, _| sellers.values(key));
        Ok(tell(&Account { kind: "base", reference, name: base.name(), base: None, probes: Vec::new(), rows }))
    }

    /// What is known of a model.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub fn known(&self, model: Model<'_>) -> Result<Known, AccountError> {
        let own = self.read(model.provider().id(), Some(model.id()), &NOWHERE)?;
        let lines = Lines::of(&own.evidence, model.id());
        let held = beside::of_model(model);
        let kept = kept(&held, own.imported.models.iter().find(|imported| imported.id == model.id()), &lines);
        let others = match model.base() {
            Some(base) if held.iter().any(|(key, held)| leans(&lines, key, held)) => self.sellers(base)?,
            _ => BTreeMap::new(),
        };
        Ok(Known { own, others, base: model.base().map(|base| base.reference().to_string()), held, kept })
    }

    /// What is known of a provider.
    ///
    /// # Errors
    /// When its evidence, its imported file or the registry cannot be read.
    pub fn provider(&self, id: &str) -> Result<OfProvider, AccountError> {
        let routing = registry::unjudged(&self.catalog, FileKind::Routing).map_or_else(|| registry::routing(&self.catalog), Ok);
        self.read(id, None, &routing.map_err(ReadError::from)?)
    }

    /// What is known of a provider: everything, or of its models only those that are `model`, under whichever id.
    fn read(&self, id: &str, model: Option<&str>, routing: &Routing) -> Result<OfProvider, AccountError> {
        let path = self.dir.join(format!("{id}.jsonl"));
        let mut evidence = ProviderEvidence::default();
        if let Some(text) = text(&path)? {
            let read = match model {
                None => ProviderEvidence::parse(&text).map(|all| evidence = all),
                Some(model) => evidence.add_ids_of(model, &text),
            };
            read.map_err(|(line, reason)| EvidenceError { path, line, reason })?;
            decide(&self.sources, self.kind(id)?, routing, id, &mut evidence);
        }
        let imported: authored::Provider = self.imported(FileKind::Provider, id, model)?;
        // That a price is impossible is seen beside those of other providers, and then none is imported.
        for model in imported.models.iter().filter(|model| model.prices.is_empty()) {
            evidence.models.get_mut(&model.id).into_iter().for_each(Line::doubt_prices);
        }
        Ok(OfProvider { evidence, imported })
    }

    /// Decides the facts of models that base models pass on. Prices are not among them, nor is the kind of a provider among their reasons.
    fn decide_inherited(&self, id: &str, evidence: &mut ProviderEvidence) {
        evidence.models.values_mut().for_each(|line| line.facts.retain(|key, _| !key.is_price()));
        decide(&self.sources, None, &NOWHERE, id, evidence);
    }

    /// The kind of a provider in the provider map.
    fn kind(&self, id: &str) -> Result<Option<ProviderKind>, ReadError> {
        let path = || self.catalog.join(FileKind::ProviderMap.path(""));
        match self.map.get() {
            Some(map) => Ok(map.kind(id)),
            None => match std::fs::read_to_string(path()).ok().and_then(|text| service(&text, id)) {
                Some(service) => Ok(service.kind),
                None => Ok(self.map()?.kind(id)),
            },
        }
    }

    fn map(&self) -> Result<&ProviderMap, ReadError> {
        if let Some(map) = self.map.get() {
            return Ok(map);
        }
        let map = registry::unjudged(&self.catalog, FileKind::ProviderMap).map_or_else(|| registry::provider_map(&self.catalog), Ok)?;
        Ok(self.map.get_or_init(|| map.into()))
    }

    /// The citations in a hand-written file, of itself and of its models.
    fn citations(&self, kind: FileKind, owner: &str) -> HashMap<Option<String>, Cited> {
        let mut all: HashMap<_, Cited> = HashMap::new();
        for ((id, key), citation) in registry::citations(&self.catalog, kind, owner) {
            all.entry(id).or_default().0.insert(key, citation);
        }
        all
    }

    /// An imported file, with the entry of one model or all of them; empty where the file does not exist.
    fn imported<T: DeserializeOwned + Default>(&self, kind: FileKind, id: &str, model: Option<&str>) -> Result<T, EvidenceError> {
        let path = self.catalog.join(kind.imported_path(id));
        let Some(mut text) = text(&path)? else { return Ok(T::default()) };
        if let Some(model) = model {
            // Generated files have a line for each entry, and hundreds of entries take longer than all the rest.
            let entries = text.split_once("\nmodels:\n").map_or("", |(_, entries)| entries);
            let of_model = entries.split_inclusive('\n').take_while(|line| line.starts_with("  - {")).filter(|line| line.contains(model));
            text = of_model.fold("models:\n".to_owned(), |text, entry| text + entry);
            if !text.contains('{') {
                return Ok(T::default());
            }
        }
        let read = modeldex_yaml::parse(&text).map_err(|error| error.to_string());
        let read = read.and_then(|value| T::deserialize(value).map_err(|error| error.to_string()));
        read.map_err(|reason| EvidenceError { path, line: 0, reason })
    }

    /// The lines about a base model, by provider: those of the models that inherit from it, where the evidence names it too. Of a provider
    /// that the catalog has not, every line that names it.
    fn sellers(&self, base: BaseModel<'_>) -> Result<BTreeMap<String, ProviderEvidence>, EvidenceError> {
        let mut ids: HashMap<&str, Vec<&str>> = base.catalog().providers().map(|provider| (provider.id(), Vec::new())).collect();
        for model in base.models() {
            let of_provider = ids.entry(model.provider().id()).or_default();
            of_provider.extend(iter::once(model.id()).chain(model.aliases().map(Alias::id)));
        }
        let reference = base.reference().to_string();
        let mut sellers = BTreeMap::new();
        for (id, path) in evidence::files(&self.dir)? {
            let mut provider = ProviderEvidence::read_naming(&path, ids.get(id.as_str()).map(Vec::as_slice), &reference)?;
            // Most do not: where the catalog has a base model by its id alone, the evidence does not name it.
            if !provider.models.is_empty() {
                self.decide_inherited(&id, &mut provider);
                sellers.insert(id, provider);
            }
        }
        Ok(sellers)
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// The entry of a provider in a provider map, where it is a line of its own: that one is parsed, and not the hundreds around it.
fn service(map: &str, id: &str) -> Option<Service> {
    let (_, entries) = map.split_once("\nproviders:\n")?;
    let is_entry = |line: &&str| line.trim_start().strip_prefix(id).is_some_and(|entry| entry.starts_with(": {"));
    let entry = entries.lines().take_while(|line| line.starts_with("  ")).find(is_entry)?;
    Service::deserialize(modeldex_yaml::parse(entry).ok()?.get(id)?).ok()
}

/// The text of a file; `None` where it does not exist.
fn text(path: &Path) -> Result<Option<String>, EvidenceError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(EvidenceError { path: path.into(), line: 0, reason: error.to_string() }),
    }
}

/// The citations of one subject, by the key in the file.
#[derive(Default)]
struct Cited(HashMap<String, Citation>);

impl Cited {
    fn of(&self, key: &Key) -> Option<&Citation> {
        if self.0.is_empty() {
            return None;
        }
        if key.is_price() { self.0.get("prices") } else { self.0.get(&key.to_string()) }
    }
}

impl Serialize for Account<'_> {
    /// Writes the account as [`Body`] describes it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = Body {
            r#ref: &self.reference,
            kind: self.kind,
            base: self.base.as_deref(),
            facts: self.rows.iter().map(|row| row.body(self)).collect(),
            probes: &self.probes,
        };
        body.serialize(serializer)
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
        self.base.as_deref().map(|base| sellers_of(&self.others, base)).unwrap_or_default()
    }
}

impl All<'_> {
    /// The account of a model of the catalog.
    pub fn of_model<T>(&self, model: Model<'_>, tell: impl FnOnce(&Account<'_>) -> T) -> T {
        let (none, nobody, uncited) = (Models::default(), Sellers::default(), Cited::default());
        let own = self.providers.get(model.provider().id()).unwrap_or(&none);
        let lines = own.lines.get(model.id()).cloned().unwrap_or_default();
        let held = beside::of_model(model);
        let kept = kept(&held, own.imported.get(model.id()).copied(), &lines);
        let base = model.base().map(|base| base.reference().to_string());
        let sellers = base.as_deref().and_then(|base| self.sellers.get(base)).unwrap_or(&nobody);
        let citations = own.citations.get(&Some(model.id().to_owned())).unwrap_or(&uncited);
        tell(&Account::of_model(model, &lines, &held, &kept, citations, sellers, &own.probes))
    }
}

impl<'e> Account<'e> {
    fn of_model(
        model: Model<'e>,
        lines: &Lines<'e>,
        held: &'e Holdings,
        kept: &'e BTreeMap<Key, Kept>,
        citations: &'e Cited,
        sellers: &'e Sellers<'e>,
        probes: &'e Probes,
    ) -> Self {
        let of_sellers = |key: &Key, held: Option<&Held>| -> &'e [ValueOfProviders<'e>] {
            if held.is_some_and(|held| leans(lines, key, held)) { sellers.values(key) } else { &[] }
        };
        let rows = rows(lines, held, kept, citations, of_sellers);
        let base = model.base().map(|base| base.reference().to_string());
        let probes = probes.on(Some(model.id())).collect();
        Account { kind: "model", reference: model.reference().to_string(), name: model.name(), base, probes, rows }
    }
}

/// What a person wrote of a model where the sources say otherwise.
fn kept(held: &Holdings, imported: Option<&authored::Model>, lines: &Lines<'_>) -> BTreeMap<Key, Kept> {
    beside::kept(held, &imported.map(beside::stated).unwrap_or_default(), lines)
}

/// Those that sell a base model, of providers with lines that name it.
fn sellers_of<'e>(providers: &'e BTreeMap<String, ProviderEvidence>, reference: &str) -> Sellers<'e> {
    Sellers::all(providers.iter().map(|(id, evidence)| (id.as_str(), evidence))).remove(reference).unwrap_or_default()
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
    sellers: impl Fn(&Key, Option<&Held>) -> &'e [ValueOfProviders<'e>],
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
        OriginPart::Model => "own",
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

impl From<ReadError> for AccountError {
    fn from(error: ReadError) -> Self {
        Self::Registry(error)
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
            Self::Registry(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AccountError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_one_line_is_found_in_a_provider_map() {
        let map = "\
# Map
providers:
  a: {kind: lab, x: [a]}
  ab: {x: [b]}
  c:
    kind: host
  d: {kind: plan,
    x: [d]}
skip:
  x: {e: no models}
";
        let kind = |id: &str| service(map, id).map(|service| service.kind);
        assert_eq!((kind("a"), kind("ab")), (Some(Some(ProviderKind::Lab)), Some(None)));
        // Others are left to a reader of the whole map.
        assert!(["b", "c", "d", "x", "e"].iter().all(|id| kind(id).is_none()));
    }
}
