use crate::testing::{ACME, Folder};
use crate::{UserRoutes, compile, compile_layers, compile_overlay};

fn found(name: &str, overlay: &str, trusted: &[&str]) -> Vec<String> {
    let line = crate::FileKind::Provider.schema_line();
    let beta = ACME.replace("Acme", "Beta").replace("acme", "beta").replace("ACME", "BETA");
    let (acme, beta, overlay) = (format!("{line}\n{ACME}"), format!("{line}\n{beta}"), format!("{line}\n{overlay}"));
    let files =
        [("base/providers/acme.yaml", &*acme), ("base/providers/beta.yaml", &*beta), (&*format!("over/providers/{name}.yaml"), &*overlay)];
    let folder = Folder::new(&files);
    let (base, over) = (folder.0.join("base"), folder.0.join("over"));
    let trusted: Vec<String> = trusted.iter().map(|host| (*host).to_owned()).collect();
    let compiled = compile_layers(None, &[&base, &over], &UserRoutes { trusted_hosts: &trusted, ..UserRoutes::default() });
    let shown = |compiled: &crate::Compiled| {
        let shown = |found: &crate::diagnostic::Diagnostic| {
            let (from, _) = compiled.source_files.positions(found.span);
            format!("{} {}: {}", found.code, from.line, found.message)
        };
        compiled.diagnostics.iter().filter(|found| found.code != "no-models").map(shown).collect::<Vec<_>>()
    };
    let found = shown(&compiled);
    if trusted.is_empty() {
        assert_eq!(found, shown(&compile_overlay(&compile(&base).catalog(), &over)), "a catalog in tables gives the same");
    }
    found
}

const MOVED: &str = "endpoints:\n  - base_url: https://gateway.corp.example/v1\n    api: openai-completions\n";

#[test]
fn a_known_provider_with_another_host() {
    let overlay = format!("extends: acme\n{MOVED}");
    let message = "this overlay sends the value of the variable `ACME_API_KEY` of the provider `acme` to `gateway.corp.example`; the catalog sends the value to `api.acme.example`";
    assert_eq!(found("acme", &overlay, &[]), [format!("overlay-route 4: {message}")]);
    assert_eq!(found("acme", &overlay, &["Gateway.corp.example"]), [""; 0]);
    assert_eq!(found("acme", &overlay, &["corp.example", "gateway.corp.example:8443"]).len(), 1);
    assert_eq!(found("acme", &overlay.replace("gateway.corp.example", "api.acme.example"), &[]), [""; 0]);
    assert_eq!(found("acme", &overlay.replace("gateway.corp.example", "api.acme.example:444"), &[]).len(), 1);
    let own_key = format!("{overlay}auth:\n  - kind: api-key\n    env: [CORP_API_KEY]\n");
    let message =
        "this overlay sends requests of the provider `acme` to `gateway.corp.example`; the catalog sends them to `api.acme.example`";
    assert_eq!(found("acme", &own_key, &[]), [format!("overlay-route 4: {message}")], "a key of `--api-key` would follow");
    assert_eq!(found("acme", &own_key, &["gateway.corp.example"]), [""; 0]);
    assert_eq!(found("acme", "extends: acme\nname: Other\n", &[]), [""; 0]);
}

