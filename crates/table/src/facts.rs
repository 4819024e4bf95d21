//! The one declaration of the facts of a model: key, type, group, who states it, where it is stored and what it means.
//!
//! Everything that treats all facts alike is a loop over [`Fact::ALL`]: YAML to rows and back, JSON, differences, `models show`, TypeScript,
//! imports, schemas and reference tables. A new fact is an entry here and a field of a row in `rows.rs`.

use crate::rows::{DetailRow, ModelRow, Range, Text};
use crate::value::{Capabilities, Texts, Value, Words};
use crate::vocabulary::{Coded, Vocabulary, vocabulary};
use crate::{BaseModel, Billing, Capability, Catalog, Date, Modality, Model, ModelKind, ReasoningEffort, Set, Status};

vocabulary! {
    /// A group of facts: what a source is or is not an authority for, and how facts are sorted where they are compared.
    FactGroup {
        /// Base URLs, protocols, variables and documentation of providers.
        Providers = "providers",
        /// Names and families.
        Names = "names",
        /// Context windows and the most tokens of request and answer.
        Limits = "limits",
        /// Tasks and modalities.
        Modalities = "modalities",
        /// Capabilities, reasoning-effort levels and weights.
        Capabilities = "capabilities",
        /// Dates of release, update and knowledge cutoff.
        Dates = "dates",
        /// Rates.
        Prices = "prices",
        /// Lifecycle status and its dates, the successor, and billing.
        Status = "status",
        /// Other ids.
        Aliases = "aliases",
    }
}

/// What kind of value a fact has.
#[derive(Clone, Copy, Debug)]
pub enum FactType {
    /// Text on screen.
    Text,
    /// A reference of a model, `provider/model`.
    Reference,
    /// Yes or no.
    Flag,
    /// A number of tokens.
    Tokens,
    /// A date as precise as its source.
    Date,
    /// One word of a vocabulary.
    Word(&'static Vocabulary),
    /// Words of a vocabulary.
    Words(&'static Vocabulary),
    /// URLs.
    Urls,
    /// Yes or no for each [`Capability`](crate::Capability), each under a key of its own.
    Capabilities,
    /// A price list; read with [`Model::prices`].
    Prices,
    /// Ids of the provider's endpoints; read with [`Model::endpoints`].
    Endpoints,
    /// Who published the facts; read with [`Model::sources`].
    Sources,
}

impl FactType {
    /// Whether `value` is of this type.
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

    /// The unit of a number.
    #[must_use]
    pub const fn unit(self) -> Option<&'static str> {
        match self {
            Self::Tokens => Some("tokens"),
            _ => None,
        }
    }
}

/// Who states a fact. A model states each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stated {
    /// The model alone.
    Model,
    /// A base model, too, from which the model inherits it.
    Base,
    /// A provider's `defaults`, too.
    Defaults,
    /// All three.
    All,
}

/// What is stored for a fact, with texts and lists by their places.
type Stored = Value<Text, Range>;

