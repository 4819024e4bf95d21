//! Poisoned snapshots: whatever one source claims, the routing of no provider changes, each claim is named, and no key reaches another host.

use super::place::{TestFolder, copy};
use crate::program::{Run, finish, folder, quiet};
use crate::server::{MODELS, Server, json as json_answer};
use modeldex_compile::authored::held::HeldFacts;
use modeldex_compile::diagnostic::Severity;
use modeldex_compile::{FileKind, compile, registry};
use modeldex_table::{Auth, Endpoint, Model, Variable};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Sources with a reader. models.dev is the provider `own` itself, and counts for all facts.
const SOURCES: [&str; 10] =
    ["aichat", "catwalk", "litellm", "model-prices", "models.dev", "oh-my-pi", "openclaw", "openrouter", "pi-ai", "portkey"];

/// Providers: a single endpoint; a new one; an account in the path; hand-written; a header; the source's own; a query; two endpoints; absent.
const PROVIDERS: [&str; 9] = ["acme", "bolt", "corp", "hand", "head", "own", "quay", "twin", "void"];

/// Variables that belong to no provider of the catalog, or to another one than the poisoned one.
const VARIABLES: [&str; 4] = ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "OPENAI_API_KEY", "OTHER_ACCOUNT_ID"];

fn secret(id: &str) -> String {
    format!("sk-live-S3CR3T-{id}-0123456789")
}

/// A catalog with an honest snapshot, the server to which its providers are confirmed, and the server of an attacker.
struct Base {
    place: TestFolder,
    honest: Server,
    sink: Server,
}

/// What the commands print after an import.
struct Outcome {
    place: TestFolder,
    import: Run,
}

impl Base {
    fn new(test: &str) -> Self {
        let start = || Server::start(|_| json_answer("200 OK", MODELS));
        let (honest, sink) = (start(), start());
        let place = TestFolder::new(&format!("poisoned-{test}"));
        let source = |name: &&str| {
            let own = if *name == "models.dev" { "\n    first_party: [own]" } else { "" };
            format!("  {name}:\n    name: {name}\n    licence: MIT{own}\n")
        };
        let schema = |kind: FileKind| kind.schema_line();
        place.write(
            "catalog/sources.yaml",
            &format!("{}\nsources:\n{}", schema(FileKind::Sources), SOURCES.iter().map(source).collect::<String>()),
        );
        let ids = |id: &str| SOURCES.map(|source| format!("{source}: [{id}]")).join(", ");
        let mapped: String = PROVIDERS.iter().map(|id| format!("  {id}: {{{}}}\n", ids(id))).collect();
        place.write("catalog/provider-map.yaml", &format!("{}\nproviders:\n{mapped}", schema(FileKind::ProviderMap)));
        let url = &honest.url;
        let routing = format!(
            "{}\nproviders:
  acme:
    endpoints: [{{base_url: {url}/acme/v1, api: openai-completions}}]
    auth: [{{kind: api-key, env: [ACME_API_KEY]}}]
    rejected: ['{url}/acme/rejected', ACME_REJECTED_KEY]
  corp:
    endpoints: [{{base_url: '{url}/corp/${{CORP_ACCOUNT_ID}}/v1', api: openai-completions}}]
    auth: [{{kind: api-key, env: [CORP_API_KEY], variables: [{{env: [CORP_ACCOUNT_ID], role: account}}]}}]
  head:
    endpoints: [{{base_url: {url}/head/v1, api: openai-completions, headers: {{X-Plan: a}}}}]
    auth: [{{kind: api-key, env: [HEAD_API_KEY], header: x-head-key}}]
  own:
    endpoints: [{{base_url: {url}/own/v1, api: openai-completions}}]
    auth: [{{kind: api-key, env: [OWN_API_KEY, OWN_TOKEN]}}]
  quay:
    endpoints: [{{base_url: {url}/quay/v1, api: openai-completions}}]
    auth: [{{kind: api-key, env: [QUAY_API_KEY], query: key}}]
  twin:
    endpoints:
      - {{id: a, base_url: {url}/twin/a, api: openai-completions}}
      - {{id: b, base_url: {url}/twin/b, api: anthropic-messages}}
    auth: [{{kind: api-key, env: [TWIN_API_KEY]}}]
",
            schema(FileKind::Routing)
        );
        place.write("catalog/routing.yaml", &routing);
        let by_hand = |text: &str| format!("{}\n{text}", schema(FileKind::Provider));
        place.write(
            "catalog/providers/hand.yaml",
            &by_hand(&format!(
                "name: By hand\nendpoints:\n  - {{base_url: {url}/hand/v1, api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [HAND_API_KEY]}}\nmodels:\n  - {{id: by-hand, billing: free}}\n"
            )),
        );
        place.write(
            "catalog/providers/openai.yaml",
            &by_hand(&format!(
                "name: OpenAI\naliases:\n  - {{id: open-ai, kind: display}}\nendpoints:\n  - {{base_url: {url}/openai/v1, api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [OPENAI_API_KEY]}}\nmodels:\n  - {{id: gpt, billing: free}}\n"
            )),
        );
        // Inherits the endpoint of an imported provider, with a key of its own.
        place.write(
            "catalog/providers/child.yaml",
            &by_hand("extends: acme\nname: Child\nauth:\n  - {kind: api-key, env: [CHILD_API_KEY]}\n"),
        );
        let base = Self { place, honest, sink };
        base.place.import("2026-05-21", &base.snapshot().to_string());
        base
    }

