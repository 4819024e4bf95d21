use super::alias_loop::cycles;
use super::common::*;
use std::collections::HashMap;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let docs = &context.files.providers;
    let by_id: HashMap<&str, usize> = docs.iter().enumerate().rev().map(|(at, doc)| (doc.id.as_str(), at)).collect();
    // A provider that extends its own id changes a provider of the catalog below.
    let next =
        |at: usize| docs[at].value.extends.as_deref().filter(|target| *target != docs[at].id).and_then(|target| by_id.get(target)).copied();
    for members in cycles(docs.len(), next) {
        let place = |at: usize| docs[at].at("/extends");
        let path: Vec<String> = members.iter().chain(&members[..1]).map(|at| format!("`{}`", docs[*at].id)).collect();
        let message = format!("`extends` forms a cycle: {path}", path = path.join(" -> "));
        let finding = findings.add(&codes::EXTENDS_LOOP, place(members[0]), message);
        finding.help("remove `extends` from one of these providers");
        for at in &members[1..] {
            finding.also(place(*at), "the cycle continues here");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_cycle_is_reported_once() {
        let extending = |other: &str| format!("extends: {other}\n{ACME}");
        let found =
            check(&[("providers/a.yaml", &extending("b")), ("providers/b.yaml", &extending("c")), ("providers/c.yaml", &extending("b"))]);
        assert_eq!(found, ["extends-loop providers/b.yaml:2:10"]);
        assert!(
            check(&[("providers/a.yaml", &extending("b")), ("providers/b.yaml", &extending("c")), ("providers/c.yaml", ACME)]).is_empty()
        );
    }
}
