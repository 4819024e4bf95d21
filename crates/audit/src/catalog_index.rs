//! Indexes of a catalog. With these indexes, the audit looks up the ids, base URLs and variables that it finds in scanned texts.

use modeldex_table::{AliasKind, Catalog, Date, Model, Provider, ProviderKind, Status};
use std::collections::{HashMap, HashSet};

/// Catalog with indexes for an audit.
#[derive(Debug)]
pub struct CatalogIndex<'c> {
    pub(crate) catalog: &'c Catalog<'c>,
    today: Date,
    /// Indexes of models in the catalog, by id or alias in lowercase. Legacy aliases are not included.
    ids: HashMap<String, Vec<usize>>,
    /// References of published weights (`owner/name`) and of base models, in lowercase. They look like references of models.
    weight_references: HashSet<String>,
    /// Owners of published weights, in lowercase. If a provider has the id of an owner, `provider/id` may be a reference of weights.
    weight_owners: HashSet<String>,
    /// Whether a provider has a model with published weights, by index of the provider and by the letters with which the model's id begins.
    families: HashMap<(usize, String), bool>,
    /// Base URLs by host, each with the index of its provider.
    hosts: HashMap<&'c str, Vec<(usize, &'c str)>>,
    /// Indexes of providers by the name of their API key variable.
    variables: HashMap<&'c str, Vec<usize>>,
    /// Ids that are deprecated, retired or legacy ids at every provider.
    discontinued: HashMap<String, Discontinued<'c>>,
}

/// Reason why an id should be replaced.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Discontinued<'c> {
    /// The id is a legacy alias, which no longer works. The model may still work under another id.
    Legacy {
        model: Model<'c>,
        reason: Option<&'c str>,
    },
    Retired(Model<'c>),
    Deprecated(Model<'c>),
}

impl<'c> CatalogIndex<'c> {
    /// Creates the indexes of a catalog. Models whose retirement date is before `today` count as retired.
    #[must_use]
    pub fn new(catalog: &'c Catalog<'c>, today: Date) -> Self {
        let mut index = Self {
            catalog,
            today,
            ids: HashMap::new(),
            weight_references: HashSet::new(),
            weight_owners: HashSet::new(),
            families: HashMap::new(),
            hosts: HashMap::new(),
            variables: HashMap::new(),
            discontinued: HashMap::new(),
        };
        index.index_models();
        index.index_providers();
        index.index_discontinued();
        index
    }

    fn index_models(&mut self) {
        for model in self.catalog.models() {
            let id = model.id().to_ascii_lowercase();
            let prefix = family(last_part(&id)).to_owned();
            let open = !is_closed(model) && (is_open(model) || model.weights().len() > 0);
            *self.families.entry((model.provider().index(), prefix)).or_default() |= open;
            self.ids.entry(id).or_default().push(model.index());
            self.index_weights(model.weights());
        }
        for alias in self.catalog.aliases().filter(|alias| alias.kind() != AliasKind::Legacy) {
            if let Some(model) = alias.model() {
                self.ids.entry(alias.id().to_ascii_lowercase()).or_default().push(model.index());
            }
        }
        for base in self.catalog.labs().flat_map(|lab| lab.models()) {
            self.weight_references.insert(base.reference().to_string().to_ascii_lowercase());
            self.index_weights(base.weights());
        }
    }

    fn index_weights(&mut self, weights: impl Iterator<Item = &'c str>) {
        for weights in weights {
            let mut parts = weights.rsplit('/');
            if let (Some(name), Some(owner)) = (parts.next(), parts.next()) {
                self.weight_owners.insert(owner.to_ascii_lowercase());
                self.weight_references.insert(format!("{owner}/{name}").to_ascii_lowercase());
            }
        }
    }

    fn index_providers(&mut self) {
        for provider in self.catalog.providers() {
            for endpoint in provider.endpoints() {
                let url = endpoint.base_url();
                if let Some((host, _)) = split_url(url).filter(|(host, _)| !is_local_host(host) && !host.contains('$')) {
                    self.hosts.entry(host).or_default().push((provider.index(), url));
                }
            }
            for name in provider.auth().flat_map(|auth| auth.env()) {
                let providers = self.variables.entry(name).or_default();
                if providers.last() != Some(&provider.index()) {
                    providers.push(provider.index());
                }
            }
        }
    }

    /// Indexes the ids that are findings even without a provider. Such an id meets three conditions: every provider of the model has deprecated or
    /// retired it, the lab of the model is one of these providers, and the weights of the model are not published.
    fn index_discontinued(&mut self) {
        let mut discontinued = HashMap::new();
        for (id, places) in &self.ids {
            let mut models = places.iter().filter_map(|place| self.catalog.model_at(*place));
            let all_closed = models.clone().all(|model| !is_open(model));
            let is_offered_by_lab = models.clone().any(|model| model.provider().kind() == Some(ProviderKind::Lab));
            let Some(worst) = models.clone().next().and_then(|model| self.discontinued_model(model)) else { continue };
            let all_discontinued = models.all(|model| self.discontinued_model(model).is_some());
            if !id.contains('/') && is_distinctive_id(id) && all_closed && is_offered_by_lab && all_discontinued {
                let least = places.iter().filter_map(|place| self.catalog.model_at(*place)).find(|model| model.status() != Status::Retired);
                let last = least.and_then(|model| self.discontinued_model(model)).unwrap_or(worst);
                discontinued.insert(id.clone(), last);
            }
        }
        for alias in self.catalog.aliases().filter(|alias| alias.kind() == AliasKind::Legacy) {
            let id = alias.id().to_ascii_lowercase();
            let Some(model) = alias.model().filter(|_| is_distinctive_id(&id) && !self.ids.contains_key(&id)) else { continue };
            discontinued.insert(id, Discontinued::Legacy { model, reason: alias.reason() });
        }
        self.discontinued = discontinued;
    }

    /// Returns whether a model is retired or deprecated. Returns `None` if the model is neither.
    pub(crate) fn discontinued_model<'m>(&self, model: Model<'m>) -> Option<Discontinued<'m>> {
        match model.status() {
            _ if model.is_retired(self.today) => Some(Discontinued::Retired(model)),
            Status::Deprecated => Some(Discontinued::Deprecated(model)),
            Status::Retired | Status::Active | Status::Preview => None,
        }
    }

    /// Returns the reason why an id without a provider should be replaced. Returns `None` if the id still works at some provider.
    pub(crate) fn discontinued_id(&self, id: &str) -> Option<Discontinued<'c>> {
        self.discontinued.get(id).or_else(|| self.discontinued.get(&id.to_ascii_lowercase())).copied()
    }

    /// Returns the models of all providers that have the id or alias `id`.
    pub(crate) fn models(&self, id: &str) -> Vec<Model<'c>> {
        let places = self.ids.get(&id.to_ascii_lowercase());
        places.into_iter().flatten().filter_map(|place| self.catalog.model_at(*place)).collect()
    }

    /// Returns whether a text with a slash is a model id that contains a slash, or a reference of published weights.
    pub(crate) fn is_id_or_weights(&self, text: &str) -> bool {
        let small = text.to_ascii_lowercase();
        self.ids.contains_key(&small) || self.weight_references.contains(&small)
    }

    /// Returns whether published weights have the owner `owner`.
    pub(crate) fn owns_weights(&self, owner: &str) -> bool {
        self.weight_owners.contains(&owner.to_ascii_lowercase())
    }

    /// Returns whether the provider has a model with published weights whose id begins with the same letters as `id`. Returns `None` if no id of the
    /// provider begins with these letters.
    pub(crate) fn has_open_family(&self, provider: Provider<'c>, id: &str) -> Option<bool> {
        let id = last_part(id).to_ascii_lowercase();
        let prefix = family(&id);
        if prefix.len() < 2 {
            return None;
        }
        self.families.get(&(provider.index(), prefix.to_owned())).copied()
    }

    /// Returns the base URLs at a host, each with the index of its provider.
    pub(crate) fn base_urls(&self, host: &str) -> &[(usize, &'c str)] {
        self.hosts.get(host).map_or(&[], Vec::as_slice)
    }

    /// Returns the indexes of the providers that use an API key variable.
    pub(crate) fn variable_providers(&self, variable: &str) -> &[usize] {
        self.variables.get(variable).map_or(&[], Vec::as_slice)
    }
}

