//! `cost`: what was used, exactly priced, with the rate of each meter and the condition that chose it.

mod fault;
mod lines;
mod pipeline;
mod region;
mod row;
mod summary;

use super::catalog_source::{CatalogSource, shown};
use super::failure::Failure;
use super::out::{Out, Tone, printable};
use super::sections;
use super::table::{Column, Step, Table};
use super::units::{self, Money};
use crate::config::Config;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgMatches, Command, FromArgMatches};
use fault::Fault;
use modeldex_table::{Billing, Catalog, Cost, Meter, Model, Moment, RequestContext, ServiceTier, Usage};
use modeldex_usage::{MAX_COUNT, Tier};
use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::thread;

/// Say exactly what a usage costs, and by which rates
///
/// Counts are totals with parts: --input is all tokens of the request, those read from a cache, written to one, of audio and of images
/// included; --output is all tokens of the answer, thinking, audio and images included. Amounts are exact.
///
/// With --usage each line of FILE is an object {"model": REF, "usage": {...}}, in which "at" (RFC 3339), "tier" and "region" may stand,
/// too. Its usage has the names of the meters ("input", "cache_read", ...), or with "api": "openai-completions" and so on it is what a
/// provider of that protocol returned. Each line is answered by one on stdout, in the same order: the amount with a line for each rate, or
/// an error in its place. A summary by model and day goes to stderr.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model, as `provider/model`; either may be an alias; else `default_model` of the configuration
    #[arg(long, value_name = "REF", conflicts_with = "usage")]
    model: Option<String>,
    #[command(flatten)]
    counts: Counts,
    /// Price every line of the JSON Lines file FILE; `-` is stdin
    #[arg(long, value_name = "FILE")]
    usage: Option<PathBuf>,
    /// When it was used, such as 2026-08-16T16:00:30+08:00; of lines, for those that do not say it [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = units::parse_moment)]
    at: Option<Moment>,
    /// The class of service, of which "standard" and "default" are the ordinary one; of lines, for those that do not say it
    #[arg(long, value_parser = tier())]
    tier: Option<Tier>,
    /// The region of the endpoint; of lines, for those that do not say it
    #[arg(long)]
    region: Option<String>,
    /// Write an object; lines are objects anyway
    #[arg(long)]
    json: bool,
    /// Leave the summary out
    #[arg(long, requires = "usage")]
    no_summary: bool,
    /// Price lines in N threads, 1 to 256 [default: as many as there are processors]
    #[arg(long, value_name = "N", requires = "usage", value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_JOBS)))]
    jobs: Option<u16>,
}

/// What a request is taken to be where a line does not say it.
#[derive(Clone, Copy)]
struct Defaults<'a> {
    at: Moment,
    tier: Option<ServiceTier>,
    region: Option<&'a str>,
}

/// More threads than this only wait for each other.
const MOST_JOBS: u16 = 256;

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let tier = args.tier.unwrap_or_default().unwrap_or(None);
    let defaults = Defaults { at: args.at.unwrap_or_else(units::now), tier, region: args.region.as_deref() };
    if let Some(path) = &args.usage {
        let jobs = args.jobs.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from).min(MOST_JOBS.into());
        let lines = pipeline::open(path).map_err(|error| Failure::Usage(format!("`{}` cannot be read: {error}", shown(path))))?;
        return lines::run(lines, &catalog, &loaded.shapes()?, defaults, jobs, !args.no_summary, out);
    }
    let reference = args
        .model
        .as_deref()
        .map_or_else(|| Ok(Config::load()?.settings.default_model.as_deref()), |model| Ok::<_, Failure>(Some(model)))?;
    let reference = reference.ok_or_else(|| {
        let help = "`--model provider/model`, or `modeldex config set default_model provider/model`, or give lines with --usage";
        Failure::Usage(format!("say which model was used: {help}"))
    })?;
    one(args, &catalog, reference, defaults, out)
}

