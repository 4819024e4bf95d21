//! Masks a known key in any text, and everything that looks like a key.
//!
//! No form of the key is in the masked text, wherever it was inserted. Masking keeps the length and the lines of a text, and masking again changes
//! nothing. What is certainly a secret is masked by every function.

use super::split_text;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use modeldex_client::http::redact_url;
use modeldex_client::secret::{Secret, percent_encode};
use modeldex_support::secret::{Secrets, find_certain, mask, mask_around, mask_certain};

/// The inserted key. It has characters that are encoded in URLs and in JSON, and its length is a multiple of three.
const KEY: &str = "fz-Key/\"with\\odd+chars=0";

pub(crate) fn run(input: &[u8]) {
    let Some((selector, text)) = split_text(input) else { return };
    let forms = [
        KEY.to_owned(),
        KEY.to_uppercase(),
        percent_encode(KEY),
        percent_encode(KEY).to_lowercase(),
        KEY.replace('\\', "\\\\").replace('"', "\\\""),
        STANDARD.encode(KEY),
        URL_SAFE.encode(KEY),
    ];
    let form = &forms[selector % forms.len()];
    let (secret, _) = Secret::parse(KEY).expect("the key is valid");
    let mut at = (selector / 8).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let with_key = format!("{}{form}{}", &text[..at], &text[at..]);
    let redacted = secret.redact(&with_key);
    for form in &forms {
        assert!(!redacted.to_lowercase().contains(&form.to_lowercase()), "{redacted}");
    }
    let visible = 0..at.min(4);
    for masked in [mask(&text), mask_certain(&text), mask_around(&text, std::slice::from_ref(&visible)), Secrets::scan(&text).mask(&text)] {
        assert_eq!(masked.lines().count(), text.lines().count());
        for range in find_certain(&text) {
            assert!(masked.get(range.clone()).is_some_and(|part| part.chars().all(|letter| "*\r\n".contains(letter))), "{masked}");
        }
    }
    assert_eq!(mask_certain(&text).len(), text.len());
    assert_eq!(mask(&text).len(), text.len());
    let url = redact_url(&text);
    assert!(!url.contains(['?', '#']) && url.chars().count() <= 204, "{url}");
}
