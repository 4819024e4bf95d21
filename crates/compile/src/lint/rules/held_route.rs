use super::common::*;
use crate::held::is_unconfirmed;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.held {
        for (index, held) in doc.value.held.iter().enumerate().filter(|(_, held)| is_unconfirmed(held, &context.catalog)) {
            let (fact, value, provider) = (&held.fact, &held.value, &held.provider);
            let (sources, since) = (held.sources.join(", "), held.since.0);
            let message =
                format!("the claim `{fact}: {value}` for the provider `{provider}` is not confirmed (claimed by {sources} since {since})");
            findings.add(&codes::HELD_ROUTE, doc.at(pointer!("held", index, "value")), message).help(format!(
                "run `modeldex confirm {provider}` to confirm the claim, or `modeldex confirm {provider} --reject` to reject the claim"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    const HELD: &str = "held:\n  - {provider: acme, fact: base_url, value: \"https://other.example/v1\", sources: [x], since: 2026-01-01}\n  - {provider: acme, fact: env, value: OTHER_KEY, sources: [x], since: 2026-01-01}\n";

    #[test]
    fn claims_are_reported_until_a_hand_written_file_states_them() {
        let found = check(&[("providers/acme.yaml", ACME), ("imported/held.yaml", HELD)]);
        assert_eq!(found, ["held-route imported/held.yaml:3:45", "held-route imported/held.yaml:4:40"]);
        let own = ACME.replace("api.acme.example", "other.example").replace("[ACME_API_KEY]", "[ACME_API_KEY, OTHER_KEY]");
        assert!(check(&[("providers/acme.yaml", &own), ("imported/held.yaml", HELD)]).is_empty());
    }
}
