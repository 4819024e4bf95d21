use super::*;
use crate::authored::routing::Routing;
use crate::testing::{ACME, compiled};

fn judged(base_url: &str, auth: &str, shared: &str) -> Vec<(&'static str, RoutePart)> {
    let text =
        format!("providers:\n  new:\n    endpoints: [{{base_url: '{base_url}', api: openai-completions}}]\n    auth: [{auth}]\n{shared}");
    let routing = Routing::parse(&text).unwrap();
    let catalog = compiled(&[("providers/acme.yaml", ACME)]);
    let faults = judge_route("new", &routing.providers["new"], &catalog.catalog(), &routing.shared_variables);
    faults.into_iter().map(|fault| (fault.code, fault.part)).collect()
}

const OWN: &str = "{kind: api-key, env: [NEW_API_KEY]}";

#[test]
fn a_route_may_not_use_a_variable_of_another_provider() {
    let stolen = "{kind: api-key, env: [NEW_API_KEY, ACME_API_KEY]}";
    let fault = ("shared-variable", RoutePart::Variable { auth: 0, name: "ACME_API_KEY".to_owned() });
    assert_eq!(judged("https://api.new.example/v1", OWN, ""), []);
    assert_eq!(judged("https://api.new.example/v1", stolen, ""), std::slice::from_ref(&fault));
    assert_eq!(judged("https://api.new.example/v1", "{kind: oauth, env: [acme_api_key]}", "").len(), 1);
    let secret = "{kind: aws, variables: [{env: [ACME_API_KEY], role: secret}]}";
    assert_eq!(judged("https://api.new.example/v1", secret, ""), std::slice::from_ref(&fault));
    assert_eq!(judged("https://api.acme.example/v2", stolen, ""), [], "the host already receives the key");
    assert_eq!(judged("https://api.acme.example:8443/v2", stolen, ""), std::slice::from_ref(&fault));
    assert_eq!(judged("https://api.new.example/v1", stolen, "shared_variables: {ACME_API_KEY: [acme, new]}"), []);
    assert_eq!(judged("https://api.acme.example/v2", stolen, "shared_variables: {ACME_API_KEY: [acme]}"), std::slice::from_ref(&fault));
    assert_eq!(judged("https://api.acme.example/v2", stolen, "shared_variables: {ACME_API_KEY: []}"), [fault]);
    assert_eq!(judged("https://api.new.example/v1", "{kind: api-key, env: [ACME_API_KEY_2]}", ""), []);
}

#[test]
fn a_route_may_not_use_a_variable_that_is_named_like_those_of_others() {
    let codes = |name: &str, url: &str, shared: &str| {
        judged(url, &format!("{{kind: api-key, env: [NEW_API_KEY, {name}]}}"), shared).into_iter().map(|fault| fault.0).collect::<Vec<_>>()
    };
    for name in
        ["ACME_AUTH_TOKEN", "ACME_KEY", "GITHUB_PAT_TOKEN", "NPM_TOKEN", "SSH_PRIVATE_KEY", "DISCORD_TOKEN", "API_TOKEN", "SECRET_KEY"]
    {
        assert_eq!(codes(name, "https://api.new.example/v1", ""), ["shared-variable"], "{name}");
        assert_eq!(codes(name, "https://api.new.example/v1", &format!("shared_variables: {{{name}: [new]}}")), [""; 0], "{name}");
    }
    assert_eq!(codes("ACME_KEY", "https://api.acme.example/v2", ""), [""; 0], "the host already receives the key");
    for name in ["NEW_KEY", "ACME_GATEWAY_KEY"] {
        assert_eq!(codes(name, "https://api.new.example/v1", ""), [""; 0], "{name}");
    }
}

#[test]
fn base_urls_contain_only_parts_of_addresses() {
    let declared = |name: &str| format!("{{kind: api-key, env: [NEW_API_KEY], variables: [{{env: [{name}], role: account}}]}}");
    for name in "ACME_API_KEY NEW_API_KEY NEW_TOKEN GITHUB_TOKEN GITHUB_ACCOUNT_ID AWS_SECRET_ACCESS_KEY AWS_ACCESS_KEY_ID \
         AWS_ACCOUNT_ID AWS_PROFILE_NAME DATABASE_URL REDIS_URL SENTRY_DSN KUBECONFIG KUBECONFIG_DOMAIN SSH_AUTH_SOCK \
         SSH_AUTH_ID NPM_REGISTRY_HOST DB_PASSWORD MYPASSWORD_ID SESSION_ID COOKIE_NAME OPENAI_APIKEY OPENAI_APIKEY_ID \
         PRIVATE_HOST CONNECTION_STRING GOOGLE_APPLICATION_CREDENTIALS HOME PATH USER USER_NAME ELASTIC_URL ACME"
        .split(' ')
    {
        let url = format!("https://api.new.example/${{{name}}}/v1");
        for auth in [OWN, &declared(name)] {
            assert_eq!(judged(&url, auth, "").first().map(|fault| fault.0), Some("base-url-credential"), "{name}");
        }
        let host = format!("https://${{{name}}}.new.example/v1");
        assert_eq!(judged(&host, OWN, "").first().map(|fault| fault.0), Some("base-url-credential"), "{name}");
    }
    for name in "AWS_REGION AWS_DEFAULT_REGION AZURE_RESOURCE_NAME CLOUDFLARE_ACCOUNT_ID CLOUDFLARE_GATEWAY_ID DATABRICKS_HOST \
         GOOGLE_VERTEX_LOCATION GOOGLE_VERTEX_PROJECT SNOWFLAKE_ACCOUNT PRIVATEMODE_ENDPOINT PORT NEW_BASE_URL"
        .split(' ')
    {
        let url = format!("https://${{{name}}}.new.example/v1");
        assert_eq!(judged(&url, &declared(name), ""), [], "{name}");
        assert_eq!(judged(&url, OWN, ""), [("base-url-variable", RoutePart::BaseUrl(0))], "{name}");
    }
}

