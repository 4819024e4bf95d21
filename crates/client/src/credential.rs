//! Who asks: found from what the catalog says of a provider, in the argument, the environment and the configuration, in this order, and
//! nowhere else.
//!
//! The name of a variable is never a credential. Where a value is such a name, `KIMI_API_KEY` or `${KIMI_API_KEY}`, it is a reference to that
//! variable, and unset is an error that names it.

use crate::secret::{Secret, SecretError};
use modeldex_table::availability::{holds_something, met};
use modeldex_table::{Auth, AuthKind, Provider, VariableRole};
use std::fmt;

/// Where values are looked up.
#[derive(Clone, Copy)]
pub struct Places<'p> {
    /// What was given for this one request.
    pub argument: Option<&'p str>,
    /// What a variable of the environment holds.
    pub environment: &'p dyn Fn(&str) -> Option<String>,
    /// What the configuration says that a variable holds.
    pub config: &'p dyn Fn(&str) -> Option<String>,
}

/// Where a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It was given for this one request.
    Argument,
    /// In the environment.
    Environment,
    /// In the configuration.
    Config,
}

/// What a provider asks for, found.
#[derive(Clone, Debug)]
pub struct Credential<'a> {
    /// The way to prove who asks that was taken; `None` where the provider says nothing and a key was given.
    pub auth: Option<Auth<'a>>,
    /// The key, where one is sent.
    pub key: Option<Key<'a>>,
    /// What else the provider needs and was found or has a default, such as a region.
    pub values: Vec<Value<'a>>,
}

/// A key, and where it comes from.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    /// The key itself.
    pub secret: Secret,
    /// The variable that it was found under; `None` for an argument.
    pub variable: Option<&'a str>,
    /// Where that was found.
    pub place: Place,
    /// The variable that it refers to, where what was found is a reference.
    pub reference: Option<String>,
    /// Whether white space around it had to be taken away.
    pub trimmed: bool,
}

/// What a variable beside the key holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Value<'a> {
    /// The name that it was found under; the first where it was not.
    pub name: &'a str,
    /// Every name of the variable; a base URL may use any.
    names: Vec<&'a str>,
    /// What it is for.
    pub role: VariableRole,
    /// The text.
    pub text: String,
    /// Where it was found; `None` for the catalog's own default.
    pub place: Option<Place>,
}

/// Why there is no credential. It names variables and never what they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialError {
    /// No way to prove who asks has all that it needs. Each lists what it lacks, all of which is needed, and for each of that the names of
    /// variables any of which is enough; nothing where no variable could hold it, as for logging in.
    Missing(Vec<Vec<Vec<String>>>),
    /// A value is the name of a variable that is not set.
    Unset {
        /// Where the value stands, as `KIMI_API_KEY in the configuration`.
        holder: String,
        /// The variable that it names.
        name: String,
    },
    /// References lead back to where they began.
    Loop {
        /// The variable that is met again.
        name: String,
    },
    /// What was found cannot be a key.
    Unusable {
        /// Where it stands.
        holder: String,
        /// Why.
        why: SecretError,
    },
    /// The catalog does not say how the provider is asked.
    Unknown,
}

impl Place {
    /// `argument`, `environment` or `config`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::Environment => "environment",
            Self::Config => "config",
        }
    }
}

impl<'a> Credential<'a> {
    /// Finds what `provider` asks for.
    ///
    /// Its ways to prove who asks are alternatives in order of preference: the first that has all it needs is taken. Empty and white space
    /// alone count as unset.
    ///
    /// # Errors
    /// When none has all it needs, or when what was found cannot be used.
    pub fn find(provider: Provider<'a>, places: &Places<'_>) -> Result<Self, CredentialError> {
        if let Some(argument) = places.argument {
            let auth = provider.auth().find(|auth| takes_a_key(*auth));
            let key = key(argument, None, Place::Argument, places)?;
            let values = auth.map_or_else(|| Ok(Vec::new()), |auth| values(auth, places))?;
            return Ok(Self { auth, key: Some(key), values });
        }
        let is_set =
            |name: &str| [places.environment, places.config].into_iter().any(|look| look(name).is_some_and(|text| holds_something(&text)));
        let mut missing = Vec::new();
        for auth in provider.auth() {
            let lacks = match met(auth, is_set) {
                Ok(_) => {
                    let found = found(&auth.env().collect::<Vec<_>>(), places);
                    let key = found.map(|(variable, text, place)| key(&text, Some(variable), place, places)).transpose()?;
                    return Ok(Self { auth: Some(auth), key, values: values(auth, places)? });
                }
                Err(lacks) => lacks,
            };
            let names = |names: &mut dyn Iterator<Item = &str>| names.map(str::to_owned).collect::<Vec<_>>();
            let key = names(&mut lacks.key());
            let rest = lacks.variables().map(|variable| names(&mut variable.env()));
            missing.push([key].into_iter().chain(rest).filter(|names| !names.is_empty()).collect());
        }
        Err(if missing.is_empty() { CredentialError::Unknown } else { CredentialError::Missing(missing) })
    }