fn one(args: &Args, catalog: &Catalog<'_>, reference: &str, defaults: Defaults<'_>, out: &mut Out) -> Result<(), Failure> {
    let Some(usage) = args.counts.0 else {
        return Err(Failure::Usage("say what was used, such as `--input 1000 --output 200`".to_owned()));
    };
    let (model, cost) = match priced(catalog, reference, &usage, defaults) {
        Ok(priced) => priced,
        Err(fault) => {
            if args.json {
                let mut line = Vec::new();
                fault.write(&mut line)?;
                out.write_all(&line)?;
                out.flush()?;
            }
            return Err(Failure::Failed(told(catalog, &fault)));
        }
    };
    if args.json {
        let mut line = Vec::new();
        row::Writer::default().write(model, &cost, &mut line)?;
        return Ok(out.write_all(&line)?);
    }
    write(model, &cost, out)
}

fn priced<'a>(catalog: &'a Catalog<'a>, reference: &'a str, usage: &Usage, defaults: Defaults<'_>) -> Result<(Model<'a>, Cost<'a>), Fault> {
    let named = |fault: Fault, model: String| Fault { model: Some(model), ..fault };
    let model = catalog.model(reference).map_err(|_| named(row::unknown_model(reference), fault::cut(reference).into_owned()))?;
    let own = |fault| named(fault, model.reference().to_string());
    if let Some(region) = defaults.region {
        region::check(&mut region::Regions::new(), model, region).map_err(own)?;
    }
    let context = RequestContext { at: Some(defaults.at), tier: defaults.tier, region: defaults.region, ..RequestContext::default() };
    let cost = model.price(usage, &context).map_err(|error| own(error.into()))?;
    Ok((model, cost))
}

/// What stderr says of it: of a reference that names nothing, with what perhaps was meant.
fn told(catalog: &Catalog<'_>, fault: &Fault) -> String {
    let model = fault.model.as_deref().unwrap_or_default();
    let message = match catalog.model(model) {
        Err(unknown) if fault.code == row::UNKNOWN_MODEL => unknown.to_string(),
        _ => format!("`{model}`: {}", fault.message),
    };
    printable(&message).into_owned()
}

/// A cost as `--json` writes it.
pub(crate) fn json(model: Model<'_>, cost: &Cost<'_>) -> serde_json::Result<serde_json::Value> {
    let mut line = Vec::new();
    row::Writer::default().write(model, cost, &mut line)?;
    serde_json::from_slice(&line)
}

const COLUMNS: &[Column] =
    &[Column::text("Meter"), Column::number("Quantity"), Column::number("Rate"), Column::text("Condition"), Column::number("Amount")];

/// Where it gets narrow, the words of conditions give way.
const STEPS: &[Step] = &[Step::Shrink("Condition", 12), Step::Drop("Condition")];

fn write(model: Model<'_>, cost: &Cost<'_>, out: &mut Out) -> Result<(), Failure> {
    sections::title(out, model.reference(), model.name())?;
    writeln!(out)?;
    let mut table = Table::new(COLUMNS);
    for line in cost.lines() {
        let meter = if line.rate_meter == line.meter { line.meter.to_string() } else { format!("{} as {}", line.meter, line.rate_meter) };
        let rate = Money(cost.currency(), line.rate.authored(line.meter));
        let condition = if line.price.is_always() { "always".to_owned() } else { line.price.condition().to_string() };
        let amount = format!("{}{}", units::sign(cost.currency()), line.amount);
        table.cells(&[&meter, &line.quantity, &rate, &condition, &amount]);
    }
    table.toned_cell(Tone::Heading, "total");
    table.cells(&[&"", &"", if cost.billing() == Billing::Free { &"free" } else { &"" }]);
    table.toned_cell(Tone::Heading, format_args!("{}{}", units::sign(cost.currency()), cost.amount()));
    Ok(table.write(out, STEPS)?)
}

/// What was used, from one option for each meter; none when no option is given.
struct Counts(Option<Usage>);

/// The names of the options: those of the meters, with the hyphens that options have.
static OPTIONS: LazyLock<Vec<String>> = LazyLock::new(|| Meter::ALL.iter().map(|meter| meter.as_str().replace('_', "-")).collect());

