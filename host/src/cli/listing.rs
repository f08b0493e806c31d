//! Lists, part by part: the API shows at most a thousand items at once, and says where it goes on.

use super::client::Client;
use super::failure::Failure;
use serde_json::{Value, json};

/// LIMIT: items of one part; the API's own.
const PART_MAX: u32 = 1_000;

/// The list under `name`, at most so many items of it or all: the answer to the first part, with
/// the items of all parts, and `next` where there are more.
///
/// # Errors
/// What the host refused, and what is no list.
pub async fn listing(
    client: &Client,
    path: &[&str],
    filter: &[(&str, String)],
    name: &str,
    most: Option<u32>,
) -> Result<Value, Failure> {
    let mut whole: Option<Value> = None;
    let mut items: Vec<Value> = Vec::new();
    loop {
        let have = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let left = most.map_or(PART_MAX, |most| most.saturating_sub(have));
        let mut query = vec![("limit", left.min(PART_MAX).to_string())];
        query.extend(filter.iter().cloned());
        let next = whole.as_ref().and_then(|it| it.get("next")?.as_str());
        query.extend(next.map(|it| ("cursor", it.to_owned())));
        let part = client.get(path, &query).await?;
        let shown: Vec<Value> = client.list(&part, name)?;
        let (none, next) = (shown.is_empty(), part.get("next").cloned());
        items.extend(shown);
        let fields = whole.get_or_insert(part);
        set(fields, "next", next.clone());
        let enough =
            most.is_some_and(|most| items.len() >= usize::try_from(most).unwrap_or(usize::MAX));
        if enough || next.is_none() || none {
            set(fields, name, Some(json!(items)));
            return Ok(whole.unwrap_or_default());
        }
    }
}

fn set(answer: &mut Value, name: &str, value: Option<Value>) {
    let Some(fields) = answer.as_object_mut() else {
        return;
    };
    match value {
        Some(value) => drop(fields.insert(name.to_owned(), value)),
        None => drop(fields.remove(name)),
    }
}

#[cfg(test)]
mod tests;
