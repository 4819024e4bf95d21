use super::common::*;
use std::collections::HashMap;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in context.files.providers.iter().filter(|doc| !doc.value.model_aliases.is_empty()) {
        let aliases = &doc.value.model_aliases;
        let is_model = |id: &str| resolved(context, doc).is_some_and(|provider| provider.models.contains_key(id));
        let by_id: HashMap<&str, usize> = aliases.iter().enumerate().rev().map(|(index, alias)| (alias.id.as_str(), index)).collect();
        let next = |at: usize| by_id.get(aliases[at].target.as_str()).copied().filter(|_| !is_model(&aliases[at].target));
        for members in cycles(aliases.len(), next) {
            let place = |at: usize| doc.at(pointer!("model_aliases", at, "target"));
            let path: Vec<String> = members.iter().chain(&members[..1]).map(|at| format!("`{}`", aliases[*at].id)).collect();
            let finding =
                findings.add(&codes::ALIAS_LOOP, place(members[0]), format!("aliases form a cycle: {path}", path = path.join(" -> ")));
            finding.help("change the `target` of one of these aliases to the id of a model");
            for at in &members[1..] {
                finding.also(place(*at), "the cycle continues here");
            }
        }
    }
}

/// Returns the cycles of a graph whose `len` nodes have at most one successor each. Each cycle is returned once, beginning with its lowest node.
pub(super) fn cycles(len: usize, next: impl Fn(usize) -> Option<usize>) -> Vec<Vec<usize>> {
    // The walk that first reached each node. A walk that returns to one of its own nodes has found a cycle.
    let mut walk = vec![None; len];
    let mut found = Vec::new();
    for start in 0..len {
        let mut at = Some(start);
        while let Some(node) = at.filter(|node| walk[*node].is_none()) {
            walk[node] = Some(start);
            at = next(node);
        }
        let Some(first) = at.filter(|node| walk[*node] == Some(start)) else { continue };
        let mut members = vec![first];
        let mut node = next(first);
        while let Some(member) = node.filter(|member| *member != first) {
            members.push(member);
            node = next(member);
        }
        let smallest = members.iter().enumerate().min_by_key(|(_, member)| **member).map_or(0, |(at, _)| at);
        members.rotate_left(smallest);
        found.push(members);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::cycles;
    use crate::testing::{ACME, check};

    #[test]
    fn cycles_are_found_once() {
        let next = [Some(1), Some(3), None, Some(1), Some(4), Some(0), Some(2)];
        assert_eq!(cycles(next.len(), |at| next[at]), [vec![1, 3], vec![4]]);
    }

    #[test]
    fn a_cycle_is_reported_once() {
        let aliases = "model_aliases:\n  - {id: a, target: b, kind: legacy}\n  - {id: b, target: c, kind: legacy}\n  - {id: c, target: a, kind: legacy}\n  - {id: d, target: a, kind: legacy}\n";
        let text = format!("{ACME}{aliases}models:\n  - id: model\n");
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["alias-loop providers/acme.yaml:10:21"]);
        assert!(check(&[("providers/acme.yaml", &text.replace("target: c", "target: model"))]).is_empty());
    }
}
