//! Under which name LiteLLM knows a provider.

use modeldex_table::{Provider, ProviderAlias};

/// The providers that LiteLLM has a route for and that this catalog knows under the same or another name, sorted.
const ROUTES: &[&str] = &[
    "abliteration",
    "ai21",
    "aiand",
    "aihubmix",
    "aiml",
    "amazon_nova",
    "anthropic",
    "anyscale",
    "azure",
    "azure_ai",
    "baseten",
    "bedrock",
    "bedrock_mantle",
    "bigmodel",
    "cerebras",
    "chatgpt",
    "chutes",
    "clarifai",
    "clf_ai_gateway",
    "cloudflare",
    "codestral",
    "cognition",
    "cohere",
    "cometapi",
    "compactifai",
    "coralbricks",
    "cortecs",
    "crusoe",
    "darkbloom",
    "dashscope",
    "databricks",
    "deepinfra",
    "deepseek",
    "edenai",
    "empiriolabs",
    "featherless_ai",
    "fireworks_ai",
    "friendliai",
    "gemini",
    "github_copilot",
    "gmi",
    "gradient_ai",
    "groq",
    "helicone",
    "heroku",
    "hosted_vllm",
    "hostinger_router",
    "huggingface",
    "hyperbolic",
    "inception",
    "inferenceapis",
    "jina_ai",
    "kyma",
    "lambda_ai",
    "lemonade",
    "libertai",
    "llamafile",
    "llamagate",
    "lm_studio",
    "meta",
    "meta_llama",
    "minimax",
    "mistral",
    "modelscope",
    "moonshot",
    "morph",
    "nano-gpt",
    "nebius",
    "novita",
    "nscale",
    "nvidia_nim",
    "oci",
    "ollama",
    "openai",
    "opencode",
    "opencode_go",
    "openinfer",
    "openrouter",
    "ovhcloud",
    "parasail",
    "perplexity",
    "pinstripes",
    "poe",
    "prism",
    "publicai",
    "qwen_ai_platform",
    "qwencloud",
    "refuseless",
    "reka",
    "sail",
    "sambanova",
    "sarvam",
    "scaleway",
    "scx-ai",
    "snowflake",
    "streamlake",
    "synthetic",
    "tencent",
    "tensormesh",
    "together_ai",
    "v0",
    "veniceai",
    "vercel_ai_gateway",
    "vertex_ai",
    "vllm",
    "volcengine",
    "voyage",
    "wandb",
    "xai",
    "xiaomi_mimo",
    "zai",
    "zerogpu",
];

/// The provider's own id where LiteLLM has a route of that name, else the other id of it that is one, else its own id.
pub(super) fn litellm(provider: Provider<'_>) -> &str {
    let is_route = |id: &str| ROUTES.binary_search(&id).is_ok();
    if is_route(provider.id()) {
        return provider.id();
    }
    provider.aliases().map(ProviderAlias::id).find(|id| is_route(id)).unwrap_or(provider.id())
}

/// What stands before an id in the key of a row: the route, but for one that is spelled otherwise there.
pub(super) fn prefix(route: &str) -> &str {
    if route == "amazon_nova" { "amazon-nova" } else { route }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_sorted() {
        assert!(ROUTES.is_sorted());
    }
}
