//! Table rows: `repr(C)`, integers only, little-endian on every machine, alignment 1, every bit pattern valid.
//!
//! build.rs writes rows to a file; `include_bytes!` and a cast read them. A list is a range of a shared side table, so that equal lists are
//! stored once. Where a view returns an `Option`, the row stores 0 for `None`.

use zerocopy::little_endian::{I16, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

macro_rules! rows {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
        #[repr(C)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)+
        }
    )+};
}

rows! {
    /// A string in the string pool.
    Text {
        /// Start offset in bytes.
        start: U32,
        /// Length in bytes.
        len: U16,
    }

    /// A range of a side table.
    Range {
        /// Index of the first entry.
        start: U32,
        /// Number of entries.
        len: U16,
    }

    /// A provider.
    ProviderRow {
        /// Id, from the file name.
        id: Text,
        /// Display name.
        name: Text,
        /// URL of the documentation.
        doc_url: Text,
        /// Id of the extended provider.
        extends: Text,
        /// `ProviderKind` plus one; 0 unknown.
        kind: u8,
        /// Range of `endpoints`; the first is the default.
        endpoints: Range,
        /// Range of `auths`: alternatives in order of preference.
        auths: Range,
        /// Index into `models`.
        models_start: U32,
        /// Number of models.
        models_len: U32,
        /// Index into `models` plus one; 0 for none.
        default_model: U32,
        /// Range of `sources`.
        sources: Range,
    }

    /// An endpoint.
    EndpointRow {
        /// Id within the provider.
        id: Text,
        /// Base URL; may contain `${NAME}`.
        base_url: Text,
        /// `Api`.
        api: u8,
        /// Region.
        region: Text,
        /// Subscription plan.
        plan: Text,
        /// Range of `headers`: additional request headers.
        headers: Range,
        /// `MaxTokensField` plus one; 0 unknown.
        max_tokens_field: u8,
        /// `WireFeature` bits whose support is known.
        known: u8,
        /// `WireFeature` bits that are supported.
        supported: u8,
    }

    /// A request header.
    HeaderRow {
        /// Name.
        name: Text,
        /// Value.
        value: Text,
    }

    /// An authentication method.
    AuthRow {
        /// `AuthKind`.
        kind: u8,
        /// Range of `texts`: environment variables for the API key, in order of preference.
        env: Range,
        /// Range of `variables`: the other variables.
        variables: Range,
        /// Header for the key; empty for the default of the protocol.
        header: Text,
        /// Prefix of the key in the header.
        scheme: Text,
        /// Query parameter for the key.
        query: Text,
    }

    /// An environment variable other than the API key's.
    VariableRow {
        /// Range of `texts`: names in order of preference.
        env: Range,
        /// `VariableRole`.
        role: u8,
        /// 1 if it may be unset.
        optional: u8,
        /// Default value.
        default: Text,
    }

    /// A lab. Its base models are contiguous.
    LabRow {
        /// Id, from the file name.
        id: Text,
        /// Display name.
        name: Text,
        /// Index into `bases`.
        bases_start: U32,
        /// Number of base models.
        bases_len: U32,
        /// Range of `sources`.
        sources: Range,
    }

    /// A model of a provider, or a base model of a lab.
    ModelRow {
        /// Id in requests.
        id: Text,
        /// Display name.
        name: Text,
        /// Model family.
        family: Text,
        /// Index into `providers`; into `labs` for a base model.
        owner: U16,
        /// `ModelKind`.
        kind: u8,
        /// `Status`.
        status: u8,
        /// `Billing`.
        billing: u8,
        /// Open weights: 0 unknown, 1 no, 2 yes.
        open_weights: u8,
        /// Index into `bases` plus one; 0 for none.
        base: U32,
        /// Tokens; 0 unknown.
        context_window: U32,
        /// Tokens; 0 unknown.
        max_input_tokens: U32,
        /// Tokens; 0 unknown.
        max_output_tokens: U32,
        /// `Modality` bits; 0 unknown.
        input: u8,
        /// `Modality` bits; 0 unknown.
        output: u8,
        /// `ReasoningEffort` bits; 0 unknown.
        reasoning_efforts: u8,
        /// `Capability` bits whose value is known.
        known: U16,
        /// `Capability` bits that the model has.
        supported: U16,
        /// Packed `Date`; 0 unknown.
        release_date: U32,
        /// Packed `Date`; 0 unknown.
        last_updated: U32,
        /// Packed `Date`; 0 unknown.
        knowledge_cutoff: U32,
        /// Range of `prices`.
        prices: Range,
        /// Index into `details` plus one; 0 for none.
        detail: U32,
        /// Index into `origins`.
        origin: U16,
    }

    /// Rarely stated facts of a model. Equal rows are stored once.
    DetailRow {
        /// Packed `Date`; 0 unknown.
        deprecation_date: U32,
        /// Packed `Date`; 0 unknown.
        retirement_date: U32,
        /// Model reference.
        successor: Text,
        /// A bit per endpoint of the provider; 0 for all.
        endpoints: U32,
        /// Range of `texts`: URLs of the weights.
        weights: Range,
        /// Range of `sources`.
        sources: Range,
        /// Reason why the status differs from the status of the same model at other providers.
        reason: Text,
        /// Tokens; 0 unknown.
        min_cacheable_tokens: U32,
    }

    /// A model alias.
    AliasRow {
        /// Alias id.
        id: Text,
        /// Index into `providers`.
        provider: U16,
        /// `AliasKind`.
        kind: u8,
        /// Index into `models`.
        model: U32,
        /// Reason for the alias.
        reason: Text,
        /// Packed `Date` after which it may be removed; 0 for none.
        until: U32,
    }

    /// A provider alias.
    ProviderAliasRow {
        /// Alias id.
        id: Text,
        /// Index into `providers`.
        provider: U16,
        /// `AliasKind`.
        kind: u8,
        /// Reason for the alias.
        reason: Text,
        /// Packed `Date` after which it may be removed; 0 for none.
        until: U32,
    }

    /// An entry of a price list.
    PriceRow {
        /// Index into `conditions`; 0 is the unconditional entry.
        condition: U32,
        /// `Currency`.
        currency: u8,
        /// Range of `rates`.
        rates: Range,
    }

    /// The condition of a price list entry. All given parts must match.
    ConditionRow {
        /// Threshold of input tokens, exclusive; 0 for none.
        above: U32,
        /// `ServiceTier` plus one; 0 for any.
        tier: u8,
        /// Start as `Moment` minutes, inclusive; 0 for none.
        from: U32,
        /// End as `Moment` minutes, exclusive; 0 for none.
        until: U32,
        /// Daily start in minutes after local midnight.
        hours_start: U16,
        /// Daily end in minutes after local midnight; 0 for the whole day.
        hours_end: U16,
        /// UTC offset in minutes east.
        utc_offset: I16,
        /// `Weekday` bits; 0 for all days.
        days: u8,
        /// Region of the endpoint; empty for any.
        region: Text,
    }

    /// A rate.
    RateRow {
        /// `Meter`.
        meter: u8,
        /// Micro-units of the currency per million units.
        micros: U64,
    }

    /// A source of facts.
    SourceRow {
        /// URL.
        url: Text,
        /// Packed `Date` on which the URL was last checked; 0 unknown.
        checked: U32,
    }

    /// A slot of a hash index.
    SlotRow {
        /// Eight bits of the key's hash in the high byte, and the entry plus one in the low 24 bits; 0 for an empty slot.
        tagged: U32,
        /// Index into `providers`: the part of the key before the slash. Unused in the index of providers.
        owner: U16,
        /// The part of the key after the slash; in the index of providers the whole key.
        id: Text,
    }

    /// Origins of the facts of a model: an `Origin` byte per fact, by fact code.
    OriginRow {
        /// `Origin` bytes; 0 for facts that are not stated.
        facts: [u8; crate::Fact::ALL.len()],
    }

    /// A catalog folder that was compiled. Lowest layer first.
    LayerRow {
        /// Name.
        name: Text,
    }
}

impl Range {
    pub(crate) fn of<'a, T>(&self, table: &'a [T]) -> &'a [T] {
        let start = self.start.get() as usize;
        table.get(start..start.saturating_add(self.len.get() as usize)).unwrap_or(&[])
    }
}

const _: () = assert!(crate::Modality::ALL.len() <= 8 && crate::ReasoningEffort::ALL.len() <= 8);
const _: () = assert!(crate::Capability::ALL.len() <= 16 && crate::WireFeature::ALL.len() <= 8);