/// Splits an http or https URL into the host and the text after the host. Returns `None` for any other text.
pub(crate) fn split_url(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    Some(rest.find(['/', '?', '#']).map_or((rest, ""), |at| rest.split_at(at)))
}

fn is_local_host(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or(host);
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0")
}

/// Returns whether a text that looks like a model id is unlikely to have another meaning, because it is long and has letters, digits and hyphens.
pub(crate) fn is_distinctive_id(id: &str) -> bool {
    id.len() >= 10 && id.contains('-') && id.bytes().any(|byte| byte.is_ascii_digit()) && id.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Returns whether a provider's id is unlikely to be the name of a folder, package or user, because it is long and has hyphens.
pub(crate) fn is_distinctive_provider(id: &str) -> bool {
    id.len() >= 6 && id.contains('-')
}

/// Returns whether a key with the name `key` probably has a model as its value.
pub(crate) fn names_model(key: &str) -> bool {
    let small = key.to_ascii_lowercase();
    small.contains("model") && !small.contains("provider") && !small.contains("path") && !small.contains("file")
}

/// Returns whether the weights of a model are known to be published.
pub(crate) fn is_open(model: Model<'_>) -> bool {
    model.open_weights() == Some(true)
}

/// Returns whether the weights of a model are known to be unpublished.
pub(crate) fn is_closed(model: Model<'_>) -> bool {
    model.open_weights() == Some(false)
}

/// Returns the letters with which an id begins, such as `claude`.
fn family(id: &str) -> &str {
    id.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default()
}

fn last_part(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
