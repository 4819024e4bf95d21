//! Content negotiation: selects the encoding of a response by `Accept-Encoding`, and HTML or JSON by `Accept`.

/// Content encoding of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// No encoding.
    Identity,
    /// gzip.
    Gzip,
}

/// Quality value (`q` in a header) in thousandths, because RFC 9110 allows three decimals.
type Quality = u16;

impl Encoding {
    /// Selects the encoding that has the highest quality in `Accept-Encoding`. If the qualities are equal, selects gzip. Returns `None` if the
    /// client accepts neither gzip nor a body without encoding.
    pub(crate) fn negotiate(accept_encoding: Option<&[u8]>) -> Option<Self> {
        let Some(header) = accept_encoding.and_then(|header| std::str::from_utf8(header).ok()) else { return Some(Self::Identity) };
        let (mut gzip, mut identity, mut any) = (None, None, None);
        for (name, quality) in weighted_items(header) {
            match name {
                _ if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => gzip = Some(quality),
                _ if name.eq_ignore_ascii_case("identity") => identity = Some(quality),
                "*" => any = Some(quality),
                _ => {}
            }
        }
        // If the header states no quality for identity, a body without encoding is acceptable, but has the lowest quality.
        let identity = identity.or(any.filter(|quality| *quality == 0)).unwrap_or(1);
        match gzip.or(any).unwrap_or(0) {
            0 if identity == 0 => None,
            gzip if gzip >= identity => Some(Self::Gzip),
            _ => Some(Self::Identity),
        }
    }
}

/// Returns whether the header `Accept` prefers HTML to JSON, as the header of a browser does.
pub(crate) fn prefers_html(accept: Option<&[u8]>) -> bool {
    let Some(header) = accept.and_then(|header| std::str::from_utf8(header).ok()) else { return false };
    let quality =
        |media_type: &str| weighted_items(header).find(|(name, _)| name.eq_ignore_ascii_case(media_type)).map(|(_, quality)| quality);
    quality("text/html").is_some_and(|html| html > 0 && quality("application/json").is_none_or(|json| json < html))
}

/// Returns the items of a header such as `Accept` with their qualities. An item with an invalid quality has quality 0, which means not acceptable.
fn weighted_items(header: &str) -> impl Iterator<Item = (&str, Quality)> {
    header.split(',').filter_map(|item| {
        let mut parts = item.split(';').map(|part| part.trim_matches([' ', '\t']));
        let name = parts.next().filter(|name| !name.is_empty())?;
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((name, quality.map_or(1_000, |text| parse_quality(text).unwrap_or(0))))
    })
}

/// Parses a quality value, such as `0.5`. Returns `None` if the text is not between 0 and 1 with at most three decimals.
fn parse_quality(text: &str) -> Option<Quality> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = decimals.bytes().chain(std::iter::repeat(b'0')).take(3).fold(0, |sum, digit| sum * 10 + Quality::from(digit - b'0'));
    match (whole, part) {
        ("0", part) => Some(part),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_with_the_highest_quality_is_selected() {
        use Encoding::{Gzip, Identity};
        for (header, expected) in [
            ("", Some(Identity)),
            ("gzip", Some(Gzip)),
            ("GZip", Some(Gzip)),
            ("x-gzip", Some(Gzip)),
            ("gzip, deflate, br", Some(Gzip)),
            ("gzip, deflate, br, zstd", Some(Gzip)),
            ("zstd", Some(Identity)),
            ("gzip;q=0", Some(Identity)),
            ("gzip;q=0.000", Some(Identity)),
            ("gzip;q=0.001", Some(Gzip)),
            ("gzip;q=0, *", Some(Identity)),
            ("*", Some(Gzip)),
            ("*;q=0", None),
            ("*;q=0, gzip", Some(Gzip)),
            ("identity;q=0", None),
            ("identity;q=0, gzip;q=0.1", Some(Gzip)),
            ("identity, *;q=0", Some(Identity)),
            ("identity;q=1, gzip;q=0.5", Some(Identity)),
            ("gzip ; q=0.5 , identity ; q=0.4", Some(Gzip)),
            ("gzip;q=7", Some(Identity)),
            ("gzip;q=0.1234", Some(Identity)),
            ("gzip;q=", Some(Identity)),
            ("br", Some(Identity)),
            (",,gzip,,", Some(Gzip)),
        ] {
            assert_eq!(Encoding::negotiate(Some(header.as_bytes())), expected, "{header:?}");
        }
        assert_eq!(Encoding::negotiate(None), Some(Identity));
        assert_eq!(Encoding::negotiate(Some(b"\xff\xfe")), Some(Identity));
    }

    #[test]
    fn browsers_get_html() {
        assert!(prefers_html(Some(b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")));
        for accept in [&b"*/*"[..], b"application/json", b"application/json, text/html;q=0.5", b"text/html;q=0"] {
            assert!(!prefers_html(Some(accept)), "{accept:?}");
        }
        assert!(!prefers_html(None));
    }
}
