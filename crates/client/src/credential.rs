//! Credential resolution: from an argument, then the environment, then the configuration, for the variables that the catalog states.
//!
//! The name of a variable is never a credential. A value that is such a name, `KIMI_API_KEY` or `${KIMI_API_KEY}`, is a
//! [reference](parse_reference()) to that variable; if the variable is not set, the error names it.

use crate::secret::{MASK, Secret, SecretError};
use modeldex_table::availability::{is_non_blank, usable_auth};
use modeldex_table::{Auth, AuthKind, Provider, VariableRole};
use std::fmt;

/// Zeroing of memory on drop, for text that becomes a [`Secret`].
pub use secrecy::zeroize::{Zeroize, Zeroizing};

/// Sources in which credentials are looked up.
#[derive(Clone, Copy)]
pub struct CredentialLookup<'l> {
    /// Key given for this request, for example with `--api-key`.
    pub argument: Option<&'l str>,
    /// Returns the value of an environment variable.
    pub environment: &'l dyn Fn(&str) -> Option<String>,
    /// Returns the value that the configuration sets for a variable.
    pub config: &'l dyn Fn(&str) -> Option<String>,
}

/// Origin of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialOrigin {
    /// The argument of the request.
    Argument,
    /// The environment.
    Environment,
    /// The configuration.
    Config,
}

/// Credential of a provider.
#[derive(Clone, Debug)]
pub struct Credential<'a> {
    /// Authentication method; `None` if the catalog states no method and the key comes from the argument.
    pub auth: Option<Auth<'a>>,
    /// Key or token; `None` if the method sends neither.
    pub key: Option<Key<'a>>,
    /// Values of the method's other variables, such as a region. Variables that are not set and have no default are left out.
    pub values: Vec<VariableValue<'a>>,
}

/// Key and its origin.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    /// The key.
    pub secret: Secret,
    /// Variable that contains the key; `None` if the key is the argument.
    pub variable: Option<&'a str>,
    /// Origin of the variable's value.
    pub origin: CredentialOrigin,
    /// Variable that the value refers to; `None` if the value is the key itself.
    pub reference: Option<String>,
    /// Whether white space or quotes around the key were removed.
    pub trimmed: bool,
}

/// Value of a variable other than the key.
#[derive(Clone, PartialEq, Eq)]
pub struct VariableValue<'a> {
    /// Name under which the value was found; the first name for a default.
    pub name: &'a str,
    /// All names of the variable. A base URL may contain any of these names.
    names: Vec<&'a str>,
    /// Role of the variable.
    pub role: VariableRole,
    /// The value.
    pub text: Zeroizing<String>,
    /// Origin of the value; `None` for a default of the catalog.
    pub origin: Option<CredentialOrigin>,
}

/// Failure to resolve a credential. Messages name variables and never contain their values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// No authentication method has all of its variables set.
    ///
    /// One entry per method: its missing variables, each as a list of alternative names. An entry is empty if setting a variable would not help,
    /// as for an OAuth login.
    #[error("no key: {}", missing_variables(.0))]
    Missing(Vec<Vec<Vec<String>>>),
    /// A value refers to a variable that is not set.
    #[error("{origin}, refers to the variable {name}, but {name} is not set: set {name}, or use the key itself")]
    UnsetReference {
        /// Origin of the value, as `KIMI_API_KEY, from the configuration`.
        origin: String,
        /// Variable that is not set.
        name: String,
    },
    /// References form a cycle.
    #[error("{name} refers to itself: use the key itself")]
    CircularReference {
        /// First variable of the cycle.
        name: String,
    },
    /// A value looks like a reference, but has an unsupported form.
    #[error("{origin}, is not a valid key: {}", MalformedReference)]
    MalformedReference {
        /// Origin of the value.
        origin: String,
    },
    /// A value is not a valid key.
    #[error("{origin}, is not a valid key: {error}")]
    InvalidSecret {
        /// Origin of the value.
        origin: String,
        /// Reason.
        error: SecretError,
    },
    /// The catalog states no authentication method for the provider.
    #[error("no authentication method is known; for an imported provider run `modeldex confirm PROVIDER`, else add `auth` to its file")]
    NoAuthMethods,
}

