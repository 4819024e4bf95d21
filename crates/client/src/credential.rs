//! Who asks: found from what the catalog says of a provider, in the argument, the environment and the configuration, in this order, and
//! nowhere else.
//!
//! The name of a variable is never a credential. Where a value is such a name, `KIMI_API_KEY` or `${KIMI_API_KEY}`, it is a
//! [reference](reference()) to that variable, and unset is an error that names it.

use crate::secret::{MASK, Secret, SecretError};
use modeldex_table::availability::{is_non_blank, usable_auth};
use modeldex_table::{Auth, AuthKind, Provider, VariableRole};
use std::fmt;

/// A text that is zeroed when it is dropped, for whoever holds a value on its way to a [`Secret`].
pub use secrecy::zeroize::{Zeroize, Zeroizing};

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
    /// Whether white space or quotes around it had to be taken away.
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
    pub text: Zeroizing<String>,
    /// Where it was found; `None` for the catalog's own default.
    pub place: Option<Place>,
}

/// Why there is no credential. It names variables and never what they hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// No way to prove who asks has all that it needs. Each lists what it lacks, all of which is needed, and for each of that the names of
    /// variables any of which is enough; nothing where no variable could hold it, as for logging in.
    #[error("no key: {}", needs(.0))]
    Missing(Vec<Vec<Vec<String>>>),
    /// A value is the name of a variable that is not set.
    #[error("{holder}, is the name of a variable and no key, and {name} is not set: set {name}, or put the key itself there")]
    Unset {
        /// Where the value stands, as `KIMI_API_KEY in the configuration`.
        holder: String,
        /// The variable that it names.
        name: String,
    },
    /// References lead back to where they began.
    #[error("{name} refers to itself: put the key itself there")]
    Loop {
        /// The variable that is met again.
        name: String,
    },
    /// What was found is written like a reference and is none that is known here.
    #[error("{holder}, cannot be a key: {}", Unclear)]
    Unclear {
        /// Where it stands.
        holder: String,
    },
    /// What was found cannot be a key.
    #[error("{holder}, cannot be a key: {why}")]
    Unusable {
        /// Where it stands.
        holder: String,
        /// Why.
        why: SecretError,
    },
    /// The catalog does not say how the provider is asked.
    #[error("no authentication method is known; for an imported provider run `modeldex confirm PROVIDER`, else add `auth` to its file")]
    Unknown,
}

/// A text is written like a reference, as `${NAME:-other}` is, and is none that is known here. It is no key, so it is not to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is written like a reference, and those that are known are `${{NAME}}`, `$NAME`, `%NAME%`, `{{{{NAME}}}}` and the name alone")]
pub struct Unclear;

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
        let names = |auth: Auth<'a>| auth.env().chain(auth.variables().flat_map(modeldex_table::Variable::env));
        let known = provider.auth().flat_map(names).collect::<Vec<_>>();
        if let Some(argument) = places.argument.filter(|text| is_non_blank(text)) {
            let auth = provider.auth().find(|auth| takes_a_key(*auth));
            let key = key(argument, None, Place::Argument, places, &known)?;
            let values = auth.map_or_else(|| Ok(Vec::new()), |auth| values(auth, places, &known))?;
            return Ok(Self { auth, key: Some(key), values });
        }
        let is_set = |name: &str| found(&[name], places).is_some();
        let mut missing = Vec::new();
        for auth in provider.auth() {
            let lacks = match usable_auth(auth, is_set) {
                Ok(_) => {
                    let found = found(&auth.env().collect::<Vec<_>>(), places);
                    let key = found.map(|(variable, text, place)| key(&text, Some(variable), place, places, &known)).transpose()?;
                    return Ok(Self { auth: Some(auth), key, values: values(auth, places, &known)? });
                }
                Err(lacks) => lacks,
            };
            let names = |names: &mut dyn Iterator<Item = &str>| names.map(str::to_owned).collect::<Vec<_>>();
            let key = names(&mut lacks.key_variables());
            let rest = lacks.variables().map(|variable| names(&mut variable.env()));
            missing.push([key].into_iter().chain(rest).filter(|names| !names.is_empty()).collect());
        }
        Err(if missing.is_empty() { CredentialError::Unknown } else { CredentialError::Missing(missing) })
    }

    /// Whether the credential_variable is a key or token that goes out as it is, or nothing at all; a chain of a cloud signs requests instead.
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
    found(&[name], places).map(|(name, text, place)| key(&text, Some(name), place, places, &[name])).transpose()
}

