//! Formats whose tools would send the API key of one provider to another provider.

use modeldex_formats::{Loss, LossReport, ModelSelection, emit_target};
use modeldex_table::Moment;
use serde_json::{Value, json};

/// The files of an output by path, and the descriptions of these losses.
struct Output {
    files: Vec<(String, String)>,
    losses: Vec<(Loss, String)>,
}

/// Writes a catalog with these providers in a format.
fn emit(test: &str, format: &str, providers: &[(&str, String)]) -> Output {
    let providers: Vec<(&str, &str)> = providers.iter().map(|(id, text)| (*id, text.as_str())).collect();
    let compiled = crate::compile(&format!("{format}-{test}"), &providers);
    let catalog = compiled.catalog();
    let selection = ModelSelection::all(&catalog, Moment::parse("2026-11-01").unwrap());
    let mut losses = LossReport::default();
    let files = emit_target(format).unwrap().write(&selection, &mut losses);
    Output { files: files.into_iter().map(|file| (file.path, file.text)).collect(), losses: losses.descriptions().collect() }
}

impl Output {
    fn text(&self, path: &str) -> &str {
        &self.files.iter().find(|file| file.0 == path).unwrap().1
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(self.text(path)).unwrap()
    }

    fn loss(&self, loss: Loss) -> Option<&str> {
        self.losses.iter().find(|found| found.0 == loss).map(|found| found.1.as_str())
    }
}

/// Returns a provider with one model, these endpoints (wire protocols) and this authentication method.
fn provider(apis: &[&str], auth: &str) -> String {
    let host = |api: &str| format!("  - {{id: {api}, base_url: https://{api}.example/v1, api: {api}}}\n");
    let endpoints: String = apis.iter().map(|api| host(api)).collect();
    let last = apis.last().unwrap();
    format!(
        "endpoints:\n{endpoints}auth:\n  - {{{auth}}}\nmodels:\n  - {{id: m, context_window: 1000, max_output_tokens: 100, billing: unpriced, \
         endpoints: [{last}]}}\n"
    )
}

fn keyed(api: &str, variables: &str) -> String {
    provider(&[api], &format!("kind: api-key, env: [{variables}]"))
}

#[test]
fn litellm_proxy_warns_of_fallback_variables() {
    let own = [
        ("anthropic", keyed("anthropic-messages", "ANTHROPIC_API_KEY")),
        ("google", keyed("google-generative-ai", "GEMINI_API_KEY")),
        ("local", provider(&["openai-completions"], "kind: none")),
        ("openai", keyed("openai-responses", "OPENAI_API_KEY")),
    ];
    assert_eq!(emit("own", "litellm-proxy", &own).loss(Loss::FallbackKeyVariable), None);

    let mut all = own.to_vec();
    for id in ["acme", "brook", "co", "dawn"] {
        all.push((id, keyed("anthropic-messages", &format!("{}_API_KEY", id.to_uppercase()))));
    }
    let output = emit("others", "litellm-proxy", &all);
    let text = output.loss(Loss::FallbackKeyVariable).unwrap();
    assert!(text.starts_with("LiteLLM sends the value of `OPENAI_API_KEY`, "), "{text}");
    assert!(text.contains(" with requests for 4 models of acme, brook, co and 1 other provider if the provider's own variable"), "{text}");
    assert!(text.ends_with("; set all variables of the file, or write only usable providers with `--usable`"), "{text}");
}

#[test]
fn models_dev_states_one_variable_for_packages_of_vendors() {
    let providers = [
        ("acme", keyed("openai-responses", "ACME_API_KEY, ACME_KEY")),
        // The package of the model, not of the provider.
        ("brook", provider(&["openai-completions", "anthropic-messages"], "kind: api-key, env: [BROOK_API_KEY, BROOK_KEY]")),
        ("compatible", keyed("openai-completions", "COMPATIBLE_API_KEY, COMPATIBLE_KEY")),
        ("google", keyed("google-generative-ai", "GEMINI_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY")),
        ("single", keyed("anthropic-messages", "SINGLE_API_KEY")),
    ];
    let output = emit("vendors", "models.dev", &providers);
    let file = output.json("api.json");
    let env = |id: &str| file[id]["env"].clone();
    assert_eq!((&file["acme"]["npm"], env("acme")), (&json!("@ai-sdk/openai"), json!(["ACME_API_KEY"])));
    let brook = &file["brook"];
    assert_eq!(
        (&brook["npm"], &brook["models"]["m"]["provider"]["npm"]),
        (&json!("@ai-sdk/openai-compatible"), &json!("@ai-sdk/anthropic"))
    );
    assert_eq!(env("brook"), json!(["BROOK_API_KEY"]));
    assert_eq!(env("compatible"), json!(["COMPATIBLE_API_KEY", "COMPATIBLE_KEY"]));
    assert_eq!(env("google"), json!(["GEMINI_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"]));
    assert_eq!(env("single"), json!(["SINGLE_API_KEY"]));
    let text = "the output states only one environment variable for 2 models of acme (without `ACME_KEY`) and brook (without `BROOK_KEY`), \
                because with several variables OpenCode would send the key of another provider";
    assert_eq!(output.loss(Loss::SingleKeyVariable), Some(text));
}