    /// An honest snapshot of models.dev.
    fn snapshot(&self) -> Value {
        let url = &self.honest.url;
        let provider = |id: &str, api: Value| {
            let model = |name: &str| {
                let id = format!("{id}-{name}");
                json!({"id": id, "name": id, "limit": {"context": 1000, "output": 100}, "cost": {"input": 1, "output": 4}})
            };
            json!({
                "id": id, "name": id, "npm": "@ai-sdk/openai-compatible", "api": api, "env": [format!("{}_API_KEY", id.to_uppercase())],
                "models": {format!("{id}-one"): model("one"), format!("{id}-two"): model("two")},
            })
        };
        let providers = PROVIDERS.map(|id| match id {
            "corp" => (id, provider(id, format!("{url}/corp/${{CORP_ACCOUNT_ID}}/v1").into())),
            "twin" => (id, provider(id, format!("{url}/twin/a").into())),
            "void" => (id, provider(id, Value::Null)),
            _ => (id, provider(id, format!("{url}/{id}/v1").into())),
        });
        providers.into_iter().collect::<BTreeMap<_, _>>().into_iter().map(|(id, provider)| (id.to_owned(), provider)).collect()
    }

    /// Imports a snapshot into a copy of the catalog. The routing of no provider may change, and each new claim must be named.
    fn attack(&self, name: &str, source: &str, text: &str) -> Outcome {
        let dir = folder("import", &format!("{}-{name}", self.place.0.file_name().expect("a name").to_string_lossy()));
        copy(&self.place.0, &dir);
        copy(&dir.join("catalog"), &dir.join("before"));
        let place = TestFolder(dir);
        let file = format!("snapshot.2026-08-18.{}", if source == "aichat" { "yaml" } else { "json" });
        place.write(&file, text);
        let before = (routing(&place, "before"), held(&place, "before"));
        let files = place.files();
        let import = place.run(&["import", source, &file]);
        if import.code != 0 {
            assert_eq!(place.files(), files, "{name}: {}", import.err);
            return Outcome { place, import };
        }
        assert_eq!(routing(&place, "catalog"), before.0, "{name}: {}", import.out);
        self.named(name, &place, &import, &before.1);
        self.probed(name, &place);
        Outcome { place, import }
    }

    /// Each new claim is named by all commands that show claims.
    fn named(&self, name: &str, place: &TestFolder, import: &Run, known: &BTreeSet<String>) {
        let check = place.run(&["check", "--deny-warnings"]);
        assert_eq!(check.code, 0, "{name}: {}", check.err);
        let diff = place.run(&["diff", "before", "catalog", "--markdown"]);
        let conflicts = place.run(&["conflicts", "--catalog", "catalog"]);
        for value in held(place, "catalog").difference(known) {
            for (command, text) in [("import", &import.out), ("check", &check.err), ("diff", &diff.out), ("conflicts", &conflicts.out)] {
                assert!(text.contains(value.as_str()), "{name}: {command} does not name {value}: {text}");
            }
        }
    }

