//! Credential resolution. A key comes from an argument such as `--api-key`, else from an environment variable, else from the configuration. The
//! catalog states the names of a provider's variables.
//!
//! The name of a variable is never used as a key. If a value is the name of a variable, as `KIMI_API_KEY` or `${KIMI_API_KEY}`, the value is a
//! [reference](parse_reference()) to that variable. If the variable is not set, the error names the variable.

use crate::secret::{MASK, Secret, SecretError};
use modeldex_table::availability::{is_non_blank, usable_auth};
use modeldex_table::{Auth, AuthKind, Provider, VariableRole};
use std::fmt;

/// Trait and wrapper type that set memory to zero on drop. They are used for texts from which a [`Secret`] is created.
pub use secrecy::zeroize::{Zeroize, Zeroizing};

/// Places where a credential is looked up, in this order: argument, environment, configuration.
#[derive(Clone, Copy)]
pub struct CredentialLookup<'l> {
    /// Key given for this request, for example with `--api-key`.
    pub argument: Option<&'l str>,
    /// Function that returns the value of an environment variable; `None` if the variable is not set.
    pub environment: &'l dyn Fn(&str) -> Option<String>,
    /// Function that returns the value that the configuration sets for a variable; `None` if the configuration does not set the variable.
    pub config: &'l dyn Fn(&str) -> Option<String>,
}

/// Place where the value of a credential was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialOrigin {
    /// The value was given as an argument, for example with `--api-key`.
    Argument,
    /// The value was found in an environment variable.
    Environment,
    /// The value was found in the configuration.
    Config,
}

/// Credential for requests to a provider: the authentication method, with the values of its variables.
#[derive(Clone, Debug)]
pub struct Credential<'a> {
    /// Authentication method from the catalog; `None` if the key was given as an argument and the catalog states no method that sends a key to the
    /// provider.
    pub auth: Option<Auth<'a>>,
    /// API key or token; `None` if the authentication method sends neither.
    pub key: Option<Key<'a>>,
    /// Values of the variables that the authentication method needs in addition to the key, such as a region. A variable that is not set and has no
    /// default is omitted.
    pub values: Vec<VariableValue<'a>>,
}

/// API key or token, with the place where it was found.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    /// The key or token.
    pub secret: Secret,
    /// Name of the variable that was looked up; `None` if the key was given as an argument.
    pub variable: Option<&'a str>,
    /// Place where the key was found. If the key was found through a reference to another variable, the origin is the place of the reference.
    pub origin: CredentialOrigin,
    /// Name of the variable that contains the key, if the key was found through a reference. For example, if the configuration sets a variable to
    /// the reference `${MY_KEY}`, the name is `MY_KEY`. `None` if the key was found without a reference.
    pub reference: Option<String>,
    /// Whether white space or quotes around the key were removed.
    pub trimmed: bool,
}

/// Value of a variable that an authentication method needs in addition to the key, such as a region.
#[derive(Clone, PartialEq, Eq)]
pub struct VariableValue<'a> {
    /// Name of the variable. The catalog may state several alternative names. Then this is the name that is set. If no name is set, the value is the
    /// catalog's default, and this is the first name.
    pub name: &'a str,
    /// All alternative names of the variable. A base URL may contain any of these names.
    names: Vec<&'a str>,
    /// Purpose of the variable, such as region or project.
    pub role: VariableRole,
    /// The value.
    pub text: Zeroizing<String>,
    /// Place where the value was found; `None` if the value is the catalog's default.
    pub origin: Option<CredentialOrigin>,
}

