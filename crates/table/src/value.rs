//! Values of facts. The types are generic over the type of a text: rows store the location of a text, views of a catalog have a `&str`, and owned
//! values have a `String`.

use crate::rows::{Range, Text};
use crate::vocabulary::{Coded, Vocabulary};
use crate::{Capability, Catalog, Currency, Date, Rate, Set};
use core::fmt;

/// The value of a fact. The variant is determined by the type of the fact, [`Fact::fact_type`](crate::Fact::fact_type).
///
/// `T` is the type of a text, and `L` is the type of a list of texts. In a value that is borrowed from a catalog, these types are `&str` and
/// [`TextList`]; in an owned value, they are `String` and `Vec<String>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value<T, L> {
    /// A boolean, such as whether the weights of a model are published.
    Flag(bool),
    /// A number of tokens, such as a context window.
    Tokens(u32),
    /// A date, such as the release date: a year, a month of a year, or a day, with the precision of its source.
    Date(Date),
    /// One value of a vocabulary, such as the status `deprecated`.
    Word(Word),
    /// A text, such as a display name or a model reference.
    Text(T),
    /// A set of values of a vocabulary, such as the input modalities `text` and `image`.
    Words(Words),
    /// A list of texts, such as the URLs of published weights.
    Texts(L),
    /// The capabilities that are known to be present or absent.
    Capabilities(Capabilities),
    /// A rate and its currency, such as `$0.25` per million tokens. Sources claim the rates of price lists one by one, and each of these claims has a
    /// value of this variant. The value of a [`Fact`](crate::Fact) is never a rate.
    Rate(Money),
}

/// A rate and its currency, as in `$0.25` per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    /// The currency of the rate.
    pub currency: Currency,
    /// The rate in the unit of catalog files: per million tokens, or per single unit such as an image. See [`Meter::per`](crate::Meter::per).
    pub rate: Rate,
}

/// One value of a vocabulary, such as `deprecated`. All vocabularies share this type. Values are compared by their spelling.
#[derive(Clone, Copy)]
pub struct Word {
    vocabulary: &'static Vocabulary,
    code: u8,
}

/// A set of values of one vocabulary, such as `text` and `image`. All vocabularies share this type. The values are iterated in the order of the
/// vocabulary.
#[derive(Clone, Copy)]
pub struct Words {
    vocabulary: &'static Vocabulary,
    bits: u32,
}

/// The capabilities of a model: `true`, `false` or unknown for each [`Capability`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capabilities {
    known: u16,
    supported: u16,
}

/// A list of texts that is borrowed from a catalog, such as the URLs of published weights.
#[derive(Clone, Copy)]
pub struct TextList<'a> {
    catalog: &'a Catalog<'a>,
    list: Range,
}

impl<T, L> Value<T, L> {
    /// Converts a text with the function `text`, and a list with the function `list`. Returns all other values unchanged.
    ///
    /// `map` calls at most one of the two functions, and passes `context` to this function. If both functions need the same mutable reference, pass
    /// the reference as `context`, because two closures cannot both capture the reference.
    pub fn map<C, U, M>(self, context: C, text: impl FnOnce(C, T) -> U, list: impl FnOnce(C, L) -> M) -> Value<U, M> {
        match self {
            Self::Flag(yes) => Value::Flag(yes),
            Self::Tokens(count) => Value::Tokens(count),
            Self::Date(date) => Value::Date(date),
            Self::Word(word) => Value::Word(word),
            Self::Text(old) => Value::Text(text(context, old)),
            Self::Words(words) => Value::Words(words),
            Self::Texts(old) => Value::Texts(list(context, old)),
            Self::Capabilities(all) => Value::Capabilities(all),
            Self::Rate(money) => Value::Rate(money),
        }
    }

