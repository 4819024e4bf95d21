//! The usage of a request: a count for each meter. Counts of totals, such as input tokens, include their parts, such as cached tokens.

use crate::Meter;
use core::fmt;

/// The usage of a request: a count for each meter.
///
/// `input` counts all input tokens. The tokens that were read from a cache, the tokens that were written to a cache, the audio tokens and the image
/// tokens are parts of `input`. `output` counts all output tokens. The reasoning, audio and image tokens are parts of `output`. No token belongs to
/// two parts. `request`, `image` and `web_search` are separate counts.
///
/// OpenTelemetry counts in the same way. Some wire protocols count differently; the crate `modeldex-usage` converts their counts.
///
/// ```
/// use modeldex_table::{Meter, Usage};
///
/// let usage = Usage::of(&[(Meter::Input, 1_000), (Meter::CacheRead, 800), (Meter::Output, 50)]); // tokens
/// assert_eq!(usage.get(Meter::Request), 1);
/// assert_eq!(usage.charged().map(|charged| charged[usize::from(Meter::Input.code())]), Ok(200)); // without the cached tokens
///
/// let impossible = Usage::of(&[(Meter::Input, 1_000), (Meter::CacheRead, 1_001)]);
/// assert_eq!(impossible.charged().unwrap_err().to_string(), "the parts of `input` add up to 1001, which is more than the total of 1000");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Usage {
    counts: [u64; Meter::ALL.len()],
}

/// The error for an impossible usage: the parts of a total, such as cached tokens, add up to more than the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImpossibleUsage {
    /// The meter whose parts add up to more than its count: `input` or `output`.
    pub total: Meter,
    /// The number of tokens of `total`.
    pub count: u64,
    /// The number of tokens of all parts together, which is greater than `count`.
    pub parts: u128,
}

impl Usage {
    /// Creates the usage of one request: the count of `request` is 1, and all other counts are 0. In contrast, [`Usage::default`] has 0 requests.
    #[must_use]
    pub const fn request() -> Self {
        Self { counts: [0; Meter::ALL.len()] }.with(Meter::Request, 1)
    }

    /// Creates the usage of one request from the counts of some meters. All other counts are 0.
    #[must_use]
    pub fn of(counts: &[(Meter, u64)]) -> Self {
        let mut usage = Self::request();
        counts.iter().for_each(|&(meter, count)| usage.set(meter, count));
        usage
    }

    /// Returns the usage with the count of `meter` set to `count`.
    #[must_use]
    pub const fn with(mut self, meter: Meter, count: u64) -> Self {
        self.set(meter, count);
        self
    }

    /// Sets the count of `meter`. The counts of other meters do not change, even if they include this count, as `input` includes `cache_read`.
    #[inline]
    pub const fn set(&mut self, meter: Meter, count: u64) {
        self.counts[meter.code() as usize] = count;
    }

    /// Returns the count of `meter`: a number of tokens, requests, images or web searches. The count of `input` includes its parts, such as
    /// cached tokens, and the count of `output` includes its parts, such as reasoning tokens.
    #[inline]
    #[must_use]
    pub const fn get(&self, meter: Meter) -> u64 {
        self.counts[meter.code() as usize]
    }

    /// Iterates over the meters with a count greater than 0, in the order of [`Meter::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Meter, u64)> + '_ {
        Meter::ALL.iter().map(|meter| (*meter, self.get(*meter))).filter(|(_, count)| *count > 0)
    }

    /// Returns the number of units to charge for each meter, in the order of [`Meter::ALL`]. The counts of `input` and `output` do not include their
    /// parts, so that no token is charged twice.
    ///
    /// # Errors
    /// Fails if the parts of `input` or `output` add up to more than the total.
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
    /// Returns the total, `input` or `output`, that includes the tokens of this meter. Returns `None` if the meter is not part of a total.
    #[must_use]
    pub fn part_of(self) -> Option<Self> {
        PARTS.iter().find(|(_, parts)| parts.contains(&self)).map(|(total, _)| *total)
    }
}

/// The totals, each with the meters that are its parts.
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
        let Self { total, count, parts } = self;
        write!(f, "the parts of `{total}` add up to {parts}, which is more than the total of {count}")
    }
}

impl core::error::Error for ImpossibleUsage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_may_not_exceed_their_total() {
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
    fn sum_of_parts_does_not_overflow() {
        let usage = Usage::of(&[(Meter::Input, u64::MAX), (Meter::CacheRead, u64::MAX), (Meter::CacheWrite, u64::MAX)]);
        assert_eq!(usage.charged().unwrap_err().parts, 2 * u128::from(u64::MAX));
    }
}