impl clap::Args for Counts {
    fn augment_args(command: Command) -> Command {
        command.args(Meter::ALL.iter().zip(OPTIONS.iter()).map(|(meter, option)| {
            let count = Arg::new(meter.as_str()).long(option.as_str()).value_name("N").value_parser(count).conflicts_with("usage");
            count.help(help(*meter)).help_heading("What was used")
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Counts {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let counts = Meter::ALL.iter().filter_map(|meter| Some((*meter, *matches.get_one::<u64>(meter.as_str())?)));
        let counts: Vec<(Meter, u64)> = counts.collect();
        Ok(Self((!counts.is_empty()).then(|| Usage::of(&counts))))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

const fn help(meter: Meter) -> &'static str {
    match meter {
        Meter::Input => "All tokens of the request",
        Meter::Output => "All tokens of the answer",
        Meter::Reasoning => "Those of the answer that are thinking",
        Meter::CacheRead => "Those of the request that were read from a cache",
        Meter::CacheWrite => "Those of the request that were written to a cache, at its usual lifetime",
        Meter::CacheWrite1h => "Those of the request that were written to a cache for an hour",
        Meter::InputAudio => "Those of the request that are audio",
        Meter::OutputAudio => "Those of the answer that are audio",
        Meter::InputImage => "Those of the request that are images",
        Meter::OutputImage => "Those of the answer that are images",
        Meter::Request => "Requests [default: 1]",
        Meter::Image => "Images made",
        Meter::WebSearch => "Web searches",
    }
}

/// Reads a class of service by any word that lines may have for it.
fn tier() -> impl TypedValueParser<Value = Tier> {
    PossibleValuesParser::new(Tier::names()).try_map(|text| Tier::parse(&text).ok_or("there is no such word"))
}

/// Reads a count: `1000`, `1_000`, or with a unit `200k` or `1.5M`. It may be as large as that of a line, and no larger.
fn count(text: &str) -> Result<u64, String> {
    let (number, zeros) = match text.strip_suffix(['k', 'K']) {
        Some(number) => (number, 3),
        None => text.strip_suffix(['m', 'M']).map_or((text, 0), |number| (number, 6)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !whole.split('_').all(are_digits) || !are_digits(fraction) {
        return Err("write it as 262144, 262_144, 200k or 1.5M".to_owned());
    }
    let fraction = fraction.trim_end_matches('0');
    let Some(missing) = usize::checked_sub(zeros, fraction.len()) else { return Err("it is not a whole number".to_owned()) };
    let digits = format!("{}{fraction}{}", whole.replace('_', ""), "0".repeat(missing));
    match digits.trim_start_matches('0') {
        "" => Ok(0),
        digits => digits
            .parse()
            .ok()
            .filter(|count| *count <= MAX_COUNT)
            .ok_or_else(|| format!("no request has more than {MAX_COUNT} of anything")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_and_no_larger_than_those_of_lines() {
        for (text, expected) in [
            ("0", 0),
            ("007", 7),
            ("1_000_000", 1_000_000),
            ("200k", 200_000),
            ("1_5K", 15_000),
            ("1.5M", 1_500_000),
            ("0.000001m", 1),
            ("5000M", 5_000_000_000),
            ("10.0", 10),
            ("1000000000000000", MAX_COUNT),
            ("1000000000M", MAX_COUNT),
        ] {
            assert_eq!(count(text), Ok(expected), "{text}");
        }
        for (text, why) in [
            ("", "write it as"),
            ("k", "write it as"),
            ("+5", "write it as"),
            ("-5", "write it as"),
            ("1__0", "write it as"),
            ("_1", "write it as"),
            ("1_", "write it as"),
            ("1_k", "write it as"),
            ("1._5M", "write it as"),
            ("1.k", "write it as"),
            (".5k", "write it as"),
            (" 1", "write it as"),
            ("1e3", "write it as"),
            ("1kk", "write it as"),
            ("1.5", "it is not a whole number"),
            ("1.0001k", "it is not a whole number"),
            ("1000000000000001", "no request has more than"),
            ("1000000001M", "no request has more than"),
            ("99999999999999999999999999999999999999999999", "no request has more than"),
        ] {
            let error = count(text).unwrap_err();
            assert!(error.starts_with(why), "{text}: {error}");
        }
    }
}
