//! A catalog made ready to be asked about whatever a text holds.

use modeldex_table::{AliasKind, Catalog, Date, Model, Provider, ProviderKind, Status};
use std::collections::{HashMap, HashSet};

/// A catalog and its indexes.
#[derive(Debug)]
pub struct Known<'c> {
    pub(crate) catalog: &'c Catalog<'c>,
    today: Date,
    /// The places of the models that have an id, in small letters, by their own name or by an alias that still works.
    ids: HashMap<String, Vec<usize>>,
    /// References of weights and of base models, in small letters: they look like those of models.
    names: HashSet<String>,
    /// Owners of weights. The references of a provider that is called the same may mean weights.
    owners: HashSet<String>,
    /// What the ids of each provider begin with, and whether the weights of such a model are published.
    families: HashMap<(usize, String), bool>,
    /// The base URLs of each host that belongs to a provider, with the provider's place.
    hosts: HashMap<&'c str, Vec<(usize, &'c str)>>,
    /// The providers whose key each variable may hold.
    variables: HashMap<&'c str, Vec<usize>>,
    /// Ids whose every provider says that they are gone or going.
    gone: HashMap<String, Gone<'c>>,
}

/// Why an id is to be left.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gone<'c> {
    /// An alias that no longer works, of a model that may.
    Legacy {
        model: Model<'c>,
        reason: Option<&'c str>,
    },
    Retired(Model<'c>),
    Deprecated(Model<'c>),
}

impl<'c> Known<'c> {
    /// Makes a catalog ready, as of a day.
    #[must_use]
    pub fn new(catalog: &'c Catalog<'c>, today: Date) -> Self {
        let mut known = Self {
            catalog,
            today,
            ids: HashMap::new(),
            names: HashSet::new(),
            owners: HashSet::new(),
            families: HashMap::new(),
            hosts: HashMap::new(),
            variables: HashMap::new(),
            gone: HashMap::new(),
        };
        known.learn_models();
        known.learn_providers();
        known.learn_gone();
        known
    }

    fn learn_models(&mut self) {
        for model in self.catalog.models() {
            let id = model.id().to_ascii_lowercase();
            let prefix = family(last_part(&id)).to_owned();
            let open = !is_closed(model) && (is_open(model) || model.weights().len() > 0);
            *self.families.entry((model.provider().index(), prefix)).or_default() |= open;
            self.ids.entry(id).or_default().push(model.index());
            self.learn_weights(model.weights());
        }
        for alias in self.catalog.aliases().filter(|alias| alias.kind() != AliasKind::Legacy) {
            if let Some(model) = alias.model() {
                self.ids.entry(alias.id().to_ascii_lowercase()).or_default().push(model.index());
            }
        }
        for base in self.catalog.labs().flat_map(|lab| lab.models()) {
            self.names.insert(base.reference().to_string().to_ascii_lowercase());
            self.learn_weights(base.weights());
        }
    }

    fn learn_weights(&mut self, weights: impl Iterator<Item = &'c str>) {
        for weights in weights {
            let mut parts = weights.rsplit('/');
            if let (Some(name), Some(owner)) = (parts.next(), parts.next()) {
                self.owners.insert(owner.to_ascii_lowercase());
                self.names.insert(format!("{owner}/{name}").to_ascii_lowercase());
            }
        }
    }

    fn learn_providers(&mut self) {
        for provider in self.catalog.providers() {
            for endpoint in provider.endpoints() {
                let url = endpoint.base_url();
                if let Some((host, _)) = split_url(url).filter(|(host, _)| !is_own_machine(host) && !host.contains('$')) {
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

    /// An id alone only says that it is gone when nobody offers it any more and nobody can run it at home.
    fn learn_gone(&mut self) {
        let mut gone = HashMap::new();
        for (id, places) in &self.ids {
            let mut models = places.iter().filter_map(|place| self.catalog.model_at(*place));
            let all_closed = models.clone().all(|model| !is_open(model));
            let sold_by_its_maker = models.clone().any(|model| model.provider().kind() == Some(ProviderKind::Lab));
            let Some(worst) = models.clone().next().and_then(|model| self.gone_model(model)) else { continue };
            let agreed = models.all(|model| self.gone_model(model).is_some());
            if !id.contains('/') && is_distinctive_id(id) && all_closed && sold_by_its_maker && agreed {
                let least = places.iter().filter_map(|place| self.catalog.model_at(*place)).find(|model| model.status() != Status::Retired);
                let last = least.and_then(|model| self.gone_model(model)).unwrap_or(worst);
                gone.insert(id.clone(), last);
            }
        }
        for alias in self.catalog.aliases().filter(|alias| alias.kind() == AliasKind::Legacy) {
            let id = alias.id().to_ascii_lowercase();
            let Some(model) = alias.model().filter(|_| is_distinctive_id(&id) && !self.ids.contains_key(&id)) else { continue };
            gone.insert(id, Gone::Legacy { model, reason: alias.reason() });
        }
        self.gone = gone;
    }

    /// Whether a model is gone or going.
    pub(crate) fn gone_model<'m>(&self, model: Model<'m>) -> Option<Gone<'m>> {
        match model.status() {
            _ if model.is_retired(self.today) => Some(Gone::Retired(model)),
            Status::Deprecated => Some(Gone::Deprecated(model)),
            Status::Retired | Status::Active | Status::Preview => None,
        }
    }

    /// Why an id that stands alone is to be left, if every provider agrees.
    pub(crate) fn gone_id(&self, id: &str) -> Option<Gone<'c>> {
        self.gone.get(id).or_else(|| self.gone.get(&id.to_ascii_lowercase())).copied()
    }

    /// The models that are called so by any provider.
    pub(crate) fn models(&self, id: &str) -> Vec<Model<'c>> {
        let places = self.ids.get(&id.to_ascii_lowercase());
        places.into_iter().flatten().filter_map(|place| self.catalog.model_at(*place)).collect()
    }

    /// Whether a text with a slash is the id of a model by itself, or the name of weights.
    pub(crate) fn is_name(&self, text: &str) -> bool {
        let small = text.to_ascii_lowercase();
        self.ids.contains_key(&small) || self.names.contains(&small)
    }

    /// Whether references with this owner are also those of weights.
    pub(crate) fn owns_weights(&self, owner: &str) -> bool {
        self.owners.contains(&owner.to_ascii_lowercase())
    }

    /// Whether a provider has models whose ids begin as `id` does: `None` when it has not, else whether the weights of any are published.
    pub(crate) fn family_of(&self, provider: Provider<'c>, id: &str) -> Option<bool> {
        let id = last_part(id).to_ascii_lowercase();
        let prefix = family(&id);
        if prefix.len() < 2 {
            return None;
        }
        self.families.get(&(provider.index(), prefix.to_owned())).copied()
    }

    /// The base URLs at a host, with the provider of each.
    pub(crate) fn urls(&self, host: &str) -> &[(usize, &'c str)] {
        self.hosts.get(host).map_or(&[], Vec::as_slice)
    }

    /// The places of the providers whose key a variable may hold.
    pub(crate) fn holders(&self, variable: &str) -> &[usize] {
        self.variables.get(variable).map_or(&[], Vec::as_slice)
    }
}

/// The host of a URL in small letters as it is written, and the path after it.
pub(crate) fn split_url(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    Some(rest.find(['/', '?', '#']).map_or((rest, ""), |at| rest.split_at(at)))
}

fn is_own_machine(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or(host);
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0")
}

/// Whether a text cannot well be anything but the id of a model: long, with digits and hyphens.
pub(crate) fn is_distinctive_id(id: &str) -> bool {
    id.len() >= 10 && id.contains('-') && id.bytes().any(|byte| byte.is_ascii_digit()) && id.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether a provider's id is no word that folders, packages or people have, too.
pub(crate) fn is_distinctive_provider(id: &str) -> bool {
    id.len() >= 6 && id.contains('-')
}

/// Whether a key states that its value is a model.
pub(crate) fn says_model(key: &str) -> bool {
    let small = key.to_ascii_lowercase();
    small.contains("model") && !small.contains("provider") && !small.contains("path") && !small.contains("file")
}

/// The letters that an id begins with.
/// Whether the weights of a model are known to be published.
pub(crate) fn is_open(model: Model<'_>) -> bool {
    model.open_weights() == Some(true)
}

/// Whether the weights of a model are known not to be published.
pub(crate) fn is_closed(model: Model<'_>) -> bool {
    model.open_weights() == Some(false)
}

fn family(id: &str) -> &str {
    id.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default()
}

fn last_part(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
