//! Bad input gets one clear error, the documented exit code, and no call.

use std::sync::atomic::{AtomicUsize, Ordering};

use scfctl::local::Fault;
use serde_json::json;

use crate::sandbox::Sandbox;

/// Command line, what stderr says.
#[test]
fn wrong_command_lines_are_refused_before_any_call() {
    let sandbox = Sandbox::with_project();
    for (line, says) in [
        (
            "deploy --inputs traffic=1.1",
            "`traffic` is 1.1, outside 0 to 1 (argument `traffic=1.1`)",
        ),
        ("deploy --inputs traffic=-0.1", "outside 0 to 1"),
        ("deploy --inputs traffic=20%", "not a number"),
        ("deploy --inputs traffic=NaN", "not a number"),
        ("deploy --inputs traffic=Infinity", "not a number"),
        ("deploy --inputs traffic=abc", "a number from 0 to 1, for example 0.1 for 10 %"),
        ("deploy --inputs traffic=", "not a number"),
        ("deploy --inputs traffic=null", "not a number"),
        ("deploy --inputs traffic=0.1234567", "more than 6 decimal places"),
        // Where it was typed, not where the file has its inputs.
        (
            "deploy --inputs aliasName=a aliasFunctionVersion=9",
            "(argument `aliasFunctionVersion=9`)",
        ),
        ("deploy --inputs publish=no", "write `publish=true` or `publish=false`"),
        ("deploy --inputs publish=True", "write `publish=true` or `publish=false`"),
        ("deploy --inputs.traffic=0.1", "scfctl deploy --inputs traffic=0.1"),
        ("deploy --inputs=traffic=0.1", "scfctl deploy --inputs traffic=0.1"),
        ("deploy traffic=0.1", "scfctl deploy --inputs traffic=0.1"),
        ("deploy --inptus traffic=0.1", "did you mean `--inputs`?"),
        ("deploy --input traffic=0.1", "did you mean `--inputs`?"),
        ("deploy --inputs name=1x", "2 to 60 letters"),
        ("deploy --inputs handler=other.main_handler", "`other.py`"),
        ("deploy --inputs handler=main_handler", "not of the form file.function"),
        ("deploy --inputs src=./nowhere", "does not exist"),
        ("deploy --inputs memorySize=100", "64, or a multiple of 128"),
        ("deploy --inputs namespace=a.b", "not a valid name"),
        ("deploy --inputs config={\"a\":1,", "not valid JSON"),
        ("deploy --if-changed", "add `--publish`"),
        ("deploy --timeout soon", "write seconds"),
        ("deploy --target nowhere", "nowhere"),
        ("deploy --endpoint http://example.com", "--insecure-http"),
        ("deplyo", "deploy"),
        ("publish-ver --inputs function=x", "2 to 60 letters"),
        ("local serve --behaviour x=y", "no switch `x`"),
    ] {
        let ran = sandbox.type_in(line).fails(2).says(says);
        assert_eq!(ran.stdout, "", "{line}");
        assert_eq!(sandbox.calls().len(), 0, "{line}");
    }
}

