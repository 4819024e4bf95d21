//! Pitfalls of two tools that reject a whole file for one word, each with a catalog that triggers it.

use modeldex_formats::{Loss, LossReport, ModelSelection, emit_target};
use modeldex_table::{Fact, Moment};
use serde_json::{Value, json};

/// Returns the output of a target for a catalog with these providers, and the losses.
fn emit(test: &str, name: &str, providers: &[(&str, &str)]) -> (Value, Vec<(Loss, usize)>) {
    let compiled = crate::compile(&format!("{name}-{test}"), providers);
    let catalog = compiled.catalog();
    let selection = ModelSelection::all(&catalog, Moment::parse("2026-11-01").expect("a day"));
    let mut lost = LossReport::default();
    let documents = emit_target(name).expect("a target").write(&selection, &mut lost);
    let value = serde_json::from_str(&documents[0].text).expect("JSON");
    (value, lost.counts().filter(|(loss, _)| loss.unsupported_part().is_none()).collect())
}

fn openclaw(test: &str, providers: &[(&str, &str)]) -> (Value, Vec<(Loss, usize)>) {
    let (value, lost) = emit(test, "openclaw", providers);
    (value["models"]["providers"].clone(), lost)
}

fn pi(test: &str, providers: &[(&str, &str)]) -> (Value, Vec<(Loss, usize)>) {
    let (value, lost) = emit(test, "pi", providers);
    (value["providers"].clone(), lost)
}

const KEY: &str = "auth:\n  - {kind: api-key, env: [ACME_API_KEY]}\n";
const LIMITS: &str = "context_window: 1000, max_output_tokens: 100, input: [text]";

/// Returns a provider with one endpoint, an API key, and models with limits and the given facts.
fn acme(api: &str, models: &[(&str, &str)]) -> String {
    let rows: String = models.iter().map(|(id, more)| format!("  - {{id: {id}, {LIMITS}, {more}}}\n")).collect();
    format!("endpoints:\n  - {{base_url: https://acme.example/v1, api: {api}}}\n{KEY}models:\n{rows}")
}

const PRICED: &str = "prices: [{input: 2, output: 12, cache_read: 0.2}]";

#[test]
fn writes_a_fragment_for_every_version() {
    let (value, lost) =
        emit("whole", "openclaw", &[("acme", &acme("openai-completions", &[("m", &format!("name: M, reasoning: true, {PRICED}"))]))]);
    let expected = json!({"models": {"mode": "merge", "providers": {"acme": {
        "baseUrl": "https://acme.example/v1", "apiKey": "${ACME_API_KEY}", "auth": "api-key", "api": "openai-completions",
        "models": [{
            "id": "m", "name": "M", "reasoning": true, "input": ["text"],
            "cost": {"input": 2, "output": 12, "cacheRead": 0.2, "cacheWrite": 2}, "contextWindow": 1000, "maxTokens": 100,
            "compat": {
                "supportsStore": false, "supportsDeveloperRole": false, "supportsReasoningEffort": false, "maxTokensField": "max_tokens",
            },
        }],
    }}}});
    assert_eq!(value, expected);
    assert_eq!(lost, []);
}

#[test]
fn compat_is_the_endpoints_own() {
    let text = "endpoints:\n  - {base_url: https://acme.example/v1, api: openai-completions, headers: {X-A: b}, compat: {max_tokens_field: \
                max_completion_tokens, developer_role: true, store: true, reasoning_effort: true, stream_usage: false}}\n"
        .to_owned()
        + KEY
        + "models:\n  - {id: m, context_window: 9, max_output_tokens: 9, reasoning: true, billing: free,\n"
        + "     reasoning_efforts: [none, low, max]}\n";
    let (value, _) = openclaw("compat", &[("acme", &text)]);
    let row = &value["acme"]["models"][0];
    let all = json!({
        "supportsStore": true, "supportsDeveloperRole": true, "supportsReasoningEffort": true, "maxTokensField": "max_completion_tokens",
    });
    assert_eq!(row["compat"], all);
    // Unknown input modalities are left out.
    assert_eq!((value["acme"]["headers"].clone(), row.get("input")), (json!({"X-A": "b"}), None));
    let (value, _) = pi("compat", &[("acme", &text)]);
    let row = &value["acme"]["models"][0];
    assert_eq!((&row["compat"]["supportsUsageInStreaming"], &row["headers"]), (&json!(false), &json!({"X-A": "b"})));
    let levels = json!({"off": "none", "minimal": null, "low": "low", "medium": null, "high": null, "xhigh": null, "max": "max"});
    assert_eq!(row["thinkingLevelMap"], levels);
}

