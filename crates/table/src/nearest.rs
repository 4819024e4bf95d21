//! Suggestions for misspelled texts, found by edit distance and without allocation.

/// Maximum length of a compared text in bytes. The distance between a longer text and any other text is `usize::MAX`.
const MAX_BYTES: usize = 128;

/// Returns the edit distance between two texts: the minimum number of edits that convert `a` to `b`. Returns `usize::MAX` if one of the texts is
/// longer than 128 bytes.
///
/// An edit inserts, deletes or replaces one character, or swaps two adjacent characters.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    distance_within(a, b, usize::MAX)
}

/// Returns the [edit distance](distance) between two texts, or `usize::MAX` if the distance is greater than `limit`. This function is faster than
/// [`distance`], since the computation ends as soon as the limit is exceeded.
#[must_use]
pub fn distance_within(a: &str, b: &str, limit: usize) -> usize {
    if a.len() > MAX_BYTES || b.len() > MAX_BYTES || a.len().abs_diff(b.len()) > limit.saturating_mul(4) {
        return usize::MAX;
    }
    let mut letters = ['\0'; MAX_BYTES];
    let mut width = 0;
    for letter in b.chars() {
        letters[width] = letter;
        width += 1;
    }
    let mut before_last = [0_usize; MAX_BYTES + 1];
    let mut last: [usize; MAX_BYTES + 1] = core::array::from_fn(|at| at);
    let mut previous = '\0';
    for (row, letter) in a.chars().enumerate() {
        let mut current = [0_usize; MAX_BYTES + 1];
        current[0] = row + 1;
        let mut best = current[0];
        for column in 0..width {
            let other = letters[column];
            let mut cost = (last[column] + usize::from(letter != other)).min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && letter == letters[column - 1] && previous == other {
                cost = cost.min(before_last[column - 1] + 1);
            }
            current[column + 1] = cost;
            best = best.min(cost);
        }
        if best > limit {
            return usize::MAX;
        }
        (before_last, last, previous) = (last, current, letter);
    }
    if last[width] <= limit { last[width] } else { usize::MAX }
}

/// A collection of the `N` items with the smallest distances among all inserted items, sorted by distance. Items with equal distances are in the
/// order of insertion.
pub struct Nearest<T, const N: usize> {
    items: [Option<(T, usize)>; N],
}

impl<T: Copy + PartialEq, const N: usize> Nearest<T, N> {
    /// Creates an empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self { items: [None; N] }
    }

    /// Returns the distance below which [`insert`](Self::insert) accepts a new item: the greatest distance in the collection if the collection is
    /// full, else `usize::MAX`.
    #[must_use]
    pub fn max_distance(&self) -> usize {
        self.items.last().and_then(|last| last.as_ref()).map_or(usize::MAX, |(_, distance)| *distance)
    }

    /// Inserts `item` if `distance` is less than [`max_distance`](Self::max_distance). An item that is inserted twice keeps its smaller distance.
    pub fn insert(&mut self, item: T, distance: usize) {
        if distance >= self.max_distance() {
            return;
        }
        if let Some(at) = self.items.iter().position(|found| found.as_ref().is_some_and(|(other, _)| *other == item)) {
            if self.items[at].as_ref().is_some_and(|(_, other)| *other <= distance) {
                return;
            }
            self.items[at] = None;
            self.items[at..].rotate_left(1);
        }
        let at = self.items.iter().position(|found| found.as_ref().is_none_or(|(_, other)| *other > distance)).unwrap_or(N - 1);
        self.items[at..].rotate_right(1);
        self.items[at] = Some((item, distance));
    }
}

impl<T: Copy + PartialEq, const N: usize> Default for Nearest<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy, const N: usize> IntoIterator for Nearest<T, N> {
    type Item = (T, usize);
    type IntoIter = core::iter::Flatten<core::array::IntoIter<Option<(T, usize)>, N>>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter().flatten()
    }
}

/// Returns the word with the smallest edit distance to `text`. Returns `None` if no word is similar enough. A word is similar enough if its distance
/// is at most 1, or at most a third of the number of characters of `text`.
#[must_use]
pub fn nearest<'w>(text: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let limit = (text.chars().count() / 3).max(1);
    let mut nearest = Nearest::<&str, 1>::new();
    for word in words {
        nearest.insert(word, distance_within(text, word, limit));
    }
    nearest.into_iter().find(|(_, distance)| *distance <= limit).map(|(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in
            [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 1), ("größe", "grösse", 2), ("k2p5", "k2.5", 1)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
        assert_eq!(distance_within("kitten", "sitting", 2), usize::MAX);
    }

    #[test]
    fn nearest_returns_the_smallest_distance_within_the_limit() {
        assert_eq!(nearest("contxt_window", ["context_window", "max_output_tokens"]), Some("context_window"));
        assert_eq!(nearest("zzz", ["context_window"]), None);
    }

    #[test]
    fn nearest_items_are_sorted_by_distance() {
        let mut best = Nearest::<u8, 3>::new();
        for (item, distance) in [(1, 9), (2, 3), (3, 5), (4, 3), (5, 1)] {
            best.insert(item, distance);
        }
        assert!(best.into_iter().map(|(item, _)| item).eq([5, 2, 4]));
    }
}
