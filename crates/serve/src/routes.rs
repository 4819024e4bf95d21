//! The routes: what each answers, in the words of the index and of the OpenAPI document, and with which statuses.

/// What a path answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Index,
    Models,
    Model,
    Evidence,
    Providers,
    Provider,
    Health,
    Document,
    /// The format of another tool, under the path that its clients fetch, by its name and by that of its schema in the OpenAPI document.
    Format {
        target: &'static str,
        schema: &'static str,
    },
}

/// A path that is answered.
#[derive(Debug)]
pub(crate) struct Route {
    /// The path, with the name of a gap in braces.
    pub(crate) path: &'static str,
    pub(crate) answer: Answer,
    /// The name of the operation, which generated clients call their method by.
    pub(crate) operation: &'static str,
    /// What it answers, for the OpenAPI document, without a period.
    pub(crate) summary: &'static str,
    /// The same in the few words of the index.
    pub(crate) brief: &'static str,
    /// The statuses beside those that every route has.
    pub(crate) statuses: &'static [u16],
}

const fn route(
    path: &'static str,
    answer: Answer,
    operation: &'static str,
    summary: &'static str,
    brief: &'static str,
    statuses: &'static [u16],
) -> Route {
    Route { path, answer, operation, summary, brief, statuses }
}

const fn format(path: &'static str, target: &'static str, operation: &'static str, schema: &'static str, summary: &'static str) -> Route {
    Route { path, answer: Answer::Format { target, schema }, operation, summary, brief: summary, statuses: &[304] }
}

/// Every route, in the order of the index.
pub(crate) const ROUTES: &[Route] = &[
    route("/", Answer::Index, "index", "The index of routes: JSON, or a page where a browser asks", "this index", &[304]),
    route(
        "/models",
        Answer::Models,
        "listModels",
        "The models, or those that pass the filters of a query",
        "every model",
        &[304, 400, 503],
    ),
    route(
        "/models/{ref}",
        Answer::Model,
        "getModel",
        "Everything that is known of a model",
        "everything that is known of one",
        &[304, 400, 404],
    ),
    route(
        "/models/{ref}/evidence",
        Answer::Evidence,
        "getEvidence",
        "Which source claims what about each fact of a model, and why one value was chosen",
        "who says so",
        &[304, 400, 404, 500],
    ),
    route("/providers", Answer::Providers, "listProviders", "The providers", "every provider", &[304]),
    route(
        "/providers/{id}",
        Answer::Provider,
        "getProvider",
        "Everything that is known of a provider",
        "everything that is known of one",
        &[304, 400, 404],
    ),
    route(
        "/health",
        Answer::Health,
        "health",
        "The state of this server. The status code is 200 as long as it serves a catalog, also where `status` is `degraded`",
        "how this server is",
        &[],
    ),
    route("/openapi.json", Answer::Document, "openapi", "This document", "all of this as OpenAPI 3.1", &[304]),
    format("/api.json", "models.dev", "modelsDev", "ModelsDev", "models.dev's api.json, which OpenCode and many others fetch"),
    format("/v2/providers", "catwalk", "catwalk", "Catwalk", "Catwalk's list of providers, which Crush fetches"),
    format("/v1/models", "openai-models", "openaiModels", "OpenAiModels", "OpenAI's list of models"),
    format("/model_prices_and_context_window.json", "litellm", "litellm", "LiteLlm", "LiteLLM's map of prices"),
];

impl Route {
    /// Whether it is the format of another tool.
    pub(crate) fn is_format(&self) -> bool {
        matches!(self.answer, Answer::Format { .. })
    }

    /// Whether its body holds the whole catalog, or is the same for every catalog.
    fn is_whole(&self) -> bool {
        self.is_format() || matches!(self.answer, Answer::Models | Answer::Providers | Answer::Document)
    }
}

/// The routes whose one body is kept; formats first, which is the order that the version of a catalog is made of.
pub(crate) fn whole() -> impl Iterator<Item = &'static Route> {
    let formats = ROUTES.iter().filter(|route| route.is_format());
    formats.chain(ROUTES.iter().filter(|route| route.is_whole() && !route.is_format()))
}

/// Every path without a gap.
pub(crate) fn whole_paths() -> impl Iterator<Item = &'static str> {
    whole().map(|route| route.path).chain(["/health"])
}
