//! Reads the response of a model API, in every wire protocol: streams, whole bodies and errors.
//!
//! The result does not depend on how the network splits the bytes, and never contains the key.

use super::split;
use crate::fixture;
use crate::mutate::Random;
use modeldex_client::credential::CredentialLookup;
use modeldex_client::endpoint::ResolvedEndpoint;
use modeldex_client::fuzzing::read_response;
use modeldex_client::generate::StreamEvent;
use modeldex_client::http::ResponseHead;
use modeldex_client::wire::{GenerateRequest, Message, Role, is_supported};
use modeldex_compile::{Compiled, FileChange, compile_with_changes};
use modeldex_table::{Api, Catalog};
use std::sync::LazyLock;

/// The key of all requests. `@KEY@` in an input stands for it.
pub(crate) const KEY: &str = "wire/fuzz+key=0123456789";

pub(crate) fn run(input: &[u8]) {
    let Some((selector, rest)) = split(input) else { return };
    let Some((options, body)) = split(rest) else { return };
    let endpoints = endpoints();
    let endpoint = &endpoints[selector % endpoints.len()];
    let text = String::from_utf8_lossy(body);
    let body = if text.contains("@KEY@") { text.replace("@KEY@", KEY).into_bytes() } else { body.to_vec() };
    let head = ResponseHead {
        status: [200, 200, 200, 200, 400, 401, 404, 429][options % 8],
        content_type: ["text/event-stream", "application/json", "text/html", ""][options / 8 % 4].to_owned(),
        retry_after: None,
        etag: None,
        content_length: None,
        location: None,
        url: "https://api.example/v1".to_owned(),
    };
    let whole = read(endpoint, &head, options & 128 == 0, vec![body.clone()]);
    let bytes = read(endpoint, &head, options & 128 == 0, body.chunks(1).map(<[u8]>::to_vec).collect());
    assert_eq!(whole, bytes, "a response in single bytes");
    let mut random = Random::new(input.len() as u64);
    let mut chunks = Vec::new();
    let mut rest = &body[..];
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(random.below(rest.len()) + 1);
        chunks.push(chunk.to_vec());
        rest = after;
    }
    assert_eq!(whole, read(endpoint, &head, options & 128 == 0, chunks), "a response in random chunks");
    assert!(!format!("{whole:?}").to_lowercase().contains(KEY), "{whole:?}");
}

/// Everything that a caller gets of a response: text, reasoning, and the response without its times, or the error.
type Read = (String, String, Result<String, String>);

fn read(endpoint: &ResolvedEndpoint<'_>, head: &ResponseHead, stream: bool, chunks: Vec<Vec<u8>>) -> Read {
    let messages = [Message { role: Role::User, text: "Hello" }];
    let request = GenerateRequest { model: "thinker-2", messages: &messages, max_tokens: Some(10), stream };
    let (mut text, mut reasoning) = (String::new(), String::new());
    let result = read_response(endpoint, &request, head, chunks, &mut |event| match event {
        StreamEvent::Text(part) => text.push_str(part),
        StreamEvent::Reasoning(part) => reasoning.push_str(part),
        StreamEvent::Retrying(..) => {}
    });
    let result = match result {
        Ok(response) => {
            assert_eq!((&response.text, &response.reasoning), (&text, &reasoning), "the events are the response");
            Ok(format!("{:?} {:?} {:?}", response.usage, response.finish_reason, response.service_tier))
        }
        Err(error) => Err(format!("{error} {error:?} {:?}", error.retry_after)),
    };
    (text, reasoning, result)
}

/// Returns an endpoint for each supported wire protocol.
fn endpoints() -> &'static [ResolvedEndpoint<'static>] {
    static COMPILED: LazyLock<Compiled> = LazyLock::new(|| {
        let mut text = "name: Wire\nkind: host\nsources:\n  - {url: https://wire.example}\nendpoints:\n".to_owned();
        for api in Api::ALL.iter().filter(|api| is_supported(**api)) {
            text.push_str(&format!("  - {{id: {api}, base_url: https://{api}.example/v1, api: {api}}}\n"));
        }
        text.push_str("auth:\n  - {kind: api-key, env: [WIRE_API_KEY]}\nmodels:\n  - id: thinker-2\n");
        let folder = fixture::scratch().join("catalog");
        let path = folder.join("providers/wire.yaml");
        compile_with_changes(None, &folder, &[FileChange { path: &path, text: Some(&text) }])
    });
    static CATALOG: LazyLock<Catalog<'static>> = LazyLock::new(|| COMPILED.catalog());
    static ENDPOINTS: LazyLock<Vec<ResolvedEndpoint<'static>>> = LazyLock::new(|| {
        let provider = CATALOG.provider("wire").expect("the provider is compiled");
        let environment = |name: &str| (name == "WIRE_API_KEY").then(|| KEY.to_owned());
        let lookup = CredentialLookup { argument: None, environment: &environment, config: &|_| None };
        let resolved = provider.endpoints().map(|endpoint| ResolvedEndpoint::resolve(provider, endpoint, &lookup));
        resolved.collect::<Result<_, _>>().expect("the endpoints are resolved")
    });
    &ENDPOINTS
}