    /// `probe` sends nothing to the attacker, and each provider gets only its own key.
    fn probed(&self, name: &str, place: &TestFolder) {
        let before = self.honest.requests().len();
        let mut command = quiet(&place.0);
        command.args(["probe", "--retries", "0", "--catalog", "catalog"]).env("CORP_ACCOUNT_ID", "account");
        let owners = PROVIDERS.iter().chain(&["child", "openai"]).map(|id| (format!("{}_API_KEY", id.to_uppercase()), *id));
        for (variable, id) in
            owners.chain(VARIABLES.iter().filter(|name| **name != "OPENAI_API_KEY").map(|name| ((*name).to_owned(), *name)))
        {
            command.env(variable, secret(id));
        }
        let run = finish(&mut command);
        assert_eq!(self.sink.requests().len(), 0, "{name}: {}", run.out);
        let requests = self.honest.requests();
        assert!(requests.len() > before, "{name}: {}{}", run.out, run.err);
        for request in requests {
            let owner = request.path.split('/').nth(1).unwrap_or_default().to_owned();
            let text = format!("{} {:?} {}", request.path, request.headers, request.body);
            let sent = text.matches("S3CR3T").count();
            let own = [owner.as_str(), "child"].map(|id| text.matches(&secret(id)).count());
            let is_own = own[0] == sent || owner == "acme" && own[1] == sent;
            assert!(sent == 1 && is_own, "{name}: {owner} got another key");
            assert_eq!(request.header("x-head-key").is_some(), owner == "head", "{name}");
            assert_eq!(request.path.contains("S3CR3T"), owner == "quay", "{name}");
        }
    }
}

/// All routing of all providers and models in the compiled tables: each entry has its place in its list.
fn routing(place: &TestFolder, catalog: &str) -> BTreeMap<String, Vec<String>> {
    let compiled = compile(&place.0.join(catalog));
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let catalog = compiled.catalog();
    let endpoint = |of: Endpoint<'_>| {
        let headers: Vec<_> = of.headers().collect();
        format!("endpoint {:?} {} {} {:?} {:?} {headers:?}", of.id(), of.base_url(), of.api(), of.region(), of.plan())
    };
    let variable = |of: Variable<'_>| format!("{:?} {} {} {:?}", of.env().collect::<Vec<_>>(), of.role(), of.is_optional(), of.default());
    let auth = |of: Auth<'_>| {
        let (env, variables): (Vec<_>, Vec<_>) = (of.env().collect(), of.variables().map(variable).collect());
        format!("auth {} {env:?} {variables:?} {:?} {:?} {:?}", of.kind(), of.header(), of.scheme(), of.query())
    };
    let mut all = BTreeMap::new();
    for provider in catalog.providers() {
        // A provider without routing may be new: its models are known, and nothing is sent.
        if provider.endpoints().len() + provider.auth().len() == 0 {
            continue;
        }
        let mut list: Vec<String> = provider.endpoints().map(endpoint).chain(provider.auth().map(auth)).collect();
        list.push(format!(
            "extends {:?}, aliases {:?}",
            provider.extends(),
            provider.aliases().map(|alias| alias.id()).collect::<Vec<_>>()
        ));
        let of_model = |model: Model<'_>| model.endpoints().map(endpoint).collect::<Vec<_>>();
        let models: BTreeSet<Vec<String>> = provider.models().map(of_model).collect();
        list.extend(models.into_iter().map(|endpoints| format!("models at {endpoints:?}")));
        all.insert(provider.id().to_owned(), list);
    }
    all
}

/// The values of the held claims that are not confirmed by hand.
fn held(place: &TestFolder, catalog: &str) -> BTreeSet<String> {
    let held: HeldFacts = registry::read_unchecked(&place.0.join(catalog), FileKind::Held).expect("the list of held claims is valid");
    held.held.into_iter().filter(|fact| fact.provider != "hand" || !fact.value.contains("hand")).map(|fact| fact.value).collect()
}

/// Changes all providers of a snapshot.
fn each(mut snapshot: Value, change: impl Fn(&mut Value)) -> String {
    snapshot.as_object_mut().expect("an object").values_mut().for_each(change);
    snapshot.to_string()
}

