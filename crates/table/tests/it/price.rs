//! Property tests of pricing over random price lists, against an independent reference implementation. `tests/it/price.rs` of the root package
//! does the same with the price lists of the catalog.

use modeldex_table::rows::{ConditionRow, ModelRow, PriceRow, Range, RateRow, Text};
use modeldex_table::zerocopy::FromZeros;
use modeldex_table::{ALWAYS_ROW, Billing, Catalog, Cost, Meter, Moment, PriceError, RequestContext, ServiceTier, Usage};
use proptest::collection::vec;
use proptest::option::of as optional;
use proptest::prelude::*;

/// An entry of a random price list.
#[derive(Clone, Debug, Default)]
struct Entry {
    above: Option<u32>,
    tier: Option<u8>,
    from: Option<u32>,
    until: Option<u32>,
    /// Start and end in minutes; the end is never 0, and 1,440 is midnight.
    hours: Option<(u16, u16)>,
    days: u8,
    offset: i16,
    region: Option<u8>,
    currency: u8,
    rates: Vec<(usize, u64)>,
}

/// Regions of random entries and requests, two letters each.
const REGIONS: &str = "cneuus";

/// Random times are within two weeks from 2026-08-10, a Monday, so that they often meet boundaries. In minutes.
const START: u32 = 29_771_520;
const SPAN: u32 = 14 * 24 * 60;

/// A cost without its price list entries: currency, amount, and for each line meter, quantity, rate and amount.
type PlainCost = (u8, u128, Vec<(Meter, u64, u64, u128)>);

/// The tables of a catalog with one model.
struct Tables {
    models: Vec<ModelRow>,
    prices: Vec<PriceRow>,
    conditions: Vec<ConditionRow>,
    rates: Vec<RateRow>,
}

impl Tables {
    fn of(entries: &[Entry]) -> Self {
        let mut tables = Self { models: Vec::new(), prices: Vec::new(), conditions: vec![ALWAYS_ROW], rates: Vec::new() };
        for entry in entries {
            let start = tables.rates.len() as u32;
            tables.rates.extend(entry.rates.iter().map(|&(meter, micros)| RateRow { meter: meter as u8, micros: micros.into() }));
            tables.prices.push(PriceRow {
                condition: (tables.conditions.len() as u32).into(),
                currency: entry.currency,
                rates: Range { start: start.into(), len: (entry.rates.len() as u16).into() },
            });
            let (hours_start, hours_end) = entry.hours.unwrap_or((0, 0));
            let region = entry.region.map_or(ALWAYS_ROW.region, |at| Text { start: (u32::from(at) * 2).into(), len: 2.into() });
            tables.conditions.push(ConditionRow {
                above: entry.above.unwrap_or(0).into(),
                tier: entry.tier.map_or(0, |tier| tier + 1),
                from: entry.from.unwrap_or(0).into(),
                until: entry.until.unwrap_or(0).into(),
                hours_start: hours_start.into(),
                hours_end: hours_end.into(),
                utc_offset: entry.offset.into(),
                days: entry.days,
                region,
            });
        }
        let mut model = ModelRow::new_zeroed();
        model.billing = Billing::Metered.code();
        model.prices = Range { start: 0.into(), len: (entries.len() as u16).into() };
        tables.models.push(model);
        tables
    }

    fn catalog(&self) -> Catalog<'_> {
        let Self { models, prices, conditions, rates } = self;
        Catalog { strings: REGIONS, models, prices, conditions, rates, ..Catalog::default() }
    }
}

/// The context of a random request.
#[derive(Clone, Copy, Debug)]
struct Request {
    at: Option<u32>,
    tier: Option<u8>,
    region: Option<u8>,
}

impl Request {
    fn context(self) -> RequestContext<'static> {
        RequestContext {
            at: self.at.map(Moment::from_minutes),
            tier: self.tier.and_then(ServiceTier::from_code),
            region: self.region.map(region),
            ..RequestContext::default()
        }
    }
}

fn region(at: u8) -> &'static str {
    &REGIONS[usize::from(at) * 2..][..2]
}

fn price(entries: &[Entry], usage: &Usage, request: Request) -> Result<PlainCost, PriceError> {
    let tables = Tables::of(entries);
    let catalog = tables.catalog();
    catalog.model_at(0).unwrap().price(usage, &request.context()).map(|cost| plain_cost(&cost))
}

