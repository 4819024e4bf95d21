use super::common::*;
use crate::authored::routing::variables_in;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The character that stands for the value of a variable during validation. No URL contains this character.
const VARIABLE_PLACEHOLDER: char = '\u{1}';

/// Ends of the paths of single requests, which clients append to a base URL. In lower case.
const REQUEST_PATHS: &[&str] = &[
    "/chat/completions",
    "/completions",
    "/responses",
    "/messages",
    "/embeddings",
    "/rerank",
    "/images/generations",
    "/audio/speech",
    "/audio/transcriptions",
    "/models",
    "/api/chat",
    "/api/generate",
];

/// Ends of a host, each with a path below this host that only looks like the path of a request: the model inference API of Azure has the path
/// `/models/chat/completions`.
const NOT_REQUESTS: &[(&str, &str)] = &[(".services.ai.azure.com", "/models")];

/// The message and the help for an invalid base URL. Neither quotes the whole URL, because the URL may contain a password.
#[derive(Debug)]
pub(crate) struct UrlError {
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        for (index, endpoint) in doc.value.endpoints.iter().enumerate() {
            if let Err(error) = validate(&endpoint.base_url) {
                let place = doc.at(pointer!("endpoints", index, "base_url"));
                findings.add(&codes::BASE_URL, place, error.message).help(error.help);
            }
        }
    }
}

/// Returns whether `text` is a valid base URL according to the rule `base-url`, which `modeldex explain base-url` describes.
#[must_use]
pub fn is_valid_base_url(text: &str) -> bool {
    validate(text).is_ok()
}

/// Returns the names of the variables in a URL, except invalid names.
pub(super) fn variables(url: &str) -> impl Iterator<Item = &str> {
    variables_in(url).filter(|name| is_name(name))
}

/// Validates a base URL. The `url` crate is not used for three reasons. It repairs input that a catalog should reject (a backslash, a missing
/// slash, a trailing space). It does not support variables. It adds tables for Unicode hosts, which no base URL has.
pub(crate) fn validate(url: &str) -> Result<(), UrlError> {
    let fault = |message: &str, help: &'static str| Err(UrlError { message: message.to_owned(), help });
    if url.is_empty() {
        return fault("the base URL is empty", "write an absolute URL such as `https://api.example.com/v1`");
    }
    if url.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return fault("the base URL contains a space or control character", "remove the space or control character");
    }
    let filled = replace_variables(url)?;
    let Some((scheme, rest)) = filled.split_once("://") else {
        return fault("the base URL is not absolute", "begin the base URL with `https://` and a host");
    };
    if scheme != "https" && scheme != "http" {
        return fault("the scheme of the base URL is neither https nor http", "begin the base URL with `https://`");
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return fault(
            "the base URL contains credentials",
            "remove the credentials and the `@`; in `auth`, name the environment variable that contains the key",
        );
    }
    if rest.contains('?') {
        return fault(
            "the base URL has a query",
            "remove the query, which begins with `?`: the paths of requests are appended to the base URL",
        );
    }
    if rest.contains('#') {
        return fault(
            "the base URL has a fragment",
            "remove the fragment, which begins with `#`: the paths of requests are appended to the base URL",
        );
    }
    let is_illegal = |letter: char| letter != VARIABLE_PLACEHOLDER && (!letter.is_ascii() || "\\\"<>^`|".contains(letter));
    if let Some(letter) = rest.chars().find(|letter| is_illegal(*letter)) {
        return Err(UrlError {
            message: format!("the base URL contains `{letter}`, which is not allowed in a URL"),
            help: "if the character is in the path, percent-encode it; if it is in the host name, use only ASCII letters, digits and `-`",
        });
    }
    let loopback = validate_authority(authority)?;
    if scheme == "http" && !loopback {
        return fault(
            "the base URL begins with `http://`, so requests and the keys in them would not be encrypted",
            "begin the base URL with `https://`; `http://` is allowed only for loopback addresses",
        );
    }
    if has_dot_segment(path) {
        return fault(
            "the path of the base URL contains a segment `.` or `..`, or an encoded character that can change the path",
            "write the final path, without the segments `.` and `..`, and without encoded characters such as `%2e` and `%2f`",
        );
    }
    let (host, path) = (authority.split(':').next().unwrap_or_default(), path.trim_end_matches('/').to_ascii_lowercase());
    let is_no_request = NOT_REQUESTS.iter().any(|(end, other)| host.ends_with(end) && path == *other);
    if let Some(end) = REQUEST_PATHS.iter().find(|end| path.ends_with(**end)).filter(|_| !is_no_request) {
        return Err(UrlError {
            message: format!("the base URL ends in `{end}`, which is the path of a request"),
            help: "remove this path: clients append the path of each request to the base URL",
        });
    }
    Ok(())
}