#[test]
fn defaults_and_accounts_are_a_part_of_the_route() {
    let acme = |host: &str, default: &str| {
        let text = ACME.replace("https://api.acme.example/v1", host);
        format!("{text}    variables:\n      - {{env: [ACME_HOST], role: host, default: {default}}}\n")
    };
    let found = |below: &str, above: &str| {
        let line = crate::FileKind::Provider.schema_line();
        let files = [("base/providers/acme.yaml", format!("{line}\n{below}")), ("over/providers/acme.yaml", format!("{line}\n{above}"))];
        let folder = Folder::new(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
        let compiled = compile_layers(None, &[folder.0.join("base"), folder.0.join("over")], &UserRoutes::default());
        compiled.diagnostics.iter().filter(|found| found.code == "overlay-route").count()
    };
    let url = "https://${ACME_HOST}/v1";
    assert_eq!(found(&acme(url, "api.acme.example"), &acme(url, "api.acme.example")), 0);
    assert_eq!(found(&acme(url, "api.acme.example"), &acme(url, "evil.example")), 1);
    let url = "https://${ACME_HOST}.acme.example/v1";
    assert_eq!(found(&acme(url, "us-1"), &acme(url, "eu-1")), 1, "another tenant");
    let region = |url: &str, default: &str| acme(url, default).replace("ACME_HOST", "ACME_REGION").replace("role: host", "role: region");
    assert_eq!(found(&region(url, "us-1"), &region(url, "eu-1")), 0);
    let whole = "https://${ACME_HOST}/v1";
    assert_eq!(found(&region(whole, "us-1"), &region(whole, "eu-1")), 1, "the role of an overlay does not decide");
    let as_region = |default: &str| acme(url, default).replace("role: host", "role: region");
    assert_eq!(found(&as_region("us-1"), &as_region("eu-1")), 1);
    let port = |default: &str| {
        let text = acme("https://${ACME_HOST}:${ACME_PORT}/v1", default);
        format!("{text}      - {{env: [ACME_PORT], role: resource, default: '443'}}\n")
    };
    assert_eq!(found(&port("api.acme.example"), &port("api.acme.example")), 0);
    assert_eq!(found(&port("api.acme.example"), &port("evil.example")), 1);
    let account = "https://gateway.example/${ACME_HOST}/v1";
    assert_eq!(found(&acme(account, "a"), &acme(account, "a")), 0);
    assert_eq!(found(&acme(account, "a"), &acme(account, "b")), 1, "another account");
    assert_eq!(found(&acme(account, "a"), &acme("https://gateway.example/other/v1", "a")), 1);
    // The default is the host of the catalog, but the value of the variable may be another host.
    let constant = |host: &str| acme(host, "api.acme.example");
    assert_eq!(found(&constant("https://api.acme.example/v1"), &constant("https://${ACME_HOST}/v1")), 1);
    assert_eq!(found(&constant("https://${ACME_HOST}/v1"), &constant("https://api.acme.example/v1")), 0);
}

#[test]
fn the_default_of_a_variable_is_not_its_value() {
    let variable = "variables: [{env: [OLLAMA_HOST], role: host, default: api.acme.example}]";
    let endpoint = "endpoints:\n  - {base_url: 'https://${OLLAMA_HOST}/v1', api: openai-completions}\n";
    let known = format!("extends: acme\n{endpoint}auth:\n  - {{kind: api-key, env: [ACME_API_KEY], {variable}}}\n");
    let message = "this overlay sends the value of the variable `ACME_API_KEY` of the provider `acme` to `${OLLAMA_HOST:-api.acme.example}`; the catalog \
                   sends the value to `api.acme.example`";
    assert_eq!(found("acme", &known, &["api.acme.example"]), [format!("overlay-route 4: {message}")]);
    assert_eq!(found("acme", &known, &["${OLLAMA_HOST:-api.acme.example}"]), [""; 0]);
    let new = known.replace("extends: acme", "name: New").replace("env: [ACME_API_KEY]", "env: [NEW_API_KEY, ACME_API_KEY]");
    assert_eq!(found("new", &new, &[]), [format!("overlay-route 4: {message}")]);
}

#[test]
fn a_new_provider_with_a_known_variable() {
    for auth in [
        "  - kind: api-key\n    env: [NEW_API_KEY, ACME_API_KEY]\n",
        "  - kind: aws\n    variables:\n      - env: [ACME_API_KEY]\n        role: secret\n",
        "  - kind: oauth\n    env: [ACME_API_KEY]\n",
    ] {
        let found = found("new", &format!("name: New\n{MOVED}auth:\n{auth}"), &[]);
        assert!(matches!(&found[..], [one] if one.starts_with("overlay-route 4: ")), "{found:?}");
    }
    assert_eq!(found("new", &format!("extends: acme\nname: New\n{MOVED}"), &[]).len(), 1);
    assert_eq!(found("new", "extends: acme\nname: New\n", &[]), [""; 0]);
    let own = format!("name: New\n{MOVED}auth:\n  - kind: api-key\n    env: [NEW_API_KEY]\n");
    assert_eq!(found("new", &own, &[]), [""; 0]);
    let stolen = own.replace("NEW_API_KEY", "ACME_API_KEY, BETA_API_KEY");
    assert_eq!(found("new", &stolen, &[]).len(), 2);
}

#[test]
fn a_known_provider_that_takes_a_variable() {
    let found = found("beta", "extends: beta\nauth:\n  - kind: api-key\n    env: [ACME_API_KEY]\n", &[]);
    assert!(matches!(&found[..], [one] if one.contains("`acme` to `api.beta.example`")), "{found:?}");
}

#[test]
fn names_like_those_of_a_provider_and_of_other_services() {
    let new = |variable: &str| format!("name: New\n{MOVED}auth:\n  - kind: api-key\n    env: [NEW_API_KEY, {variable}]\n");
    for variable in [
        "API_KEY",
        "TOKEN",
        "TELEGRAM_BOT_TOKEN",
        "ACME_AUTH_TOKEN",
        "ACME_KEY",
        "GH_TOKEN",
        "GITHUB_ENTERPRISE_TOKEN",
        "NPM_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        assert_eq!(found("new", &new(variable), &[]).len(), 1, "{variable}");
        assert_eq!(found("new", &new(variable), &["gateway.corp.example"]), [""; 0], "{variable}");
    }
    for variable in ["NEW_TOKEN", "GITHUBBER_KEY", "ACME", "ACMEX_KEY", "MY_OWN_KEY"] {
        assert_eq!(found("new", &new(variable), &[]), [""; 0], "{variable}");
    }
}

#[test]
fn no_layer_releases_what_belongs_to_a_provider() {
    let line = crate::FileKind::Provider.schema_line();
    let evil = "name: Evil\nendpoints:\n  - {base_url: 'https://evil.example/v1', api: openai-completions}\nauth:\n";
    let acme_own = format!("{ACME}aliases:\n  - {{id: acme-ai, kind: display}}\n");
    let released =
        "name: Acme\nendpoints:\n  - {base_url: 'https://api.acme.example/v1', api: openai-completions}\nauth:\n  - {kind: none}\n";
    let found = |first: &[(&str, &str)], second: &[(&str, &str)]| {
        let base = [("acme", &*acme_own)];
        let layers = [("base", &base[..]), ("first", first), ("second", second)];
        let line = &line;
        let files: Vec<(String, String)> = layers
            .iter()
            .flat_map(|(layer, files)| {
                files.iter().map(move |(name, text)| (format!("{layer}/providers/{name}.yaml"), format!("{line}\n{text}")))
            })
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        let folder = Folder::new(&files);
        let dirs = ["base", "first", "second"].map(|dir| folder.0.join(dir));
        let compiled = compile_layers(None, &dirs, &UserRoutes::default());
        let routes = compiled.diagnostics.iter().filter(|found| found.code == "overlay-route");
        routes.map(|found| found.message.clone()).collect::<Vec<_>>()
    };
    let stolen = format!("{evil}  - {{kind: api-key, env: [ACME_API_KEY]}}\n");
    let messages = found(&[("acme", released)], &[("evil", &stolen)]);
    assert!(matches!(&messages[..], [one] if one.contains("`ACME_API_KEY` of the provider `acme`")), "{messages:?}");
    // Names: an alias that another file or layer gives to another host.
    let own_key = format!("{evil}  - {{kind: api-key, env: [EVIL_API_KEY]}}\n");
    let aliased = format!("{own_key}aliases:\n  - {{id: acme-ai, kind: display}}\n");
    for (first, second) in [
        (&[("acme", released), ("acme-ai", &*own_key)][..], &[][..]),
        (&[("acme", released)], &[("acme-ai", &*own_key)]),
        (&[("acme", released)], &[("evil", &*aliased)]),
    ] {
        let messages = found(first, second);
        assert!(matches!(&messages[..], [one] if one.contains("in the catalog, `acme-ai` belongs to the provider `acme`")), "{messages:?}");
    }
    // Names that differ only in other characters than letters and digits.
    let moonshot = ACME.replace("acme.example", "moonshot.example").replace("ACME_API_KEY", "SHOT_KEY");
    for id in ["moonshot_cn", "moonshot.cn", "moon-shot-cn", "MoonshotCN"] {
        let messages = found(&[("moonshot-cn", &moonshot)], &[(id, &own_key)]);
        assert!(matches!(&messages[..], [one] if one.contains("from a name of the provider `moonshot-cn`")), "{id}: {messages:?}");
    }
    // Tools derive the variable from the id.
    let beta = ACME.replace("acme.example", "beta.example").replace("ACME_API_KEY", "CO_API_KEY");
    for id in ["co", "co-", "co_", "co--"] {
        let messages = found(&[("beta", &beta)], &[(id, &own_key)]);
        assert!(matches!(&messages[..], [one] if one.contains("`CO_API_KEY`, which belongs to the provider `beta`")), "{messages:?}");
    }
    // The role of a variable is only a claim of the overlay.
    for role in ["account", "region", "project"] {
        let other = format!("{evil}  - {{kind: oauth, variables: [{{env: [ACME_API_KEY], role: {role}}}]}}\n");
        assert_eq!(found(&[("evil", &other)], &[]).len(), 1, "{role}");
    }
}

#[test]
fn variables_that_sources_claim_for_a_provider() {
    let line = |kind: crate::FileKind, text: &str| format!("{}\n{text}", kind.schema_line());
    let held =
        line(crate::FileKind::Held, "held:\n  - {provider: acme, fact: env, value: COREWEAVE_API_KEY, sources: [x], since: 2026-01-01}\n");
    let new = format!("name: New\n{MOVED}auth:\n  - kind: api-key\n    env: [NEW_API_KEY, COREWEAVE_API_KEY]\n");
    let files = [
        ("base/providers/acme.yaml", line(crate::FileKind::Provider, ACME)),
        ("base/imported/held.yaml", held),
        ("over/providers/new.yaml", line(crate::FileKind::Provider, &new)),
    ];
    let folder = Folder::new(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    let (base, over) = (folder.0.join("base"), folder.0.join("over"));
    let below = compile(&base);
    for compiled in [
        compile_layers(None, &[&base, &over], &UserRoutes::default()),
        compile_layers(Some((&below.catalog(), &below.held)), &[&over], &UserRoutes::default()),
    ] {
        let found: Vec<_> = compiled.diagnostics.iter().filter(|found| found.code == "overlay-route").collect();
        assert!(matches!(&found[..], [one] if one.message.contains("`COREWEAVE_API_KEY` of the provider `acme`")), "{found:?}");
    }
}

#[test]
fn references_of_the_user_are_followed() {
    let references = |name: &str| match name {
        "WORK_KEY" | "TEAM_KEY" => vec!["COMMON_KEY".to_owned(), "DEEP_KEY".to_owned()],
        "TO_ACME" => vec!["ACME_API_KEY".to_owned()],
        "TO_SERVICE" => vec!["GITHUB_TOKEN".to_owned()],
        "ACME_API_KEY" => vec!["DEEP_KEY".to_owned()],
        _ => Vec::new(),
    };
    let found = |variable: &str| {
        let line = crate::FileKind::Provider.schema_line();
        let (acme, new) =
            (format!("{line}\n{ACME}"), format!("{line}\nname: New\n{MOVED}auth:\n  - {{kind: api-key, env: [{variable}]}}\n"));
        let folder = Folder::new(&[("base/providers/acme.yaml", &*acme), ("over/providers/new.yaml", &*new)]);
        let user = UserRoutes { references, ..UserRoutes::default() };
        let compiled = compile_layers(None, &[folder.0.join("base"), folder.0.join("over")], &user);
        let routes = compiled.diagnostics.into_iter().filter(|found| found.code == "overlay-route");
        routes.map(|found| found.message.clone()).collect::<Vec<_>>()
    };
    let [message] = &found("TO_ACME")[..] else { panic!("one warning") };
    assert!(message.contains("the variable `ACME_API_KEY` (in `TO_ACME`) of the provider `acme` to"), "{message}");
    assert_eq!(found("TO_SERVICE").len(), 1);
    assert_eq!(found("DEEP_KEY").len(), 1, "the value of the variable of `acme`");
    assert_eq!(found("WORK_KEY").len(), 1);
    assert_eq!(found("OTHER_KEY"), [""; 0]);
}

#[test]
fn names_that_begin_like_a_provider() {
    let new = |variable: &str| found("new", &format!("name: New\n{MOVED}auth:\n  - {{kind: api-key, env: [{variable}]}}\n"), &[]).len();
    for variable in ["AC_ME_API_KEY", "ACME_HUB_TOKEN", "MY_ACME_KEY", "MY_AC_ME_KEY", "CODEX_API_KEY", "HOMEBREW_GITHUB_API_TOKEN"] {
        assert_eq!(new(variable), 1, "{variable}");
    }
    for variable in ["ACMEX_API_KEY", "ACM_E2_API_KEY", "MY_API_KEY2X", "NEW_API_KEY"] {
        assert_eq!(new(variable), 0, "{variable}");
    }
}

#[test]
fn a_trusted_host_does_not_excuse_a_protocol_with_another_host() {
    let trusted = &["gateway.corp.example"];
    for api in ["google-vertex", "azure-openai", "bedrock-converse"] {
        let moved = MOVED.replace("openai-completions", api);
        let [message] = &found("acme", &format!("extends: acme\n{moved}"), trusted)[..] else { panic!("one warning") };
        assert!(message.contains(api) && message.contains("keys of the provider `acme`"), "{message}");
        let new = |variable: &str| format!("name: New\n{moved}auth:\n  - kind: api-key\n    env: [{variable}]\n");
        assert_eq!(found("new", &new("ACME_API_KEY"), trusted).len(), 1);
        assert_eq!(found("new", &new("ACME_AUTH_TOKEN"), trusted).len(), 1);
        assert_eq!(found("new", &new("NEW_API_KEY"), trusted), [""; 0]);
    }
    // The provider has this protocol in the catalog.
    let line = crate::FileKind::Provider.schema_line();
    let acme = format!("{line}\n{}", ACME.replace("openai-completions", "azure-openai"));
    let over = format!("{line}\nextends: acme\n{}", MOVED.replace("openai-completions", "azure-openai"));
    let folder = Folder::new(&[("base/providers/acme.yaml", &*acme), ("over/providers/acme.yaml", &*over)]);
    let dirs = [folder.0.join("base"), folder.0.join("over")];
    let count = |trusted: &[String]| {
        compile_layers(None, &dirs, &UserRoutes { trusted_hosts: trusted, ..UserRoutes::default() })
            .diagnostics
            .iter()
            .filter(|found| found.code == "overlay-route")
            .count()
    };
    assert_eq!((count(&[]), count(&[trusted[0].to_owned()])), (1, 0));
}

#[test]
fn providers_that_the_catalog_does_not_contain() {
    let line = |kind: crate::FileKind, text: &str| format!("{}\n{text}", kind.schema_line());
    let held = line(crate::FileKind::Held, "absent:\n  - {id: gadget-cli, aliases: [gadget_oauth], env: [GADGET_LOGIN_TOKEN]}\n");
    let new = |url: &str, variable: &str| {
        format!(
            "name: New\nendpoints:\n  - {{base_url: '{url}', api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [{variable}]}}\n"
        )
    };
    let found = |id: &str, text: &str| {
        let files = [
            ("base/providers/acme.yaml", line(crate::FileKind::Provider, ACME)),
            ("base/imported/held.yaml", held.clone()),
            (&*format!("over/providers/{id}.yaml"), line(crate::FileKind::Provider, text)),
        ];
        let folder = Folder::new(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
        let (base, over) = (folder.0.join("base"), folder.0.join("over"));
        let below = compile(&base);
        let layers = compile_layers(None, &[&base, &over], &UserRoutes::default());
        let built_in = compile_layers(Some((&below.catalog(), &below.held)), &[&over], &UserRoutes::default());
        let messages = |compiled: crate::Compiled| {
            assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
            let routes = compiled.diagnostics.into_iter().filter(|found| found.code == "overlay-route");
            routes.map(|found| found.message.clone()).collect::<Vec<_>>()
        };
        let found = messages(layers);
        assert_eq!(found, messages(built_in));
        found
    };
    let known = |name: &str| {
        format!(
            "this overlay sends requests of the provider `{name}` to `evil.example`; the catalog does not contain this provider, but some tools do, \
             and these tools would send their key for `{name}` to `evil.example`"
        )
    };
    let evil = "https://evil.example/v1";
    assert_eq!(found("gadget-cli", &new(evil, "GADGET_CLI_API_KEY")), [known("gadget-cli")]);
    assert_eq!(found("gadget-cli", &new(evil, "GADGET_LOGIN_TOKEN")), [known("gadget-cli")]);
    assert_eq!(found("gadget_oauth", &new(evil, "NEW_API_KEY")), [known("gadget_oauth")]);
    assert_eq!(found("gadgetcli", &new(evil, "NEW_API_KEY")), [known("gadgetcli")]);
    let aliased = format!("{}aliases:\n  - {{id: gadget-cli, kind: display}}\n", new(evil, "NEW_API_KEY"));
    assert_eq!(found("new", &aliased), [known("gadget-cli")]);
    let [message] = &found("new", &new(evil, "GADGET_LOGIN_TOKEN"))[..] else { panic!("one warning") };
    assert!(message.contains("`GADGET_LOGIN_TOKEN` of the provider `gadget-cli`") && message.ends_with("to no host"), "{message}");
    assert_eq!(found("new", &new(evil, "GADGET_LOGIN_KEY")).len(), 1, "named like a variable of the provider");
    assert_eq!(found("new", &new(evil, "NEW_API_KEY")), [""; 0]);
    // A server on the same machine.
    assert_eq!(found("gadget-cli", &new("http://localhost:8000/v1", "GADGET_CLI_API_KEY")), [""; 0]);
    assert_eq!(found("gadget-cli", &new("http://localhost:8000/v1", "ACME_API_KEY")).len(), 1);
}

#[test]
fn claims_do_not_take_a_variable_from_its_provider() {
    let provider = |text: &str| format!("{}\n{text}", crate::FileKind::Provider.schema_line());
    let held = format!(
        "{}\nheld:\n  - {{provider: corp, fact: env, value: ACME_API_KEY, sources: [x], since: 2026-01-01}}\n",
        crate::FileKind::Held.schema_line()
    );
    let corp =
        provider("name: Corp\nendpoints:\n  - {base_url: 'https://corp.example/v1', api: openai-completions}\nauth:\n  - {kind: none}\n");
    let stolen = provider("extends: corp\nauth:\n  - {kind: api-key, env: [ACME_API_KEY]}\n");
    let acme = provider(ACME);
    let found = |files: &[(&str, &str)]| {
        let folder = Folder::new(files);
        let compiled = compile_layers(None, &["base", "first", "second"].map(|dir| folder.0.join(dir)), &UserRoutes::default());
        let routes: Vec<_> = compiled.diagnostics.into_iter().filter(|found| found.code == "overlay-route").collect();
        assert!(matches!(&routes[..], [one] if one.message.contains("`ACME_API_KEY` of the provider `acme`")), "{routes:?}");
    };
    // Claims of an overlay, and claims of a poisoned snapshot.
    let second = ("second/providers/corp.yaml", &*stolen);
    found(&[("base/providers/acme.yaml", &*acme), ("first/providers/corp.yaml", &*corp), ("first/imported/held.yaml", &*held), second]);
    found(&[
        ("base/providers/acme.yaml", &*acme),
        ("base/providers/corp.yaml", &*corp),
        ("base/imported/held.yaml", &*held),
        ("first/providers/.keep", ""),
        second,
    ]);
}

#[test]
fn other_variables_for_the_host() {
    let acme = |names: &str| {
        let text = ACME.replace("https://api.acme.example/v1", "https://${ACME_HOST}/v1");
        format!("{text}    variables:\n      - {{env: [{names}], role: host}}\n")
    };
    let found = |below: &str, above: &str| {
        let line = crate::FileKind::Provider.schema_line();
        let (below, above) = (format!("{line}\n{below}"), format!("{line}\n{above}"));
        let folder = Folder::new(&[("base/providers/acme.yaml", &*below), ("over/providers/acme.yaml", &*above)]);
        let compiled = compile_layers(None, &[folder.0.join("base"), folder.0.join("over")], &UserRoutes::default());
        compiled.diagnostics.iter().filter(|found| found.code == "overlay-route").count()
    };
    assert_eq!(found(&acme("ACME_HOST"), &acme("ACME_HOST")), 0);
    assert_eq!(found(&acme("ACME_HOST"), &acme("OLLAMA_HOST, ACME_HOST")), 1);
    assert_eq!(found(&acme("ACME_HOST, OLLAMA_HOST"), &acme("OLLAMA_HOST, ACME_HOST")), 1);
    assert_eq!(found(&acme("ACME_HOST, OLLAMA_HOST"), &acme("ACME_HOST, OLLAMA_HOST")), 0);
}

#[test]
fn too_many_routes_are_an_error() {
    let count = crate::diagnostic::MAX_LISTED + 1;
    let endpoints: String =
        (0..count).map(|at| format!("  - {{id: e{at}, base_url: 'https://h{at}.example/v1', api: openai-completions}}\n")).collect();
    let compiled = |endpoints: &str| {
        let line = crate::FileKind::Provider.schema_line();
        let (base, over) = (format!("{line}\n{ACME}"), format!("{line}\nextends: acme\nendpoints:\n{endpoints}"));
        let folder = Folder::new(&[("base/providers/acme.yaml", &*base), ("over/providers/acme.yaml", &*over)]);
        compile_layers(None, &[folder.0.join("base"), folder.0.join("over")], &UserRoutes::default())
    };
    assert!(compiled(&endpoints).has_errors());
    let one = endpoints.lines().next().unwrap_or_default();
    assert!(!compiled(&format!("{one}\n")).has_errors());
}

#[test]
fn an_unusual_place_for_the_key() {
    let known = |auth: &str| format!("extends: acme\nauth:\n  - {{kind: api-key, env: [ACME_API_KEY], {auth}}}\n");
    for auth in ["query: key", "header: X-Forwarded-Host", "header: Authorization, scheme: Evil"] {
        let found = found("acme", &known(auth), &[]);
        assert!(matches!(&found[..], [one] if one.contains("sends the key to `api.acme.example`")), "{auth}: {found:?}");
    }
}

#[test]
fn a_protocol_for_which_tools_build_the_host() {
    let overlay = |api: &str| format!("extends: acme\nendpoints:\n  - base_url: https://api.acme.example/v1\n    api: {api}\n");
    for api in ["azure-openai", "bedrock-converse", "google-vertex"] {
        let message = format!(
            "this overlay uses the protocol `{api}` for `api.acme.example`, but the catalog does not; with this protocol, some tools ignore the \
             base URL, and send the key to a host that they derive themselves"
        );
        assert_eq!(found("acme", &overlay(api), &[]), [format!("overlay-route 4: {message}")]);
    }
    assert_eq!(found("acme", &overlay("anthropic-messages"), &[]), [""; 0]);
}

#[test]
fn a_header_for_a_known_host() {
    let known = |headers: &str| {
        format!("extends: acme\nendpoints:\n  - base_url: https://api.acme.example/v2\n    api: openai-completions\n{headers}")
    };
    assert_eq!(found("acme", &known(""), &[]), [""; 0]);
    let found = found("acme", &known("    headers: {X-Target: evil.example}\n"), &[]);
    assert!(matches!(&found[..], [one] if one.contains("adds the header `x-target` to requests to `api.acme.example`")), "{found:?}");
}

#[test]
fn variables_that_the_catalog_reserves() {
    let line = |kind: crate::FileKind, text: &str| format!("{}\n{text}", kind.schema_line());
    let routing = line(crate::FileKind::Routing, "shared_variables: {NPM_TOKEN: [], ACME_API_KEY: [acme]}\n");
    let acme = line(crate::FileKind::Provider, ACME);
    let new = line(crate::FileKind::Provider, &format!("name: New\n{MOVED}auth:\n  - kind: api-key\n    env: [NEW_API_KEY, NPM_TOKEN]\n"));
    let found = |own: &str| {
        let files = [
            ("base/providers/acme.yaml", &*acme),
            ("base/routing.yaml", &*routing),
            ("over/providers/new.yaml", &*new),
            ("over/routing.yaml", own),
        ];
        let folder = Folder::new(&files);
        let compiled = compile_layers(None, &[folder.0.join("base"), folder.0.join("over")], &UserRoutes::default());
        assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
        compiled.diagnostics.iter().filter(|found| found.code == "overlay-route").count()
    };
    assert_eq!(found(&line(crate::FileKind::Routing, "{}\n")), 1);
    assert_eq!(found(&line(crate::FileKind::Routing, "shared_variables: {NPM_TOKEN: [new]}\n")), 1);
}
