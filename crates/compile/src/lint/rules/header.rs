use super::common::*;

/// Headers that carry the key of some protocol or service.
const KEYS: &[&str] = &[
    "api-key",
    "authorization",
    "cookie",
    "ocp-apim-subscription-key",
    "proxy-authorization",
    "x-api-key",
    "x-auth-token",
    "x-goog-api-key",
];

/// Headers that whoever sends a request sets from the request itself.
const FRAMING: &[&str] = &[
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

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.shaped.providers {
        for (index, endpoint) in doc.value.endpoints.iter().enumerate() {
            let mut seen: Vec<(&str, String)> = Vec::new();
            for (name, value) in &endpoint.headers {
                let at = || pointer!("endpoints", index, "headers", name);
                if let Some((message, help)) = judge_name(name) {
                    findings.add(&codes::HEADER, doc.key(at()), message).help(help);
                } else if let Some(way) = auth_header(context, doc, name) {
                    // Where the file names no way itself, the way was taken over from another provider.
                    let own = (!doc.value.auth.is_empty()).then(|| doc.at(pointer!("auth", way, "header")));
                    findings
                        .add(&codes::HEADER, doc.key(at()), format!("`{name}` is where the key goes, by what `auth` says"))
                        .also(own, "the key goes here")
                        .help("remove the header");
                }
                if let Some((first, place)) = seen.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
                    findings
                        .add(&codes::HEADER, doc.key(at()), format!("`{name}` and `{first}` are one header"))
                        .also(doc.key(place.clone()), "it stands here first")
                        .help("remove one of them");
                }
                seen.push((name, at()));
                if let Some((message, help)) = judge_value(value) {
                    findings.add(&codes::HEADER, doc.at(at()), message).help(help);
                }
            }
        }
    }
}

/// Whether `name` is set from the request by whoever sends it.
pub(super) fn is_framing(name: &str) -> bool {
    FRAMING.iter().any(|other| other.eq_ignore_ascii_case(name))
}

fn judge_name(name: &str) -> Option<(String, &'static str)> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)) {
        return Some((format!("`{name}` is not the name of a header"), "a name is letters, digits and `-`"));
    }
    if KEYS.iter().any(|other| other.eq_ignore_ascii_case(name)) {
        return Some((
            format!("`{name}` is a header that carries a key"),
            "name the variable in `auth`, and with `header` where the key goes",
        ));
    }
    is_framing(name).then(|| (format!("`{name}` is set from the request itself"), "remove it"))
}

/// What is wrong with a value. It is not quoted: somebody may have pasted a key.
fn judge_value(value: &str) -> Option<(String, &'static str)> {
    if value.chars().any(char::is_control) {
        return Some(("there is a control character in the value of a header".to_owned(), "write it on one line"));
    }
    if !value.is_ascii() {
        return Some(("there are characters in the value of a header that are not ASCII".to_owned(), "write printable ASCII"));
    }
    if value.trim() != value {
        return Some(("there are spaces around the value of a header".to_owned(), "remove them; they would not arrive"));
    }
    value.contains("${").then(|| {
        let message = "the value of a header names a variable, and would be sent as it stands".to_owned();
        (message, "write the value itself; only `base_url` takes variables, and `auth` says where a key goes")
    })
}

/// The way to authenticate that sends its key in this header, where one of the provider's does.
fn auth_header(context: &Context<'_>, doc: &Doc<Provider>, name: &str) -> Option<usize> {
    let ways = resolved(context, doc).map_or(&doc.value.auth, |resolved| &resolved.provider.auth);
    ways.iter().position(|way| way.header.as_deref().is_some_and(|header| header.eq_ignore_ascii_case(name)))
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
    fn headers_that_cannot_be_sent() {
        let headers = "      Authorization: x\n      X Y: x\n      X-A: \"a\\nb\"\n      X-B: ä\n      X-C: \" c\"\n      X-D: ${ACME}\n      content-type: x\n      x-a: x\n      x-own: x\n";
        let found = check(&[("providers/acme.yaml", &acme(headers, "    header: X-Own\n"))]);
        let places = [(7, 7), (8, 7), (9, 12), (10, 12), (11, 12), (12, 12), (13, 7), (14, 7), (15, 7)];
        assert_eq!(found, places.map(|(line, column)| format!("header providers/acme.yaml:{line}:{column}")));
    }

    #[test]
    fn headers_that_can() {
        let headers = "      X-Poll-Seconds: \"3600\"\n      anthropic-beta: a=1; b, c\n";
        assert!(check(&[("providers/acme.yaml", &acme(headers, ""))]).is_empty());
    }
}
