//! No source decides where a key goes: held claims, `confirm`, rejected routes.

use super::place::{ROUTING, TestFolder, copy, moved, snapshot};
use std::collections::BTreeMap;

#[test]
fn a_source_cannot_move_a_key() {
    let mut first: Option<BTreeMap<String, String>> = None;
    for order in [[0, 1], [1, 0]] {
        let place = TestFolder::new("moved");
        let snapshots = [("2026-05-21", snapshot(&[("one", 1000, "1")])), ("2026-08-18", moved(&snapshot(&[("one", 1000, "2")])))];
        for at in order {
            let (day, text) = &snapshots[at];
            copy(&place.0.join("catalog"), &place.0.join("before"));
            let run = place.import(day, text);
            assert!(run.out.contains("held: 2 unconfirmed routing claims") || at == 0 && order[0] == 0, "{}", run.out);
            // A claim is listed when it is new.
            assert_eq!(run.out.contains("none of these claims is new"), at == 0 && order[0] == 1, "{}", run.out);
            if at == 1 {
                for held in [
                    "acme base_url https://evil.example/v1, claimed by models.dev since 2026-08-18",
                    "acme env OPENAI_API_KEY, claimed by models.dev since 2026-08-18",
                ] {
                    assert!(run.out.contains(held), "{held}: {}", run.out);
                }
            }
        }
        let yaml = place.read("catalog/imported/providers/acme.yaml");
        assert!(yaml.contains("https://api.acme.example/v1") && yaml.contains("input: 2,"), "{yaml}");
        assert!(!yaml.contains("evil") && !yaml.contains("OPENAI"), "{yaml}");
        place.check();
        let check = place.run(&["check"]);
        assert!(
            check.err.contains(
                "notice[held-route]: the claim `base_url: https://evil.example/v1` for the provider `acme` is not confirmed (claimed by models.dev since 2026-08-18)"
            ),
            "{}",
            check.err
        );
        let show = place.run(&["providers", "show", "acme", "--catalog", "catalog"]);
        assert!(show.out.contains("https://evil.example/v1") && show.out.contains("Held"), "{}", show.out);
        if order[1] == 1 {
            let diff = place.run(&["diff", "before", "catalog"]);
            assert!(diff.out.trim_start().starts_with("Held (2)\n"), "{}{}", diff.out, diff.err);
            let diff = place.run(&["diff", "before", "catalog", "--json"]);
            let diff: serde_json::Value = serde_json::from_str(&diff.out).unwrap_or_else(|error| panic!("{error}: {}", diff.out));
            assert_eq!((&diff["held"][0]["fact"], diff["held"].as_array().map(Vec::len)), (&"base_url".into(), Some(2)));
        }
        let conflicts = place.run(&["conflicts", "--catalog", "catalog"]);
        assert!(conflicts.out.trim_start().starts_with("Held (2)\n"), "{}", conflicts.out);
        assert_eq!(&place.files(), first.get_or_insert(place.files()));
        // Where the file of the day that was honest is replaced by one that is not, the host stays as well.
        let run = place.import("2026-05-21", &moved(&snapshots[0].1));
        assert!(run.out.contains("held: 2 unconfirmed routing claims"), "{}", run.out);
        assert!(place.read("catalog/imported/providers/acme.yaml").contains("https://api.acme.example/v1"));
    }
}

#[test]
fn a_path_is_held() {
    let place = TestFolder::new("path");
    place.import("2026-05-21", &snapshot(&[("one", 1000, "1")]));
    let run = place.import("2026-08-18", &snapshot(&[("one", 1000, "1")]).replace("example/v1", "example/v2"));
    assert!(run.out.contains("acme base_url https://api.acme.example/v2, claimed by models.dev since 2026-08-18"), "{}", run.out);
    assert!(place.read("catalog/imported/providers/acme.yaml").contains("base_url: https://api.acme.example/v1"));
    place.check();
    assert_eq!(place.run(&["confirm", "acme"]).code, 0);
    assert!(place.read("catalog/imported/providers/acme.yaml").contains("base_url: https://api.acme.example/v2"));
    place.check();
}

