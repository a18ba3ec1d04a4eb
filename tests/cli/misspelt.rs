//! Misspelt keys in files and behind `--inputs`: what would silently deploy something else, to
//! another function or for other requests, is refused; the rest is named.

use crate::sandbox::Sandbox;

const SCF: &str = "component: scf\nname: demo\ninputs:\n  src: ./src\n  runtime: Python3.7\n  handler: index.main_handler\n";
const MULTI: &str = "component: multi-scf\nname: demo\ninputs:\n  src: ./src\n  runtime: Python3.7\n  handler: index.main_handler\n";
const TIMER: &str = "cronExpression: '0 0 0 * * * *'";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.file("src/index.py", "def main_handler(event, context):\n    return 1\n");
    sandbox.file("src/a/index.py", "def main_handler(event, context):\n    return 2\n");
    sandbox
}

/// Deploys a file; what is said has to say all of this. Nothing was changed.
fn refused(sandbox: &Sandbox, file: &str, said: &[&str]) {
    sandbox.file("serverless.yml", file);
    let from = sandbox.calls().len();
    let ran = sandbox.type_in("deploy").fails(2);
    for text in said {
        assert!(ran.stderr.contains(text), "{file}\n{}", ran.stderr);
    }
    sandbox.nothing_changed(from);
}

#[test]
fn what_decides_about_traffic_and_code_is_refused_in_a_file() {
    let sandbox = sandbox();
    for (lines, key, meant) in [
        ("  traffic: 0.1\n  aliasNmae: live\n", "aliasNmae", "aliasName"),
        ("  traffic: 0.1\n  alias: live\n", "alias", "aliasName"),
        (
            "  aliasName: live\n  additonalVersionWeights: []\n",
            "additonalVersionWeights",
            "additionalVersionWeights",
        ),
        (
            "  aliasName: live\n  traffic: 0.1\n  aliasFunctionVerson: 1\n",
            "aliasFunctionVerson",
            "aliasFunctionVersion",
        ),
        ("  provisonedNum: 2\n", "provisonedNum", "provisionedNum"),
        ("  provisionedNum: 2\n  qualifer: 3\n", "qualifer", "qualifier"),
        ("  nmae: other\n", "nmae", "name"),
        ("  namespce: staging\n", "namespce", "namespace"),
        ("  regoin: ap-beijing\n", "regoin", "region"),
        ("  tpye: web\n", "tpye", "type"),
        ("  Traffic: 0.1\n", "Traffic", "traffic"),
    ] {
        let what = format!("`{key}` is not an input, and a default would stand in for it");
        let instead = format!("write `{meant}`");
        refused(&sandbox, &format!("{SCF}{lines}"), &[&what, &instead]);
    }
}

#[test]
fn what_a_function_says_is_no_matter_of_what_all_have_in_common() {
    let sandbox = sandbox();
    for (lines, said) in [
        ("  functions: {one: {scr: a}}\n", ["`functions.one.scr` is not an input", "write `src`"]),
        (
            "  functions: [{key: one, runtme: Nodejs12.16}]\n",
            ["`functions.0.runtme` is not an input", "write `runtime`"],
        ),
        (
            "  functions:\n    one: {src: a}\n    two: {src: a, hnadler: other.main}\n",
            ["`functions.two.hnadler` is not an input", "write `handler`"],
        ),
        (
            "  functions: {one: {src: a}}\n  isAutoPublsh: true\n",
            ["`isAutoPublsh` is not an input", "write `publish`"],
        ),
        ("  fucntions: {one: {src: a}}\n", ["`fucntions` is not an input", "write `functions`"]),
    ] {
        refused(&sandbox, &format!("{MULTI}{lines}"), &said);
    }
    // The common one has no effect where each function says it again.
    sandbox.file(
        "serverless.yml",
        &format!("{MULTI}  runtme: x\n  functions: [{{kye: one, name: one, src: a}}]\n"),
    );
    sandbox
        .type_in("deploy --dry-run")
        .ok()
        .says("`runtme` (serverless.yml:7) is not an input of multi-scf; did you mean `runtime`?")
        .says("is not an input of multi-scf; did you mean `key`?");
}