/// The types behind the kinds of the declaration, how each is stored, and the accessor that it gets.
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
        Some(Capabilities::from_bits($row.known.get(), $row.able.get())).filter(|all| !all.is_empty()).map(Value::Capabilities)
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
        if let Value::Capabilities(all) = $value { ($row.known, $row.able) = (all.known().into(), all.able().into()) }
    };
    (@store $structured:ident $row:ident $key:ident $value:ident) => {{ let _ = ($row, $value); }};

    // The accessors. Those that are not of one of these kinds, or fall back on something, are written in `model.rs`.
    (@accessor flag $place:ident $key:ident $doc:expr) => { fact!(@known bool Flag flag $place $key $doc); };
    (@accessor tokens $place:ident $key:ident $doc:expr) => { fact!(@known u32 Tokens tokens $place $key $doc); };
    (@accessor date $place:ident $key:ident $doc:expr) => { fact!(@known Date Date date $place $key $doc); };
    (@accessor text model name $doc:expr) => {};
    (@accessor text $place:ident $key:ident $doc:expr) => {
        #[doc = $doc]
        #[must_use]
        pub fn $key(self) -> Option<&'a str> {
            self.catalog.optional(fact!(@of self $place).$key)
        }
    };
    (@accessor word $place:ident $key:ident $doc:expr, $word:ident $default:ident) => {
        #[doc = $doc]
        #[must_use]
        pub fn $key(self) -> $word {
            $word::from_code(fact!(@of self $place).$key).unwrap_or($word::$default)
        }
    };
    (@accessor words $place:ident $key:ident $doc:expr, $word:ident) => {
        #[doc = $doc]
        ///
        /// Empty when unknown.
        #[must_use]
        pub fn $key(self) -> Set<$word> {
            Set::<$word>::from_bits(fact!(@of self $place).$key.into())
        }
    };
    (@accessor urls $place:ident $key:ident $doc:expr) => {
        #[doc = $doc]
        pub fn $key(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
            let catalog = self.catalog;
            fact!(@of self $place).$key.of(catalog.texts).iter().map(move |text| catalog.text(*text))
        }
    };
    (@accessor $structured:ident $place:ident $key:ident $doc:expr) => {};
    (@known $type:ident $variant:ident $kind:ident $place:ident $key:ident $doc:expr) => {
        #[doc = $doc]
        #[must_use]
        pub fn $key(self) -> Option<$type> {
            let row = fact!(@of self $place);
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
        $fact:ident = $code:literal $key:ident: $kind:ident $([$($of:ident)+])?, $place:ident, $group:ident, $stated:ident $(, $expected:ident)?;
    )+) => {
        /// A fact about a model, whose origin is kept. The order is that of its code, which evidence and rows of origins sort by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        #[repr(u8)]
        pub enum Fact {
            $($(#[doc = $doc])+ $fact = $code,)+
        }

        impl Fact {
            /// Every fact in the order in which YAML, schemas and reference tables have them.
            pub const AUTHORED: &'static [Self] = &[$(Self::$fact,)+];

            /// The key in YAML and JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$fact => stringify!($key),)+ }
            }

            /// The fact with this key, exactly.
            #[must_use]
            pub fn parse(key: &str) -> Option<Self> {
                $(if key == stringify!($key) { return Some(Self::$fact); })+
                None
            }

            /// What it means, for documentation that is generated.
            #[must_use]
            pub const fn documentation(self) -> &'static str {
                match self { $(Self::$fact => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// What kind of value it has.
            #[must_use]
            pub const fn fact_type(self) -> FactType {
                match self { $(Self::$fact => fact!(@type $kind $($($of)+)?),)+ }
            }

            /// The group that it belongs to.
            #[must_use]
            pub const fn group(self) -> FactGroup {
                match self { $(Self::$fact => FactGroup::$group,)+ }
            }

            /// Whether few models have it, so that it is stored in a row of its own that equal ones share.
            #[must_use]
            pub const fn is_detail(self) -> bool {
                match self { $(Self::$fact => fact!(@is_detail $place),)+ }
            }

            /// Whether every model has it, so that where nobody states it that is worth knowing.
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
                        let row = fact!(@row model detail $place);
                        fact!(@load $kind row $key $($($of)+)?)
                    })+
                }
            }

            /// What [`load`](Self::load) gives, with its texts in `catalog`: made in the arm of the fact, where the type is known.
            pub(crate) fn view<'a>(self, model: &ModelRow, detail: &DetailRow, catalog: &'a Catalog<'a>) -> Option<Value<&'a str, Texts<'a>>> {
                match self {
                    $(Self::$fact => {
                        let row = fact!(@row model detail $place);
                        let stored: Option<Stored> = fact!(@load $kind row $key $($($of)+)?);
                        stored.map(|stored| Value::of(stored, catalog))
                    })+
                }
            }

            /// Writes a value into the rows of a model. A value of another type than the fact's changes nothing.
            pub fn store(self, value: Stored, model: &mut ModelRow, detail: &mut DetailRow) {
                match self {
                    $(Self::$fact => {
                        let row = fact!(@row model detail $place);
                        fact!(@store $kind row $key value $($($of)+)?);
                    })+
                }
            }
        }

        /// The facts that have a value of one of the plain types.
        impl<'a> Model<'a> {
            $(fact!(@accessor $kind $place $key concat!($($doc),+) $(, $($of)+)?);)+
        }

        /// The facts that a lab states.
        impl<'a> BaseModel<'a> {
            $(fact!(@base $stated $kind $place $key concat!($($doc),+) $(, $($of)+)?);)+
        }
    };
}

