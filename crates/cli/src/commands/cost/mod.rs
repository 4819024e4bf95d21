//! `cost`: prints the exact cost of token usage, with the rate of each meter and the price condition that the rate belongs to.

mod error;
mod line;
mod lines;
mod pipeline;
mod region;
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
use error::LineError;
use modeldex_table::{Billing, Catalog, Cost, Meter, Model, Moment, RequestContext, ServiceTier, Usage};
use modeldex_usage::{MAX_COUNT, Tier};
use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::thread;

/// Compute the cost of token usage, and show the rates that apply
///
/// The counts of --input and --output are totals. --input includes audio tokens, image tokens, and tokens that were read from or written to a cache.
/// --output includes reasoning tokens, audio tokens and image tokens. Amounts are exact, not rounded.
///
/// With --usage, each line of FILE is an object {"model": REF, "usage": {...}} with the optional keys "at" (RFC 3339), "tier" and "region". The keys
/// of "usage" are names of meters ("input", "cache_read", ...). The optional key "api" names a wire protocol, such as
/// "openai-completions". With "api", the value of "usage" is the usage object of a response in this protocol.
///
/// For each line of FILE, one object is printed to stdout, in the order of the lines. The object has the amount and the rate of each meter, or an
/// error. A summary by model and day is printed to stderr.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model, as `provider/model`, by id or alias [default: `default_model` of the configuration]
    #[arg(long, value_name = "REF", conflicts_with = "usage")]
    model: Option<String>,
    #[command(flatten)]
    counts: Counts,
    /// Compute the cost of each line of a JSON Lines file; `-` reads stdin
    #[arg(long, value_name = "FILE")]
    usage: Option<PathBuf>,
    /// Time of the request, such as 2026-08-16T16:00:30+08:00; with --usage, the time for lines without `at` [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = units::parse_moment)]
    at: Option<Moment>,
    /// Service tier ("default" is another name for "standard"); with --usage, the tier for lines without `tier`
    #[arg(long, value_parser = tier())]
    tier: Option<Tier>,
    /// Region of the endpoint; with --usage, the region for lines without `region`
    #[arg(long)]
    region: Option<String>,
    /// Print a JSON object; the output of --usage is always JSON
    #[arg(long)]
    json: bool,
    /// Do not print the summary of --usage
    #[arg(long, requires = "usage")]
    no_summary: bool,
    /// Number of threads for --usage, 1 to 256 [default: number of processors]
    #[arg(long, value_name = "N", requires = "usage", value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_JOBS)))]
    jobs: Option<u16>,
}

/// Time, service tier and region for usage lines that do not state their own.
#[derive(Clone, Copy)]
struct Defaults<'a> {
    at: Moment,
    tier: Option<ServiceTier>,
    region: Option<&'a str>,
}

/// Maximum number of threads. More threads would only wait for each other.
const MAX_JOBS: u16 = 256;

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let tier = args.tier.unwrap_or_default().unwrap_or(None);
    let defaults = Defaults { at: args.at.unwrap_or_else(units::now), tier, region: args.region.as_deref() };
    if let Some(path) = &args.usage {
        let jobs = args.jobs.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from).min(MAX_JOBS.into());
        let lines = pipeline::open(path).map_err(|error| Failure::Usage(format!("cannot read `{path}`: {error}", path = shown(path))))?;
        return lines::run(lines, &catalog, &loaded.shapes()?, defaults, jobs, !args.no_summary, out);
    }
    let reference = args
        .model
        .as_deref()
        .map_or_else(|| Ok(Config::load()?.settings.default_model.as_deref()), |model| Ok::<_, Failure>(Some(model)))?;
    let reference = reference.ok_or_else(|| {
        Failure::Usage(
            "no model given: use `--model provider/model` or `--usage FILE`, or set a default model with \
             `modeldex config set default_model provider/model`"
                .to_owned(),
        )
    })?;
    one(args, &catalog, reference, defaults, out)
}

fn one(args: &Args, catalog: &Catalog<'_>, reference: &str, defaults: Defaults<'_>, out: &mut Out) -> Result<(), Failure> {
    let Some(usage) = args.counts.0 else {
        return Err(Failure::Usage(
            "no usage given: use options for token counts, such as `--input 1000 --output 200`, or `--usage FILE`".to_owned(),
        ));
    };
    let (model, cost) = match priced(catalog, reference, &usage, defaults) {
        Ok(priced) => priced,
        Err(line_error) => {
            if args.json {
                let mut line = Vec::new();
                line_error.write(&mut line)?;
                out.write_all(&line)?;
                out.flush()?;
            }
            return Err(Failure::Failed(error_message(catalog, &line_error)));
        }
    };
    if args.json {
        let mut line = Vec::new();
        line::CostWriter::default().write(model, &cost, &mut line)?;
        return Ok(out.write_all(&line)?);
    }
    write(model, &cost, out)
}

fn priced<'a>(
    catalog: &'a Catalog<'a>,
    reference: &'a str,
    usage: &Usage,
    defaults: Defaults<'_>,
) -> Result<(Model<'a>, Cost<'a>), LineError> {
    let named = |line_error: LineError, model: String| LineError { model: Some(model), ..line_error };
    let model = catalog.model(reference).map_err(|_| named(line::unknown_model(reference), error::cut(reference).into_owned()))?;
    let own = |line_error| named(line_error, model.reference().to_string());
    if let Some(region) = defaults.region {
        region::check(&mut region::Regions::new(), model, region).map_err(own)?;
    }
    let context = RequestContext { at: Some(defaults.at), tier: defaults.tier, region: defaults.region, ..RequestContext::default() };
    let cost = model.price(usage, &context).map_err(|error| own(error.into()))?;
    Ok((model, cost))
}