fn plain_cost(cost: &Cost<'_>) -> PlainCost {
    let lines = cost.lines().map(|line| (line.meter, line.quantity, line.rate.micros(), line.amount.pico())).collect();
    (cost.currency().code(), cost.amount().pico(), lines)
}

/// Reference implementation: decimal digits in vectors, and the pricing rules in order.
mod reference {
    use super::*;

    /// A number as decimal digits, lowest first.
    type Digits = Vec<u32>;

    fn digits(mut number: u64) -> Digits {
        let mut digits = Vec::new();
        while number > 0 {
            digits.push((number % 10) as u32);
            number /= 10;
        }
        digits
    }

    fn carried(mut digits: Digits) -> Digits {
        let mut carry = 0;
        for digit in &mut digits {
            let sum = *digit + carry;
            (*digit, carry) = (sum % 10, sum / 10);
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
        while digits.last() == Some(&0) {
            digits.pop();
        }
        digits
    }

    fn product(a: &Digits, b: &Digits) -> Digits {
        let mut product = vec![0; a.len() + b.len()];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                product[i + j] += x * y;
            }
        }
        carried(product)
    }

    fn sum(a: Digits, b: &Digits) -> Digits {
        let mut sum = a;
        sum.resize(sum.len().max(b.len()), 0);
        sum.iter_mut().zip(b).for_each(|(x, y)| *x += y);
        carried(sum)
    }

    fn text(digits: &Digits) -> String {
        if digits.is_empty() { "0".to_owned() } else { digits.iter().rev().map(u32::to_string).collect() }
    }

    fn applies(entry: &Entry, input: u64, request: Request) -> bool {
        if entry.above.is_some_and(|above| input <= u64::from(above))
            || (entry.tier.is_some() && entry.tier != request.tier)
            || (entry.region.is_some() && entry.region != request.region)
        {
            return false;
        }
        if entry.from.is_none() && entry.until.is_none() && entry.hours.is_none() && entry.days == 0 {
            return true;
        }
        let Some(at) = request.at else { return false };
        let local = i64::from(at) + i64::from(entry.offset);
        let (minute, day) = (local.rem_euclid(1_440) as u16, local.div_euclid(1_440));
        // Enumerate all minutes of the hours.
        let in_hours = entry.hours.is_none_or(|(start, end)| {
            let length = (i32::from(end) - i32::from(start)).rem_euclid(1_440);
            let length = if length == 0 { 1_440 } else { length };
            (0..length).any(|after| (i32::from(start) + after) % 1_440 == i32::from(minute))
        });
        let weekday = (day + 3).rem_euclid(7);
        entry.from.is_none_or(|from| from <= at)
            && entry.until.is_none_or(|until| at < until)
            && in_hours
            && (entry.days == 0 || entry.days & (1 << weekday) != 0)
    }

    /// Returns currency and amount in 10^-12 units as text; `None` if there is no price.
    pub(super) fn price(entries: &[Entry], usage: &Usage, request: Request) -> Option<(u8, String)> {
        let count = |meter| usage.get(meter);
        let parts_in = [Meter::CacheRead, Meter::CacheWrite, Meter::CacheWrite1h, Meter::InputAudio, Meter::InputImage];
        let parts_out = [Meter::Reasoning, Meter::OutputAudio, Meter::OutputImage];
        let rest = |total, parts: &[Meter]| u128::from(count(total)).checked_sub(parts.iter().map(|part| u128::from(count(*part))).sum());
        let (input, output) = (rest(Meter::Input, &parts_in)?, rest(Meter::Output, &parts_out)?);
        if request.tier.is_some() && entries.iter().all(|entry| entry.tier != request.tier) {
            return None;
        }
        let applying: Vec<&Entry> = entries.iter().filter(|entry| applies(entry, count(Meter::Input), request)).collect();
        let currency = applying.last()?.currency;
        let same = applying.iter().rev().take_while(|entry| entry.currency == currency);
        // If an entry names a meter twice, the later rate applies.
        let listed_rate = |meter: Meter| {
            let mut rates = same.clone().flat_map(|entry| entry.rates.iter().rev());
            rates.find(|(code, _)| *code == usize::from(meter.code())).map(|(_, micros)| *micros)
        };
        let mut amount = Vec::new();
        for &meter in Meter::ALL {
            let quantity = match meter {
                Meter::Input => input as u64,
                Meter::Output => output as u64,
                meter => count(meter),
            };
            if quantity == 0 || (meter == Meter::Request && listed_rate(meter).is_none()) {
                continue;
            }
            let rate = listed_rate(meter).or_else(|| match meter {
                Meter::Reasoning => listed_rate(Meter::Output),
                Meter::CacheWrite1h => listed_rate(Meter::Input).filter(|_| listed_rate(Meter::CacheWrite).is_none()),
                meter if parts_in.contains(&meter) => listed_rate(Meter::Input),
                _ => None,
            })?;
            amount = sum(amount, &product(&digits(quantity), &digits(rate)));
        }
        Some((currency, text(&amount)))
    }
}

