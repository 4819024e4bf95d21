//! The declaration of all facts of models. The declaration states the key, code, type, row, group and documentation of each fact, and the kinds of
//! catalog entries that may state the fact.
//!
//! Code that handles all facts loops over [`Fact::ALL`]: conversion between YAML and rows, JSON, comparisons, `models show`, TypeScript, imports,
//! schemas and reference tables. To add a fact, add an entry to `facts!` in this file and a field to a row in `rows.rs`.

use crate::rows::{DetailRow, ModelRow, Range, Text};
use crate::value::{Capabilities, TextList, Value, Words};
use crate::vocabulary::{Coded, Vocabulary, vocabulary};
use crate::{BaseModel, Billing, Capability, Catalog, Date, Modality, Model, ModelKind, ReasoningEffort, Set, Status};

vocabulary! {
    /// A group of related facts. A source can be authoritative for a group, and comparisons list facts by group.
    FactGroup {
        /// Facts of providers: base URLs, wire protocols, environment variables and documentation URLs.
        Providers = "providers",
        /// Display names and model families.
        Names = "names",
        /// Context window and limits of input and output tokens.
        Limits = "limits",
        /// Task, input modalities and output modalities.
        Modalities = "modalities",
        /// Capabilities, reasoning-effort levels and published weights.
        Capabilities = "capabilities",
        /// Release date, last update and knowledge cutoff.
        Dates = "dates",
        /// Rates of price lists.
        Prices = "prices",
        /// Lifecycle status, deprecation date, retirement date, successor and billing.
        Status = "status",
        /// Aliases of models.
        Aliases = "aliases",
    }
}

/// The type of the values of a fact.
#[derive(Clone, Copy, Debug)]
pub enum FactType {
    /// A text, such as a display name.
    Text,
    /// A reference to a model, such as `openai/gpt-5.5`.
    Reference,
    /// A boolean, such as whether the weights of a model are published.
    Flag,
    /// A number of tokens, such as a context window.
    Tokens,
    /// A date: a year, a month of a year, or a day, with the precision of its source.
    Date,
    /// One value of the vocabulary, such as a lifecycle status.
    Word(&'static Vocabulary),
    /// A set of values of the vocabulary, such as the input modalities.
    Words(&'static Vocabulary),
    /// A list of URLs, such as those of published weights.
    Urls,
    /// The capabilities of a model: `true`, `false` or unknown for each [`Capability`](crate::Capability).
    Capabilities,
    /// A price list, which [`Model::prices`] returns.
    Prices,
    /// Ids of the endpoints that serve a model. [`Model::endpoints`] returns these endpoints.
    Endpoints,
    /// Sources of facts, which [`Model::sources`] returns.
    Sources,
}

impl FactType {
    /// Returns whether `value` is a value of this type. Returns `false` for the types of price lists, endpoints and sources, because no [`Value`] is
    /// of these types.
    #[must_use]
    pub fn accepts<T, L>(self, value: &Value<T, L>) -> bool {
        match (self, value) {
            (Self::Text | Self::Reference, Value::Text(_))
            | (Self::Flag, Value::Flag(_))
            | (Self::Tokens, Value::Tokens(_))
            | (Self::Date, Value::Date(_))
            | (Self::Urls, Value::Texts(_))
            | (Self::Capabilities, Value::Capabilities(_)) => true,
            (Self::Word(vocabulary), Value::Word(word)) => word.is_of(vocabulary),
            (Self::Words(vocabulary), Value::Words(words)) => words.is_of(vocabulary),
            _ => false,
        }
    }

    /// Returns the unit of the values: `tokens` for [`FactType::Tokens`], and `None` for all other types.
    #[must_use]
    pub const fn unit(self) -> Option<&'static str> {
        match self {
            Self::Tokens => Some("tokens"),
            _ => None,
        }
    }
}

/// The kinds of catalog entries that may state a fact. A model entry may state any fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stated {
    /// Only models.
    Model,
    /// Models and base models; a model inherits the value.
    Base,
    /// Models and a provider's `defaults`.
    Defaults,
    /// Models, base models and `defaults`.
    All,
}

