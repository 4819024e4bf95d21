//! Small catalogs for the tests of this module, row by row, so that they need nothing of the way from YAML to rows.
//!
//! Whoever fills one adds providers, and the models and aliases of each, in the order of their ids.

use crate::encode::slots;
use modeldex_table::rows::*;
use modeldex_table::{AliasKind, Api, AuthKind, Billing, Capability, Catalog, Currency, Date, Meter, Modality, Rate, Set, index};
use zerocopy::FromZeros;
use zerocopy::little_endian::U16;

/// A catalog that owns its rows.
#[derive(Default)]
pub(super) struct Fixture {
    strings: String,
    providers: Vec<ProviderRow>,
    endpoints: Vec<EndpointRow>,
    auths: Vec<AuthRow>,
    models: Vec<ModelRow>,
    aliases: Vec<AliasRow>,
    prices: Vec<PriceRow>,
    conditions: Vec<ConditionRow>,
    rates: Vec<RateRow>,
    sources: Vec<SourceRow>,
    texts: Vec<Text>,
    origins: Vec<OriginRow>,
    model_slots: Vec<SlotRow>,
    provider_slots: Vec<SlotRow>,
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self { conditions: vec![modeldex_table::ALWAYS_ROW], origins: vec![OriginRow::new_zeroed()], ..Self::default() }
    }

    /// A provider with one endpoint, one variable for its key and one source.
    pub(super) fn provider(mut self, id: &str, name: &str, base_url: &str, variable: &str) -> Self {
        let mut row = ProviderRow::new_zeroed();
        (row.id, row.name) = (self.text(id), self.text(name));
        row.models_start = (self.models.len() as u32).into();
        row.endpoints = one(self.endpoints.len());
        row.auths = one(self.auths.len());
        row.sources = one(self.sources.len());
        let (default, base_url, region) = (self.text("default"), self.text(base_url), self.text("cn"));
        self.endpoints.push(EndpointRow { id: default, base_url, api: Api::OpenaiCompletions.code(), region, ..EndpointRow::new_zeroed() });
        let env = one(self.texts.len());
        let variable = self.text(variable);
        self.texts.push(variable);
        self.auths.push(AuthRow { kind: AuthKind::ApiKey.code(), env, ..AuthRow::new_zeroed() });
        let url = self.text("https://example.org/docs");
        self.sources.push(SourceRow { url, checked: Date::parse("2025-11-20").unwrap().packed().into() });
        self.providers.push(row);
        self
    }

    /// A model of the last provider that takes text and has limits of 256,000 and 8,192.
    pub(super) fn model(mut self, id: &str, name: &str) -> Self {
        let mut row = ModelRow::new_zeroed();
        (row.id, row.name) = (self.text(id), self.text(name));
        row.owner = (self.providers.len() as u16 - 1).into();
        row.billing = Billing::Unpriced.code();
        row.context_window = 256_000.into();
        row.max_output_tokens = 8_192.into();
        row.input = [Modality::Text].into_iter().collect::<Set<Modality>>().bits() as u8;
        self.models.push(row);
        let owner = self.providers.last_mut().unwrap();
        owner.models_len = (owner.models_len.get() + 1).into();
        self
    }

    /// Changes the last model.
    pub(super) fn with(mut self, change: impl FnOnce(&mut ModelRow)) -> Self {
        change(self.models.last_mut().unwrap());
        self
    }

    /// Says whether the last model can do something.
    pub(super) fn can(self, capability: Capability, able: bool) -> Self {
        self.with(|row| {
            row.known = (row.known.get() | 1 << capability.code()).into();
            row.able = (row.able.get() | u16::from(able) << capability.code()).into();
        })
    }

    pub(super) fn billing(self, billing: Billing) -> Self {
        self.with(|row| row.billing = billing.code())
    }

    /// Adds an entry to the price list of the last model.
    pub(super) fn price(mut self, condition: ConditionRow, currency: Currency, rates: &[(Meter, &str)]) -> Self {
        let condition_at = self.conditions.iter().position(|row| *row == condition).unwrap_or_else(|| {
            self.conditions.push(condition);
            self.conditions.len() - 1
        });
        let range = Range { start: (self.rates.len() as u32).into(), len: (rates.len() as u16).into() };
        for (meter, rate) in rates {
            let micros = Rate::parse(rate).unwrap().from_authored(*meter).unwrap().micros().into();
            self.rates.push(RateRow { meter: meter.code(), micros });
        }
        let at = self.prices.len() as u32;
        self.prices.push(PriceRow { condition: (condition_at as u32).into(), currency: currency.code(), rates: range });
        self.billing(Billing::Metered).with(|row| {
            let start = if row.prices.len.get() == 0 { at } else { row.prices.start.get() };
            row.prices = Range { start: start.into(), len: (row.prices.len.get() + 1).into() };
        })
    }

    /// Another id of the last model.
    pub(super) fn alias(mut self, id: &str, kind: AliasKind, reason: &str) -> Self {
        let (id, reason) = (self.text(id), self.text(reason));
        let provider = (self.providers.len() as u16 - 1).into();
        let model = (self.models.len() as u32 - 1).into();
        self.aliases.push(AliasRow { id, provider, kind: kind.code(), model, reason, until: 0.into() });
        self
    }

    /// Lays out the indexes. Nothing is added after this.
    pub(super) fn done(mut self) -> Self {
        let text = |row: Text| &self.strings[row.start.get() as usize..][..row.len.get() as usize];
        let providers = self.providers.iter().map(|row| (index::hash(text(row.id).as_bytes()), 0.into(), row.id)).collect();
        let models = self.models.iter().map(|row| (row.owner, row.id)).chain(self.aliases.iter().map(|row| (row.provider, row.id)));
        let provider = |owner: U16| text(self.providers[usize::from(owner.get())].id).as_bytes();
        let models = models.map(|(owner, id)| (index::hash_halves(provider(owner), text(id).as_bytes()), owner, id)).collect();
        self.provider_slots = slots(providers);
        self.model_slots = slots(models);
        self.catalog().verify().unwrap();
        self
    }

    pub(super) fn catalog(&self) -> Catalog<'_> {
        Catalog {
            strings: &self.strings,
            providers: &self.providers,
            endpoints: &self.endpoints,
            auths: &self.auths,
            models: &self.models,
            aliases: &self.aliases,
            prices: &self.prices,
            conditions: &self.conditions,
            rates: &self.rates,
            sources: &self.sources,
            texts: &self.texts,
            origins: &self.origins,
            model_slots: &self.model_slots,
            provider_slots: &self.provider_slots,
            ..Catalog::default()
        }
    }

    fn text(&mut self, text: &str) -> Text {
        let start = self.strings.len() as u32;
        self.strings.push_str(text);
        Text { start: start.into(), len: (text.len() as u16).into() }
    }
}

fn one(start: usize) -> Range {
    Range { start: (start as u32).into(), len: 1.into() }
}
