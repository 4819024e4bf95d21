//! Variables for keys, beside a provider.

use super::{Found, beside, label};
use crate::rules::{OTHER_KEY_VARIABLE, UNKNOWN_KEY_VARIABLE};
use modeldex_table::nearest::{distance_within, nearest};
use std::ops::Range;

/// Judges a word in capital letters, perhaps behind `env.`.
pub(super) fn judge(found: &mut Found<'_, '_>, range: Range<usize>) {
    let word = found.text(range.clone());
    let name = word.rsplit('.').next().unwrap_or(word);
    let is_name = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if name.len() < 6 || !is_name || !(name.ends_with("KEY") || name.ends_with("TOKEN")) {
        return;
    }
    let range = range.end - name.len()..range.end;
    let Some((key, scope)) = beside::key(found, range.start).filter(|(key, _)| says_key(key)) else { return };
    let Some((provider, place)) = beside::provider(found, scope).filter(|(provider, _)| beside::is_its_own(*provider)) else { return };
    let own: Vec<&str> = provider.auth().flat_map(|auth| auth.env()).collect();
    if own.is_empty() || own.contains(&name) {
        return;
    }
    let holders = found.known.holders(name);
    let help =
        Some(format!("`{}` has its key in {}", provider.id(), own.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")));
    let beside = label(place, "this provider".to_owned());
    if let Some(holder) = holders.first().and_then(|place| found.known.catalog.provider_at(*place)) {
        let message = format!("`{key}` beside `{}` is `{name}`, which is the variable of `{}`", provider.id(), holder.id());
        found.add(&OTHER_KEY_VARIABLE, range, message, "of another provider", help).labels.push(beside);
    } else if let Some(near) =
        nearest(name, own.iter().copied()).filter(|near| distance_within(name, near, 2) <= 2 && !is_listed(found, &range, near))
    {
        let message = format!("`{name}` beside `{}` is nearly `{near}`", provider.id());
        found.add(&UNKNOWN_KEY_VARIABLE, range, message, "not known", help).labels.push(beside);
    }
}

/// Whether the right name stands close by: then either is taken.
fn is_listed(found: &Found<'_, '_>, range: &Range<usize>, name: &str) -> bool {
    const CLOSE: usize = 150;
    let around = range.start.saturating_sub(CLOSE)..found.page.text.len().min(range.end + CLOSE);
    memchr::memmem::find(&found.page.text.as_bytes()[around], name.as_bytes()).is_some()
}

fn says_key(key: &str) -> bool {
    let plain = beside::plain(key);
    plain.contains("key") || plain.contains("token") || plain.starts_with("env") || plain.ends_with("env")
}
