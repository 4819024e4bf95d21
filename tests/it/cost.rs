//! `modeldex cost`, run as a program in an empty environment.

#![cfg(feature = "cli")]

use crate::program::{Run, finish, finish_with_input, quiet};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs `modeldex cost` with a small catalog, so that the tests do not depend on prices of the built-in one.
fn program(test: &str) -> Command {
    let mut command = quiet(env!("CARGO_MANIFEST_DIR"));
    command.args(["cost", "--catalog"]).arg(catalog(test));
    command
}

fn catalog(test: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cost").join(test);
    fs::create_dir_all(dir.join("providers")).unwrap();
    let text = "# yaml-language-server: $schema=../../schema/provider.schema.json
name: Acme
aliases:
  - {id: acme-ai, kind: display}
endpoints:
  - {base_url: https://acme.example, api: openai-completions, region: eu}
auth:
  - {kind: none}
model_aliases:
  - {id: old, target: text, kind: legacy, reason: renamed}
models:
  - id: free
    billing: free
  - id: plan
    billing: plan
  - id: text
    prices:
      - {input: 2, output: 12, cache_read: 0.2}
      - {above: 200000, input: 4, output: 18}
      - {tier: batch, input: 1, output: 6}
      - {above: 200000, tier: batch, input: 2, output: 9}
      - {from: 2027-01-01, input: 1.5}
      - {above: 200000, from: 2027-01-01, input: 3}
      - {tier: batch, from: 2027-01-01, input: 0.75}
      - {above: 200000, tier: batch, from: 2027-01-01, input: 1.5}
  - id: unpriced
    billing: unpriced
  - id: yuan
    prices:
      - {currency: CNY, input: 4, output: 16}
      - {region: cn, input: 2}
";
    fs::write(dir.join("providers/acme.yaml"), text).unwrap();
    dir
}

fn cost(test: &str, arguments: &str) -> Run {
    finish(program(test).args(arguments.split(' ')))
}

fn lines(test: &str, arguments: &str, input: impl AsRef<[u8]>) -> (Vec<Value>, Run) {
    let run = finish_with_input(program(test).args(arguments.split(' ')), input.as_ref());
    (run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), run)
}

const NOW: &str = "--usage - --at 2026-08-16T12:00:00Z";

#[test]
fn a_single_usage_prints_a_table_with_a_total() {
    let run = cost(
        "table",
        "--model acme/old --input 300000 --cache-read 100_000 --output 2k --reasoning 500 --tier batch --at 2026-08-16T12:00:00Z",
    );
    let expected = "\
acme/text  text

Meter                Quantity   Rate  Condition                        Amount
input                  200000  $2.00  above 200000 input tokens, batch   $0.4
output                   1500  $9.00  above 200000 input tokens, batch $0.0135
reasoning as output       500  $9.00  above 200000 input tokens, batch $0.0045
cache_read             100000  $0.20  always                            $0.02
total                                                                  $0.438
";
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&run.out), words(expected), "{}", run.out);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}

#[test]
fn json_is_one_object() {
    let run = cost("json", "--model acme-ai/text --input 1000 --output 10 --json --at 2027-01-01T08:00:00+08:00");
    let expected = json!({"model": "acme/text", "currency": "USD", "amount": "0.00162", "lines": [
        {"meter": "input", "quantity": 1000, "rate": "1.5", "amount": "0.0015", "condition": {"from": "2027-01-01"}},
        {"meter": "output", "quantity": 10, "rate": "12", "amount": "0.00012"},
    ]});
    assert_eq!(serde_json::from_str::<Value>(&run.out).unwrap(), expected);
    assert_eq!(run.code, 0);
}

