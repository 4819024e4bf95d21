//! Encodes a resolved catalog as tables: rows, a string pool, and hash indexes. Equal strings and lists are stored once.

use crate::authored::{Auth, Endpoint, Facts, ModelAlias, PartialDate, Price, Provider, SourceLink, Value};
use crate::resolve::{Origins, Resolved, ResolvedBase, ResolvedModel, ResolvedProvider};
use modeldex_table::rows::*;
use modeldex_table::{ALWAYS_ROW, Billing, Catalog, Currency, Fact, FactType, index};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromZeros, Immutable, IntoBytes};

/// The serialized form of a table: the field of `Catalog` that refers to it, row type, number of rows, and bytes.
pub(crate) struct TableBytes<'t> {
    pub(crate) field: &'static str,
    pub(crate) row: &'static str,
    pub(crate) len: usize,
    pub(crate) bytes: &'t [u8],
}

macro_rules! tables {
    ($($field:ident: $row:ident),+ $(,)?) => {
        /// The tables of a compiled catalog, as owned data.
        #[derive(Clone, Debug, Default)]
        pub struct Tables {
            strings: String,
            $($field: Vec<$row>,)+
        }

        impl Tables {
            /// Returns a catalog that reads from these tables.
            #[must_use]
            pub fn catalog(&self) -> Catalog<'_> {
                Catalog { strings: &self.strings, $($field: &self.$field,)+ }
            }

            /// Returns the total size of all tables and strings, in bytes.
            #[must_use]
            pub fn size(&self) -> usize {
                self.strings.len() + self.bytes().iter().map(|table| table.bytes.len()).sum::<usize>()
            }

            pub(crate) fn strings(&self) -> &str {
                &self.strings
            }

            pub(crate) fn bytes(&self) -> Vec<TableBytes<'_>> {
                vec![$(TableBytes {
                    field: stringify!($field),
                    row: stringify!($row),
                    len: self.$field.len(),
                    bytes: self.$field.as_bytes(),
                },)+]
            }
        }
    };
}

tables! {
    providers: ProviderRow,
    endpoints: EndpointRow,
    headers: HeaderRow,
    auths: AuthRow,
    variables: VariableRow,
    models: ModelRow,
    labs: LabRow,
    bases: ModelRow,
    details: DetailRow,
    aliases: AliasRow,
    provider_aliases: ProviderAliasRow,
    prices: PriceRow,
    conditions: ConditionRow,
    rates: RateRow,
    sources: SourceRow,
    texts: Text,
    origins: OriginRow,
    layers: LayerRow,
    model_slots: SlotRow,
    provider_slots: SlotRow,
}

/// The lists that a table contains, by their bytes, so that equal lists are stored only once.
#[derive(Default)]
struct Interned(HashMap<Vec<u8>, Range>);

impl Interned {
    fn list<T: Clone + IntoBytes + Immutable>(&mut self, table: &mut Vec<T>, list: &[T]) -> Range {
        if list.is_empty() {
            return Range::default();
        }
        if let Some(range) = self.0.get(list.as_bytes()) {
            return *range;
        }
        let range = Range { start: len_of(table), len: U16::new(list.len().min(usize::from(u16::MAX)) as u16) };
        table.extend_from_slice(list);
        self.0.insert(list.as_bytes().to_vec(), range);
        range
    }

    /// Returns the index of a row; adds the row if the table does not contain it yet.
    fn row<T: Clone + IntoBytes + Immutable>(&mut self, table: &mut Vec<T>, row: T) -> u32 {
        self.list(table, &[row]).start.get()
    }
}

#[derive(Default)]
struct Encoder {
    tables: Tables,
    texts: HashMap<String, Text>,
    text_lists: Interned,
    endpoints: Interned,
    headers: Interned,
    auths: Interned,
    variables: Interned,
    details: Interned,
    prices: Interned,
    conditions: Interned,
    rates: Interned,
    sources: Interned,
    origins: Interned,
    /// The indices of base models, by reference.
    bases: HashMap<String, u32>,
}

/// Encodes a catalog. The output is deterministic, because everything is encoded in the order of ids.
pub(crate) fn encode(resolved: &Resolved) -> Tables {
    let mut encoder = Encoder::default();
    encoder.conditions.row(&mut encoder.tables.conditions, ALWAYS_ROW);
    encoder.origins.row(&mut encoder.tables.origins, OriginRow::new_zeroed());
    for layer in &resolved.layers {
        let name = encoder.text(layer);
        encoder.tables.layers.push(LayerRow { name });
    }
    encoder.labs(resolved);
    for (at, (id, provider)) in resolved.providers.iter().enumerate() {
        encoder.provider(at as u16, id, provider, resolved);
    }
    encoder.provider_aliases(resolved);
    encoder.index();
    encoder.tables
}