/// Text that looks like a reference but has an unsupported form, such as `${NAME:-default}`. No key looks like this, so the text is never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it looks like a reference to a variable; supported forms: `${{NAME}}`, `$NAME`, `%NAME%`, `{{{{NAME}}}}` and the name alone")]
pub struct MalformedReference;

impl CredentialOrigin {
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
    /// Resolves the credential of `provider`.
    ///
    /// Authentication methods are alternatives in order of preference: the first whose variables are all set is used. An empty value, or white
    /// space alone, counts as not set.
    ///
    /// # Errors
    /// If no method has all of its variables set, or a value is not valid.
    pub fn resolve(provider: Provider<'a>, lookup: &CredentialLookup<'_>) -> Result<Self, CredentialError> {
        let names = |auth: Auth<'a>| auth.env().chain(auth.variables().flat_map(modeldex_table::Variable::env));
        let known = provider.auth().flat_map(names).collect::<Vec<_>>();
        if let Some(argument) = lookup.argument.filter(|text| is_non_blank(text)) {
            let auth = provider.auth().find(|auth| sends_key(*auth));
            let key = resolve_key(argument, None, CredentialOrigin::Argument, lookup, &known)?;
            let values = auth.map_or_else(|| Ok(Vec::new()), |auth| resolve_values(auth, lookup, &known))?;
            return Ok(Self { auth, key: Some(key), values });
        }
        let is_set = |name: &str| find_value(&[name], lookup).is_some();
        let mut missing = Vec::new();
        for auth in provider.auth() {
            let lacks = match usable_auth(auth, is_set) {
                Ok(_) => {
                    let found = find_value(&auth.env().collect::<Vec<_>>(), lookup);
                    let key =
                        found.map(|(variable, text, origin)| resolve_key(&text, Some(variable), origin, lookup, &known)).transpose()?;
                    return Ok(Self { auth: Some(auth), key, values: resolve_values(auth, lookup, &known)? });
                }
                Err(lacks) => lacks,
            };
            let names = |names: &mut dyn Iterator<Item = &str>| names.map(str::to_owned).collect::<Vec<_>>();
            let key = names(&mut lacks.key_variables());
            let others = lacks.variables().map(|variable| names(&mut variable.env()));
            missing.push([key].into_iter().chain(others).filter(|names| !names.is_empty()).collect());
        }
        Err(if missing.is_empty() { CredentialError::NoAuthMethods } else { CredentialError::Missing(missing) })
    }

    /// Returns whether this client can send the credential: a key, a token, or no authentication. Cloud credentials, which sign requests, are
    /// not supported.
    #[must_use]
    pub fn is_sendable(&self) -> bool {
        self.key.is_some() || self.auth.is_none_or(|auth| auth.kind() == AuthKind::None)
    }

    /// Returns the value of the variable `name`, for a base URL; `None` if the method has no such variable with a value.
    #[must_use]
    pub fn variable_value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|value| value.names.contains(&name)).map(|value| value.text.as_str())
    }
}

impl Key<'_> {
    /// Describes the origin of the key, as `KIMI_API_KEY, from the environment`.
    #[must_use]
    pub fn describe_origin(&self) -> String {
        describe_origin(self.variable, self.origin)
    }
}

/// Resolves the variable `name` from the environment, then the configuration, and follows references; `None` if neither has it.
///
/// # Errors
/// If a reference leads to a variable that is not set, or the value is not valid.
pub fn resolve_variable<'n>(name: &'n str, lookup: &CredentialLookup<'_>) -> Result<Option<Key<'n>>, CredentialError> {
    find_value(&[name], lookup).map(|(name, text, origin)| resolve_key(&text, Some(name), origin, lookup, &[name])).transpose()
}

