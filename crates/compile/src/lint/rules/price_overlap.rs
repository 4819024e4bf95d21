use super::common::*;
use crate::authored::{Model, Price};
use modeldex_table::{Condition, Currency, Hours, Meter};
use serde_json::Value;

/// Number of comparisons of conditions for each price list, and for each of its entries. Most pairs of entries need one comparison, so a price list
/// may have about 200 entries; the longest real one has 24. Without a limit, a list of 20,000 entries takes minutes.
const MAX_COMPARISONS: (usize, usize) = (5_000, 100);

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    // If an invalid condition was removed, its entry would seem to apply always.
    for doc in context.files.providers.iter().filter(|doc| !context.files.is_broken(FileKind::Provider, &doc.id)) {
        for (index, model) in doc.value.models.iter().enumerate().filter(|(_, model)| model.prices.len() > 1) {
            check_model(doc.file, index, model, findings);
        }
    }
}

fn check_model(file: usize, index: usize, model: &Model, findings: &mut Findings) {
    let mut currency = Currency::Usd;
    let entry = |price| {
        let entry = PriceEntry::new(price, currency);
        currency = entry.currency;
        entry
    };
    let entries: Vec<PriceEntry<'_>> = model.prices.iter().map(entry).collect();
    let max = MAX_COMPARISONS.0 + MAX_COMPARISONS.1 * entries.len();
    let mut left = max;
    for later in 1..entries.len() {
        // At most one finding per entry.
        let compare = |earlier: usize| if left == 0 { None } else { Some((earlier, clash(&entries, earlier, later, &mut left)?)) };
        let clash = (0..later).find_map(compare);
        if left == 0 {
            let (model, count) = (&model.id, entries.len());
            let message =
                format!("the price list of `{model}` has {count} entries, so checking it needs more comparisons than the limit of {max}");
            let place = Place::value(file, pointer!("models", index, "prices", later));
            let label = "this entry and the following entries were not compared";
            findings.add(&codes::PRICE_OVERLAP, place, message).label(label).help("remove entries, or use fewer different conditions");
            return;
        }
        left -= 1;
        let Some((earlier, clash)) = clash else { continue };
        let (first, second, model) = (nth(earlier), nth(later), &model.id);
        let (at, other, message, help) = match clash {
            Clash::Same => (
                later,
                earlier,
                format!("the {first} entry and the {second} entry of the price list of `{model}` have the same conditions"),
                "merge the two entries, or change the conditions of one of them".to_owned(),
            ),
            Clash::Hidden => (
                earlier,
                later,
                format!(
                    "the {first} entry of the price list of `{model}` has no effect, because the {second} entry comes later and \
                     applies to the same requests"
                ),
                "put the entry that applies to more requests first".to_owned(),
            ),
            Clash::Unordered(both, difference) => (
                later,
                earlier,
                format!(
                    "the {first} entry and the {second} entry of the price list of `{model}` can apply to the same request, but differ in {difference}"
                ),
                format!(
                    "after these two entries, add an entry for {conditions}, with the rates that apply in this case",
                    conditions = both.describe()
                ),
            ),
        };
        let place = |entry: usize| Place::value(file, pointer!("models", index, "prices", entry));
        findings
            .add(&codes::PRICE_OVERLAP, place(at), message)
            .label(entries[at].label())
            .also(place(other), entries[other].label())
            .help(help);
    }
}

/// An entry of a price list, with its effective currency and times.
struct PriceEntry<'p> {
    times: Times<'p>,
    currency: Currency,
    price: &'p Price,
}

/// The conditions of one entry, or the common conditions of two. The common hours of two entries cannot always be expressed as `hours` of one
/// entry, so hours are stored as minutes of the week.
#[derive(Clone, PartialEq)]
struct Times<'p> {
    /// All parts except the hours.
    condition: Condition<&'p str>,
    /// Disjoint, sorted ranges of minutes of the week in UTC; `None` for the whole week.
    week: Option<Vec<(u16, u16)>>,
}

/// A conflict between two entries.
enum Clash<'p> {
    /// Both have the same conditions.
    Same,
    /// The later entry is broader and makes the earlier one ineffective.
    Hidden,
    /// Both can apply at the same time, and neither is more specific. Contains their common conditions, and a description of the rates that differ.
    Unordered(Times<'p>, String),
}

