//! Inputs that are made from the files of the repository, so that fuzzing starts from valid files.

use crate::fixture::{CATALOG, repository};
use crate::targets::{audit, compile, edit, tables};
use modeldex_compile::FileKind;
use modeldex_formats::SOURCE_READERS;
use modeldex_table::Api;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// An input: the name of its target, a file name, and the bytes.
pub type Seed = (&'static str, String, Vec<u8>);

/// Longer files are cut at a line end: mutations of a short file change more of what it means.
const MAX_SEED_BYTES: usize = 4_000;

/// Returns the inputs of all targets.
///
/// # Panics
/// If a file of the repository is missing.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    catalog_files(&mut seeds);
    sources(&mut seeds);
    vectors(&mut seeds);
    responses(&mut seeds);
    texts(&mut seeds);
    seeds.sort();
    seeds
}

/// Returns the files of a folder and of the folders in it, sorted.
fn files(folder: &str) -> Vec<PathBuf> {
    fn list(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder is in the repository") {
            let path = entry.expect("the folder is listed").path();
            if path.is_dir() { list(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    list(&repository(folder), &mut found);
    found.sort();
    found
}

fn read(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).expect("the file is in the repository");
    if bytes.len() > MAX_SEED_BYTES {
        bytes.truncate(MAX_SEED_BYTES);
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(MAX_SEED_BYTES, |end| end + 1));
    }
    bytes
}

/// Returns the last two parts of a path as a file name.
fn name(path: &Path) -> String {
    let parts: Vec<_> = path.iter().rev().take(2).map(|part| part.to_string_lossy().into_owned()).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("-").replace(' ', "-")
}

fn selected(selector: usize, bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(selector).unwrap_or_default()], bytes].concat()
}

fn catalog_files(seeds: &mut Vec<Seed>) {
    let selectors = compile::files();
    let selector =
        |kind: FileKind, path: &str| selectors.iter().position(|(other, file)| (*other, file.as_str()) == (kind, path)).unwrap_or_default();
    let mut add = |path: &Path, kind: FileKind, imported: bool| {
        let bytes = read(path);
        let id = if imported { kind.imported_path("other") } else { kind.path("other") };
        seeds.push(("compile", name(path), selected(selector(kind, &id), &bytes)));
        seeds.push(("yaml", name(path), bytes.clone()));
        if let Some(at) = edit::KINDS.iter().position(|other| *other == kind) {
            seeds.push(("edit", name(path), selected(at, &bytes)));
        }
        if kind == FileKind::Provider {
            let same = compile::files().iter().position(|(_, file)| *file == kind.path("acme")).unwrap_or_default();
            seeds.push(("compile", format!("acme-{}", name(path)), selected(same, &bytes)));
            seeds.push(("emit", name(path), selected(1, &bytes)));
        }
        let registry = [FileKind::Sources, FileKind::ProviderMap, FileKind::Routing].iter().position(|other| *other == kind);
        if let Some(at) = registry {
            seeds.push(("registry", name(path), selected(at, &bytes)));
        }
    };
    for folder in [CATALOG, "crates/serve/tests/fixture/catalog", "tests/audit/catalog"] {
        for path in files(folder) {
            let kind = match path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()).as_deref() {
                Some("providers") => FileKind::Provider,
                Some("models") => FileKind::Lab,
                _ => FileKind::Sources,
            };
            add(&path, kind, false);
        }
    }
    for path in files("catalog/usage") {
        add(&path, FileKind::Usage, false);
    }
    for path in files("catalog/views") {
        add(&path, FileKind::View, false);
    }
    for (file, kind) in
        [("provider-map.yaml", FileKind::ProviderMap), ("routing.yaml", FileKind::Routing), ("sources.yaml", FileKind::Sources)]
    {
        add(&repository("catalog").join(file), kind, false);
    }
    for file in
        ["imported/held.yaml", "imported/providers/kimi-coding.yaml", "imported/providers/novita-ai.yaml", "imported/models/mistral.yaml"]
    {
        let path = repository("catalog").join(file);
        let kind = [("providers", FileKind::Provider), ("models", FileKind::Lab)].into_iter().find(|(part, _)| file.contains(part));
        if path.exists() {
            add(&path, kind.map_or(FileKind::Held, |(_, kind)| kind), true);
        }
    }
    // A small catalog for each diagnostic.
    for path in files("tests/diagnostics") {
        let kind = match path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()).as_deref() {
            Some("providers") => FileKind::Provider,
            Some("models") => FileKind::Lab,
            Some("views") => FileKind::View,
            Some("usage") => FileKind::Usage,
            _ => continue,
        };
        seeds.push(("compile", name(&path), selected(selector(kind, &kind.path("other")), &read(&path))));
    }
    let compiled = modeldex_compile::compile_named(&repository(CATALOG), "catalog");
    seeds.push(("tables", "catalog".to_owned(), tables::input(&compiled.catalog())));
    let compiled = modeldex_compile::compile_named(&repository("crates/serve/tests/fixture/catalog"), "catalog");
    seeds.push(("tables", "fixture".to_owned(), tables::input(&compiled.catalog())));
}

