//! A project that is stopped on its way.

use std::sync::mpsc::channel;

use rustix::process::Signal;
use scfctl::local::Fault;

use crate::sandbox::{Sandbox, finished, send};

#[test]
fn a_signal_says_of_each_instance_what_is_done() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let sandbox = Sandbox::new();
        sandbox.file("serverless.yml", "app: shop\n");
        let needs = "  description: ${output:dev:shop:b.functionName}\n";
        sandbox.instance("a", "");
        sandbox.instance("b", "");
        sandbox.instance("c", needs);
        let (sender, receiver) = channel();
        // The versions of `a` and `b` are listed when they are looked at first; `b` then creates,
        // and waits for its status for ever.
        sandbox.faulty(move |call| {
            let of_b = call.params["FunctionName"] == "b-dev-shop";
            if of_b && call.action == "PublishVersion" {
                let _ = sender.send(());
                return Fault::error("FailedOperation.FunctionStatusError", "busy");
            }
            Fault::None
        });
        let process = sandbox.spawn(&["deploy", "--concurrency", "1", "--inputs", "publish=true"]);
        receiver.recv().unwrap();
        send(signal, process.id());
        let ran = finished(process)
            .fails(code)
            .says("- a: deployed, last version 1")
            .says("error: b: cannot deploy function `b-dev-shop`")
            .says("  done: create the function")
            .says("  not done: publish $LATEST")
            .says("error: 1 of 3 failed: b")
            .says("  skipped: c, which needs b")
            .says("add --run-id ");
        assert!(ran.stdout.starts_with("a: \n"), "{}", ran.stdout);
    }
}

#[test]
fn what_was_not_begun_is_said_as_well() {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    for name in ["a", "b", "c"] {
        sandbox.instance(name, "");
    }
    let (sender, receiver) = channel();
    sandbox.faulty(move |call| {
        if call.action == "GetAlias" {
            let _ = sender.send(());
            return Fault::Stall;
        }
        Fault::None
    });
    let process = sandbox.spawn(&["deploy", "--concurrency", "1"]);
    receiver.recv().unwrap();
    send(Signal::INT, process.id());
    finished(process)
        .fails(130)
        .says("error: 1 of 3 failed: a")
        .says("  not begun: b")
        .says("  not begun: c");
    sandbox.nothing_changed(0);
}