/// Failure to resolve a credential. Error messages contain names of variables, but never their values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// No authentication method of the provider can be used: each method lacks a required variable, or needs something other than variables, such as
    /// an OAuth login.
    ///
    /// The outer list has an entry for each authentication method. This entry is the list of the variables that the method lacks; the list is empty
    /// if the method needs something other than variables. Each variable is a list of its alternative names.
    #[error("{}", describe_missing(.0))]
    Missing(Vec<Vec<Vec<String>>>),
    /// The value of a variable or argument is a reference to a variable that is not set.
    #[error("{origin} refers to the variable {name}, but {name} is not set: set {name}, or write the key instead of the reference")]
    UnsetReference {
        /// Place of the reference, such as `KIMI_API_KEY (from the configuration)`.
        origin: String,
        /// Name of the variable that is not set.
        name: String,
    },
    /// A variable refers to itself, directly or through references to other variables.
    #[error("the variable {name} refers to itself, directly or through other variables: set {name} to a value, not to a reference")]
    CircularReference {
        /// Name of the variable that refers to itself.
        name: String,
    },
    /// A value looks like a reference to a variable, but this form of reference is not supported.
    #[error("{origin} is not a valid key: {}", MalformedReference)]
    MalformedReference {
        /// Place of the value, such as `KIMI_API_KEY (from the configuration)`.
        origin: String,
    },
    /// A value is not a valid key.
    #[error("{origin} is not a valid key: {error}")]
    InvalidSecret {
        /// Place of the value, such as `KIMI_API_KEY (from the configuration)`.
        origin: String,
        /// Reason why the value is not a valid key.
        error: SecretError,
    },
    /// The catalog states no authentication method for the provider.
    #[error(
        "the catalog has no authentication method for this provider: if the provider is imported, run `modeldex confirm PROVIDER`; otherwise add \
         `auth` to the provider's file"
    )]
    NoAuthMethods,
}

/// Error for a text that looks like a reference to a variable, but has an unsupported form such as `${NAME:-default}`. No key has such a form, so the
/// text is never sent as a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the value looks like a reference to a variable, but this form of reference is not supported; write `${{NAME}}`, `$NAME`, `%NAME%`, \
     `{{{{NAME}}}}` or only the name of the variable"
)]
pub struct MalformedReference;

impl CredentialOrigin {
    /// Returns `argument`, `environment` or `config`.
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
    /// The catalog lists a provider's authentication methods in order of preference. The first method whose required variables are all set is used. A
    /// variable counts as not set if its value is empty or consists of white space.
    ///
    /// # Errors
    /// Fails if no authentication method has all of its required variables set, or if the value of a variable is not valid.
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

    /// Returns whether this client supports the authentication method of the credential. The client supports keys, tokens, and endpoints without
    /// authentication. It does not support cloud credentials, which sign requests.
    #[must_use]
    pub fn is_sendable(&self) -> bool {
        self.key.is_some() || self.auth.is_none_or(|auth| auth.kind() == AuthKind::None)
    }

    /// Returns the value of a variable, for example to replace the variable in a base URL. Returns `None` if the authentication method has no
    /// variable with the name `name`, or if the variable has no value.
    #[must_use]
    pub fn variable_value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|value| value.names.contains(&name)).map(|value| value.text.as_str())
    }
}

impl Key<'_> {
    /// Returns a description of the place where the key was found, such as `KIMI_API_KEY (from the environment)`.
    #[must_use]
    pub fn describe_origin(&self) -> String {
        describe_origin(self.variable, self.origin)
    }
}

/// Returns the value of the variable `name` from the environment, else from the configuration. If the value is a reference to another variable,
/// returns the value of that other variable. Returns `None` if neither the environment nor the configuration sets `name`.
///
/// # Errors
/// Fails if a reference names a variable that is not set, or if the value is not valid.
pub fn resolve_variable<'n>(name: &'n str, lookup: &CredentialLookup<'_>) -> Result<Option<Key<'n>>, CredentialError> {
    find_value(&[name], lookup).map(|(name, text, origin)| resolve_key(&text, Some(name), origin, lookup, &[name])).transpose()
}

/// Returns the name of the variable that `text` refers to. Returns `None` if `text` is a value and not a reference.
///
/// References have the form `${NAME}`, `$NAME`, `%NAME%` or `{{NAME}}`. A name without these marks is a reference if it has no lower-case letters,
/// contains an underscore, and is [plausible](is_plausible_variable_name). White space and quotes around a reference are
/// [ignored](strip_whitespace_and_quotes).
///
/// # Errors
/// Fails if `text` looks like a reference in an unsupported form, such as `${NAME:-default}`. Such a text is used neither as a value nor as a
/// reference.
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