#[test]
fn the_qualifier_of_a_trigger_is_refused_wherever_it_is_misspelt() {
    let sandbox = sandbox();
    for lines in [
        format!("{SCF}  events:\n    - timer: {{parameters: {{{TIMER}, qualifer: live}}}}\n"),
        format!("{SCF}  events:\n    - timer: {{qualifier: live, parameters: {{{TIMER}}}}}\n"),
        format!("{SCF}  events:\n    - timer: {{parameters: {{{TIMER}, alias: live}}}}\n"),
        format!("{SCF}  events:\n    - timer: {{aliasName: live, parameters: {{{TIMER}}}}}\n"),
        format!(
            "{MULTI}  functions: {{one: {{src: a}}}}\n  triggers:\n    - type: timer\n      function: one\n      \
             parameters: {{{TIMER}, Qualifier: live}}\n"
        ),
    ] {
        refused(&sandbox, &lines, &["is not an input of a timer"]);
    }
    // Where one is named, the other says nothing.
    sandbox.file(
        "serverless.yml",
        &format!("{SCF}  events:\n    - timer: {{parameters: {{{TIMER}, qualifier: $DEFAULT, qualifer: x}}}}\n"),
    );
    sandbox.type_in("deploy --dry-run").ok().says("did you mean `qualifier`?");
}

