//! Vendors write RFC 3339, the contract wants milliseconds. A source needs no more of a calendar.

/// Milliseconds since 1970 of `2022-03-11T12:44:18.331000Z`; any offset. `None` if it is not one.
pub fn milliseconds(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let separators = [4, 7, 10, 13, 16].map(|at| text.as_bytes()[at]);
    if !matches!(&separators, [b'-', b'-', b'T' | b't' | b' ', b':', b':'])
        || !(1..=12).contains(&month)
    {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut millis = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        millis = format!("{:0<3.3}", &fraction[..digits]).parse().ok()?;
        rest = &fraction[digits..];
    }
    let offset = match rest.as_bytes() {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let minutes =
                rest.get(1..3)?.parse::<i64>().ok()? * 60 + rest.get(4..6)?.parse::<i64>().ok()?;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    // Days from the civil calendar, counted from March so that the leap day comes last.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    let seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second;
    u64::try_from(seconds * 1000 + millis).ok()
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn times_are_read_to_the_millisecond_and_nonsense_is_not_a_time() {
        assert_eq!(milliseconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(
            milliseconds("2022-03-11T12:44:18.331000Z"),
            Some(1_647_002_658_331)
        );
        assert_eq!(
            milliseconds("2024-02-29T23:59:59.9+02:00"),
            Some(1_709_243_999_900)
        );
        for bad in [
            "",
            "2022-03-11",
            "2022-13-11T00:00:00Z",
            "2022-03-11T12:44:18",
            "2022-03-11T12:44:18.Zé",
            "é022-03-11T12:44:18Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(milliseconds(bad), None, "{bad}");
        }
    }
}
