use super::*;

/// Keys in the formats of issuers. Built at run time, so that secret scanners do not flag this file.
fn keys() -> Vec<String> {
    let issued = PREFIXES.iter().map(|(prefix, more)| format!("{prefix}{}", "a1B2".repeat(more.div_ceil(4))));
    let others =
        [format!("{}.{}", "0123456789abcdef".repeat(2), "a1B2".repeat(4)), format!("eyJ{0}.{0}.{0}", "a1B2".repeat(4)), "q7Rt".repeat(9)];
    issued.chain(others).collect()
}

#[test]
fn keys_of_known_issuers_are_found() {
    for key in keys() {
        for text in [format!("key: {key}"), format!("# {key}\n"), format!("[\"{key}\"]"), format!("{key}: x")] {
            assert_eq!(find_certain(&text).iter().map(|found| &text[found.clone()]).collect::<Vec<_>>(), [&*key], "{text}");
            for masked in [mask(&text), mask_certain(&text), mask_around(&text, &[])] {
                assert_eq!(masked.len(), text.len());
                assert!(!masked.contains(&key[4..12]), "{masked}");
            }
        }
        assert!(may_be_secret(&key), "{key}");
    }
    let text = "-----BEGIN RSA PRIVATE KEY-----\nab\n-----END RSA PRIVATE KEY-----";
    assert_eq!(find_certain(text).iter().map(|found| found.end).collect::<Vec<_>>(), [35]);
    assert!(find_certain("-----BEGIN CERTIFICATE-----").is_empty());
}

#[test]
fn a_password_in_a_url_is_found() {
    let text = "base_url: https://user:hunter2@api.example.com/v1";
    assert_eq!(mask(text), "base_url: https://************@api.example.com/v1");
    let text = "base_url: https://token@api.example.com/v1";
    assert_eq!(mask(text), "base_url: https://*****@api.example.com/v1");
    assert!(find_certain(text).is_empty());
}

#[test]
fn possible_secrets_are_masked() {
    for (text, masked) in [
        ("api_key: hunter2-hunter2\nname: x", "api_key: ***************\nname: x"),
        ("{Token: \"hunter2\", id: x}", "{Token: \"*******\", id: x}"),
        ("url: https://u:hunter2,xyz@a.example/v1", "url: https://*************@a.example/v1"),
        ("url: https://u:hunter2/xyz@a.example/v1", "url: https://*************@a.example/v1"),
        ("url: https://a.example/v1?key=hunter2&b=c#d", "url: https://a.example/v1?key=*******&b=***"),
        ("# API_KEY=hunter2 run", "# API_KEY=******* run"),
        ("curl -u user:hunter2 x", "curl -u user:******* x"),
        ("not `Bearer hunter2-hunter2`, a bearer token", "not `Bearer ***************`, a bearer token"),
        ("# é Zk39fLq82mXc71PwVt54", "# é ********************"),
    ] {
        assert_eq!(mask(text), masked);
    }
    assert!(NAMES.len() == 10 && PREFIXES.len() == 28 && PREFIXES.iter().all(|(_, more)| *more >= 16), "incomplete list");
    for name in NAMES.iter() {
        for name in [(*name).to_owned(), name.to_uppercase(), format!("db_{name}"), format!("{name}-2"), format!("{name}_1")] {
            assert_eq!(mask(&format!("{name}: hunter2")), format!("{name}: *******"));
        }
    }
}

#[test]
fn names_hashes_and_ids_are_not_secrets() {
    for text in [
        "Meta-Llama-3.1-405B-Instruct-Turbo",
        "accounts/fireworks/models/qwen3-coder-480b-a35b-instruct",
        "https://github.com/sst/models.dev/commit/4a77c9046b16b24bf15de20c907b2b7485ce3e44",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "ANTHROPIC_API_KEY_FOR_THE_STAGING_ENVIRONMENT_2",
        "sk-proj-without-any-digit-in-it-at-all",
        "MoonshotKimiK2Model",
        "xiaomi-token-plan-cn: {kind: plan}",
        "kind: api-key\nmax_tokens: 5\nrole: session-token, x: y",
        "unknown key `foo`: x",
        "API_KEY=$OTHER",
    ] {
        assert_eq!(mask(text), text);
    }
    assert!(find_certain("https://docs.example.com/a@b").is_empty());
}

#[test]
fn possible_secrets_on_quoted_lines_are_masked() {
    const SECRET: &str = "Zk39fLq82mXc71PwVt54";
    for line in [
        "OPENAI_API_KEY=Zk39fLq82mXc71PwVt54 MODEL=kimi-coding/k2p5",
        "export OPENAI_API_KEY=Zk39fLq82mXc71PwVt54; kimi-coding/k2p5",
        "DB_PASSWORD=Zk39fLq82mXc71PwVt54 kimi-coding/k2p5",
        "run --api-key Zk39fLq82mXc71PwVt54 --model kimi-coding/k2p5",
        "curl -u user:Zk39fLq82mXc71PwVt54 kimi-coding/k2p5",
        // modeldex-ignore
        "'token' => 'Zk39fLq82mXc71PwVt54', 'model' => 'kimi-coding/k2p5'",
        "GET /v1?key=Zk39fLq82mXc71PwVt54&model=kimi-coding/k2p5",
        "say Zk39fLq82mXc71PwVt54 kimi-coding/k2p5",
    ] {
        let at = line.find("kimi").unwrap_or_default();
        let shown = mask_around(line, std::slice::from_ref(&(at..at + 16)));
        assert_eq!(shown.len(), line.len());
        assert!(!shown.contains(SECRET) && shown.contains("kimi-coding/k2p5"), "{shown}");
    }
    let line = "passphrase hunter2hunter2 kimi-coding/k2p5";
    assert_eq!(mask_around(line, std::slice::from_ref(&(26..42))), "passphrase ************** kimi-coding/k2p5");
}
