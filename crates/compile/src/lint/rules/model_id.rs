use super::common::*;

/// Names that Windows reserves for devices, also with an extension.
const DEVICES: &[&str] = &["aux", "con", "conin$", "conout$", "nul", "prn"];

/// Maximum number of characters of an id.
const MAX_LENGTH: usize = 128;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut report = |place: Place, id: &str| {
        if let Some(reason) = fault(id) {
            findings.add(&codes::MODEL_ID, place, format!("the model id `{shown}` {reason}", shown = shortened(id))).help(
                "write the model id that the provider's API expects in requests; if the API really expects the invalid id, remove the model",
            );
        }
    };
    for doc in &context.files.providers {
        doc.value.models.iter().enumerate().for_each(|(index, model)| report(doc.at(pointer!("models", index, "id")), &model.id));
        for (index, alias) in doc.value.model_aliases.iter().enumerate() {
            report(doc.at(pointer!("model_aliases", index, "id")), &alias.id);
        }
        doc.value.omit_models.iter().enumerate().for_each(|(index, id)| report(doc.at(pointer!("omit_models", index)), id));
    }
    for doc in &context.files.labs {
        doc.value.models.iter().enumerate().for_each(|(index, base)| report(doc.at(pointer!("models", index, "id")), &base.id));
    }
}

/// Returns whether `id` is a valid model id. A valid id has only the characters that the schema allows, and satisfies the rule `model-id`.
#[must_use]
pub fn is_valid_model_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:/@~()+[]-".contains(&byte)) && fault(id).is_none()
}

/// Returns what is wrong with an id.
fn fault(id: &str) -> Option<String> {
    if id.len() > MAX_LENGTH {
        return Some(format!("has more than {MAX_LENGTH} characters"));
    }
    id.split('/').find_map(|segment| {
        let stem = segment.split(['.', ':']).next().unwrap_or_default().to_ascii_lowercase();
        let is_port = |stem: &str| {
            stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && stem.ends_with(|last: char| last.is_ascii_digit())
        };
        if segment.is_empty() {
            Some("has an empty segment".to_owned())
        } else if segment.starts_with('.') || segment.ends_with('.') {
            Some(format!("has the segment `{segment}`, which begins or ends with `.`"))
        } else if segment.starts_with('-') {
            Some(format!("has the segment `{segment}`, which looks like a command-line option"))
        } else if DEVICES.contains(&&*stem) || is_port(&stem) {
            Some(format!("has the segment `{segment}`, which is the name of a device on Windows"))
        } else {
            None
        }
    })
}

fn shortened(id: &str) -> String {
    if id.chars().count() > 60 { format!("{}…", id.chars().take(60).collect::<String>()) } else { id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::is_valid_model_id;
    use crate::testing::check_acme;

    #[test]
    fn ids_that_could_hurt_a_consumer() {
        let long = "x".repeat(200);
        for id in [
            "../../../../etc/passwd",
            "..",
            ".",
            ".git/hooks/pre-commit",
            "a/../b",
            "a/./b",
            "--help",
            "-rf",
            "a/-b",
            "a//b",
            "/abs",
            "a/",
            "con",
            "NUL",
            "x/aux.yaml",
            "com1",
            "lpt9.txt",
            "nul:free",
            "a.",
            "a./b",
            &long,
            "$(id)",
            "`id`",
            "a;id",
            "=cmd|calc",
            "a%2f..%2f..",
            "a\\..\\b",
            "a\"b",
            "a'b",
            "#x",
            "!tag",
            "*star",
            "&anchor",
            "<script>",
            "${OPENAI_API_KEY}",
            "a\tb",
            "a b",
            "a,b",
            "é",
            "gрt-5",
            "",
        ] {
            assert!(!is_valid_model_id(id), "{id}");
            let quoted = serde_json::to_string(id).unwrap();
            let found = check_acme(&format!("models:\n  - id: {quoted}\n"));
            assert!(!found.is_empty(), "{id}");
        }
    }

    #[test]
    fn ids_of_real_services() {
        for id in [
            "gpt-5.5",
            "~openai/gpt-latest",
            "@cf/meta/llama-3.2-3b-instruct",
            "amazon/google.gemma-3-4b-it@us",
            "glm-5.2-highspeed[1m]",
            "Llama-3.3+(3v3.3)-70B",
            "anthropic.claude-opus-5-v1:0",
            "deepseek/deepseek-v4:free",
            "a_b",
            "x/console",
            "common-1",
            "com10",
        ] {
            assert!(is_valid_model_id(id), "{id}");
            assert!(check_acme(&format!("models:\n  - id: \"{id}\"\n")).is_empty(), "{id}");
        }
    }

    #[test]
    fn aliases_are_ids() {
        let found = check_acme("omit_models: [../x]\nmodel_aliases:\n  - {id: ../a, target: m, kind: legacy}\nmodels:\n  - id: m\n");
        let ids: Vec<&String> = found.iter().filter(|found| found.starts_with("model-id")).collect();
        assert_eq!(ids, ["model-id providers/acme.yaml:9:15", "model-id providers/acme.yaml:11:10"]);
    }
}
