//! Pages of lists.

use serde_json::Value;

use super::super::behaviour::{OverLimit, PageLimit};
use super::super::error::Refusal;
use super::request::Request;

/// The part of a list that was asked for, and the size of the whole.
pub(super) fn page<T>(request: &Request, items: Vec<T>) -> Result<(Vec<T>, Value), Refusal> {
    let behaviour = request.context.behaviour;
    let largest = match behaviour.page_limit {
        PageLimit::Hundred => 100,
        PageLimit::Twenty => 20,
        PageLimit::Three => 3,
    };
    let offset = number(request, "Offset")?.unwrap_or(0);
    let limit = number(request, "Limit")?.unwrap_or(20.min(largest));
    if limit > largest && behaviour.over_limit == OverLimit::Refuse {
        return Err(request.refuse(
            &["InvalidParameterValue.Limit", "InvalidParameterValue"],
            format!("Limit is {limit}, over the largest page of {largest}."),
        ));
    }
    let total = Value::from(items.len());
    let page = items.into_iter().skip(offset).take(limit.min(largest)).collect();
    Ok((page, total))
}

/// A paging field: text for `ListAliases`, else an integer.
fn number(request: &Request, name: &str) -> Result<Option<usize>, Refusal> {
    let wrong = || {
        request.refuse(
            &[&format!("InvalidParameterValue.{name}"), "InvalidParameterValue"],
            format!("{name} is not a whole number from 0."),
        )
    };
    let number = match request.value(name) {
        None => return Ok(None),
        Some(Value::String(text)) => text.parse().map_err(|_| wrong())?,
        Some(other) => other.as_u64().ok_or_else(wrong)?,
    };
    usize::try_from(number).map(Some).map_err(|_| wrong())
}

/// Whether the list is to run upwards; `Order` must be `ASC` or `DESC`.
pub(super) fn ascending(request: &Request, default: bool) -> Result<bool, Refusal> {
    match request.text("Order") {
        None | Some("") => Ok(default),
        Some("ASC") => Ok(true),
        Some("DESC") => Ok(false),
        Some(other) => Err(request.refuse(
            &["InvalidParameterValue.Order", "InvalidParameterValue"],
            format!("Order is ASC or DESC, not `{other}`."),
        )),
    }
}

/// The field to order by, one of those allowed; the first is the default.
pub(super) fn order_by<'a>(
    request: &Request,
    parameter: &str,
    allowed: &[&'a str],
) -> Result<&'a str, Refusal> {
    let first = allowed.first().copied().unwrap_or_default();
    match request.text(parameter) {
        None | Some("") => Ok(first),
        Some(text) => allowed.iter().find(|field| **field == text).copied().ok_or_else(|| {
            request.refuse(
                &[
                    &format!("InvalidParameterValue.{parameter}"),
                    "InvalidParameterValue.Order",
                    "InvalidParameterValue",
                ],
                format!("{parameter} is one of {}, not `{text}`.", allowed.join(", ")),
            )
        }),
    }
}
