//! Views of providers: endpoints, authentication methods, variables, aliases and sources.

use crate::model::Model;
use crate::rows::*;
use crate::{AliasKind, Api, AuthKind, Catalog, Date, MaxTokensField, ProviderKind, VariableRole, WireFeature};
use core::fmt;

/// A provider: a service with endpoints and models.
#[derive(Clone, Copy)]
pub struct Provider<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a ProviderRow,
}

/// An endpoint of a provider: a base URL and its wire protocol.
#[derive(Clone, Copy)]
pub struct Endpoint<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a EndpointRow,
}

/// An authentication method. A provider lists alternatives in order of preference.
#[derive(Clone, Copy)]
pub struct Auth<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a AuthRow,
}

/// An environment variable of an authentication method that holds something other than the API key, such as a region.
#[derive(Clone, Copy)]
pub struct Variable<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a VariableRow,
}

/// An alias of a provider: another id that resolves to it.
#[derive(Clone, Copy)]
pub struct ProviderAlias<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a ProviderAliasRow,
}

/// A source of facts: a URL and the date it was checked.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a SourceRow,
}

impl<'a> Provider<'a> {
    /// Returns the id: the part of a reference before the first slash.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// Returns the display name.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.catalog.text(self.row.name)
    }

    /// Returns the kind of service; `None` if unknown.
    #[must_use]
    pub fn kind(self) -> Option<ProviderKind> {
        self.row.kind.checked_sub(1).and_then(ProviderKind::from_code)
    }

    /// Returns the id of the provider that this one extends; `None` if it extends no provider.
    #[must_use]
    pub fn extends(self) -> Option<&'a str> {
        self.catalog.optional(self.row.extends)
    }

    /// Returns the URL of the provider's documentation; `None` if unknown.
    #[must_use]
    pub fn doc_url(self) -> Option<&'a str> {
        self.catalog.optional(self.row.doc_url)
    }

    /// Iterates over the endpoints; the first is the default.
    pub fn endpoints(self) -> impl ExactSizeIterator<Item = Endpoint<'a>> + Clone {
        let catalog = self.catalog;
        self.row.endpoints.of(catalog.endpoints).iter().map(move |row| Endpoint { catalog, row })
    }

    /// Returns the endpoint with this id; `None` if the provider has no such endpoint.
    #[must_use]
    pub fn endpoint(self, id: &str) -> Option<Endpoint<'a>> {
        self.endpoints().find(|endpoint| endpoint.id() == id)
    }

    /// Iterates over the authentication methods, in order of preference.
    pub fn auth(self) -> impl ExactSizeIterator<Item = Auth<'a>> + Clone {
        let catalog = self.catalog;
        self.row.auths.of(catalog.auths).iter().map(move |row| Auth { catalog, row })
    }

    /// Iterates over the models, sorted by id.
    pub fn models(self) -> impl ExactSizeIterator<Item = Model<'a>> + Clone {
        let catalog = self.catalog;
        let start = self.row.models_start.get() as usize;
        let end = start.saturating_add(self.row.models_len.get() as usize);
        catalog.models.get(start..end).unwrap_or(&[]).iter().map(move |row| Model { catalog, row })
    }

    /// Returns the provider's default model; `None` if the catalog states none.
    #[must_use]
    pub fn default_model(self) -> Option<Model<'a>> {
        self.catalog.model_at((self.row.default_model.get() as usize).checked_sub(1)?)
    }

    /// Iterates over the aliases of the provider.
    pub fn aliases(self) -> impl Iterator<Item = ProviderAlias<'a>> + Clone {
        self.catalog.provider_aliases().filter(move |alias| alias.row.provider.get() as usize == self.index())
    }

    /// Iterates over the sources of the provider's facts.
    pub fn sources(self) -> impl ExactSizeIterator<Item = Source<'a>> + Clone {
        let catalog = self.catalog;
        self.row.sources.of(catalog.sources).iter().map(move |row| Source { catalog, row })
    }

    /// Returns the index in [`Catalog::providers`], stable within one build of the catalog.
    #[must_use]
    pub fn index(self) -> usize {
        let start = self.catalog.providers.as_ptr().addr();
        (core::ptr::from_ref(self.row).addr() - start) / size_of::<ProviderRow>()
    }
}

