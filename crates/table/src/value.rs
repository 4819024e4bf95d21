//! The value of a fact, in one type for all of its forms: stored in rows, borrowed from a catalog, owned by a compiler.

use crate::rows::{Range, Text};
use crate::vocabulary::{Coded, Vocabulary};
use crate::{Capability, Catalog, Currency, Date, Rate, Set};
use core::fmt;

/// The value of a fact.
///
/// `T` is how a text is held and `L` how a list of texts is: `&str` and [`Texts`] in a view of a catalog, `String` and `Vec<String>` where
/// the value is owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value<T, L> {
    /// Yes or no.
    Flag(bool),
    /// A number of tokens.
    Tokens(u32),
    /// A date as precise as its source.
    Date(Date),
    /// A word of a vocabulary.
    Word(Word),
    /// A name, URL or reference.
    Text(T),
    /// Words of a vocabulary, in canonical order.
    Words(Words),
    /// A list of URLs or names.
    Texts(L),
    /// What is known of capabilities.
    Capabilities(Capabilities),
    /// A rate and its currency.
    Rate(Money),
}

/// A rate and its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    /// The currency.
    pub currency: Currency,
    /// The rate as people write it, per [`Meter::per`](crate::Meter::per) units.
    pub rate: Rate,
}

/// A word of a vocabulary that is known at run time only.
#[derive(Clone, Copy)]
pub struct Word {
    vocabulary: &'static Vocabulary,
    code: u8,
}

/// Words of a vocabulary that is known at run time only, in canonical order.
#[derive(Clone, Copy)]
pub struct Words {
    vocabulary: &'static Vocabulary,
    bits: u32,
}

/// What is known of each capability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capabilities {
    known: u16,
    able: u16,
}

/// A list of texts of a catalog.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    catalog: &'a Catalog<'a>,
    list: Range,
}

impl<T, L> Value<T, L> {
    /// The same value with its text or list held in another way. Both functions are given `context`, which only one of them can borrow.
    pub fn map<C, U, M>(self, context: C, text: impl FnOnce(C, T) -> U, list: impl FnOnce(C, L) -> M) -> Value<U, M> {
        match self {
            Self::Flag(yes) => Value::Flag(yes),
            Self::Tokens(count) => Value::Tokens(count),
            Self::Date(date) => Value::Date(date),
            Self::Word(word) => Value::Word(word),
            Self::Text(own) => Value::Text(text(context, own)),
            Self::Words(words) => Value::Words(words),
            Self::Texts(own) => Value::Texts(list(context, own)),
            Self::Capabilities(all) => Value::Capabilities(all),
            Self::Rate(money) => Value::Rate(money),
        }
    }

    /// The same value with its text or list borrowed.
    pub const fn as_ref(&self) -> Value<&T, &L> {
        match self {
            Self::Flag(yes) => Value::Flag(*yes),
            Self::Tokens(count) => Value::Tokens(*count),
            Self::Date(date) => Value::Date(*date),
            Self::Word(word) => Value::Word(*word),
            Self::Text(own) => Value::Text(own),
            Self::Words(words) => Value::Words(*words),
            Self::Texts(own) => Value::Texts(own),
            Self::Capabilities(all) => Value::Capabilities(*all),
            Self::Rate(money) => Value::Rate(*money),
        }
    }
}

impl<T: AsRef<str>, L> Value<T, L> {
    /// The text of a name, reference, URL or word.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_ref()),
            Self::Word(word) => Some(word.as_str()),
            _ => None,
        }
    }
}

impl<T, L> Value<T, L> {
    /// A rate in US dollars.
    #[must_use]
    pub const fn dollars(rate: Rate) -> Self {
        Self::Rate(Money { currency: Currency::Usd, rate })
    }

    /// Whether it is a rate of zero.
    #[must_use]
    pub const fn is_zero_rate(&self) -> bool {
        matches!(self, Self::Rate(money) if money.rate.is_zero())
    }
}

impl<'a> Value<&'a str, Texts<'a>> {
    #[inline]
    pub(crate) fn of(stored: Value<Text, Range>, catalog: &'a Catalog<'a>) -> Self {
        stored.map(catalog, |catalog, text| catalog.text(text), |catalog, list| Texts { catalog, list })
    }
}