/// Returns whether a path has a segment `.` or `..`, or percent-encodes a separator, a dot or a control character.
fn has_dot_segment(path: &str) -> bool {
    let mut encoded = path.split('%').skip(1).map(|rest| rest.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()));
    path.split('/').any(|segment| segment == "." || segment == "..")
        || encoded.any(|byte| byte.is_none_or(|byte| byte.is_ascii_control() || b"./\\".contains(&byte)))
}

/// Returns the URL with each variable replaced by [`VARIABLE_PLACEHOLDER`].
fn replace_variables(url: &str) -> Result<String, UrlError> {
    const HELP: &str = "write a variable as `${NAME}`, with uppercase letters, digits and `_`";
    let mut filled = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.find(['$', '{', '}']) {
        filled.push_str(&rest[..at]);
        let Some(inside) = rest[at..].strip_prefix("${") else {
            let character = &rest[at..=at];
            return Err(UrlError { message: format!("the base URL contains a `{character}` that is not part of a variable"), help: HELP });
        };
        let Some((name, after)) = inside.split_once('}') else {
            return Err(UrlError { message: "the base URL contains `${` without the closing `}`".to_owned(), help: HELP });
        };
        if name.is_empty() {
            return Err(UrlError { message: "a variable in the base URL has no name".to_owned(), help: HELP });
        }
        if !is_name(name) {
            return Err(UrlError { message: "a variable in the base URL has an invalid name".to_owned(), help: HELP });
        }
        filled.push(VARIABLE_PLACEHOLDER);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    name.bytes().next().is_some_and(letter) && name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit())
}

/// Validates the host and port of a base URL, and returns whether the host is a loopback address.
fn validate_authority(authority: &str) -> Result<bool, UrlError> {
    let fault = |message: &str, help: &'static str| Err(UrlError { message: message.to_owned(), help });
    let (host, port) = match authority.strip_prefix('[').map(|inside| inside.split_once(']')) {
        Some(Some((host, after))) => {
            let Ok(address) = host.parse::<Ipv6Addr>() else {
                return fault(
                    "the host between `[` and `]` is not an IPv6 address",
                    "write a host name, or an IPv6 address such as `[::1]`",
                );
            };
            validate_port(after.strip_prefix(':'), after)?;
            let has_ipv4 = address.segments()[..5].iter().all(|part| *part == 0) && address.segments()[..7].iter().any(|part| *part != 0);
            if has_ipv4 {
                return fault(
                    "the host of the base URL is an IPv4 address in the notation of IPv6",
                    "write the IPv4 address, such as `127.0.0.1`",
                );
            }
            return Ok(address.is_loopback());
        }
        Some(None) => {
            return fault("the base URL contains `[` without the closing `]`", "write an IPv6 address in brackets, such as `[::1]`");
        }
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    validate_port(port, "")?;
    if host.is_empty() {
        return fault("the base URL has no host", "write an absolute URL such as `https://api.example.com/v1`");
    }
    // URL parsers of browsers read a host with such an end as an IPv4 address, even `0x7f.1` and `2130706433`.
    let is_number = |label: &str| match label.strip_prefix("0x").or_else(|| label.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()),
    };
    if host.split('.').next_back().is_some_and(is_number) {
        return match host.parse::<Ipv4Addr>() {
            Ok(address) => Ok(address.is_loopback()),
            Err(_) => fault(
                "the host of the base URL is not a valid IPv4 address",
                "write four numbers from 0 to 255, separated by dots, or a host name",
            ),
        };
    }
    let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | VARIABLE_PLACEHOLDER);
    let label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(legal)
    };
    if host.len() > 253 || !host.split('.').all(label) {
        return fault(
            "the host of the base URL is not a valid host name",
            "write a host name of letters, digits, `-` and single dots, such as `api.example.com`",
        );
    }
    if host.split('.').any(|label| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))) {
        return fault(
            "the host of the base URL has a part in Punycode (`xn--`); when a program decodes Punycode, the host can look like another host",
            "write another host name of the service, without a part that begins with `xn--`",
        );
    }
    Ok(host == "localhost")
}

fn validate_port(port: Option<&str>, after: &str) -> Result<(), UrlError> {
    let is_valid = match port {
        None => after.is_empty(),
        Some(port) if port.chars().eq([VARIABLE_PLACEHOLDER]) => true,
        Some(port) => port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0),
    };
    if is_valid {
        Ok(())
    } else {
        Err(UrlError { message: "the port of the base URL is invalid".to_owned(), help: "write a port from 1 to 65535" })
    }
}