    /// Converts `&Value<T, L>` to `Value<&T, &L>`, like [`Option::as_ref`]: a text or list is borrowed, other values are copied.
    pub const fn as_ref(&self) -> Value<&T, &L> {
        match self {
            Self::Flag(yes) => Value::Flag(*yes),
            Self::Tokens(count) => Value::Tokens(*count),
            Self::Date(date) => Value::Date(*date),
            Self::Word(word) => Value::Word(*word),
            Self::Text(text) => Value::Text(text),
            Self::Words(words) => Value::Words(*words),
            Self::Texts(list) => Value::Texts(list),
            Self::Capabilities(all) => Value::Capabilities(*all),
            Self::Rate(money) => Value::Rate(*money),
        }
    }
}

impl<T: AsRef<str>, L> Value<T, L> {
    /// Returns the text of a `Text`, or the spelling of a `Word`. Returns `None` if the value is of another variant.
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
    /// Creates a `Rate` value in US dollars. `rate` is per million tokens, or per single unit such as an image.
    #[must_use]
    pub const fn dollars(rate: Rate) -> Self {
        Self::Rate(Money { currency: Currency::Usd, rate })
    }

    /// Returns whether the value is a rate of zero.
    #[must_use]
    pub const fn is_zero_rate(&self) -> bool {
        matches!(self, Self::Rate(money) if money.rate.is_zero())
    }
}

impl<'a> Value<&'a str, TextList<'a>> {
    #[inline]
    pub(crate) fn of(stored: Value<Text, Range>, catalog: &'a Catalog<'a>) -> Self {
        stored.map(catalog, |catalog, text| catalog.text(text), |catalog, list| TextList { catalog, list })
    }
}

impl Word {
    /// Parses the spelling of a value of `vocabulary`. Returns `None` if no value of the vocabulary has this spelling. Spellings are case-sensitive.
    #[must_use]
    pub fn parse(vocabulary: &'static Vocabulary, text: &str) -> Option<Self> {
        let code = vocabulary.words.iter().position(|(word, _)| *word == text)?;
        Some(Self { vocabulary, code: u8::try_from(code).ok()? })
    }

    /// Returns the spelling of the value in YAML, JSON and terminal output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.vocabulary.words.get(usize::from(self.code)).map_or("", |(word, _)| word)
    }

    pub(crate) fn is_of(self, vocabulary: &Vocabulary) -> bool {
        self.vocabulary.name == vocabulary.name
    }

    /// Converts the value to a variant of the enum `T`. Returns `None` if the value belongs to the vocabulary of another enum.
    #[must_use]
    pub fn of<T: Coded>(self) -> Option<T> {
        if self.is_of(T::VOCABULARY) { T::from_code(self.code) } else { None }
    }
}

impl Words {
    /// Parses the spellings of several values of `vocabulary` as a set. Returns `None` if any of the texts is not the spelling of a value of the
    /// vocabulary. Spellings are case-sensitive.
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

    /// Returns whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Iterates over the spellings of the values, in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = &'static str> + Clone {
        let mut left = self.bits;
        core::iter::from_fn(move || {
            let code = left.trailing_zeros();
            left &= left.checked_sub(1)?;
            Some(self.vocabulary.words.get(code as usize)?.0)
        })
    }

    /// Converts the set to a set of variants of the enum `T`. Returns `None` if the values belong to the vocabulary of another enum.
    #[must_use]
    pub fn of<T: Coded>(self) -> Option<Set<T>> {
        self.is_of(T::VOCABULARY).then(|| Set::of_bits(self.bits))
    }
}

impl Capabilities {
    /// Creates capabilities from two bit sets, in which bit `n` stands for the capability with the [code](Capability::code) `n`. In `known`, the bit
    /// is 1 if the capability is known to be present or absent. In `supported`, the bit is 1 if the model has the capability. Bits of `supported`
    /// that are 0 in `known` are ignored.
    #[must_use]
    pub const fn from_bits(known: u16, supported: u16) -> Self {
        Self { known, supported: supported & known }
    }

