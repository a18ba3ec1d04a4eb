//! Names of rollouts of all functions.

use super::functions::ProjectFunction;
use crate::app::rollout::digest::rollout_id;
use crate::model::FunctionId;

/// Names the rollout of all. Under the same `--run-id` it is the same.
pub(super) fn common_id(functions: &[ProjectFunction], run_id: &str) -> String {
    let names = functions.iter().flat_map(|function| {
        let FunctionId { name, namespace, region } = &function.id;
        [region.as_str(), namespace, name, &function.alias]
    });
    rollout_id([run_id, "project"].into_iter().chain(names))
}

/// Names the rollout that begins again after another one.
pub(super) fn successor(id: &str) -> String {
    rollout_id([id, "retry"].into_iter())
}
