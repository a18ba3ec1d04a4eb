//! Files that cannot be read, and files of other formats: the advice that fits.

use crate::sandbox::Sandbox;

const HEAD: &str = "component: scf\nname: demo\ninputs:\n  src: ./src\n";

#[test]
fn advice_on_yaml_fits_the_mistake() {
    let quotes = "put the text in quotes";
    let indentation = "compare the indentation with the lines above";
    for (lines, place, advice) in [
        (
            "  timeout: 3\n  timeout: 5\n",
            "duplicated mapping key `timeout` at line 6, column 3",
            "`timeout` is there already in line 5",
        ),
        ("  environment: {AB: 1, AB: 2}\n", "key `AB` at line 5", "already in line 5"),
        (
            "\ttimeout: 3\n",
            "found a tab where the line begins at line 5, column 1",
            "indent with blanks",
        ),
        ("  environment:\n  \tvariables: {}\n", "begins at line 6, column 3", "indent with blanks"),
        ("---\na: 1\n", "at line 5, column 1", "take out the `---`"),
        (" timeout: 3\n", "at line 5, column 2", indentation),
        ("   timeout: 3\n", "at line 5", indentation),
        ("  cls:\n      logsetId: a\n    topicId: b\n", "at line 7", indentation),
        ("  description: a: b: c\n", "at line 5", quotes),
        ("  description: @@@\n", "at line 5", quotes),
        ("  description: */5 * * * *\n", "at line 5", quotes),
        ("  description: {a}&{b}\n", "at line 5", quotes),
        ("  description: %a\n", "at line 5", quotes),
        ("  description: `a`\n", "at line 5", quotes),
        ("  role: {a: ${env:X}}\n", "at line 5", quotes),
        (
            "  description: \"a\n  b: 1\n",
            "at line 5",
            "`\"` in line 5, column 16 is not closed: add the `\"` that is missing",
        ),
        ("  layers: [a, b\n  timeout: 1\n", "at line 6", "`[` in line 5, column 11 is not closed"),
        ("  layers: [\n", "at line ", "`[` in line 5, column 11 is not closed: add the `]`"),
        ("  description: !Ref x\n", "at line 5", "begins a tag"),
        ("  description: \"\\$a\"\n", "at line 5", "in single quotes it stands for itself"),
        ("  role:a\n  timeout: 1\n", "at line 6", "line 5 is no key: write `key: value`"),
        ("  layers:\n    - a\n    b: 1\n", "at line 7", "one place takes a list"),
    ] {
        let sandbox = Sandbox::with_project();
        sandbox.file("serverless.yml", &format!("{HEAD}{lines}"));
        let ran = sandbox.type_in("config").fails(2).says(place).says(advice);
        let all = [quotes, indentation, "indent with blanks", "take out the `---`"];
        let said = all.iter().filter(|text| ran.stderr.contains(**text)).count();
        assert!(said <= 1, "{}", ran.stderr);
    }
}

#[test]
fn the_two_older_formats_are_named_with_the_way_over() {
    let sandbox = Sandbox::with_project();
    let instance =
        "  component: '@serverless/tencent-scf'\n  inputs:\n    name: hello\n    codeUri: ./\n";
    sandbox.file("serverless.yml", &format!("hello:\n{instance}"));
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("has the format of the first components: `hello` (line 1) holds the component")
        .says("`component: scf`, `name: hello` and `inputs`; `codeUri` is `src`")
        .says("`exclude` and `include` go below `src`");
    sandbox.file("serverless.yml", &format!("one:\n{instance}two:\n{instance}"));
    sandbox.type_in("deploy").fails(2).says("give each function a folder").says("multi-scf");
    sandbox.file(
        "serverless.yml",
        "service: hello\nprovider:\n  name: tencent\nfunctions:\n  one:\n    handler: index.main_handler\n",
    );
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("the format of the plugin serverless-tencent-scf")
        .says("`component: multi-scf` is nearest");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn keys_at_the_top_that_nothing_reads_are_named() {
    let sandbox = Sandbox::with_project();
    sandbox.file(
        "serverless.yml",
        "component: scf\nname: demo\nruntime: Python3.9\nstages: prod\nprovider: {}\n.common: {a: 1}\nx-mine: 1\n\
         shared: &shared {AB: x}\ninputs:\n  src: ./src\n  runtime: Python3.9\n  environment:\n    variables: *shared\n",
    );
    let ran = sandbox.type_in("deploy").ok();
    for text in [
        "warning: `runtime` (serverless.yml:3) has no effect at the top of the file; it belongs below `inputs`",
        "warning: `stages` (serverless.yml:4) has no effect at the top of the file; did you mean `stage`?",
        "warning: `provider` (serverless.yml:5) has no effect at the top of the file\n",
    ] {
        assert!(ran.stderr.contains(text), "no `{text}` in:\n{}", ran.stderr);
    }
    assert_eq!(ran.stderr.matches("has no effect at the top").count(), 3, "{}", ran.stderr);
}

#[test]
fn a_text_at_the_top_is_not_changed() {
    let sandbox = Sandbox::with_project();
    for (key, written, sent) in [
        ("name", "007", "7"),
        ("app", "1.10", "1.1"),
        ("stage", "2021-01-01", "2021-01-01T00:00:00.000Z"),
        ("org", "12345678901234567890", "12345678901234567000"),
    ] {
        let head = if key == "name" { "" } else { "name: demo\n" };
        sandbox.file("serverless.yml", &format!("component: scf\n{head}{key}: {written}\n"));
        sandbox
            .type_in("config")
            .fails(2)
            .says(&format!("is `{written}`, which would become `{sent}`"))
            .says(&format!("put it in quotes: `{key}: '{written}'`"));
    }
    sandbox.file("serverless.yml", "component: scf\nname: demo\nstage: 1\napp: '007'\n");
    let shown = sandbox.type_in("config --output json").ok().json();
    assert_eq!((shown["stage"].as_str(), shown["app"].as_str()), (Some("1"), Some("007")));
}