    /// Whether the proof is a key or token that goes out as it is, or nothing at all; a chain of a cloud signs requests instead.
    #[must_use]
    pub fn is_sendable(&self) -> bool {
        self.key.is_some() || self.auth.is_none_or(|auth| auth.kind() == AuthKind::None)
    }

    /// What the variable `name` holds, for the template of a base URL.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|value| value.names.contains(&name)).map(|value| value.text.as_str())
    }
}

impl Key<'_> {
    /// Where it comes from, as `KIMI_API_KEY, from the environment`.
    #[must_use]
    pub fn origin(&self) -> String {
        holder(self.variable, self.place)
    }
}

/// What the variable `name` holds, in the environment first and then in the configuration, references followed; `None` where neither has
/// anything.
///
/// # Errors
/// When a reference leads nowhere, or what was found cannot be used.
pub fn variable<'n>(name: &'n str, places: &Places<'_>) -> Result<Option<Key<'n>>, CredentialError> {
    found(&[name], places).map(|(name, text, place)| key(&text, Some(name), place, places)).transpose()
}

/// The variable that `text` names, when it is a reference and no value: `${NAME}`, or a bare name in capitals with an underscore in it.
///
/// ```
/// use modeldex_client::credential::reference;
/// assert_eq!(reference("KIMI_API_KEY"), Some("KIMI_API_KEY"));
/// assert_eq!(reference("${kimi}"), Some("kimi"));
/// assert_eq!(reference("sk-KIMI_API_KEY"), None);
/// assert_eq!(reference("AKIAIOSFODNN7EXAMPLE"), None);
/// ```
#[must_use]
pub fn reference(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        let legal = |(at, letter): (usize, char)| letter == '_' || letter.is_ascii_alphabetic() || at > 0 && letter.is_ascii_digit();
        return (!inner.is_empty() && inner.chars().enumerate().all(legal)).then_some(inner);
    }
    let capitals = text.chars().all(|letter| letter == '_' || letter.is_ascii_uppercase() || letter.is_ascii_digit());
    (capitals && text.starts_with(|first: char| first.is_ascii_uppercase()) && text.contains('_')).then_some(text)
}

/// Whether a way to prove who asks sends a key or token as it is.
fn takes_a_key(auth: Auth<'_>) -> bool {
    matches!(auth.kind(), AuthKind::ApiKey | AuthKind::Oauth)
}

/// The first of `names` that holds something, in the environment first and then in the configuration.
fn found<'a>(names: &[&'a str], places: &Places<'_>) -> Option<(&'a str, String, Place)> {
    let held = |look: &dyn Fn(&str) -> Option<String>, place| {
        names.iter().find_map(|name| Some((*name, look(name).filter(|text| holds_something(text))?, place)))
    };
    held(places.environment, Place::Environment).or_else(|| held(places.config, Place::Config))
}

/// What the variables beside the key hold, or the catalog's defaults.
fn values<'a>(auth: Auth<'a>, places: &Places<'_>) -> Result<Vec<Value<'a>>, CredentialError> {
    let mut values = Vec::new();
    for variable in auth.variables() {
        let names = variable.env().collect::<Vec<_>>();
        let first = names.first().copied().unwrap_or("");
        let (name, text, place) = match (found(&names, places), variable.default()) {
            (Some((name, text, place)), _) => (name, key(&text, Some(name), place, places)?.secret.expose().to_owned(), Some(place)),
            (None, Some(default)) => (first, default.to_owned(), None),
            (None, None) => continue,
        };
        values.push(Value { name, names, role: variable.role(), text, place });
    }
    Ok(values)
}

fn key<'a>(text: &str, variable: Option<&'a str>, place: Place, places: &Places<'_>) -> Result<Key<'a>, CredentialError> {
    let mut text = text.to_owned();
    let mut last = holder(variable, place);
    let mut followed: Vec<String> = Vec::new();
    while let Some(name) = reference(&text).map(str::to_owned) {
        // A variable that holds its own name refers to what is not there.
        if followed.contains(&name) {
            return Err(CredentialError::Loop { name });
        }
        let next = if followed.is_empty() && variable == Some(name.as_str()) && place == Place::Config {
            (places.environment)(&name).filter(|text| holds_something(text)).map(|text| (text, Place::Environment))
        } else if followed.is_empty() && variable == Some(name.as_str()) {
            None
        } else {
            found(&[name.as_str()], places).map(|(_, text, place)| (text, place))
        };
        let Some((next, at)) = next else {
            return Err(CredentialError::Unset { holder: last, name: shown(&name).to_owned() });
        };
        last = holder(Some(&name), at);
        followed.push(name);
        text = next;
    }
    let (secret, trimmed) = Secret::parse(&text).map_err(|why| CredentialError::Unusable { holder: last, why })?;
    Ok(Key { secret, variable, place, reference: followed.pop(), trimmed })
}

