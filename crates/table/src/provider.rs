//! Views of providers and their endpoints, authentication methods, environment variables, aliases and sources.

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

/// An endpoint of a provider: a base URL with the wire protocol of requests to this URL.
#[derive(Clone, Copy)]
pub struct Endpoint<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a EndpointRow,
}

/// An authentication method of a provider. A provider lists its alternative methods in order of preference.
#[derive(Clone, Copy)]
pub struct Auth<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a AuthRow,
}

/// An environment variable that an authentication method uses in addition to the variable for the API key, for example the variable for a region.
#[derive(Clone, Copy)]
pub struct Variable<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a VariableRow,
}

/// An alias of a provider: an alternative id that resolves to the provider.
#[derive(Clone, Copy)]
pub struct ProviderAlias<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a ProviderAliasRow,
}

/// A source of facts: the URL of a page, and the date on which the facts were last compared with this page.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a SourceRow,
}

impl<'a> Provider<'a> {
    /// Returns the id of the provider: the part before the first slash in the references of its models.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// Returns the display name of the provider.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.catalog.text(self.row.name)
    }

    /// Returns the kind of the provider, such as an aggregator. Returns `None` if the kind is unknown.
    #[must_use]
    pub fn kind(self) -> Option<ProviderKind> {
        self.row.kind.checked_sub(1).and_then(ProviderKind::from_code)
    }

    /// Returns the id of the provider from which this provider inherits facts. Returns `None` if this provider inherits from no other provider.
    #[must_use]
    pub fn extends(self) -> Option<&'a str> {
        self.catalog.optional(self.row.extends)
    }

    /// Returns the URL of the provider's documentation. Returns `None` if the URL is unknown.
    #[must_use]
    pub fn doc_url(self) -> Option<&'a str> {
        self.catalog.optional(self.row.doc_url)
    }

    /// Iterates over the endpoints of the provider. The first endpoint is the default.
    pub fn endpoints(self) -> impl ExactSizeIterator<Item = Endpoint<'a>> + Clone {
        let catalog = self.catalog;
        self.row.endpoints.of(catalog.endpoints).iter().map(move |row| Endpoint { catalog, row })
    }

    /// Returns the endpoint with the id `id`. Returns `None` if the provider has no such endpoint.
    #[must_use]
    pub fn endpoint(self, id: &str) -> Option<Endpoint<'a>> {
        self.endpoints().find(|endpoint| endpoint.id() == id)
    }

    /// Iterates over the alternative authentication methods of the provider, in order of preference.
    pub fn auth(self) -> impl ExactSizeIterator<Item = Auth<'a>> + Clone {
        let catalog = self.catalog;
        self.row.auths.of(catalog.auths).iter().map(move |row| Auth { catalog, row })
    }

    /// Iterates over the models that the provider offers, sorted by id.
    pub fn models(self) -> impl ExactSizeIterator<Item = Model<'a>> + Clone {
        let catalog = self.catalog;
        let start = self.row.models_start.get() as usize;
        let end = start.saturating_add(self.row.models_len.get() as usize);
        catalog.models.get(start..end).unwrap_or(&[]).iter().map(move |row| Model { catalog, row })
    }

    /// Returns the provider's default model. Returns `None` if the catalog states no default model.
    #[must_use]
    pub fn default_model(self) -> Option<Model<'a>> {
        self.catalog.model_at((self.row.default_model.get() as usize).checked_sub(1)?)
    }

    /// Iterates over the aliases of the provider, sorted by alias id.
    pub fn aliases(self) -> impl Iterator<Item = ProviderAlias<'a>> + Clone {
        self.catalog.provider_aliases().filter(move |alias| alias.row.provider.get() as usize == self.index())
    }

    /// Iterates over the sources of the provider's facts.
    pub fn sources(self) -> impl ExactSizeIterator<Item = Source<'a>> + Clone {
        let catalog = self.catalog;
        self.row.sources.of(catalog.sources).iter().map(move |row| Source { catalog, row })
    }

    /// Returns the index of the provider in [`Catalog::providers`]. The index can differ in another version of the catalog.
    #[must_use]
    pub fn index(self) -> usize {
        let start = self.catalog.providers.as_ptr().addr();
        (core::ptr::from_ref(self.row).addr() - start) / size_of::<ProviderRow>()
    }
}