impl Word {
    /// The word of `vocabulary` that is spelled `text`, exactly.
    #[must_use]
    pub fn parse(vocabulary: &'static Vocabulary, text: &str) -> Option<Self> {
        let code = vocabulary.words.iter().position(|(word, _)| *word == text)?;
        Some(Self { vocabulary, code: u8::try_from(code).ok()? })
    }

    /// The word as YAML, JSON and the terminal spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.vocabulary.words.get(usize::from(self.code)).map_or("", |(word, _)| word)
    }

    pub(crate) fn is_of(self, vocabulary: &Vocabulary) -> bool {
        self.vocabulary.name == vocabulary.name
    }

    /// The word as one of its type; `None` where it is of another vocabulary.
    #[must_use]
    pub fn of<T: Coded>(self) -> Option<T> {
        if self.is_of(T::VOCABULARY) { T::from_code(self.code) } else { None }
    }
}

impl Words {
    /// The words of `vocabulary` that are spelled so; `None` where one is not.
    #[must_use]
    pub fn parse<'t>(vocabulary: &'static Vocabulary, texts: impl IntoIterator<Item = &'t str>) -> Option<Self> {
        let mut bits = 0;
        for text in texts {
            bits |= 1 << Word::parse(vocabulary, text)?.code;
        }
        Some(Self { vocabulary, bits })
    }

    pub(crate) fn is_of(self, vocabulary: &Vocabulary) -> bool {
        self.vocabulary.name == vocabulary.name
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// The words in canonical order.
    pub fn iter(self) -> impl Iterator<Item = &'static str> + Clone {
        let mut left = self.bits;
        core::iter::from_fn(move || {
            let code = left.trailing_zeros();
            left &= left.checked_sub(1)?;
            Some(self.vocabulary.words.get(code as usize)?.0)
        })
    }

    /// The words as a set of their type; `None` where they are of another vocabulary.
    #[must_use]
    pub fn of<T: Coded>(self) -> Option<Set<T>> {
        self.is_of(T::VOCABULARY).then(|| Set::of_bits(self.bits))
    }
}

impl Capabilities {
    /// What these bits state: which capabilities are known, and which of them the model has.
    #[must_use]
    pub const fn from_bits(known: u16, able: u16) -> Self {
        Self { known, able: able & known }
    }

    /// Whether nothing is known.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.known == 0
    }

    /// Whether the model has a capability; `None` when unknown.
    #[must_use]
    pub const fn get(self, capability: Capability) -> Option<bool> {
        if self.known >> capability.code() & 1 == 1 { Some(self.able >> capability.code() & 1 == 1) } else { None }
    }

    /// States that the model has a capability or not, or that it is unknown.
    pub const fn set(&mut self, capability: Capability, can: Option<bool>) {
        let bit = 1 << capability.code();
        (self.known, self.able) = (self.known & !bit, self.able & !bit);
        if let Some(can) = can {
            self.known |= bit;
            self.able |= if can { bit } else { 0 };
        }
    }

    /// Takes what is unknown here from `below`.
    #[must_use]
    pub const fn or(self, below: Self) -> Self {
        let more = below.known & !self.known;
        Self { known: self.known | more, able: self.able | below.able & more }
    }

    /// Every capability that is known, in canonical order.
    pub fn iter(self) -> impl Iterator<Item = (Capability, bool)> {
        Capability::ALL.iter().filter_map(move |word| Some((*word, self.get(*word)?)))
    }

    /// The bits of the capabilities that are known.
    #[must_use]
    pub const fn known(self) -> u16 {
        self.known
    }

    /// The bits of the capabilities that the model has.
    #[must_use]
    pub const fn able(self) -> u16 {
        self.able
    }
}

impl<T: Coded> From<T> for Word {
    fn from(word: T) -> Self {
        Self { vocabulary: T::VOCABULARY, code: word.code() }
    }
}

impl<T: Coded> From<Set<T>> for Words {
    fn from(set: Set<T>) -> Self {
        Self { vocabulary: T::VOCABULARY, bits: set.into_bits() }
    }
}

impl<'a> Texts<'a> {
    /// The texts in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let catalog = self.catalog;
        self.list.of(catalog.texts).iter().map(move |text| catalog.text(*text))
    }
}

impl PartialEq for Texts<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Texts<'_> {}