fn sources(seeds: &mut Vec<Seed>) {
    for path in files("crates/formats/tests/readers") {
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        let at = SOURCE_READERS.iter().position(|reader| reader.source == folder);
        if let Some(at) = at.filter(|_| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with("input."))) {
            // Whole: a part of a JSON document is not a document.
            seeds.push(("reader", name(&path), selected(at, &fs::read(&path).expect("the file is in the repository"))));
        }
    }
    for path in files("crates/serve/tests/fixture/evidence") {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let parent = path.parent().and_then(Path::file_name).unwrap_or_default();
        match (file.as_str(), parent == "probes") {
            ("snapshots.json", _) => seeds.push(("registry", name(&path), selected(3, &read(&path)))),
            (_, true) => seeds.push(("registry", name(&path), selected(4, &read(&path)))),
            _ => seeds.push(("evidence", name(&path), read(&path))),
        }
    }
    for provider in ["kimi-coding", "cohere", "xai"] {
        let path = repository("evidence").join(format!("{provider}.jsonl"));
        if path.exists() {
            seeds.push(("evidence", name(&path), read(&path)));
        }
    }
    for path in files("tests/emit/golden/openclaw") {
        seeds.push(("merge", name(&path), fs::read(&path).expect("the file is in the repository")));
    }
    let configs = [
        (
            "comments",
            "// mine\n{\n  models: { mode: 'merge', /* gateway */ providers: { \"acme\": { baseUrl: \"https://gateway.example\", apiKey: \"literal-key-of-the-user\",\n headers: {'X-A': '1'}, models: [{id: 'thinker-2', cost: {input: +.5}}, {id: 'mine'},] }, other: {} } },\n  agents: [1e3, 0x10, Infinity,],\n}\n",
        ),
        (
            "name-as-key",
            "{\"models\": {\"providers\": {\"kimi-coding\": {\"apiKey\": \"KIMI_API_KEY\", \"baseUrl\": \"https://a.example\"}}}, \"env\": {\"vars\": {\"A\": \"b\"}}}",
        ),
        ("include", "{models: {$include: './m.json5'}}"),
    ];
    seeds.extend(configs.map(|(name, text)| ("merge", name.to_owned(), text.into())));
    let configs = [
        (
            "full",
            "{\n  \"env\": {\"vars\": {\"A_KEY\": \"value-of-a-variable\", \"B_KEY\": \"${A_KEY}\"}},\n  \"default_model\": \"acme/thinker-2\",\n  \"overlays\": [\"a\", \"b\"],\n  \"outdated_models\": \"warn\",\n  \"providers\": {\"acme\": {\"endpoint\": \"eu\", \"region\": \"eu\"}},\n  \"telegram\": {\"chat_id\": \"1\", \"api_base\": \"https://t.example\"}\n}\n",
        ),
        ("odd", "{ \"zeta\" : {\"b\": 1.50, \"a\":[1E2 ,{\"x\": null}]},\t\"env\": 5, \"n\": 18446744073709551616, \"a\": \"\\u00e9\"}"),
        ("empty", "{}\n"),
    ];
    seeds.extend(configs.map(|(name, text)| ("config", name.to_owned(), text.into())));
}

