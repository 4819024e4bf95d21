//! `confirm`: which claims it refuses, and which claims `--all-new` and `--source` select.

use super::place::{ROUTING, TestFolder};
use serde_json::json;

const HEAD: &str = "# yaml-language-server: $schema=../schema/";

/// A catalog with two sources, in which `acme` is confirmed.
fn place(test: &str) -> TestFolder {
    let place = TestFolder::new(&format!("confirm-{test}"));
    let sources = ["catwalk", "models.dev"].map(|name| format!("  {name}: {{name: {name}, licence: MIT}}\n")).concat();
    place.write("catalog/sources.yaml", &format!("{HEAD}sources.schema.json\nsources:\n{sources}"));
    let ids = ["acme", "bolt", "crank", "dial", "etch", "flux", "gear"];
    let map: String = ids.iter().map(|id| format!("  {id}: {{catwalk: [{id}], models.dev: [{id}]}}\n")).collect();
    place.write("catalog/provider-map.yaml", &format!("{HEAD}provider-map.schema.json\nproviders:\n{map}"));
    place
}

/// A snapshot of models.dev with these providers: id, base URL, variables.
fn models_dev(providers: &[(&str, &str, &[&str])]) -> String {
    let provider = |(id, url, env): &(&str, &str, &[&str])| {
        let model = json!({"id": "one", "name": "One", "limit": {"context": 1000, "output": 100}});
        let provider = json!({"id": id, "name": id, "npm": "@ai-sdk/openai-compatible", "api": url, "env": env, "models": {"one": model}});
        ((*id).to_owned(), provider)
    };
    serde_json::Value::Object(providers.iter().map(provider).collect()).to_string()
}

/// A snapshot of catwalk with these providers, each with a base URL and a variable of its own.
fn catwalk(ids: &[&str], api: &str) -> String {
    let provider = |id: &&str| {
        let (url, key) = (format!("https://api.{id}.example/v1"), format!("${}_API_KEY", id.to_uppercase()));
        let models = json!([{"id": "one", "name": "One"}]);
        ((*id).to_owned(), json!({"id": id, "name": id, "api_key": key, "api_endpoint": url, "type": api, "models": models}))
    };
    serde_json::Value::Object(ids.iter().map(provider).collect()).to_string()
}

fn import(place: &TestFolder, source: &str, text: &str) {
    // The newer snapshot has more weight.
    let file = if source == "catwalk" { "s.2026-09-30.json" } else { "s.2026-05-21.json" };
    place.write(file, text);
    let run = place.run(&["import", source, file]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

fn confirmed(place: &TestFolder) -> Vec<String> {
    let routing = place.read("catalog/routing.yaml");
    let ids = routing.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':').filter(|id| !id.starts_with(' ')));
    ids.map(str::to_owned).collect()
}

#[test]
fn a_source_limits_what_is_confirmed() {
    let place = place("source");
    import(&place, "models.dev", &models_dev(&[("bolt", "https://api.bolt.example/v1", &["BOLT_API_KEY"])]));
    import(&place, "catwalk", &catwalk(&["crank"], "openai-compat"));
    let before = place.files();
    let run = place.run(&["confirm", "--all-new", "--source", "models.dev", "--dry-run"]);
    assert!(run.code == 0 && run.out.contains("bolt base_url") && !run.out.contains("crank"), "{}{}", run.out, run.err);
    assert_eq!(place.files(), before);
    let run = place.run(&["confirm", "--all-new", "--source", "models.dev"]);
    assert_eq!((run.code, confirmed(&place)), (0, vec!["acme".to_owned(), "bolt".to_owned()]), "{}{}", run.out, run.err);
    assert!(run.out.contains("  its wire protocol is openai-completions"), "{}", run.out);
    // The name of a source is not the page of a provider.
    assert!(!place.read("catalog/routing.yaml").contains("source:"), "{}", place.read("catalog/routing.yaml"));
    assert!(place.read("catalog/imported/held.yaml").contains("https://api.crank.example/v1"));
    let run = place.run(&["confirm", "--all-new", "--source", "models.dev"]);
    assert!(run.code == 0 && run.out.starts_with("nothing to confirm"), "{}{}", run.out, run.err);
    for (source, why) in [("nobody", "known sources: catwalk, models.dev"), ("ftp://a.example", "expected an http or https URL")] {
        let run = place.run(&["confirm", "--all-new", "--source", source]);
        assert!(run.code == 2 && run.err.contains(why), "{source}: {}", run.err);
    }
    assert_eq!(place.run(&["confirm", "crank", "--source", "models.dev"]).code, 1);
    let run = place.run(&["confirm", "crank", "--source", "https://docs.crank.example"]);
    assert!(run.code == 0 && place.read("catalog/routing.yaml").contains("    source: https://docs.crank.example\n"), "{}", run.err);
    place.check();
}