#[test]
fn what_was_typed_of_events_is_never_ignored() {
    let sandbox = sandbox();
    let parameters = r#""parameters":{"name":"t1","cronExpression":"0 0 0 * * * *","enabel":true}"#;
    sandbox.file("serverless.yml", SCF);
    let events = format!(r#"events=[{{"timer":{{{parameters}}}}}]"#);
    sandbox
        .run(&["deploy", "--inputs", &events])
        .fails(2)
        .says("`events.0.timer.parameters.enabel` is not an input of a timer (argument `events=…`)")
        .says("did you mean `enable`?");
    sandbox.file("serverless.yml", &format!("{MULTI}  functions: {{one: {{src: a}}}}\n"));
    let triggers = format!(r#"triggers=[{{"type":"timer","function":"one",{parameters}}}]"#);
    sandbox
        .run(&["deploy", "--inputs", &triggers])
        .fails(2)
        .says("`triggers.0.parameters.enabel` is not an input of a timer (argument `triggers=…`)");
    // A file is shared with the real CLI.
    sandbox.file(
        "serverless.yml",
        &format!("{SCF}  events:\n    - timer: {{parameters: {{{TIMER}, enabel: true}}}}\n"),
    );
    sandbox.type_in("deploy --dry-run").ok().says("did you mean `enable`?");
}

#[test]
fn parameters_of_a_trigger_stand_below_parameters() {
    let sandbox = sandbox();
    sandbox.file(
        "serverless.yml",
        &format!(
            "{SCF}  events:\n    - timer: {{name: t1, {TIMER}}}\n    \
             - timer: {{parameters: {{name: a b, cronExpression: x, enable: 7}}}}\n"
        ),
    );
    let ran = sandbox
        .type_in("deploy")
        .fails(2)
        .says("4 inputs cannot be used")
        .says("`events.0.timer.cronExpression` is not an input of a timer (serverless.yml:8): put it below `parameters`")
        .says("`events.1.timer.parameters.enable` is `7`")
        .says("`events.1.timer.parameters.name` is `a b`")
        .says("`events.1.timer.parameters.cronExpression` is `x`");
    assert!(!ran.stderr.contains("is missing"), "{}", ran.stderr);
}

#[test]
fn harmless_keys_of_a_file_are_named_with_what_they_mean() {
    let sandbox = sandbox();
    for (key, said) in [
        ("publishDesc: x", "did you mean `publishDescription`?"),
        ("cfsConfig: []", "it is called `cfs`"),
        ("clsConfig: {}", "it is called `cls`"),
        ("eipConfig: {}", "it is called `eip`"),
        ("ignores: [a]", "it belongs to `src.exclude`"),
        ("functionName: other", "it is called `name`"),
        ("alias: live", "did you mean `aliasName`?"),
    ] {
        sandbox.file("serverless.yml", &format!("{SCF}  {key}\n"));
        sandbox.type_in("deploy --dry-run").ok().says(said);
    }
}

#[test]
fn keys_at_the_top_are_named_with_what_they_mean() {
    let sandbox = sandbox();
    sandbox.file("serverless.yml", &format!("{SCF}trafic: 0.1\nstgae: prod\n"));
    sandbox
        .type_in("deploy --dry-run")
        .ok()
        .says("`trafic` (serverless.yml:7) has no effect at the top of the file; did you mean `traffic`, which belongs below `inputs`?")
        .says("`stgae` (serverless.yml:8) has no effect at the top of the file; did you mean `stage`?");
    sandbox.file("serverless.yml", &SCF.replace("component", "componet"));
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("has no `component`, but `componet` (line 1)")
        .says("write `component:` for `componet:`");
}

#[test]
fn keys_of_the_file_above_the_instances_are_named() {
    let sandbox = Sandbox::new();
    sandbox.instance("one", "");
    sandbox.file("serverless.yml", "app: shop\nstgae: prod\nORG: x\ntraffic: 0.1\n");
    sandbox
        .type_in("deploy --dry-run")
        .ok()
        .says("`stgae` (serverless.yml:2) has no effect at the top of the file; did you mean `stage`?")
        .says("`ORG` (serverless.yml:3) has no effect at the top of the file; did you mean `org`?")
        .says("`traffic` (serverless.yml:4) has no effect at the top of the file; instances take over");
    // A file of another tool above is nobody's business.
    sandbox.file("serverless.yml", "service: x\nprovider: {name: aws}\nfunctions: {}\n");
    let ran = sandbox.type_in("config --target one").ok();
    assert!(!ran.stderr.contains("has no effect"), "{}", ran.stderr);
}

#[test]
fn components_by_their_older_names_are_refused() {
    let sandbox = sandbox();
    for (name, today) in [
        ("'@serverless/tencent-scf'", "scf"),
        ("tencent-scf", "scf"),
        ("'@serverless/tencent-scf@1.0.0'", "scf"),
        ("tencent-multi-scf", "multi-scf"),
    ] {
        sandbox
            .file("serverless.yml", &SCF.replace("component: scf", &format!("component: {name}")));
        sandbox
            .type_in("deploy")
            .fails(2)
            .says("the name of an older format")
            .says(&format!("write `component: {today}`"));
    }
    sandbox.file("serverless.yml", "service: x\nprovider:\n  name: aws\nfunctions: {}\n");
    sandbox.type_in("deploy").fails(2).says("a service of the Serverless Framework for `aws`");
    // In a project it is no other component that is left as it is.
    let project = Sandbox::new();
    project.instance("one", "");
    project.instance("two", "");
    project.file("two/serverless.yml", "component: tencent-scf\nname: two\n");
    project.type_in("deploy").fails(2).says("the name of an older format");
}

#[test]
fn a_key_twice_is_refused_in_json_and_in_lists_of_pairs() {
    let sandbox = sandbox();
    refused(
        &sandbox,
        &format!(
            "{MULTI}  functions: {{one: {{src: a}}}}\n  environments: [{{key: AB, value: x}}, {{key: AB, value: y}}]\n"
        ),
        &["`environments.1` gives `AB` again"],
    );
    refused(
        &sandbox,
        &format!(
            "{MULTI}  functions: {{one: {{src: a, tags: [{{key: AB, value: x}}, {{key: AB, value: y}}]}}}}\n"
        ),
        &["`functions.one.tags.1` gives `AB` again"],
    );
    refused(
        &sandbox,
        &format!(
            "{MULTI}  functions: {{one: {{src: a}}}}\n  environments: [{{key: A-B, value: x}}]\n"
        ),
        &["`environments.0.key` is not a name that an environment variable may have"],
    );
    std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap();
    sandbox.file(
        "serverless.json",
        "{\n\t\"component\": \"scf\", \"name\": \"demo\",\n\t\"inputs\": {\"src\": \"./src\", \"traffic\": 0.1,\n\t\"traffic\": 1}\n}\n",
    );
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("duplicated mapping key `traffic` at line 4, column 2")
        .says("is there already in line 3");
}

#[test]
fn numbers_and_answers_are_texts_as_they_are_written() {
    let sandbox = sandbox();
    sandbox.file(
        "serverless.yml",
        &format!(
            "{SCF}  description: 1\n  publish: true\n  publishDescription: true\n  events:\n    \
             - timer: {{name: t1, parameters: {{description: 5, enable: true, {TIMER}}}}}\n"
        ),
    );
    sandbox.type_in("deploy").ok();
    let calls = sandbox.calls();
    let sent = |action: &str, key: &str| {
        let call = calls.iter().find(|call| call.action == action).unwrap();
        call.params[key].clone()
    };
    assert_eq!(sent("CreateFunction", "Description"), "1");
    assert_eq!(sent("CreateTrigger", "Description"), "5");
    assert!(sent("PublishVersion", "Description").as_str().unwrap().starts_with("true"));
    for key in ["description", "role", "publishDescription", "aliasDescription"] {
        refused(&sandbox, &format!("{SCF}  {key}: 1.10\n"), &[key, "put it in quotes"]);
    }
    sandbox.file(
        "serverless.yml",
        &format!("{MULTI}  functions: {{1: {{src: a}}}}\n  triggers: [{{type: timer, function: 1, parameters: {{{TIMER}}}}}]\n"),
    );
    sandbox.type_in("deploy --dry-run").ok();
}

#[test]
fn one_thing_is_said_of_a_value_that_is_no_text() {
    let sandbox = sandbox();
    for (value, what) in
        [(".inf", "a number"), (".NaN", "a number"), ("!!binary aGVsbG8=", "`!!binary`")]
    {
        let file = format!("{SCF}  environment:\n    variables:\n      VALUE: {value}\n");
        refused(&sandbox, &file, &["`environment.variables.VALUE` is ", what, "put it in quotes"]);
        let ran = sandbox.type_in("deploy").fails(2);
        assert_eq!(ran.stderr.matches("environment.variables.VALUE").count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn values_of_misspelt_environments_are_hidden() {
    let sandbox = sandbox();
    for key in ["Environment", "environmentt", "enviroment", "env", "variables"] {
        sandbox.file("serverless.yml", &format!("{SCF}  {key}: {{variables: {{AB: hunter2}}}}\n"));
        let ran = sandbox.type_in("config").ok();
        assert!(!ran.stdout.contains("hunter2"), "{key}: {}", ran.stdout);
    }
}

#[test]
fn a_folder_of_a_function_may_be_a_whole_path_into_the_common_one() {
    let sandbox = sandbox();
    let folder = sandbox.root().join("src/a");
    sandbox.file(
        "serverless.yml",
        &format!("{MULTI}  functions: {{one: {{src: {}}}}}\n", folder.display()),
    );
    sandbox.type_in("package --list").ok();
    // A message names the function once.
    sandbox.file("serverless.yml", &format!("{MULTI}  functions: {{one: {{scr: a}}}}\n"));
    let ran = sandbox.type_in("package --list").fails(2);
    assert!(ran.stderr.starts_with("error: `functions.one.scr` is not an input"), "{}", ran.stderr);
    let outside = sandbox.root().join("other");
    refused(
        &sandbox,
        &format!("{MULTI}  functions: {{one: {{src: {}}}}}\n", outside.display()),
        &["lies outside the common folder"],
    );
}

#[test]
fn what_cannot_be_resolved_is_told_of_all_instances_at_once() {
    let mut sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("one", "  description: ${env:DESC}\n");
    sandbox.instance("two", "  role: ${param:ROLE}\n  description: ${env:DESC}\n");
    sandbox.instance("three", "");
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("2 instances have references that cannot be resolved")
        .says("`${env:DESC}` at `inputs.description` (one/serverless.yml:")
        .says("`${param:ROLE}` at `inputs.role`")
        .says("set `DESC` in the environment or in the .env file")
        .says("--param ROLE=VALUE");
    sandbox.set("DESC", "x");
    sandbox.type_in("deploy --dry-run --param ROLE=r").ok();
}

#[test]
fn that_an_output_is_needed_is_told_before_the_stage_is_known() {
    let sandbox = sandbox();
    sandbox.file(
        "serverless.yml",
        &format!(
            "{SCF}  role: '${{output:${{stage}}:${{app}}:other.role}}'\nstage: '${{env:WHERE}}'\n"
        ),
    );
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("environment variable `WHERE` is not set")
        .says("`${output:${stage}:${app}:other.role}` at `inputs.role`");
}

#[test]
fn a_line_is_suggested_for_commands_of_two_words() {
    let sandbox = Sandbox::new();
    for (line, said, written) in [
        (
            "rollout start --alis prod --to 5",
            "`--alis` is not an option of `rollout start`",
            "scfctl rollout start --alias prod --to 5",
        ),
        (
            "local serve --lisen 127.0.0.1:0",
            "`--lisen` is not an option of `local serve`",
            "scfctl local serve --listen 127.0.0.1:0",
        ),
        (
            "rolout status --alias prod",
            "`rolout` is not a command",
            "scfctl rollout status --alias prod",
        ),
        (
            "--stage prod rolout staus --alias staus",
            "`rolout` is not a command",
            "scfctl --stage prod rollout status --alias staus",
        ),
        (
            "rollout start --to 5 function=api",
            "`function=api` stands without `--inputs`",
            "scfctl rollout start --to 5 --inputs function=api",
        ),
        (
            "versions prune --keep 1 function=api",
            "`function=api` stands without `--inputs`",
            "scfctl versions prune --keep 1 --inputs function=api",
        ),
        (
            "versions purne --keep 1",
            "`versions purne` is not a command",
            "did you mean `versions prune`? Write: `scfctl versions prune --keep 1`",
        ),
        (
            "versions prune --kepe 1",
            "`--kepe` is not an option of `versions prune`",
            "scfctl versions prune --keep 1",
        ),
        (
            "rollout strat --alias prod",
            "`rollout strat` is not a command",
            "did you mean `rollout start`? Write: `scfctl rollout start --alias prod`",
        ),
        (
            "deploy --rollout detach --publish",
            "`detach` stands apart from `--rollout`, which takes it only behind `=`",
            "write: `scfctl deploy --rollout=detach --publish`",
        ),
        (
            "deploy --rollout detatch",
            "`detatch` stands apart from `--rollout`",
            "write: `scfctl deploy --rollout=detach`",
        ),
        (
            "deploy --rolout detach",
            "`--rolout` is not an option of `deploy`",
            "did you mean `--rollout`? Write: `scfctl deploy --rollout=detach`",
        ),
        ("rolout", "`rolout` is not a command", "Write: `scfctl rollout --help`"),
        (
            "rollout xyz",
            "`rollout xyz` is not a command",
            "the commands of `rollout` are start, tick, status,",
        ),
        ("local xyz", "`local xyz` is not a command", "`scfctl local --help` explains them"),
    ] {
        sandbox.type_in(line).fails(2).says(said).says(written);
    }
    sandbox.type_in("--lang zh rollout strat").fails(2).says("没有命令 `rollout strat`");
    // Between the words of a command nothing is an input.
    sandbox.type_in("local --inputs serve --listen x").fails(2);
    sandbox.type_in("rollout help start").ok();
    sandbox.type_in("versions help prune").ok();
    // The second word is no input, wherever the inputs stand, and a third one is none either.
    let before = ["versions", "--inputs", "function=api", "prune", "--keep", "1"];
    sandbox.run(&before).fails(2).says("not confirmed, so nothing is deleted");
    let third = ["versions", "prune", "5", "--inputs", "function=api"];
    sandbox.run(&third).fails(2).says("`5` is not key=value");
}

#[test]
fn essential_keys_at_the_top_are_refused_where_a_default_would_stand_in() {
    let sandbox = sandbox();
    let without = |key: &str| {
        let lines = SCF.split_inclusive('\n');
        lines.filter(|line| !line.trim_start().starts_with(key)).collect::<String>()
    };
    for (file, key) in [
        (format!("{SCF}traffic: 0.1\n"), "traffic"),
        (format!("{SCF}publish: true\n"), "publish"),
        (format!("{SCF}namespace: staging\n"), "namespace"),
        (format!("{SCF}  traffic: 0.1\naliasName: live\n"), "aliasName"),
        (format!("{}handler: a.b\n", without("handler")), "handler"),
        (format!("{}runtime: Go1\n", without("runtime")), "runtime"),
        (format!("{}src: ./src\n", without("src")), "src"),
        (format!("{SCF}\u{a0}\u{a0}traffic: 0.1\n"), "traffic"),
        (format!("{SCF}\u{3000}publish: true\n"), "publish"),
        (
            format!("{MULTI}  functions:\n    one:\n      memorySize: 128\ntraffic: 0.1\n"),
            "traffic",
        ),
    ] {
        let instead = format!("write `{key}` below `inputs`, indented by spaces");
        refused(&sandbox, &file, &["stands at the top of the file", &instead]);
    }
    // Neither changes who gets what.
    for line in ["type: event", "region: ap-shanghai"] {
        sandbox.file("serverless.yml", &format!("{SCF}{line}\n"));
        let key = line.split(':').next().unwrap();
        sandbox.type_in("deploy --dry-run").ok().says(&format!("`{key}` (serverless.yml:7)"));
    }
    // Where it is given, nothing stands in.
    sandbox.file("serverless.yml", &format!("{SCF}  traffic: 0.1\ntraffic: 0.2\n"));
    sandbox.type_in("deploy --dry-run").ok().says("`traffic` (serverless.yml:8) has no effect");
}

#[test]
fn the_map_of_a_rollout_is_checked_whether_one_begins_or_not() {
    let sandbox = sandbox();
    for (map, says) in [
        ("{stepz: 10%}", "the map `rollout` has no key `stepz`; did you mean `steps`?"),
        ("{interval: x}", "`rollout.interval`: `x` is not a time"),
        ("{steps: '10%'}", "the last step is 10%; it must be 100%"),
        ("{onFail: continue}", "`rollout.onFail`: `continue` is none of rollback, hold"),
        ("{maxErrorRate: 2}", "`2` is not a percentage"),
        ("{publish: 'yes'}", "`rollout.publish` is neither true nor false"),
        ("{notify: 1}", "notify"),
        ("true", "`rollout` is no map"),
    ] {
        refused(&sandbox, &format!("{SCF}  rollout: {map}\n"), &[says]);
    }
    let functions = "  functions:\n    one:\n      rollout: {stepz: 1}\n";
    refused(&sandbox, &format!("{MULTI}{functions}"), &["no key `stepz`"]);
    // What belongs to an option that may be typed.
    for map in [
        "{steps: '10%,100%', interval: 5m}",
        "{onDeadline: hold}",
        "{gateTimeout: 5s}",
        "{to: '', interval: ''}",
    ] {
        sandbox.file("serverless.yml", &format!("{SCF}  rollout: {map}\n"));
        sandbox.type_in("deploy --dry-run").ok();
    }
    sandbox.file("serverless.yml", SCF);
    let line = ["deploy", "--inputs", r#"rollout={"interval":"5m"}"#];
    sandbox.run(&line).fails(2).says("rollout= has no effect without --rollout");
}

#[test]
fn what_has_nothing_to_do_is_not_typed_for_nothing() {
    let sandbox = sandbox();
    sandbox.file("serverless.yml", SCF);
    sandbox.type_in("deploy --run-id one --traffic 1").ok().says(
        "--run-id has no effect here: it names a publication, and nothing is to be published",
    );
    sandbox.type_in("deploy --run-id one --publish").ok();
    sandbox.file("serverless.yml", &format!("{SCF}  function: other\n"));
    for line in ["deploy --dry-run", "list-alias"] {
        sandbox.type_in(line).ok().says(
            "`function` (serverless.yml:7) has no effect in `inputs` of scf; `name` says which function it is",
        );
    }
    sandbox
        .file("serverless.yml", &format!("{MULTI}  functions: {{one: {{}}}}\n  function: one\n"));
    let ran = sandbox.type_in("deploy --dry-run").ok();
    assert!(!ran.stderr.contains("has no effect"), "{}", ran.stderr);
}

#[test]
fn lines_of_the_env_file_that_clash_or_are_not_read_are_named() {
    let sandbox = sandbox();
    sandbox.file("serverless.yml", SCF);
    sandbox.file(".env", "AA=hunter2\nBB=same\nAA=hunter3\nBB=same\n");
    let ran = sandbox.type_in("deploy --dry-run").ok();
    let ran = ran.says("line 3: `AA` has another value in line 1, and this one counts");
    assert!(!ran.stderr.contains("hunter") && !ran.stderr.contains("`BB`"), "{}", ran.stderr);
    for (line, name) in
        [("VAA: hunter2", "VAA"), ("export VAA=$hunter2", "VAA"), ("set VAA hunter2", "VAA")]
    {
        sandbox.file("serverless.yml", &format!("{SCF}  description: ${{env:{name}}}\n"));
        sandbox.file(".env", &format!("OTHER=1\n{line}\n"));
        let ran = sandbox
            .type_in("deploy")
            .fails(2)
            .says("environment variable `VAA` is not set; line 2 of the .env file names it")
            .says("write line 2 of the .env file as VAA=value");
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
        sandbox.file("serverless.yml", &format!("{SCF}  description: ${{env:{name}, 'd'}}\n"));
        sandbox.type_in("deploy --dry-run").ok();
    }
}
