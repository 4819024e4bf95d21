//! Numbers of a query, written as on the command line.

use modeldex_table::Rate;

/// A count of tokens: `262144`, `200k`, `1.5M`.
pub(crate) fn tokens(text: &str) -> Result<u32, String> {
    let (number, unit) = match text.trim().strip_suffix(['k', 'K']) {
        Some(number) => (number, 1_000),
        None => text.trim().strip_suffix(['m', 'M']).map_or((text.trim(), 1), |number| (number, 1_000_000)),
    };
    let micros = Rate::parse(&number.replace('_', "")).map_err(|_| "write it as 262144, 200k or 1M".to_owned())?.micros();
    let scaled = u128::from(micros) * unit;
    let count = u32::try_from(scaled / 1_000_000).map_err(|_| "no model has that many".to_owned())?;
    if scaled % 1_000_000 == 0 { Ok(count) } else { Err("it is not a whole number of tokens".to_owned()) }
}

/// A rate in dollars per million: `0.6`, `$0.60`.
pub(crate) fn rate(text: &str) -> Result<Rate, String> {
    Rate::parse(text.trim().trim_start_matches('$')).map_err(|error| error.to_string())
}

/// How many, or from which on.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "write it as a whole number".to_owned())
}

/// Yes or no; a name alone is yes.
pub(crate) fn flag(text: &str) -> Result<bool, String> {
    match text {
        "" | "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("write it as true or false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_command_line_reads_them() {
        for (text, count) in [("200k", 200_000), ("1M", 1_000_000), ("1.5m", 1_500_000), ("262144", 262_144), ("262_144", 262_144)] {
            assert_eq!(tokens(text), Ok(count), "{text}");
        }
        for text in ["", "k", "-1", "1.5", "abc", "1e30", "99999M"] {
            assert!(tokens(text).is_err(), "{text}");
        }
        assert_eq!(rate("$0.60").unwrap().micros(), 600_000);
        assert!(rate("cheap").is_err());
    }
}