fn minute() -> impl Strategy<Value = u32> {
    START..START + SPAN
}

fn rates() -> impl Strategy<Value = Vec<(usize, u64)>> {
    vec((0..Meter::ALL.len(), prop_oneof![0..100_u64, 0..100_000_000_u64, Just(999_999_999_999_999_u64)]), 1..8)
}

fn hours() -> impl Strategy<Value = (u16, u16)> {
    (0..1_440_u16, 1..=1_440_u16).prop_filter("hours have a length", |(start, end)| start % 1_440 != end % 1_440)
}

fn entry() -> impl Strategy<Value = Entry> {
    let when = (optional(minute()), optional(minute()), optional(hours()), prop_oneof![Just(0_u8), 1..128_u8], -840..=840_i16);
    let what = (
        optional(prop_oneof![1..20_u32, Just(200_000_u32)]),
        optional(0..4_u8),
        optional(0..3_u8),
        prop_oneof![4 => Just(0_u8), 1 => Just(1_u8)],
    );
    (when, what, rates()).prop_map(|((from, until, hours, days, offset), (above, tier, region, currency), rates)| Entry {
        above,
        tier,
        from,
        until,
        hours,
        days,
        offset,
        region,
        currency,
        rates,
    })
}

/// Price lists whose first entry is unconditional and has enough rates to price most usages.
fn list() -> impl Strategy<Value = Vec<Entry>> {
    (rates(), vec(entry(), 0..8), any::<bool>()).prop_map(|(mut rates, later, unsplit)| {
        if unsplit {
            rates.extend(Meter::ALL.iter().map(|meter| (usize::from(meter.code()), 1 + u64::from(meter.code()))));
        }
        [Entry { rates, ..Entry::default() }].into_iter().chain(later).collect()
    })
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![3 => Just(0_u64), 3 => 0..30_u64, 2 => 0..400_000_u64, 1 => 0..=1_000_000_000_000_000_u64]
}

/// Builds a usage from disjoint counts, so that parts never exceed their totals.
fn usage_of(charged: &[u64]) -> Usage {
    let mut usage = Usage::default();
    for (&meter, &count) in Meter::ALL.iter().zip(charged) {
        usage.set(meter, usage.get(meter) + count);
        if let Some(total) = meter.part_of() {
            usage.set(total, usage.get(total) + count);
        }
    }
    usage
}

fn charged() -> impl Strategy<Value = Vec<u64>> {
    vec(count(), Meter::ALL.len())
}