/// Returns the lines of a file of test vectors.
fn lines(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(repository(path)).expect("the vectors are in the repository");
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn vectors(seeds: &mut Vec<Seed>) {
    let shapes: Value = serde_json::from_str(modeldex_usage::BUILT_IN).expect("the built-in shapes are JSON");
    let shapes = shapes.as_object().expect("the shapes have names");
    let shape_of = |api: &str| shapes.values().find(|shape| shape["apis"].as_array().is_some_and(|apis| apis.contains(&json!(api))));
    // A few objects are enough for each shape, which is much longer than they are.
    let mut objects_of_shape = [0; Api::ALL.len()];
    let vectors = lines("tests/vectors/price.jsonl").into_iter().filter(|vector| vector["usage"].is_object());
    for (index, vector) in vectors.enumerate() {
        let (name, object) = (format!("price-{index:03}"), vector["usage"].to_string());
        let api = vector["api"].as_str().and_then(|name| Api::ALL.iter().position(|api| api.as_str() == name));
        seeds.push(("usage", name.clone(), selected(api.unwrap_or(Api::ALL.len()), object.as_bytes())));
        let Some((api, shape)) = api.and_then(|api| Some((api, shape_of(Api::ALL[api].as_str())?))) else { continue };
        objects_of_shape[api] += 1;
        if objects_of_shape[api] <= 4 {
            seeds.push(("shapes", name, format!("{shape}\0{object}").into_bytes()));
        }
    }
    let references: Vec<String> =
        lines("tests/vectors/reference.jsonl").iter().filter_map(|vector| vector["reference"].as_str()).map(str::to_owned).collect();
    for (at, chunk) in references.chunks(16).enumerate() {
        seeds.push(("lookup", format!("references-{at:02}"), chunk.join("\n").into_bytes()));
    }
    let words = "acme/thinker-2\nacme-ai/thinker-latest\nkimi-coding/k2p5\nbrook/acme/thinker-2\nlocal\nprice.input tier=batch above=200000\ncontext_window\nalias_of\n${ACME_API_KEY}\n\"quoted\"\n200k\n$0.6\nopenclaw\nmodels.dev\ninput_price";
    seeds.push(("lookup", "words".to_owned(), words.into()));
    let numbers = "0.15\n1.5e-1\n0.000001\n999999999.999999\n340282366920938463463374607431768211457\n1e38\n-0\n1e-400\n200k\n1.5M\n2026\n2026-02\n2024-02-29\n2026-11-22T23:59Z\n2026-11-22T23:59:59+05:30\n22:00\n+05:45\n-12:00\n22:00-00:00/sat,sun\n01:00-04:00+08:00/mon\ntier=batch above=200000\nregion=eu from=2026-01-01 until=2026-06-01T12:00Z hours=01:00-04:00/mon";
    seeds.push(("numbers", "all".to_owned(), numbers.into()));
}

fn responses(seeds: &mut Vec<Seed>) {
    // The order of the supported protocols in `Api::ALL`.
    let protocols: Vec<Api> = Api::ALL.iter().copied().filter(|api| modeldex_client::wire::is_supported(*api)).collect();
    let at = |api: Api| protocols.iter().position(|other| *other == api).unwrap_or_default();
    let streams: &[(Api, &str)] = &[
        (
            Api::OpenaiCompletions,
            "data: {\"choices\":[{\"delta\":{\"content\":\"He\",\"reasoning_content\":\"hm\"}}]}\n\n: keep-alive\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"lo @KEY@\"},\"finish_reason\":\"stop\"}],\"service_tier\":\"default\"}\r\n\r\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
        ),
        (
            Api::OpenaiResponses,
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Hello\"}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"object\":\"response\",\"status\":\"completed\",\"service_tier\":\"auto\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n",
        ),
        (
            Api::AnthropicMessages,
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":9}}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello @KEY@\"}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        ),
        (
            Api::GoogleGenerativeAi,
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hm\",\"thought\":true},{\"text\":\"Hello\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":9}}\r\n\r\n",
        ),
        (
            Api::Ollama,
            "{\"model\":\"m\",\"message\":{\"content\":\"He\",\"thinking\":\"hm\"},\"done\":false}\n{\"model\":\"m\",\"message\":{\"content\":\"lo\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":9,\"eval_count\":2}\n",
        ),
        (
            Api::OpenaiCompletions,
            "event: error\ndata: {\"error\":{\"message\":\"overloaded, key @KEY@\",\"type\":\"overloaded_error\",\"code\":529}}\n\n",
        ),
    ];
    for (index, (api, body)) in streams.iter().enumerate() {
        for (name, options) in [("stream", 0), ("stream-as-json", 8), ("stream-error", 4)] {
            seeds.push(("wire", format!("{name}-{index}"), [&[at(*api) as u8, options], body.as_bytes()].concat()));
        }
    }
    let bodies: &[(Api, &str)] = &[
        (
            Api::OpenaiCompletions,
            "{\"choices\":[{\"message\":{\"content\":\"Hello\",\"reasoning\":\"hm\"},\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":9}}",
        ),
        (
            Api::OpenaiResponses,
            "{\"object\":\"response\",\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hello @KEY@\"}]}],\"usage\":{\"input_tokens\":1}}",
        ),
        (
            Api::AnthropicMessages,
            "{\"type\":\"message\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},{\"type\":\"text\",\"text\":\"Hello\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":1}}",
        ),
        (
            Api::GoogleGenerativeAi,
            "[{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"message\":\"key @KEY@\",\"details\":[{\"reason\":\"RATE_LIMIT_EXCEEDED\"},{\"retryDelay\":\"1.5s\"}]}}]",
        ),
        (Api::Ollama, "{\"model\":\"m\",\"message\":{\"content\":\"Hello\"},\"done\":true,\"done_reason\":\"stop\"}"),
        (Api::OpenaiCompletions, "<html><body>404 page not found</body></html>"),
        (
            Api::OpenaiCompletions,
            "{\"error\":{\"message\":\"Incorrect API key provided: @KEY@\",\"type\":\"invalid_request_error\",\"code\":\"invalid_api_key\"}}",
        ),
    ];
    for (index, (api, body)) in bodies.iter().enumerate() {
        for (name, options) in [("body", 8), ("error", 8 + 5), ("page", 16 + 6), ("unnamed", 128 + 24)] {
            seeds.push(("wire", format!("{name}-{index}"), [&[at(*api) as u8, options], body.as_bytes()].concat()));
        }
    }
}