#[test]
fn models_with_unknown_limits_are_left_out() {
    let text = acme("openai-completions", &[("whole", PRICED)])
        + "  - {id: a, max_output_tokens: 5, billing: free}\n  - {id: b, context_window: 5, billing: free}\n";
    for (value, lost) in [openclaw("limits", &[("acme", &text)]), pi("limits", &[("acme", &text)])] {
        let ids: Vec<_> = value["acme"]["models"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
        assert_eq!(ids, ["whole"]);
        assert_eq!(lost, [(Loss::NoContextWindow, 1), (Loss::NoMaxOutputTokens, 1)]);
    }
}

#[test]
fn only_current_chat_models_are_written() {
    let models = [
        ("old", "status: retired, billing: free"),
        ("gone", "retirement_date: 2026-10-31, billing: free"),
        ("vectors", "kind: embedding, billing: free"),
        ("talks", PRICED),
    ];
    let text = acme("openai-completions", &models)
        + "  - {id: ear, context_window: 9, max_output_tokens: 9, input: [audio], billing: free}\n"
        + "  - {id: eye, context_window: 9, max_output_tokens: 9, input: [text, image, pdf, video], billing: free}\n";
    for (value, lost) in [openclaw("kinds", &[("acme", &text)]), pi("kinds", &[("acme", &text)])] {
        let rows: Vec<_> =
            value["acme"]["models"].as_array().unwrap().iter().map(|row| (row["id"].clone(), row["input"].clone())).collect();
        assert_eq!(rows, [(json!("eye"), json!(["text", "image"])), (json!("talks"), json!(["text"]))]);
        assert_eq!(lost, [(Loss::Retired, 2), (Loss::NotChat, 2), (Loss::FreeAsZero, 1), (Loss::UnsupportedWords(Fact::Input), 1)]);
    }
}

#[test]
fn zeros_are_recorded_as_losses() {
    let models = [
        ("free", "billing: free"),
        ("plan", "billing: plan"),
        ("unknown", "billing: unpriced"),
        ("yuan", "prices: [{currency: CNY, input: 2, output: 8}]"),
        ("half", "prices: [{input: 2}]"),
    ];
    let text = acme("openai-completions", &models);
    for (value, lost) in [openclaw("zeros", &[("acme", &text)]), pi("zeros", &[("acme", &text)])] {
        for row in value["acme"]["models"].as_array().unwrap() {
            let half = json!({"input": 2, "output": 0, "cacheRead": 2, "cacheWrite": 2});
            let zeros = json!({"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0});
            assert_eq!(row["cost"], if row["id"] == "half" { half } else { zeros }, "{row}");
        }
        let zeros = [
            (Loss::UnpricedAsZero, 2),
            (Loss::FreeAsZero, 1),
            (Loss::PlanAsZero, 1),
            (Loss::MissingRateAsZero, 1),
            (Loss::OtherCurrency, 1),
        ];
        assert_eq!(lost, zeros);
    }
}

#[test]
fn pi_has_price_steps() {
    let text = acme("openai-completions", &[("m", "prices: [{input: 1, output: 2, cache_read: 0.1}, {above: 200000, input: 3}]")]);
    let (value, lost) = pi("tiers", &[("acme", &text)]);
    let tiers = json!([{"inputTokensAbove": 200_000, "input": 3, "output": 2, "cacheRead": 0.1, "cacheWrite": 3}]);
    assert_eq!(value["acme"]["models"][0]["cost"]["tiers"], tiers);
    assert_eq!(lost, []);
}

#[test]
fn base_urls_end_as_the_tools_require() {
    let one = |api: &str, url: &str| {
        format!("endpoints:\n  - {{base_url: {url}, api: {api}}}\n{KEY}models:\n  - {{id: m, {LIMITS}, {PRICED}}}\n")
    };
    for (test, api, url, written) in [
        ("url-a", "anthropic-messages", "https://acme.example", "https://acme.example"),
        ("url-b", "anthropic-messages", "https://acme.example/x/v1", "https://acme.example/x"),
        ("url-c", "google-generative-ai", "https://acme.example/v1beta", "https://acme.example/v1beta"),
        ("url-d", "openai-responses", "https://acme.example/v1", "https://acme.example/v1"),
    ] {
        let text = one(api, url);
        let (value, _) = openclaw(test, &[("acme", &text)]);
        assert_eq!((&value["acme"]["baseUrl"], &value["acme"]["api"]), (&json!(written), &json!(api)));
        let (value, _) = pi(test, &[("acme", &text)]);
        let row = &value["acme"]["models"][0];
        // On the provider it would change the base URL of pi's built-in models.
        assert_eq!((&row["baseUrl"], &row["api"], value["acme"].get("baseUrl")), (&json!(written), &json!(api), None));
    }
}

#[test]
fn secondary_endpoints_keep_the_reference() {
    let endpoint = |id: &str, url: &str, api: &str| format!("  - {{id: {id}, base_url: {url}, api: {api}}}\n");
    let endpoints = endpoint("a", "https://acme.example/v1", "openai-completions")
        + &endpoint("b", "https://acme.example/v1", "openai-responses")
        + &endpoint("c", "https://other.example", "anthropic-messages");
    let model = |id: &str, more: &str| format!("  - {{id: {id}, {LIMITS}, {PRICED}{more}}}\n");
    let models = model("x", "") + &model("y", ", endpoints: [b]") + &model("z", ", endpoints: [c]");
    let text = format!("endpoints:\n{endpoints}{KEY}models:\n{models}");
    let (value, lost) = openclaw("elsewhere", &[("acme", &text)]);
    let rows = value["acme"]["models"].as_array().unwrap();
    let protocols: Vec<_> = rows.iter().map(|row| (row["id"].clone(), row["api"].clone())).collect();
    assert_eq!(protocols, [(json!("x"), Value::Null), (json!("y"), json!("openai-responses"))]);
    assert_eq!(value.as_object().unwrap().len(), 1);
    assert_eq!(lost, [(Loss::OtherEndpoint, 1)]);
    let (value, lost) = pi("elsewhere", &[("acme", &text)]);
    assert_eq!(value["acme"]["models"][2]["baseUrl"], "https://other.example");
    assert_eq!(lost, []);
}

#[test]
fn providers_with_more_than_a_key_are_left_out() {
    let login =
        acme("openai-completions", &[("m", PRICED)]).replace("kind: api-key, env: [ACME_API_KEY]", "kind: oauth, env: [ACME_TOKEN]");
    let (value, lost) = openclaw("login", &[("acme", &login)]);
    assert_eq!((value, lost), (json!({}), vec![(Loss::UnsupportedAuth, 1)]));
    let (value, lost) = openclaw("protocol", &[("acme", &acme("ollama", &[("m", PRICED)]))]);
    assert_eq!((value, lost), (json!({}), vec![(Loss::UnsupportedProtocol, 1)]));
}

#[test]
fn local_servers_need_no_key() {
    let local = |url: &str| {
        let variable = if url.starts_with("https") { "REMOTE_API_KEY" } else { "LOCAL_API_KEY" };
        let none = format!("auth:\n  - {{kind: api-key, env: [{variable}]}}\n  - {{kind: none}}\n");
        format!("endpoints:\n  - {{base_url: \"{url}\", api: openai-completions}}\n{none}models:\n  - {{id: m, {LIMITS}, billing: free}}\n")
    };
    let (value, _) = openclaw("local", &[("here", &local("http://localhost:8000/v1")), ("there", &local("https://localhost.example/v1"))]);
    assert_eq!((&value["here"]["apiKey"], &value["there"]["apiKey"]), (&json!("ollama-local"), &json!("${REMOTE_API_KEY}")));
}

#[test]
fn only_intended_variables_are_expanded() {
    let plain = acme("openai-completions", &[("m", &format!("name: \"${{HOME}}\", {PRICED}"))])
        .replace("api: openai-completions", "api: openai-completions, headers: {X-A: \"a!b\"}");
    let text = plain
        .replace("https://acme.example/v1", "\"https://${ACME_HOST}/v1\"")
        .replace("[ACME_API_KEY]", "[ACME_API_KEY], variables: [{env: [ACME_HOST], role: host}]");
    let (value, lost) = openclaw("variables", &[("acme", &text)]);
    assert_eq!((&value["acme"]["baseUrl"], &value["acme"]["models"][0]["name"]), (&json!("https://${ACME_HOST}/v1"), &json!("$${HOME}")));
    assert_eq!(lost, []);
    let (value, lost) = pi("variables", &[("acme", &text)]);
    assert_eq!((value, lost.len()), (json!({}), 1));
    let (value, _) = pi("command", &[("acme", &plain)]);
    assert_eq!(value["acme"]["models"][0]["headers"]["X-A"], "a!b");
}