/// Formats an error for stderr, with the nearest reference for an unknown model.
fn error_message(catalog: &Catalog<'_>, line_error: &LineError) -> String {
    let model = line_error.model.as_deref().unwrap_or_default();
    let message = match catalog.model(model) {
        Err(unknown) if line_error.code == line::UNKNOWN_MODEL => unknown.to_string(),
        _ => format!("`{model}`: {message}", message = line_error.message),
    };
    printable(&message).into_owned()
}

/// Returns the object that `--json` prints.
pub(crate) fn json(model: Model<'_>, cost: &Cost<'_>) -> serde_json::Result<serde_json::Value> {
    let mut line = Vec::new();
    line::CostWriter::default().write(model, cost, &mut line)?;
    serde_json::from_slice(&line)
}

const COLUMNS: &[Column] =
    &[Column::text("Meter"), Column::number("Quantity"), Column::number("Rate"), Column::text("Condition"), Column::number("Amount")];

/// How columns are shortened or dropped on a narrow terminal, in this order.
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

/// The counts of the options of all meters; `None` if none of these options is given.
struct Counts(Option<Usage>);

/// Names of the options for counts: the names of the meters, with `-` in place of `_`.
static OPTIONS: LazyLock<Vec<String>> = LazyLock::new(|| Meter::ALL.iter().map(|meter| meter.as_str().replace('_', "-")).collect());

impl clap::Args for Counts {
    fn augment_args(command: Command) -> Command {
        command.args(Meter::ALL.iter().zip(OPTIONS.iter()).map(|(meter, option)| {
            let count = Arg::new(meter.as_str()).long(option.as_str()).value_name("N").value_parser(count).conflicts_with("usage");
            count.help(help(*meter)).help_heading("Usage counts")
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
        Meter::Input => "Total number of input tokens",
        Meter::Output => "Total number of output tokens",
        Meter::Reasoning => "Reasoning tokens; --output must include them",
        Meter::CacheRead => "Tokens read from a cache; --input must include them",
        Meter::CacheWrite => "Tokens written to a cache with the default lifetime; --input must include them",
        Meter::CacheWrite1h => "Tokens written to a cache with a lifetime of one hour; --input must include them",
        Meter::InputAudio => "Audio tokens; --input must include them",
        Meter::OutputAudio => "Audio tokens; --output must include them",
        Meter::InputImage => "Image tokens; --input must include them",
        Meter::OutputImage => "Image tokens; --output must include them",
        Meter::Request => "Number of requests [default: 1]",
        Meter::Image => "Number of generated images",
        Meter::WebSearch => "Number of web searches",
    }
}

/// Parses the name of a service tier, which may be any name that providers use for the tier.
fn tier() -> impl TypedValueParser<Value = Tier> {
    PossibleValuesParser::new(Tier::names()).try_map(|text| Tier::parse(&text).ok_or("unknown service tier"))
}

/// Parses a count: `1000`, `1_000`, or with a unit `200k` or `1.5M`. The maximum is `MAX_COUNT`, as for counts in usage lines.
fn count(text: &str) -> Result<u64, String> {
    let (number, zeros) = match text.strip_suffix(['k', 'K']) {
        Some(number) => (number, 3),
        None => text.strip_suffix(['m', 'M']).map_or((text, 0), |number| (number, 6)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !whole.split('_').all(are_digits) || !are_digits(fraction) {
        return Err("expected an integer, such as 262144, 262_144, 200k or 1.5M".to_owned());
    }
    let fraction = fraction.trim_end_matches('0');
    let Some(missing) = usize::checked_sub(zeros, fraction.len()) else {
        return Err("not a whole number: expected a value such as 262144, 262_144, 200k or 1.5M".to_owned());
    };
    let digits = format!("{}{fraction}{}", whole.replace('_', ""), "0".repeat(missing));
    match digits.trim_start_matches('0') {
        "" => Ok(0),
        digits => {
            digits.parse().ok().filter(|count| *count <= MAX_COUNT).ok_or_else(|| format!("larger than the maximum count, {MAX_COUNT}"))
        }
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
            ("", "expected an integer"),
            ("k", "expected an integer"),
            ("+5", "expected an integer"),
            ("-5", "expected an integer"),
            ("1__0", "expected an integer"),
            ("_1", "expected an integer"),
            ("1_", "expected an integer"),
            ("1_k", "expected an integer"),
            ("1._5M", "expected an integer"),
            ("1.k", "expected an integer"),
            (".5k", "expected an integer"),
            (" 1", "expected an integer"),
            ("1e3", "expected an integer"),
            ("1kk", "expected an integer"),
            ("1.5", "not a whole number"),
            ("1.0001k", "not a whole number"),
            ("1000000000000001", "larger than the maximum"),
            ("1000000001M", "larger than the maximum"),
            ("99999999999999999999999999999999999999999999", "larger than the maximum"),
        ] {
            let error = count(text).unwrap_err();
            assert!(error.starts_with(why), "{text}: {error}");
        }
    }
}
