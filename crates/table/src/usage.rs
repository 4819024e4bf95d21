//! What a request used, as counts with parts.

use crate::Meter;
use core::fmt;

/// How much of each meter a request used.
///
/// `input` is all tokens of the request: those read from a cache, written to one, of audio and of images are disjoint parts of it.
/// `output` is all tokens of the answer: those of thinking, audio and images are disjoint parts of it. `request`, `image` and `web_search`
/// are counts of their own. OpenTelemetry counts the same way; protocols that do not are translated where they are read.
///
/// ```
/// use modeldex_table::{Meter, Usage};
///
/// let usage = Usage::of(&[(Meter::Input, 1_000), (Meter::CacheRead, 800), (Meter::Output, 50)]); // tokens
/// assert_eq!(usage.get(Meter::Request), 1);
/// assert_eq!(usage.charged().map(|charged| charged[usize::from(Meter::Input.code())]), Ok(200)); // nothing is charged twice
///
/// let impossible = Usage::of(&[(Meter::Input, 1_000), (Meter::CacheRead, 1_001)]);
/// assert_eq!(impossible.charged().unwrap_err().to_string(), "the parts of `input` add up to 1001, more than its 1000");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Usage {
    counts: [u64; Meter::ALL.len()],
}

/// Parts that are more than what they are parts of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImpossibleUsage {
    /// The meter that counts all: `input` or `output`.
    pub total: Meter,
    /// What it says.
    pub count: u64,
    /// What its parts add up to.
    pub parts: u128,
}

impl Usage {
    /// One request that used nothing yet. [`Usage::default`] is not even a request.
    #[must_use]
    pub const fn request() -> Self {
        Self { counts: [0; Meter::ALL.len()] }.with(Meter::Request, 1)
    }

    /// One request that used this much of each meter; what is not named is not used.
    #[must_use]
    pub fn of(counts: &[(Meter, u64)]) -> Self {
        let mut usage = Self::request();
        counts.iter().for_each(|&(meter, count)| usage.set(meter, count));
        usage
    }

    /// The same with another count of one meter.
    #[must_use]
    pub const fn with(mut self, meter: Meter, count: u64) -> Self {
        self.set(meter, count);
        self
    }

    /// Sets the count of one meter.
    #[inline]
    pub const fn set(&mut self, meter: Meter, count: u64) {
        self.counts[meter.code() as usize] = count;
    }

    /// How much of a meter was used, its parts included.
    #[inline]
    #[must_use]
    pub const fn get(&self, meter: Meter) -> u64 {
        self.counts[meter.code() as usize]
    }

    /// Every count that is not zero, in the order of the meters.
    pub fn iter(&self) -> impl Iterator<Item = (Meter, u64)> + '_ {
        Meter::ALL.iter().map(|meter| (*meter, self.get(*meter))).filter(|(_, count)| *count > 0)
    }

    /// The counts without overlap, in the order of [`Meter::ALL`]: of `input` and `output`, what is none of their parts.
    ///
    /// # Errors
    /// When parts are more than their total.
    #[inline]
    pub fn charged(&self) -> Result<[u64; Meter::ALL.len()], ImpossibleUsage> {
        let mut charged = self.counts;
        for (total, parts) in PARTS {
            let rest = parts.iter().try_fold(self.get(total), |rest, part| rest.checked_sub(self.get(*part)));
            charged[total.code() as usize] = rest.ok_or_else(|| self.impossible(total, parts))?;
        }
        Ok(charged)
    }

    #[cold]
    fn impossible(&self, total: Meter, parts: &[Meter]) -> ImpossibleUsage {
        ImpossibleUsage { total, count: self.get(total), parts: parts.iter().map(|part| u128::from(self.get(*part))).sum() }
    }
}

impl Meter {
    /// The meter whose count includes this one's, if any.
    #[must_use]
    pub fn part_of(self) -> Option<Self> {
        PARTS.iter().find(|(_, parts)| parts.contains(&self)).map(|(total, _)| *total)
    }
}

/// Which meter counts which others, too.
const PARTS: [(Meter, &[Meter]); 2] = [
    (Meter::Input, &[Meter::CacheRead, Meter::CacheWrite, Meter::CacheWrite1h, Meter::InputAudio, Meter::InputImage]),
    (Meter::Output, &[Meter::Reasoning, Meter::OutputAudio, Meter::OutputImage]),
];

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Display for ImpossibleUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the parts of `{}` add up to {}, more than its {}", self.total, self.parts, self.count)
    }
}

impl core::error::Error for ImpossibleUsage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_may_be_all_of_their_total_and_no_more() {
        for (total, part) in PARTS.iter().flat_map(|(total, parts)| parts.iter().map(|part| (*total, *part))) {
            assert_eq!(part.part_of(), Some(total));
            let usage = Usage::of(&[(total, 5), (part, 5)]);
            assert_eq!(usage.charged().map(|charged| charged[total.code() as usize]), Ok(0));
            let usage = Usage::of(&[(total, 5), (part, 6)]);
            assert_eq!(usage.charged(), Err(ImpossibleUsage { total, count: 5, parts: 6 }));
        }
        assert_eq!(Meter::Input.part_of(), None);
    }

    #[test]
    fn parts_that_overflow_are_told_whole() {
        let usage = Usage::of(&[(Meter::Input, u64::MAX), (Meter::CacheRead, u64::MAX), (Meter::CacheWrite, u64::MAX)]);
        assert_eq!(usage.charged().unwrap_err().parts, 2 * u128::from(u64::MAX));
    }
}
