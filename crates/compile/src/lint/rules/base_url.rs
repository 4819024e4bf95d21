use super::common::*;
use crate::authored::routing::variables_in;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Stands for the value of a variable while a URL is judged; no URL holds this character.
const FILLED: char = '\u{1}';

/// What is wrong with a URL and what to do. Neither ever quotes the whole URL: there may be a password in it.
struct Fault {
    message: String,
    help: &'static str,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.shaped.providers {
        for (index, endpoint) in doc.value.endpoints.iter().enumerate() {
            if let Err(fault) = judge(&endpoint.base_url) {
                let place = doc.at(pointer!("endpoints", index, "base_url"));
                findings.add(&codes::BASE_URL, place, fault.message).help(fault.help);
            }
        }
    }
}

/// Whether a text is a base URL that no check reports.
#[must_use]
pub fn is_base_url(text: &str) -> bool {
    judge(text).is_ok()
}

/// The names of the variables in a URL; those that are not well written are left out.
pub(super) fn variables(url: &str) -> impl Iterator<Item = &str> {
    variables_in(url).filter(|name| is_name(name))
}

/// Judges a URL by hand, as far as a base URL goes. The `url` crate would mend what it is given (a backslash, a missing slash, a space at
/// the end) where a catalog should refuse it, knows nothing of variables, and brings tables of Unicode hosts that no base URL has.
fn judge(url: &str) -> Result<(), Fault> {
    let fault = |message: &str, help: &'static str| Err(Fault { message: message.to_owned(), help });
    if url.is_empty() {
        return fault("the base URL is empty", "write an absolute URL such as `https://api.example.com/v1`");
    }
    if url.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return fault("there is a space in the base URL", "remove it");
    }
    let filled = fill(url)?;
    let Some((scheme, rest)) = filled.split_once("://") else {
        return fault("the base URL is not absolute", "begin it with `https://` and a host");
    };
    if scheme != "https" && scheme != "http" {
        return fault("the base URL is neither https nor http", "begin it with `https://`");
    }
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if authority.contains('@') {
        return fault("there are credentials in the base URL", "remove everything up to `@`, and name an environment variable in `auth`");
    }
    if rest.contains('?') {
        return fault("the base URL has a query", "remove everything from `?`: paths are appended to the base URL");
    }
    if rest.contains('#') {
        return fault("the base URL has a fragment", "remove everything from `#`: paths are appended to the base URL");
    }
    let strange = |letter: char| letter != FILLED && (!letter.is_ascii() || "\\\"<>^`|".contains(letter));
    if let Some(letter) = rest.chars().find(|letter| strange(*letter)) {
        return Err(Fault {
            message: format!("`{letter}` cannot stand in a URL"),
            help: "write it as percent-encoded bytes; a host as Punycode",
        });
    }
    let loopback = judge_authority(authority)?;
    if scheme == "http" && !loopback {
        return fault("the base URL is not encrypted, and keys are sent to it", "make it `https://`; `http://` is for this machine alone");
    }
    Ok(())
}

/// The URL with each variable replaced by a character that stands for its value.
fn fill(url: &str) -> Result<String, Fault> {
    const HELP: &str = "a variable is written `${NAME}`: capital letters, digits and `_`";
    let mut filled = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.find(['$', '{', '}']) {
        filled.push_str(&rest[..at]);
        let Some(inside) = rest[at..].strip_prefix("${") else {
            return Err(Fault { message: format!("the `{}` in the base URL begins no variable", &rest[at..=at]), help: HELP });
        };
        let Some((name, after)) = inside.split_once('}') else {
            return Err(Fault { message: "a `${` in the base URL is not closed".to_owned(), help: HELP });
        };
        if name.is_empty() {
            return Err(Fault { message: "a variable in the base URL has no name".to_owned(), help: HELP });
        }
        if !is_name(name) {
            return Err(Fault {
                message: "a variable in the base URL has a name that is not an environment variable's".to_owned(),
                help: HELP,
            });
        }
        filled.push(FILLED);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    name.bytes().next().is_some_and(letter) && name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit())
}

