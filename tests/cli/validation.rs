//! What is wrong with `inputs` is told before any call, and `--noValidation`.

use crate::sandbox::{FUNCTION, Sandbox};

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(
        "  timeout: 0\n  memorySize: 100\n  vpcConfig:\n    vpcID: vpc-1\n    subnetId: subnet-1\n  events:\n    - timer:\n        parameters:\n          cronExpression: often\n",
    );
    let ran = sandbox.type_in("deploy").fails(2);
    for text in [
        "\n        `vpcConfig.vpcID` (serverless.yml:11) is not an input of scf; did you mean `vpcId`?\n",
        "error: 4 inputs cannot be used\n",
        "\n        `timeout` is `0` (serverless.yml:8): write a whole number from 1 to 86400 (seconds)\n",
        "\n        `memorySize` is `100` (serverless.yml:9): 64, or a multiple of 128 (MB)\n",
        "\n        `vpcConfig.vpcId` is missing (serverless.yml:10)",
        "\n        `events.0.timer.parameters.cronExpression` ",
    ] {
        assert!(ran.stderr.contains(text), "no `{text}` in:\n{}", ran.stderr);
    }
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn without_validation_the_service_has_the_last_word() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  timeout: 0\n  memorySize: big\n  initTimeout: 20\n");
    sandbox
        .type_in("deploy --noValidation")
        .fails(1)
        .says("warning: `timeout` is `0` (serverless.yml:8) and is sent as it is\n")
        .says("warning: `memorySize` is `big` (serverless.yml:9) and is left out\n")
        .says("Timeout is 0 seconds");
    let call = sandbox.calls().into_iter().find(|call| call.action == "CreateFunction").unwrap();
    assert_eq!((&call.params["Timeout"], &call.params["MemorySize"]), (&0.into(), &128.into()));
    // What decides about versions and routing is not relaxed.
    sandbox.type_in("deploy --noValidation --inputs traffic=2").fails(2).says("outside 0 to 1");
    sandbox.type_in("deploy --noValidation --inputs publish=no").fails(2).says("not true or false");
    assert!(
        sandbox
            .server()
            .apply("GetFunction", serde_json::json!({"FunctionName": FUNCTION}), "ap-guangzhou")
            .is_err()
    );
}
