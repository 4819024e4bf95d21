use super::common::*;
use super::header::is_framing;
use modeldex_table::AuthKind;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.shaped.providers {
        for (index, auth) in doc.value.auth.iter().enumerate() {
            let key = |key: &str| doc.key(pointer!("auth", index, key));
            let (header, scheme, query) = (auth.header.as_deref(), auth.scheme.is_some(), auth.query.is_some());
            let said = if header.is_some() {
                "header"
            } else if query {
                "query"
            } else {
                "scheme"
            };
            if matches!(auth.kind, AuthKind::Aws | AuthKind::Gcp | AuthKind::None) {
                if header.is_some() || scheme || query {
                    findings
                        .add(&codes::AUTH_PLACE, key(said), format!("`{}` sends no key that could go somewhere", auth.kind))
                        .also(doc.at(pointer!("auth", index, "kind")), "its kind is said here")
                        .help(format!("remove `{said}`, or say which kind of proof it is"));
                }
                continue;
            }
            if header.is_some() && query {
                findings
                    .add(&codes::AUTH_PLACE, key("query"), "the key goes into a header and into the query")
                    .also(key("header"), "the header is named here")
                    .help("remove one of them; a key in a header stays out of logs");
            }
            if scheme && header.is_none() {
                findings
                    .add(&codes::AUTH_PLACE, key("scheme"), "`scheme` says what stands before the key in a header, and no header is named")
                    .help(if query {
                        "remove it: a parameter of the query is the key alone"
                    } else {
                        "name it too: `header: Authorization`"
                    });
            }
            if let Some(header) = header.filter(|header| is_framing(header)) {
                let message = format!("`{header}` is set from the request itself");
                findings
                    .add(&codes::AUTH_PLACE, doc.at(pointer!("auth", index, "header")), message)
                    .help("name the header that the service reads the key from");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_acme;

    #[test]
    fn places_that_are_none() {
        for (auth, line, column) in [
            ("    header: X-Key\n    query: key\n", 10, 5),
            ("    scheme: Bearer\n", 9, 5),
            ("    scheme: Bearer\n    query: key\n", 9, 5),
            ("    header: Host\n", 9, 13),
            ("  - kind: none\n    query: key\n", 10, 5),
        ] {
            let found = check_acme(auth);
            assert_eq!(found, [format!("auth-place providers/acme.yaml:{line}:{column}")], "{auth}");
        }
        let found = check_acme("    header: X Key\n");
        assert_eq!(found, ["invalid-value providers/acme.yaml:9:13"]);
    }

    #[test]
    fn places_that_are_one() {
        for auth in ["    header: Authorization\n    scheme: Token\n", "    header: X-Key\n", "    query: key\n"] {
            assert!(check_acme(auth).is_empty(), "{auth}");
        }
    }
}