/// Returns the conflict between the entries with the indices `earlier` and `later`. Subtracts the number of comparisons from `left`, and stops at 0.
/// Returns `None` if the two entries do not conflict.
fn clash<'p>(entries: &[PriceEntry<'p>], earlier: usize, later: usize, left: &mut usize) -> Option<Clash<'p>> {
    let (first, second) = (&entries[earlier], &entries[later]);
    *left = left.saturating_sub(1);
    let both = first.times.and(&second.times)?;
    if first.times == second.times {
        return Some(Clash::Same);
    }
    if both == second.times {
        return None;
    }
    let other_currency = first.currency != second.currency;
    let differing = || -> Vec<Meter> {
        let rates = &first.price.rates.0;
        rates
            .iter()
            .filter(|(meter, rate)| second.price.rates.0.get(meter).is_some_and(|other| other != *rate))
            .map(|(meter, _)| *meter)
            .collect()
    };
    if both == first.times {
        // A later entry in another currency replaces the earlier one entirely.
        let replaced = other_currency || first.price.rates.0.keys().all(|meter| second.price.rates.0.contains_key(meter));
        return (replaced || !differing().is_empty()).then_some(Clash::Hidden);
    }
    // A third entry, after both, can state the rates for requests that match both.
    let mut settles = |third: &PriceEntry<'_>, meter: Option<&Meter>| {
        *left = left.saturating_sub(1);
        both.implies(&third.times) && meter.is_none_or(|meter| third.price.rates.0.contains_key(meter))
    };
    let after = &entries[later + 1..];
    if other_currency {
        let settled = after.iter().any(|third| settles(third, None));
        return (!settled)
            .then(|| Clash::Unordered(both, format!("the currency ({one} or {other})", one = first.currency, other = second.currency)));
    }
    let unsettled: Vec<Meter> = differing().into_iter().filter(|meter| !after.iter().any(|third| settles(third, Some(meter)))).collect();
    if unsettled.is_empty() {
        return None;
    }
    let rate = |meter: &Meter| {
        let of = |entry: &PriceEntry<'_>| entry.price.rates.0.get(meter).map_or_else(String::new, ToString::to_string);
        format!("the rate of `{meter}` ({one} or {other})", one = of(first), other = of(second))
    };
    let difference = unsettled.iter().map(rate).collect::<Vec<_>>().join(" and ");
    Some(Clash::Unordered(both, difference))
}

impl<'p> PriceEntry<'p> {
    fn new(price: &'p Price, before: Currency) -> Self {
        let hours = price.condition.hours;
        let condition = Condition { hours: None, ..price.condition.as_ref() };
        let times = Times { condition, week: hours.and_then(week) };
        Self { times, currency: price.currency.unwrap_or(before), price }
    }
}

impl PriceEntry<'_> {
    fn label(&self) -> String {
        format!("this entry is for {conditions}", conditions = self.times.describe())
    }
}

impl Times<'_> {
    /// Returns the conditions of the requests that meet both `self` and `other`. Returns `None` if no request can meet both. Dates and hours are
    /// compared separately. Therefore two prices whose dates overlap for less than a week may be reported for a common hour that is not within the
    /// common dates. No provider publishes such prices.
    fn and(&self, other: &Self) -> Option<Self> {
        let condition = self.condition.and(&other.condition)?;
        let week = match (&self.week, &other.week) {
            (Some(week), Some(other)) => Some(intersection(week, other)),
            (week, other) => week.clone().or_else(|| other.clone()),
        };
        week.as_ref().is_none_or(|week| !week.is_empty()).then_some(Self { condition, week })
    }

    /// Returns whether `other` applies to every request to which these conditions apply.
    fn implies(&self, other: &Self) -> bool {
        self.and(other).as_ref() == Some(self)
    }

    /// Describes the conditions as they are written in YAML.
    fn describe(&self) -> String {
        let price = serde_json::json!(Price { condition: self.condition.map_region(str::to_owned), ..Price::default() });
        let part = |(key, value): (&String, &Value)| format!("{key}: {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let parts: Vec<String> = price.as_object().into_iter().flatten().map(part).collect();
        match (parts.is_empty(), self.week.is_some()) {
            (true, false) => "every request".to_owned(),
            (true, true) => "requests at certain hours".to_owned(),
            (false, false) => format!("`{conditions}`", conditions = parts.join(", ")),
            (false, true) => format!("`{conditions}` at certain hours", conditions = parts.join(", ")),
        }
    }
}

