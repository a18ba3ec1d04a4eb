//! Detects that the previous version has the same content as the one just published.

use super::Published;
use super::published::Twin;
use crate::execute::{FunctionSession, Progress, alias, code, function, wire};
use crate::model::{Alias, Version};
use crate::plan::ObservedFunction;
use crate::plan::publish;

/// Reports that a version is left over: an earlier run with the same intent may have been killed
/// before it could use it.
///
/// `written` is the alias that this run has written since.
pub(in crate::execute) fn tell_of_twin(
    session: &FunctionSession<'_>,
    published: &Published,
    written: Option<&Alias>,
) {
    if let Some(twin) = &published.twin
        && publish::is_unused(twin.version, &twin.aliases, written)
    {
        session
            .progress(Progress::LeftOver { version: twin.version, published: published.version });
    }
}

/// Returns the newest version if it has the content of `$LATEST`, with the current aliases.
pub(super) async fn find_twin(
    session: &FunctionSession<'_>,
    newest: Option<Version>,
    meant: &ObservedFunction,
) -> Option<Twin> {
    let newest = newest?;
    // One after the other: mostly the code already differs, and the publication has priority.
    let code = match &meant.code_sha256 {
        Some(_) => code::sha256(session, newest).await.ok()?,
        None => None,
    };
    if code != meant.code_sha256 {
        return None;
    }
    let version = wire::observed_function(&function::get(session, newest).await.ok()?, code);
    if !publish::same_content(&version, meant) {
        return None;
    }
    let aliases = alias::list(session, None).await.ok()?;
    let aliases = aliases.into_iter().map(|record| record.alias).collect();
    Some(Twin { version: newest, aliases })
}
