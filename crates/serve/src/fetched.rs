//! The formats of other tools that are served, and where.

/// A format of another tool, under the path that its clients ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The path.
    pub path: &'static str,
    /// The name of the format.
    pub target: &'static str,
    /// What it is, in a few words.
    pub what: &'static str,
    /// The name of the operation in the OpenAPI document.
    pub operation: &'static str,
    /// The name of its schema there.
    pub schema: &'static str,
}

/// The formats that are fetched.
pub const FETCHED: &[Fetched] = &[
    Fetched {
        path: "/api.json",
        target: "models.dev",
        what: "models.dev's api.json, which OpenCode and many others fetch",
        operation: "modelsDev",
        schema: "ModelsDev",
    },
    Fetched {
        path: "/v2/providers",
        target: "catwalk",
        what: "Catwalk's list of providers, which Crush fetches",
        operation: "catwalk",
        schema: "Catwalk",
    },
    Fetched {
        path: "/v1/models",
        target: "openai-models",
        what: "OpenAI's list of models",
        operation: "openaiModels",
        schema: "OpenAiModels",
    },
    Fetched {
        path: "/model_prices_and_context_window.json",
        target: "litellm",
        what: "LiteLLM's map of prices",
        operation: "litellm",
        schema: "LiteLlm",
    },
];
