//! Whether a provider can be used now: which of the environment variables that it names are set.
//!
//! Whoever asks says which names are set; what a variable holds does not come here. What is told is names.

use crate::{Auth, AuthKind, Provider, Variable};
use core::fmt;

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

/// A way to authenticate that has all it needs.
#[derive(Clone, Copy)]
pub struct Met<'a, F> {
    auth: Auth<'a>,
    key: Option<&'a str>,
    is_set: F,
}

/// A way to authenticate that lacks something. It displays as the names of what is missing.
#[derive(Clone, Copy)]
pub struct Missing<'a, F> {
    auth: Auth<'a>,
    is_set: F,
}

/// Whether `provider` can be used with the variables that `env` knows.
///
/// The ways to authenticate are alternatives: the first that has all it needs decides. A variable that [holds](holds_something) nothing
/// counts as unset. A provider that says nothing about authentication cannot be used, because nobody knows how.
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
    available_when(provider, |name| env(name).is_some_and(|value| holds_something(value.as_ref())))
}

/// Like [`available`], for whoever knows which variables are set and not what they hold.
pub fn available_when<'a>(provider: Provider<'a>, is_set: impl Fn(&str) -> bool) -> Availability<'a> {
    let met = provider.auth().find_map(|auth| met(auth, &is_set).ok());
    met.map_or(Availability::Missing, |met| met.proof().map_or(Availability::NotNeeded, Availability::Set))
}

/// Whether one way to authenticate has all that it needs: which variable holds the key and which are used beside it, or what is missing.
///
/// # Errors
/// When a variable that is needed is not set, or when no variable could prove anything, as for a login that leaves no token behind.
pub fn met<F: Fn(&str) -> bool>(auth: Auth<'_>, is_set: F) -> Result<Met<'_, F>, Missing<'_, F>> {
    let key = auth.env().find(|name| is_set(name));
    let met = Met { auth, key, is_set };
    let has_key = key.is_some() || auth.env().len() == 0;
    let has_rest = met.variables().all(|(variable, name)| name.is_some() || !is_needed(variable));
    if has_key && has_rest && (auth.kind() == AuthKind::None || met.proof().is_some()) {
        Ok(met)
    } else {
        Err(Missing { auth, is_set: met.is_set })
    }
}

/// Whether a value says anything: one that is empty, or white space only, is a variable that somebody meant to unset.
#[must_use]
pub fn holds_something(value: &str) -> bool {
    !value.trim().is_empty()
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

impl<'a, F: Fn(&str) -> bool> Met<'a, F> {
    /// The way.
    pub fn auth(&self) -> Auth<'a> {
        self.auth
    }

    /// The name of the variable that holds the key; `None` where the way has none, as for a pair of keys or for nothing at all.
    pub fn key(&self) -> Option<&'a str> {
        self.key
    }

    /// What is used beside the key, each with the name of the variable that is set; `None` where its default counts or it may be left out.
    pub fn variables(&self) -> impl Iterator<Item = (Variable<'a>, Option<&'a str>)> {
        self.auth.variables().map(|variable| (variable, variable.env().find(|name| (self.is_set)(name))))
    }

    /// The first variable that proves who asks. A region with a default says where to ask, not who asks: only what must be set is proof.
    pub fn proof(&self) -> Option<&'a str> {
        self.key.or_else(|| self.variables().filter(|(variable, _)| is_needed(*variable)).find_map(|(_, name)| name))
    }
}

impl<'a, F: Fn(&str) -> bool> Missing<'a, F> {
    /// The way.
    pub fn auth(&self) -> Auth<'a> {
        self.auth
    }

    /// The names any of which could hold the key; none where the key is there or the way has none.
    pub fn key(&self) -> impl Iterator<Item = &'a str> {
        let lacks = !self.auth.env().any(|name| (self.is_set)(name));
        self.auth.env().filter(move |_| lacks)
    }

    /// What is needed beside the key and not set.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'a>> {
        self.auth.variables().filter(|variable| is_needed(*variable) && !variable.env().any(|name| (self.is_set)(name)))
    }
}

impl<F: Fn(&str) -> bool> fmt::Display for Missing<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut begun = false;
        let mut name = |f: &mut fmt::Formatter<'_>, joint: &str, name: &str| {
            let before = if begun { joint } else { "" };
            begun = true;
            write!(f, "{before}`{name}`")
        };
        for key in self.key() {
            name(f, " or ", key)?;
        }
        for variable in self.variables() {
            for (at, other) in variable.env().enumerate() {
                name(f, if at == 0 { ", and " } else { " or " }, other)?;
            }
        }
        if begun { Ok(()) } else { f.write_str("nothing that a variable could hold") }
    }
}

impl<F: Fn(&str) -> bool> fmt::Debug for Missing<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Missing({self})")
    }
}

impl<F: Fn(&str) -> bool> fmt::Debug for Met<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Met").field(&self.proof()).finish()
    }
}

fn is_needed(variable: Variable<'_>) -> bool {
    !variable.is_optional() && variable.default().is_none()
}