/// Removes white space and one pair of quotes around `text`, as in a line of an `.env` file. Returns the remaining text, and whether anything was
/// removed.
#[must_use]
pub fn strip_whitespace_and_quotes(text: &str) -> (&str, bool) {
    let inner = text.trim();
    let unquoted = |quote: char| inner.strip_prefix(quote)?.strip_suffix(quote);
    let inner = unquoted('"').or_else(|| unquoted('\'')).map_or(inner, str::trim);
    (inner, inner.len() != text.len())
}

/// Returns whether `text` is a valid name of an environment variable. A valid name consists of letters, digits and underscores, and has at least one
/// letter.
#[must_use]
pub fn is_variable_name(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) && text.contains(|letter: char| letter.is_ascii_alphabetic())
}

/// Returns whether `name` looks like the name of an environment variable and not like a key. Such a name is plausible. Error messages contain only
/// plausible names; [`redact_variable_name`] masks all other names.
///
/// A plausible name has at most 40 characters, and at most 3 of them are digits. The name consists of words that are separated by underscores. Each
/// word has at most 16 characters, and the digits of a word are adjacent. Every variable name in the catalog is plausible; a random key is not.
#[must_use]
pub fn is_plausible_variable_name(name: &str) -> bool {
    let is_word = |word: &str| {
        let digits = word.trim_matches(|letter: char| !letter.is_ascii_digit());
        word.len() <= 16 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    is_variable_name(name) && name.len() <= 40 && name.bytes().filter(u8::is_ascii_digit).count() < 4 && name.split('_').all(is_word)
}

/// Returns `name` if it is a [plausible](is_plausible_variable_name) name of a variable. Otherwise returns [`MASK`], because the text is probably a
/// key.
#[must_use]
pub fn redact_variable_name(name: &str) -> &str {
    if is_plausible_variable_name(name) { name } else { MASK }
}

/// Returns whether `text` can be a reference that is a name alone: a name in capitals with an underscore.
fn is_bare_name(text: &str) -> bool {
    is_variable_name(text) && text.contains('_') && !text.contains(|letter: char| letter.is_ascii_lowercase())
}

/// Returns whether an authentication method sends a key or token unchanged.
fn sends_key(auth: Auth<'_>) -> bool {
    matches!(auth.kind(), AuthKind::ApiKey | AuthKind::Oauth)
}

/// Returns the first of `names` that has a non-empty value, with the value: from the environment, else from the configuration.
fn find_value<'a>(names: &[&'a str], lookup: &CredentialLookup<'_>) -> Option<(&'a str, Zeroizing<String>, CredentialOrigin)> {
    let find = |get: &dyn Fn(&str) -> Option<String>, origin| {
        names.iter().find_map(|name| Some((*name, get(name).map(Zeroizing::new).filter(|text| is_non_blank(text))?, origin)))
    };
    find(lookup.environment, CredentialOrigin::Environment).or_else(|| find(lookup.config, CredentialOrigin::Config))
}

/// Resolves the variables of an authentication method except the key. A variable that is not set has the default from the catalog, if any.
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

/// Follows the references that begin at the value of the variable `name`, and returns the names of the referenced variables in this order. The value
/// of a referenced variable may be a reference too. Returns an empty list if the value is not a reference, or if a reference leads to no value.
///
/// ```
/// use modeldex_client::credential::{CredentialLookup, referenced_variables};
///
/// let environment = |name: &str| (name == "OPENAI_API_KEY").then(|| "sk-0123".to_owned());
/// let config = |name: &str| (name == "WORK_KEY").then(|| "${OPENAI_API_KEY}".to_owned());
/// let lookup = CredentialLookup { argument: None, environment: &environment, config: &config };
/// assert_eq!(referenced_variables("WORK_KEY", &lookup), ["OPENAI_API_KEY"]);
/// ```
#[must_use]
pub fn referenced_variables(name: &str, lookup: &CredentialLookup<'_>) -> Vec<String> {
    let Some((_, text, origin)) = find_value(&[name], lookup) else { return Vec::new() };
    follow(&text, Some(name), origin, lookup, &[]).map(|followed| followed.names).unwrap_or_default()
}