#[test]
fn no_base_url_moves() {
    let base = Base::new("urls");
    let (honest, sink) = (&base.honest.url, &base.sink.url);
    let port = honest.rsplit(':').next().expect("a port");
    let urls = [
        format!("{sink}/acme/v1"),
        "https://evil.example/v1".to_owned(),
        "http://evil.example/v1".to_owned(),
        "https://localhost.evil.example/acme/v1".to_owned(),
        format!("http://127.0.0.1:{port}.evil.example/acme/v1"),
        format!("http://localhost:{port}/acme/v1"),
        format!("http://[::1]:{port}/acme/v1"),
        format!("https://127.0.0.1:{port}/acme/v1"),
        format!("http://127.0.0.1:{port}@evil.example/acme/v1"),
        format!("http://evil.example\\@127.0.0.1:{port}/acme/v1"),
        "https://xn--pi-7kc.acme.example/v1".to_owned(),
        "https://аpi.acme.example/v1".to_owned(),
        "https://api。acme.example/v1".to_owned(),
        "https://acme.example./v1".to_owned(),
        "//evil.example/v1".to_owned(),
        "ftp://evil.example/v1".to_owned(),
        "javascript:alert(1)".to_owned(),
        format!("{honest}/acme/v2"),
        format!("{honest}/acme"),
        format!("{honest}/tenant/v1"),
        format!("{honest}/acme/v1/../../tenant/v1"),
        format!("{honest}/acme/v1/.."),
        format!("{honest}/acme/%2e%2e/tenant"),
        format!("{honest}/acme/v1#x"),
        format!("{honest}/acme/v1?url={sink}"),
        format!("{honest}/redirect/{sink}/v1"),
        format!("{honest}/ACME/v1"),
        format!("{honest}/acme/rejected"),
        format!("{honest}/acme//rejected/"),
        format!("{honest}/corp/0xattacker/v1"),
        format!("{honest}/corp/${{OTHER_ACCOUNT_ID}}/v1"),
        format!("{honest}/corp/${{CORP_API_KEY}}/v1"),
        format!("{honest}/acme/v1/${{GITHUB_TOKEN}}"),
        format!("{sink}/${{GITHUB_TOKEN}}/${{AWS_SECRET_ACCESS_KEY}}"),
        format!("{sink}/{{GITHUB_TOKEN}}/v1"),
        format!("{sink}/v1?key=${{GITHUB_TOKEN}}"),
        "https://${GITHUB_TOKEN}.evil.example/v1".to_owned(),
        "https://${OTHER_HOST}/v1".to_owned(),
        "${OTHER_BASE_URL}".to_owned(),
    ];
    for (index, url) in urls.iter().enumerate() {
        let outcome = base.attack(&format!("url-{index}"), "models.dev", &each(base.snapshot(), |provider| provider["api"] = json!(url)));
        assert_eq!(outcome.import.code, 0, "{url}: {}", outcome.import.err);
        // The value of a URL with credentials is not printed.
        let is_named = outcome.import.out.contains(&format!("own base_url {}", url.trim_end_matches('/').replace("/{", "/${")))
            || outcome.import.out.contains("own: `base_url`:");
        assert!(is_named, "{url}: {}", outcome.import.out);
        let void = outcome.place.files().get("/catalog/imported/providers/void.yaml").cloned().unwrap_or_default();
        assert!(!void.contains("endpoints") && !void.contains("auth"), "{url}: {void}");
    }
    // Without a claim the confirmed value stays, and so it does if another source now has the only one.
    base.attack("none", "models.dev", &each(base.snapshot(), |provider| provider["api"] = Value::Null));
    base.attack("list", "models.dev", &each(base.snapshot(), |provider| provider["api"] = json!([sink])));
}

#[test]
fn no_variable_is_added() {
    let base = Base::new("variables");
    let variables: [(&str, Value); 7] = [
        ("others", json!(["ACME_API_KEY", "OPENAI_API_KEY", "GITHUB_TOKEN"])),
        ("first", json!(["GITHUB_TOKEN", "ACME_API_KEY", "OWN_TOKEN", "OWN_API_KEY", "TWIN_API_KEY"])),
        ("aws", json!(["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"])),
        ("own-new", json!(["ACME_API_KEY", "ACME_SECOND_API_KEY"])),
        ("rejected", json!(["ACME_REJECTED_KEY"])),
        ("spelled", json!(["acme_api_key", "openai_api_key", "$OPENAI_API_KEY", "OPENAI_API_KEY ", "ACME_API_KEY=x"])),
        ("none", json!([])),
    ];
    for (name, variables) in variables {
        let outcome = base.attack(name, "models.dev", &each(base.snapshot(), |provider| provider["env"] = variables.clone()));
        assert_eq!(outcome.import.code, 0, "{name}: {}", outcome.import.err);
        let names = variables.as_array().into_iter().flatten().filter_map(Value::as_str);
        for variable in names.filter(|name| !["OWN_API_KEY", "OWN_TOKEN"].contains(name)) {
            let out = &outcome.import.out;
            assert!(
                out.contains(&format!("own env {variable}, claimed by models.dev")) || out.contains("own: `env`:"),
                "{variable}: {out}"
            );
        }
    }
    assert!(
        base.attack("rejected-again", "models.dev", &{
            let mut snapshot = base.snapshot();
            snapshot["acme"]["env"] = json!(["ACME_API_KEY", "ACME_REJECTED_KEY"]);
            snapshot.to_string()
        })
        .import
        .out
        .lines()
        .all(|line| !line.contains("ACME_REJECTED_KEY"))
    );
}