impl Encoder {
    /// Returns the place of a string in the pool. Adds the string if the pool does not contain it yet. The schema limits the length of strings; a
    /// string of more than 65,535 bytes is truncated at a character boundary.
    fn text(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return Text { start: U32::ZERO, len: U16::ZERO };
        }
        if let Some(place) = self.texts.get(text) {
            return *place;
        }
        let mut len = text.len().min(usize::from(u16::MAX));
        while !text.is_char_boundary(len) {
            len -= 1;
        }
        let place = Text { start: U32::new(self.tables.strings.len() as u32), len: U16::new(len as u16) };
        self.tables.strings.push_str(&text[..len]);
        self.texts.insert(text.to_owned(), place);
        place
    }

    fn optional(&mut self, text: Option<&String>) -> Text {
        self.text(text.map_or("", String::as_str))
    }

    fn text_list(&mut self, texts: &[String]) -> Range {
        let list: Vec<_> = texts.iter().map(|text| self.text(text)).collect();
        self.text_lists.list(&mut self.tables.texts, &list)
    }

    fn sources(&mut self, sources: &[SourceLink]) -> Range {
        let list: Vec<_> = sources.iter().map(|source| SourceRow { url: self.text(&source.url), checked: date(source.checked) }).collect();
        self.sources.list(&mut self.tables.sources, &list)
    }

    fn labs(&mut self, resolved: &Resolved) {
        for (at, (id, lab)) in resolved.labs.iter().enumerate() {
            let start = len_of(&self.tables.bases);
            for base in lab.models.values() {
                self.bases.insert(format!("{id}/{}", base.base.id), self.tables.bases.len() as u32);
                let row = self.base_model(at as u16, base);
                self.tables.bases.push(row);
            }
            let row = LabRow {
                id: self.text(id),
                name: self.text(lab.lab.name.as_deref().unwrap_or(id)),
                bases_start: start,
                bases_len: U32::new(lab.models.len() as u32),
                sources: self.sources(&lab.lab.sources),
            };
            self.tables.labs.push(row);
        }
    }

    fn base_model(&mut self, owner: u16, resolved: &ResolvedBase) -> ModelRow {
        let base = &resolved.base;
        let mut detail = self.details(&base.facts);
        detail.sources = self.sources(&base.sources);
        let row = self.facts(&base.id, &base.facts);
        ModelRow { owner: U16::new(owner), detail: self.detail(detail), origin: self.origin(resolved.origins), ..row }
    }

    fn provider(&mut self, at: u16, id: &str, resolved: &ResolvedProvider, all: &Resolved) {
        let provider = &resolved.provider;
        let models_start = len_of(&self.tables.models);
        let mut places = BTreeMap::new();
        for (model_id, model) in &resolved.models {
            places.insert(model_id.as_str(), self.tables.models.len() as u32);
            let facts = resolve_references(&model.model.facts, id, all);
            let row = self.model(at, &facts, &resolved.provider, model);
            self.tables.models.push(row);
        }
        for (alias, target) in resolved.aliases.values() {
            if let Some(model) = places.get(target.as_str()) {
                let row = self.alias(at, alias, *model);
                self.tables.aliases.push(row);
            }
        }
        let default =
            provider.default_model.as_deref().and_then(|id| resolved.model(id)).and_then(|model| places.get(model.model.id.as_str()));
        let endpoints: Vec<_> = provider.endpoints.iter().map(|endpoint| self.endpoint(endpoint)).collect();
        let auths: Vec<_> = provider.auth.iter().map(|auth| self.auth(auth)).collect();
        let row = ProviderRow {
            id: self.text(id),
            name: self.text(provider.name.as_deref().unwrap_or(id)),
            doc_url: self.optional(provider.doc_url.as_ref()),
            extends: self.optional(provider.extends.as_ref()),
            kind: provider.kind.map_or(0, |kind| kind.code() + 1),
            endpoints: self.endpoints.list(&mut self.tables.endpoints, &endpoints),
            auths: self.auths.list(&mut self.tables.auths, &auths),
            models_start,
            models_len: U32::new(resolved.models.len() as u32),
            default_model: U32::new(default.map_or(0, |place| place + 1)),
            sources: self.sources(&provider.sources),
        };
        self.tables.providers.push(row);
    }

    fn endpoint(&mut self, endpoint: &Endpoint) -> EndpointRow {
        let headers: Vec<_> =
            endpoint.headers.iter().map(|(name, value)| HeaderRow { name: self.text(name), value: self.text(value) }).collect();
        let compat = endpoint.compat.as_ref();
        let bits = |only_supported: bool| {
            let features = compat.into_iter().flat_map(|compat| &compat.features).filter(|(_, yes)| only_supported <= **yes);
            features.fold(0_u8, |bits, (word, _)| bits | 1 << word.code())
        };
        EndpointRow {
            id: self.optional(endpoint.id.as_ref()),
            base_url: self.text(&endpoint.base_url),
            api: endpoint.api.code(),
            region: self.optional(endpoint.region.as_ref()),
            plan: self.optional(endpoint.plan.as_ref()),
            headers: self.headers.list(&mut self.tables.headers, &headers),
            max_tokens_field: compat.and_then(|compat| compat.max_tokens_field).map_or(0, |field| field.code() + 1),
            known: bits(false),
            supported: bits(true),
        }
    }

    fn auth(&mut self, auth: &Auth) -> AuthRow {
        let variable = |encoder: &mut Self, variable: &crate::authored::Variable| VariableRow {
            env: encoder.text_list(&variable.env),
            role: variable.role.code(),
            optional: u8::from(variable.optional),
            default: encoder.optional(variable.default.as_ref()),
        };
        let variables: Vec<_> = auth.variables.iter().map(|each| variable(self, each)).collect();
        AuthRow {
            kind: auth.kind.code(),
            env: self.text_list(&auth.env),
            variables: self.variables.list(&mut self.tables.variables, &variables),
            header: self.optional(auth.header.as_ref()),
            scheme: self.optional(auth.scheme.as_ref()),
            query: self.optional(auth.query.as_ref()),
        }
    }

    fn alias(&mut self, provider: u16, alias: &ModelAlias, model: u32) -> AliasRow {
        AliasRow {
            id: self.text(&alias.id),
            provider: U16::new(provider),
            kind: alias.kind.code(),
            model: U32::new(model),
            reason: self.optional(alias.reason.as_ref()),
            until: date(alias.until),
        }
    }

    fn provider_aliases(&mut self, resolved: &Resolved) {
        let mut aliases = BTreeMap::new();
        for (at, provider) in resolved.providers.values().enumerate() {
            for alias in &provider.provider.aliases {
                if !resolved.providers.contains_key(&alias.id) {
                    aliases.entry(alias.id.as_str()).or_insert((at, alias));
                }
            }
        }
        for (id, (at, alias)) in aliases {
            let row = ProviderAliasRow {
                id: self.text(id),
                provider: U16::new(at as u16),
                kind: alias.kind.code(),
                reason: self.optional(alias.reason.as_ref()),
                until: date(alias.until),
            };
            self.tables.provider_aliases.push(row);
        }
    }

    fn model(&mut self, owner: u16, facts: &Facts, provider: &Provider, resolved: &ResolvedModel) -> ModelRow {
        let model = &resolved.model;
        let mut detail = self.details(facts);
        let endpoint_bit = |(at, endpoint): (usize, &Endpoint)| {
            let named = endpoint.id.as_ref().is_some_and(|id| model.endpoints.contains(id));
            if named && at < 32 { 1 << at } else { 0 }
        };
        detail.endpoints = U32::new(provider.endpoints.iter().enumerate().map(endpoint_bit).fold(0, |bits, bit| bits | bit));
        detail.sources = self.sources(&model.sources);
        detail.reason = self.optional(model.reason.as_ref());
        let billing = match facts.word(Fact::Billing) {
            Some(billing) => billing,
            None if model.prices.is_empty() => Billing::Unpriced,
            None => Billing::Metered,
        };
        let prices = if billing == Billing::Metered { self.price_list(&model.prices) } else { Range::default() };
        let base = model.base.as_ref().and_then(|base| self.bases.get(base));
        ModelRow {
            owner: U16::new(owner),
            billing: billing.code(),
            base: U32::new(base.map_or(0, |place| place + 1)),
            prices,
            detail: self.detail(detail),
            origin: self.origin(resolved.origins),
            ..self.facts(&model.id, facts)
        }
    }

    /// Encodes the facts that only few models have.
    fn details(&mut self, facts: &Facts) -> DetailRow {
        let (mut unused, mut detail) = (ModelRow::new_zeroed(), DetailRow::new_zeroed());
        self.store(facts, true, &mut unused, &mut detail);
        detail
    }

    /// Encodes the facts that most models have. Facts that are not stated are zero, or the default of their vocabulary.
    fn facts(&mut self, id: &str, facts: &Facts) -> ModelRow {
        let mut row = ModelRow { id: self.text(id), billing: Billing::Unpriced.code(), ..ModelRow::new_zeroed() };
        self.store(facts, false, &mut row, &mut DetailRow::new_zeroed());
        row
    }

    /// Stores the facts of one of the two row types, with their strings and lists in the pool.
    fn store(&mut self, facts: &Facts, details: bool, row: &mut ModelRow, detail: &mut DetailRow) {
        for fact in Fact::YAML_ORDER {
            if let Some(value) = facts.get(*fact).filter(|_| fact.is_detail() == details) {
                let stored = value.as_ref().map(&mut *self, |encoder, text| encoder.text(text), |encoder, list| encoder.text_list(list));
                fact.store(stored, row, detail);
            }
        }
    }

    /// Returns the index of a combination of origins. A catalog has a few dozen combinations. After 65,535 combinations, the origins of a model are
    /// stored as unknown.
    fn origin(&mut self, origins: Origins) -> U16 {
        let place = self.origins.row(&mut self.tables.origins, OriginRow { facts: origins.0 });
        U16::new(u16::try_from(place).unwrap_or(0))
    }

    fn detail(&mut self, detail: DetailRow) -> U32 {
        if detail == DetailRow::new_zeroed() { U32::ZERO } else { U32::new(self.details.row(&mut self.tables.details, detail) + 1) }
    }

    fn price_list(&mut self, prices: &[Price]) -> Range {
        let mut currency = Currency::Usd;
        let mut list = Vec::with_capacity(prices.len());
        for price in prices {
            currency = price.currency.unwrap_or(currency);
            let condition = ConditionRow::new(&price.condition, self.optional(price.condition.region.as_ref()));
            let rates =
                price.rates.0.iter().filter_map(|(meter, rate)| {
                    Some(RateRow { meter: meter.code(), micros: U64::new(rate.from_authored(*meter)?.micros()) })
                });
            let rates: Vec<_> = rates.collect();
            list.push(PriceRow {
                condition: U32::new(self.conditions.row(&mut self.tables.conditions, condition)),
                currency: currency.code(),
                rates: self.rates.list(&mut self.tables.rates, &rates),
            });
        }
        self.prices.list(&mut self.tables.prices, &list)
    }

    fn index(&mut self) {
        let tables = &self.tables;
        let text = |text: Text| &tables.strings.as_bytes()[text.start.get() as usize..][..text.len.get() as usize];
        let key = |owner: U16, id: Text| {
            let provider = text(tables.providers[usize::from(owner.get())].id);
            (index::hash_halves(provider, text(id)), owner, id)
        };
        let models = tables.models.iter().map(|row| key(row.owner, row.id));
        let aliases = tables.aliases.iter().map(|row| key(row.provider, row.id));
        let model_slots = slots(models.chain(aliases).collect());
        let providers = tables.providers.iter().map(|row| row.id);
        let aliases = tables.provider_aliases.iter().map(|row| row.id);
        let provider_slots = slots(providers.chain(aliases).map(|id| (index::hash(text(id)), U16::ZERO, id)).collect());
        self.tables.model_slots = model_slots;
        self.tables.provider_slots = provider_slots;
    }
}

