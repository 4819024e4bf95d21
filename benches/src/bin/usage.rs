//! Writes usage as JSON Lines, for measurements of `modeldex cost` and its peers: `usage 1000000 > target/usage.jsonl`.
//!
//! The mix is that of a gateway's log: eight providers, most lines the raw usage object of a protocol, the rest in modeldex's own names,
//! each with its time, in order over ninety days. The same number of lines from the same catalog is always the same bytes.

use modeldex_benches::Numbers;
use modeldex_table::{Api, Billing, Catalog, Meter, Model, Moment, Status};
use std::cmp::Reverse;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::{env, process};

/// Providers by how much they are used, of 100.
const PROVIDERS: [(&str, usize); 8] =
    [("openai", 30), ("anthropic", 25), ("google", 15), ("deepseek", 8), ("xai", 7), ("mistral", 5), ("groq", 5), ("openrouter", 5)];

/// How many days the lines are spread over.
const DAYS: usize = 90;

fn main() -> io::Result<()> {
    let Some(lines) = env::args().nth(1).and_then(|text| text.parse::<usize>().ok()) else {
        writeln!(io::stderr(), "usage LINES: how many lines are wanted?")?;
        process::exit(2);
    };
    let compiled = modeldex_compile::compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalog"));
    let catalog = compiled.catalog();
    let models: Vec<Vec<Model<'_>>> = PROVIDERS.iter().map(|(provider, _)| of_provider(&catalog, provider)).collect();
    // Fewer lines than were asked for would be measured as if they were all.
    let without = PROVIDERS.iter().zip(&models).find(|(_, models)| models.is_empty());
    if compiled.has_errors() || without.is_some() {
        match without {
            Some(((provider, _), _)) => writeln!(io::stderr(), "`{provider}` has no model that is for text, offered and priced")?,
            None => writeln!(io::stderr(), "the catalog has errors; `modeldex check` tells them")?,
        }
        process::exit(1);
    }
    let (mut numbers, mut out) = (Numbers::new(11), BufWriter::new(io::stdout().lock()));
    for line in 0..lines {
        let mut left = numbers.below(100);
        let at = PROVIDERS.iter().position(|(_, share)| left.checked_sub(*share).map(|rest| left = rest).is_none()).unwrap_or(0);
        // A few new models have most of the traffic.
        let few = if numbers.below(5) == 0 { models[at].len() } else { models[at].len().min(8) };
        write(&mut out, models[at][numbers.below(few)], line * DAYS * 24 * 60 / lines, &mut numbers)?;
    }
    out.flush()
}

/// The models of a provider that are for text, offered and priced, the newest first.
fn of_provider<'a>(catalog: &'a Catalog<'a>, provider: &str) -> Vec<Model<'a>> {
    let is_for_text = |model: &Model<'_>| {
        let rates = model.prices().base_rates();
        rates.is_some_and(|rates| [Meter::Input, Meter::Output, Meter::CacheRead].iter().all(|meter| rates.get(*meter).is_some()))
    };
    let all = catalog.provider(provider).into_iter().flat_map(|provider| provider.models());
    let offered = |model: &Model<'_>| model.billing() == Billing::Metered && model.status() == Status::Active && is_for_text(model);
    let mut models: Vec<Model<'_>> = all.filter(offered).collect();
    models.sort_by_key(|model| (Reverse(model.release_date()), model.id()));
    models
}

fn write(out: &mut impl Write, model: Model<'_>, minutes: usize, numbers: &mut Numbers) -> io::Result<()> {
    let long = if numbers.below(20) == 0 { 300_000 } else { 20_000 };
    let (input, output) = (200 + numbers.below(long), 1 + numbers.below(4_000));
    let cached = if numbers.below(3) > 0 { input / 2 } else { 0 };
    let thought = if numbers.below(4) == 0 { output / 2 } else { 0 };
    let start = Moment::parse("2026-08-01").map_or(0, Moment::minutes);
    let at = Moment::from_minutes(start + minutes as u32);
    let minute = at.minutes() % (24 * 60);
    let second = numbers.below(60);
    write!(out, r#"{{"model":"{}","at":"{}T{:02}:{:02}:{second:02}Z","#, model.reference(), at.date(), minute / 60, minute % 60)?;
    let api = model.endpoints().next().map(|endpoint| endpoint.api()).filter(|_| model.reference().owner != "openrouter");
    let total = input + output;
    match api {
        Some(Api::OpenaiCompletions) => {
            write!(out, r#""api":"openai-completions","usage":{{"prompt_tokens":{input},"completion_tokens":{output},"#)?;
            write!(out, r#""total_tokens":{total},"prompt_tokens_details":{{"cached_tokens":{cached},"audio_tokens":0}},"#)?;
            write!(out, r#""completion_tokens_details":{{"reasoning_tokens":{thought},"audio_tokens":0,"#)?;
            writeln!(out, r#""accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}}}}"#)
        }
        Some(Api::OpenaiResponses) => {
            write!(out, r#""api":"openai-responses","usage":{{"input_tokens":{input},"#)?;
            write!(out, r#""input_tokens_details":{{"cached_tokens":{cached}}},"output_tokens":{output},"#)?;
            writeln!(out, r#""output_tokens_details":{{"reasoning_tokens":{thought}}},"total_tokens":{total}}}}}"#)
        }
        Some(Api::AnthropicMessages) => {
            let written = if cached > 0 { numbers.below(100) } else { 0 };
            write!(out, r#""api":"anthropic-messages","usage":{{"input_tokens":{},"#, input - cached)?;
            write!(out, r#""cache_creation_input_tokens":{written},"cache_read_input_tokens":{cached},"#)?;
            write!(out, r#""cache_creation":{{"ephemeral_5m_input_tokens":{written},"ephemeral_1h_input_tokens":0}},"#)?;
            writeln!(out, r#""output_tokens":{output},"service_tier":"standard"}}}}"#)
        }
        Some(Api::GoogleGenerativeAi) => {
            write!(out, r#""api":"google-generative-ai","usage":{{"promptTokenCount":{input},"#)?;
            write!(out, r#""candidatesTokenCount":{},"totalTokenCount":{total},"#, output - thought)?;
            write!(out, r#""cachedContentTokenCount":{cached},"promptTokensDetails":[{{"modality":"TEXT","tokenCount":{input}}}],"#)?;
            writeln!(out, r#""thoughtsTokenCount":{thought}}}}}"#)
        }
        _ => writeln!(out, r#""usage":{{"input":{input},"cache_read":{cached},"output":{output},"reasoning":{thought}}}}}"#),
    }
}
