//! Checks base URLs at hosts that the catalog knows.

use super::{FindingCollector, entry_context, label};
use crate::catalog_index::split_url;
use crate::rules::{OTHER_BASE_URL, UNKNOWN_BASE_URL};
use crate::scanned_text::WordPosition;
use modeldex_table::Provider;
use modeldex_table::nearest::distance;
use std::ops::Range;

/// Checks a word of the text that looks like a URL.
pub(super) fn check(collector: &mut FindingCollector<'_, '_>, range: Range<usize>) {
    let url = collector.text(range.clone());
    let Some((host, path)) = split_url(url) else { return };
    let urls = collector.index.base_urls(host);
    if urls.is_empty() || collector.scanned.position(range.clone()) == WordPosition::Fragment {
        return;
    }
    let Some((key, scope)) = key(collector, range.start).filter(|(key, _)| names_base_url(key)) else { return };
    let covering: Vec<usize> = urls.iter().filter(|(_, base)| begins_with(path, path_of(base))).map(|(provider, _)| *provider).collect();
    let provider = entry_context::provider(collector, scope)
        .filter(|(provider, _)| entry_context::requires_own_values(*provider) && has_hosts(*provider));
    let own = provider.as_ref().and_then(|(provider, _)| provider.endpoints().next()).map(|endpoint| endpoint.base_url());
    match provider {
        Some((provider, place)) if !covering.is_empty() && !covering.contains(&provider.index()) => {
            let owners: Vec<String> = owners(collector, &covering);
            let (provider, owners) = (provider.id(), owners.join(" and "));
            let message = format!("the entry of `{provider}` sets `{key}` to a base URL of {owners}");
            let help = own.map(|base_url| format!("replace the base URL with `{base_url}`, the base URL of `{provider}`"));
            collector
                .add(&OTHER_BASE_URL, range, message, "base URL of another provider", help)
                .labels
                .push(label(place, "the provider".to_owned()));
        }
        _ if covering.is_empty()
            && !is_prefix_of_base_url(urls, path)
            && urls.iter().any(|(_, base)| lacks_segments(path, path_of(base))) =>
        {
            let nearest = own.or_else(|| urls.iter().map(|(_, base)| *base).min_by_key(|base| distance(base, url)));
            let url = modeldex_support::secret::mask(url);
            let message =
                format!("the catalog has base URLs for the host `{host}`, but `{url}` does not begin with any of these base URLs");
            collector.add(
                &UNKNOWN_BASE_URL,
                range,
                message,
                "unknown base URL",
                nearest.map(|base_url| format!("did you mean `{base_url}`?")),
            );
        }
        _ => {}
    }
}

/// Returns the key whose value is the URL at `start`, and the scope of the key.
fn key<'f>(collector: &FindingCollector<'f, '_>, start: usize) -> Option<(&'f str, usize)> {
    Some((collector.scanned.key(start)?, collector.scanned.outline().scope_at(start)))
}

fn names_base_url(key: &str) -> bool {
    let plain = entry_context::normalized_key(key);
    plain.contains("baseurl") || plain.contains("apibase") || plain.contains("baseuri")
}

fn owners(collector: &FindingCollector<'_, '_>, places: &[usize]) -> Vec<String> {
    let mut owners: Vec<String> = places
        .iter()
        .filter_map(|place| collector.index.catalog.provider_at(*place))
        .map(|provider| format!("`{}`", provider.id()))
        .collect();
    owners.dedup();
    owners.truncate(3);
    owners
}

/// Returns whether the catalog has base URLs of a provider, all without variables.
fn has_hosts(provider: Provider<'_>) -> bool {
    provider.endpoints().len() > 0 && provider.endpoints().all(|endpoint| !endpoint.base_url().contains("${"))
}

fn path_of(url: &str) -> &str {
    split_url(url).map_or("", |(_, path)| path)
}

/// Returns whether the path `path` begins with all segments of the path `front`.
fn begins_with(path: &str, front: &str) -> bool {
    let (path, front) = (path.trim_end_matches('/'), front.trim_end_matches('/'));
    // Segments from the first variable on are different for each user, so they are not compared.
    let front = front.split("/${").next().unwrap_or(front);
    path.strip_prefix(front).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// Returns whether a base URL in the catalog begins with `path`: some programs configure the first part of a base URL and append the last.
fn is_prefix_of_base_url(urls: &[(usize, &str)], path: &str) -> bool {
    urls.iter().any(|(_, base)| begins_with(path_of(base), path))
}

/// Returns whether `path` is the path `base` of a base URL without some segments before the version at the end, such as `/v1` instead of
/// `/coding/v1`. Any other path may belong to another API at the host.
fn lacks_segments(path: &str, base: &str) -> bool {
    let mut rest = base.split('/').filter(|part| !part.is_empty());
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let is_version = last.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let same_end = base.trim_end_matches('/').rsplit('/').next() == Some(last);
    let is_native = base.contains("compat") || base.contains("openai");
    is_version && same_end && !is_native && path.split('/').filter(|part| !part.is_empty()).all(|part| rest.any(|other| other == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_by_segment() {
        assert!(begins_with("/v1/chat", "/v1") && begins_with("/v1/", "/v1") && begins_with("/x", ""));
        assert!(!begins_with("/v12", "/v1") && !begins_with("/v1", "/coding/v1"));
        assert!(
            lacks_segments("/v1", "/coding/v1")
                && lacks_segments("/v1/", "/api/v1")
                && !lacks_segments("/v2", "/api/v1")
                && !lacks_segments("/v1", "/compatibility/v1")
        );
        assert!(begins_with("/v1/acc/gw", "/v1/${A}/${B}"));
    }
}