const DAY_MINUTES: i32 = 24 * 60;
const WEEK_MINUTES: i32 = 7 * DAY_MINUTES;

/// Returns the hours as disjoint, sorted ranges of minutes of the week in UTC. Returns `None` if the hours are the whole week.
fn week(hours: Hours) -> Option<Vec<(u16, u16)>> {
    let (start, end) = (i32::from(hours.start().minutes()), i32::from(hours.end().minutes()));
    let offset = i32::from(hours.offset().minutes());
    if start == end {
        // The rule `price-hours` reports these hours; here they count as empty.
        return Some(Vec::new());
    }
    // Hours that cross midnight are split into the beginning and the end of each day.
    let spans = if start < end { [(start, end), (0, 0)] } else { [(0, end), (start, DAY_MINUTES)] };
    let mut parts = Vec::new();
    for day in 0..7 {
        if !hours.days().is_empty() && !hours.days().iter().any(|other| i32::from(other.code()) == day) {
            continue;
        }
        for (start, end) in spans.into_iter().filter(|(start, end)| start < end) {
            let begin = (day * DAY_MINUTES + start - offset).rem_euclid(WEEK_MINUTES);
            let end = begin + end - start;
            parts.push((begin as u16, end.min(WEEK_MINUTES) as u16));
            if end > WEEK_MINUTES {
                parts.push((0, (end - WEEK_MINUTES) as u16));
            }
        }
    }
    parts.sort_unstable();
    parts.dedup_by(|next, last| {
        let touch = next.0 <= last.1;
        if touch {
            last.1 = last.1.max(next.1);
        }
        touch
    });
    (parts != [(0, WEEK_MINUTES as u16)]).then_some(parts)
}

