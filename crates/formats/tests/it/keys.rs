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
    assert!(text.starts_with("if the provider's own variable is not set, LiteLLM sends the value of `OPENAI_API_KEY`, "), "{text}");
    assert!(text.contains(" with requests for 4 models of acme, brook, co and 1 other provider; "), "{text}");
    assert!(
        text.ends_with("; set all variables that the file references, or use `--usable` to write only providers whose variables are set"),
        "{text}"
    );
}

#[test]
fn litellm_proxy_omits_names_that_litellm_replaces() {
    let providers = [("os.environ", keyed("openai-completions", "ACME_API_KEY")), ("other", keyed("openai-completions", "OTHER_API_KEY"))];
    let output = emit("environ", "litellm-proxy", &providers);
    assert_eq!(output.loss(Loss::TemplateInId), Some("the output omits 1 model whose id the tool would parse as a template"));
    assert!(!output.text("config.yaml").contains("model_name: os.environ/"), "{}", output.text("config.yaml"));
}

#[test]
fn catwalk_warns_of_a_token_that_crush_adds() {
    let providers = [
        ("acme", keyed("anthropic-messages", "ACME_API_KEY")),
        ("anthropic", keyed("anthropic-messages", "ANTHROPIC_API_KEY")),
        ("brook", keyed("openai-completions", "BROOK_API_KEY")),
    ];
    let text = "if `ANTHROPIC_AUTH_TOKEN` is set, Crush also sends the value of this variable with requests for 1 model of acme; \
                unset the variable before you start Crush";
    assert_eq!(emit("token", "catwalk", &providers).loss(Loss::ExtraKeyVariable), Some(text));
    assert_eq!(emit("own-token", "catwalk", &providers[1..]).loss(Loss::ExtraKeyVariable), None);
}

#[test]
fn models_dev_has_no_cloud_package_beside_a_base_url() {
    let keys = |owner: &str| format!("kind: api-key, env: [{owner}_API_KEY, {owner}_KEY]");
    for api in ["azure-openai", "bedrock-converse", "google-vertex"] {
        let providers = [
            ("acme", provider(&["openai-completions", api], &keys("ACME"))),
            ("cloud", provider(&[api], &keys("CLOUD"))),
            ("gateway", provider(&[api, "openai-completions"], &keys("GATEWAY"))),
            ("vendor", provider(&[api, "anthropic-messages"], &keys("VENDOR"))),
        ];
        let output = emit(&format!("cloud-{api}"), "models.dev", &providers);
        let file = output.json("api.json");
        assert_eq!(file["acme"]["models"], json!({}), "{api}");
        assert!(output.loss(Loss::ForeignKeyVariable).unwrap().contains(" 2 models of acme and vendor"), "{api}");
        assert!(file["cloud"]["models"]["m"].is_object() && file["cloud"].get("api").is_none(), "{api}");
        assert_eq!(file["gateway"]["models"]["m"]["provider"]["api"], json!("https://openai-completions.example/v1"), "{api}");
        // OpenCode finds the credentials of a cloud provider itself, and then the package of a vendor would receive no key.
        assert_eq!(file["vendor"]["models"], json!({}), "{api}");
    }
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
    let text = "the output states only one of several environment variables for 2 models of acme (without `ACME_KEY`) and brook (without `BROOK_KEY`), \
                because with several variables OpenCode would send the key of another provider";
    assert_eq!(output.loss(Loss::SingleKeyVariable), Some(text));
    let sent = output.loss(Loss::VendorKeyVariable).unwrap();
    assert!(
        sent.contains("with requests for 3 models of acme, brook and single; for each provider that your OpenCode configuration"),
        "{sent}"
    );
}

#[test]
fn models_dev_omits_providers_without_a_key_and_with_the_package_of_a_vendor() {
    let providers = [
        ("keyless", provider(&["anthropic-messages"], "kind: none")),
        ("local", provider(&["openai-completions"], "kind: none")),
        ("signed-in", provider(&["openai-responses"], "kind: oauth")),
    ];
    let output = emit("keyless", "models.dev", &providers);
    let written: Vec<String> = output.json("api.json").as_object().unwrap().keys().cloned().collect();
    assert_eq!(written, ["local"]);
    assert!(output.loss(Loss::ForeignKeyVariable).is_some_and(|text| text.contains("keyless") && text.contains("signed-in")));
}

#[test]
fn providers_with_a_derived_variable_of_another_provider_are_left_out() {
    let providers = [
        // Zed reads `ACME_2_API_KEY`, and aichat reads `ACME2_API_KEY`.
        ("acme2", keyed("openai-completions", "ACME_TWO_KEY")),
        ("co", keyed("openai-completions", "CO_KEY")),
        ("cohere", keyed("openai-completions", "COHERE_API_KEY, CO_API_KEY, ACME_2_API_KEY")),
        // Both providers have this variable.
        ("dawn", keyed("openai-completions", "DAWN_KEY, DAWN_API_KEY")),
        ("dawn-eu", keyed("openai-completions", "DAWN_API_KEY")),
    ];
    let aichat = emit("derived", "aichat", &providers);
    let text = "the output omits 1 model of co (`CO_API_KEY`) whose API key the tool would read from a variable of another provider";
    assert_eq!(aichat.loss(Loss::ForeignKeyVariable), Some(text));
    for path in ["config.yaml", "models-override.yaml"] {
        let names =
            aichat.text(path).lines().filter_map(|line| line.split_once("name: ").or(line.split_once("provider: "))).map(|line| line.1);
        let names: Vec<_> = names.filter(|name| *name != "m").collect();
        assert!(!names.contains(&"co") && names.contains(&"acme2") && names.contains(&"cohere") && names.contains(&"dawn"), "{names:?}");
    }
    assert!(aichat.loss(Loss::DerivedKeyVariable).unwrap().contains("3 models"), "{:?}", aichat.losses);

    let zed = emit("derived", "zed", &providers);
    let text = "the output omits 2 models of acme2 (`ACME_2_API_KEY`) and co (`CO_API_KEY`) whose API key the tool would read from a variable of \
                another provider";
    assert_eq!(zed.loss(Loss::ForeignKeyVariable), Some(text));
    let written = zed.json("settings.json")["language_models"]["openai_compatible"].clone();
    let ids: Vec<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(ids, ["cohere", "dawn", "dawn-eu"]);
}

#[test]
fn the_other_provider_need_not_be_selected() {
    let providers = [("co", keyed("openai-completions", "CO_KEY")), ("cohere", keyed("openai-completions", "CO_API_KEY"))];
    let providers: Vec<(&str, &str)> = providers.iter().map(|(id, text)| (*id, text.as_str())).collect();
    let compiled = crate::compile("selected", &providers);
    let catalog = compiled.catalog();
    let selection = ModelSelection::filtered(&catalog, Moment::parse("2026-11-01").unwrap(), |model| model.provider().id() == "co");
    let mut losses = LossReport::default();
    let files = emit_target("zed").unwrap().write(&selection, &mut losses);
    assert!(!files[0].text.contains("https://"), "{files:?}");
    assert!(losses.contains(Loss::ForeignKeyVariable, selection.models()[0]));
}