#[test]
fn what_could_send_a_key_elsewhere_is_refused() {
    let place = place("refused");
    let evil = "https://evil.example";
    // A provider without any valid base URL is not in the catalog, so another source has one.
    import(&place, "catwalk", &catwalk(&["acme", "crank", "dial", "flux", "gear"], "openai-compat"));
    import(
        &place,
        "models.dev",
        &models_dev(&[
            ("bolt", "https://api.bolt.example/v1", &["BOLT_API_KEY", "ACME_API_KEY"]),
            ("crank", "http://api.crank.example/v1", &["CRANK_API_KEY"]),
            ("dial", &format!("{evil}/${{ACME_API_KEY}}/v1"), &["DIAL_API_KEY"]),
            ("etch", &format!("{evil}/etch"), &["acme_api_key", "ACME_API_KEY"]),
            ("flux", "https://аpi.flux.example/v1", &["FLUX_API_KEY"]),
            ("gear", &format!("{evil}/${{GITHUB_TOKEN}}/v1"), &["GEAR_API_KEY"]),
        ]),
    );
    let run = place.run(&["confirm", "--all-new", "--source", "models.dev"]);
    assert_eq!((run.code, confirmed(&place)), (0, vec!["acme".to_owned(), "bolt".to_owned()]), "{}{}", run.out, run.err);
    let routing = place.read("catalog/routing.yaml");
    assert!(routing.contains("env: [BOLT_API_KEY]") && routing.matches("ACME_API_KEY").count() == 1, "{routing}");
    let other_host = "belongs to the provider `acme`; the two providers have different hosts";
    for (claim, why) in [
        (
            "bolt env ACME_API_KEY",
            "the provider `bolt` reads the variable `ACME_API_KEY`, which belongs to the provider `acme`; the two providers have different hosts",
        ),
        ("crank base_url http://api.crank.example/v1", "begins with `http://`"),
        ("crank env CRANK_API_KEY", "the provider would still have no base URL"),
        (
            "dial base_url https://evil.example/${ACME_API_KEY}/v1",
            "the base URL contains the variable `${ACME_API_KEY}`, which contains a credential of the provider `acme`",
        ),
        ("etch env ACME_API_KEY", other_host),
        ("etch base_url https://evil.example/etch", "the provider would still have no authentication method"),
        ("flux base_url https://аpi.flux.example/v1", "which is not allowed in a URL"),
        ("gear base_url https://evil.example/${GITHUB_TOKEN}/v1", "the base URL contains the variable `${GITHUB_TOKEN}`"),
    ] {
        let line = run.out.lines().skip_while(|line| !line.starts_with(&format!("skipped: {claim},"))).nth(1);
        assert!(line.is_some_and(|line| line.contains(why)), "{claim}: {}", run.out);
        assert!(
            place.read("catalog/imported/held.yaml").contains(claim.rsplit(' ').next().unwrap_or_default()),
            "{claim} is no longer held"
        );
    }
    place.check();
    let run = place.run(&["confirm", "--all-new", "--only", "ACME_API_KEY"]);
    assert!(run.code == 1 && run.out.contains("skipped: etch env ACME_API_KEY"), "{}{}", run.out, run.err);
    // Named providers and claims are refused in the same way.
    for id in ["dial", "gear"] {
        let run = place.run(&[
            "confirm",
            id,
            "--only",
            &format!("{evil}/${{{}}}/v1", if id == "dial" { "ACME_API_KEY" } else { "GITHUB_TOKEN" }),
        ]);
        assert!(run.code == 1 && run.out.contains("skipped"), "{id}: {}{}", run.out, run.err);
    }
    let run = place.run(&["confirm", "bolt"]);
    assert!(run.code == 1 && run.out.contains("skipped: bolt env ACME_API_KEY"), "{}{}", run.out, run.err);
    let dry = ["confirm", "bolt", "--only", "ACME_API_KEY", "--dry-run"];
    let run = place.run(&dry);
    assert!(run.code == 1 && run.out.contains(&format!("which {other_host}")), "{}{}", run.out, run.err);
    // A person states that both providers take the same key.
    place.write("catalog/routing.yaml", &format!("{routing}shared_variables: {{ACME_API_KEY: [acme, bolt]}}\n"));
    let run = place.run(&dry);
    assert!(run.code == 0 && run.out.contains("confirmed: bolt env ACME_API_KEY"), "{}{}", run.out, run.err);
}