/// The value of a fact as rows store it: a text is a location in the string pool, and a list is a range of a table.
type Stored = Value<Text, Range>;

/// Expands the type name that a fact has in `facts!` to a [`FactType`], to code that loads and stores the value, or to an accessor method.
macro_rules! fact {
    (@type text) => { FactType::Text };
    (@type reference) => { FactType::Reference };
    (@type flag) => { FactType::Flag };
    (@type tokens) => { FactType::Tokens };
    (@type date) => { FactType::Date };
    (@type word $word:ident $default:ident) => { FactType::Word($word::VOCABULARY) };
    (@type words $word:ident) => { FactType::Words($word::VOCABULARY) };
    (@type urls) => { FactType::Urls };
    (@type capabilities) => { FactType::Capabilities };
    (@type prices) => { FactType::Prices };
    (@type endpoints) => { FactType::Endpoints };
    (@type sources) => { FactType::Sources };

    (@is_detail model) => { false };
    (@is_detail detail) => { true };

    (@row $model:ident $detail:ident model) => { $model };
    (@row $model:ident $detail:ident detail) => { $detail };

    (@load text $row:ident $key:ident) => { Some($row.$key).filter(|text| text.len.get() != 0).map(Value::Text) };
    (@load reference $row:ident $key:ident) => { fact!(@load text $row $key) };
    (@load flag $row:ident $key:ident) => { $row.$key.checked_sub(1).map(|yes| Value::Flag(yes == 1)) };
    (@load tokens $row:ident $key:ident) => { known($row.$key.get()).map(Value::Tokens) };
    (@load date $row:ident $key:ident) => { Date::from_packed($row.$key.get()).map(Value::Date) };
    (@load word $row:ident $key:ident $word:ident $default:ident) => {
        Some(Value::Word($word::from_code($row.$key).unwrap_or($word::$default).into()))
    };
    (@load words $row:ident $key:ident $word:ident) => {
        Some(Words::from(Set::<$word>::from_bits($row.$key.into()))).filter(|words| !words.is_empty()).map(Value::Words)
    };
    (@load urls $row:ident $key:ident) => { Some($row.$key).filter(|list| list.len.get() != 0).map(Value::Texts) };
    (@load capabilities $row:ident $key:ident) => {
        Some(Capabilities::from_bits($row.known.get(), $row.supported.get())).filter(|all| !all.is_empty()).map(Value::Capabilities)
    };
    (@load $structured:ident $row:ident $key:ident) => {{ let _ = $row; None }};

    (@store text $row:ident $key:ident $value:ident) => { if let Value::Text(text) = $value { $row.$key = text } };
    (@store reference $row:ident $key:ident $value:ident) => { fact!(@store text $row $key $value) };
    (@store flag $row:ident $key:ident $value:ident) => { if let Value::Flag(yes) = $value { $row.$key = 1 + u8::from(yes) } };
    (@store tokens $row:ident $key:ident $value:ident) => { if let Value::Tokens(count) = $value { $row.$key = count.into() } };
    (@store date $row:ident $key:ident $value:ident) => { if let Value::Date(date) = $value { $row.$key = date.packed().into() } };
    (@store word $row:ident $key:ident $value:ident $word:ident $default:ident) => {
        if let Value::Word(word) = $value { $row.$key = word.of::<$word>().unwrap_or($word::$default).code() }
    };
    (@store words $row:ident $key:ident $value:ident $word:ident) => {
        if let Value::Words(words) = $value { $row.$key = words.of::<$word>().unwrap_or_default().bits() as u8 }
    };
    (@store urls $row:ident $key:ident $value:ident) => { if let Value::Texts(list) = $value { $row.$key = list } };
    (@store capabilities $row:ident $key:ident $value:ident) => {
        if let Value::Capabilities(all) = $value { ($row.known, $row.supported) = (all.known_bits().into(), all.supported_bits().into()) }
    };
    (@store $structured:ident $row:ident $key:ident $value:ident) => {{ let _ = ($row, $value); }};

    // Accessor methods. The accessors of prices, endpoints, sources and the name are in `model.rs`.
    (@accessor flag $row_name:ident $key:ident $doc:expr) => { fact!(@known bool Flag flag $row_name $key $doc); };
    (@accessor tokens $row_name:ident $key:ident $doc:expr) => { fact!(@known u32 Tokens tokens $row_name $key $doc); };
    (@accessor date $row_name:ident $key:ident $doc:expr) => { fact!(@known Date Date date $row_name $key $doc); };
    (@accessor text model name $doc:expr) => {};
    (@accessor text $row_name:ident $key:ident $doc:expr) => {
        #[doc = $doc]
        ///
        /// Returns `None` if the value of this fact is unknown.
        #[must_use]
        pub fn $key(self) -> Option<&'a str> {
            self.catalog.optional(fact!(@of self $row_name).$key)
        }
    };
    (@accessor word $row_name:ident $key:ident $doc:expr, $word:ident $default:ident) => {
        #[doc = $doc]
        #[must_use]
        pub fn $key(self) -> $word {
            $word::from_code(fact!(@of self $row_name).$key).unwrap_or($word::$default)
        }
    };
    (@accessor words $row_name:ident $key:ident $doc:expr, $word:ident) => {
        #[doc = $doc]
        ///
        /// The set is empty if the value of this fact is unknown.
        #[must_use]
        pub fn $key(self) -> Set<$word> {
            Set::<$word>::from_bits(fact!(@of self $row_name).$key.into())
        }
    };
    (@accessor urls $row_name:ident $key:ident $doc:expr) => {
        #[doc = $doc]
        ///
        /// The iterator is empty if the value of this fact is unknown.
        pub fn $key(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
            let catalog = self.catalog;
            fact!(@of self $row_name).$key.of(catalog.texts).iter().map(move |text| catalog.text(*text))
        }
    };
    (@accessor $structured:ident $row_name:ident $key:ident $doc:expr) => {};
    (@known $type:ident $variant:ident $kind:ident $row_name:ident $key:ident $doc:expr) => {
        #[doc = $doc]
        ///
        /// Returns `None` if the value of this fact is unknown.
        #[must_use]
        pub fn $key(self) -> Option<$type> {
            let row = fact!(@of self $row_name);
            match fact!(@load $kind row $key) {
                Some(Stored::$variant(value)) => Some(value),
                _ => None,
            }
        }
    };
    (@is_expected) => { false };
    (@is_expected expected) => { true };

    (@of $self:ident model) => { $self.row };
    (@of $self:ident detail) => { $self.detail() };

    (@base All $($accessor:tt)*) => { fact!(@accessor $($accessor)*); };
    (@base Base $($accessor:tt)*) => { fact!(@accessor $($accessor)*); };
    (@base $other:ident $($accessor:tt)*) => {};
}