/// Returns the intersection of two lists of disjoint, sorted ranges.
fn intersection(one: &[(u16, u16)], other: &[(u16, u16)]) -> Vec<(u16, u16)> {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
    pairs.filter(|(from, until)| from < until).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    /// Returns the indices of the reported entries, in a list that begins with `input: 2, output: 6`.
    fn reported(entries: &[&str]) -> Vec<usize> {
        let mut text = format!("{ACME}models:\n  - id: a\n    prices:\n      - {{input: 2, output: 6}}\n");
        for entry in entries {
            text += &format!("      - {{{entry}}}\n");
        }
        let place = |found: &String| {
            let (line, column) =
                found.strip_prefix("price-overlap providers/acme.yaml:").and_then(|place| place.split_once(':')).expect(found);
            assert_eq!(column, "9");
            line.parse::<usize>().unwrap() - 12
        };
        check(&[("providers/acme.yaml", &text)]).iter().map(place).collect()
    }

    #[test]
    fn later_entries_may_be_more_specific() {
        for entries in [
            &["above: 200000, input: 4"][..],
            &["above: 200000, input: 4", "above: 400000, input: 8"],
            &["tier: batch, input: 1", "above: 200000, tier: batch, input: 2"],
            &["from: 2026-01-01, input: 3", "from: 2026-06-01, input: 4", "from: 2026-06-01, until: 2026-07-01, input: 5"],
        ] {
            assert!(reported(entries).is_empty(), "{entries:?}");
        }
    }

    #[test]
    fn entries_that_exclude_each_other_need_no_order() {
        for entries in [
            &["tier: batch, input: 1", "tier: flex, input: 1.5"][..],
            &["region: eu, input: 3", "region: us, input: 4"],
            &["until: 2026-01-01, input: 3", "from: 2026-01-01, input: 4"],
            &[
                "hours: {start: \"22:00\", end: \"02:00\", time_zone: UTC}, input: 1",
                "hours: {start: \"02:00\", end: \"22:00\", time_zone: UTC}, input: 3",
            ],
            // 00:00 to 08:00 in Shanghai is 16:00 to 24:00 in UTC.
            &[
                "hours: {start: \"00:00\", end: \"08:00\", time_zone: +08:00}, input: 1",
                "hours: {start: \"00:00\", end: \"16:00\", time_zone: UTC}, input: 3",
            ],
            &[
                "hours: {start: \"00:00\", end: \"00:00\", time_zone: UTC, days: [sat, sun]}, input: 1",
                "hours: {start: \"09:00\", end: \"17:00\", time_zone: UTC, days: [mon, fri]}, input: 3",
            ],
        ] {
            assert!(reported(entries).is_empty(), "{entries:?}");
        }
    }

    #[test]
    fn ambiguous_entries_are_reported() {
        assert_eq!(reported(&["above: 200000, input: 4", "tier: batch, input: 1"]), [2]);
        assert_eq!(reported(&["tier: batch, input: 1", "region: eu, input: 3", "above: 9, input: 4"]), [2, 3]);
        assert_eq!(reported(&["from: 2026-01-01, until: 2026-03-01, input: 3", "from: 2026-02-01, until: 2026-04-01, input: 4"]), [2]);
        // Monday 00:00 to 04:00 in Shanghai is still Sunday in UTC.
        let monday = "hours: {start: \"00:00\", end: \"04:00\", time_zone: +08:00, days: [mon]}, input: 1";
        let sunday = "hours: {start: \"18:00\", end: \"24:00\", time_zone: UTC, days: [sun]}, input: 3";
        assert_eq!(reported(&[monday, sunday]), [2]);
        assert!(reported(&[monday, &sunday.replace("sun", "mon")]).is_empty());
    }

    #[test]
    fn entries_with_equal_or_different_rates_need_no_order() {
        assert!(reported(&["above: 200000, input: 4", "tier: batch, output: 3"]).is_empty());
        assert!(reported(&["above: 200000, input: 4", "tier: batch, input: 4"]).is_empty());
    }

    #[test]
    fn a_third_entry_resolves_the_rates_it_states() {
        let both = ["above: 200000, input: 4, output: 12", "tier: batch, input: 1, output: 3"];
        let with = |third| [both[0], both[1], third];
        assert!(reported(&with("above: 200000, tier: batch, input: 2, output: 6")).is_empty());
        // It is broader than both together: it resolves their conflict, and conflicts with the first itself.
        assert_eq!(reported(&with("above: 100, tier: batch, input: 2, output: 6")), [3]);
        assert_eq!(reported(&with("above: 200000, tier: batch, input: 2")), [2]);
        assert_eq!(reported(&with("above: 300000, tier: batch, input: 2, output: 6")), [2]);
    }

    #[test]
    fn entries_without_effect_are_reported() {
        assert_eq!(reported(&["above: 400000, input: 8", "above: 200000, input: 4"]), [1]);
        assert_eq!(reported(&["above: 400000, input: 4", "above: 200000, input: 4"]), [1]);
        assert_eq!(reported(&["tier: batch, input: 1", "tier: batch, input: 1"]), [2]);
        assert_eq!(reported(&["output: 7"]), [1]);
        assert!(reported(&["above: 400000, output: 8", "above: 200000, input: 4"]).is_empty());
    }

    #[test]
    fn entries_in_different_currencies_differ_in_all_rates() {
        assert_eq!(reported(&["region: cn, currency: CNY, input: 14", "tier: batch, currency: USD, output: 3"]), [2]);
        let third = "tier: batch, region: cn, currency: CNY, input: 7";
        assert!(reported(&["region: cn, currency: CNY, input: 14", "tier: batch, currency: USD, output: 3", third]).is_empty());
    }

    #[test]
    fn the_number_of_comparisons_is_limited() {
        let steps = |count: usize| (1..=count).map(|step| format!("above: {step}, input: {step}")).collect::<Vec<_>>();
        let found = |entries: Vec<String>| reported(&entries.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(found(steps(150)).is_empty());
        // The report is about the first entry that was not compared, and there is only one.
        assert_eq!(found(steps(1_000)).len(), 1);
        assert_eq!(found(steps(20_000)).len(), 1);
        let regions = (0..5_000).map(|at| format!("region: r{at}, input: {at}")).collect();
        assert_eq!(found(regions).len(), 1);
    }
}
