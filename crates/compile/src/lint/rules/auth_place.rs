use super::common::*;
use super::header::is_framing;
use modeldex_table::AuthKind;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        for (index, auth) in doc.value.auth.iter().enumerate() {
            let key = |key: &str| doc.key(pointer!("auth", index, key));
            let (header, scheme, query) = (auth.header.as_deref(), auth.scheme.is_some(), auth.query.is_some());
            let stated = if header.is_some() {
                "header"
            } else if query {
                "query"
            } else {
                "scheme"
            };
            if matches!(auth.kind, AuthKind::Aws | AuthKind::Gcp | AuthKind::None) {
                if header.is_some() || scheme || query {
                    findings
                        .add(
                            &codes::AUTH_PLACE,
                            key(stated),
                            format!(
                                "an authentication method of kind `{kind}` sends no key, so `{stated}` has no effect",
                                kind = auth.kind
                            ),
                        )
                        .also(doc.at(pointer!("auth", index, "kind")), "the kind is stated here")
                        .help(format!("remove `{stated}`, or state another `kind`"));
                }
                continue;
            }
            if header.is_some() && query {
                findings
                    .add(&codes::AUTH_PLACE, key("query"), "an authentication method cannot have both `header` and `query`")
                    .also(key("header"), "the header is stated here")
                    .help("remove `header` or `query`; `header` is safer, because logs contain URLs");
            }
            if scheme && header.is_none() {
                findings
                    .add(
                        &codes::AUTH_PLACE,
                        key("scheme"),
                        "`scheme` requires `header`, because the scheme is the word before the key in a header",
                    )
                    .help(if query { "remove `scheme`: a query parameter contains only the key" } else { "add `header: Authorization`" });
            }
            if let Some(header) = header.filter(|header| is_framing(header)) {
                let message = format!("the header `{header}` cannot carry the key, because the HTTP client sets it");
                findings
                    .add(&codes::AUTH_PLACE, doc.at(pointer!("auth", index, "header")), message)
                    .help("set `header` to the name of the header from which the service reads the key");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_acme;

    #[test]
    fn invalid_places() {
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
    fn valid_places() {
        for auth in ["    header: Authorization\n    scheme: Token\n", "    header: X-Key\n", "    query: key\n"] {
            assert!(check_acme(auth).is_empty(), "{auth}");
        }
    }
}
