//! Table of the server's routes, with their path, content, documentation and status codes.

/// Content of the page at a route.
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
    /// Catalog in the format of another tool, at the path that clients of that tool fetch.
    Format {
        /// Name of the target of `modeldex emit`.
        target: &'static str,
        /// Name of the schema in the OpenAPI document.
        schema: &'static str,
    },
}

/// Route of the server.
#[derive(Debug)]
pub(crate) struct Route {
    /// Path, with parameters in braces.
    pub(crate) path: &'static str,
    pub(crate) kind: RouteKind,
    /// Operation id in the OpenAPI document. Generated clients name a method after it.
    pub(crate) operation: &'static str,
    /// Summary in the OpenAPI document, without a period at the end.
    pub(crate) summary: &'static str,
    /// Short description in the index of the routes.
    pub(crate) brief: &'static str,
    /// Status codes of the route, in addition to the status codes that all routes have.
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

/// All routes, in the order of the index.
pub(crate) const ROUTES: &[Route] = &[
    route(
        "/",
        RouteKind::Index,
        "index",
        "Index of the server's paths, as HTML for browsers and as JSON for other clients",
        "this index",
        &[304],
    ),
    route(
        "/models",
        RouteKind::Models,
        "listModels",
        "List of the models that match the query; without a query, list of all models",
        "all models",
        &[304, 400, 503],
    ),
    route("/models/{ref}", RouteKind::Model, "getModel", "All facts of a model", "all facts of a model", &[304, 400, 404]),
    route(
        "/models/{ref}/evidence",
        RouteKind::Evidence,
        "getEvidence",
        "Evidence of a model: for each fact, the values that sources claim, and the reason for the catalog value",
        "evidence of a model: for each fact, the values that sources claim",
        &[304, 400, 404, 500],
    ),
    route("/providers", RouteKind::Providers, "listProviders", "List of providers", "all providers", &[304]),
    route("/providers/{id}", RouteKind::Provider, "getProvider", "All facts of a provider", "all facts of a provider", &[304, 400, 404]),
    route(
        "/health",
        RouteKind::Health,
        "health",
        "Health of the server. The HTTP status is 200 even if the response has `status: degraded`: the server still serves the last valid catalog",
        "health of the server",
        &[],
    ),
    route(
        "/openapi.json",
        RouteKind::Document,
        "openapi",
        "The OpenAPI document, which describes all routes",
        "OpenAPI 3.1 document of these paths",
        &[304],
    ),
    format(
        "/api.json",
        "models.dev",
        "modelsDev",
        "ModelsDev",
        "The catalog as models.dev's api.json, which OpenCode and other tools fetch",
    ),
    format("/v2/providers", "catwalk", "catwalk", "Catwalk", "The catalog as Catwalk's list of providers, which Crush fetches"),
    format("/v1/models", "openai-models", "openaiModels", "OpenAiModels", "The list of models in OpenAI's format"),
    format(
        "/model_prices_and_context_window.json",
        "litellm",
        "litellm",
        "LiteLlm",
        "The catalog as LiteLLM's map of prices and context windows",
    ),
];

impl Route {
    /// Returns whether the page at the route has the format of another tool.
    pub(crate) fn is_format(&self) -> bool {
        matches!(self.kind, RouteKind::Format { .. })
    }

    /// Returns whether the page at the route covers the whole catalog, or does not depend on the catalog.
    fn is_full_catalog(&self) -> bool {
        self.is_format() || matches!(self.kind, RouteKind::Models | RouteKind::Providers | RouteKind::Document)
    }
}

/// Returns the routes whose pages cover the whole catalog. Formats of other tools come first, because the hash of the catalog depends on the order.
pub(crate) fn full_catalog_routes() -> impl Iterator<Item = &'static Route> {
    let formats = ROUTES.iter().filter(|route| route.is_format());
    formats.chain(ROUTES.iter().filter(|route| route.is_full_catalog() && !route.is_format()))
}

/// Returns the paths of the routes that have no parameters.
pub(crate) fn paths_without_parameters() -> impl Iterator<Item = &'static str> {
    full_catalog_routes().map(|route| route.path).chain(["/health"])
}