/// Returns the variable that `text` refers to; `None` if `text` is a value.
///
/// References are `${NAME}`, `$NAME`, `%NAME%`, `{{NAME}}`, or the name alone if it is in capitals with an underscore and
/// [plausible](is_plausible_variable_name). White space and quotes around the reference are [ignored](strip_whitespace_and_quotes).
///
/// # Errors
/// If `text` looks like a reference but has an unsupported form. Keys never look like this, and the intended variable is not guessed.
///
/// ```
/// use modeldex_client::credential::{MalformedReference, parse_reference};
/// assert_eq!(parse_reference("KIMI_API_KEY"), Ok(Some("KIMI_API_KEY")));
/// assert_eq!(parse_reference("${kimi}"), Ok(Some("kimi")));
/// assert_eq!(parse_reference("sk-KIMI_API_KEY"), Ok(None));
/// assert_eq!(parse_reference("AKIAIOSFODNN7EXAMPLE"), Ok(None));
/// assert_eq!(parse_reference("GSK_0123456789ABCDEF"), Ok(None));
/// assert_eq!(parse_reference("${KIMI_API_KEY:-none}"), Err(MalformedReference));
/// ```
pub fn parse_reference(text: &str) -> Result<Option<&str>, MalformedReference> {
    let (text, _) = strip_whitespace_and_quotes(text);
    let between =
        |before: &str, after: &str| text.strip_prefix(before)?.strip_suffix(after).map(str::trim).filter(|name| is_variable_name(name));
    let name = between("${", "}").or_else(|| between("{{", "}}")).or_else(|| between("%", "%"));
    // A name after `$` cannot begin with a digit in any shell, and `$2` begins a password hash.
    let name = name.or_else(|| between("$", "").filter(|name| !name.starts_with(|first: char| first.is_ascii_digit())));
    if name.is_some() {
        return Ok(name);
    }
    if text.contains("${") || text.starts_with("$(") || text.starts_with("{{") && text.ends_with("}}") {
        return Err(MalformedReference);
    }
    Ok(Some(text).filter(|text| is_bare_name(text) && is_plausible_variable_name(text)))
}

/// Removes white space and one pair of quotes around `text`. A line of an `.env` file may have them; a key never does. Also returns whether
/// anything was removed.
#[must_use]
pub fn strip_whitespace_and_quotes(text: &str) -> (&str, bool) {
    let inner = text.trim();
    let unquoted = |quote: char| inner.strip_prefix(quote)?.strip_suffix(quote);
    let inner = unquoted('"').or_else(|| unquoted('\'')).map_or(inner, str::trim);
    (inner, inner.len() != text.len())
}

/// Returns whether `text` is a valid name of a variable.
#[must_use]
pub fn is_variable_name(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) && text.contains(|letter: char| letter.is_ascii_alphabetic())
}

/// Returns whether `name` looks like a name of a variable rather than a key, so that messages may contain it.
///
/// A plausible name has at most 40 characters, at most 3 of them digits. Its words have at most 16 letters and digits, and the digits of a word
/// are adjacent. Every name in the catalog passes; a random key does not.
#[must_use]
pub fn is_plausible_variable_name(name: &str) -> bool {
    let is_word = |word: &str| {
        let digits = word.trim_matches(|letter: char| !letter.is_ascii_digit());
        word.len() <= 16 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    is_variable_name(name) && name.len() <= 40 && name.bytes().filter(u8::is_ascii_digit).count() < 4 && name.split('_').all(is_word)
}

/// Returns `name`, or [`MASK`] if `name` is not [plausible](is_plausible_variable_name) and is therefore more likely a key.
#[must_use]
pub fn redact_variable_name(name: &str) -> &str {
    if is_plausible_variable_name(name) { name } else { MASK }
}

/// Returns whether `text` has the form of a name of a variable without any markup.
fn is_bare_name(text: &str) -> bool {
    is_variable_name(text) && text.contains('_') && !text.contains(|letter: char| letter.is_ascii_lowercase())
}

/// Returns whether an authentication method sends a key or token unchanged.
fn sends_key(auth: Auth<'_>) -> bool {
    matches!(auth.kind(), AuthKind::ApiKey | AuthKind::Oauth)
}

/// Returns the first of `names` that has a non-empty value, in the environment, then in the configuration.
fn find_value<'a>(names: &[&'a str], lookup: &CredentialLookup<'_>) -> Option<(&'a str, Zeroizing<String>, CredentialOrigin)> {
    let find = |get: &dyn Fn(&str) -> Option<String>, origin| {
        names.iter().find_map(|name| Some((*name, get(name).map(Zeroizing::new).filter(|text| is_non_blank(text))?, origin)))
    };
    find(lookup.environment, CredentialOrigin::Environment).or_else(|| find(lookup.config, CredentialOrigin::Config))
}