/// The variable that `text` names, when it is a reference and no value: `${NAME}`, `$NAME`, `%NAME%`, `{{NAME}}`, or the name alone, which
/// is in capitals with an underscore and [looks like one](is_plausible). White space and quotes around it [do not count](stripped).
///
/// # Errors
/// When it is written like a reference and names nothing. Nobody's key looks so, and what was meant is not guessed.
///
/// ```
/// use modeldex_client::credential::{Unclear, reference};
/// assert_eq!(reference("KIMI_API_KEY"), Ok(Some("KIMI_API_KEY")));
/// assert_eq!(reference("${kimi}"), Ok(Some("kimi")));
/// assert_eq!(reference("sk-KIMI_API_KEY"), Ok(None));
/// assert_eq!(reference("AKIAIOSFODNN7EXAMPLE"), Ok(None));
/// assert_eq!(reference("GSK_0123456789ABCDEF"), Ok(None));
/// assert_eq!(reference("${KIMI_API_KEY:-none}"), Err(Unclear));
/// ```
pub fn reference(text: &str) -> Result<Option<&str>, Unclear> {
    let (text, _) = stripped(text);
    let between = |before: &str, after: &str| text.strip_prefix(before)?.strip_suffix(after).map(str::trim).filter(|name| is_name(name));
    let named = between("${", "}").or_else(|| between("{{", "}}")).or_else(|| between("%", "%"));
    // No shell has names that begin with a digit here, and `$2` begins a hash.
    let named = named.or_else(|| between("$", "").filter(|name| !name.starts_with(|first: char| first.is_ascii_digit())));
    if named.is_some() {
        return Ok(named);
    }
    if text.contains("${") || text.starts_with("$(") || text.starts_with("{{") && text.ends_with("}}") {
        return Err(Unclear);
    }
    Ok(Some(text).filter(|text| is_bare(text) && is_plausible(text)))
}

/// `text` without the white space and the one pair of quotes around it, which is what a line of an `.env` file has and no key has. The
/// second half says whether there was any.
#[must_use]
pub fn stripped(text: &str) -> (&str, bool) {
    let inner = text.trim();
    let unquoted = |quote: char| inner.strip_prefix(quote)?.strip_suffix(quote);
    let inner = unquoted('"').or_else(|| unquoted('\'')).map_or(inner, str::trim);
    (inner, inner.len() != text.len())
}

/// Whether `text` can be the name of a variable.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) && text.contains(|letter: char| letter.is_ascii_alphabetic())
}

/// Whether a name is like those that people give to variables, so that it may be shown: words of at most 16 letters and digits, the digits
/// of a word together, 40 characters and 3 digits at most in all. Every name in the catalog is so; a key drawn at random is not.
#[must_use]
pub fn is_plausible(name: &str) -> bool {
    let is_word = |word: &str| {
        let digits = word.trim_matches(|letter: char| !letter.is_ascii_digit());
        word.len() <= 16 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    is_name(name) && name.len() <= 40 && name.bytes().filter(u8::is_ascii_digit).count() < 4 && name.split('_').all(is_word)
}

/// A name as it may be shown. One that is not [plausible](is_plausible) is more likely a key that looks like a name.
#[must_use]
pub fn shown(name: &str) -> &str {
    if is_plausible(name) { name } else { MASK }
}

/// Whether a text has the form in which variables are named without any sign that it is a name.
fn is_bare(text: &str) -> bool {
    is_name(text) && text.contains('_') && !text.contains(|letter: char| letter.is_ascii_lowercase())
}

/// Whether a way to prove who asks sends a key or token as it is.
fn takes_a_key(auth: Auth<'_>) -> bool {
    matches!(auth.kind(), AuthKind::ApiKey | AuthKind::Oauth)
}

/// The first of `names` that holds something, in the environment first and then in the configuration.
fn found<'a>(names: &[&'a str], places: &Places<'_>) -> Option<(&'a str, Zeroizing<String>, Place)> {
    let held = |look: &dyn Fn(&str) -> Option<String>, place| {
        names.iter().find_map(|name| Some((*name, look(name).map(Zeroizing::new).filter(|text| is_non_blank(text))?, place)))
    };
    held(places.environment, Place::Environment).or_else(|| held(places.config, Place::Config))
}