#[test]
fn new_claims_are_listed_and_earlier_claims_counted() {
    let place = TestFolder::new("listed");
    let honest = snapshot(&[("one", 1000, "1")]);
    let with = |variables: &str| honest.replace(r#"["ACME_API_KEY"]"#, &format!(r#"["ACME_API_KEY", {variables}]"#));
    place.import("2026-05-21", &with(r#""ACME_TWO_KEY", "ACME_THREE_KEY""#));
    let run = place.import("2026-06-21", &with(r#""ACME_TWO_KEY", "ACME_THREE_KEY", "ACME_FOUR_KEY""#));
    let held: Vec<&str> = run.out.lines().skip_while(|line| !line.starts_with("held:")).collect();
    assert_eq!(
        held,
        [
            "held: 3 unconfirmed routing claims; no request uses these claims",
            "  acme env ACME_FOUR_KEY, claimed by models.dev since 2026-06-21",
            "  `modeldex confirm acme` confirms the claims about acme; `--dry-run` only prints the claims, and `--reject` rejects them",
            "  and 2 claims of earlier snapshots; `modeldex conflicts --fact providers` lists all claims",
        ]
    );
    let run = place.run(&["reconcile"]);
    assert!(
        run.out.ends_with(
            "no request uses these claims\n  none of these claims is new; `modeldex conflicts --fact providers` lists all claims\n"
        ),
        "{}",
        run.out
    );
    let listed = place.run(&["conflicts", "--fact", "providers", "--catalog", "catalog"]);
    for name in ["ACME_TWO_KEY", "ACME_THREE_KEY", "ACME_FOUR_KEY"] {
        assert!(listed.out.contains(name), "{name}: {}", listed.out);
    }
    // A claim that a hand-written file confirms is not listed.
    let by_hand = "auth:\n  - {kind: api-key, env: [ACME_API_KEY, ACME_TWO_KEY, ACME_THREE_KEY, ACME_FOUR_KEY]}\n";
    place.write("catalog/providers/acme.yaml", &format!("# yaml-language-server: $schema=../../schema/provider.schema.json\n{by_hand}"));
    let run = place.run(&["reconcile"]);
    assert!(!run.out.contains("held"), "{}", run.out);
}

#[test]
fn a_new_provider_is_asked_nowhere_until_it_is_confirmed() {
    let place = TestFolder::new("confirmed");
    let bolt = snapshot(&[("one", 1000, "1")]).replace("acme", "bolt").replace("ACME", "BOLT");
    let run = place.import("2026-05-21", &bolt);
    assert!(run.out.contains("bolt base_url https://api.bolt.example/v1, claimed by models.dev since 2026-05-21"), "{}", run.out);
    let yaml = place.read("catalog/imported/providers/bolt.yaml");
    assert!(yaml.contains("{id: one,") && !yaml.contains("endpoints") && !yaml.contains("BOLT"), "{yaml}");
    place.check();
    // Its prices are known, and nothing is sent.
    let cost = place.run(&["cost", "--catalog", "catalog", "--model", "bolt/one", "--input", "1000000", "--output", "0"]);
    assert!(cost.code == 0 && cost.out.contains('1'), "{}{}", cost.out, cost.err);
    let sent = place.run(&["message", "send", "--catalog", "catalog", "--model", "bolt/one", "--message", "x"]);
    assert!(sent.code == 1 && sent.err.contains("confirm"), "{}", sent.err);

    let before = place.files();
    let run = place.run(&["confirm", "bolt", "--dry-run"]);
    assert!(run.code == 0 && run.out.contains("bolt env BOLT_API_KEY, claimed by models.dev since 2026-05-21"), "{}{}", run.out, run.err);
    assert_eq!(place.files(), before);
    assert_eq!(place.run(&["confirm", "nobody"]).code, 1);
    let run = place.run(&["confirm", "--all-new", "--source", "https://docs.bolt.example"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let routing = place.read("catalog/routing.yaml");
    let added = routing.strip_prefix(ROUTING).expect("the rest stays as it was");
    let expected = "    endpoints:\n      - {base_url: https://api.bolt.example/v1, api: openai-completions}\n    auth:\n      - {kind: api-key, env: [BOLT_API_KEY]}\n";
    assert!(added.starts_with("  bolt:\n    source: https://docs.bolt.example\n    checked: ") && added.ends_with(expected), "{added}");
    assert!(place.read("catalog/imported/providers/bolt.yaml").contains("https://api.bolt.example/v1"));
    assert_eq!(place.read("catalog/imported/held.yaml").lines().nth(2), Some("held: []"));
    place.check();

    // A host that moves later is confirmed in place of the old one, and a variable that has no part in it is left where it is.
    place.import(
        "2026-08-18",
        &moved(&bolt)
            .replace("api.bolt.example", "new.bolt.example")
            .replace("\"BOLT_API_KEY\"", "\"BOLT_API_KEY\", \"BOLT_TOKEN\", \"OPENAI_API_KEY\""),
    );
    let run = place.run(&["confirm", "bolt", "--only", "https://new.bolt.example/v1", "--only", "BOLT_TOKEN"]);
    assert!(run.code == 0 && run.out.contains("  this base URL replaces https://api.bolt.example/v1"), "{}{}", run.out, run.err);
    let routing = place.read("catalog/routing.yaml");
    assert!(routing.contains("new.bolt.example/v1") && !routing.contains("api.bolt.example"), "{routing}");
    assert!(routing.contains("env: [BOLT_API_KEY, BOLT_TOKEN]") && !routing.contains("OPENAI"), "{routing}");

    // A rejected claim is neither used nor reported again.
    assert!(place.read("catalog/imported/held.yaml").contains("OPENAI_API_KEY"));
    let run = place.run(&["confirm", "bolt", "--reject"]);
    assert!(run.code == 0 && run.out.contains("rejected: bolt env OPENAI_API_KEY"), "{}{}", run.out, run.err);
    assert!(place.read("catalog/routing.yaml").ends_with("    rejected: [OPENAI_API_KEY]\n"), "{}", place.read("catalog/routing.yaml"));
    assert_eq!(place.read("catalog/imported/held.yaml").lines().nth(2), Some("held: []"));
    assert!(!place.read("catalog/imported/providers/bolt.yaml").contains("OPENAI"));
    place.check();
}

#[test]
fn what_is_rejected_is_never_used() {
    let place = TestFolder::new("rejected");
    let bolt =
        snapshot(&[("one", 1000, "1")]).replace("acme", "bolt").replace(r#"["ACME_API_KEY"]"#, r#"["BOLT_API_KEY", "OPENAI_API_KEY"]"#);
    place.import("2026-05-21", &bolt);
    assert_eq!(place.run(&["confirm", "bolt", "--reject", "--only", "OPENAI_API_KEY"]).code, 0);
    let run = place.run(&["confirm", "bolt"]);
    assert!(run.code == 0 && !run.out.contains("OPENAI"), "{}{}", run.out, run.err);
    let routing = place.read("catalog/routing.yaml");
    assert!(routing.ends_with("env: [BOLT_API_KEY]}\n    rejected: [OPENAI_API_KEY]\n"), "{routing}");
    assert!(!place.read("catalog/imported/providers/bolt.yaml").contains("OPENAI"));

    // A rejected path is not reported again, in no spelling.
    place.import("2026-08-18", &bolt.replace("example/v1", "example/v2"));
    let yaml = || place.read("catalog/imported/providers/bolt.yaml");
    assert!(yaml().contains("https://api.bolt.example/v1"), "{}", yaml());
    assert!(place.read("catalog/imported/held.yaml").contains("https://api.bolt.example/v2"));
    assert_eq!(place.run(&["confirm", "bolt", "--reject", "--only", "https://api.bolt.example/v2"]).code, 0);
    assert_eq!(place.read("catalog/imported/held.yaml").lines().nth(2), Some("held: []"));
    for spelling in ["https://API.bolt.example/v2", "https://api.bolt.example:443/v2", "https://api.bolt.example//v2/"] {
        place.import("2026-08-18", &bolt.replace("https://api.bolt.example/v1", spelling));
        assert!(yaml().contains("https://api.bolt.example/v1"), "{spelling}: {}", yaml());
        assert_eq!(place.read("catalog/imported/held.yaml").lines().nth(2), Some("held: []"), "{spelling}");
    }
    // What is confirmed is not rejected in the same breath, and what is rejected not twice.
    assert_eq!(place.run(&["confirm", "bolt", "--reject", "--only", "OPENAI_API_KEY"]).code, 1);
    let run = place.run(&["confirm", "bolt", "--reject", "--only", "BOLT_API_KEY"]);
    assert!(run.code == 1 && run.out.contains("the value is already confirmed"), "{}{}", run.out, run.err);
    place.check();
}

#[test]
fn only_what_is_named_is_confirmed() {
    let place = TestFolder::new("only");
    let bolt =
        snapshot(&[("one", 1000, "1")]).replace("acme", "bolt").replace(r#"["ACME_API_KEY"]"#, r#"["BOLT_API_KEY", "ACME_API_KEY"]"#);
    place.import("2026-05-21", &bolt);
    assert_eq!(place.run(&["confirm", "bolt", "--only", "BOLT_API_KEY"]).code, 0);
    let routing = place.read("catalog/routing.yaml");
    assert_eq!(routing.strip_prefix(ROUTING), Some("  bolt:\n    auth:\n      - {kind: api-key, env: [BOLT_API_KEY]}\n"));
    // A variable that another provider reads holds that provider's key; the output names that provider.
    let run = place.run(&["confirm", "bolt", "--only", "ACME_API_KEY", "--dry-run"]);
    assert!(run.code == 0 && run.out.contains("the provider acme also reads this variable"), "{}{}", run.out, run.err);
    assert_eq!(place.run(&["confirm", "bolt", "--only", "https://api.bolt.example/v1"]).code, 0);
    let routing = place.read("catalog/routing.yaml");
    assert!(routing.contains("api.bolt.example/v1") && routing.ends_with("env: [BOLT_API_KEY]}\n"), "{routing}");
}

#[test]
fn a_protocol_is_held() {
    let place = TestFolder::new("protocol");
    let honest = snapshot(&[("one", 1000, "1")]);
    place.import("2026-05-21", &honest);
    let other = |npm: &str| honest.replace("@ai-sdk/openai-compatible", npm);
    let protocol = || {
        let yaml = place.read("catalog/imported/providers/acme.yaml");
        let line = yaml.lines().find(|line| line.contains("base_url")).unwrap_or_default().to_owned();
        line.split("api: ").nth(1).unwrap_or_default().trim_end_matches('}').to_owned()
    };
    // The protocol of a URL that is held back itself is not reported.
    let run = place.import("2026-06-21", &moved(&other("ollama-ai-provider")));
    assert!(protocol() == "openai-completions" && !run.out.contains("acme api"), "{}", run.out);
    // Protocols differ in the header of the key, and clients of some make the host themselves.
    for (day, npm, api) in [
        ("2026-07-21", "@ai-sdk/anthropic", "anthropic-messages"),
        ("2026-07-22", "@ai-sdk/openai", "openai-responses"),
        ("2026-08-21", "@ai-sdk/amazon-bedrock", "bedrock-converse"),
        ("2026-08-22", "@ai-sdk/azure", "azure-openai"),
        ("2026-08-23", "@ai-sdk/google-vertex", "google-vertex"),
        ("2026-08-24", "@ai-sdk/google", "google-generative-ai"),
    ] {
        let run = place.import(day, &other(npm));
        assert!(run.out.contains(&format!("acme api {api}, claimed by models.dev since 2026-")), "{npm}: {}", run.out);
        assert_eq!(protocol(), "openai-completions", "{npm}");
        let emitted = place.run(&["emit", "models.dev", "--catalog", "catalog", "--provider", "acme"]);
        assert!(emitted.out.contains("https://api.acme.example/v1"), "{npm}: {}{}", emitted.out, emitted.err);
    }
    assert_eq!(place.run(&["confirm", "acme", "--reject", "--only", "google-generative-ai"]).code, 0);
    assert_eq!(place.read("catalog/imported/held.yaml").lines().nth(2), Some("held: []"));
    place.import("2026-09-01", &other("@ai-sdk/anthropic"));
    let run = place.run(&["confirm", "acme"]);
    assert!(run.code == 0 && run.out.contains("  this wire protocol replaces openai-completions"), "{}{}", run.out, run.err);
    assert_eq!(protocol(), "anthropic-messages");
    place.check();
}

#[test]
fn an_account_in_a_path_is_held() {
    let place = TestFolder::new("account");
    let confirmed = ROUTING
        .replace("example/v1, api: openai-completions}", "example/${ACME_ACCOUNT_ID}/v1', api: openai-completions}")
        .replace("base_url: https", "base_url: 'https");
    place.write(
        "catalog/routing.yaml",
        &confirmed.replace("env: [ACME_API_KEY]}", "env: [ACME_API_KEY], variables: [{env: [ACME_ACCOUNT_ID], role: account}]}"),
    );
    let run = place.import("2026-05-21", &snapshot(&[("one", 1000, "1")]).replace("example/v1", "example/0xattacker/v1"));
    assert!(run.out.contains("acme base_url https://api.acme.example/0xattacker/v1, claimed by"), "{}", run.out);
    let yaml = place.read("catalog/imported/providers/acme.yaml");
    assert!(yaml.contains("example/${ACME_ACCOUNT_ID}/v1") && !yaml.contains("0xattacker"), "{yaml}");
}