/// Resolves the variables of an authentication method other than the key. Defaults come from the catalog.
fn resolve_values<'a>(auth: Auth<'a>, lookup: &CredentialLookup<'_>, known: &[&str]) -> Result<Vec<VariableValue<'a>>, CredentialError> {
    let mut values = Vec::new();
    for variable in auth.variables() {
        let names = variable.env().collect::<Vec<_>>();
        let first = names.first().copied().unwrap_or("");
        let (name, text, origin) = match (find_value(&names, lookup), variable.default()) {
            (Some((name, text, origin)), _) => {
                (name, resolve_key(&text, Some(name), origin, lookup, known)?.secret.expose().to_owned(), Some(origin))
            }
            (None, Some(default)) => (first, default.to_owned(), None),
            (None, None) => continue,
        };
        values.push(VariableValue { name, names, role: variable.role(), text: Zeroizing::new(text), origin });
    }
    Ok(values)
}

/// Returns the key: `text` itself, or the value of the variable that `text` refers to. Text that equals one of the names in `known`, ignoring
/// ASCII case, is a reference to that variable.
fn resolve_key<'a>(
    text: &str,
    variable: Option<&'a str>,
    origin: CredentialOrigin,
    lookup: &CredentialLookup<'_>,
    known: &[&str],
) -> Result<Key<'a>, CredentialError> {
    let mut text = Zeroizing::new(text.to_owned());
    let mut text_origin = describe_origin(variable, origin);
    let mut followed: Vec<String> = Vec::new();
    while let Some(name) = referenced_variable(&text, lookup, known)
        .map_err(|MalformedReference| CredentialError::MalformedReference { origin: text_origin.clone() })?
    {
        if followed.contains(&name) {
            return Err(CredentialError::CircularReference { name: redact_variable_name(&name).to_owned() });
        }
        // A variable may have its own name as its value. In the configuration, this refers to the environment; in the environment, to nothing.
        let next = if followed.is_empty() && variable == Some(name.as_str()) && origin == CredentialOrigin::Config {
            let value = (lookup.environment)(&name).map(Zeroizing::new);
            value.filter(|text| is_non_blank(text)).map(|text| (text, CredentialOrigin::Environment))
        } else if followed.is_empty() && variable == Some(name.as_str()) {
            None
        } else {
            find_value(&[name.as_str()], lookup).map(|(_, text, origin)| (text, origin))
        };
        let Some((next, next_origin)) = next else {
            return Err(CredentialError::UnsetReference { origin: text_origin, name: redact_variable_name(&name).to_owned() });
        };
        text_origin = describe_origin(Some(&name), next_origin);
        followed.push(name);
        text = next;
    }
    let (inner, trimmed) = strip_whitespace_and_quotes(&text);
    let (secret, _) = Secret::parse(inner).map_err(|error| CredentialError::InvalidSecret { origin: text_origin, error })?;
    Ok(Key { secret, variable, origin, reference: followed.pop(), trimmed })
}

/// Returns the variable that `text` refers to. Text that could be either a name or a key counts as a name if a variable of that name is set.
fn referenced_variable(text: &str, lookup: &CredentialLookup<'_>, known: &[&str]) -> Result<Option<String>, MalformedReference> {
    let (inner, _) = strip_whitespace_and_quotes(text);
    let name = parse_reference(inner)?.or_else(|| known.iter().copied().find(|name| name.eq_ignore_ascii_case(inner)));
    let name = name.or_else(|| Some(inner).filter(|inner| is_bare_name(inner) && find_value(&[inner], lookup).is_some()));
    Ok(name.map(str::to_owned))
}

