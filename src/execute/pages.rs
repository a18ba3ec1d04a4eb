//! Reads listings over all pages.

use super::{ExecuteError, FunctionSession};
use crate::api::actions::{
    Action, FunctionVersionItem, ListVersionByFunction, ListVersionByFunctionReply,
};
use crate::api::{ApiError, FieldProblem};

/// Page size of listings. A service that refuses it is asked for smaller pages.
pub(super) const PAGE: i64 = 100;

/// Listings with more pages than this are endless: the service repeats itself.
const MOST_PAGES: usize = 1000;

/// Default page size of the API, which every service accepts.
const SMALL_PAGE: i64 = 20;

/// Reads a listing to its end, which is where the total says so, or an empty page.
///
/// `request` makes the call for an offset and a page size. `take` extracts the items of a reply and
/// the total, if the reply has one.
pub(super) async fn read<A: Action + Sync, T>(
    session: &FunctionSession<'_>,
    request: impl Fn(i64, i64) -> A,
    take: impl Fn(A::Reply) -> (Vec<T>, Option<i64>),
) -> Result<Vec<T>, ExecuteError> {
    let take = |reply| {
        let (items, total) = take(reply);
        Ok((items, total))
    };
    read_if(session, true, request, take).await
}

/// All versions over all pages. With `by_total` the total may say where they end; without, only an
/// empty page does.
pub(super) async fn versions(
    session: &FunctionSession<'_>,
    by_total: bool,
) -> Result<Vec<FunctionVersionItem>, ExecuteError> {
    let function = || session.function_ref();
    let request = |offset, limit| ListVersionByFunction { function: function(), offset, limit };
    read_if(session, by_total, request, items).await
}

/// The versions of a page, and how many there are over all pages.
pub(super) fn items(
    reply: ListVersionByFunctionReply,
) -> Result<(Vec<FunctionVersionItem>, Option<i64>), ApiError> {
    let total = reply.total_count;
    let missing = || ApiError::Reply {
        action: ListVersionByFunction::NAME,
        field: "Versions".to_owned(),
        reason: FieldProblem::Json("missing field `Versions`".to_owned()),
        request_id: String::new(),
    };
    Ok((reply.into_items().ok_or_else(missing)?, total))
}

async fn read_if<A: Action + Sync, T>(
    session: &FunctionSession<'_>,
    by_total: bool,
    request: impl Fn(i64, i64) -> A,
    take: impl Fn(A::Reply) -> Result<(Vec<T>, Option<i64>), ApiError>,
) -> Result<Vec<T>, ExecuteError> {
    let mut items = Vec::new();
    let mut limit = PAGE;
    // What the service puts on a page, as far as is known: its own limit may be a smaller one.
    let mut full = None;
    for _ in 0..MOST_PAGES {
        let offset = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let reply = match session.read(&request(offset, limit)).await {
            // The reference specifies neither the largest page nor the error code for a larger one.
            Err(ExecuteError::Api(ApiError::Api { code, .. }))
                if limit > SMALL_PAGE && code.starts_with("InvalidParameter") =>
            {
                limit = SMALL_PAGE;
                continue;
            }
            reply => reply?,
        };
        let (page, total) = take(reply)?;
        let received = i64::try_from(page.len()).unwrap_or(i64::MAX);
        items.extend(page);
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        // Behind a full page there may be more than the total says, which may lag behind.
        let is_full = received >= full.unwrap_or(limit);
        full = full.or(Some(received));
        let is_last = by_total && !is_full && total.is_some_and(|total| count >= total);
        if received == 0 || is_last {
            return Ok(items);
        }
    }
    Err(ExecuteError::Endless(A::NAME))
}
