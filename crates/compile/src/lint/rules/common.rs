//! What the rules have in common: the names that nearly all of them use, and what several ask of a catalog. Nothing here is called unless
//! something is wrong.

pub(super) use crate::authored::Provider;
pub(super) use crate::codes;
pub(super) use crate::finding::{Findings, Place};
pub(super) use crate::lint::Context;
pub(super) use crate::pointer::pointer;
pub(super) use crate::read::FileKind;
pub(super) use crate::shape::Doc;

use crate::resolve::{Resolved, ResolvedProvider};
use modeldex_table::nearest::nearest;

/// How many names one rule compares at the most: a wrong word in each of 10,000 models must not cost 10,000 times all names.
const COMPARISONS: usize = 20_000;

/// So many names are listed where none is near.
const LISTED: usize = 8;

/// Finds the word that was perhaps meant, for as long as its budget lasts.
pub(super) struct Suggest {
    left: usize,
}

impl Suggest {
    pub(super) fn new() -> Self {
        Self { left: COMPARISONS }
    }

    /// Help that names the nearest of `known`, or all of them where they are few.
    pub(super) fn help<'k>(&mut self, word: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<String> {
        if let Some(near) = self.nearest(word, known.clone()) {
            return Some(format!("did you mean `{near}`?"));
        }
        let listed: Vec<String> = known.take(LISTED + 1).map(|name| format!("`{name}`")).collect();
        match listed.as_slice() {
            [] => None,
            [only] => Some(format!("there is only {only}")),
            few if few.len() <= LISTED => Some(format!("there are {}", few.join(", "))),
            _ => None,
        }
    }

    fn nearest<'k>(&mut self, word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
        let left = &mut self.left;
        let affordable = known.take_while(|_| {
            let more = *left > 0;
            *left = left.saturating_sub(1);
            more
        });
        nearest(word, affordable)
    }
}

/// What `doc` became. `None` for the second of two files with one id: the first is the one that counts.
pub(super) fn resolved<'c>(context: &Context<'c>, doc: &Doc<Provider>) -> Option<&'c ResolvedProvider> {
    context.resolved.providers.get(&doc.id).filter(|provider| provider.file == Some(doc.file))
}

/// Whether a provider may lack something only because its file, or one that it extends, could not be taken whole.
pub(super) fn may_lack(context: &Context<'_>, doc: &Doc<Provider>) -> bool {
    if context.shaped.broken.is_empty() {
        return false;
    }
    let mut id = doc.id.as_str();
    // A chain is at most as long as there are files; a loop ends there.
    for _ in 0..=context.shaped.providers.len() {
        if context.shaped.is_broken(FileKind::Provider, id) {
            return true;
        }
        let extended = context.shaped.providers.iter().find(|other| other.id == id).and_then(|other| other.value.extends.as_deref());
        match extended {
            Some(extended) if extended != id => id = extended,
            _ => return false,
        }
    }
    false
}

/// Whether `id` is the id or an alias of a provider whose file could not be taken whole; what it holds is not known then.
pub(super) fn is_broken_provider(context: &Context<'_>, id: &str) -> bool {
    let id =
        context.shaped.providers.iter().find(|doc| doc.value.aliases.iter().any(|alias| alias.id == id)).map_or(id, |doc| doc.id.as_str());
    context.shaped.is_broken(FileKind::Provider, id) || context.shaped.providers.iter().any(|doc| doc.id == id && may_lack(context, doc))
}

/// Whether facts of the base model `reference` may be missing because the file of its lab could not be taken whole.
pub(super) fn base_may_lack(context: &Context<'_>, reference: Option<&str>) -> bool {
    reference.and_then(|reference| reference.split_once('/')).is_some_and(|(lab, _)| context.shaped.is_broken(FileKind::Lab, lab))
}

/// The ids and aliases of a provider's models.
pub(super) fn names(provider: &ResolvedProvider) -> impl Iterator<Item = &str> + Clone {
    provider.models.keys().chain(provider.aliases.keys()).map(String::as_str)
}

/// Help for a whole reference that resolves to nothing: the nearest provider, or the nearest model of the provider.
pub(super) fn reference_help(suggest: &mut Suggest, resolved: &Resolved, reference: &str) -> Option<String> {
    let Some((provider, id)) = reference.split_once('/') else {
        return Some("a reference is written `provider/model`".to_owned());
    };
    match resolved.provider(provider) {
        Some(found) => suggest.help(id, names(found)),
        None => suggest.help(provider, resolved.providers.keys().map(String::as_str)),
    }
}

/// Where the base model `reference` states `key`, where a file of this catalog does.
pub(super) fn base_place(context: &Context<'_>, reference: &str, key: &str) -> Option<Place> {
    let (lab, id) = reference.split_once('/')?;
    let doc = context.shaped.labs.iter().find(|doc| doc.id == lab)?;
    let index = doc.value.models.iter().position(|base| base.id == id)?;
    Some(doc.at(pointer!("models", index, key)))
}

/// The place as an ordinal: `first`, `second`, `third`, then `4th`, `21st`, `22nd`, `23rd`.
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