#[test]
fn usage_without_a_price_is_an_error_and_not_zero() {
    for (arguments, code, why) in [
        ("--model acme/unpriced --input 1", 1, "error: `acme/unpriced`: no source states a price for this model"),
        ("--model acme/plan --input 1", 1, "error: `acme/plan`: a subscription plan covers this model"),
        ("--model acme/text --input 1 --image 1", 1, "error: `acme/text`: the model's price list has no rate for the meter `image`"),
        (
            "--model acme/text --input 1 --cache-read 2",
            1,
            "error: `acme/text`: the parts of `input` add up to 2, which is more than the total of 1",
        ),
        ("--model acme/txet --input 1", 1, "error: unknown model `acme/txet`; nearest: `acme/text`"),
        ("--model acme/text", 2, "error: no usage given"),
        ("--model acme/text --input -1", 2, "error: "),
        ("--model acme/text --input 1.5", 2, "error: invalid value '1.5'"),
        ("--model acme/text --input 1 --at 2026-08-16", 2, "error: invalid value '2026-08-16'"),
        ("--model acme/text --input 1 --tier gold", 2, "error: invalid value 'gold'"),
        (
            "--model acme/text --input 1 --tier flex",
            1,
            "error: `acme/text`: the model's price list has no rates for the service tier `flex`",
        ),
        (
            "--model acme/text --input 1 --region EU",
            1,
            "error: `acme/text`: the provider `acme` has no region `EU`; nearest: `eu`; known regions: `cn`, `eu`",
        ),
        ("--model acme/text --input +5", 2, "error: invalid value '+5'"),
        ("--model acme/text --input 1__0", 2, "error: invalid value '1__0'"),
        ("--usage - --jobs 0", 2, "error: invalid value '0'"),
        ("--usage - --jobs 257", 2, "error: invalid value '257'"),
        ("--usage .", 2, "error: cannot read `.`"),
        (
            "--input 1",
            2,
            "error: no model given: use `--model provider/model` or `--usage FILE`, or set a default model with `modeldex config set default_model",
        ),
        ("--usage - --input 1", 2, "error: "),
        ("--usage - --model acme/text", 2, "error: "),
        ("--usage no-such-file.jsonl", 2, "error: cannot read `no-such-file.jsonl`"),
    ] {
        let run = cost("nothing", arguments);
        assert_eq!(run.code, code, "{arguments}: {}", run.err);
        assert!(run.err.starts_with(why), "{arguments}: {}", run.err);
        assert_eq!(run.out, "", "{arguments}");
    }
    let free = cost("nothing", "--model acme/free --input 1");
    assert!(free.out.lines().last().unwrap().split_whitespace().eq(["total", "free", "$0"]), "{}", free.out);
}

#[test]
fn every_line_is_answered_in_order() {
    let input = concat!(
        r#"{"model":"acme/text","usage":{"input":1000,"output":10}}"#,
        "\n\r\n",
        r#"{"model":"acme/text","usage":{"input":1000,"output":10},"at":"2027-03-01T00:00:00Z"}"#,
        "\n",
        r#"{"model":"acme/yuan","usage":{"input":1000},"tag":"keys that are not known are for others"}"#,
        "\n",
        r#"{"model":"acme/free","usage":{"input":1000}}"#,
        "\n",
        r#"{"api":"anthropic-messages","model":"acme\/text","#,
        r#""usage":{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":1,"service_tier":"batch"}}"#,
    );
    let (answers, run) = lines("places", &format!("{NOW} --jobs 3"), input);
    let amounts: Vec<_> = answers.iter().map(|answer| (answer["model"].as_str().unwrap(), answer["amount"].as_str().unwrap())).collect();
    let expected =
        [("acme/text", "0.00212"), ("acme/text", "0.00162"), ("acme/yuan", "0.004"), ("acme/free", "0"), ("acme/text", "0.000034")];
    assert_eq!(amounts, expected);
    assert_eq!(answers[2]["currency"], "CNY");
    assert_eq!(answers[4]["lines"][0]["condition"], json!({"tier": "batch"}));
    assert_eq!(run.code, 0);
    let summary: Vec<Vec<&str>> = run.err.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        summary,
        [
            vec!["Model", "Day", "Requests", "Input", "Output", "Amount"],
            vec!["acme/free", "2026-08-16", "1", "1000", "0", "$0"],
            vec!["acme/text", "2026-08-16", "2", "1100", "11", "$0.002154"],
            vec!["acme/text", "2027-03-01", "1", "1000", "10", "$0.00162"],
            vec!["acme/yuan", "2026-08-16", "1", "1000", "0", "¥0.004"],
            vec!["total", "4", "3100", "21", "$0.003774"],
            vec!["total", "1", "1000", "0", "¥0.004"],
        ]
    );
}

