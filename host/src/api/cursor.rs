//! Lists in parts: a cursor says where the next part begins.
//!
//! A cursor is the place of the last item that was shown, not a count: what is added or goes
//! meanwhile neither shifts the next part nor repeats one. It is bound to the tenant, the list and
//! the filter, so that one from elsewhere is refused instead of quietly leaving things out. It
//! carries no authority: whoever forges one sees what they may see anyway.

use super::caller::Caller;
use super::problem::Problem;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::ops::Bound;

/// LIMIT: items of one part.
pub const PART_MAX: usize = 1_000;
/// Items of one part, where nobody says.
pub const PART: usize = 100;
/// LIMIT: a cursor's own length; a place is an id or two numbers and an id.
const CURSOR_BYTES_MAX: usize = 4_096;

/// One part of a list: how much, and after which place.
pub struct Part<P> {
    scope: String,
    /// The last item that was shown already.
    pub after: Option<P>,
    /// How many to show.
    pub limit: usize,
}

impl<P: Serialize + DeserializeOwned> Part<P> {
    /// What was asked for. `filter` is everything that narrows the list.
    ///
    /// # Errors
    /// CS-api-15: the cursor is none of this list, filter and tenant.
    pub fn of(
        caller: &Caller,
        list: &str,
        filter: &[Option<&str>],
        limit: Option<u32>,
        cursor: Option<&str>,
    ) -> Result<Self, Problem> {
        let tenant = caller.desk.tenant().as_str();
        let scope = serde_json::to_string(&(tenant, list, filter)).unwrap_or_default();
        let scope = crate::model::Digest::of(scope.as_bytes())
            .short()
            .to_owned();
        let after = cursor.map(|it| read(&scope, it).ok_or_else(foreign));
        let limit = limit.map_or(PART, |it| usize::try_from(it).unwrap_or(PART_MAX));
        Ok(Self {
            scope,
            after: after.transpose()?,
            limit: limit.clamp(1, PART_MAX),
        })
    }

    /// The part and the cursor for the next, from what comes after the place, in order. No more
    /// is looked at than it takes.
    pub fn fill<'a, T: 'a, R>(
        &self,
        items: impl Iterator<Item = &'a T>,
        place: impl Fn(&T) -> P,
        show: impl Fn(&T) -> R,
    ) -> (Vec<R>, Option<String>) {
        let (mut shown, mut last) = (Vec::new(), None);
        for item in items {
            if shown.len() == self.limit {
                return (shown, last.map(|it| self.cursor(&it)));
            }
            shown.push(show(item));
            last = Some(place(item));
        }
        (shown, None)
    }

    /// The cursor for what comes after a place.
    pub fn cursor(&self, place: &P) -> String {
        let place = serde_json::to_string(place).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(format!("{}{place}", self.scope))
    }
}

fn read<P: DeserializeOwned>(scope: &str, cursor: &str) -> Option<P> {
    if cursor.len() > CURSOR_BYTES_MAX {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let place = std::str::from_utf8(&bytes).ok()?.strip_prefix(scope)?;
    serde_json::from_str(place).ok()
}

fn foreign() -> Problem {
    let text = "the cursor is not one of this list with this filter; begin again without it";
    Problem::new(StatusCode::BAD_REQUEST, "CS-api-15", text)
}

/// What comes after a key, in order.
pub fn beyond<'a, K: Ord, V>(
    map: &'a BTreeMap<K, V>,
    after: Option<&K>,
) -> impl Iterator<Item = &'a V> {
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    map.range((from, Bound::Unbounded)).map(|(_, it)| it)
}

/// What comes before a key, from it downwards.
pub fn before<'a, K: Ord, V>(
    map: &'a BTreeMap<K, V>,
    end: Option<&K>,
) -> impl Iterator<Item = &'a V> {
    let to = end.map_or(Bound::Unbounded, Bound::Excluded);
    map.range((Bound::Unbounded, to)).rev().map(|(_, it)| it)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn part(scope: &str, after: Option<u32>) -> Part<u32> {
        Part {
            scope: scope.to_owned(),
            after,
            limit: 3,
        }
    }

    /// Every item, part by part, with one more and one less after each part.
    fn all(map: &mut BTreeMap<u32, u32>) -> Vec<u32> {
        let (mut seen, mut after, mut more) = (Vec::new(), None, 1);
        loop {
            let part = part("scope", after);
            let items = beyond(map, part.after.as_ref());
            let (shown, next) = part.fill(items, |it| *it, |it| *it);
            seen.extend(shown);
            let Some(next) = next else { return seen };
            after = read("scope", &next);
            assert!(after.is_some(), "{next}");
            map.insert(more, more);
            more += 2;
            map.remove(&40);
        }
    }

    #[test]
    fn what_is_added_and_goes_meanwhile_shifts_nothing() {
        let mut map: BTreeMap<u32, u32> = (10..50).step_by(2).map(|it| (it, it)).collect();
        let seen = all(&mut map);
        let mut once = seen.clone();
        once.dedup();
        assert_eq!(seen, once);
        let stayed = (10..50).step_by(2).filter(|it| *it != 40);
        assert!(stayed.into_iter().all(|it| seen.contains(&it)), "{seen:?}");
    }

    #[test]
    fn a_whole_last_part_has_no_next() {
        let map: BTreeMap<u32, u32> = (0..3).map(|it| (it, it)).collect();
        let (shown, next) = part("s", None).fill(beyond(&map, None), |it| *it, |it| *it);
        assert_eq!((shown.len(), next), (3, None));
        let down: Vec<u32> = before(&map, Some(&2)).copied().collect();
        assert_eq!(down, [1, 0]);
    }

    #[test]
    fn a_cursor_of_another_list_is_none() {
        let cursor = part("one", None).cursor(&7);
        assert_eq!(read::<u32>("one", &cursor), Some(7));
        for (scope, text) in [
            ("two", cursor.as_str()),
            ("one", "!"),
            ("one", ""),
            ("one", "b25lIjEi"),
            ("one", &"A".repeat(CURSOR_BYTES_MAX + 1)),
        ] {
            assert_eq!(read::<u32>(scope, text), None, "{scope} {text}");
        }
    }
}