#[test]
fn one_variable_of_two_new_providers_is_refused() {
    let place = place("two");
    import(
        &place,
        "models.dev",
        &models_dev(&[("bolt", "https://api.bolt.example/v1", &["BOLT_API_KEY"]), ("crank", "https://evil.example/v1", &["BOLT_API_KEY"])]),
    );
    let run = place.run(&["confirm", "--all-new"]);
    assert!(run.code == 1 && run.err.contains("no claim was confirmed"), "{}{}", run.out, run.err);
    assert!(run.out.contains("skipped: crank env BOLT_API_KEY") && run.out.contains("skipped: bolt env BOLT_API_KEY"), "{}", run.out);
    assert_eq!(place.read("catalog/routing.yaml"), ROUTING);
    assert_eq!(place.run(&["confirm", "bolt", "--only", "BOLT_API_KEY", "--only", "https://api.bolt.example/v1"]).code, 0);
    place.check();
}

#[test]
fn variables_that_are_named_after_another_provider_are_confirmed_only_by_name() {
    let place = place("named-after");
    let variables = ["BOLT_API_KEY", "ACME_AUTH_TOKEN", "AC_ME_KEY", "GITHUB_PAT"];
    import(&place, "models.dev", &models_dev(&[("bolt", "https://api.bolt.example/v1", &variables)]));
    place.write("catalog/routing.yaml", &ROUTING.replace("providers:", "shared_variables: {GITHUB_PAT: []}\nproviders:"));
    let run = place.run(&["confirm", "--all-new"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let routing = place.read("catalog/routing.yaml");
    assert!(routing.contains("env: [BOLT_API_KEY]"), "{routing}");
    for variable in &variables[1..3] {
        let line = run.out.lines().skip_while(|line| !line.starts_with(&format!("skipped: bolt env {variable},"))).nth(1);
        assert!(line.is_some_and(|line| line.contains("the variable is named after the provider acme")), "{}", run.out);
    }
    assert!(run.out.contains("skipped: bolt env GITHUB_PAT,"), "{}", run.out);
    let run = place.run(&["confirm", "bolt", "--only", "ACME_AUTH_TOKEN"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    place.check();
}

#[test]
fn variables_of_providers_that_the_catalog_does_not_contain_are_confirmed_only_by_name() {
    let place = place("absent");
    // `crank` has no base URL, so the catalog does not contain it. No source lists `dial`.
    import(&place, "catwalk", &catwalk(&["crank"], "openai-compat").replace("https://api.crank.example/v1", ""));
    let variables = ["BOLT_API_KEY", "CRANK_API_KEY", "CRANK_ACCESS_TOKEN", "DIAL_API_KEY"];
    import(&place, "models.dev", &models_dev(&[("bolt", "https://api.bolt.example/v1", &variables)]));
    assert!(place.read("evidence/absent.yaml").contains("crank: "));
    let held = place.read("catalog/imported/held.yaml");
    assert!(held.contains("  - {id: crank, env: [CRANK_API_KEY]}\n  - {id: dial}\n"), "{held}");
    let run = place.run(&["confirm", "--all-new"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(place.read("catalog/routing.yaml").contains("env: [BOLT_API_KEY]"), "{}", run.out);
    for (variable, why) in [
        ("CRANK_API_KEY", "the provider crank also reads this variable"),
        ("CRANK_ACCESS_TOKEN", "the variable is named after the provider crank"),
        ("DIAL_API_KEY", "the variable is named after the provider dial"),
    ] {
        let line = run.out.lines().skip_while(|line| !line.starts_with(&format!("skipped: bolt env {variable},"))).nth(1);
        assert!(line.is_some_and(|line| line.contains(why)), "{variable}: {}", run.out);
    }
    place.check();
}

#[test]
fn a_hand_written_provider_is_not_new() {
    let place = place("hand");
    let hand = "endpoints:\n  - {base_url: https://api.bolt.example/v1, api: openai-completions}\n";
    place.write("catalog/providers/bolt.yaml", &format!("{HEAD}../provider.schema.json\n").replace("../schema/../", "../../schema/"));
    place.write(
        "catalog/providers/bolt.yaml",
        &format!("# yaml-language-server: $schema=../../schema/provider.schema.json\nname: Bolt\n{hand}auth:\n  - {{kind: api-key, env: [BOLT_API_KEY]}}\n"),
    );
    import(&place, "models.dev", &models_dev(&[("bolt", "https://evil.example/v1", &["BOLT_SECOND_KEY"])]));
    let run = place.run(&["confirm", "--all-new"]);
    assert!(run.code == 0 && run.out.starts_with("nothing to confirm"), "{}{}", run.out, run.err);
    assert_eq!(place.read("catalog/routing.yaml"), ROUTING);
}

#[test]
fn the_protocol_is_that_of_the_confirmed_url() {
    let place = place("protocol");
    import(&place, "models.dev", &models_dev(&[("bolt", "https://evil.example/v1", &["BOLT_API_KEY"])]));
    import(&place, "catwalk", &catwalk(&["bolt"], "anthropic"));
    let run = place.run(&["confirm", "bolt", "--only", "https://api.bolt.example/v1", "--only", "BOLT_API_KEY"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(place.read("catalog/routing.yaml").contains("{base_url: https://api.bolt.example/v1, api: anthropic-messages}"));
}

#[test]
fn one_of_several_hosts_is_confirmed_only_by_name() {
    let place = place("hosts");
    // The newer source, which has more weight, claims another host.
    import(&place, "models.dev", &models_dev(&[("bolt", "https://api.bolt.example/v1", &["BOLT_API_KEY"])]));
    let poisoned = catwalk(&["bolt", "crank"], "openai-compat").replace("https://api.bolt.example", "https://evil.example");
    import(&place, "catwalk", &poisoned);
    for arguments in [&["bolt"][..], &["--all-new", "--source", "models.dev"]] {
        let run = place.run(&[&["confirm", "--dry-run"], arguments].concat());
        assert!(!run.out.contains("confirmed: bolt base_url") && !run.out.contains("wire protocol"), "{arguments:?}: {}", run.out);
    }
    let run = place.run(&["confirm", "--all-new"]);
    assert_eq!(run.out.matches("sources claim several base URLs; choose one with `--only`").count(), 2, "{}", run.out);
    let routing = place.read("catalog/routing.yaml");
    assert!(!routing.contains("evil.example") && !routing.contains("api.bolt.example"), "{routing}");
    let run = place.run(&["confirm", "bolt", "--only", "https://api.bolt.example/v1"]);
    assert!(run.code == 0 && place.read("catalog/routing.yaml").contains("https://api.bolt.example/v1"), "{}{}", run.out, run.err);
    place.check();
}