/// What the variables beside the key hold, or the catalog's defaults.
fn values<'a>(auth: Auth<'a>, places: &Places<'_>, known: &[&str]) -> Result<Vec<Value<'a>>, CredentialError> {
    let mut values = Vec::new();
    for variable in auth.variables() {
        let names = variable.env().collect::<Vec<_>>();
        let first = names.first().copied().unwrap_or("");
        let (name, text, place) = match (found(&names, places), variable.default()) {
            (Some((name, text, place)), _) => (name, key(&text, Some(name), place, places, known)?.secret.expose().to_owned(), Some(place)),
            (None, Some(default)) => (first, default.to_owned(), None),
            (None, None) => continue,
        };
        values.push(Value { name, names, role: variable.role(), text: Zeroizing::new(text), place });
    }
    Ok(values)
}

/// The key that `text` is or refers to. A value that is one of the names `known`, however it is written, is a reference to it.
fn key<'a>(text: &str, variable: Option<&'a str>, place: Place, places: &Places<'_>, known: &[&str]) -> Result<Key<'a>, CredentialError> {
    let mut text = Zeroizing::new(text.to_owned());
    let mut last = holder(variable, place);
    let mut followed: Vec<String> = Vec::new();
    while let Some(name) = named(&text, places, known).map_err(|Unclear| CredentialError::Unclear { holder: last.clone() })? {
        // A variable that holds its own name refers to what is not there.
        if followed.contains(&name) {
            return Err(CredentialError::Loop { name: shown(&name).to_owned() });
        }
        let next = if followed.is_empty() && variable == Some(name.as_str()) && place == Place::Config {
            let held = (places.environment)(&name).map(Zeroizing::new);
            held.filter(|text| is_non_blank(text)).map(|text| (text, Place::Environment))
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
    let (inner, trimmed) = stripped(&text);
    let (secret, _) = Secret::parse(inner).map_err(|why| CredentialError::Unusable { holder: last, why })?;
    Ok(Key { secret, variable, place, reference: followed.pop(), trimmed })
}

/// The variable that `text` names. What could be a key as well is a name where a variable is really called so.
fn named(text: &str, places: &Places<'_>, known: &[&str]) -> Result<Option<String>, Unclear> {
    let (inner, _) = stripped(text);
    let name = reference(inner)?.or_else(|| known.iter().copied().find(|name| name.eq_ignore_ascii_case(inner)));
    let name = name.or_else(|| Some(inner).filter(|inner| is_bare(inner) && found(&[inner], places).is_some()));
    Ok(name.map(str::to_owned))
}

fn holder(variable: Option<&str>, place: Place) -> String {
    match (variable, place) {
        (None, _) | (_, Place::Argument) => "the key given as an argument".to_owned(),
        (Some(name), Place::Environment) => format!("{}, from the environment", shown(name)),
        (Some(name), Place::Config) => format!("{}, from the configuration", shown(name)),
    }
}

impl fmt::Debug for Value<'_> {
    /// Without the text: the private half of a key pair is a value too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Value").field("names", &self.names).field("role", &self.role).field("place", &self.place).finish_non_exhaustive()
    }
}