/// Builds a hash index over `keys`. A slot contains the position of a key in `keys`.
fn slots(keys: Vec<(u64, U16, Text)>) -> Vec<SlotRow> {
    let empty = SlotRow { tagged: U32::ZERO, owner: U16::ZERO, id: Text { start: U32::ZERO, len: U16::ZERO } };
    let mut slots = vec![empty; index::slots_for(keys.len())];
    for (entry, (hash, owner, id)) in keys.into_iter().enumerate().take(index::MAX_ENTRIES) {
        let mut at = index::initial_slot(hash, slots.len());
        while slots[at].tagged != U32::ZERO {
            at = (at + 1) % slots.len();
        }
        slots[at] = SlotRow { tagged: U32::new(index::tagged(hash, entry as u32)), owner, id };
    }
    slots
}

/// Returns the facts of a model of the provider `owner`, with references resolved to `provider/model`.
fn resolve_references<'f>(facts: &'f Facts, owner: &str, all: &Resolved) -> Cow<'f, Facts> {
    let mut resolved = Cow::Borrowed(facts);
    for (fact, value) in facts.iter().filter(|(fact, _)| matches!(fact.fact_type(), FactType::Reference)) {
        if let Some(reference) = value.text().and_then(|text| all.reference(owner, text)) {
            resolved.to_mut().set(fact, Value::Text(reference));
        }
    }
    resolved
}

fn date(date: Option<PartialDate>) -> U32 {
    U32::new(date.map_or(0, |date| date.0.packed()))
}

fn len_of<T>(table: &[T]) -> U32 {
    U32::new(table.len() as u32)
}
