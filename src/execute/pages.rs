//! Reads listings over all pages.

use super::{ExecuteError, FunctionSession};
use crate::api::ApiError;
use crate::api::actions::Action;

/// Page size of listings. A service that refuses it is asked for smaller pages.
pub(super) const PAGE: i64 = 100;

/// Listings with more pages than this are endless: the service repeats itself.
const MOST_PAGES: usize = 1000;

/// Default page size of the API, which every service accepts.
const SMALL_PAGE: i64 = 20;

/// Reads a listing to its end.
///
/// `request` makes the call for an offset and a page size. `take` extracts the items of a reply and
/// the total, if the reply has one.
pub(super) async fn read<A: Action + Sync, T>(
    session: &FunctionSession<'_>,
    request: impl Fn(i64, i64) -> A,
    take: impl Fn(A::Reply) -> (Vec<T>, Option<i64>),
) -> Result<Vec<T>, ExecuteError> {
    let mut items = Vec::new();
    let mut limit = PAGE;
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
        let (page, total) = take(reply);
        let received = page.len();
        items.extend(page);
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        if received == 0 || total.is_some_and(|total| count >= total) {
            return Ok(items);
        }
    }
    Err(ExecuteError::Endless(A::NAME))
}