#[test]
fn no_protocol_and_no_place_of_a_key_changes() {
    let base = Base::new("protocols");
    for npm in [
        "@ai-sdk/anthropic",
        "@ai-sdk/openai",
        "@ai-sdk/google",
        "@ai-sdk/google-vertex",
        "@ai-sdk/azure",
        "@ai-sdk/amazon-bedrock",
        "ollama-ai-provider-v2",
        "evil-package",
    ] {
        let outcome =
            base.attack(&npm.replace(['@', '/'], "-"), "models.dev", &each(base.snapshot(), |provider| provider["npm"] = json!(npm)));
        let out = &outcome.import.out;
        assert!(out.contains("own api ") || npm == "evil-package", "{npm}: {out}");
        assert!(!out.contains("twin api anthropic-messages"), "{npm}: {out}");
        // A protocol comes with a moved URL as well.
        base.attack(
            &format!("moved{}", npm.replace(['@', '/'], "-")),
            "models.dev",
            &each(base.snapshot(), |provider| {
                (provider["npm"], provider["api"]) = (json!(npm), json!(format!("{}/v1", base.sink.url)));
            }),
        );
    }
    // No field of a provider other than `api`, `npm` and `env` is routing.
    let sink = &base.sink.url;
    let fields = json!({
        "auth": [{"kind": "none"}], "headers": {"x-forward": sink}, "header": "x-evil", "query": "key", "scheme": "Token", "extends": "openai",
        "kind": "local", "endpoints": [{"base_url": sink, "api": "ollama"}], "aliases": ["openai", {"id": "openai"}], "base_url": sink,
        "baseUrl": sink, "api_base": sink, "apiKey": "$OPENAI_API_KEY", "default_model": "x", "region": "us", "plan": "x", "options": {"baseURL": sink},
    });
    let merged = |target: &mut Value| {
        fields.as_object().into_iter().flatten().for_each(|(key, value)| target[key.as_str()] = value.clone());
    };
    base.attack("fields", "models.dev", &each(base.snapshot(), merged));
    // Neither is any field of a model.
    let of_models = |provider: &mut Value| {
        for model in provider["models"].as_object_mut().into_iter().flatten().map(|(_, model)| model) {
            merged(model);
            model["provider"] = json!({"npm": "@ai-sdk/anthropic", "api": sink, "shape": "responses", "env": ["OPENAI_API_KEY"]});
            model["endpoint"] = json!(sink);
            model["api"] = json!(sink);
            model["env"] = json!(["OPENAI_API_KEY"]);
        }
    };
    base.attack("models", "models.dev", &each(base.snapshot(), of_models));
}