/// The variables that are needed, by authentication method.
fn needs(ways: &[Vec<Vec<String>>]) -> String {
    let all_of = |way: &Vec<Vec<String>>| way.iter().map(|names| names.join(" or ")).collect::<Vec<_>>().join(" and ");
    let ways: Vec<String> = ways.iter().filter(|way| !way.is_empty()).map(all_of).collect();
    if ways.is_empty() {
        return "this provider takes what logging in leaves behind, which is not done here".to_owned();
    }
    format!("set {}", ways.join(", or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(set: &[(&str, &str)], name: &str) -> Option<String> {
        set.iter().find(|(other, _)| *other == name).map(|(_, text)| (*text).to_owned())
    }

    fn read(text: &str, environment: &[(&str, &str)], config: &[(&str, &str)], place: Place) -> Result<String, CredentialError> {
        let (environment, config) = (|name: &str| look(environment, name), |name: &str| look(config, name));
        let places = Places { argument: None, environment: &environment, config: &config };
        key(text, Some("KEY_A"), place, &places, &["KEY_A", "KEY_B"]).map(|key| key.secret.expose().to_owned())
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
    }

    #[test]
    fn what_is_no_name_is_a_key_and_is_not_repeated() {
        for (text, is_name) in [
            ("AWS_SESSION_TOKEN", true),
            ("GOOGLE_API_KEY_2", true),
            ("AZURE_OPENAI_API_KEY", true),
            ("AZURE_COGNITIVE_SERVICES_RESOURCE_NAME", true),
            ("302AI_API_KEY", true),
            ("_KEY_A", true),
            ("SHA256_KEY", true),
            ("GSK_ABCDEF0123456789ABCDEF0123456789ABCDEF", false),
            ("SK_LIVE_0123456789ABCDEF", false),
            ("SK_ABCDEFGHIJKLMNOPQRSTUVWXYZ", false),
            ("SK_A2BCDE7FGHJKLM", false),
            ("A_B_C_D_E_F_G_H_I_J_K_L_M_N_O_P_Q_R_S_T_U", false),
            ("AKIAIOSFODNNEXAMPLE", false),
            ("kimi_api_key", false),
            ("__", false),
        ] {
            assert_eq!(reference(text), Ok(Some(text).filter(|_| is_name)), "{text}");
        }
        let key = "GSK_ABCDEF0123456789ABCDEF0123456789ABCDEF";
        assert_eq!(read(key, &[], &[], Place::Environment), Ok(key.to_owned()));
        // A variable that is called so is one; one that somebody says is one is not repeated all the same.
        assert_eq!(read(key, &[(key, "sk-1")], &[], Place::Environment), Ok("sk-1".to_owned()));
        let error = read(&format!("${{{key}}}"), &[], &[], Place::Environment).unwrap_err();
        assert!(error.to_string().contains("**** is not set"), "{error}");
        assert_eq!(read(key, &[(key, key)], &[], Place::Environment), Err(CredentialError::Loop { name: MASK.to_owned() }));
    }

    #[test]
    fn a_name_is_a_reference_however_it_is_written() {
        let set = [("KEY_B", "sk-2")];
        for text in
            ["$KEY_B", "\"KEY_B\"", "'KEY_B'", " \"${KEY_B}\" ", "%KEY_B%", "${ KEY_B }", "{{KEY_B}}", "{{ KEY_B }}", "key_b", "Key_B"]
        {
            assert_eq!(read(text, &set, &[], Place::Config), Ok("sk-2".to_owned()), "{text}");
            assert!(matches!(read(text, &[], &[], Place::Config), Err(CredentialError::Unset { .. })), "{text}");
        }
        for text in ["${KEY_B:-x}", "${KEY_B", "sk-${KEY_B}", "${}", "${A.B}", "{{ secrets.KEY_B }}", "$(pass show b)", "\"${KEY_B:-x}\""] {
            let error = read(text, &set, &[], Place::Config).unwrap_err();
            assert_eq!(error, CredentialError::Unclear { holder: "KEY_A, from the configuration".to_owned() }, "{text}");
            assert!(error.to_string().contains("`${NAME}`") && !error.to_string().contains("KEY_B"), "{error}");
        }
        for text in ["$2b", "%41%", "sk-$KEY_B", "key_c", "\"sk-2"] {
            assert_eq!(read(text, &set, &[], Place::Config), Ok(text.to_owned()));
        }
    }

    #[test]
    fn quotes_around_a_key_are_no_part_of_it() {
        let nothing = |_: &str| None;
        let places = Places { argument: None, environment: &nothing, config: &nothing };
        for (text, trimmed) in [("sk-1", false), ("\"sk-1\"", true), ("'sk-1'\n", true), ("\" sk-1\"", true), (" sk-1", true)] {
            let key = key(text, Some("KEY_A"), Place::Environment, &places, &[]).unwrap();
            assert_eq!((key.secret.expose(), key.trimmed), ("sk-1", trimmed), "{text}");
        }
        let empty = key("''", Some("KEY_A"), Place::Environment, &places, &[]).unwrap_err();
        assert!(matches!(empty, CredentialError::Unusable { why: SecretError::Empty, .. }));
    }

    #[test]
    fn nothing_prints_a_secret() {
        let nothing = |_: &str| None;
        let places = Places { argument: None, environment: &nothing, config: &nothing };
        let key = key("sk-hidden", Some("KEY_A"), Place::Environment, &places, &[]).unwrap();
        let value = Value { name: "S", names: vec!["S"], role: VariableRole::Secret, text: "sk-hidden".to_owned().into(), place: None };
        let call = crate::http::Call {
            url: "http://h".to_owned(),
            key: Some((crate::http::Carrier::bearer(), key.secret.clone())),
            ..crate::http::Call::default()
        };
        let all =
            format!("{key:?} {value:?} {call:?} {:#?}", Credential { auth: None, key: Some(key.clone()), values: vec![value.clone()] });
        assert!(!all.contains("hidden"), "{all}");
    }
}
