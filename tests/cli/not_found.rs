//! What is named and not there ends with exit code 3, whatever names it; long lists of what is
//! there are cut.

use crate::sandbox::{FUNCTION, Sandbox};

/// A function with versions 1 and 2 and the alias `live`.
fn published() -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    sandbox.change_code("two");
    sandbox.type_in("deploy --inputs publish=true").ok();
    sandbox.type_in(&format!("create-alias --inputs function={FUNCTION} name=live version=1")).ok();
    sandbox
}

fn timer(qualifier: &str) -> String {
    format!(
        "  events:\n    - timer: {{parameters: {{name: t1, qualifier: {qualifier}, cronExpression: '0 0 0 * * * *', enable: true}}}}\n"
    )
}

#[test]
fn a_missing_version_alias_or_function_is_not_found() {
    let sandbox = published();
    let version = "version 77 is not published; there are 1, 2 and $LATEST";
    for (line, yaml, says) in [
        ("create-alias --inputs function=F name=a version=77", String::new(), version),
        (
            "create-alias --inputs function=F name=a version=1 config={\"weights\":{\"77\":0.1}}",
            String::new(),
            version,
        ),
        ("update-alias --inputs function=F name=live version=77", String::new(), version),
        (
            "update-alias --inputs function=F name=live version=1 config={\"weights\":{\"77\":0.1}}",
            String::new(),
            version,
        ),
        (
            "update-alias --inputs function=F name=live version=1 config={\"matches\":[{\"Version\":\"77\",\"Key\":\"invoke.headers.User\",\"Method\":\"exact\",\"Expression\":\"a\"}]}",
            String::new(),
            version,
        ),
        (
            "deploy --inputs aliasName=live aliasFunctionVersion=77 additionalVersionWeights=[]",
            String::new(),
            version,
        ),
        (
            "deploy --inputs aliasName=live aliasFunctionVersion=1 additionalVersionWeights=[{\"version\":77,\"weight\":0.1}]",
            String::new(),
            version,
        ),
        (
            "deploy --inputs aliasName=new aliasFunctionVersion=1 additionalVersionWeights=[{\"version\":77,\"weight\":0.1}]",
            String::new(),
            version,
        ),
        ("deploy --inputs provisionedNum=1 qualifier=77", String::new(), version),
        ("deploy", timer("77"), "names version 77"),
        ("deploy", timer("none"), "names alias `none`"),
        ("list-alias --inputs function=F version=77", String::new(), version),
        ("list-alias --inputs function=F name=none", String::new(), "no alias `none`"),
        ("update-alias --inputs function=F name=none version=1", String::new(), "no alias `none`"),
        ("delete-alias --inputs function=F name=none", String::new(), "no alias `none`"),
        ("publish-ver --inputs function=none", String::new(), "no function `none`"),
        ("create-alias --inputs function=none name=a version=1", String::new(), "no function"),
        ("update-alias --inputs function=none name=a version=1", String::new(), "no function"),
        ("list-alias --inputs function=none version=77", String::new(), "no function"),
        ("delete-alias --inputs function=none name=a", String::new(), "no function"),
    ] {
        sandbox.yaml(&yaml);
        // What only reads takes no `--dry-run`.
        let forms: &[&str] = if line.starts_with("list") { &[""] } else { &["", " --dry-run"] };
        for dry in forms {
            let from = sandbox.calls().len();
            let line =
                format!("{}{dry}", line.replace("function=F", &format!("function={FUNCTION}")));
            sandbox.type_in(&line).fails(3).says(says);
            sandbox.nothing_changed(from);
        }
    }
    // There, and used by nobody.
    let ran = sandbox.type_in(&format!("list-alias --inputs function={FUNCTION} version=2")).ok();
    assert_eq!(ran.stdout, "alias  share\n");
    // For a function that is only about to be made, too.
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs provisionedNum=1 qualifier=1").fails(3);
    sandbox.yaml(&timer("1"));
    sandbox.type_in("deploy").fails(3).says("the function does not exist yet");
    sandbox.nothing_changed(0);
}

#[test]
fn a_version_that_cannot_be_called_is_told_with_what_there_is() {
    let sandbox = published();
    for line in ["invoke --qualifier 77", "logs --qualifier 77"] {
        sandbox.type_in(&format!("{line} --function {FUNCTION}")).fails(3).says(&format!(
            "hint: versions and aliases that are there: `scfctl status --function {FUNCTION}`"
        ));
    }
}

#[test]
fn long_lists_are_cut_with_a_count() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let mut sandbox = sandbox;
    sandbox.function("many-versions", "default", 30);
    for index in 0..15 {
        let line =
            format!("create-alias --inputs function=many-versions name=alias-{index} version=1");
        sandbox.type_in(&line).ok();
    }
    let sandbox = &mut sandbox;
    sandbox
        .type_in("update-alias --inputs function=many-versions name=alias-1 version=77")
        .fails(3)
        .says("version 77 is not published; there are $LATEST, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21 … and 20 more\n");
    let ran = sandbox
        .type_in("delete-alias --inputs function=many-versions name=somethingelse")
        .fails(3)
        .says(" … and 6 more");
    assert!(ran.stderr.len() < 600, "{}", ran.stderr);
}