#[test]
fn no_provider_takes_the_place_of_another() {
    let base = Base::new("identities");
    let sink = &base.sink.url;
    let evil = |id: &str, name: &str| {
        let mut provider = base.snapshot()["acme"].clone();
        (provider["id"], provider["name"]) = (json!(id), json!(name));
        (provider["api"], provider["env"]) = (json!(format!("{sink}/v1")), json!(["ACME_API_KEY", "OPENAI_API_KEY"]));
        provider
    };
    for (key, id, name) in [
        ("evil", "openai", "OpenAI"),
        ("openai", "openai", "OpenAI"),
        ("open-ai", "acme", "Acme"),
        ("ACME", "acme", "acme"),
        ("../acme", "acme", "x"),
    ] {
        let mut snapshot = base.snapshot();
        snapshot[key] = evil(id, name);
        let outcome = base.attack(&format!("key-{}", key.replace(['.', '/'], "-")), "models.dev", &snapshot.to_string());
        assert!(
            outcome.import.out.contains(&format!("  {key}: the provider is not in catalog/provider-map.yaml")),
            "{}",
            outcome.import.out
        );
    }
    // Two entries with one key; a known key with the id, the name and the routing of another provider.
    let twice = base.snapshot().to_string().replacen('{', &format!("{{\"acme\": {},", evil("acme", "acme")), 1);
    base.attack("twice", "models.dev", &twice);
    base.attack("swapped", "models.dev", &{
        let (mut snapshot, honest) = (base.snapshot(), base.snapshot());
        (snapshot["acme"], snapshot["own"], snapshot["bolt"]) = (honest["own"].clone(), honest["acme"].clone(), honest["acme"].clone());
        snapshot.to_string()
    });
    // A new provider and an absent one get models, but no routing.
    let outcome = base.attack("new", "models.dev", &{
        let mut snapshot = base.snapshot();
        (snapshot["void"], snapshot["bolt"]) = (evil("void", "OpenAI"), evil("bolt", "open-ai"));
        snapshot.to_string()
    });
    for id in ["void", "bolt"] {
        let yaml = outcome.place.read(&format!("catalog/imported/providers/{id}.yaml"));
        assert!(yaml.contains("models:") && !yaml.contains("endpoints") && !yaml.contains("auth"), "{yaml}");
    }
}

