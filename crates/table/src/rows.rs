//! The rows: `repr(C)`, integers only, little-endian on every machine, alignment 1, every bit pattern valid.
//!
//! build.rs writes them, `include_bytes!` and a cast read them. A list is a range into a shared side table, so equal lists
//! are stored once. Zero stands for "unknown" wherever a view returns an `Option`; no reader outside this crate sees it.

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
    /// A text in the string pool.
    Text {
        /// Where it begins, in bytes.
        start: U32,
        /// How many bytes it has.
        len: U16,
    }

    /// A list in a side table.
    Range {
        /// Its first entry.
        start: U32,
        /// How many entries it has.
        len: U16,
    }

    /// One provider.
    ProviderRow {
        /// Its id, which is its file's name.
        id: Text,
        /// Its name on screen.
        name: Text,
        /// Its documentation.
        doc_url: Text,
        /// The provider it was made from.
        extends: Text,
        /// `ProviderKind` plus one.
        kind: u8,
        /// Into `endpoints`; the first is the default.
        endpoints: Range,
        /// Into `auths`; alternatives in order of preference.
        auths: Range,
        /// Into `models`.
        models_start: U32,
        /// How many models.
        models_len: U32,
        /// Into `models`, plus one.
        default_model: U32,
        /// Into `sources`.
        sources: Range,
    }

    /// One base URL.
    EndpointRow {
        /// Its id within the provider.
        id: Text,
        /// The URL, which may have `${NAME}` in it.
        base_url: Text,
        /// `Api`.
        api: u8,
        /// Its region.
        region: Text,
        /// Its plan.
        plan: Text,
        /// Into `headers`: what it wants beside the usual ones.
        headers: Range,
        /// `MaxTokensField` plus one.
        max_tokens_field: u8,
        /// `WireFeature` bits that are known.
        known: u8,
        /// `WireFeature` bits that are so.
        able: u8,
    }

    /// One header of a request.
    HeaderRow {
        /// Its name.
        name: Text,
        /// Its value.
        value: Text,
    }

    /// One way to prove who asks.
    AuthRow {
        /// `AuthKind`.
        kind: u8,
        /// Into `texts`: names of variables that may hold the key, in order of preference.
        env: Range,
        /// Into `variables`: what is needed beside the key.
        variables: Range,
        /// The header that the key goes into; empty for the usual place.
        header: Text,
        /// What stands before the key there.
        scheme: Text,
        /// The parameter of the query that the key goes into.
        query: Text,
    }

    /// One variable that is needed beside the key.
    VariableRow {
        /// Into `texts`: names, in order of preference.
        env: Range,
        /// `VariableRole`.
        role: u8,
        /// 1 when it may be left unset.
        optional: u8,
        /// The value when it is unset.
        default: Text,
    }

    /// One lab, whose base models follow each other.
    LabRow {
        /// Its id, which is its file's name.
        id: Text,
        /// Its name on screen.
        name: Text,
        /// Into `bases`.
        bases_start: U32,
        /// How many base models.
        bases_len: U32,
        /// Into `sources`.
        sources: Range,
    }

    /// One model, as a provider sells it or as its lab published it.
    ModelRow {
        /// Its id on the wire.
        id: Text,
        /// Its name on screen.
        name: Text,
        /// The family it belongs to.
        family: Text,
        /// Into `providers`, or into `labs` for a base model.
        owner: U16,
        /// `ModelKind`.
        kind: u8,
        /// `Status`.
        status: u8,
        /// `Billing`.
        billing: u8,
        /// Open weights: 0 unknown, 1 no, 2 yes.
        open_weights: u8,
        /// Into `bases`, plus one.
        base: U32,
        /// Tokens; 0 unknown.
        context_window: U32,
        /// Tokens; 0 unknown.
        max_input_tokens: U32,
        /// Tokens; 0 unknown.
        max_output_tokens: U32,
        /// `Modality` bits.
        input: u8,
        /// `Modality` bits.
        output: u8,
        /// `ReasoningEffort` bits.
        reasoning_efforts: u8,
        /// `Capability` bits that are known.
        known: U16,
        /// `Capability` bits that are so.
        able: U16,
        /// `Date`.
        release_date: U32,
        /// `Date`.
        last_updated: U32,
        /// `Date`.
        knowledge_cutoff: U32,
        /// Into `prices`.
        prices: Range,
        /// Into `details`, plus one: facts that few models have.
        detail: U32,
        /// Into `origins`: where each fact came from.
        origin: U16,
    }

    /// Facts that few models have; equal rows are stored once.
    DetailRow {
        /// `Date`.
        deprecation_date: U32,
        /// `Date`.
        retirement_date: U32,
        /// A model reference.
        successor: Text,
        /// Bits, one for each endpoint of the provider; 0 means all.
        endpoints: U32,
        /// Into `texts`: where the weights are.
        weights: Range,
        /// Into `sources`.
        sources: Range,
        /// Why the status is another than elsewhere.
        reason: Text,
        /// Tokens; 0 unknown.
        min_cacheable_tokens: U32,
    }

    /// Another id of a model.
    AliasRow {
        /// The other id.
        id: Text,
        /// Into `providers`.
        provider: U16,
        /// `AliasKind`.
        kind: u8,
        /// Into `models`.
        model: U32,
        /// Why it exists.
        reason: Text,
        /// `Date` after which it may go.
        until: U32,
    }

    /// Another id of a provider.
    ProviderAliasRow {
        /// The other id.
        id: Text,
        /// Into `providers`.
        provider: U16,
        /// `AliasKind`.
        kind: u8,
        /// Why it exists.
        reason: Text,
        /// `Date` after which it may go.
        until: U32,
    }

    /// One entry of a price list.
    PriceRow {
        /// Into `conditions`; 0 is the one that always holds.
        condition: U32,
        /// `Currency`.
        currency: u8,
        /// Into `rates`.
        rates: Range,
    }

    /// When an entry of a price list holds; all parts at once.
    ConditionRow {
        /// More input tokens than this; 0 for any.
        above: U32,
        /// `ServiceTier` plus one.
        tier: u8,
        /// `Moment` of its start; 0 for none.
        from: U32,
        /// `Moment` of its end; 0 for none.
        until: U32,
        /// Minutes after local midnight at which it starts each day.
        hours_start: U16,
        /// Minutes after local midnight at which it ends; 0 for the whole day.
        hours_end: U16,
        /// Minutes east of UTC.
        utc_offset: I16,
        /// `Weekday` bits; 0 for all.
        days: u8,
        /// The region of the endpoint.
        region: Text,
    }

    /// One rate.
    RateRow {
        /// `Meter`.
        meter: u8,
        /// Micro-units per million units.
        micros: U64,
    }

    /// Who says so.
    SourceRow {
        /// Where it can be read.
        url: Text,
        /// `Date` on which it was read.
        checked: U32,
    }

    /// One slot of an index.
    SlotRow {
        /// The entry plus one, below eight bits of the key's hash; 0 for an empty slot.
        tagged: U32,
        /// Into `providers`: the half of the key before the slash. In the index over providers it is not used.
        owner: U16,
        /// The half after it, or the whole key of a provider.
        id: Text,
    }

    /// Where each fact of a model came from: one `Origin` byte a fact, in the order of `Fact`.
    OriginRow {
        /// The bytes.
        facts: [u8; crate::Fact::ALL.len()],
    }

    /// A catalog folder that went into the tables, the lowest first.
    LayerRow {
        /// How it is called.
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
