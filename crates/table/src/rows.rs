//! Rows of the catalog's tables. All rows are `repr(C)` structs of little-endian integers with alignment 1; every bit pattern is valid.
//!
//! A build script writes the rows to a file. The executable includes this file with `include_bytes!` and casts the bytes to rows. A list is stored as
//! a range of another table, so that equal lists are stored once. If a view of a row, such as [`Model`](crate::Model), returns `None` for a value,
//! the row stores 0 for this value. A *row code* is the number that a row stores for an enum variant.

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
    /// The location of a string in the string pool, `Catalog::strings`. A length of 0 means that the string is absent.
    Text {
        /// Offset of the first byte of the string in the string pool, in bytes.
        start: U32,
        /// Length of the string in bytes; 0 means that the string is absent.
        len: U16,
    }

    /// A list, stored as a range of consecutive rows of another table of the catalog. The documentation of the field that contains the range names
    /// the table.
    Range {
        /// Index of the list's first row in the other table.
        start: U32,
        /// Number of rows in the list; 0 for an empty list.
        len: U16,
    }

    /// The row of a provider, in `Catalog::providers`.
    ProviderRow {
        /// Id of the provider: the name of its catalog file without `.yaml`.
        id: Text,
        /// Display name of the provider.
        name: Text,
        /// URL of the provider's documentation; empty if the value is unknown.
        doc_url: Text,
        /// Id of the provider that this provider extends; empty if this provider extends no other provider.
        extends: Text,
        /// Row code of the `ProviderKind` plus one; 0 if the kind is unknown.
        kind: u8,
        /// Endpoints of the provider, as a range of `Catalog::endpoints`. The first endpoint is the default.
        endpoints: Range,
        /// Authentication methods of the provider in order of preference, as a range of `Catalog::auths`.
        auths: Range,
        /// Index of the provider's first model in `Catalog::models`. The rows of the provider's models are consecutive.
        models_start: U32,
        /// Number of models of the provider.
        models_len: U32,
        /// Index of the provider's default model in `Catalog::models`, plus one; 0 if the provider has no default model.
        default_model: U32,
        /// Sources of the provider's facts, as a range of `Catalog::sources`.
        sources: Range,
    }

    /// The row of an endpoint, in `Catalog::endpoints`.
    EndpointRow {
        /// Id of the endpoint, unique within its provider.
        id: Text,
        /// Base URL of the endpoint. The base URL may contain environment variables, written as `${NAME}`.
        base_url: Text,
        /// Row code of the endpoint's wire protocol, an `Api`.
        api: u8,
        /// Region of the endpoint; empty if the catalog states no region.
        region: Text,
        /// Subscription plan that the endpoint belongs to; empty if the endpoint belongs to no plan.
        plan: Text,
        /// Additional headers of requests to the endpoint, as a range of `Catalog::headers`.
        headers: Range,
        /// Row code of the `MaxTokensField` plus one; 0 if the field is unknown.
        max_tokens_field: u8,
        /// Optional protocol features for which the support is known: one bit for each row code of `WireFeature`.
        known: u8,
        /// Optional protocol features that the endpoint supports: one bit for each row code of `WireFeature`. Bits that are not set in `known` are
        /// ignored.
        supported: u8,
    }

    /// The row of an additional request header of an endpoint, in `Catalog::headers`.
    HeaderRow {
        /// Name of the header.
        name: Text,
        /// Value of the header, which is never a secret.
        value: Text,
    }

    /// The row of an authentication method, in `Catalog::auths`.
    AuthRow {
        /// Row code of the `AuthKind`.
        kind: u8,
        /// Names of environment variables for the API key in order of preference, as a range of `Catalog::texts`.
        env: Range,
        /// Environment variables of the method that do not contain its API key, as a range of `Catalog::variables`.
        variables: Range,
        /// Request header that carries the API key; empty for the default header of the wire protocol.
        header: Text,
        /// Prefix of the API key in the header, such as `Bearer`; empty if the header contains the key alone.
        scheme: Text,
        /// Query parameter that carries the API key; empty if the key is sent in a header.
        query: Text,
    }

    /// The row of an environment variable of an authentication method, other than the variable for the API key, in `Catalog::variables`.
    VariableRow {
        /// Alternative names of the variable in order of preference, as a range of `Catalog::texts`.
        env: Range,
        /// Row code of the variable's purpose, a `VariableRole`.
        role: u8,
        /// 1 if the variable may be unset, 0 if the variable is required.
        optional: u8,
        /// Value that is used when the variable is unset; empty if there is no default value.
        default: Text,
    }

    /// The row of a lab, in `Catalog::labs`.
    LabRow {
        /// Id of the lab: the name of its catalog file without `.yaml`.
        id: Text,
        /// Display name of the lab.
        name: Text,
        /// Index of the lab's first base model in `Catalog::bases`. The rows of the lab's base models are consecutive.
        bases_start: U32,
        /// Number of base models of the lab.
        bases_len: U32,
        /// Sources of the lab's facts, as a range of `Catalog::sources`.
        sources: Range,
    }

    /// The row of a model, in `Catalog::models`, or of a base model, in `Catalog::bases`.
    ModelRow {
        /// Id of the model: the part of its reference after the first slash.
        id: Text,
        /// Display name of the model; empty if the catalog states no name. The id is then displayed instead.
        name: Text,
        /// Model family; empty if the value is unknown.
        family: Text,
        /// Index of the model's provider in `Catalog::providers`; for a base model, index of its lab in `Catalog::labs`.
        owner: U16,
        /// Row code of the model's task, a `ModelKind`.
        kind: u8,
        /// Row code of the model's lifecycle status, a `Status`.
        status: u8,
        /// Row code of the model's `Billing`.
        billing: u8,
        /// Whether the weights of the model are published: 0 unknown, 1 no, 2 yes.
        open_weights: u8,
        /// Index of the model's base model in `Catalog::bases`, plus one; 0 if the model has no base model.
        base: U32,
        /// Context window in tokens; 0 if the value is unknown.
        context_window: U32,
        /// Maximum number of input tokens; 0 if the value is unknown.
        max_input_tokens: U32,
        /// Maximum number of output tokens; 0 if the value is unknown.
        max_output_tokens: U32,
        /// Input modalities: one bit for each row code of `Modality`; 0 if the value is unknown.
        input: u8,
        /// Output modalities: one bit for each row code of `Modality`; 0 if the value is unknown.
        output: u8,
        /// Reasoning-effort levels that the model accepts: one bit for each row code of `ReasoningEffort`; 0 if the value is unknown.
        reasoning_efforts: u8,
        /// Capabilities that are known to be present or absent: one bit for each row code of `Capability`.
        known: U16,
        /// Capabilities that the model has: one bit for each row code of `Capability`. Bits that are not set in `known` are ignored.
        supported: U16,
        /// Release date, as packed by `Date::packed`; 0 if the value is unknown.
        release_date: U32,
        /// Date of the last change to the model, as packed by `Date::packed`; 0 if the value is unknown.
        last_updated: U32,
        /// Knowledge cutoff (date of the newest training data), as packed by `Date::packed`; 0 if the value is unknown.
        knowledge_cutoff: U32,
        /// Entries of the model's price list, as a range of `Catalog::prices`; empty for a model without prices, and for every base model.
        prices: Range,
        /// Index of the model's rarely stated facts in `Catalog::details`, plus one; 0 if the model has none of these facts.
        detail: U32,
        /// Index of the origins of the model's facts in `Catalog::origins`.
        origin: U16,
    }

    /// The row of a model's rarely stated facts, in `Catalog::details`. Models with equal rows share one row.
    DetailRow {
        /// Deprecation date, as packed by `Date::packed`; 0 if the value is unknown.
        deprecation_date: U32,
        /// Retirement date, as packed by `Date::packed`; 0 if the value is unknown.
        retirement_date: U32,
        /// Reference of the model that replaces this model; empty if the value is unknown.
        successor: Text,
        /// Endpoints that serve the model: one bit for each of the provider's first 32 endpoints; 0 if all endpoints serve the model.
        endpoints: U32,
        /// URLs of the published weights, as a range of `Catalog::texts`.
        weights: Range,
        /// Sources of the model's facts, as a range of `Catalog::sources`.
        sources: Range,
        /// Reason why the model's status differs from the status of the same model at other providers; empty if not stated.
        reason: Text,
        /// Minimum number of prompt tokens for prompt caching; 0 if the value is unknown.
        min_cacheable_tokens: U32,
    }

    /// The row of a model alias, in `Catalog::aliases`.
    AliasRow {
        /// Alternative id of the model at its provider.
        id: Text,
        /// Index of the provider of the alias in `Catalog::providers`. The model has the same provider.
        provider: U16,
        /// Row code of the `AliasKind`.
        kind: u8,
        /// Index of the model in `Catalog::models`.
        model: U32,
        /// Reason why the alias exists; empty if not stated.
        reason: Text,
        /// Date after which the alias may be removed, as packed by `Date::packed`; 0 if there is no such date.
        until: U32,
    }

    /// The row of a provider alias, in `Catalog::provider_aliases`.
    ProviderAliasRow {
        /// Alternative id of the provider.
        id: Text,
        /// Index of the provider in `Catalog::providers`.
        provider: U16,
        /// Row code of the `AliasKind`.
        kind: u8,
        /// Reason why the alias exists; empty if not stated.
        reason: Text,
        /// Date after which the alias may be removed, as packed by `Date::packed`; 0 if there is no such date.
        until: U32,
    }

    /// The row of a price list entry, in `Catalog::prices`.
    PriceRow {
        /// Index of the entry's condition in `Catalog::conditions`; 0 for an entry that always applies.
        condition: U32,
        /// Row code of the `Currency` of the entry's rates.
        currency: u8,
        /// Rates of the entry, as a range of `Catalog::rates`.
        rates: Range,
    }

    /// The row of a price list entry's condition, in `Catalog::conditions`. A request must match every part that the row states.
    ConditionRow {
        /// The condition matches requests with more than this number of input tokens; 0 if the number of tokens does not matter.
        above: U32,
        /// Row code of the `ServiceTier` plus one; 0 if the condition matches every service tier.
        tier: u8,
        /// First moment at which the condition matches, in minutes since 1970-01-01T00:00Z; 0 if there is no start.
        from: U32,
        /// Moment from which the condition no longer matches, in minutes since 1970-01-01T00:00Z; 0 if there is no end.
        until: U32,
        /// Start of the daily hours in minutes after local midnight, inclusive. Local time is UTC plus `utc_offset`.
        hours_start: U16,
        /// End of the daily hours in minutes after local midnight, exclusive; 0 if the condition matches the whole day.
        hours_end: U16,
        /// Offset of local time from UTC, in minutes; positive east of UTC.
        utc_offset: I16,
        /// Days of the week, in local time, on which the condition matches: one bit for each row code of `Weekday`; 0 for every day.
        days: u8,
        /// Region of the endpoint for which the condition matches; empty if the condition matches every region.
        region: Text,
    }

    /// The row of a rate, in `Catalog::rates`: the price of one meter in a price list entry.
    RateRow {
        /// Row code of the `Meter` that the rate is for.
        meter: u8,
        /// The rate in 10<sup>-6</sup> currency units per million units of the meter.
        micros: U64,
    }

    /// The row of a source of facts, in `Catalog::sources`.
    SourceRow {
        /// URL of the source.
        url: Text,
        /// Date on which the source was last checked, as packed by `Date::packed`; 0 if the value is unknown.
        checked: U32,
    }

    /// A slot of a hash index, in `Catalog::model_slots` or `Catalog::provider_slots`. The key of a slot is a model reference or a provider id.
    SlotRow {
        /// The low 24 bits are the number of the indexed entry plus one, and the high byte is eight bits of the key's hash. An empty slot is 0. The
        /// number of a model or provider is its index; aliases are numbered after all models or providers.
        tagged: U32,
        /// Index in `Catalog::providers` of the provider that the key begins with. Unused in `Catalog::provider_slots`.
        owner: U16,
        /// The part of the key after the first slash, which is a model id or alias; in `Catalog::provider_slots`, the whole key.
        id: Text,
    }

    /// The row of the origins of a model's facts, in `Catalog::origins`.
    OriginRow {
        /// Origin of each fact, as encoded by `Origin::code`, at the index `Fact::code`; 0 for a fact that the catalog does not state.
        facts: [u8; crate::Fact::ALL.len()],
    }

    /// The row of a catalog folder that the catalog was compiled from, in `Catalog::layers`. Each folder is a layer that overrides the layers before
    /// it.
    LayerRow {
        /// Name of the catalog folder.
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
