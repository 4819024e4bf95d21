use super::*;

const KEY: &str = "sk-Li/ve+0123&abc=Z9";

fn known() -> KnownSecrets {
    KnownSecrets::new([KEY])
}

/// Returns the key in each encoding, with a name.
fn encoded() -> Vec<(&'static str, String)> {
    let each = |encode: &dyn Fn(u8) -> String| KEY.bytes().map(encode).collect::<String>();
    // Every second character.
    let some = |encode: &dyn Fn(u8) -> String| {
        let encode = |(at, byte): (usize, u8)| if at % 2 == 0 { encode(byte) } else { char::from(byte).to_string() };
        KEY.bytes().enumerate().map(encode).collect::<String>()
    };
    let encode = |engine: &dyn Fn(&str) -> String, before: &str| engine(&format!("{before}{KEY}"));
    let standard = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let url_safe = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let json = serde_json::to_string(KEY).unwrap();
    let mut all = vec![
        ("plain", KEY.to_owned()),
        ("upper case", KEY.to_uppercase()),
        ("JSON", json.trim_matches('"').to_owned()),
        ("escaped slashes", KEY.replace('/', "\\/")),
        ("\\u", each(&|byte| format!("\\u{byte:04x}"))),
        ("\\u of some", some(&|byte| format!("\\u{byte:04X}"))),
        ("\\u{}", each(&|byte| format!("\\u{{{byte:x}}}"))),
        ("\\x", each(&|byte| format!("\\x{byte:02x}"))),
        ("JSON in JSON", each(&|byte| format!("\\\\u{byte:04x}"))),
        ("percent", each(&|byte| format!("%{byte:02X}"))),
        ("percent of some", some(&|byte| format!("%{byte:02x}"))),
        ("percent twice", each(&|byte| format!("%25{byte:02X}"))),
        ("percent u", each(&|byte| format!("%u{byte:04X}"))),
        ("decimal references", each(&|byte| format!("&#{byte};"))),
        ("decimal references with zeros", some(&|byte| format!("&#000{byte};"))),
        ("hexadecimal references", each(&|byte| format!("&#x{byte:x};"))),
        ("hexadecimal references of some", some(&|byte| format!("&#X{byte:02X};"))),
        ("references without a semicolon", each(&|byte| format!("&#{byte}"))),
        ("named references", KEY.replace('&', "&amp;").replace('/', "&sol;")),
        ("named references twice", KEY.replace('&', "&amp;amp;")),
        ("hexadecimal", each(&|byte| format!("{byte:02x}"))),
        ("hexadecimal in upper case", each(&|byte| format!("{byte:02X}"))),
        ("hexadecimal with spaces", each(&|byte| format!("{byte:02x} "))),
        ("hexadecimal with colons", each(&|byte| format!("{byte:02x}:"))),
        ("lines", each(&|byte| format!("{}\r\n", char::from(byte)))),
        ("lines in JSON", each(&|byte| format!("{}\\n", char::from(byte)))),
        ("characters without width", each(&|byte| format!("{}\u{200b}", char::from(byte)))),
    ];
    for before in ["", "Bearer ", "user:", "u:", "ab"] {
        all.push(("base64", encode(&standard, before)));
        all.push(("base64 for URLs", encode(&url_safe, before)));
        all.push(("base64, percent", encode(&standard, before).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")));
        all.push(("base64, lines", encode(&standard, before).replace('n', "n\n")));
    }
    all
}

/// Returns the longest part of the decoded key in a text, in bytes.
fn shown_bytes(text: &str) -> usize {
    let text: Vec<u8> = decode(text, true).units.iter().map(|unit| unit.byte).collect();
    let patterns = patterns(KEY, MIN_PATTERN_BYTES);
    let lengths = patterns.iter().flat_map(|pattern| {
        (0..pattern.len()).map(|at| {
            let matches = |length: &usize| text.windows(*length).any(|window| window == &pattern[at..at + length]);
            (1..=pattern.len() - at).take_while(matches).last().unwrap_or(0)
        })
    });
    lengths.max().unwrap_or(0)
}

#[test]
fn every_encoding_is_masked() {
    for (name, form) in encoded() {
        for text in [form.clone(), format!("before é {form} after"), format!("{{\"message\": \"{form}\"}}"), format!("{form}{form}")] {
            let masked = known().mask(&text);
            // Base64 digits that also depend on the neighbors of the key may stay.
            assert!(masked.contains(MASK) && shown_bytes(&masked) <= 4, "{name}: {text}: {masked}");
        }
        let masked = known().mask(&format!("before é {form} after"));
        assert!(masked.starts_with("before é ") && masked.ends_with(" after"), "{name}: {masked}");
    }
}

#[test]
fn an_escape_that_takes_the_beginning_of_a_secret_does_not_hide_it() {
    let prefixes = ["\\", "C:\\", "%", "%2", "%252", "\\x2", "\\u002", "&#x2", "100 %", "\\\\"];
    for key in ["fz-Key/with%2Bchars=", "3f4a5b6c7d8e9f001122", "next-S3CR3T-0123456"] {
        let known = KnownSecrets::new([key]);
        for before in prefixes {
            for form in [key.to_owned(), key.replace('/', "%2F"), key.replace('-', "\\u002d")] {
                let text = format!("a {before}{form}, {before}{form}");
                assert_eq!(known.mask(&text), format!("a {before}{MASK}, {before}{MASK}"), "{text}");
                for size in [1, 2, 3, 5] {
                    let mut stream = MaskStream::new(known.clone());
                    let pieces = text.as_bytes().chunks(size).map(|piece| stream.push(std::str::from_utf8(piece).unwrap()));
                    let shown: String = pieces.collect();
                    assert_eq!(shown + &stream.finish(), known.mask(&text), "{text} in pieces of {size}");
                }
            }
        }
    }
}

#[test]
fn pieces_are_masked_and_the_rest_streams() {
    for (name, form) in encoded() {
        let text = format!("Your key é is {form}, and this text goes on.");
        let whole = known().mask(&text);
        let letters: Vec<char> = text.chars().collect();
        for size in [1, 2, 3, 5, 7, 11, 64] {
            let mut stream = MaskStream::new(known());
            let mut shown = String::new();
            for piece in letters.chunks(size) {
                shown.push_str(&stream.push(&piece.iter().collect::<String>()));
            }
            shown.push_str(&stream.finish());
            assert_eq!(shown, whole, "{name} in pieces of {size}");
        }
    }
    // Only what may begin a secret is held back.
    let mut stream = MaskStream::new(known());
    assert_eq!(stream.push("Hello, "), "Hello, ");
    assert_eq!(stream.push("this is"), "this i");
    assert_eq!(stream.push(" a sk-li"), "s a ");
    assert_eq!(stream.push("st & more"), "sk-list ");
    assert_eq!(stream.push(" 100 %"), "& more 100 ");
    assert_eq!(stream.push(" of"), "% of");
    assert_eq!(stream.push(" sk-Li"), " ");
    assert_eq!(stream.finish(), "sk-Li");
    assert_eq!(MaskStream::default().push("sk-Li"), "sk-Li", "nothing is held without secrets");
}

#[test]
fn a_long_run_of_ignored_characters_ends_a_secret() {
    for blank in [" ", "\n", "\\n", "%20", "&nbsp;", "\u{200b}"] {
        for size in [1, 7, 1000] {
            let mut stream = MaskStream::new(known());
            let mut shown = stream.push("sk");
            for _ in 0..1000 / size {
                shown.push_str(&stream.push(&blank.repeat(size)));
                assert!(stream.held.len() < 128, "{blank:?}: {} bytes are held", stream.held.len());
            }
            shown.push_str(&stream.finish());
            assert_eq!(shown, format!("sk{}", blank.repeat(1000 / size * size)));
        }
        let (start, end) = KEY.split_at(5);
        assert_eq!(known().mask(&format!("{start}{}{end}", blank.repeat(MAX_IGNORED_RUN))), MASK, "{blank:?}");
        let apart = format!("{start}{}{end}", blank.repeat(MAX_IGNORED_RUN + 1));
        assert_eq!(known().mask(&apart), apart, "{blank:?}");
        assert_eq!(known().mask(&format!("s{}{KEY}", blank.repeat(100))), format!("s{}{MASK}", blank.repeat(100)), "{blank:?}");
    }
    let mut stream = MaskStream::new(known());
    stream.push("sk");
    stream.push(&" ".repeat(100));
    assert!(stream.held.len() < 32, "{} bytes are held", stream.held.len());
}

#[test]
fn characters_that_are_not_ascii_do_not_hide_a_secret() {
    let (start, end) = KEY.split_at(5);
    for separator in ["\u{fe0f}", "\u{301}", "\u{2800}", "é", "·", "你", "\0", "&shy;", "&#xfe0f;", "\\u2800", "\u{fe0f}\u{fe0f}\u{fe0f}"]
    {
        assert_eq!(known().mask(&format!("{start}{separator}{end}")), MASK, "{separator:?}");
        let all: String = KEY.chars().map(|letter| format!("{letter}{separator}")).collect();
        assert!(known().mask(&all).starts_with(MASK), "{separator:?}: {}", known().mask(&all));
    }
}

#[test]
fn encoded_secrets_in_utf_16() {
    let is_escaped = |name: &str| ["plain", "\\u", "percent", "decimal references", "hexadecimal references"].contains(&name);
    for (name, form) in encoded().into_iter().filter(|(name, _)| is_escaped(name)) {
        for nul in ["\0", " ", "\u{fffd}"] {
            let wide: String = form.chars().map(|letter| format!("{letter}{nul}")).collect();
            assert_eq!(known().mask(&format!("a: {wide}!")), format!("a: {MASK}{nul}!"), "{name}");
        }
    }
}

#[test]
fn a_secret_that_begins_another_is_masked_with_it() {
    let known = KnownSecrets::new(["sk-0123456789", "sk-0123456789-abcdef"]);
    assert_eq!(known.mask("a sk-0123456789-abcdef b sk-0123456789 c"), "a **** b **** c");
    let mut stream = MaskStream::new(known.clone());
    let shown: String = ["sk-0123", "456789", "-abc", "def", "."].iter().map(|piece| stream.push(piece)).collect();
    assert_eq!(shown + &stream.finish(), "****.");
    // Two secrets that overlap.
    let known = KnownSecrets::new(["abc-012345", "345-xyzxyz"]);
    assert_eq!(known.mask("<abc-012345-xyzxyz>"), "<****>");
}

#[test]
fn a_cut_secret_is_masked_at_the_end() {
    assert_eq!(known().mask(&format!("key {}", &KEY[..16])), "key ****");
    assert_eq!(known().mask(&format!("key {}", &KEY[..6])), "key sk-Li/");
}

#[test]
fn placeholders_are_not_masked() {
    for value in ["t", "ollama", "us-east", "no-key", "lm-studio", "us-east-"] {
        assert!(KnownSecrets::new([value]).is_empty(), "{value}");
    }
    for value in ["hunter22", "a1b2c3d4", "correct horse battery"] {
        assert_eq!(KnownSecrets::new([value]).mask(&format!("<{value}>")), "<****>");
    }
    assert_eq!(known().mask("a sky-live line, 100%, R&D, &amp; \\n 50 %2"), "a sky-live line, 100%, R&D, &amp; \\n 50 %2");
}

#[test]
fn the_search_of_a_long_text_uses_pieces() {
    for fill in ["x", "&", "%", "\\", "sk-", "é"] {
        let text = format!("{}{KEY}{}", fill.repeat(PIECE_BYTES - 5), fill.repeat(100_000));
        assert_eq!(known().mask(&text).matches(MASK).count(), 1, "{fill}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let mut stream = MaskStream::new(known());
    stream.push("sk-Li");
    let _ = stream.push("/ve");
    let text = format!("{stream:?} {:?}", known());
    assert!(!text.to_lowercase().contains("sk-li") && !text.contains("115"), "{text}");
}