fn describe_origin(variable: Option<&str>, origin: CredentialOrigin) -> String {
    match (variable, origin) {
        (None, _) | (_, CredentialOrigin::Argument) => "the key given as an argument".to_owned(),
        (Some(name), CredentialOrigin::Environment) => format!("{}, from the environment", redact_variable_name(name)),
        (Some(name), CredentialOrigin::Config) => format!("{}, from the configuration", redact_variable_name(name)),
    }
}

impl fmt::Debug for VariableValue<'_> {
    /// Omits the text: it may be the secret half of a key pair.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("VariableValue");
        debug.field("names", &self.names).field("role", &self.role).field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Lists the missing variables of each authentication method.
fn missing_variables(methods: &[Vec<Vec<String>>]) -> String {
    let all_of = |variables: &Vec<Vec<String>>| variables.iter().map(|names| names.join(" or ")).collect::<Vec<_>>().join(" and ");
    let methods: Vec<String> = methods.iter().filter(|variables| !variables.is_empty()).map(all_of).collect();
    if methods.is_empty() {
        return "the provider requires an OAuth login, which is not supported".to_owned();
    }
    format!("set {}", methods.join(", or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(set: &[(&str, &str)], name: &str) -> Option<String> {
        set.iter().find(|(other, _)| *other == name).map(|(_, text)| (*text).to_owned())
    }

    fn read(
        text: &str,
        environment: &[(&str, &str)],
        config: &[(&str, &str)],
        origin: CredentialOrigin,
    ) -> Result<String, CredentialError> {
        let (environment, config) = (|name: &str| get(environment, name), |name: &str| get(config, name));
        let lookup = CredentialLookup { argument: None, environment: &environment, config: &config };
        resolve_key(text, Some("KEY_A"), origin, &lookup, &["KEY_A", "KEY_B"]).map(|key| key.secret.expose().to_owned())
    }

    #[test]
    fn references_are_followed_and_never_sent() {
        let unset = |origin: &str, name: &str| CredentialError::UnsetReference { origin: origin.to_owned(), name: name.to_owned() };
        let (config, environment) = ("KEY_A, from the configuration", "KEY_A, from the environment");
        assert_eq!(read("sk-1", &[], &[], CredentialOrigin::Config), Ok("sk-1".to_owned()));
        assert_eq!(read("${KEY_B}", &[("KEY_B", "sk-2")], &[], CredentialOrigin::Config), Ok("sk-2".to_owned()));
        assert_eq!(read("KEY_B", &[], &[("KEY_B", "sk-3")], CredentialOrigin::Config), Ok("sk-3".to_owned()));
        assert_eq!(read("KEY_B", &[("KEY_B", "sk-2")], &[("KEY_B", "sk-3")], CredentialOrigin::Config), Ok("sk-2".to_owned()));
        assert_eq!(read("${KEY_B}", &[], &[], CredentialOrigin::Config), Err(unset(config, "KEY_B")));
        assert_eq!(read("KEY_B", &[("KEY_B", " ")], &[], CredentialOrigin::Environment), Err(unset(environment, "KEY_B")));
        // The configuration refers to the environment variable of the same name, which is not set.
        assert_eq!(read("${KEY_A}", &[], &[("KEY_A", "${KEY_A}")], CredentialOrigin::Config), Err(unset(config, "KEY_A")));
        assert_eq!(read("KEY_A", &[("KEY_A", "KEY_A")], &[], CredentialOrigin::Environment), Err(unset(environment, "KEY_A")));
        let cycle = [("KEY_B", "KEY_C"), ("KEY_C", "KEY_B")];
        assert_eq!(
            read("KEY_B", &cycle, &[], CredentialOrigin::Environment),
            Err(CredentialError::CircularReference { name: "KEY_B".to_owned() })
        );
    }

    #[test]
    fn a_text_that_is_not_a_name_is_a_key_and_is_masked() {
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
            assert_eq!(parse_reference(text), Ok(Some(text).filter(|_| is_name)), "{text}");
        }
        let key = "GSK_ABCDEF0123456789ABCDEF0123456789ABCDEF";
        assert_eq!(read(key, &[], &[], CredentialOrigin::Environment), Ok(key.to_owned()));
        // If a variable of this name is set, the text is a reference. An explicit reference to it is masked in errors.
        assert_eq!(read(key, &[(key, "sk-1")], &[], CredentialOrigin::Environment), Ok("sk-1".to_owned()));
        let error = read(&format!("${{{key}}}"), &[], &[], CredentialOrigin::Environment).unwrap_err();
        assert!(error.to_string().contains("**** is not set"), "{error}");
        assert_eq!(
            read(key, &[(key, key)], &[], CredentialOrigin::Environment),
            Err(CredentialError::CircularReference { name: MASK.to_owned() })
        );
    }

    #[test]
    fn every_form_of_a_reference_is_followed() {
        let set = [("KEY_B", "sk-2")];
        for text in
            ["$KEY_B", "\"KEY_B\"", "'KEY_B'", " \"${KEY_B}\" ", "%KEY_B%", "${ KEY_B }", "{{KEY_B}}", "{{ KEY_B }}", "key_b", "Key_B"]
        {
            assert_eq!(read(text, &set, &[], CredentialOrigin::Config), Ok("sk-2".to_owned()), "{text}");
            assert!(matches!(read(text, &[], &[], CredentialOrigin::Config), Err(CredentialError::UnsetReference { .. })), "{text}");
        }
        for text in ["${KEY_B:-x}", "${KEY_B", "sk-${KEY_B}", "${}", "${A.B}", "{{ secrets.KEY_B }}", "$(pass show b)", "\"${KEY_B:-x}\""] {
            let error = read(text, &set, &[], CredentialOrigin::Config).unwrap_err();
            assert_eq!(error, CredentialError::MalformedReference { origin: "KEY_A, from the configuration".to_owned() }, "{text}");
            assert!(error.to_string().contains("`${NAME}`") && !error.to_string().contains("KEY_B"), "{error}");
        }
        for text in ["$2b", "%41%", "sk-$KEY_B", "key_c", "\"sk-2"] {
            assert_eq!(read(text, &set, &[], CredentialOrigin::Config), Ok(text.to_owned()));
        }
    }

    #[test]
    fn quotes_around_a_key_are_removed() {
        let nothing = |_: &str| None;
        let lookup = CredentialLookup { argument: None, environment: &nothing, config: &nothing };
        for (text, trimmed) in [("sk-1", false), ("\"sk-1\"", true), ("'sk-1'\n", true), ("\" sk-1\"", true), (" sk-1", true)] {
            let key = resolve_key(text, Some("KEY_A"), CredentialOrigin::Environment, &lookup, &[]).unwrap();
            assert_eq!((key.secret.expose(), key.trimmed), ("sk-1", trimmed), "{text}");
        }
        let empty = resolve_key("''", Some("KEY_A"), CredentialOrigin::Environment, &lookup, &[]).unwrap_err();
        assert!(matches!(empty, CredentialError::InvalidSecret { error: SecretError::Empty, .. }));
    }

    #[test]
    fn debug_output_has_no_secret() {
        let nothing = |_: &str| None;
        let lookup = CredentialLookup { argument: None, environment: &nothing, config: &nothing };
        let key = resolve_key("sk-hidden", Some("KEY_A"), CredentialOrigin::Environment, &lookup, &[]).unwrap();
        let value =
            VariableValue { name: "S", names: vec!["S"], role: VariableRole::Secret, text: "sk-hidden".to_owned().into(), origin: None };
        let call = crate::http::HttpRequest {
            url: "http://h".to_owned(),
            key: Some((crate::http::KeyPlacement::bearer(), key.secret.clone())),
            ..crate::http::HttpRequest::default()
        };
        let all =
            format!("{key:?} {value:?} {call:?} {:#?}", Credential { auth: None, key: Some(key.clone()), values: vec![value.clone()] });
        assert!(!all.contains("hidden"), "{all}");
    }
}