#[test]
fn no_reader_passes_a_route_on() {
    let base = Base::new("readers");
    let sink = &base.sink.url;
    let url = format!("{sink}/v1");
    let route = |model: Value| {
        let mut model = model;
        for (key, value) in [
            ("base_url", json!(url)),
            ("baseUrl", json!(url)),
            ("api_base", json!(url)),
            ("apiBase", json!(url)),
            ("api", json!("anthropic-messages")),
            ("provider", json!({"npm": "@ai-sdk/anthropic", "api": url})),
            ("env", json!(["OPENAI_API_KEY"])),
            ("apiKey", json!("$OPENAI_API_KEY")),
            ("headers", json!({"x-forward": url})),
            ("endpoint", json!(url)),
            ("endpoints", json!([url])),
            ("auth", json!({"kind": "none"})),
        ] {
            model[key] = value;
        }
        model
    };
    let pi = |base_urls: &[&str]| {
        let models = json!({"m": route(json!({"id": "acme-one", "name": "M", "contextWindow": 1000, "cost": {"input": 1, "output": 4}}))});
        json!({"acme": {"name": "acme", "base_urls": base_urls, "env": ["OPENAI_API_KEY", "ACME_API_KEY"], "models": models}}).to_string()
    };
    let snapshots = [
        ("pi-ai", pi(&[&url]), "acme base_url"),
        ("oh-my-pi", pi(&["https://${GITHUB_TOKEN}.evil.example", &url]), "acme base_url"),
        (
            "catwalk",
            json!({"acme": {"id": "acme", "name": "acme", "api_key": "$OPENAI_API_KEY", "api_endpoint": url, "type": "anthropic", "models": [route(json!({"id": "acme-one"}))]}})
                .to_string(),
            "acme env OPENAI_API_KEY",
        ),
        (
            "openclaw",
            json!({"acme": {
                "name": "acme", "providers": ["acme"], "setup": {"providers": [{"id": "acme", "envVars": ["OPENAI_API_KEY"]}]},
                "modelCatalog": {"providers": {"acme": {"baseUrl": url, "api": "anthropic-messages", "headers": {"x": url}, "models": [route(json!({"id": "acme-one"}))]}}},
            }})
            .to_string(),
            "acme base_url",
        ),
        (
            "litellm",
            json!({
                "acme/acme-one": route(json!({"litellm_provider": "acme", "mode": "chat", "max_input_tokens": 1000})),
                "acme/gpt": route(json!({"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 1000})),
            })
            .to_string(),
            "openai: the provider is not in",
        ),
        ("openrouter", json!({"data": [route(json!({"id": "acme/acme-one", "name": "M", "context_length": 1000}))]}).to_string(), ""),
        ("portkey", json!({"acme": {"general": {"acme-one": route(json!({"params": []}))}, "pricing": {}}}).to_string(), ""),
        ("model-prices", json!({"models": [route(json!({"id": "acme/acme-one"}))], "providers": {"acme": {"api": url}}}).to_string(), ""),
        ("aichat", format!("- provider: acme\n  api_base: {url}\n  models:\n    - name: acme-one\n      api_base: {url}\n      max_input_tokens: 1000\n"), ""),
    ];
    for (source, text, named) in &snapshots {
        let outcome = base.attack(source, source, text);
        assert!(named.is_empty() || outcome.import.out.contains(named), "{source}: {}{}", outcome.import.out, outcome.import.err);
    }
}

#[test]
fn held_values_are_in_no_output_but_as_held() {
    let base = Base::new("outputs");
    let (url, variable) = ("https://held.evil.example/v1", "HELD_EVIL_API_KEY");
    let outcome = base.attack(
        "planted",
        "models.dev",
        &each(base.snapshot(), |provider| {
            (provider["api"], provider["env"]) = (json!(url), json!([variable]));
        }),
    );
    let place = &outcome.place;
    let has_claim = |text: &str| text.contains("held.evil") || text.contains(variable);
    let run = |arguments: &[&str]| {
        let run = finish(quiet(&place.0).args(arguments).args(["--catalog", "catalog"]).env(variable, secret("held")));
        format!("{}{}", run.out, run.err)
    };
    // Shown as held.
    let shown = run(&["providers", "show", "acme", "--json"]);
    let mut shown: Value = serde_json::from_str(&shown).unwrap_or_else(|error| panic!("{error}: {shown}"));
    assert_eq!(shown["held"].as_array().map(Vec::len), Some(2), "{shown}");
    shown["held"] = Value::Null;
    assert!(!has_claim(&shown.to_string()), "{shown}");
    // Used or shown by nothing else.
    let targets: Value = serde_json::from_str(&run(&["emit", "--list", "--json"])).expect("a list");
    let targets: Vec<&str> = targets.as_array().into_iter().flatten().filter_map(|target| target["target"].as_str()).collect();
    assert!(targets.len() > 5, "{targets:?}");
    for target in targets {
        let out = run(&["emit", target, "--out", &format!("out-{target}")]);
        assert!(!has_claim(&out), "{target}: {out}");
    }
    for arguments in [
        &["providers", "list", "--json"][..],
        &["providers", "list"],
        &["models", "list", "--json"],
        &["models", "show", "acme/acme-one", "--json"],
        &["auth", "list"],
        &["export", "--out", "site"],
        &["probe", "--all", "--retries", "0", "--json", "acme"],
        &["probe", "--retries", "0", "--json"],
    ] {
        let out = run(arguments);
        assert!(!has_claim(&out), "{arguments:?}: {out}");
    }
    let mut written = 0;
    for file in std::fs::read_dir(&place.0).expect("a folder").flatten().filter(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name == "site" || name.starts_with("out-")
    }) {
        search(&file.path(), &mut |path, text| {
            written += 1;
            assert!(!has_claim(text), "{}", path.display());
        });
    }
    assert!(written > 20, "{written} files");
    // A request goes to the confirmed host, with the confirmed variable only.
    let send = ["message", "send", "--model", "own/own-one", "--message", "Hello", "--catalog", "catalog"];
    let run = finish(quiet(&place.0).args(send).env(variable, secret("held")));
    assert!(run.code != 0 && run.err.contains("OWN_API_KEY") && !has_claim(&run.err), "{}{}", run.out, run.err);
    // The audit knows a host only if it is confirmed: a wrong model id beside a held host is no finding.
    std::fs::create_dir_all(place.0.join("repository")).expect("a folder can be made");
    for (host, is_known) in [(url, false), (base.honest.url.as_str(), true)] {
        let config = json!({"baseURL": format!("{}", host.trim_end_matches("/v1")), "model": "acme-one", "apiKey": "${HELD_EVIL_API_KEY}"});
        place.write("repository/config.json", &config.to_string());
        let audit = finish(quiet(&place.0).args(["audit", "--catalog", "catalog", "repository"]));
        assert!(is_known || !audit.out.contains("held.evil") && !audit.err.contains("acme"), "{}{}", audit.out, audit.err);
    }
}

/// Calls `visit` with each text file below a folder or file.
fn search(path: &std::path::Path, visit: &mut impl FnMut(&std::path::Path, &str)) {
    if path.is_dir() {
        std::fs::read_dir(path).expect("a folder").flatten().for_each(|entry| search(&entry.path(), visit));
    } else if let Ok(text) = std::fs::read_to_string(path) {
        visit(path, &text);
    }
}
