#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use modeldex_table::Meter::*;

/// Reads an object from its text and from its JSON value, and checks that both results are equal.
fn read_text_and_value(api: Option<Api>, raw: &str) -> Result<ParsedUsage, UsageError> {
    let read = read(api, raw);
    if let Ok(value) = serde_json::from_str::<Value>(raw) {
        match (&read, read_value(api, &value)) {
            // A JSON value has only the last of two duplicate keys, so only the text is rejected.
            (Err(UsageError::Invalid(message)), _) if message.contains("duplicate") => {}
            (Err(UsageError::Invalid(_)), other) => assert!(matches!(other, Err(UsageError::Invalid(_)))),
            (read, other) => assert_eq!(*read, other, "{raw}"),
        }
    }
    read
}

fn counts(api: Api, raw: &str) -> Usage {
    read_text_and_value(Some(api), raw).unwrap_or_else(|error| panic!("{raw}: {error}")).usage
}

#[test]
fn openai_totals_include_their_parts() {
    let raw = r#"{"prompt_tokens":1000,"completion_tokens":300,"total_tokens":1300,
        "prompt_tokens_details":{"cached_tokens":400,"audio_tokens":50,"image_tokens":20,"cache_write_tokens":30,"new":1},
        "completion_tokens_details":{"reasoning_tokens":100,"audio_tokens":10,"image_tokens":null},"cost":0.5}"#;
    let all = [(Input, 1000), (CacheRead, 400), (CacheWrite, 30), (InputAudio, 50), (InputImage, 20), (Output, 300), (Reasoning, 100)];
    assert_eq!(counts(Api::OpenaiCompletions, raw), Usage::of(&all).with(OutputAudio, 10));
    assert_eq!(counts(Api::AzureOpenai, raw), Usage::of(&all).with(OutputAudio, 10));
    let raw = r#"{"input_tokens":100,"input_tokens_details":{"cached_tokens":40},
        "output_tokens":30,"output_tokens_details":{"reasoning_tokens":20}}"#;
    assert_eq!(counts(Api::OpenaiResponses, raw), Usage::of(&[(Input, 100), (CacheRead, 40), (Output, 30), (Reasoning, 20)]));
}

