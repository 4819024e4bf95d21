//! Availability of providers: whether the environment variables that a provider requires are set.
//!
//! This module does not read the environment. The caller passes a function that returns whether a variable is set or, for [`available`], a function
//! that returns the value of the variable. The results contain names of variables, but never their values.

use crate::{Auth, AuthKind, Provider, Variable};
use core::fmt;

/// Whether the environment contains the credential that a provider requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability<'a> {
    /// The provider requires no credential.
    NotNeeded,
    /// A credential is set. The field is the name of the environment variable that contains the credential. If the authentication method requires
    /// several variables, all of them are set, and the field is the name of the first.
    Set(&'a str),
    /// Each authentication method of the provider lacks a required environment variable, or the catalog states no authentication method.
    Missing,
}

/// An authentication method whose required variables are all set.
#[derive(Clone, Copy)]
pub struct UsableAuth<'a, F> {
    auth: Auth<'a>,
    key_variable: Option<&'a str>,
    is_set: F,
}

/// The environment variables that an authentication method requires but that are not set. The `Display` output lists their names.
#[derive(Clone, Copy)]
pub struct MissingVariables<'a, F> {
    auth: Auth<'a>,
    is_set: F,
}

/// Returns whether the environment contains the credential that `provider` requires. `env` returns the value of an environment variable.
///
/// The authentication methods of a provider are alternatives. The first method whose required variables are all set is used. A variable with a
/// [blank](is_non_blank) value counts as unset. If the catalog states no authentication method for the provider, the result is
/// [`Missing`](Availability::Missing).
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

/// Returns whether the environment contains the credential that `provider` requires. In contrast to [`available`], this function does not need the
/// values of variables: `is_set` returns only whether a variable is set.
pub fn available_when<'a>(provider: Provider<'a>, is_set: impl Fn(&str) -> bool) -> Availability<'a> {
    let usable = provider.auth().find_map(|auth| usable_auth(auth, &is_set).ok());
    usable.map_or(Availability::Missing, |usable| usable.credential_variable().map_or(Availability::NotNeeded, Availability::Set))
}

/// Checks whether all environment variables that an authentication method requires are set. `is_set` returns whether a variable is set.
///
/// # Errors
/// Returns the missing variables if a required variable is not set. Also fails if no variable can contain the credential. An example is an
/// interactive login that stores no token.
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

/// Returns whether the value of an environment variable contains a character other than white space. A variable with a blank value counts as unset.
#[must_use]
pub fn is_non_blank(value: &str) -> bool {
    !value.trim().is_empty()
}

impl<'a> Availability<'a> {
    /// Returns whether requests can be sent: a credential is set, or the provider requires no credential.
    #[must_use]
    pub fn is_available(self) -> bool {
        self != Self::Missing
    }

    /// Returns the name of the environment variable that contains the credential. Returns `None` if no credential is set, or if the provider requires
    /// no credential.
    #[must_use]
    pub fn variable(self) -> Option<&'a str> {
        match self {
            Self::Set(variable) => Some(variable),
            Self::NotNeeded | Self::Missing => None,
        }
    }

    /// Returns the text for tables: `yes` if a credential is set, `no` if the credential is missing, or `-` if the provider requires no credential.
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
    /// Returns the authentication method whose required variables are all set.
    pub fn auth(&self) -> Auth<'a> {
        self.auth
    }

    /// Returns the name of the environment variable that contains the API key. Returns `None` if the method has no API key, such as a method with a
    /// key pair.
    pub fn key_variable(&self) -> Option<&'a str> {
        self.key_variable
    }

    /// Iterates over the environment variables of the method, except the variable for the API key. Each item is a variable and the name under which
    /// the variable is set. The name is `None` if the variable is not set; the variable is then optional or has a default value.
    pub fn variables(&self) -> impl Iterator<Item = (Variable<'a>, Option<&'a str>)> {
        self.auth.variables().map(|variable| (variable, variable.env().find(|name| (self.is_set)(name))))
    }

    /// Returns the name of the first environment variable that contains a credential. Returns `None` if the method requires no variable.
    ///
    /// Only required variables count. A variable with a default value, such as a region, is not a credential.
    pub fn credential_variable(&self) -> Option<&'a str> {
        self.key_variable.or_else(|| self.variables().filter(|(variable, _)| is_needed(*variable)).find_map(|(_, name)| name))
    }
}

impl<'a, F: Fn(&str) -> bool> MissingVariables<'a, F> {
    /// Returns the authentication method that requires the missing variables.
    pub fn auth(&self) -> Auth<'a> {
        self.auth
    }

    /// Iterates over the alternative names of the environment variable for the API key, if this variable is missing. The iterator is empty if the
    /// variable is set, or if the method has no API key.
    pub fn key_variables(&self) -> impl Iterator<Item = &'a str> {
        let lacks = !self.auth.env().any(|name| (self.is_set)(name));
        self.auth.env().filter(move |_| lacks)
    }

    /// Iterates over the required environment variables that are not set, except the variable for the API key.
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
        if has_any { Ok(()) } else { f.write_str("a credential that cannot be set as an environment variable") }
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