fn request() -> impl Strategy<Value = Request> {
    (optional(minute()), optional(0..4_u8), optional(0..3_u8)).prop_map(|(at, tier, region)| Request { at, tier, region })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn price_equals_reference(
        entries in list(), usage in charged(), invalid_count in optional((0..Meter::ALL.len(), count())), request in request()
    ) {
        let mut usage = usage_of(&usage);
        if let Some((meter, count)) = invalid_count {
            usage.set(Meter::ALL[meter], count);
        }
        let found = price(&entries, &usage, request).ok().map(|(currency, amount, _)| (currency, amount.to_string()));
        prop_assert_eq!(found, reference::price(&entries, &usage, request));
    }

    #[test]
    fn lines_add_up_to_the_amount(entries in list(), usage in charged(), request in request()) {
        if let Ok((_, amount, lines)) = price(&entries, &usage_of(&usage), request) {
            prop_assert_eq!(lines.iter().map(|line| line.3).sum::<u128>(), amount);
            for (_, quantity, rate, amount) in lines {
                prop_assert!(quantity > 0 && u128::from(quantity) * u128::from(rate) == amount);
            }
        }
    }

    #[test]
    fn splitting_a_dated_entry_keeps_the_price(
        entries in list(), dated in entry(), place in any::<prop::sample::Index>(), cut in 1..SPAN,
        usage in charged(), at in minute(), request in request()
    ) {
        let (start, end) = (dated.from.unwrap_or(START - 1), dated.until.unwrap_or(START + SPAN + 1));
        prop_assume!(start + 1 < end);
        let middle = start + 1 + cut % (end - start - 1);
        let place = 1 + place.index(entries.len());
        let (mut unsplit, mut parts) = (entries.clone(), entries);
        unsplit.insert(place, dated.clone());
        parts.insert(place, Entry { until: Some(middle), ..dated.clone() });
        parts.insert(place + 1, Entry { from: Some(middle), ..dated });
        for at in [Some(at), Some(middle - 1), Some(middle), request.at] {
            // Without a time, no dated entry applies, and an entry that had no dates before has one now.
            let request = Request { at: at.or(Some(START)), ..request };
            prop_assert_eq!(price(&unsplit, &usage_of(&usage), request), price(&parts, &usage_of(&usage), request));
        }
    }

    #[test]
    fn splitting_hours_keeps_the_price(
        entries in list(), mut daily in entry(), hours in hours(), place in any::<prop::sample::Index>(), cut in 0..1_440_u16,
        usage in charged(), at in minute(), request in request()
    ) {
        let (start, end) = hours;
        let length = (i32::from(end) - i32::from(start)).rem_euclid(1_440) as u16;
        prop_assume!(length > 1);
        let middle = (start + 1 + cut % (length - 1)) % 1_440;
        daily.hours = Some(hours);
        let place = 1 + place.index(entries.len());
        let (mut unsplit, mut parts) = (entries.clone(), entries);
        unsplit.insert(place, daily.clone());
        parts.insert(place, Entry { hours: Some((start, if middle == 0 { 1_440 } else { middle })), ..daily.clone() });
        parts.insert(place + 1, Entry { hours: Some((middle, end)), ..daily.clone() });
        let local = START + (u32::from(middle) + 1_440 - daily.offset.rem_euclid(1_440) as u32) % 1_440;
        for at in [Some(at), Some(local), Some(local - 1), request.at] {
            let request = Request { at, ..request };
            prop_assert_eq!(price(&unsplit, &usage_of(&usage), request), price(&parts, &usage_of(&usage), request));
        }
    }

    /// Entries with a threshold come last, and name all meters at rates not below those of any entry before.
    #[test]
    fn more_usage_never_costs_less(
        base in vec(0..1_000_000_u64, Meter::ALL.len()), later in vec(entry(), 0..5), above in vec((1..400_000_u32, 0..1_000_u64), 0..4),
        usage in charged(), more in charged(), request in request()
    ) {
        let named: Vec<(usize, u64)> = base.into_iter().enumerate().collect();
        let mut entries = vec![Entry { rates: named, ..Entry::default() }];
        entries.extend(later.into_iter().map(|entry| Entry { above: None, currency: 0, ..entry }));
        let mut above = above;
        above.sort_unstable();
        for (above, dearer) in above {
            let named = || entries.iter().flat_map(|entry| &entry.rates);
            let dearest = |meter| named().filter(|(code, _)| *code == meter).map(|(_, rate)| *rate).max().unwrap_or(0);
            let rates = (0..Meter::ALL.len()).map(|meter| (meter, dearest(meter) + dearer)).collect();
            entries.push(Entry { above: Some(above), rates, ..Entry::default() });
        }
        // A tier that no entry names is an error for any usage.
        let request = Request { tier: request.tier.filter(|tier| entries.iter().any(|entry| entry.tier == Some(*tier))), ..request };
        let sum: Vec<u64> = usage.iter().zip(&more).map(|(a, b)| a + b).collect();
        let (less, more) = (price(&entries, &usage_of(&usage), request), price(&entries, &usage_of(&sum), request));
        prop_assert!(less.unwrap().1 <= more.unwrap().1);
    }
}