// The order is that of keys in YAML. After the key: the code, of which a new fact takes the next one, the type, the row, the group, who states
// it, and whether every model has it.
facts! {
    /// Lifecycle status; `active` where the catalog states none.
    Status = 15 status: word [Status Active], model, Status, Model;
    /// Name on screen.
    Name = 0 name: text, model, Names, All;
    /// Family of models that it belongs to.
    Family = 1 family: text, model, Names, All, expected;
    /// Task: chat, embedding, rerank, ...; `chat` where the catalog states none.
    Kind = 2 kind: word [ModelKind Chat], model, Modalities, All;
    /// Most tokens of request and answer together.
    ContextWindow = 3 context_window: tokens, model, Limits, All, expected;
    /// Most tokens of a request, where that is less than the context window.
    MaxInputTokens = 4 max_input_tokens: tokens, model, Limits, All;
    /// Most tokens of an answer.
    MaxOutputTokens = 5 max_output_tokens: tokens, model, Limits, All, expected;
    /// Fewest tokens of a prompt that a cache keeps.
    MinCacheableTokens = 23 min_cacheable_tokens: tokens, detail, Limits, All;
    /// Input modalities.
    Input = 6 input: words [Modality], model, Modalities, All, expected;
    /// Output modalities.
    Output = 7 output: words [Modality], model, Modalities, All, expected;
    /// Capabilities: `true`, `false`, or left out where they are unknown.
    Capabilities = 8 capabilities: capabilities, model, Capabilities, All, expected;
    /// Reasoning-effort levels that the model accepts.
    ReasoningEfforts = 9 reasoning_efforts: words [ReasoningEffort], model, Capabilities, All;
    /// Whether the weights are published.
    OpenWeights = 10 open_weights: flag, model, Capabilities, All, expected;
    /// Release date.
    ReleaseDate = 12 release_date: date, model, Dates, All, expected;
    /// Date of the last change to the model.
    LastUpdated = 13 last_updated: date, model, Dates, All;
    /// Knowledge cutoff: date of the newest training data.
    KnowledgeCutoff = 14 knowledge_cutoff: date, model, Dates, All, expected;
    /// Deprecation date: the day from which leaving the model is advised.
    DeprecationDate = 16 deprecation_date: date, detail, Status, Model;
    /// Retirement date: the day from which the model no longer answers.
    RetirementDate = 17 retirement_date: date, detail, Status, Model;
    /// Model to use instead.
    Successor = 18 successor: reference, detail, Status, Model;
    /// Ids of the endpoints that serve the model; all of the provider's where none is named.
    Endpoints = 21 endpoints: endpoints, detail, Providers, Model;
    /// How the model is paid for: `metered` where it has prices, else `unpriced`.
    Billing = 19 billing: word [Billing Unpriced], model, Status, Defaults;
    /// Price list. The first entry always holds; later ones name conditions and the rates that they change.
    Prices = 20 prices: prices, model, Prices, Model;
    /// URLs of the weights.
    Weights = 11 weights: urls, detail, Capabilities, Base;
    /// Sources of these facts, where they are not the file's own `sources`.
    Sources = 22 sources: sources, detail, Providers, Base;
}

impl Fact {
    /// Every fact, in the order of its code.
    pub const ALL: &'static [Self] = &{
        let mut all = [Self::Name; Self::AUTHORED.len()];
        let mut at = 0;
        while at < all.len() {
            let fact = Self::AUTHORED[at];
            all[fact.code() as usize] = fact;
            at += 1;
        }
        all
    };

    /// Dates in the order in which they are possible: the first is never after the second. Where two sources disagree so, the third is the
    /// more doubtful of the two.
    pub const DATE_ORDER: &'static [(Self, Self, Self)] = &[
        (Self::ReleaseDate, Self::LastUpdated, Self::LastUpdated),
        (Self::ReleaseDate, Self::DeprecationDate, Self::DeprecationDate),
        (Self::ReleaseDate, Self::RetirementDate, Self::RetirementDate),
        (Self::DeprecationDate, Self::RetirementDate, Self::DeprecationDate),
    ];

    /// The capability that a model needs to have it: what lacks the capability neither states nor inherits the fact.
    #[must_use]
    pub const fn needs(self) -> Option<Capability> {
        match self {
            Self::ReasoningEfforts => Some(Capability::Reasoning),
            _ => None,
        }
    }

    /// The place of its byte in a row of origins.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The fact with this code.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        if (code as usize) < Self::ALL.len() { Some(Self::ALL[code as usize]) } else { None }
    }

    /// Whether every model has a value for it, be it one that stands in where the catalog states none.
    #[must_use]
    pub const fn is_always_known(self) -> bool {
        matches!(self, Self::Name) || matches!(self.fact_type(), FactType::Word(_))
    }

    /// Whether a lab states it of a base model, and models inherit it.
    #[must_use]
    pub const fn is_inherited(self) -> bool {
        matches!(self.stated(), Stated::Base | Stated::All)
    }

    /// Whether a provider's `defaults` may state it.
    #[must_use]
    pub const fn has_default(self) -> bool {
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
    fn keys_and_codes_return_to_the_fact() {
        for (at, fact) in Fact::ALL.iter().enumerate() {
            assert_eq!(usize::from(fact.code()), at, "the codes are the numbers from 0, each once");
            assert_eq!(Fact::parse(fact.as_str()), Some(*fact));
            assert_eq!(Fact::from_code(fact.code()), Some(*fact));
            assert!(fact.documentation().ends_with('.'), "{fact}");
        }
        assert_eq!(Fact::from_code(200), None);
        assert_eq!(Fact::parse("contxt_window"), None);
    }

    #[test]
    fn what_is_stored_is_loaded() {
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