/// Whether host and port are those of this machine, if they are any.
fn judge_authority(authority: &str) -> Result<bool, Fault> {
    let fault = |message: &str, help: &'static str| Err(Fault { message: message.to_owned(), help });
    let (host, port) = match authority.strip_prefix('[').map(|inside| inside.split_once(']')) {
        Some(Some((host, after))) => {
            let Ok(address) = host.parse::<Ipv6Addr>() else {
                return fault("the host between `[` and `]` is no IPv6 address", "write a name, or an address such as `[::1]`");
            };
            judge_port(after.strip_prefix(':'), after)?;
            return Ok(address.is_loopback());
        }
        Some(None) => return fault("a `[` in the base URL is not closed", "write an IPv6 address as `[::1]`"),
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    judge_port(port, "")?;
    if host.is_empty() {
        return fault("the base URL names no host", "write an absolute URL such as `https://api.example.com/v1`");
    }
    if host.split('.').next_back().is_some_and(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit())) {
        return match host.parse::<Ipv4Addr>() {
            Ok(address) => Ok(address.is_loopback()),
            Err(_) => fault("the host is no IPv4 address", "write four numbers from 0 to 255, or a name"),
        };
    }
    let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | FILLED);
    let label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(legal)
    };
    if host.len() > 253 || !host.split('.').all(label) {
        return fault("the host of the base URL is not a host name", "a host is letters, digits and `-`, with single dots between them");
    }
    Ok(host == "localhost")
}

fn judge_port(port: Option<&str>, after: &str) -> Result<(), Fault> {
    let good = match port {
        None => after.is_empty(),
        Some(port) if port.chars().eq([FILLED]) => true,
        Some(port) => port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0),
    };
    if good {
        Ok(())
    } else {
        Err(Fault { message: "the port of the base URL is not one".to_owned(), help: "a port is a number from 1 to 65535" })
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::testing::{ACME, check, check_acme};

    #[test]
    fn base_urls_that_are_right() {
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
        ] {
            assert!(judge(url).is_ok(), "{url}: {}", judge(url).err().map(|fault| fault.message).unwrap_or_default());
        }
    }

    #[test]
    fn base_urls_that_are_wrong() {
        for (url, why) in [
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
            ("http://api.acme.example", "not encrypted"),
            ("http://${HOST}/v1", "not encrypted"),
            ("http://128.0.0.1/v1", "not encrypted"),
            ("http://localhost.acme.example", "not encrypted"),
            ("http://127.0.0.1.acme.example", "not encrypted"),
            ("http://[::2]/", "not encrypted"),
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
            ("https://[::1/", "not closed"),
            ("https://[acme]/", "IPv6"),
            ("https://[::1]x/", "port"),
            ("https://api.acme.example:/v1", "port"),
            ("https://api.acme.example:0", "port"),
            ("https://api.acme.example:65536", "port"),
            ("https://api.acme.example:1${PORT}", "port"),
            ("https://${HOST/v1", "not closed"),
            ("https://${}/v1", "no name"),
            ("https://${host}/v1", "not an environment variable's"),
            ("https://{HOST}/v1", "begins no variable"),
            ("https://$HOST/v1", "begins no variable"),
            ("https://${HOST}}/v1", "begins no variable"),
        ] {
            let message = judge(url).err().map(|fault| fault.message).unwrap_or_default();
            assert!(message.contains(why), "{url}: {message}");
            assert!(!message.contains("word"), "{url}");
        }
    }

    #[test]
    fn it_is_found_where_it_stands() {
        let text = ACME.replace("https://api.acme.example/v1", "http://api.acme.example/v1");
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["base-url providers/acme.yaml:4:15"]);
        assert!(check_acme("").is_empty());
    }
}
