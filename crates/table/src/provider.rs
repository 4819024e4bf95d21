//! Views of a provider: where it is asked and how it knows who asks.

use crate::model::Model;
use crate::rows::*;
use crate::{AliasKind, Api, AuthKind, Catalog, Date, MaxTokensField, ProviderKind, VariableRole, WireFeature};
use core::fmt;

/// A service that requests are sent to.
#[derive(Clone, Copy)]
pub struct Provider<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a ProviderRow,
}

/// One base URL of a provider.
#[derive(Clone, Copy)]
pub struct Endpoint<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a EndpointRow,
}

/// One way to prove who asks; a provider lists alternatives in order of preference.
#[derive(Clone, Copy)]
pub struct Auth<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a AuthRow,
}

/// An environment variable that is needed beside the key.
#[derive(Clone, Copy)]
pub struct Variable<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a VariableRow,
}

/// Another id of a provider.
#[derive(Clone, Copy)]
pub struct ProviderAlias<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a ProviderAliasRow,
}

/// Who published a fact, and when that was looked up.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a SourceRow,
}

impl<'a> Provider<'a> {
    /// The id: the part of a reference before the first slash.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// The name on screen.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.catalog.text(self.row.name)
    }

    /// What kind of service it is, where that is known.
    #[must_use]
    pub fn kind(self) -> Option<ProviderKind> {
        self.row.kind.checked_sub(1).and_then(ProviderKind::from_code)
    }

    /// The provider whose entry it was made from.
    #[must_use]
    pub fn extends(self) -> Option<&'a str> {
        self.catalog.optional(self.row.extends)
    }

    /// Its documentation.
    #[must_use]
    pub fn doc_url(self) -> Option<&'a str> {
        self.catalog.optional(self.row.doc_url)
    }

    /// Its base URLs; the first is the default.
    pub fn endpoints(self) -> impl ExactSizeIterator<Item = Endpoint<'a>> + Clone {
        let catalog = self.catalog;
        self.row.endpoints.of(catalog.endpoints).iter().map(move |row| Endpoint { catalog, row })
    }

    /// The endpoint with this id.
    #[must_use]
    pub fn endpoint(self, id: &str) -> Option<Endpoint<'a>> {
        self.endpoints().find(|endpoint| endpoint.id() == id)
    }

    /// The ways to prove who asks, in order of preference.
    pub fn auth(self) -> impl ExactSizeIterator<Item = Auth<'a>> + Clone {
        let catalog = self.catalog;
        self.row.auths.of(catalog.auths).iter().map(move |row| Auth { catalog, row })
    }

    /// Its models, by id.
    pub fn models(self) -> impl ExactSizeIterator<Item = Model<'a>> + Clone {
        let catalog = self.catalog;
        let start = self.row.models_start.get() as usize;
        let end = start.saturating_add(self.row.models_len.get() as usize);
        catalog.models.get(start..end).unwrap_or(&[]).iter().map(move |row| Model { catalog, row })
    }

    /// The model that the provider itself would pick.
    #[must_use]
    pub fn default_model(self) -> Option<Model<'a>> {
        self.catalog.model_at((self.row.default_model.get() as usize).checked_sub(1)?)
    }

    /// Its other ids.
    pub fn aliases(self) -> impl Iterator<Item = ProviderAlias<'a>> + Clone {
        self.catalog.provider_aliases().filter(move |alias| alias.row.provider.get() as usize == self.place())
    }

    /// Where the facts about the provider come from.
    pub fn sources(self) -> impl ExactSizeIterator<Item = Source<'a>> + Clone {
        let catalog = self.catalog;
        self.row.sources.of(catalog.sources).iter().map(move |row| Source { catalog, row })
    }

    /// Its place in [`Catalog::providers`], stable for one build of the catalog.
    #[must_use]
    pub fn place(self) -> usize {
        let start = self.catalog.providers.as_ptr().addr();
        (core::ptr::from_ref(self.row).addr() - start) / size_of::<ProviderRow>()
    }
}