macro_rules! facts {
    ($(
        $(#[doc = $doc:literal])+
        $fact:ident = $code:literal $key:ident: $kind:ident $([$($of:ident)+])?, $row_name:ident, $group:ident, $stated:ident $(, $expected:ident)?;
    )+) => {
        /// A fact: a named property of a model, such as its context window. Facts are sorted by their codes. Evidence files list facts in this order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        #[repr(u8)]
        pub enum Fact {
            $($(#[doc = $doc])+ $fact = $code,)+
        }

        impl Fact {
            /// All facts, in the order of their keys in YAML files, schemas and reference tables.
            pub const YAML_ORDER: &'static [Self] = &[$(Self::$fact,)+];

            /// Returns the key of the fact in YAML and JSON, such as `context_window`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$fact => stringify!($key),)+ }
            }

            /// Parses the key of a fact, such as `context_window`. Returns `None` if no fact has this key. Keys are case-sensitive.
            #[must_use]
            pub fn parse(key: &str) -> Option<Self> {
                $(if key == stringify!($key) { return Some(Self::$fact); })+
                None
            }

            /// Returns the documentation of the fact in Markdown. Schemas and reference tables are generated from this text.
            #[must_use]
            pub const fn documentation(self) -> &'static str {
                match self { $(Self::$fact => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// Returns the type of the fact's values.
            #[must_use]
            pub const fn fact_type(self) -> FactType {
                match self { $(Self::$fact => fact!(@type $kind $($($of)+)?),)+ }
            }

            /// Returns the group of facts that the fact belongs to.
            #[must_use]
            pub const fn group(self) -> FactGroup {
                match self { $(Self::$fact => FactGroup::$group,)+ }
            }

            /// Returns whether [`DetailRow`] stores the fact. [`DetailRow`] stores the rarely stated facts, and [`ModelRow`] stores all other facts.
            #[must_use]
            pub const fn is_detail(self) -> bool {
                match self { $(Self::$fact => fact!(@is_detail $row_name),)+ }
            }

            /// Returns whether each real model has a value for the fact, even if the catalog does not state the value. For example, every model has a
            /// release date. If the catalog states no value of such a fact for a model, the entry of the model is incomplete.
            #[must_use]
            pub const fn is_expected(self) -> bool {
                match self { $(Self::$fact => fact!(@is_expected $($expected)?),)+ }
            }

            const fn stated(self) -> Stated {
                match self { $(Self::$fact => Stated::$stated,)+ }
            }

            pub(crate) fn load(self, model: &ModelRow, detail: &DetailRow) -> Option<Stored> {
                match self {
                    $(Self::$fact => {
                        let row = fact!(@row model detail $row_name);
                        fact!(@load $kind row $key $($($of)+)?)
                    })+
                }
            }

            /// Loads a value and resolves its texts in `catalog`. Each match arm resolves the value of one fact, because the type of the value is
            /// known in this arm. [`load`](Self::load) does not resolve texts.
            pub(crate) fn view<'a>(self, model: &ModelRow, detail: &DetailRow, catalog: &'a Catalog<'a>) -> Option<Value<&'a str, TextList<'a>>> {
                match self {
                    $(Self::$fact => {
                        let row = fact!(@row model detail $row_name);
                        let stored: Option<Stored> = fact!(@load $kind row $key $($($of)+)?);
                        stored.map(|stored| Value::of(stored, catalog))
                    })+
                }
            }

            /// Stores the value of the fact in the row `model` or, for a rarely stated fact, in the row `detail`. Ignores a value that is not of the
            /// fact's type.
            pub fn store(self, value: Stored, model: &mut ModelRow, detail: &mut DetailRow) {
                match self {
                    $(Self::$fact => {
                        let row = fact!(@row model detail $row_name);
                        fact!(@store $kind row $key value $($($of)+)?);
                    })+
                }
            }
        }

        /// Accessors of facts, except those of name, prices, endpoints and sources.
        impl<'a> Model<'a> {
            $(fact!(@accessor $kind $row_name $key concat!($($doc),+) $(, $($of)+)?);)+
        }

        /// Accessors of the facts that base models may state.
        impl<'a> BaseModel<'a> {
            $(fact!(@base $stated $kind $row_name $key concat!($($doc),+) $(, $($of)+)?);)+
        }
    };
}

// In the order of YAML keys. Columns: code (a new fact takes the next code), key, type, row, group, kinds of entries that may state the fact, and
// `expected` if every model has a value for the fact in reality.
facts! {
    /// Lifecycle status of the model. Default: `active`.
    Status = 15 status: word [Status Active], model, Status, Model;
    /// Display name of the model. Default: its id.
    Name = 0 name: text, model, Names, All;
    /// Model family: the name that several versions of a model share.
    Family = 1 family: text, model, Names, All, expected;
    /// Task of the model: chat, embedding, rerank, ... Default: `chat`.
    Kind = 2 kind: word [ModelKind Chat], model, Modalities, All;
    /// Context window: maximum number of input and output tokens together.
    ContextWindow = 3 context_window: tokens, model, Limits, All, expected;
    /// Maximum number of input tokens, if this limit is less than the context window.
    MaxInputTokens = 4 max_input_tokens: tokens, model, Limits, All;
    /// Maximum number of output tokens.
    MaxOutputTokens = 5 max_output_tokens: tokens, model, Limits, All, expected;
    /// Minimum length of a prompt that the provider caches, in tokens.
    MinCacheableTokens = 23 min_cacheable_tokens: tokens, detail, Limits, All;
    /// Input modalities: the forms of input that the model accepts.
    Input = 6 input: words [Modality], model, Modalities, All, expected;
    /// Output modalities: the forms of output that the model generates.
    Output = 7 output: words [Modality], model, Modalities, All, expected;
    /// Capabilities of the model: `true` or `false` for each known capability. Unknown capabilities are omitted.
    Capabilities = 8 capabilities: capabilities, model, Capabilities, All, expected;
    /// Reasoning-effort levels that the model accepts.
    ReasoningEfforts = 9 reasoning_efforts: words [ReasoningEffort], model, Capabilities, All;
    /// Whether the weights of the model are published.
    OpenWeights = 10 open_weights: flag, model, Capabilities, All, expected;
    /// Release date of the model.
    ReleaseDate = 12 release_date: date, model, Dates, All, expected;
    /// Date of the last change to the model.
    LastUpdated = 13 last_updated: date, model, Dates, All;
    /// Knowledge cutoff: date of the newest training data.
    KnowledgeCutoff = 14 knowledge_cutoff: date, model, Dates, All, expected;
    /// Deprecation date: from this day on, the provider advises against using the model.
    DeprecationDate = 16 deprecation_date: date, detail, Status, Model;
    /// Retirement date: from this day on, the provider rejects requests for the model.
    RetirementDate = 17 retirement_date: date, detail, Status, Model;
    /// Reference of the model that replaces this model.
    Successor = 18 successor: reference, detail, Status, Model;
    /// Ids of the endpoints that serve the model. Default: all endpoints of the provider.
    Endpoints = 21 endpoints: endpoints, detail, Providers, Model;
    /// Billing: how usage of the model is charged. Default: `metered` for a model with a price list, `unpriced` for all other models.
    Billing = 19 billing: word [Billing Unpriced], model, Status, Defaults;
    /// Price list. The first entry always applies; each later entry has a condition, and the rates that differ under this condition.
    Prices = 20 prices: prices, model, Prices, Model;
    /// URLs of the published weights of the model.
    Weights = 11 weights: urls, detail, Capabilities, Base;
    /// Sources of the facts of this entry, if these sources differ from the `sources` of the file.
    Sources = 22 sources: sources, detail, Providers, Base;
}

impl Fact {
    /// All facts, in the order of their codes: the fact with code `n` has index `n`.
    pub const ALL: &'static [Self] = &{
        let mut all = [Self::Name; Self::YAML_ORDER.len()];
        let mut at = 0;
        while at < all.len() {
            let fact = Self::YAML_ORDER[at];
            all[fact.code() as usize] = fact;
            at += 1;
        }
        all
    };

    /// Rules for the order of dates, as `(earlier, later, doubtful)`: the date `earlier` is never after the date `later`. If two sources state dates
    /// that violate a rule, `doubtful` names the less reliable of the two facts.
    pub const DATE_ORDER: &'static [(Self, Self, Self)] = &[
        (Self::ReleaseDate, Self::LastUpdated, Self::LastUpdated),
        (Self::ReleaseDate, Self::DeprecationDate, Self::DeprecationDate),
        (Self::ReleaseDate, Self::RetirementDate, Self::RetirementDate),
        (Self::DeprecationDate, Self::RetirementDate, Self::DeprecationDate),
    ];

    /// Returns the capability that a model needs in order to have the fact. For example, only a model with the capability `reasoning` has
    /// reasoning-effort levels. A model without the capability neither states nor inherits the fact. Returns `None` if the fact needs no capability,
    /// which is true for most facts.
    #[must_use]
    pub const fn required_capability(self) -> Option<Capability> {
        match self {
            Self::ReasoningEfforts => Some(Capability::Reasoning),
            _ => None,
        }
    }

    /// Returns the code of the fact: the index of its byte in [`OriginRow`](crate::rows::OriginRow).
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Returns the fact with the code `code`. Returns `None` if no fact has this code.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        if (code as usize) < Self::ALL.len() { Some(Self::ALL[code as usize]) } else { None }
    }

    /// Returns whether the fact has a default value. Every model in a catalog has a value for such a fact.
    #[must_use]
    pub const fn always_has_value(self) -> bool {
        matches!(self, Self::Name) || matches!(self.fact_type(), FactType::Word(_))
    }

    /// Returns whether base models may state the fact. Models inherit such a fact from their base model.
    #[must_use]
    pub const fn is_inherited(self) -> bool {
        matches!(self.stated(), Stated::Base | Stated::All)
    }

    /// Returns whether the `defaults` of a provider may state the fact for all of its models.
    #[must_use]
    pub const fn is_allowed_in_defaults(self) -> bool {
        matches!(self.stated(), Stated::Defaults | Stated::All)
    }
}

