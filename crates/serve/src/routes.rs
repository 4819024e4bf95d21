//! Table of the routes: path, content, documentation and statuses.

/// Content of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RouteKind {
    Index,
    Models,
    Model,
    Evidence,
    Providers,
    Provider,
    Health,
    Document,
    /// Format of another tool, at the path that its clients fetch: the name of the `emit` target, and of the schema in the OpenAPI document.
    Format {
        target: &'static str,
        schema: &'static str,
    },
}

/// Route of the server.
#[derive(Debug)]
pub(crate) struct Route {
    /// Path, with parameters in braces.
    pub(crate) path: &'static str,
    pub(crate) kind: RouteKind,
    /// Operation id, from which generated clients name their method.
    pub(crate) operation: &'static str,
    /// Summary in the OpenAPI document, without a period.
    pub(crate) summary: &'static str,
    /// Short description in the index.
    pub(crate) brief: &'static str,
    /// Status codes, in addition to those that every route has.
    pub(crate) statuses: &'static [u16],
}

const fn route(
    path: &'static str,
    kind: RouteKind,
    operation: &'static str,
    summary: &'static str,
    brief: &'static str,
    statuses: &'static [u16],
) -> Route {
    Route { path, kind, operation, summary, brief, statuses }
}

const fn format(path: &'static str, target: &'static str, operation: &'static str, schema: &'static str, summary: &'static str) -> Route {
    Route { path, kind: RouteKind::Format { target, schema }, operation, summary, brief: summary, statuses: &[304] }
}

/// Every route, in the order of the index.
pub(crate) const ROUTES: &[Route] = &[
    route("/", RouteKind::Index, "index", "Index of the routes, as JSON, or as HTML for a browser", "this index", &[304]),
    route("/models", RouteKind::Models, "listModels", "List of models, optionally filtered", "all models", &[304, 400, 503]),
    route("/models/{ref}", RouteKind::Model, "getModel", "All facts of a model", "all facts of a model", &[304, 400, 404]),
    route(
        "/models/{ref}/evidence",
        RouteKind::Evidence,
        "getEvidence",
        "Evidence of a model: the claims of the sources for each fact, and why one value was chosen",
        "claims of the sources for each fact of a model",
        &[304, 400, 404, 500],
    ),
    route("/providers", RouteKind::Providers, "listProviders", "List of providers", "all providers", &[304]),
    route("/providers/{id}", RouteKind::Provider, "getProvider", "All facts of a provider", "all facts of a provider", &[304, 400, 404]),
    route(
        "/health",
        RouteKind::Health,
        "health",
        "Health of the server. The status code is 200 as long as a catalog is served, even if `status` is `degraded`",
        "health of the server",
        &[],
    ),
    route("/openapi.json", RouteKind::Document, "openapi", "This document", "OpenAPI 3.1 document of these routes", &[304]),
    format("/api.json", "models.dev", "modelsDev", "ModelsDev", "models.dev's api.json, which OpenCode and other tools fetch"),
    format("/v2/providers", "catwalk", "catwalk", "Catwalk", "Catwalk's list of providers, which Crush fetches"),
    format("/v1/models", "openai-models", "openaiModels", "OpenAiModels", "OpenAI's list of models"),
    format("/model_prices_and_context_window.json", "litellm", "litellm", "LiteLlm", "LiteLLM's map of prices and context windows"),
];

impl Route {
    /// Returns whether the route has the format of another tool.
    pub(crate) fn is_format(&self) -> bool {
        matches!(self.kind, RouteKind::Format { .. })
    }

    /// Returns whether the body covers the whole catalog, or is independent of the catalog.
    fn is_full_catalog(&self) -> bool {
        self.is_format() || matches!(self.kind, RouteKind::Models | RouteKind::Providers | RouteKind::Document)
    }
}

/// Returns the routes whose body covers the whole catalog. Formats come first: the hash of the catalog depends on this order.
pub(crate) fn full_catalog_routes() -> impl Iterator<Item = &'static Route> {
    let formats = ROUTES.iter().filter(|route| route.is_format());
    formats.chain(ROUTES.iter().filter(|route| route.is_full_catalog() && !route.is_format()))
}

/// Returns the paths without parameters.
pub(crate) fn paths_without_parameters() -> impl Iterator<Item = &'static str> {
    full_catalog_routes().map(|route| route.path).chain(["/health"])
}