#[test]
fn keys_in_a_usage_log_are_not_repeated() {
    let key = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH";
    let line = |model: &str, rest: &str| format!("{{\"model\":\"{model}\",\"usage\":{{\"input\":1}}{rest}}}\n");
    let field = |name: &str| line("acme/text", &format!(",\"{name}\":\"{key}\""));
    let input = [line(&format!("openai/{key}"), ""), field("api"), field("at"), field("tier"), field("region")].concat();
    let input = input + &format!("{{\"model\":\"acme/text\",\"usage\":{{\"{key}\":1}}}}\n");
    let (answers, run) = lines("keys", &format!("{NOW} --no-summary"), input.as_bytes());
    assert_eq!((run.code, answers.len()), (1, 6));
    assert!(answers.iter().all(|answer| answer["error"].is_string()), "{answers:?}");
    assert!(!run.out.contains(&key[8..]) && !run.err.contains(&key[8..]), "{}{}", run.out, run.err);
}

#[test]
fn an_invalid_line_is_answered_with_an_error_and_the_rest_is_priced() {
    let good = r#"{"model":"acme/text","usage":{"input":1000,"output":10}}"#;
    let long = format!(r#"{{"model":"acme/text","tag":"{}","usage":{{"input":1}}}}"#, "x".repeat(2 * 1024 * 1024));
    let bad: Vec<(&[u8], &str)> = vec![
        (br#"{"model":"acme/unpriced","usage":{"input":1}}"#, "unpriced"),
        (br#"{"model":"acme/plan","usage":{"input":1}}"#, "plan"),
        (br#"{"model":"acme/tex","usage":{"input":1}}"#, "unknown-model"),
        (br#"{"model":"acme/text","usage":{"input":1}"#, "invalid-line"),
        (br#"{"model":"acme/text","usage":{"input":1}} {}"#, "invalid-line"),
        (br#"{"model":"acme/text","model":"acme/text","usage":{"input":1}}"#, "invalid-line"),
        (br#"{"model":"acme/text"}"#, "invalid-line"),
        (br#"{"usage":{"input":1}}"#, "invalid-line"),
        (br#"["acme/text",{"input":1}]"#, "invalid-line"),
        (br#"{"model":3,"usage":{"input":1}}"#, "invalid-line"),
        (br#"{"model":"acme/text","usage":{"input":1},"tier":3}"#, "invalid-line"),
        (b"null", "invalid-line"),
        (b"\xff\xfe", "not-utf8"),
        (br#"{"model":"acme/text","usage":{"input":1,"input":1}}"#, "invalid-usage"),
        (br#"{"model":"acme/text","usage":[1]}"#, "invalid-usage"),
        (br#"{"model":"acme/text","usage":{"input":-1}}"#, "invalid-count"),
        (br#"{"model":"acme/text","usage":{"cache_raed":1}}"#, "unknown-meter"),
        (br#"{"model":"acme/text","usage":{"input":1,"cache_read":2}}"#, "impossible-usage"),
        (br#"{"model":"acme/text","usage":{"image":2}}"#, "no-rate"),
        (br#"{"model":"acme/text","usage":{"input":1},"at":"2026-02-30T00:00:00Z"}"#, "invalid-time"),
        (br#"{"model":"acme/text","usage":{"input":1},"at":"1969-12-31T00:00:00Z"}"#, "invalid-time"),
        (br#"{"model":"acme/text","usage":{"input":1},"tier":"gold"}"#, "unknown-tier"),
        (br#"{"model":"acme/text","usage":{"input":1},"api":"openai"}"#, "unknown-api"),
        (br#"{"model":"acme/text","usage":{"input":1},"api":"ollama"}"#, "missing-usage"),
        (br#"{"model":"acme/text","usage":{"input":1},"tier":"flex"}"#, "no-tier"),
        (br#"{"model":"acme/text","usage":{"input":1},"region":"mars"}"#, "unknown-region"),
        (br#"{"model":"acme/text","usage":{"input":1e400}}"#, "invalid-count"),
        (long.as_bytes(), "too-long"),
    ];
    let mut input = Vec::new();
    for (line, _) in &bad {
        input.extend_from_slice(line);
        input.push(b'\n');
        input.extend_from_slice(good.as_bytes());
        input.push(b'\n');
    }
    for jobs in [1, 4] {
        let (answers, run) = lines("bad", &format!("{NOW} --no-summary --jobs {jobs}"), &input);
        assert_eq!(run.code, 1);
        assert_eq!(answers.len(), 2 * bad.len());
        for ((at, pair), (line, code)) in answers.chunks(2).enumerate().zip(&bad) {
            assert_eq!(
                (pair[0]["error"].as_str(), pair[0]["line"].as_u64()),
                (Some(*code), Some(2 * at as u64 + 1)),
                "{}",
                String::from_utf8_lossy(&line[..line.len().min(99)])
            );
            assert!(pair[0]["message"].as_str().is_some_and(|message| !message.is_empty()));
            assert_eq!(pair[1]["amount"], "0.00212");
        }
        assert_eq!((&answers[4]["model"], &answers[4]["message"]), (&json!("acme/tex"), &json!("unknown model `acme/tex`")));
        assert_eq!(answers[20]["model"], "acme/text");
        let printed: Vec<&str> = run.err.lines().collect();
        assert_eq!(printed.len(), 22, "{}", run.err);
        assert_eq!(printed[2], "error: line 5 (`acme/tex`): unknown model `acme/tex`; nearest: `acme/text`, `acme/free`, `acme/plan`");
        assert_eq!(
            printed[20..],
            [
                "... and 8 more lines with errors",
                "error: 28 of 56 lines have no cost; for each of these lines, the output has an error instead"
            ]
        );
    }
}

#[test]
fn the_tier_of_a_line_takes_precedence_over_the_option() {
    let input = concat!(
        r#"{"model":"acme/text","usage":{"input":1000000}}"#,
        "\n",
        r#"{"model":"acme/text","usage":{"input":100000},"tier":null}"#,
        "\n",
        r#"{"model":"acme/text","usage":{"input":100000},"tier":"standard"}"#,
        "\n",
        r#"{"model":"acme/text","api":"anthropic-messages","usage":{"input_tokens":100000,"service_tier":"standard"}}"#,
        "\n",
    );
    let (answers, _) = lines("tiers", &format!("{NOW} --tier batch"), input);
    let amounts: Vec<_> = answers.iter().map(|answer| answer["amount"].as_str().unwrap()).collect();
    assert_eq!(amounts, ["2", "0.1", "0.2", "0.2"]);
}

#[test]
fn the_output_does_not_depend_on_the_number_of_threads() {
    let line = |at: usize| {
        let model = ["acme/text", "acme/yuan", "acme/plan", "acme/free"][at % 4];
        format!("{{\"model\":\"{model}\",\"usage\":{{\"input\":{at},\"output\":{}}}}}\n", at * 7 % 1_000)
    };
    let input: String = (0..30_000).map(line).collect();
    let path = catalog("threads").join("usage.jsonl");
    fs::write(&path, &input).unwrap();
    let run = |jobs: &str| finish(program("threads").args(["--at", "2026-08-16T12:00:00Z", "--jobs", jobs, "--usage"]).arg(&path));
    let one = run("1");
    assert_eq!(one.out.lines().count(), 30_000);
    for jobs in ["2", "7"] {
        let many = run(jobs);
        assert!(many.out == one.out && many.err == one.err && many.code == one.code);
    }
}

#[test]
fn errors_of_unknown_models_do_not_depend_on_the_number_of_threads() {
    // More lines than fit into a chunk; some references are almost as long as the maximum line.
    let name = |at: usize| if at % 100 == 99 { "ä/".repeat(100_000) } else { format!("acme/tex{at}") };
    let input: String = (0..3_000).map(|at| format!("{{\"model\":\"{}\",\"usage\":{{\"input\":1}}}}\n", name(at % 200))).collect();
    let run = |jobs: &str| finish_with_input(program("unknown").args(["--jobs", jobs, "--usage", "-"]), input.as_bytes());
    let one = run("1");
    assert_eq!(one.out.lines().count(), 3_000);
    assert!(one.out.lines().all(|line| line.len() < 1_000) && !one.out.contains("nearest"));
    assert!(one.err.contains("error: line 1 (`acme/tex0`): unknown model `acme/tex0`; nearest: `acme/text`"), "{}", one.err);
    assert!(one.err.lines().count() == 22 && one.err.len() < 20_000);
    for jobs in ["2", "3", "64", "256"] {
        let many = run(jobs);
        assert!(many.out == one.out && many.err == one.err && many.code == one.code, "{jobs}");
    }
}

#[test]
fn json_errors_are_objects() {
    for (arguments, code) in [
        ("--model acme/unpriced --input 1", "unpriced"),
        ("--model acme/txet --input 1", "unknown-model"),
        ("--model acme-ai/old --input 1 --image 1", "no-rate"),
        ("--model acme/text --input 1 --region mars", "unknown-region"),
    ] {
        let run = cost("failure", &format!("{arguments} --json"));
        let object: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!((run.code, &object["error"]), (1, &json!(code)), "{arguments}");
        assert!(object["model"].is_string() && object["message"].is_string() && object.get("line").is_none(), "{object}");
        assert!(run.err.starts_with("error: "), "{}", run.err);
    }
}

#[test]
fn the_default_model_of_the_configuration_is_used() {
    let config = catalog("configured").join("config.json");
    fs::write(&config, r#"{"default_model": "acme/yuan"}"#).unwrap();
    let run = finish(program("configured").env("MODELDEX_CONFIG", &config).args(["--input", "1M", "--json"]));
    let object: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&object["model"], &object["amount"]), (&json!("acme/yuan"), &json!("4")), "{}", run.err);
}

#[test]
fn the_standard_tier_has_a_name() {
    for word in ["standard", "default"] {
        let run = cost("ordinary", &format!("--model acme/text --input 1M --tier {word} --json --at 2026-08-16T12:00:00Z"));
        assert_eq!(serde_json::from_str::<Value>(&run.out).unwrap()["amount"], "4", "{}", run.err);
    }
    let gold = cost("ordinary", "--model acme/text --input 1 --tier gold");
    assert!(gold.err.contains("[possible values: standard, default, batch, flex, priority, fast]"), "{}", gold.err);
    let (answers, _) = lines("ordinary", NOW, r#"{"model":"acme/text","usage":{"input":1},"tier":"gold"}"#);
    let message = "unknown service tier `gold`; known names: `standard`, `default`, `batch`, `flex`, `priority`, `fast`";
    assert_eq!(answers[0]["message"], message);
}

#[test]
fn empty_input_has_empty_output() {
    for input in ["", "\n", "\r\n \t\n"] {
        let (answers, run) = lines("empty", NOW, input);
        assert!(answers.is_empty());
        assert_eq!((run.code, run.err.as_str()), (0, ""));
    }
    let marked = format!("\u{feff}{}", r#"{"model":"acme/text","usage":{"input":1}}"#);
    assert_eq!(lines("empty", NOW, marked).1.code, 0);
}

#[test]
fn lines_are_answered_before_the_input_ends() {
    let mut child =
        program("slow").args(NOW.split(' ')).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..3 {
        stdin.write_all(b"{\"model\":\"acme/text\",\"usage\":{\"input\":1}}\n").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert!(answer.starts_with(r#"{"model":"acme/text""#), "{answer}");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_closed_stdout_ends_the_program_while_stdin_is_open() {
    let mut child =
        program("pipe").args(NOW.split(' ')).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    drop(child.stdout.take());
    // Stdin stays open: the program must not wait for it after stdout is closed.
    stdin.write_all(&b"{\"model\":\"acme/text\",\"usage\":{\"input\":1}}\n".repeat(1_000)).unwrap();
    let start = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if start.elapsed() > Duration::from_secs(60) => panic!("it waits"),
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let mut printed = String::new();
    child.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
    assert_eq!((status.code(), printed.as_str()), (Some(0), ""));
}

/// A usage shape that the code does not know: a file in an overlay is enough for a new usage object.
const SHAPE: &str = r#"# yaml-language-server: $schema=../../schema/usage.schema.json
apis: [openai-completions]
needs: [units_in, units_out]
lists:
  thoughts: {kind: what, count: n, skip: [plan], others: invalid}
counts:
  - {meter: input, fields: [units_in]}
  - {meter: cache_read, fields: [cache.hits, cache_hits]}
  - {meter: output, fields: [units_out]}
  - {meter: reasoning, fields: ["thoughts[deep]"]}
total: {field: units, counted: units in and out}
beside: [reasoning]
tiers:
  - {field: lane, ordinary: [slow], special: {bulk: batch}}
"#;

#[test]
fn a_new_usage_shape_is_one_file() {
    let test = "a_new_usage_shape_is_one_file";
    let overlay = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cost").join(format!("{test}_overlay"));
    fs::create_dir_all(overlay.join("usage")).unwrap();
    fs::write(overlay.join("usage/units.yaml"), SHAPE).unwrap();
    let usages = [
        r#"{"units_in":1000,"cache":{"hits":400},"cache_hits":300,"units_out":50,"thoughts":[{"what":"deep","n":20},{"what":"deep","n":5}],"units":1075,"lane":"slow"}"#,
        r#"{"units_in":1000,"units_out":50,"lane":"bulk"}"#,
        r#"{"units_in":1000,"units_out":50,"units":1100}"#,
        r#"{"units_in":1000,"thoughts":[{"what":"idle","n":1}]}"#,
        r#"{"prompt_tokens":1000,"completion_tokens":50}"#,
        r#"{"tokens":1}"#,
    ];
    let lines: Vec<String> =
        usages.iter().map(|usage| format!(r#"{{"model":"acme/text","api":"openai-completions","usage":{usage}}}"#)).collect();
    let priced = |overlay: Option<&Path>| {
        let mut command = program(test);
        command.args(overlay.into_iter().flat_map(|dir| [Path::new("--overlay"), dir]));
        let run = finish_with_input(command.args(["--usage", "-", "--at", "2026-11-30T00:00:00Z"]), lines.join("\n").as_bytes());
        let answers = run.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        answers.map(|answer| answer.get("amount").or(answer.get("message")).unwrap().as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let missing = "the usage object has none of these fields: `prompt_tokens` and `completion_tokens`; \
                   the object may be in the format of another wire protocol";
    let expected = [
        "0.00218", // 600 x 2, 400 x 0.2, 75 x 12
        "0.0013",
        "`units` exceeds the sum of units in and out by 50 tokens, whose rate is unknown",
        "invalid usage object: the value of `thoughts.what` is neither `plan` nor `deep`",
        "0.0026",
        missing,
    ];
    assert_eq!(priced(Some(&overlay)), expected);
    assert_eq!(priced(None), [missing, missing, missing, missing, "0.0026", missing]);
}
