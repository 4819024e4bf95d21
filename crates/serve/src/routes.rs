//! The routes: what each answers, in the words of the index and of the OpenAPI document, and with which statuses.

use crate::fetched::FETCHED;

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
}

/// A path that is answered.
pub(crate) struct Route {
    /// The path, with the name of a gap in braces.
    pub(crate) path: &'static str,
    pub(crate) answer: Answer,
    /// The name of the operation, which generated clients call their method by.
    pub(crate) operation: &'static str,
    /// What it answers, for the OpenAPI document.
    pub(crate) summary: &'static str,
    /// The same in the few words of the index.
    pub(crate) brief: &'static str,
    /// The statuses beside those that every route has.
    pub(crate) statuses: &'static [u16],
}

/// Every route but those of [`FETCHED`], in the order of the index.
pub(crate) const ROUTES: &[Route] = &[
    Route {
        path: "/",
        answer: Answer::Index,
        operation: "index",
        summary: "The index of routes: JSON, or a page where a browser asks.",
        brief: "this index",
        statuses: &[304],
    },
    Route {
        path: "/models",
        answer: Answer::Models,
        operation: "listModels",
        summary: "The models, or those that pass the filters of a query.",
        brief: "every model",
        statuses: &[304, 400, 503],
    },
    Route {
        path: "/models/{ref}",
        answer: Answer::Model,
        operation: "getModel",
        summary: "Everything that is known of a model.",
        brief: "everything that is known of one",
        statuses: &[304, 400, 404],
    },
    Route {
        path: "/models/{ref}/evidence",
        answer: Answer::Evidence,
        operation: "getEvidence",
        summary: "Which source claims what about each fact of a model, and why one value was chosen.",
        brief: "who says so",
        statuses: &[304, 400, 404, 500],
    },
    Route {
        path: "/providers",
        answer: Answer::Providers,
        operation: "listProviders",
        summary: "The providers.",
        brief: "every provider",
        statuses: &[304],
    },
    Route {
        path: "/providers/{id}",
        answer: Answer::Provider,
        operation: "getProvider",
        summary: "Everything that is known of a provider.",
        brief: "everything that is known of one",
        statuses: &[304, 400, 404],
    },
    Route {
        path: "/health",
        answer: Answer::Health,
        operation: "health",
        summary: "The state of this server. The status code is 200 as long as it serves a catalog, also where `status` is `degraded`.",
        brief: "how this server is",
        statuses: &[],
    },
    Route {
        path: "/openapi.json",
        answer: Answer::Document,
        operation: "openapi",
        summary: "This document.",
        brief: "all of this as OpenAPI 3.1",
        statuses: &[304],
    },
];

/// Every path without a gap.
pub(crate) fn whole_paths() -> impl Iterator<Item = &'static str> {
    let own = ROUTES.iter().map(|route| route.path).filter(|path| *path != "/" && !path.contains('{'));
    FETCHED.iter().map(|fetched| fetched.path).chain(own)
}