impl fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Comparison by spelling, so that values sort as their texts do.
macro_rules! by_spelling {
    ($name:ident, $spelling:ident, $value:ident => $words:expr) => {
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other).is_eq()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> core::cmp::Ordering {
                self.$spelling().cmp(other.$spelling())
            }
        }

        impl core::hash::Hash for $name {
            fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
                let $value = *self;
                for word in $words {
                    word.hash(state);
                }
            }
        }
    };
}

by_spelling!(Word, as_str, word => [word.as_str()]);
by_spelling!(Words, iter, words => words.iter());

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// As JSON and YAML have a value: a date and a word are texts, words are a list, a rate is `{"USD": "0.25"}`, so that no reader makes a
/// binary fraction of it.
#[cfg(feature = "serde")]
mod serialize {
    use super::{Capabilities, Money, Value};
    use serde::ser::{Serialize, Serializer};

    /// A text that is made while it is written.
    struct Shown<T>(T);

    impl<T: core::fmt::Display> Serialize for Shown<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&self.0)
        }
    }

    impl<T: Serialize, L: Serialize> Serialize for Value<T, L> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Flag(yes) => serializer.serialize_bool(*yes),
                Self::Tokens(count) => serializer.serialize_u32(*count),
                Self::Date(date) => serializer.collect_str(date),
                Self::Word(word) => serializer.serialize_str(word.as_str()),
                Self::Text(text) => text.serialize(serializer),
                Self::Words(words) => serializer.collect_seq(words.iter()),
                Self::Texts(list) => list.serialize(serializer),
                Self::Capabilities(all) => all.serialize(serializer),
                Self::Rate(money) => money.serialize(serializer),
            }
        }
    }

    impl Serialize for super::Texts<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.iter())
        }
    }

    impl Serialize for Capabilities {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.iter().map(|(word, can)| (word.as_str(), can)))
        }
    }

    impl Serialize for Money {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([(self.currency.as_str(), Shown(self.rate))])
        }
    }
}

impl<T: fmt::Display, L> fmt::Display for Value<T, L>
where
    for<'l> &'l L: IntoIterator<Item: fmt::Display>,
{
    /// Writes the value as people read it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
            Self::Tokens(count) => write!(f, "{count}"),
            Self::Date(date) => write!(f, "{date}"),
            Self::Word(word) => f.write_str(word.as_str()),
            Self::Text(text) => write!(f, "{text}"),
            Self::Words(words) => comma_separated(f, words.iter()),
            Self::Texts(list) => comma_separated(f, list),
            Self::Capabilities(all) => comma_separated(f, all.iter().filter(|(_, can)| *can).map(|(word, _)| word)),
            Self::Rate(money) => write!(f, "{money}"),
        }
    }
}

fn comma_separated(f: &mut fmt::Formatter<'_>, texts: impl IntoIterator<Item: fmt::Display>) -> fmt::Result {
    for (at, text) in texts.into_iter().enumerate() {
        write!(f, "{}{text}", if at == 0 { "" } else { ", " })?;
    }
    Ok(())
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.currency {
            Currency::Usd => write!(f, "${}", self.rate),
            currency => write!(f, "{currency} {}", self.rate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Modality, Status};

    #[test]
    fn words_keep_canonical_order_and_their_vocabulary() {
        let words = Words::parse(Modality::VOCABULARY, ["image", "text"]).unwrap();
        assert!(words.iter().eq(["text", "image"]));
        assert_eq!(words.of::<Modality>(), Some([Modality::Text, Modality::Image].into_iter().collect()));
        assert!(Words::parse(Modality::VOCABULARY, ["smell"]).is_none());
        let retired = Word::parse(Status::VOCABULARY, "retired").unwrap();
        assert_eq!((retired.of::<Status>(), retired.of::<Modality>()), (Some(Status::Retired), None));
        assert_eq!(Word::from(Status::Retired), retired);
    }

    #[test]
    fn capabilities_that_are_unknown_come_from_below() {
        let mut own = Capabilities::default();
        own.set(Capability::Reasoning, Some(false));
        let mut below = Capabilities::default();
        below.set(Capability::Reasoning, Some(true));
        below.set(Capability::ToolCall, Some(true));
        let both = own.or(below);
        assert_eq!((both.get(Capability::Reasoning), both.get(Capability::ToolCall)), (Some(false), Some(true)));
        assert!(both.iter().eq([(Capability::Reasoning, false), (Capability::ToolCall, true)]));
        own.set(Capability::Reasoning, None);
        assert!(own.is_empty());
    }
}
