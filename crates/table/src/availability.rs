//! Availability of providers: whether the environment variables that a provider requires are set.
//!
//! The caller reports which variables are set. This module sees values only in [`available`], which checks that they are not blank. Results
//! contain names of variables, never values.

use crate::{Auth, AuthKind, Provider, Variable};
use core::fmt;

/// Whether the credentials of a provider are present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability<'a> {
    /// The provider needs no credential.
    NotNeeded,
    /// A credential is set in this environment variable. If the method needs several variables, all are set, and this variable is the first.
    Set(&'a str),
    /// No authentication method has all the variables it needs.
    Missing,
}

/// An authentication method whose required variables are all set.
#[derive(Clone, Copy)]
pub struct UsableAuth<'a, F> {
    auth: Auth<'a>,
    key_variable: Option<&'a str>,
    is_set: F,
}

/// The required variables of an authentication method that are not set. The `Display` output lists the names of these variables.
#[derive(Clone, Copy)]
pub struct MissingVariables<'a, F> {
    auth: Auth<'a>,
    is_set: F,
}

/// Returns whether `provider` is usable with the variables that `env` looks up.
///
/// Authentication methods are alternatives: the first method whose variables are all set is used. A variable with a [blank](is_non_blank) value
/// counts as unset. A provider without authentication methods is [`Missing`](Availability::Missing), since its authentication is unknown.
///
/// ```
/// # let catalog = modeldex_table::Catalog::default();
/// use modeldex_table::availability::{Availability, available};
/// for provider in catalog.providers() {
///     let nothing_is_set = |_: &str| None::<&str>;
///     assert!(!matches!(available(provider, &nothing_is_set), Availability::Set(_)));
/// }
/// ```
pub fn available<'a, V: AsRef<str>>(provider: Provider<'a>, env: &(impl Fn(&str) -> Option<V> + ?Sized)) -> Availability<'a> {
    available_when(provider, |name| env(name).is_some_and(|value| is_non_blank(value.as_ref())))
}

/// Like [`available`], with a predicate over variable names instead of their values.
pub fn available_when<'a>(provider: Provider<'a>, is_set: impl Fn(&str) -> bool) -> Availability<'a> {
    let usable = provider.auth().find_map(|auth| usable_auth(auth, &is_set).ok());
    usable.map_or(Availability::Missing, |usable| usable.credential_variable().map_or(Availability::NotNeeded, Availability::Set))
}

/// Checks one authentication method. Returns the variables that it uses.
///
/// # Errors
/// The missing variables, when a required variable is not set or when the method has no variable for its credential. An example of the latter is
/// an interactive login that stores no token.
pub fn usable_auth<F: Fn(&str) -> bool>(auth: Auth<'_>, is_set: F) -> Result<UsableAuth<'_, F>, MissingVariables<'_, F>> {
    let key_variable = auth.env().find(|name| is_set(name));
    let usable = UsableAuth { auth, key_variable, is_set };
    let has_key = key_variable.is_some() || auth.env().len() == 0;
    let has_rest = usable.variables().all(|(variable, name)| name.is_some() || !is_needed(variable));
    if has_key && has_rest && (auth.kind() == AuthKind::None || usable.credential_variable().is_some()) {
        Ok(usable)
    } else {
        Err(MissingVariables { auth, is_set: usable.is_set })
    }
}

/// Returns whether a value has any character that is not white space. A blank variable counts as unset.
#[must_use]
pub fn is_non_blank(value: &str) -> bool {
    !value.trim().is_empty()
}

impl<'a> Availability<'a> {
    /// Returns whether requests can be sent.
    #[must_use]
    pub fn is_available(self) -> bool {
        self != Self::Missing
    }

    /// Returns the name of the variable with the credential.
    #[must_use]
    pub fn variable(self) -> Option<&'a str> {
        match self {
            Self::Set(variable) => Some(variable),
            Self::NotNeeded | Self::Missing => None,
        }
    }

    /// Returns `yes`, `no`, or `-` if no credential is needed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotNeeded => "-",
            Self::Set(_) => "yes",
            Self::Missing => "no",
        }
    }
}

impl<'a, F: Fn(&str) -> bool> UsableAuth<'a, F> {
    /// Returns the authentication method.
    pub fn auth(&self) -> Auth<'a> {
        self.auth
    }

    /// Returns the name of the variable with the API key; `None` for methods without a key, such as a key pair or no authentication.
    pub fn key_variable(&self) -> Option<&'a str> {
        self.key_variable
    }

    /// Returns the method's other variables, each with the name that is set. The name is `None` if the variable is not set and has a default or
    /// is optional.
    pub fn variables(&self) -> impl Iterator<Item = (Variable<'a>, Option<&'a str>)> {
        self.auth.variables().map(|variable| (variable, variable.env().find(|name| (self.is_set)(name))))
    }

    /// Returns the first variable with a credential. Only required variables count: a variable with a default, such as a region that selects a
    /// host, is not a credential.
    pub fn credential_variable(&self) -> Option<&'a str> {
        self.key_variable.or_else(|| self.variables().filter(|(variable, _)| is_needed(*variable)).find_map(|(_, name)| name))
    }
}

impl<'a, F: Fn(&str) -> bool> MissingVariables<'a, F> {
    /// Returns the authentication method.
    pub fn auth(&self) -> Auth<'a> {
        self.auth
    }

    /// Returns the alternative names of the variable for the key; empty if the key is set or the method has no key.
    pub fn key_variables(&self) -> impl Iterator<Item = &'a str> {
        let lacks = !self.auth.env().any(|name| (self.is_set)(name));
        self.auth.env().filter(move |_| lacks)
    }

    /// Returns the required variables other than the key that are not set.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'a>> {
        self.auth.variables().filter(|variable| is_needed(*variable) && !variable.env().any(|name| (self.is_set)(name)))
    }
}

impl<F: Fn(&str) -> bool> fmt::Display for MissingVariables<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut has_any = false;
        let mut name = |f: &mut fmt::Formatter<'_>, separator: &str, name: &str| {
            let before = if has_any { separator } else { "" };
            has_any = true;
            write!(f, "{before}`{name}`")
        };
        for key in self.key_variables() {
            name(f, " or ", key)?;
        }
        for variable in self.variables() {
            for (at, other) in variable.env().enumerate() {
                name(f, if at == 0 { ", and " } else { " or " }, other)?;
            }
        }
        if has_any { Ok(()) } else { f.write_str("a credential that no environment variable can provide") }
    }
}

impl<F: Fn(&str) -> bool> fmt::Debug for MissingVariables<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MissingVariables({self})")
    }
}

impl<F: Fn(&str) -> bool> fmt::Debug for UsableAuth<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UsableAuth").field(&self.credential_variable()).finish()
    }
}

fn is_needed(variable: Variable<'_>) -> bool {
    !variable.is_optional() && variable.default().is_none()
}
