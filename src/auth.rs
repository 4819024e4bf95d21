//! Whether a provider can be used now: which of the environment variables that it names are set.
//!
//! A value is looked at to see that it is not empty, and let go. What is told is the variable's name, never what it holds.

use crate::{Auth, AuthKind, Provider};

/// Whether what a provider asks for is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability<'a> {
    /// Nothing has to be set.
    NotNeeded,
    /// The variable with this name holds what is asked for; where several are needed, all hold something and this is the first.
    Set(&'a str),
    /// None of the ways to authenticate has all that it needs.
    Missing,
}

/// Whether `provider` can be used with the variables that `env` knows.
///
/// The ways to authenticate are alternatives: the first that has all it needs decides. A variable that is set and empty counts as
/// unset. A provider that says nothing about authentication cannot be used, because nobody knows how.
///
/// ```
/// # let catalog = modeldex::catalog();
/// use modeldex::auth::{Availability, available};
/// for provider in catalog.providers() {
///     let nothing_is_set = |_: &str| None::<String>;
///     assert!(!matches!(available(provider, &nothing_is_set), Availability::Set(_)));
/// }
/// ```
pub fn available<'a, V: AsRef<str>>(provider: Provider<'a>, env: &(impl Fn(&str) -> Option<V> + ?Sized)) -> Availability<'a> {
    let is_set = |name: &&str| env(name).is_some_and(|value| !value.as_ref().is_empty());
    provider.auth().find_map(|auth| met(auth, &is_set)).unwrap_or(Availability::Missing)
}

impl<'a> Availability<'a> {
    /// Whether requests can be sent.
    #[must_use]
    pub fn is_available(self) -> bool {
        self != Self::Missing
    }

    /// The name of the variable that makes it so.
    #[must_use]
    pub fn source(self) -> Option<&'a str> {
        match self {
            Self::Set(variable) => Some(variable),
            Self::NotNeeded | Self::Missing => None,
        }
    }

    /// `yes`, `no`, or `-` where nothing is needed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotNeeded => "-",
            Self::Set(_) => "yes",
            Self::Missing => "no",
        }
    }
}

/// What one way to authenticate makes available; `None` when it lacks something.
fn met<'a>(auth: Auth<'a>, is_set: &impl Fn(&&str) -> bool) -> Option<Availability<'a>> {
    let key = auth.env().find(is_set);
    if key.is_none() && auth.env().len() > 0 {
        return None;
    }
    let mut proof = key;
    // A region with a default says where to ask, not who asks: only what must be set counts as proof.
    for variable in auth.variables().filter(|variable| !variable.is_optional() && variable.default().is_none()) {
        let set = variable.env().find(is_set)?;
        proof = proof.or(Some(set));
    }
    match auth.kind() {
        AuthKind::None => Some(Availability::NotNeeded),
        _ => proof.map(Availability::Set),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn with(provider: &str, set: &[(&str, &'static str)]) -> Availability<'static> {
        let env = |name: &str| set.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        available(catalog().provider(provider).expect("the catalog has it"), &env)
    }

    #[test]
    fn a_key_counts_when_it_is_not_empty() {
        assert_eq!(with("kimi-coding", &[]), Availability::Missing);
        assert_eq!(with("kimi-coding", &[("KIMI_API_KEY", "")]), Availability::Missing);
        assert_eq!(with("kimi-coding", &[("KIMI_API_KEY", "x")]), Availability::Set("KIMI_API_KEY"));
        assert_eq!(with("ollama", &[]), Availability::NotNeeded);
    }

    #[test]
    fn all_that_is_needed_must_be_there_and_a_region_proves_nothing() {
        let (id, secret, region) = (("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_REGION", "eu-west-1"));
        assert_eq!(with("amazon-bedrock", &[region]), Availability::Missing);
        assert_eq!(with("amazon-bedrock", &[region, id]), Availability::Missing);
        assert_eq!(with("amazon-bedrock", &[id, secret]), Availability::Set("AWS_ACCESS_KEY_ID"));
        assert_eq!(with("amazon-bedrock", &[("AWS_BEARER_TOKEN_BEDROCK", "x")]), Availability::Set("AWS_BEARER_TOKEN_BEDROCK"));
        assert_eq!(with("azure-openai", &[("AZURE_API_KEY", "x")]), Availability::Missing);
    }
}
