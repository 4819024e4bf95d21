//! What pi-ai and oh-my-pi have in common: the names of wire protocols, and models that each say where they are.

use modeldex_table::Api;
use std::collections::BTreeMap;

/// The protocol that such a catalog calls by this name.
pub(super) fn named(name: &str) -> Option<Api> {
    Some(match name {
        "bedrock-converse-stream" => Api::BedrockConverse,
        "azure-openai-responses" => Api::AzureOpenai,
        "ollama-chat" => Api::Ollama,
        _ => return Api::parse(name),
    })
}

/// How the models of a provider are reached: what most of them say, and the first by name where as many say something else.
#[derive(Default)]
pub(super) struct Majority(BTreeMap<String, (usize, BTreeMap<String, usize>)>);

impl Majority {
    /// Counts a model.
    pub(super) fn count(&mut self, api: Option<&str>, base_url: Option<&str>) {
        let Some(api) = api else { return };
        let (models, urls) = self.0.entry(api.to_owned()).or_default();
        *models += 1;
        if let Some(url) = base_url.filter(|url| !url.is_empty()) {
            *urls.entry(url.to_owned()).or_default() += 1;
        }
    }

    /// The protocol of most models, where it is one of this catalog's, and the base URL that most of these models have.
    pub(super) fn of_most(&self) -> (Option<Api>, Option<&str>) {
        let most = self.0.iter().rev().max_by_key(|(_, (models, _))| *models);
        let Some((api, (_, urls))) = most else { return (None, None) };
        (named(api), urls.iter().rev().max_by_key(|(_, models)| **models).map(|(url, _)| url.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_and_protocol_belong_together() {
        let mut majority = Majority::default();
        assert_eq!(majority.of_most(), (None, None));
        majority.count(Some("anthropic-messages"), Some("https://acme.test/a"));
        majority.count(Some("openai-completions"), Some("https://acme.test/z"));
        majority.count(Some("openai-completions"), Some("https://acme.test/b"));
        majority.count(Some("openai-completions"), Some("https://acme.test/z"));
        majority.count(None, Some("https://acme.test/a"));
        assert_eq!(majority.of_most(), (Some(Api::OpenaiCompletions), Some("https://acme.test/z")));
        assert_eq!(named("acme-messages"), None);
    }
}