impl<'a> Endpoint<'a> {
    /// Returns the base URL without trailing slashes. Endpoints whose requests go to the same place have equal normalized URLs.
    #[must_use]
    pub fn normalized_base_url(self) -> &'a str {
        self.base_url().trim_end_matches('/')
    }

    /// Returns the id within the provider.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// Returns the base URL, to which paths of the protocol are appended. May contain variables such as `${AWS_REGION}`.
    #[must_use]
    pub fn base_url(self) -> &'a str {
        self.catalog.text(self.row.base_url)
    }

    /// Iterates over the names of the variables in the base URL, in order.
    pub fn variables(self) -> impl Iterator<Item = &'a str> + Clone {
        self.base_url().split("${").skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
    }

    /// Returns the wire protocol.
    #[must_use]
    pub fn api(self) -> Api {
        Api::from_code(self.row.api).unwrap_or(Api::OpenaiCompletions)
    }

    /// Returns the region of the endpoint; `None` if the catalog states none.
    #[must_use]
    pub fn region(self) -> Option<&'a str> {
        self.catalog.optional(self.row.region)
    }

    /// Returns the subscription plan that the endpoint belongs to; `None` if it belongs to none.
    #[must_use]
    pub fn plan(self) -> Option<&'a str> {
        self.catalog.optional(self.row.plan)
    }

    /// Iterates over the additional request headers as name and value, sorted by name. They contain no secrets.
    pub fn headers(self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone {
        let catalog = self.catalog;
        self.row.headers.of(catalog.headers).iter().map(move |row| (catalog.text(row.name), catalog.text(row.value)))
    }

    /// Returns the request field for the maximum number of output tokens; `None` if unknown.
    #[must_use]
    pub fn max_tokens_field(self) -> Option<MaxTokensField> {
        self.row.max_tokens_field.checked_sub(1).and_then(MaxTokensField::from_code)
    }

    /// Returns whether the endpoint supports an optional part of its protocol; `None` if unknown.
    #[must_use]
    pub fn supports(self, feature: WireFeature) -> Option<bool> {
        let known = self.row.known >> feature.code() & 1 == 1;
        known.then(|| self.row.supported >> feature.code() & 1 == 1)
    }
}

impl<'a> Auth<'a> {
    /// Returns the kind of authentication.
    #[must_use]
    pub fn kind(self) -> AuthKind {
        AuthKind::from_code(self.row.kind).unwrap_or(AuthKind::ApiKey)
    }

    /// Iterates over the names of environment variables for the API key, in order of preference. Setting one of them is sufficient.
    pub fn env(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let catalog = self.catalog;
        self.row.env.of(catalog.texts).iter().map(move |text| catalog.text(*text))
    }

    /// Iterates over the variables of the method other than the API key's. Every variable that is not optional is required.
    pub fn variables(self) -> impl ExactSizeIterator<Item = Variable<'a>> + Clone {
        let catalog = self.catalog;
        self.row.variables.of(catalog.variables).iter().map(move |row| Variable { catalog, row })
    }

    /// Returns the header that carries the key; `None` for the default header of the protocol.
    #[must_use]
    pub fn header(self) -> Option<&'a str> {
        self.catalog.optional(self.row.header)
    }

    /// Returns the prefix of the key in [`Auth::header`], such as `Bearer`; `None` for the key alone.
    #[must_use]
    pub fn scheme(self) -> Option<&'a str> {
        self.catalog.optional(self.row.scheme)
    }

    /// Returns the query parameter that carries the key; `None` if the key is sent in a header.
    #[must_use]
    pub fn query(self) -> Option<&'a str> {
        self.catalog.optional(self.row.query)
    }
}

impl<'a> Variable<'a> {
    /// Iterates over the names of the variable, in order of preference. Setting one of them is sufficient.
    pub fn env(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let catalog = self.catalog;
        self.row.env.of(catalog.texts).iter().map(move |text| catalog.text(*text))
    }

    /// Returns the purpose of the variable.
    #[must_use]
    pub fn role(self) -> VariableRole {
        VariableRole::from_code(self.row.role).unwrap_or(VariableRole::Resource)
    }

    /// Returns whether the variable may be unset.
    #[must_use]
    pub fn is_optional(self) -> bool {
        self.row.optional != 0
    }

    /// Returns the value used when the variable is unset; `None` if there is no default.
    #[must_use]
    pub fn default(self) -> Option<&'a str> {
        self.catalog.optional(self.row.default)
    }
}

impl<'a> ProviderAlias<'a> {
    /// Returns the alias id.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// Returns the provider that the alias resolves to.
    #[must_use]
    pub fn provider(self) -> Option<Provider<'a>> {
        self.catalog.provider_at(self.row.provider.get() as usize)
    }

    /// Returns the kind of the alias.
    #[must_use]
    pub fn kind(self) -> AliasKind {
        AliasKind::from_code(self.row.kind).unwrap_or(AliasKind::Display)
    }

    /// Returns the reason for the alias.
    #[must_use]
    pub fn reason(self) -> Option<&'a str> {
        self.catalog.optional(self.row.reason)
    }

    /// Returns the date after which the alias may be removed.
    #[must_use]
    pub fn until(self) -> Option<Date> {
        Date::from_packed(self.row.until.get())
    }
}

impl<'a> Source<'a> {
    /// Returns the URL.
    #[must_use]
    pub fn url(self) -> &'a str {
        self.catalog.text(self.row.url)
    }

    /// Returns the date on which the source was last checked.
    #[must_use]
    pub fn checked(self) -> Option<Date> {
        Date::from_packed(self.row.checked.get())
    }
}

impl fmt::Debug for Provider<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.id())
    }
}

impl fmt::Debug for Endpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({} {})", self.id(), self.base_url())
    }
}

impl fmt::Debug for Auth<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Auth({})", self.kind())
    }
}

impl fmt::Debug for ProviderAlias<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderAlias({})", self.id())
    }
}
