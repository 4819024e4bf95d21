//! The static tables of the built-in catalog and the enum of its providers, which build.rs generates.

use modeldex_table::Provider;

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// The usage shapes of the built-in catalog, as JSON. A usage shape states how the token counts in the responses of a wire protocol are read.
pub static CATALOG_USAGE_SHAPES: &str = include_str!(concat!(env!("OUT_DIR"), "/usage.json"));

/// The routing claims (base URLs, environment variables and headers that other catalogs state) that are held back until a person confirms them, as
/// JSON. No request uses these claims.
pub static CATALOG_HELD_CLAIMS: &str = include_str!(concat!(env!("OUT_DIR"), "/held.json"));

impl ProviderId {
    /// Returns the provider with this id from the built-in catalog.
    ///
    /// ```
    /// use modeldex::ProviderId;
    /// assert_eq!(ProviderId::KimiCoding.provider().id(), "kimi-coding");
    /// ```
    #[must_use]
    pub fn provider(self) -> Provider<'static> {
        CATALOG.provider_at(self as usize).expect("enum and table are generated together")
    }

    /// Returns the id of the provider, such as `kimi-coding`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.provider().id()
    }

    /// Parses the id or an alias of a provider; returns `None` if the built-in catalog has no such provider.
    ///
    /// ```
    /// use modeldex::ProviderId;
    /// assert_eq!(ProviderId::parse("moonshot"), Some(ProviderId::Moonshotai));
    /// ```
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.get(CATALOG.provider(id)?.index()).copied()
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

/// The error of parsing a [`ProviderId`]: no provider of the built-in catalog has the given id or alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownProvider;

impl core::fmt::Display for UnknownProvider {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("no provider of the built-in catalog has this id or alias")
    }
}

impl core::error::Error for UnknownProvider {}
