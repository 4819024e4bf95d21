//! Imports that all lint rules use, and functions that several lint rules use. The functions run only when a rule has found a problem.

pub(super) use crate::authored::Provider;
pub(super) use crate::codes;
pub(super) use crate::finding::{Findings, Place};
pub(super) use crate::lint::Context;
pub(super) use crate::pointer::pointer;
pub(super) use crate::read::FileKind;
pub(super) use crate::validate::Doc;

use crate::resolve::{Resolved, ResolvedProvider};
use modeldex_table::nearest::nearest;

/// Maximum number of comparisons of names that one rule makes. Without this limit, a rule that finds a wrong name in each of 10,000 models would
/// compare each of these names with all known names.
const MAX_COMPARISONS: usize = 20_000;

/// Maximum number of known names that a help lists if none of them is similar to the wrong name.
const MAX_LISTED: usize = 8;

/// Suggests known names in place of unknown ones. All calls together make at most [`MAX_COMPARISONS`] comparisons.
pub(super) struct Suggest {
    comparisons_left: usize,
}

impl Suggest {
    pub(super) fn new() -> Self {
        Self { comparisons_left: MAX_COMPARISONS }
    }

    /// Returns a help with the name in `known` that is most similar to `word`. If no name is similar, the help lists all names in `known`. Returns
    /// `None` if no name is similar and there are more than [`MAX_LISTED`] names.
    pub(super) fn help<'k>(&mut self, word: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<String> {
        if let Some(near) = self.nearest(word, known.clone()) {
            return Some(format!("did you mean `{near}`?"));
        }
        let listed: Vec<String> = known.take(MAX_LISTED + 1).map(|name| format!("`{name}`")).collect();
        match listed.as_slice() {
            [] => None,
            [only] => Some(format!("the only known name is {only}")),
            few if few.len() <= MAX_LISTED => Some(format!("known names: {names}", names = few.join(", "))),
            _ => None,
        }
    }

    /// Returns the most similar name in `known`.
    pub(super) fn nearest<'k>(&mut self, word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
        let left = &mut self.comparisons_left;
        let affordable = known.take_while(|_| {
            let more = *left > 0;
            *left = left.saturating_sub(1);
            more
        });
        nearest(word, affordable)
    }
}

/// Returns the resolved provider of `doc`. Returns `None` if `doc` is the second of two files with the same id, because only the first file is
/// compiled.
pub(super) fn resolved<'c>(context: &Context<'c>, doc: &Doc<Provider>) -> Option<&'c ResolvedProvider> {
    context.resolved.providers.get(&doc.id).filter(|provider| provider.file == Some(doc.file))
}

/// Returns whether parts of a provider may be missing because its file, or the file of a provider it extends, is partly invalid.
pub(super) fn may_lack(context: &Context<'_>, doc: &Doc<Provider>) -> bool {
    if context.files.broken.is_empty() {
        return false;
    }
    let mut id = doc.id.as_str();
    // A chain is at most as long as the number of files; this limit also ends a cycle.
    for _ in 0..=context.files.providers.len() {
        if context.files.is_broken(FileKind::Provider, id) {
            return true;
        }
        let extended = context.files.providers.iter().find(|other| other.id == id).and_then(|other| other.value.extends.as_deref());
        match extended {
            Some(extended) if extended != id => id = extended,
            _ => return false,
        }
    }
    false
}

/// Returns whether `id` is the id or an alias of a provider whose file is partly invalid, so that its models are not fully known.
pub(super) fn is_broken_provider(context: &Context<'_>, id: &str) -> bool {
    let id =
        context.files.providers.iter().find(|doc| doc.value.aliases.iter().any(|alias| alias.id == id)).map_or(id, |doc| doc.id.as_str());
    context.files.is_broken(FileKind::Provider, id) || context.files.providers.iter().any(|doc| doc.id == id && may_lack(context, doc))
}

/// Returns whether facts of the base model `reference` may be missing because the file of its lab is partly invalid.
pub(super) fn base_may_lack(context: &Context<'_>, reference: Option<&str>) -> bool {
    reference.and_then(|reference| reference.split_once('/')).is_some_and(|(lab, _)| context.files.is_broken(FileKind::Lab, lab))
}

/// Returns the ids and aliases of the models of a provider.
pub(super) fn names(provider: &ResolvedProvider) -> impl Iterator<Item = &str> + Clone {
    provider.models.keys().chain(provider.aliases.keys()).map(String::as_str)
}

/// Returns a help for a reference that does not resolve. The help names the most similar provider or, if the provider exists, the most similar
/// model of the provider.
pub(super) fn reference_help(suggest: &mut Suggest, resolved: &Resolved, reference: &str) -> Option<String> {
    let Some((provider, id)) = reference.split_once('/') else {
        return Some("write a reference as `provider/model`".to_owned());
    };
    match resolved.provider(provider) {
        Some(found) => suggest.help(id, names(found)),
        None => suggest.help(provider, resolved.providers.keys().map(String::as_str)),
    }
}

/// Returns the place at which the base model `reference` states `key`. Returns `None` if the base model is not in a file of this catalog.
pub(super) fn base_place(context: &Context<'_>, reference: &str, key: &str) -> Option<Place> {
    let (lab, id) = reference.split_once('/')?;
    let doc = context.files.labs.iter().find(|doc| doc.id == lab)?;
    let index = doc.value.models.iter().position(|base| base.id == id)?;
    Some(doc.at(pointer!("models", index, key)))
}

/// Returns a zero-based index as an ordinal: `first`, `second`, `third`, then `4th`, `21st`, `22nd`, `23rd`.
pub(super) fn nth(index: usize) -> String {
    let number = index + 1;
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    match number {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        _ => format!("{number}{end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::nth;

    #[test]
    fn ordinals() {
        let numbers = [1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 24, 101, 111, 113, 122];
        let expected =
            ["first", "second", "third", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "24th", "101st", "111th", "113th", "122nd"];
        assert_eq!(numbers.map(|number| nth(number - 1)), expected);
    }
}
