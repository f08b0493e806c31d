//! Vendors write RFC 3339, the contract wants milliseconds. A source needs no more of a calendar,
//! and a date library would be most of its component.

/// Milliseconds since 1970 of `2022-03-11T12:44:18.331000Z`; any offset, `T` or a blank between
/// date and time. `None` if it is not one, or before 1970.
#[must_use]
pub fn milliseconds(text: &str) -> Option<u64> {
    let digits = |from: usize, to: usize| number(text.get(from..to)?);
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    let separators = [4, 7, 10, 13, 16].map(|at| text.as_bytes().get(at).copied());
    let written = matches!(
        separators,
        [
            Some(b'-'),
            Some(b'-'),
            Some(b'T' | b't' | b' '),
            Some(b':'),
            Some(b':')
        ]
    );
    let exists = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    // 60: a leap second, which becomes the first of the next minute.
    if !written || !exists || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (millis, zone) = fraction(text.get(19..)?)?;
    let days = days_since_1970(year, month, day);
    let seconds = ((days * 24 + hour) * 60 + minute - offset_minutes(zone)?) * 60 + second;
    u64::try_from(seconds * 1000 + millis).ok()
}

fn number(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// The milliseconds of `.331000Z`, and the zone behind them.
fn fraction(rest: &str) -> Option<(i64, &str)> {
    let Some(fraction) = rest.strip_prefix('.') else {
        return Some((0, rest));
    };
    let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, zone) = fraction.split_at_checked(count)?;
    Some((number(&format!("{digits:0<3.3}"))?, zone)).filter(|_| count > 0)
}

/// Minutes east of UTC of `Z`, `+02:00`, `+0200`.
fn offset_minutes(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    if minutes.len() != 2 {
        return None;
    }
    Some(sign * (number(hours)? * 60 + number(minutes)?))
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// From the civil calendar, counted from March so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn times_are_read_to_the_millisecond_and_nonsense_is_not_a_time() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2022-03-11T12:44:18.331000Z", 1_647_002_658_331),
            ("2024-02-29T23:59:59.9+02:00", 1_709_243_999_900),
            ("2024-02-29 23:59:59.9+0200", 1_709_243_999_900),
        ] {
            assert_eq!(milliseconds(text), Some(expected), "{text}");
        }
        for bad in [
            "",
            "2022-03-11",
            "2022-13-11T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2022-03-11T24:00:00Z",
            "2022-03-11T12:44:18",
            "2022-03-11T12:44:18.Z",
            "2022-03-11T12:44:18.Zé",
            "2022-03-11T12:44:18++1:00",
            "2022-03-11T12:44:18+1",
            "é022-03-11T12:44:18Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(milliseconds(bad), None, "{bad}");
        }
    }
}