/// A text without references.
struct Followed {
    text: Zeroizing<String>,
    /// Describes where the text was found.
    origin: String,
    /// The variables that references led to, in this order.
    names: Vec<String>,
}

/// Returns `text` as a key or, if `text` is a reference, the value of the variable that it refers to. A text that equals one of the names in
/// `known`, ignoring ASCII case, is a reference to that variable.
fn resolve_key<'a>(
    text: &str,
    variable: Option<&'a str>,
    origin: CredentialOrigin,
    lookup: &CredentialLookup<'_>,
    known: &[&str],
) -> Result<Key<'a>, CredentialError> {
    let mut followed = follow(text, variable, origin, lookup, known)?;
    let (inner, trimmed) = strip_whitespace_and_quotes(&followed.text);
    let (secret, _) = Secret::parse(inner).map_err(|error| CredentialError::InvalidSecret { origin: followed.origin, error })?;
    Ok(Key { secret, variable, origin, reference: followed.names.pop(), trimmed })
}

/// Follows references until a text is not a reference.
fn follow(
    text: &str,
    variable: Option<&str>,
    origin: CredentialOrigin,
    lookup: &CredentialLookup<'_>,
    known: &[&str],
) -> Result<Followed, CredentialError> {
    let mut text = Zeroizing::new(text.to_owned());
    let mut text_origin = describe_origin(variable, origin);
    let mut followed: Vec<String> = Vec::new();
    while let Some(name) = referenced_variable(&text, lookup, known)
        .map_err(|MalformedReference| CredentialError::MalformedReference { origin: text_origin.clone() })?
    {
        if followed.contains(&name) {
            return Err(CredentialError::CircularReference { name: redact_variable_name(&name).to_owned() });
        }
        // A variable may have its own name as its value. In the configuration, the name refers to the environment variable; in the environment,
        // it refers to nothing.
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
    Ok(Followed { text, origin: text_origin, names: followed })
}

/// Returns the name of the variable that `text` refers to. Returns `None` if `text` is a key. A text that could be either a name or a key counts as a
/// name if a variable of that name is set.
fn referenced_variable(text: &str, lookup: &CredentialLookup<'_>, known: &[&str]) -> Result<Option<String>, MalformedReference> {
    let (inner, _) = strip_whitespace_and_quotes(text);
    let name = parse_reference(inner)?.or_else(|| known.iter().copied().find(|name| name.eq_ignore_ascii_case(inner)));
    let name = name.or_else(|| Some(inner).filter(|inner| is_bare_name(inner) && find_value(&[inner], lookup).is_some()));
    Ok(name.map(str::to_owned))
}

fn describe_origin(variable: Option<&str>, origin: CredentialOrigin) -> String {
    match (variable, origin) {
        (None, _) | (_, CredentialOrigin::Argument) => "the key given as an argument".to_owned(),
        (Some(name), CredentialOrigin::Environment) => format!("{name} (from the environment)", name = redact_variable_name(name)),
        (Some(name), CredentialOrigin::Config) => format!("{name} (from the configuration)", name = redact_variable_name(name)),
    }
}

impl fmt::Debug for VariableValue<'_> {
    /// Omits the value, which may be the secret half of a key pair.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("VariableValue");
        debug.field("names", &self.names).field("role", &self.role).field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Returns the message of [`CredentialError::Missing`], which lists the missing variables of each authentication method.
fn describe_missing(methods: &[Vec<Vec<String>>]) -> String {
    let all_of = |variables: &Vec<Vec<String>>| variables.iter().map(|names| names.join(" or ")).collect::<Vec<_>>().join(" and ");
    let methods: Vec<String> = methods.iter().filter(|variables| !variables.is_empty()).map(all_of).collect();
    if methods.is_empty() {
        return "the provider requires an OAuth login, which modeldex does not support".to_owned();
    }
    format!("no credential found: set {variables}", variables = methods.join(", or "))
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
        let (config, environment) = ("KEY_A (from the configuration)", "KEY_A (from the environment)");
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
            assert_eq!(error, CredentialError::MalformedReference { origin: "KEY_A (from the configuration)".to_owned() }, "{text}");
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
