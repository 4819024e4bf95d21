//! Checks the API key variables that a text configures for a provider.

use super::{FindingCollector, entry_context, label};
use crate::rules::{OTHER_KEY_VARIABLE, UNKNOWN_KEY_VARIABLE};
use modeldex_table::nearest::{distance_within, nearest};
use std::ops::Range;

/// Checks a word of the text that may be the name of a variable, in capital letters and with or without a prefix such as `env.`.
pub(super) fn check(collector: &mut FindingCollector<'_, '_>, range: Range<usize>) {
    let word = collector.text(range.clone());
    let name = word.rsplit('.').next().unwrap_or(word);
    let is_name = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if name.len() < 6 || !is_name || !(name.ends_with("KEY") || name.ends_with("TOKEN")) {
        return;
    }
    let range = range.end - name.len()..range.end;
    let Some((key, scope)) = entry_context::key(collector, range.start).filter(|(key, _)| names_api_key(key)) else { return };
    let Some((provider, place)) =
        entry_context::provider(collector, scope).filter(|(provider, _)| entry_context::requires_own_values(*provider))
    else {
        return;
    };
    let own: Vec<&str> = provider.auth().flat_map(|auth| auth.env()).collect();
    if own.is_empty() || own.contains(&name) {
        return;
    }
    let variable_owners = collector.index.variable_providers(name);
    let own_names = own.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
    let help = Some(format!("replace `{name}` with {own_names}"));
    let provider_label = label(place, "the provider".to_owned());
    if let Some(owner) = variable_owners.first().and_then(|place| collector.index.catalog.provider_at(*place)) {
        let (provider, owner) = (provider.id(), owner.id());
        let message = format!("the entry of `{provider}` sets `{key}` to `{name}`, the API key variable of `{owner}`");
        collector.add(&OTHER_KEY_VARIABLE, range, message, "API key variable of another provider", help).labels.push(provider_label);
    } else if let Some(near) = nearest(name, own.iter().copied())
        .filter(|near| distance_within(name, near, 2) <= 2 && !has_variable_nearby(collector, &range, near))
    {
        let message = format!("`{provider}` has no API key variable `{name}`; did you mean `{near}`?", provider = provider.id());
        collector.add(&UNKNOWN_KEY_VARIABLE, range, message, "unknown API key variable", help).labels.push(provider_label);
    }
}

/// Returns whether the provider's variable `name` is near the word in the text, which means that the program accepts both variables.
fn has_variable_nearby(collector: &FindingCollector<'_, '_>, range: &Range<usize>, name: &str) -> bool {
    const NEARBY_BYTES: usize = 150;
    let around = range.start.saturating_sub(NEARBY_BYTES)..collector.scanned.text.len().min(range.end + NEARBY_BYTES);
    memchr::memmem::find(&collector.scanned.text.as_bytes()[around], name.as_bytes()).is_some()
}

fn names_api_key(key: &str) -> bool {
    let plain = entry_context::normalized_key(key);
    plain.contains("key") || plain.contains("token") || plain.starts_with("env") || plain.ends_with("env")
}
