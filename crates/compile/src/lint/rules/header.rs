use super::common::*;
use crate::route::is_credential_name;

/// Headers in which protocols or services expect the API key.
const KEY_HEADERS: &[&str] = &[
    "api-key",
    "authorization",
    "cookie",
    "ocp-apim-subscription-key",
    "proxy-authorization",
    "x-api-key",
    "x-auth-token",
    "x-goog-api-key",
];

/// Headers that the HTTP client sets itself, from the request.
const FRAMING_HEADERS: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Parts of header values that tools which read exported files replace: variables in the notations of shells, of LiteLLM, of OpenCode and of
/// templates.
const REFERENCE_FORMS: &[&str] = &["$", "`", "{", "<%", "os.environ", "__env__"];

/// Words before a colon with which tools refer to a variable, a file or a secret.
const REFERENCE_SCHEMES: &[&str] = &["cmd", "env", "exec", "file", "keychain", "op", "secret", "secretref", "secretref-env", "vault"];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        for (index, endpoint) in doc.value.endpoints.iter().enumerate() {
            let mut seen: Vec<(&str, String)> = Vec::new();
            for (name, value) in &endpoint.headers {
                let at = || pointer!("endpoints", index, "headers", name);
                if let Some((message, help)) = check_name(name) {
                    findings.add(&codes::HEADER, doc.key(at()), message).help(help);
                } else if let Some(method) = auth_header(context, doc, name) {
                    // A file without `auth` inherits the authentication methods.
                    let stated = (!doc.value.auth.is_empty()).then(|| doc.at(pointer!("auth", method, "header")));
                    findings
                        .add(&codes::HEADER, doc.key(at()), format!("`headers` states `{name}`, but `auth` sends the key in this header"))
                        .also(stated, format!("`auth` sends the key in the header `{name}`"))
                        .help(format!("remove `{name}` from `headers`"));
                }
                if let Some((first, place)) = seen.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
                    findings
                        .add(
                            &codes::HEADER,
                            doc.key(at()),
                            format!("`{name}` and `{first}` are the same header, because header names ignore case"),
                        )
                        .also(doc.key(place.clone()), format!("`{first}` is stated here"))
                        .help("remove one of the two headers");
                }
                seen.push((name, at()));
                if let Some((message, help)) = check_value(value) {
                    findings.add(&codes::HEADER, doc.at(at()), message).help(help);
                }
            }
        }
    }
}

/// Returns whether the HTTP client sets the header `name` itself.
pub(super) fn is_framing(name: &str) -> bool {
    FRAMING_HEADERS.iter().any(|other| other.eq_ignore_ascii_case(name))
}

fn check_name(name: &str) -> Option<(String, &'static str)> {
    // HTTP allows more characters. But some tools parse the names in their files: `$include` makes OpenClaw read another file.
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_plain || !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return Some((format!("`{name}` is not a valid header name"), "use only letters, digits, `-` and `_` in the name of a header"));
    }
    if KEY_HEADERS.iter().any(|other| other.eq_ignore_ascii_case(name)) {
        return Some((
            format!("the header `{name}` carries a key, and keys do not belong in `headers`"),
            "move the header to `auth`: set `header` to the name of this header, and list the environment variable of the key under `env`",
        ));
    }
    is_framing(name).then(|| (format!("the HTTP client sets the header `{name}` itself"), "remove the header from `headers`"))
}

/// Returns the message and the help for an invalid header value. The message does not quote the value, because the value may be a pasted key. Returns
/// `None` if the value is valid.
fn check_value(value: &str) -> Option<(String, &'static str)> {
    // The rule `hidden-character` reports control characters.
    if !value.is_ascii() {
        return Some(("the header value contains non-ASCII characters".to_owned(), "write the value in printable ASCII characters"));
    }
    if value.trim() != value {
        return Some(("the header value has leading or trailing spaces".to_owned(), "remove the spaces; HTTP ignores them"));
    }
    let lower = value.to_ascii_lowercase();
    let is_reference = value.starts_with('!')
        || REFERENCE_FORMS.iter().any(|form| lower.contains(form))
        || REFERENCE_SCHEMES.iter().any(|scheme| lower.strip_prefix(scheme).is_some_and(|rest| rest.starts_with(':')))
        || is_credential_name(value);
    is_reference.then(|| {
        let message = "the header value looks like a variable or a command, which a shell or another tool would replace".to_owned();
        (message, "write a fixed value; only `base_url` supports variables, and keys belong in `auth`")
    })
}

/// Returns the index of the authentication method that sends its key in the header `name`.
fn auth_header(context: &Context<'_>, doc: &Doc<Provider>, name: &str) -> Option<usize> {
    let methods = resolved(context, doc).map_or(&doc.value.auth, |resolved| &resolved.provider.auth);
    methods.iter().position(|method| method.header.as_deref().is_some_and(|header| header.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    fn acme(headers: &str, auth: &str) -> String {
        format!(
            "name: Acme\nendpoints:\n  - base_url: https://api.acme.example/v1\n    api: openai-completions\n    headers:\n{headers}auth:\n  - kind: api-key\n    env: [ACME_API_KEY]\n{auth}"
        )
    }

    #[test]
    fn invalid_headers() {
        let headers = "      Authorization: x\n      X Y: x\n      X-A: \"a\\nb\"\n      X-B: ä\n      X-C: \" c\"\n      X-D: ${ACME}\n      content-type: x\n      x-a: x\n      x-own: x\n";
        let found = check(&[("providers/acme.yaml", &acme(headers, "    header: X-Own\n"))]);
        let places = [(7, 7), (8, 7), (10, 12), (11, 12), (12, 12), (13, 7), (14, 7), (15, 7)];
        let mut expected = places.map(|(line, column)| format!("header providers/acme.yaml:{line}:{column}")).to_vec();
        expected.insert(2, "hidden-character providers/acme.yaml:9:12".to_owned());
        assert_eq!(found, expected);
    }

    #[test]
    fn references_in_values_are_reported() {
        for value in [
            "$ACME",
            "os.environ/ACME",
            "{env:ACME}",
            "%{ACME}",
            "!cmd",
            "`cmd`",
            "GROQ_API_KEY",
            "groq_token",
            "secretref-env:X",
            "op://a/b",
        ] {
            let found = check(&[("providers/acme.yaml", &acme(&format!("      X-A: '{value}'\n"), ""))]);
            assert_eq!(found, ["header providers/acme.yaml:7:12"], "{value}");
        }
    }

    #[test]
    fn names_that_tools_parse_are_reported() {
        for name in ["$include", "$ref", "!env", "__proto__", "-x", "a.b"] {
            let found = check(&[("providers/acme.yaml", &acme(&format!("      '{name}': x\n"), ""))]);
            assert_eq!(found, ["header providers/acme.yaml:7:7"], "{name}");
            let own = acme("      X-A: x\n", &format!("    header: '{name}'\n"));
            assert_eq!(check(&[("providers/acme.yaml", &own)]), ["invalid-value providers/acme.yaml:11:13"], "{name}");
        }
    }

    #[test]
    fn valid_headers() {
        let headers = "      X-Poll-Seconds: \"3600\"\n      anthropic-beta: a=1; b, c\n";
        assert!(check(&[("providers/acme.yaml", &acme(headers, ""))]).is_empty());
    }
}