impl<'a> Endpoint<'a> {
    /// The base URL without a slash at its end: what two endpoints have in common where requests go to the same place.
    #[must_use]
    pub fn place_url(self) -> &'a str {
        self.base_url().trim_end_matches('/')
    }

    /// The id within the provider.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// The URL that paths of the protocol are appended to, as it was written: it may hold variables such as `${AWS_REGION}`.
    #[must_use]
    pub fn base_url(self) -> &'a str {
        self.catalog.text(self.row.base_url)
    }

    /// The names of the variables in the URL, in order.
    pub fn variables(self) -> impl Iterator<Item = &'a str> + Clone {
        self.base_url().split("${").skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
    }

    /// The wire protocol.
    #[must_use]
    pub fn api(self) -> Api {
        Api::from_code(self.row.api).unwrap_or(Api::OpenaiCompletions)
    }

    /// The part of the world it serves.
    #[must_use]
    pub fn region(self) -> Option<&'a str> {
        self.catalog.optional(self.row.region)
    }

    /// The subscription it belongs to.
    #[must_use]
    pub fn plan(self) -> Option<&'a str> {
        self.catalog.optional(self.row.plan)
    }

    /// The headers that it wants beside the usual ones: name and value, by name. None of them is a secret.
    pub fn headers(self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone {
        let catalog = self.catalog;
        self.row.headers.of(catalog.headers).iter().map(move |row| (catalog.text(row.name), catalog.text(row.value)))
    }

    /// The field that says how many tokens the answer may have, where that is known.
    #[must_use]
    pub fn max_tokens_field(self) -> Option<MaxTokensField> {
        self.row.max_tokens_field.checked_sub(1).and_then(MaxTokensField::from_code)
    }

    /// Whether it takes a part of its protocol: `None` when nobody has said.
    #[must_use]
    pub fn supports(self, feature: WireFeature) -> Option<bool> {
        let known = self.row.known >> feature.code() & 1 == 1;
        known.then(|| self.row.able >> feature.code() & 1 == 1)
    }
}

impl<'a> Auth<'a> {
    /// How it proves who asks.
    #[must_use]
    pub fn kind(self) -> AuthKind {
        AuthKind::from_code(self.row.kind).unwrap_or(AuthKind::ApiKey)
    }

    /// The names of environment variables that may hold the key, in order of preference. Any one is enough.
    pub fn env(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let catalog = self.catalog;
        self.row.env.of(catalog.texts).iter().map(move |text| catalog.text(*text))
    }

    /// What is needed beside the key. All that are not optional are needed.
    pub fn variables(self) -> impl ExactSizeIterator<Item = Variable<'a>> + Clone {
        let catalog = self.catalog;
        self.row.variables.of(catalog.variables).iter().map(move |row| Variable { catalog, row })
    }

    /// The header that the key goes into, where that is not the usual one of the protocol.
    #[must_use]
    pub fn header(self) -> Option<&'a str> {
        self.catalog.optional(self.row.header)
    }

    /// What stands before the key in [`Auth::header`], such as `Bearer`; nothing does where there is none.
    #[must_use]
    pub fn scheme(self) -> Option<&'a str> {
        self.catalog.optional(self.row.scheme)
    }

    /// The parameter of the query that the key goes into, where it goes into no header.
    #[must_use]
    pub fn query(self) -> Option<&'a str> {
        self.catalog.optional(self.row.query)
    }
}

impl<'a> Variable<'a> {
    /// Its names, in order of preference. Any one is enough.
    pub fn env(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let catalog = self.catalog;
        self.row.env.of(catalog.texts).iter().map(move |text| catalog.text(*text))
    }

    /// What it is for.
    #[must_use]
    pub fn role(self) -> VariableRole {
        VariableRole::from_code(self.row.role).unwrap_or(VariableRole::Resource)
    }

    /// Whether it may be left unset.
    #[must_use]
    pub fn is_optional(self) -> bool {
        self.row.optional != 0
    }

    /// The value when it is unset.
    #[must_use]
    pub fn default(self) -> Option<&'a str> {
        self.catalog.optional(self.row.default)
    }
}

impl<'a> ProviderAlias<'a> {
    /// The other id.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// The provider it stands for.
    #[must_use]
    pub fn provider(self) -> Option<Provider<'a>> {
        self.catalog.provider_at(self.row.provider.get() as usize)
    }

    /// What kind of alias it is.
    #[must_use]
    pub fn kind(self) -> AliasKind {
        AliasKind::from_code(self.row.kind).unwrap_or(AliasKind::Display)
    }

    /// Why it exists.
    #[must_use]
    pub fn reason(self) -> Option<&'a str> {
        self.catalog.optional(self.row.reason)
    }

    /// The day after which it may go.
    #[must_use]
    pub fn until(self) -> Option<Date> {
        Date::from_packed(self.row.until.get())
    }
}

impl<'a> Source<'a> {
    /// Where it can be read.
    #[must_use]
    pub fn url(self) -> &'a str {
        self.catalog.text(self.row.url)
    }

    /// When it was read.
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
