//! Tests against the LiteLLM proxy, a real server with three wire protocols. `.ci/litellm` installs and starts it, and runs these:
//!
//! ```sh
//! .ci/litellm cargo test --test it litellm:: -- --ignored
//! ```

#![cfg(feature = "cli")]

use crate::program::{Run, TestFolder, WRONG_KEY, bare, finish};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

const PROTOCOLS: [(&str, &str); 3] =
    [("openai-completions", "kimi-k2.5"), ("openai-responses", "gpt-5.5"), ("anthropic-messages", "claude-sonnet-4-5")];

/// The base URL and key of the proxy.
fn proxy() -> (String, String) {
    let held = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this through `.ci/litellm`"));
    let (url, key) = (held("MODELDEX_LITELLM_URL"), held("MODELDEX_LITELLM_KEY"));
    assert!(crate::program::has_secret(&key), "the key is not one that is searched for");
    (url, key)
}

/// Writes an overlay with the provider `proxy`, which has an endpoint per protocol.
fn overlay(place: &TestFolder, url: &str) {
    let models = ["rate-limited", "context-window", "internal-error", "overloaded", "upstream-refuses-key", "no-such-model"];
    let ids = PROTOCOLS.iter().map(|(_, id)| *id).chain(models);
    let models = ids.map(|id| format!("  - id: {id}\n    prices:\n      - {{input: 2, output: 12}}\n")).collect::<String>();
    let endpoints = PROTOCOLS.map(|(api, _)| format!("  - {{id: {api}, base_url: \"{url}/v1\", api: {api}}}\n")).concat();
    place.provider(
        "proxy",
        &format!("name: Proxy\nendpoints:\n{endpoints}auth:\n  - {{kind: api-key, env: [PROXY_API_KEY]}}\nmodels:\n{models}"),
    );
}

fn program(place: &TestFolder, key: &str, arguments: &[&str]) -> Command {
    let mut program = bare(&place.dir);
    program.arg("--overlay").arg(place.dir.join("catalog")).args(arguments).env("PROXY_API_KEY", key).env("KIMI_API_KEY", key);
    program
}

fn run(place: &TestFolder, key: &str, arguments: &[&str]) -> Run {
    finish(&mut program(place, key, arguments))
}

#[test]
#[ignore = "needs the LiteLLM proxy, which `.ci/litellm` installs and starts"]
fn messages_are_streamed_and_whole_in_all_three_protocols() {
    let (url, key) = proxy();
    let place = TestFolder::new("litellm", "messages");
    overlay(&place, &url);
    for (api, model) in PROTOCOLS {
        let reference = format!("proxy/{model}");
        for more in [&[][..], &["--no-stream"][..]] {
            let ask = [&["message", "send", "--model", &reference, "--message", "Say hello.", "--endpoint", api], more].concat();
            let answer = run(&place, &key, &ask);
            assert_eq!((answer.code, answer.out.as_str()), (0, "Hello from the proxy\n"), "{api} {more:?}: {}", answer.err);
            assert!(answer.messages().contains("10 input tokens") && answer.messages().contains("$0.0"), "{api}: {}", answer.messages());
            let object = run(&place, &key, &[&ask[..], &["--json"]].concat()).json();
            let output = object["usage"]["output"].as_u64().expect("a count");
            // 10 x 2 + output x 12 micro-dollars.
            let micros = 20 + 12 * output;
            assert_eq!(object["cost"]["amount"], format!("0.{:06}", micros).trim_end_matches('0'), "{object}");
        }
    }
}

#[test]
#[ignore = "needs the LiteLLM proxy, which `.ci/litellm` installs and starts"]
fn probes_report_what_the_proxy_returns() {
    let (url, key) = proxy();
    let place = TestFolder::new("litellm", "probes");
    overlay(&place, &url);
    for (api, model) in PROTOCOLS {
        let verdict = |key: &str, model: &str, more: &[&str]| {
            let reference = format!("proxy/{model}");
            let output = run(&place, key, &[&["probe", &reference, "--endpoint", api, "--retries", "0", "--json"], more].concat());
            let finding = output.json()["findings"][0].clone();
            (output.code, finding["verdict"].as_str().expect("a word").to_owned(), finding)
        };
        let (code, word, finding) = verdict(&key, model, &["--live"]);
        assert_eq!((code, word.as_str(), &finding["by"]), (0, "ok", &json!("call")), "{api}: {finding}");
        assert_eq!(verdict(&key, model, &[]).1, "ok", "{api}");
        assert_eq!(verdict(WRONG_KEY, model, &["--live"]).1, "key-rejected", "{api}");
        for (model, expected) in [
            ("no-such-model", "model-unknown"),
            ("overloaded", "overloaded"),
            ("rate-limited", "rate-limited"),
            ("internal-error", "server-error"),
        ] {
            let (code, word, finding) = verdict(&key, model, &["--live"]);
            assert_eq!((code, word.as_str()), (1, expected), "{api}: {finding}");
        }
        assert_eq!(verdict(&key, "context-window", &["--live"]).1, "context-overflow", "{api}");
    }
    // The right host with a wrong path.
    overlay(&place, &format!("{url}/v7"));
    let output = run(&place, &key, &["probe", "proxy/kimi-k2.5", "--live", "--json"]);
    assert_eq!(output.json()["findings"][0]["verdict"], "wrong-base-url", "{}", output.out);
}

#[test]
#[ignore = "needs the LiteLLM proxy, which `.ci/litellm` installs and starts"]
fn a_copy_of_kimi_coding_with_another_base_url_works() {
    let (url, key) = proxy();
    let place = TestFolder::new("litellm", "kimi-coding");
    let original =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog/providers/kimi-coding.yaml")).expect("it is there");
    let copy = original.replace("https://api.moonshot.cn/v1", &format!("{url}/v1"));
    assert_ne!(copy, original);
    fs::write(place.dir.join("catalog/providers/acme.yaml"), copy).expect("a file can be written");
    let ask = ["message", "send", "--model", "acme/kimi-k2.5", "--message", "Say hello."];
    let answer = run(&place, &key, &ask);
    assert_eq!((answer.code, answer.out.as_str()), (0, "Hello from the proxy\n"), "{}", answer.err);
    assert!(answer.messages().contains("unpriced") && !answer.messages().contains('$'), "{}", answer.messages());
    let output = run(&place, &key, &["probe", "acme", "acme/kimi-k2.5", "--live"]);
    assert_eq!(output.code, 0, "{}{}", output.out, output.err);
    // The legacy id resolves to the current one, with a warning.
    let answer = run(&place, &key, &["message", "send", "--model", "acme/k2p5", "--message", "Say hello."]);
    assert!(answer.code == 0 && answer.messages().contains("using its replacement `acme/kimi-k2.5`"), "{}", answer.err);
}