#[test]
fn wrong_files_are_refused_with_file_and_line() {
    let sandbox = Sandbox::with_project();
    for (yaml, says) in [
        ("  traffic: 2\n", "serverless.yml:8"),
        ("  environment:\n    variables:\n      AA: ''\n", "`environment.variables.AA` is empty"),
        ("  environment:\n    variables:\n      AA: ''\n", "serverless.yml:10"),
        ("  timeout: ${env:NOPE}\n", "NOPE"),
        ("  timeout: 1\n  timeout: 2\n", "9"),
        ("  a: {b: ${env:X}}\n", "serverless.yml"),
        ("  region: 1\n", "`region` is a number, not a text (serverless.yml:8)"),
        ("  type: http\n", "`type` is `http`"),
        ("  image:\n    imageUrl: ''\n", "`image.imageUrl` is missing (serverless.yml:9)"),
    ] {
        sandbox.yaml(yaml);
        sandbox.type_in("deploy").fails(2).says(says);
    }
    for (text, says) in [
        ("", "empty"),
        ("name: demo\n", "component"),
        ("component: scf\n", "name"),
        ("component: website\nname: demo\n", "is not provided"),
        ("component: scf\nname: demo\ninputs:\n  handler: a.b\n", "`src` is missing"),
    ] {
        sandbox.file("serverless.yml", text);
        sandbox.type_in("deploy").fails(2).says(says);
    }
    std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap();
    sandbox.type_in("deploy").fails(2).says("there is no function's serverless.yml");
    sandbox.type_in("config").fails(2).says("there is no function's serverless.yml");
    sandbox.type_in("publish-ver").fails(2).says("add `--function NAME`");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn an_unclear_wish_to_stay_local_does_not_end_in_the_cloud() {
    let mut sandbox = Sandbox::with_project();
    for value in ["yes", "TRUE", "2"] {
        sandbox.set("SCFCTL_LOCAL", value);
        sandbox.type_in("deploy").fails(2).says("neither yes nor no");
    }
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn a_misspelt_key_of_the_file_is_a_warning_with_the_right_one() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  memorysize: 256\n");
    sandbox.type_in("deploy").ok().says("did you mean `memorySize`?");
    // Which regions there are is the service's to say.
    let line = "deploy --region ap-guangzou";
    sandbox
        .type_in(line)
        .fails(1)
        .says("did you mean `ap-guangzhou`?")
        .says("UnsupportedRegion: There is no region `ap-guangzou`.");
    let sandbox = Sandbox::behaving("regions=any");
    sandbox.project();
    sandbox.type_in(line).ok().says("did you mean `ap-guangzhou`?");
}

#[test]
fn every_exit_code() {
    // 3
    let sandbox = Sandbox::with_project();
    sandbox
        .type_in("publish-ver --inputs function=absent")
        .fails(3)
        .says("no function `absent` in namespace `default` of ap-guangzhou");
    // 4: no credentials, wrong key, no such id.
    let mut sandbox = Sandbox::with_project();
    sandbox.set("TENCENT_SECRET_KEY", "anotherKeyThatIsWrong");
    sandbox
        .type_in("deploy")
        .fails(4)
        .says("AuthFailure.SignatureFailure")
        .says("the SecretKey is wrong");
    sandbox.set("TENCENT_SECRET_ID", "AKIDunknown");
    sandbox.type_in("deploy").fails(4).says("AuthFailure.SecretIdNotFound");
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    sandbox.type_in("deploy").fails(4).says("no credentials found").says("--local");
    assert_eq!(sandbox.calls().len(), 0);
    // 6: a status that never ends.
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let place = scfctl::local::Place::new(crate::sandbox::REGION, crate::sandbox::FUNCTION);
    sandbox.server().set_status(&place, "$LATEST", "Updating", None).unwrap();
    let line = "deploy --timeout 5s";
    sandbox.type_in(line).fails(6).says("not finished within 5 s").says("Updating");
    // Also where the time ends while there is no answer to the last of many looks.
    let looks = AtomicUsize::new(0);
    sandbox.faulty(move |call| {
        let is_late = call.action == "GetFunction" && looks.fetch_add(1, Ordering::SeqCst) >= 2;
        if is_late { Fault::Stall } else { Fault::None }
    });
    sandbox.type_in(line).fails(6).says("not finished within 5 s").says("Updating");
}

#[test]
fn someone_elses_change_is_a_conflict() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
    sandbox.change_code("two");
    let server = sandbox.server().clone();
    // While the code update runs, the console moves the alias.
    sandbox.faulty(move |call| {
        if call.action != "UpdateFunctionCode" {
            return Fault::None;
        }
        let server = server.clone();
        Fault::After(std::sync::Arc::new(move || {
            let params = json!({
                "FunctionName": crate::sandbox::FUNCTION, "Name": "$DEFAULT", "FunctionVersion": "1",
                "RoutingConfig": {"AdditionalVersionWeights": []},
            });
            server.apply("UpdateAlias", params, crate::sandbox::REGION).unwrap();
        }))
    });
    let ran = sandbox
        .type_in("deploy --inputs traffic=0.9")
        .fails(5)
        .says("someone else changed alias `$DEFAULT`")
        .says("it was $LATEST: 0.5, 1: 0.5")
        .says("now it is 1: 1")
        .says("may have been done: replace the code of $LATEST")
        .says("not done: route");
    assert_eq!(ran.changes(), ["UpdateFunctionCode"]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"1": 1.0}));
}

#[test]
fn help_documents_the_exit_codes() {
    let sandbox = Sandbox::new();
    for line in ["--help", "help", "deploy --help", "-h", "--version"] {
        let ran = sandbox.type_in(line).ok();
        assert!(!ran.stdout.is_empty(), "{line}");
        assert_eq!(ran.stderr, "", "{line}");
    }
    let help = sandbox.type_in("--help").ok().stdout;
    for text in ["publish-ver", "--publish", "  5  conflict", "130  interrupted"] {
        assert!(help.contains(text), "no `{text}` in\n{help}");
    }
    sandbox.run(&[]).fails(2).says("no command is given");
}

#[test]
fn options_of_sls_are_accepted_with_a_note() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --noCache --skipUpdate").ok().says("--skipUpdate has no effect");
}

#[test]
fn a_folder_of_several_instances_asks_which() {
    let sandbox = Sandbox::with_project();
    std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap();
    for root in [None, Some("app: shop\nstage: dev\n")] {
        if let Some(text) = root {
            sandbox.file("serverless.yml", text);
        }
        sandbox.file("api/serverless.yml", "component: scf\nname: api\n");
        sandbox.file("web/serverless.yml", "component: scf\nname: web\n");
        // The real tool deploys every instance here, whatever the command.
        sandbox.type_in("list-alias").fails(2).says("with --target: api, web");
        sandbox.type_in("config").fails(2).says("with --target: api, web");
        sandbox.type_in("publish-ver").fails(2).says("add `--function NAME`");
        assert_eq!(sandbox.calls().len(), 0);
    }
    sandbox.type_in("list-alias --inputs function=some-function").fails(3);
}