fn texts(seeds: &mut Vec<Seed>) {
    for folder in ["tests/audit/code", "tests/audit/config", "tests/audit/docs"] {
        for path in files(folder) {
            let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            let at = audit::NAMES.iter().position(|name| name.ends_with(&extension)).unwrap_or(5);
            seeds.push(("audit", name(&path), selected(at, &read(&path))));
        }
    }
    let requests = [
        ("model", "GET /models/acme/thinker-2\nAccept-Encoding: gzip;q=0.5, identity"),
        ("models", "GET /models?search=thinker&sort=-input_price&min_context=128k&max_price=2&capability=tool_call"),
        ("provider", "HEAD /providers/acme-ai\nIf-None-Match: W/\"a\", \"b\""),
        ("evidence", "GET /models/acme/thinker-2/evidence"),
        ("format", "GET /v1/models\nAccept: text/html"),
        ("escapes", "GET /models/acme%2Fthinker-2?search=%e2%80%ae&search=%zz"),
        ("options", "OPTIONS *\nOrigin: https://a.example"),
        ("index", "GET /\nAccept: text/html;q=0.9, */*;q=0.1"),
        ("api", "GET /openapi.json\nAccept-Encoding: br"),
    ];
    seeds.extend(requests.map(|(name, text)| ("serve", name.to_owned(), text.into())));
    // Not real keys, and not in one piece: a scanner of the repository would report them.
    let keys = [
        ("prefix", format!("export OPENAI_API_KEY={}{}\n", "sk-", "proj-0123456789abcdefABCDEF")),
        ("url", "https://user:password@host.example/path?token=abc&x=1 and Bearer 0a1b2c3d4e5f\n".to_owned()),
        ("private", format!("{}BEGIN PRIVATE KEY-----\nMIIB\n{}END PRIVATE KEY-----\n", "-----", "-----")),
        ("jwt", format!("{}{}.{}.{}", "ey", "JhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "abcdefghijklmnop")),
        ("words", "curl -u NAME:secret --user a:b MoonshotKimiK2Model password: \"hunter2\" dbPassword = x\n".to_owned()),
    ];
    for (at, (name, text)) in keys.into_iter().enumerate() {
        seeds.push(("mask", name.to_owned(), selected(at * 8, text.as_bytes())));
        seeds.push(("audit", name.to_owned(), selected(5, text.as_bytes())));
    }
}