fn holder(variable: Option<&str>, place: Place) -> String {
    match (variable, place) {
        (None, _) | (_, Place::Argument) => "the key given as an argument".to_owned(),
        (Some(name), Place::Environment) => format!("{name}, from the environment"),
        (Some(name), Place::Config) => format!("{name}, from the configuration"),
    }
}

/// A name as it may be shown. No variable is called at such length: it is more likely a key that looks like a name.
fn shown(name: &str) -> &str {
    if name.len() > 40 { crate::secret::MASK } else { name }
}

impl fmt::Debug for Value<'_> {
    /// Without the text: the private half of a key pair is a value too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Value").field("names", &self.names).field("role", &self.role).field("place", &self.place).finish_non_exhaustive()
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(ways) => {
                let all_of = |way: &Vec<Vec<String>>| way.iter().map(|names| names.join(" or ")).collect::<Vec<_>>().join(" and ");
                let ways = ways.iter().filter(|way| !way.is_empty()).map(all_of).collect::<Vec<_>>();
                if ways.is_empty() {
                    return f.write_str("no key: this provider takes what logging in leaves behind, which is not done here");
                }
                write!(f, "no key: set {}", ways.join(", or "))
            }
            Self::Unset { holder, name } => {
                write!(f, "{holder}, is the name of a variable and no key, and {name} is not set: set {name}, or put the key itself there")
            }
            Self::Loop { name } => write!(f, "{name} refers to itself: put the key itself there"),
            Self::Unusable { holder, why } => write!(f, "{holder}, cannot be a key: {why}"),
            Self::Unknown => f.write_str("the catalog does not say how this provider is asked: add `auth` to its file"),
        }
    }
}

impl std::error::Error for CredentialError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(set: &[(&str, &str)], name: &str) -> Option<String> {
        set.iter().find(|(other, _)| *other == name).map(|(_, text)| (*text).to_owned())
    }

    fn read(text: &str, environment: &[(&str, &str)], config: &[(&str, &str)], place: Place) -> Result<String, CredentialError> {
        let (environment, config) = (|name: &str| look(environment, name), |name: &str| look(config, name));
        let places = Places { argument: None, environment: &environment, config: &config };
        key(text, Some("KEY_A"), place, &places).map(|key| key.secret.expose().to_owned())
    }

    #[test]
    fn references_are_followed_and_never_sent() {
        let unset = |holder: &str, name: &str| CredentialError::Unset { holder: holder.to_owned(), name: name.to_owned() };
        let (config, environment) = ("KEY_A, from the configuration", "KEY_A, from the environment");
        assert_eq!(read("sk-1", &[], &[], Place::Config), Ok("sk-1".to_owned()));
        assert_eq!(read("${KEY_B}", &[("KEY_B", "sk-2")], &[], Place::Config), Ok("sk-2".to_owned()));
        assert_eq!(read("KEY_B", &[], &[("KEY_B", "sk-3")], Place::Config), Ok("sk-3".to_owned()));
        assert_eq!(read("KEY_B", &[("KEY_B", "sk-2")], &[("KEY_B", "sk-3")], Place::Config), Ok("sk-2".to_owned()));
        assert_eq!(read("${KEY_B}", &[], &[], Place::Config), Err(unset(config, "KEY_B")));
        assert_eq!(read("KEY_B", &[("KEY_B", " ")], &[], Place::Environment), Err(unset(environment, "KEY_B")));
        // The configuration says that the variable's own value counts, which is not there.
        assert_eq!(read("${KEY_A}", &[], &[("KEY_A", "${KEY_A}")], Place::Config), Err(unset(config, "KEY_A")));
        assert_eq!(read("KEY_A", &[("KEY_A", "KEY_A")], &[], Place::Environment), Err(unset(environment, "KEY_A")));
        let circle = [("KEY_B", "KEY_C"), ("KEY_C", "KEY_B")];
        assert_eq!(read("KEY_B", &circle, &[], Place::Environment), Err(CredentialError::Loop { name: "KEY_B".to_owned() }));
        // What looks like a name and is as long as a key is not repeated.
        let long = "SK_LIVE_0123456789ABCDEF0123456789ABCDEF0123456789";
        assert!(!read(long, &[], &[], Place::Environment).unwrap_err().to_string().contains("0123456789"));
    }

    #[test]
    fn nothing_prints_a_secret() {
        let nothing = |_: &str| None;
        let places = Places { argument: None, environment: &nothing, config: &nothing };
        let key = key("sk-hidden", Some("KEY_A"), Place::Environment, &places).unwrap();
        let value = Value { name: "S", names: vec!["S"], role: VariableRole::Secret, text: "sk-hidden".to_owned(), place: None };
        let call = crate::http::Call {
            url: "http://h".to_owned(),
            headers: Vec::new(),
            key: Some((crate::http::Carrier::bearer(), key.secret.clone())),
            body: None,
            stream: false,
        };
        let all =
            format!("{key:?} {value:?} {call:?} {:#?}", Credential { auth: None, key: Some(key.clone()), values: vec![value.clone()] });
        assert!(!all.contains("hidden"), "{all}");
    }
}
