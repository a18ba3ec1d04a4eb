//! Someone else works on the same function between two calls of ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scfctl::local::{Fault, Handle};
use serde_json::json;

use crate::sandbox::{FUNCTION, REGION, Sandbox};

/// A sandbox in which changes take a moment, with version 1 and an even split.
fn split(settings: &[&str]) -> Sandbox {
    let sandbox = Sandbox::with(|options| {
        for setting in settings {
            options.behaviour.set(setting).unwrap();
        }
        options.transition = Duration::from_millis(60);
    });
    sandbox.project();
    sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
    sandbox
}

/// Someone else takes `$LATEST` out of service.
fn roll_back(server: &Handle) {
    let params = json!({
        "FunctionName": FUNCTION, "Name": "$DEFAULT", "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": []},
    });
    server.apply("UpdateAlias", params, REGION).unwrap();
}

#[test]
fn a_repeated_alias_update_does_not_undo_someone_elses() {
    for (number, fault) in [
        Fault::DropAfter,
        Fault::DropBefore,
        Fault::Truncated,
        Fault::ErrorAfter { code: "InternalError".into(), message: "oops".into() },
        Fault::error("FailedOperation.UpdateAlias", "try again"),
        Fault::error("FailedOperation.OperationConflict", "busy"),
    ]
    .into_iter()
    .enumerate()
    {
        let sandbox = split(&[]);
        let server = sandbox.server().clone();
        let (sent, moved) = (AtomicBool::new(false), AtomicBool::new(false));
        sandbox.faulty(move |call| {
            if call.action == "UpdateAlias" && !sent.swap(true, Ordering::SeqCst) {
                return fault.clone();
            }
            if sent.load(Ordering::SeqCst) && !moved.swap(true, Ordering::SeqCst) {
                let server = server.clone();
                return Fault::Before(Arc::new(move || roll_back(&server)));
            }
            Fault::None
        });
        sandbox.type_in("deploy --inputs traffic=0.9").fails(5).says("someone else changed alias");
        assert_eq!(sandbox.routing("$DEFAULT"), json!({"1": 1.0}), "fault {number}");
    }
}