#[test]
fn repeated_cached_tokens_count_once() {
    let expected = Usage::of(&[(Input, 100), (CacheRead, 60), (Output, 1)]);
    for more in [
        r#""prompt_cache_hit_tokens":60,"prompt_cache_miss_tokens":40"#,
        r#""prompt_cache_hit_tokens":60,"prompt_tokens_details":{"cached_tokens":60}"#,
        r#""cached_tokens":60"#,
        r#""cached_tokens":60,"prompt_tokens_details":{"cached_tokens":60}"#,
        r#""cache_read_input_tokens":60,"cache_creation_input_tokens":0,"prompt_tokens_details":{"cached_tokens":60}"#,
        r#""cache_read_input_tokens":60,"prompt_tokens_details":null"#,
    ] {
        assert_eq!(counts(Api::OpenaiCompletions, &format!(r#"{{"prompt_tokens":100,"completion_tokens":1,{more}}}"#)), expected, "{more}");
    }
    let raw =
        r#"{"prompt_tokens":9,"completion_tokens":1,"cache_creation_input_tokens":5,"prompt_tokens_details":{"cache_creation_tokens":5}}"#;
    assert_eq!(counts(Api::OpenaiCompletions, raw).get(CacheWrite), 5);
}

#[test]
fn total_shows_whether_completion_includes_reasoning() {
    let reasoning = |total: &str| {
        format!(r#"{{"prompt_tokens":100,"completion_tokens":10{total},"completion_tokens_details":{{"reasoning_tokens":90}}}}"#)
    };
    let usage = counts(Api::OpenaiCompletions, &reasoning(r#","total_tokens":200"#));
    assert_eq!((usage.get(Output), usage.get(Reasoning)), (100, 90));
    for total in [r#","total_tokens":110"#, ""] {
        assert!(matches!(read_text_and_value(Some(Api::OpenaiCompletions), &reasoning(total)), Err(UsageError::Impossible(_))));
    }
    let raw = r#"{"prompt_tokens":100,"completion_tokens":10,"total_tokens":200,"reasoning_tokens":90,"num_search_queries":3}"#;
    assert_eq!(counts(Api::OpenaiCompletions, raw), Usage::of(&[(Input, 100), (Output, 100), (Reasoning, 90), (WebSearch, 3)]));
    let raw = r#"{"prompt_tokens":100,"completion_tokens":95,"reasoning_tokens":90,"completion_tokens_details":{"reasoning_tokens":5}}"#;
    assert_eq!(counts(Api::OpenaiCompletions, raw).get(Reasoning), 5);
}

#[test]
fn total_above_the_counts_is_an_error() {
    use Api::{BedrockConverse, GoogleGenerativeAi, OpenaiCompletions, OpenaiResponses};
    for (api, raw, code) in [
        (OpenaiCompletions, r#"{"prompt_tokens":20,"completion_tokens":198,"total_tokens":623}"#, Some("incomplete-usage")),
        (OpenaiCompletions, r#"{"prompt_tokens":20,"completion_tokens":198,"total_tokens":10}"#, Some("impossible-usage")),
        (OpenaiCompletions, r#"{"prompt_tokens":198,"completion_tokens":20,"total_tokens":100}"#, Some("impossible-usage")),
        (OpenaiCompletions, r#"{"prompt_tokens":20,"completion_tokens":198,"total_tokens":200}"#, None),
        (OpenaiCompletions, r#"{"prompt_tokens":20,"completion_tokens":198,"total_tokens":0}"#, None),
        (OpenaiCompletions, r#"{"prompt_tokens":20,"completion_tokens":198,"total_tokens":null}"#, None),
        (OpenaiCompletions, r#"{"prompt_tokens":20,"completion_tokens":198,"total_tokens":"x"}"#, Some("invalid-count")),
        (OpenaiResponses, r#"{"input_tokens":20,"output_tokens":198,"total_tokens":219}"#, Some("incomplete-usage")),
        (GoogleGenerativeAi, r#"{"promptTokenCount":20,"candidatesTokenCount":198,"totalTokenCount":623}"#, Some("incomplete-usage")),
        (GoogleGenerativeAi, r#"{"promptTokenCount":20,"thoughtsTokenCount":9,"totalTokenCount":28}"#, None),
        (GoogleGenerativeAi, r#"{"promptTokenCount":522,"responseTokenCount":42,"thoughtsTokenCount":136,"totalTokenCount":564}"#, None),
        (BedrockConverse, r#"{"inputTokens":10,"outputTokens":5,"cacheReadInputTokens":60,"totalTokens":15}"#, None),
        (BedrockConverse, r#"{"inputTokens":10,"outputTokens":5,"cacheReadInputTokens":60,"totalTokens":76}"#, Some("incomplete-usage")),
    ] {
        assert_eq!(read_text_and_value(Some(api), raw).err().map(|error| error.code()), code, "{raw}");
    }
    let error =
        read_text_and_value(Some(OpenaiCompletions), r#"{"prompt_tokens":20,"completion_tokens":198,"total_tokens":623}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`total_tokens` exceeds the sum of the input tokens and the output tokens by 405 tokens, whose rate is unknown"
    );
}

#[test]
fn one_hour_cache_writes_in_openai_format() {
    for details in [
        r#"{"cache_creation_input_tokens":50,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30}}"#,
        r#"{"cache_creation_tokens":50,"cache_creation_token_details":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30}}"#,
        r#"{"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},"cache_type":"ephemeral"}"#,
    ] {
        let raw = format!(r#"{{"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{details}}}"#);
        let expected = [(Input, 100), (CacheWrite, 20), (CacheWrite1h, 30), (Output, 1)];
        assert_eq!(counts(Api::OpenaiCompletions, &raw), Usage::of(&expected), "{details}");
    }
    let raw = r#"{"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{"cache_creation_input_tokens":80}}"#;
    assert_eq!(counts(Api::OpenaiCompletions, raw).get(CacheWrite), 80);
    let raw = r#"{"prompt_tokens":100,"completion_tokens":1,"cache_creation_input_tokens":50,
        "prompt_tokens_details":{"cache_creation":{"ephemeral_1h_input_tokens":30}}}"#;
    assert_eq!(read_text_and_value(Some(Api::OpenaiCompletions), raw).unwrap_err().code(), "impossible-usage");
}

#[test]
fn realtime_and_live_sessions() {
    let raw = r#"{"total_tokens":1000,"input_tokens":800,"output_tokens":200,"output_token_details":{"text_tokens":50,"audio_tokens":150},
        "input_token_details":{"text_tokens":100,"audio_tokens":700,"cached_tokens":64,"cached_tokens_details":{"audio_tokens":64}}}"#;
    let expected = [(Input, 800), (CacheRead, 64), (InputAudio, 636), (Output, 200), (OutputAudio, 150)];
    assert_eq!(counts(Api::OpenaiResponses, raw), Usage::of(&expected));
    let raw = r#"{"promptTokenCount":10,"responseTokenCount":200,"totalTokenCount":210,
        "responseTokensDetails":[{"modality":"audio","tokenCount":200}]}"#;
    assert_eq!(counts(Api::GoogleGenerativeAi, raw), Usage::of(&[(Input, 10), (Output, 200), (OutputAudio, 200)]));
}

#[test]
fn unknown_rates_are_errors() {
    let usage = |more: &str| format!(r#"{{"input_tokens":10,"output_tokens":1,{more}}}"#);
    for (more, code) in [
        (r#""iterations":[{"type":"compaction","input_tokens":9},{"type":"message"}]"#, Some("several-requests")),
        (r#""iterations":[{"input_tokens":9}]"#, Some("several-requests")),
        (r#""iterations":[{"type":"message"},{"type":"message"}]"#, None),
        (r#""iterations":[]"#, None),
        (r#""iterations":null"#, None),
        (r#""iterations":[["compaction"]]"#, Some("invalid-usage")),
        (r#""inference_geo":"us""#, Some("unknown-region")),
        (r#""inference_geo":"global""#, None),
        (r#""inference_geo":"not_available""#, None),
        (r#""inference_geo":"""#, None),
        (r#""inference_geo":null"#, None),
        (r#""service_tier":"priority","speed":"fast""#, Some("unknown-tier")),
        (r#""service_tier":"standard","speed":"fast""#, None),
        (r#""service_tier":"batch","speed":"standard""#, None),
        (r#""service_tier":5"#, Some("invalid-usage")),
    ] {
        assert_eq!(read_text_and_value(Some(Api::AnthropicMessages), &usage(more)).err().map(|error| error.code()), code, "{more}");
    }
    let error = read_text_and_value(Some(Api::AnthropicMessages), &usage(r#""service_tier":5"#)).unwrap_err();
    assert_eq!(error.to_string(), "invalid usage object: invalid type: integer `5`, expected a text");
    let fast = read_text_and_value(Some(Api::AnthropicMessages), &usage(r#""service_tier":null,"speed":"fast""#)).unwrap();
    assert_eq!(fast.tier, Tier::NonStandard(ServiceTier::Fast));
}

#[test]
fn invalid_lists_are_errors() {
    let bedrock = |details: &str| format!(r#"{{"inputTokens":10,"outputTokens":3,"cacheWriteInputTokens":100,"cacheDetails":{details}}}"#);
    for (details, code) in [
        (r#"[{"ttl":"5m","inputTokens":100}]"#, None),
        ("[]", None),
        ("null", None),
        (r#"[{"ttl":"2h","inputTokens":100}]"#, Some("invalid-usage")),
        (r#"[{"ttl":null,"inputTokens":100}]"#, Some("invalid-usage")),
        (r#"[{"inputTokens":100}]"#, Some("invalid-usage")),
        (r#"[{"ttl":"1h"}]"#, Some("invalid-count")),
        (r#"[{"ttl":"1h","inputTokens":null}]"#, Some("invalid-count")),
        (r#"[[100,"1h"]]"#, Some("invalid-usage")),
        ("[null]", Some("invalid-usage")),
        (r#"{"ttl":"5m"}"#, Some("invalid-usage")),
    ] {
        assert_eq!(read_text_and_value(Some(Api::BedrockConverse), &bedrock(details)).err().map(|error| error.code()), code, "{details}");
    }
    let google = |details: &str| format!(r#"{{"promptTokenCount":10,"candidatesTokenCount":3,"promptTokensDetails":{details}}}"#);
    for (details, code) in [
        (r#"[{"modality":"Image","tokenCount":10}]"#, None),
        (r#"[{"modality":"TEXT"},{"modality":"VIDEO","tokenCount":3},{}]"#, None),
        (r#"[{"modality":"AUDIO"}]"#, Some("invalid-count")),
        (r#"[{"modality":"AUDIO","tokenCount":null}]"#, Some("invalid-count")),
        (r#"[["AUDIO",10]]"#, Some("invalid-usage")),
        (r#"{"modality":"AUDIO"}"#, Some("invalid-usage")),
    ] {
        assert_eq!(read_text_and_value(Some(Api::GoogleVertex), &google(details)).err().map(|error| error.code()), code, "{details}");
    }
}

#[test]
fn long_words_are_truncated_in_errors() {
    let long = "ä".repeat(10_000);
    for raw in [format!(r#"{{"{long}":1}}"#), format!(r#"{{"input":1,"cache_read":2,"{long}":3}}"#)] {
        assert!(read(None, &raw).unwrap_err().to_string().len() < 600);
    }
    for field in ["service_tier", "inference_geo"] {
        let raw = format!(r#"{{"input_tokens":1,"{field}":"{long}"}}"#);
        assert!(read(Some(Api::AnthropicMessages), &raw).unwrap_err().to_string().len() < 600);
    }
    let raw = format!(r#"{{"prompt_tokens":1,"prompt_tokens_details":"{long}"}}"#);
    assert!(read(Some(Api::OpenaiCompletions), &raw).unwrap_err().to_string().len() < 600);
}

#[test]
fn cached_audio_is_cached_and_no_longer_audio() {
    let raw = r#"{"prompt_tokens":100,"completion_tokens":0,
        "prompt_tokens_details":{"cached_tokens":60,"audio_tokens":80,"cached_tokens_details":{"audio_tokens":50}}}"#;
    let usage = counts(Api::OpenaiCompletions, raw);
    assert_eq!((usage.get(CacheRead), usage.get(InputAudio)), (60, 30));
    let raw = r#"{"promptTokenCount":100,"cachedContentTokenCount":60,"candidatesTokenCount":1,
        "promptTokensDetails":[{"modality":"TEXT","tokenCount":20},{"modality":"AUDIO","tokenCount":80}],
        "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":50},{"modality":"TEXT","tokenCount":10}]}"#;
    let usage = counts(Api::GoogleGenerativeAi, raw);
    assert_eq!((usage.get(CacheRead), usage.get(InputAudio)), (60, 30));
    for (api, raw) in [
        (Api::OpenaiCompletions, r#"{"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":60,"audio_tokens":80}}"#),
        (
            Api::GoogleVertex,
            r#"{"promptTokenCount":100,"cachedContentTokenCount":60,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":80}]}"#,
        ),
    ] {
        let error = read_text_and_value(Some(api), raw).unwrap_err();
        assert_eq!(error.code(), "impossible-usage");
        let message = "more than the total of 100; the usage object does not state how many cached tokens are audio or image tokens";
        assert!(error.to_string().ends_with(message), "{error}");
    }
}

#[test]
fn anthropic_input_excludes_cached_tokens() {
    let raw = r#"{"input_tokens":10,"cache_read_input_tokens":100,"cache_creation_input_tokens":50,
        "cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},"output_tokens":7,
        "server_tool_use":{"web_search_requests":2},"service_tier":"batch"}"#;
    let read = read_text_and_value(Some(Api::AnthropicMessages), raw).unwrap();
    let expected = [(Input, 160), (CacheRead, 100), (CacheWrite, 20), (CacheWrite1h, 30), (Output, 7), (WebSearch, 2)];
    assert_eq!(read, ParsedUsage { usage: Usage::of(&expected), tier: Tier::NonStandard(ServiceTier::Batch) });
    let whole =
        counts(Api::AnthropicMessages, r#"{"input_tokens":10,"cache_creation_input_tokens":50,"cache_creation":null,"output_tokens":7}"#);
    assert_eq!(whole, Usage::of(&[(Input, 60), (CacheWrite, 50), (Output, 7)]));
    let parts = counts(Api::AnthropicMessages, r#"{"input_tokens":10,"cache_creation":{"ephemeral_1h_input_tokens":5},"output_tokens":7}"#);
    assert_eq!(parts, Usage::of(&[(Input, 15), (CacheWrite1h, 5), (Output, 7)]));
    let wrong = r#"{"input_tokens":10,"cache_creation_input_tokens":50,"cache_creation":{"ephemeral_5m_input_tokens":20}}"#;
    let error = read_text_and_value(Some(Api::AnthropicMessages), wrong).unwrap_err();
    assert_eq!(error.to_string(), "the parts of `cache_creation_input_tokens` add up to 20, but the field states a count of 50");
    for (word, tier) in [("standard", Some(Tier::Standard)), ("priority", Some(Tier::NonStandard(ServiceTier::Priority))), ("gold", None)] {
        let raw = format!(r#"{{"input_tokens":1,"output_tokens":1,"service_tier":"{word}"}}"#);
        assert_eq!(read_text_and_value(Some(Api::AnthropicMessages), &raw).ok().map(|read| read.tier), tier);
    }
}

#[test]
fn google_totals_exclude_reasoning_and_tool_use() {
    let raw = r#"{"promptTokenCount":100,"cachedContentTokenCount":40,"toolUsePromptTokenCount":20,"candidatesTokenCount":30,
        "thoughtsTokenCount":50,"totalTokenCount":200,"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":25}],
        "trafficType":"ON_DEMAND"}"#;
    for api in [Api::GoogleGenerativeAi, Api::GoogleVertex] {
        let read = read_text_and_value(Some(api), raw).unwrap();
        let expected = [(Input, 120), (CacheRead, 40), (Output, 80), (Reasoning, 50), (OutputImage, 25)];
        assert_eq!(read, ParsedUsage { usage: Usage::of(&expected), tier: Tier::Standard });
    }
}

#[test]
fn bedrock_input_excludes_cached_tokens() {
    let raw = r#"{"inputTokens":10,"outputTokens":5,"totalTokens":115,"cacheReadInputTokens":60,"cacheWriteInputTokens":40,
        "cacheDetails":[{"ttl":"1h","inputTokens":30},{"ttl":"5m","inputTokens":10}]}"#;
    let expected = [(Input, 110), (CacheRead, 60), (CacheWrite, 10), (CacheWrite1h, 30), (Output, 5)];
    assert_eq!(counts(Api::BedrockConverse, raw), Usage::of(&expected));
    let raw = r#"{"inputTokens":10,"outputTokens":5,"cacheWriteInputTokens":40}"#;
    assert_eq!(counts(Api::BedrockConverse, raw), Usage::of(&[(Input, 50), (CacheWrite, 40), (Output, 5)]));
}

#[test]
fn ollama_counts_evaluations() {
    assert_eq!(counts(Api::Ollama, r#"{"prompt_eval_count":26,"eval_count":290}"#), Usage::of(&[(Input, 26), (Output, 290)]));
}

#[test]
fn meter_names_are_the_only_valid_keys() {
    let read = read_text_and_value(None, r#"{"input":1000,"output":20,"cache_read":null,"image":3}"#).unwrap();
    assert_eq!(read, ParsedUsage { usage: Usage::of(&[(Input, 1000), (Output, 20), (Image, 3)]), tier: Tier::Unstated });
    assert_eq!(read_text_and_value(None, r#"{"input":1,"request":0}"#).unwrap().usage.get(Request), 0);
    for (raw, message) in [
        (r#"{"input":1,"cache_reads":1}"#, "unknown meter `cache_reads`; nearest: `cache_read`"),
        (r#"{"prompt_tokens":1}"#, "unknown meter `prompt_tokens`; known meters: `input`"),
        (r#"{"input":1,"input":2}"#, "invalid usage object: duplicate key `input`"),
        (r#"{"input":1,"cache_read":2}"#, "the parts of `input` add up to 2, which is more than the total of 1"),
        ("{}", "the usage object has none of these fields: `input`, `output` or another meter"),
        ("null", "invalid usage object: expected an object, found null"),
        ("[1,2]", "invalid usage object: invalid type: sequence, expected an object"),
        (r#"{"input":1"#, "invalid usage object: EOF"),
        (r#"{"input":1} 2"#, "invalid usage object: trailing characters"),
        ("", "invalid usage object: EOF"),
    ] {
        let error = read_text_and_value(None, raw).unwrap_err().to_string();
        assert!(error.starts_with(message), "{raw}: {error}");
    }
}

#[test]
fn invalid_counts_are_errors() {
    for (value, message) in [
        ("-1", "the number is negative"),
        ("-0.5", "the number is negative"),
        ("1.5", "the number is not an integer"),
        ("1e300", "the number is greater than 1000000000000000"),
        ("18446744073709551616", "the number is greater than 1000000000000000"),
        ("1000000000000001", "the number is greater than 1000000000000000"),
        ("\"12\"", "the value is not a number"),
        ("true", "the value is not a number"),
        ("[1]", "the value is not a number"),
        ("{\"a\":1}", "the value is not a number"),
    ] {
        for (api, field) in [
            (None, "input"),
            (Some(Api::OpenaiCompletions), "prompt_tokens"),
            (Some(Api::OpenaiResponses), "input_tokens"),
            (Some(Api::AnthropicMessages), "input_tokens"),
            (Some(Api::GoogleVertex), "promptTokenCount"),
            (Some(Api::BedrockConverse), "inputTokens"),
            (Some(Api::Ollama), "prompt_eval_count"),
        ] {
            let error = read_text_and_value(api, &format!(r#"{{"{field}":{value}}}"#)).unwrap_err();
            assert_eq!(error.to_string(), format!("invalid count in `{field}`: {message}"));
        }
    }
    // A JSON value has lost these digits, so only the text is rejected.
    for (value, message) in [
        ("1e400", "the number is greater than 1000000000000000"),
        ("1e99999999999999999999", "the number is greater than 1000000000000000"),
        ("-1e400", "the number is negative"),
        ("1e-400", "the number is not an integer"),
        ("1e-99999999999999999999", "the number is not an integer"),
        ("0.9999999999999999999", "the number is not an integer"),
        ("1.0000000000000000001", "the number is not an integer"),
        ("10000000000000.5e2", "the number is greater than 1000000000000000"),
        ("99999999999999999999999999999999999999999999", "the number is greater than 1000000000000000"),
    ] {
        let error = read(None, &format!(r#"{{"input":{value}}}"#)).unwrap_err();
        assert_eq!(error.to_string(), format!("invalid count in `input`: {message}"), "{value}");
    }
    assert_eq!(read_text_and_value(None, r#"{"input":1e3,"output":20.0,"request":-0}"#).unwrap().usage.get(Input), 1000);
    for (digits, count) in
        [("1000000000000000", MAX_COUNT), ("1E15", MAX_COUNT), ("0.001e18", MAX_COUNT), ("1.50e1", 15), ("0e99999999999999999999", 0)]
    {
        assert_eq!(read(None, &format!(r#"{{"input":{digits}}}"#)).unwrap().usage.get(Input), count, "{digits}");
    }
}

#[test]
fn object_of_another_protocol_is_an_error() {
    for &api in Api::ALL {
        for raw in ["{}", r#"{"tokens":5}"#] {
            assert_eq!(read_text_and_value(Some(api), raw).unwrap_err().code(), "missing-usage", "{api}");
        }
        for raw in ["[5]", "5", "null", "\"x\""] {
            assert_eq!(read_text_and_value(Some(api), raw).unwrap_err().code(), "invalid-usage", "{api}");
        }
    }
    assert!(read_text_and_value(Some(Api::OpenaiCompletions), r#"{"prompt_tokens":1,"prompt_tokens_details":[1]}"#).is_err());
    assert!(
        read_text_and_value(Some(Api::OpenaiCompletions), r#"{"prompt_tokens":1,"prompt_tokens":1}"#.replace("\\", "").as_str()).is_err()
    );
}

#[test]
fn code_names_no_field_of_a_shape() {
    let mut names = Vec::new();
    for (_, shape) in parse_shapes(BUILT_IN) {
        let Value::Object(shape) = serde_json::to_value(&shape).unwrap() else { panic!() };
        shape.values().for_each(|value| texts(value, &mut names));
    }
    // Meters, tiers, protocols and handlings of other entries are not field names.
    let is_others = |name: &str| serde_json::from_value::<OtherEntries>(name.into()).is_ok();
    let is_own =
        |name: &&String| Meter::parse(name).is_some() || Api::parse(name).is_some() || Tier::parse(name).is_some() || is_others(name);
    names.retain(|name| !is_own(&name));
    assert!(names.len() > 50 && names.iter().any(|name| name == "cachedContentTokenCount"));
    let code = [
        include_str!("count.rs"),
        include_str!("lib.rs"),
        include_str!("object.rs"),
        include_str!("meters.rs"),
        include_str!("reader.rs"),
        include_str!("shape.rs"),
    ];
    for line in code.into_iter().flat_map(str::lines).filter(|line| !line.trim_start().starts_with("//")) {
        let named = names.iter().find(|name| line.contains(&format!("\"{name}\"")));
        assert_eq!(named, None, "{line}");
    }
}

/// Collects every segment of every text in a value.
fn texts(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::String(text) => names.extend(text.split(['.', '[', ']']).filter(|name| !name.is_empty()).map(str::to_owned)),
        Value::Array(list) => list.iter().for_each(|below| texts(below, names)),
        Value::Object(object) => object.values().for_each(|below| texts(below, names)),
        _ => {}
    }
}

#[test]
fn rules_beyond_the_schema_are_checked() {
    let shape = |more: &str| format!(r#"{{"apis":["ollama"],"needs":["a"],"counts":[{{"meter":"input","fields":["a","b.c"]}}]{more}}}"#);
    assert_eq!(serde_json::from_str::<Shape>(&shape("")).unwrap().verify(), Ok(()));
    for (more, at, message) in [
        (r#","beside":["cache_read","image"]"#, "image", "the meter `image` is not part of `input` or `output`"),
        (r#","total":{"field":"b","counted":"all"}"#, "b", "the field `b` is used both as an object and as a count"),
        (
            r#","details":[{"meter":"output","fields":["a","l[x]"]}]"#,
            "l[x]",
            "the path `l[x]` refers to the list `l`, which is not defined in `lists`",
        ),
        (
            r#","lists":{"l":{"kind":"k"}},"details":[{"meter":"output","fields":["l[x]"]}]"#,
            "l[x]",
            "the list `l` needs a `count`: the name of the field that states the count of an entry",
        ),
        (
            r#","lists":{"l":{"kind":"k","count":"n","skip":["x"]}},"details":[{"meter":"output","fields":["l[x]"]}]"#,
            "l[x]",
            "a count rule uses entries of the kind `x`, but `skip` of the list `l` contains this kind",
        ),
        (r#","region":{"field":"a","ordinary":[]}"#, "a", "the field `a` is used both as a count and as a text"),
        (r#","aliases":{"d":["e"]}"#, "d", "`d` is not the path of a field with a count, a service tier or a region"),
        (r#","unnamed":["b","c"]"#, "c", "`c` is not the path of a field with a count, a service tier or a region"),
        (r#","overlap":"b.d""#, "b.d", "`b.d` is not the path of a field with a count, a service tier or a region"),
        // Fields and meters that would be counted twice.
        (r#","details":[{"meter":"output","fields":["b.c"]}]"#, "b.c", "the field `b.c` is counted for two meters, `input` and `output`"),
        (
            r#","details":[{"meter":"output","fields":["d"],"plus":["a"]}]"#,
            "a",
            "the field `a` is counted for two meters, `input` and `output`",
        ),
        (r#","details":[{"meter":"output","fields":["d"]}],"aliases":{"d":["a"]}"#, "a", "two fields of one object have the name `a`"),
        (r#","beside":["cache_read","cache_read"]"#, "cache_read", "`beside` lists the meter `cache_read` twice"),
        (
            r#","details":[{"meter":"cache_write","fields":["t"],"parts":[{"meter":"cache_write","fields":["d"]},{"meter":"cache_write","fields":["e"]}]}]"#,
            "cache_write",
            "the rule for `cache_write` has two parts with the meter `cache_write`; list all fields of this meter in one part",
        ),
        (r#","lists":{"l":{"kind":"k","count":"k"}}"#, "k", "two fields of one object have the name `k`"),
        (r#","tiers":[{"field":"s"}],"region":{"field":"s","ordinary":[]}"#, "s", "`tiers` and `region` together name the field `s` twice"),
        (r#","tiers":[{"field":"s","ordinary":["w"],"special":{"w":"batch"}}]"#, "w", "an entry of `tiers` lists the value `w` twice"),
    ] {
        let shape: Shape = serde_json::from_str(&shape(more)).unwrap();
        assert_eq!(shape.verify().unwrap_err(), InvalidShape { at: at.to_owned(), message: message.to_owned() });
    }
    let fields: Vec<String> = (0..50).map(|at| format!("\"f{at}\"")).collect();
    let shape: Shape = serde_json::from_str(&shape(&format!(r#","or_needs":[{}]"#, fields.join(",")))).unwrap();
    assert!(shape.verify().is_err());
}

#[test]
fn alias_of_the_count_of_a_list_entry() {
    let shape = r#"{"apis":["ollama"],"needs":["l[a]","l[b]"],"lists":{"l":{"kind":"k","count":"n"}},"aliases":{"l.n":["m"]},
        "counts":[{"meter":"input","fields":["l[a]"]},{"meter":"output","fields":["l[b]"]}]}"#;
    let shapes = Shapes::new(NamedShapes::from([("ollama".to_owned(), serde_json::from_str(shape).unwrap())])).unwrap();
    let read = shapes.read(Some(Api::Ollama), r#"{"l":[{"k":"a","n":3},{"m":4,"k":"b"}]}"#).unwrap();
    assert_eq!(read.usage, Usage::of(&[(Input, 3), (Output, 4)]));
}

#[test]
fn shape_replaces_built_in_of_same_name_and_sorts_after_protocol_name() {
    let named = |name: &str, text: &str| Shapes::new(NamedShapes::from([(name.to_owned(), serde_json::from_str(text).unwrap())])).unwrap();
    let shape = r#"{"apis":["ollama"],"needs":["used"],"counts":[{"meter":"input","fields":["used","eval_count"]}]}"#;
    let input =
        |shapes: &Shapes, raw: &str| shapes.read(Some(Api::Ollama), raw).map(|read| read.usage.get(Input)).map_err(|error| error.code());
    let both = r#"{"used":5,"prompt_eval_count":7}"#;
    assert_eq!(input(&named("a", shape), both), Ok(7));
    assert_eq!(input(&named("a", shape), r#"{"used":5}"#), Ok(5));
    assert_eq!(input(&named("ollama", shape), both), Ok(5));
    assert_eq!(input(&named("ollama", shape), r#"{"prompt_eval_count":7}"#), Err("missing-usage"));
}

#[test]
fn shapes_round_trip() {
    assert_eq!(shapes_to_json(&parse_shapes(BUILT_IN)), BUILT_IN);
}