    /// Returns whether all capabilities are unknown.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.known == 0
    }

    /// Returns whether the model has `capability`. Returns `None` if the capability is unknown.
    #[must_use]
    pub const fn get(self, capability: Capability) -> Option<bool> {
        if self.known >> capability.code() & 1 == 1 { Some(self.supported >> capability.code() & 1 == 1) } else { None }
    }

    /// Sets whether the model has `capability`. If `can` is `None`, the capability becomes unknown.
    pub const fn set(&mut self, capability: Capability, can: Option<bool>) {
        let bit = 1 << capability.code();
        (self.known, self.supported) = (self.known & !bit, self.supported & !bit);
        if let Some(can) = can {
            self.known |= bit;
            self.supported |= if can { bit } else { 0 };
        }
    }

    /// Returns the same capabilities, but takes each capability that is unknown in `self` from `fallback`.
    #[must_use]
    pub const fn or(self, fallback: Self) -> Self {
        let filled = fallback.known & !self.known;
        Self { known: self.known | filled, supported: self.supported | fallback.supported & filled }
    }

    /// Iterates over the known capabilities, in the order of [`Capability::ALL`]. The boolean of each item states whether the model has the
    /// capability.
    pub fn iter(self) -> impl Iterator<Item = (Capability, bool)> {
        Capability::ALL.iter().filter_map(move |word| Some((*word, self.get(*word)?)))
    }

    /// Returns the capabilities that are known to be present or absent, as a bit set: bit `n` stands for the capability with the
    /// [code](Capability::code) `n`.
    #[must_use]
    pub const fn known_bits(self) -> u16 {
        self.known
    }

    /// Returns the capabilities that the model has, as a bit set: bit `n` stands for the capability with the [code](Capability::code) `n`.
    #[must_use]
    pub const fn supported_bits(self) -> u16 {
        self.supported
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

impl<'a> TextList<'a> {
    /// Iterates over the texts, in the order of the catalog file.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let catalog = self.catalog;
        self.list.of(catalog.texts).iter().map(move |text| catalog.text(*text))
    }
}

impl PartialEq for TextList<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for TextList<'_> {}

impl fmt::Debug for TextList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Implements comparison and hashing by spelling, so that values sort like their spellings.
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

/// Serialization to JSON and YAML: dates and vocabulary values are strings, and sets are lists. A rate is an object such as `{"USD": "0.25"}`;
/// its number is a string, so that no parser rounds the rate to a binary float.
#[cfg(feature = "serde")]
mod serialize {
    use super::{Capabilities, Money, Value};
    use serde::ser::{Serialize, Serializer};

    /// Serializes a value by its `Display` output.
    struct AsDisplay<T>(T);

    impl<T: core::fmt::Display> Serialize for AsDisplay<T> {
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

    impl Serialize for super::TextList<'_> {
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
            serializer.collect_map([(self.currency.as_str(), AsDisplay(self.rate))])
        }
    }
}

impl<T: fmt::Display, L> fmt::Display for Value<T, L>
where
    for<'l> &'l L: IntoIterator<Item: fmt::Display>,
{
    /// Writes the value for terminal output: a boolean as `yes` or `no`, and a list with commas between its elements.
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
    fn words_keep_vocabulary_order() {
        let words = Words::parse(Modality::VOCABULARY, ["image", "text"]).unwrap();
        assert!(words.iter().eq(["text", "image"]));
        assert_eq!(words.of::<Modality>(), Some([Modality::Text, Modality::Image].into_iter().collect()));
        assert!(Words::parse(Modality::VOCABULARY, ["scent"]).is_none());
        let retired = Word::parse(Status::VOCABULARY, "retired").unwrap();
        assert_eq!((retired.of::<Status>(), retired.of::<Modality>()), (Some(Status::Retired), None));
        assert_eq!(Word::from(Status::Retired), retired);
    }

    #[test]
    fn or_fills_unknown_capabilities() {
        let mut stated = Capabilities::default();
        stated.set(Capability::Reasoning, Some(false));
        let mut fallback = Capabilities::default();
        fallback.set(Capability::Reasoning, Some(true));
        fallback.set(Capability::ToolCall, Some(true));
        let both = stated.or(fallback);
        assert_eq!((both.get(Capability::Reasoning), both.get(Capability::ToolCall)), (Some(false), Some(true)));
        assert!(both.iter().eq([(Capability::Reasoning, false), (Capability::ToolCall, true)]));
        stated.set(Capability::Reasoning, None);
        assert!(stated.is_empty());
    }
}