#[cfg(test)]
mod tests {
    use super::validate;
    use crate::testing::{ACME, check, check_acme};

    #[test]
    fn valid_base_urls() {
        for url in [
            "https://api.acme.example/v1",
            "https://api.acme.example",
            "https://api.acme.example:8443/v1/",
            "https://bedrock-runtime.${AWS_REGION}.amazonaws.com",
            "https://${HOST}:${PORT}/v1/projects/${PROJECT}/x",
            "https://${LOCATION}-aiplatform.googleapis.com/v1",
            "http://localhost:11434",
            "http://localhost:${PORT}/v1",
            "http://127.0.0.1/v1",
            "http://127.8.9.10:1234",
            "http://[::1]:11434/v1",
            "https://[2001:db8::1]/v1",
            "https://10.0.0.1/v1",
            "https://acme_internal/v1",
            "https://models.acme.example/v1",
            "https://messages/v1",
            "https://acme.services.ai.azure.com/models",
            "https://acme.services.ai.azure.com:443/models/",
        ] {
            assert!(validate(url).is_ok(), "{url}: {}", validate(url).err().map(|error| error.message).unwrap_or_default());
        }
    }

    #[test]
    fn invalid_base_urls() {
        for (url, why) in [
            ("https://api.acme.example/v1/chat/completions", "`/chat/completions`"),
            ("https://api.acme.example/v1/messages/", "`/messages`"),
            ("https://api.acme.example/models", "`/models`"),
            ("https://api.acme.example/v1/Chat/Completions", "`/chat/completions`"),
            ("https://api.acme.example/v1/audio/transcriptions", "`/audio/transcriptions`"),
            ("", "empty"),
            ("api.acme.example/v1", "not absolute"),
            ("/v1", "not absolute"),
            ("${BASE_URL}/v1", "not absolute"),
            ("https:/api.acme.example", "not absolute"),
            ("ftp://api.acme.example", "neither"),
            ("HTTPS://api.acme.example", "neither"),
            ("https://", "no host"),
            ("https:///v1", "no host"),
            ("https://:443/v1", "no host"),
            ("http://api.acme.example", "not be encrypted"),
            ("http://${HOST}/v1", "not be encrypted"),
            ("http://128.0.0.1/v1", "not be encrypted"),
            ("http://localhost.acme.example", "not be encrypted"),
            ("http://127.0.0.1.acme.example", "not be encrypted"),
            ("http://[::2]/", "not be encrypted"),
            ("https://me:word@api.acme.example", "credentials"),
            ("https://me@api.acme.example", "credentials"),
            ("https://${ME}@api.acme.example", "credentials"),
            ("https://api.acme.example/v1?key=1", "query"),
            ("https://api.acme.example?", "query"),
            ("https://api.acme.example/v1#top", "fragment"),
            ("https://api.acme.example/v1 ", "space"),
            ("https://api.acme .example/v1", "space"),
            ("https://api.acme.example\\v1", "`\\`"),
            ("https://ä.example", "`ä`"),
            ("https://api..example", "host name"),
            ("https://-api.example", "host name"),
            ("https://1.2.3.4.5/", "IPv4"),
            ("https://256.1.1.1/", "IPv4"),
            ("https://[::1/", "closing `]`"),
            ("https://[acme]/", "IPv6"),
            ("https://[::1]x/", "port"),
            ("https://api.acme.example:/v1", "port"),
            ("https://api.acme.example:0", "port"),
            ("https://api.acme.example:65536", "port"),
            ("https://api.acme.example:1${PORT}", "port"),
            ("https://${HOST/v1", "closing `}`"),
            ("https://${}/v1", "no name"),
            ("https://${host}/v1", "invalid name"),
            ("https://{HOST}/v1", "not part of a variable"),
            ("https://$HOST/v1", "not part of a variable"),
            ("https://${HOST}}/v1", "not part of a variable"),
        ] {
            let message = validate(url).err().map(|error| error.message).unwrap_or_default();
            assert!(message.contains(why), "{url}: {message}");
            assert!(!message.contains("word"), "{url}");
        }
    }

    #[test]
    fn the_position_is_the_value() {
        let text = ACME.replace("https://api.acme.example/v1", "http://api.acme.example/v1");
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["base-url providers/acme.yaml:4:15"]);
        assert!(check_acme("").is_empty());
    }
}
