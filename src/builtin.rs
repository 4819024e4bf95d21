//! The tables that build.rs wrote, and the enum of their providers.

use modeldex_table::Provider;

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// The shapes of usage objects that the catalog states, as JSON.
pub static CATALOG_USAGE: &str = include_str!(concat!(env!("OUT_DIR"), "/usage.json"));

/// Unconfirmed routing claims, as JSON. No request uses them.
pub static CATALOG_HELD: &str = include_str!(concat!(env!("OUT_DIR"), "/held.json"));

impl ProviderId {
    /// The provider itself.
    ///
    /// ```
    /// use modeldex::ProviderId;
    /// assert_eq!(ProviderId::KimiCoding.provider().id(), "kimi-coding");
    /// ```
    #[must_use]
    pub fn provider(self) -> Provider<'static> {
        CATALOG.provider_at(self as usize).expect("the enum and the table are written together")
    }

    /// The id, as it stands in references.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.provider().id()
    }

    /// The provider with this id or alias.
    ///
    /// ```
    /// use modeldex::ProviderId;
    /// assert_eq!(ProviderId::parse("moonshot"), Some(ProviderId::Moonshotai));
    /// ```
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.get(CATALOG.provider(id)?.place()).copied()
    }
}

impl core::fmt::Display for ProviderId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}

impl core::str::FromStr for ProviderId {
    type Err = UnknownProvider;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Self::parse(id).ok_or(UnknownProvider)
    }
}

/// No provider of the built-in catalog has this id or alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownProvider;

impl core::fmt::Display for UnknownProvider {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("no provider of the built-in catalog has this id or alias")
    }
}

impl core::error::Error for UnknownProvider {}