#[test]
fn values_that_are_used_instead_of_a_variable_are_judged() {
    let auth = |variable: &str| format!("{{kind: api-key, env: [NEW_API_KEY], variables: [{{{variable}}}]}}");
    let url = "https://${NEW_REGION}.new.example/v1";
    for (variable, code) in [
        ("env: [NEW_REGION, OTHER_REGION], role: region, default: eu-1", None),
        ("env: [NEW_REGION], role: host, default: 'localhost:80'", Some("base-url-variable")),
        ("env: [NEW_REGION], role: host, default: localhost.evil", Some("base-url-variable")),
        ("env: [NEW_REGION, ACME_API_KEY], role: region", Some("base-url-credential")),
        ("env: [NEW_REGION, GITHUB_TOKEN], role: region", Some("base-url-credential")),
        ("env: [NEW_REGION], role: region, default: evil.example/", Some("base-url-variable")),
        ("env: [NEW_REGION], role: region, default: a@evil.example", Some("base-url-variable")),
        ("env: [NEW_REGION], role: region, default: 'evil.example:443'", Some("base-url-variable")),
        ("env: [NEW_REGION], role: region, default: 'evil.example#'", Some("base-url-variable")),
        ("env: [NEW_REGION], role: region, default: '..'", Some("base-url-variable")),
    ] {
        assert_eq!(judged(url, &auth(variable), "").first().map(|fault| fault.0), code, "{variable}");
    }
}

#[test]
fn a_default_stays_inside_its_part_of_the_url() {
    let rule = |url: &str, role: &str, default: &str| {
        let variables = format!("[{{env: [NEW_HOST, NEW_PORT], role: {role}, default: '{default}'}}]");
        judged(url, &format!("{{kind: api-key, env: [NEW_API_KEY], variables: {variables}}}"), "").len()
    };
    for (url, default, faults) in [
        ("https://${NEW_HOST}/v1", "api.new.example:443", 0),
        ("https://${NEW_HOST}", "api.new.example", 0),
        ("https://${NEW_HOST}/v1", "api.new.example:", 1),
        ("https://${NEW_HOST}/v1", ":443", 1),
        ("https://${NEW_HOST}:444/v1", "api.new.example:443", 1),
        ("https://${NEW_HOST}:444/v1", "api.new.example", 0),
        ("https://${NEW_HOST}.new.example/v1", "evil.example:443", 1),
        ("https://${NEW_HOST}.new.example/v1", "evil.example", 1),
        ("https://${NEW_HOST}-new.example/v1", "eu-1", 0),
        ("https://api.${NEW_HOST}/v1", "evil.example", 1),
        ("https://api.new.example:${NEW_PORT}/v1", "443", 0),
        ("https://api.new.example:${NEW_PORT}/v1", "example", 1),
        ("https://api.new.example/${NEW_HOST}/v1", "a_b.c", 0),
        ("https://api.new.example/${NEW_HOST}/v1", "a:b", 1),
    ] {
        assert_eq!(rule(url, "host", default), faults, "{url} {default}");
    }
    assert_eq!(rule("https://${NEW_HOST}/v1", "resource", "api.new.example:443"), 1);
}

#[test]
fn all_methods_have_the_same_default() {
    let method =
        |key: &str, default: &str| format!("{{kind: api-key, env: [{key}], variables: [{{env: [NEW_HOST], role: host{default}}}]}}");
    let both = |first: &str, second: &str| format!("{}, {}", method("NEW_API_KEY", first), method("NEW_TOKEN", second));
    let fault = ("base-url-variable", RoutePart::Variable { auth: 1, name: "NEW_HOST".to_owned() });
    let (url, own, evil) = ("https://${NEW_HOST}/v1", ", default: api.new.example", ", default: evil.example");
    assert_eq!(judged(url, &both(own, own), ""), []);
    assert_eq!(judged(url, &both("", ""), ""), []);
    for auth in [both(own, evil), both("", evil), both(own, "")] {
        assert_eq!(judged(url, &auth, ""), std::slice::from_ref(&fault), "{auth}");
    }
    // The key is judged with the defaults of all methods.
    let stolen = both(", default: api.acme.example", evil).replace("NEW_TOKEN", "ACME_API_KEY");
    assert!(judged(url, &stolen, "").iter().any(|fault| fault.0 == "shared-variable"));
}

#[test]
fn base_urls_are_judged() {
    for url in
        ["http://api.new.example/v1", "https://a@api.new.example/v1", "https://api.xn--nw-bja.example/v1", "https://api.nеw.example/v1"]
    {
        assert_eq!(judged(url, OWN, ""), [("base-url", RoutePart::BaseUrl(0))], "{url}");
    }
}