impl core::fmt::Display for Fact {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}

fn known(tokens: u32) -> Option<u32> {
    (tokens != 0).then_some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Word;
    use zerocopy::FromZeros;

    #[test]
    fn keys_and_codes_round_trip() {
        for (at, fact) in Fact::ALL.iter().enumerate() {
            assert_eq!(usize::from(fact.code()), at, "codes are consecutive from 0");
            assert_eq!(Fact::parse(fact.as_str()), Some(*fact));
            assert_eq!(Fact::from_code(fact.code()), Some(*fact));
            assert!(fact.documentation().ends_with('.'), "{fact}");
        }
        assert_eq!(Fact::from_code(200), None);
        assert_eq!(Fact::parse("contxt_window"), None);
    }

    #[test]
    fn stored_values_are_loaded() {
        let text = Text { start: 7.into(), len: 3.into() };
        let list = Range { start: 5.into(), len: 2.into() };
        for &fact in Fact::ALL {
            let value = match fact.fact_type() {
                FactType::Text | FactType::Reference => Value::Text(text),
                FactType::Flag => Value::Flag(false),
                FactType::Tokens => Value::Tokens(9),
                FactType::Date => Value::Date(Date::parse("2026-08").unwrap()),
                FactType::Word(vocabulary) => Value::Word(Word::parse(vocabulary, vocabulary.words[1].0).unwrap()),
                FactType::Words(vocabulary) => Value::Words(Words::parse(vocabulary, [vocabulary.words[2].0]).unwrap()),
                FactType::Urls => Value::Texts(list),
                FactType::Capabilities => Value::Capabilities(Capabilities::from_bits(0b11, 0b10)),
                FactType::Prices | FactType::Endpoints | FactType::Sources => continue,
            };
            let (mut model, mut detail) = (ModelRow::new_zeroed(), DetailRow::new_zeroed());
            fact.store(value, &mut model, &mut detail);
            assert_eq!(fact.load(&model, &detail), Some(value), "{fact}");
            let (other_model, other_detail) = (model, detail);
            fact.store(Value::Texts(Range { start: 1.into(), len: 1.into() }), &mut model, &mut detail);
            assert!(matches!(fact.fact_type(), FactType::Urls) || (model, detail) == (other_model, other_detail), "{fact}");
        }
    }
}
