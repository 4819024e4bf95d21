//! Base URLs, by the hosts that the catalog knows.

use super::{Found, beside, label};
use crate::known::split_url;
use crate::page::Standing;
use crate::rules::{OTHER_BASE_URL, UNKNOWN_BASE_URL};
use modeldex_table::Provider;
use modeldex_table::nearest::distance;
use std::ops::Range;

/// Judges a word that is a URL.
pub(super) fn judge(found: &mut Found<'_, '_>, range: Range<usize>) {
    let url = found.text(range.clone());
    let Some((host, path)) = split_url(url) else { return };
    let urls = found.known.urls(host);
    if urls.is_empty() || found.page.standing(range.clone()) == Standing::Part {
        return;
    }
    let Some((key, scope)) = key(found, range.start).filter(|(key, _)| says_base_url(key)) else { return };
    let covering: Vec<usize> = urls.iter().filter(|(_, base)| begins_with(path, path_of(base))).map(|(provider, _)| *provider).collect();
    let provider = beside::provider(found, scope).filter(|(provider, _)| beside::is_its_own(*provider) && has_hosts(*provider));
    let own = provider.as_ref().and_then(|(provider, _)| provider.endpoints().next()).map(|endpoint| endpoint.base_url());
    match provider {
        Some((provider, place)) if !covering.is_empty() && !covering.contains(&provider.index()) => {
            let owners: Vec<String> = owners(found, &covering);
            let message = format!("`{key}` beside `{}` is that of {}", provider.id(), owners.join(" and "));
            let help = own.map(|own| format!("the base URL of `{}` is `{own}`", provider.id()));
            found.add(&OTHER_BASE_URL, range, message, "of another provider", help).labels.push(label(place, "this provider".to_owned()));
        }
        _ if covering.is_empty() && !is_begun(urls, path) && urls.iter().any(|(_, base)| is_cut(path, path_of(base))) => {
            let nearest = own.or_else(|| urls.iter().map(|(_, base)| *base).min_by_key(|base| distance(base, url)));
            let message =
                format!("the catalog knows `{host}`, but no base URL there that `{}` begins with", modeldex_support::secret::mask(url));
            found.add(&UNKNOWN_BASE_URL, range, message, "not known", nearest.map(|url| format!("the nearest is `{url}`")));
        }
        _ => {}
    }
}

/// The key that the URL is the value of, and the entry it is in.
fn key<'f>(found: &Found<'f, '_>, start: usize) -> Option<(&'f str, usize)> {
    Some((found.page.key(start)?, found.page.outline().scope_at(start)))
}

fn says_base_url(key: &str) -> bool {
    let plain = beside::plain(key);
    plain.contains("baseurl") || plain.contains("apibase") || plain.contains("baseuri")
}

fn owners(found: &Found<'_, '_>, places: &[usize]) -> Vec<String> {
    let mut owners: Vec<String> =
        places.iter().filter_map(|place| found.known.catalog.provider_at(*place)).map(|provider| format!("`{}`", provider.id())).collect();
    owners.dedup();
    owners.truncate(3);
    owners
}

/// Whether all base URLs of a provider are known to the last letter.
fn has_hosts(provider: Provider<'_>) -> bool {
    provider.endpoints().len() > 0 && provider.endpoints().all(|endpoint| !endpoint.base_url().contains("${"))
}

fn path_of(url: &str) -> &str {
    split_url(url).map_or("", |(_, path)| path)
}

/// Whether a path begins with all parts of another.
fn begins_with(path: &str, front: &str) -> bool {
    let (path, front) = (path.trim_end_matches('/'), front.trim_end_matches('/'));
    // What comes after a variable differs from user to user.
    let front = front.split("/${").next().unwrap_or(front);
    path.strip_prefix(front).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// Whether a base URL of the catalog goes on from here: some programs add the rest themselves.
fn is_begun(urls: &[(usize, &str)], path: &str) -> bool {
    urls.iter().any(|(_, base)| begins_with(path_of(base), path))
}

/// Whether a path is that of a base URL with parts left out before the version that both end with: `/v1` instead of `/coding/v1`. Any other
/// path may well be that of another API at the same host.
fn is_cut(path: &str, base: &str) -> bool {
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
    fn paths_begin_part_by_part() {
        assert!(begins_with("/v1/chat", "/v1") && begins_with("/v1/", "/v1") && begins_with("/x", ""));
        assert!(!begins_with("/v12", "/v1") && !begins_with("/v1", "/coding/v1"));
        assert!(
            is_cut("/v1", "/coding/v1") && is_cut("/v1/", "/api/v1") && !is_cut("/v2", "/api/v1") && !is_cut("/v1", "/compatibility/v1")
        );
        assert!(begins_with("/v1/acc/gw", "/v1/${A}/${B}"));
    }
}
