//! Finding the word that was perhaps meant, without allocating.

/// The longest text that is compared; longer ones are never near anything.
const LONGEST: usize = 128;

/// How many single-character insertions, deletions, replacements and swaps of neighbours lead from one text to the other.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    distance_within(a, b, usize::MAX)
}

/// Like [`distance`], but `usize::MAX` when it is more than `limit`, at less cost.
#[must_use]
pub fn distance_within(a: &str, b: &str, limit: usize) -> usize {
    if a.len() > LONGEST || b.len() > LONGEST || a.len().abs_diff(b.len()) > limit.saturating_mul(4) {
        return usize::MAX;
    }
    let mut letters = ['\0'; LONGEST];
    let mut width = 0;
    for letter in b.chars() {
        letters[width] = letter;
        width += 1;
    }
    let mut before_last = [0_usize; LONGEST + 1];
    let mut last: [usize; LONGEST + 1] = core::array::from_fn(|at| at);
    let mut previous = '\0';
    for (row, letter) in a.chars().enumerate() {
        let mut current = [0_usize; LONGEST + 1];
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

/// The `N` best of what was offered, in order of distance; of equals, the first offered.
pub struct Nearest<T, const N: usize> {
    found: [Option<(T, usize)>; N],
}

impl<T: Copy + PartialEq, const N: usize> Nearest<T, N> {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { found: [None; N] }
    }

    /// The distance that a new find has to be under.
    #[must_use]
    pub fn worst(&self) -> usize {
        self.found.last().and_then(|last| last.as_ref()).map_or(usize::MAX, |(_, off)| *off)
    }

    /// Takes `item` in if it is nearer than the worst so far; an item that is in already keeps the lesser of its distances.
    pub fn offer(&mut self, item: T, off: usize) {
        if off >= self.worst() {
            return;
        }
        if let Some(at) = self.found.iter().position(|found| found.as_ref().is_some_and(|(other, _)| *other == item)) {
            if self.found[at].as_ref().is_some_and(|(_, other)| *other <= off) {
                return;
            }
            self.found[at] = None;
            self.found[at..].rotate_left(1);
        }
        let at = self.found.iter().position(|found| found.as_ref().is_none_or(|(_, other)| *other > off)).unwrap_or(N - 1);
        self.found[at..].rotate_right(1);
        self.found[at] = Some((item, off));
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
        self.found.into_iter().flatten()
    }
}

/// The word of `words` that `text` was perhaps meant to be: at most a third of its letters are off.
#[must_use]
pub fn nearest<'w>(text: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let limit = (text.chars().count() / 3).max(1);
    let mut nearest = Nearest::<&str, 1>::new();
    for word in words {
        nearest.offer(word, distance_within(text, word, limit));
    }
    nearest.into_iter().find(|(_, off)| *off <= limit).map(|(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, off) in
            [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 1), ("größe", "grösse", 2), ("k2p5", "k2.5", 1)]
        {
            assert_eq!(distance(a, b), off, "{a} {b}");
            assert_eq!(distance(b, a), off, "{b} {a}");
        }
        assert_eq!(distance_within("kitten", "sitting", 2), usize::MAX);
    }

    #[test]
    fn nearest_prefers_the_least_change_and_refuses_the_far() {
        assert_eq!(nearest("contxt_window", ["context_window", "max_output_tokens"]), Some("context_window"));
        assert_eq!(nearest("zzz", ["context_window"]), None);
    }

    #[test]
    fn the_best_are_kept_in_order() {
        let mut best = Nearest::<u8, 3>::new();
        for (item, off) in [(1, 9), (2, 3), (3, 5), (4, 3), (5, 1)] {
            best.offer(item, off);
        }
        assert!(best.into_iter().map(|(item, _)| item).eq([5, 2, 4]));
    }
}