impl<'a> Endpoint<'a> {
    /// Returns the base URL without slashes at its end, for comparison: two base URLs that differ only in these slashes are equivalent.
    #[must_use]
    pub fn normalized_base_url(self) -> &'a str {
        self.base_url().trim_end_matches('/')
    }

    /// Returns the id of the endpoint, which is unique within its provider.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// Returns the base URL, to which the paths of the wire protocol are appended. The base URL may contain environment variables such as
    /// `${AWS_REGION}`.
    #[must_use]
    pub fn base_url(self) -> &'a str {
        self.catalog.text(self.row.base_url)
    }

    /// Iterates over the names of the environment variables in the base URL, such as `AWS_REGION`, in order of occurrence.
    pub fn variables(self) -> impl Iterator<Item = &'a str> + Clone {
        self.base_url().split("${").skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
    }

    /// Returns the wire protocol of the endpoint.
    #[must_use]
    pub fn api(self) -> Api {
        Api::from_code(self.row.api).unwrap_or(Api::OpenaiCompletions)
    }

    /// Returns the region of the endpoint. Returns `None` if the catalog states no region.
    #[must_use]
    pub fn region(self) -> Option<&'a str> {
        self.catalog.optional(self.row.region)
    }

    /// Returns the subscription plan that the endpoint belongs to. Returns `None` if the endpoint belongs to no plan.
    #[must_use]
    pub fn plan(self) -> Option<&'a str> {
        self.catalog.optional(self.row.plan)
    }

    /// Iterates over the names and values of additional headers that requests to the endpoint need, sorted by name. No value is a secret.
    pub fn headers(self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone {
        let catalog = self.catalog;
        self.row.headers.of(catalog.headers).iter().map(move |row| (catalog.text(row.name), catalog.text(row.value)))
    }

    /// Returns the request field in which the endpoint expects the maximum number of output tokens. Returns `None` if the field is unknown.
    #[must_use]
    pub fn max_tokens_field(self) -> Option<MaxTokensField> {
        self.row.max_tokens_field.checked_sub(1).and_then(MaxTokensField::from_code)
    }

    /// Returns whether the endpoint supports `feature`, an optional part of its wire protocol. Returns `None` if the support is unknown.
    #[must_use]
    pub fn supports(self, feature: WireFeature) -> Option<bool> {
        let known = self.row.known >> feature.code() & 1 == 1;
        known.then(|| self.row.supported >> feature.code() & 1 == 1)
    }
}

impl<'a> Auth<'a> {
    /// Returns the kind of authentication, such as an API key or OAuth.
    #[must_use]
    pub fn kind(self) -> AuthKind {
        AuthKind::from_code(self.row.kind).unwrap_or(AuthKind::ApiKey)
    }

    /// Iterates over the names of environment variables that can contain the API key, in order of preference. One of these variables suffices.
    pub fn env(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let catalog = self.catalog;
        self.row.env.of(catalog.texts).iter().map(move |text| catalog.text(*text))
    }

    /// Iterates over the environment variables that the method uses in addition to the API key. A variable may be unset if it is
    /// [optional](Variable::is_optional) or has a [default value](Variable::default). All other variables must be set.
    pub fn variables(self) -> impl ExactSizeIterator<Item = Variable<'a>> + Clone {
        let catalog = self.catalog;
        self.row.variables.of(catalog.variables).iter().map(move |row| Variable { catalog, row })
    }

    /// Returns the name of the request header that carries the API key. Returns `None` if the catalog states no header: the key is then sent in the
    /// [query parameter](Auth::query) if there is one, else in the default header of the wire protocol.
    #[must_use]
    pub fn header(self) -> Option<&'a str> {
        self.catalog.optional(self.row.header)
    }

    /// Returns the word before the API key in [`Auth::header`], such as `Bearer`. Returns `None` if the header contains only the key.
    #[must_use]
    pub fn scheme(self) -> Option<&'a str> {
        self.catalog.optional(self.row.scheme)
    }

    /// Returns the name of the query parameter that carries the API key. Returns `None` if the key is sent in a header.
    #[must_use]
    pub fn query(self) -> Option<&'a str> {
        self.catalog.optional(self.row.query)
    }
}

impl<'a> Variable<'a> {
    /// Iterates over the alternative names of the variable, in order of preference. It suffices to set the variable under one of these names.
    pub fn env(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let catalog = self.catalog;
        self.row.env.of(catalog.texts).iter().map(move |text| catalog.text(*text))
    }

    /// Returns the purpose of the variable, such as a region or an account name.
    #[must_use]
    pub fn role(self) -> VariableRole {
        VariableRole::from_code(self.row.role).unwrap_or(VariableRole::Resource)
    }

    /// Returns whether the authentication method also works if the variable is unset.
    #[must_use]
    pub fn is_optional(self) -> bool {
        self.row.optional != 0
    }

    /// Returns the value that is used if the variable is unset. Returns `None` if there is no default value.
    #[must_use]
    pub fn default(self) -> Option<&'a str> {
        self.catalog.optional(self.row.default)
    }
}

impl<'a> ProviderAlias<'a> {
    /// Returns the alternative id of the provider.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// Returns the provider that the alias resolves to. Returns `None` only if the catalog is corrupt.
    #[must_use]
    pub fn provider(self) -> Option<Provider<'a>> {
        self.catalog.provider_at(self.row.provider.get() as usize)
    }

    /// Returns the kind of the alias, such as an old id or an alternative spelling.
    #[must_use]
    pub fn kind(self) -> AliasKind {
        AliasKind::from_code(self.row.kind).unwrap_or(AliasKind::Display)
    }

    /// Returns the reason why the alias exists. Returns `None` if the catalog states no reason.
    #[must_use]
    pub fn reason(self) -> Option<&'a str> {
        self.catalog.optional(self.row.reason)
    }

    /// Returns the date after which the alias may be removed. Returns `None` if there is no such date.
    #[must_use]
    pub fn until(self) -> Option<Date> {
        Date::from_packed(self.row.until.get())
    }
}

impl<'a> Source<'a> {
    /// Returns the URL of the source.
    #[must_use]
    pub fn url(self) -> &'a str {
        self.catalog.text(self.row.url)
    }

    /// Returns the date on which the facts were last compared with the source. Returns `None` if the date is unknown.
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
