//! Projects that hold other components than functions, and outputs of these that are given.

use serde_json::{Value, json};

use crate::sandbox::{REGION, Sandbox};

const CODE: &str = "exports.main_handler = async () => 'ok'\n";
/// Components that real projects hold beside functions.
const OTHERS: [&str; 8] =
    ["layer", "vpc", "postgresql", "website", "apigateway", "cos", "cls@1.0.2", "express"];

fn function(sandbox: &Sandbox, folder: &str, inputs: &str) {
    sandbox.file(&format!("{folder}/index.js"), CODE);
    sandbox.file(
        &format!("{folder}/serverless.yml"),
        &format!(
            "component: scf\nname: {folder}\ninputs:\n  src: ./\n  handler: index.main_handler\n  runtime: Nodejs12.16\n{inputs}"
        ),
    );
}

/// An instance of a component that needs more than this machine knows.
fn other(sandbox: &Sandbox, name: &str, component: &str) {
    sandbox.file(
        &format!("{name}/serverless.yml"),
        &format!(
            "component: {component}\nname: {name}\ninputs:\n  name: ${{env:NOT_SET}}\n  password: ${{env:NOT_SET}}\n"
        ),
    );
}

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\nstage: dev\n");
    function(&sandbox, "fn", "");
    sandbox
}

#[test]
fn the_functions_of_a_project_are_deployed_and_everything_else_is_left_alone() {
    let sandbox = project();
    for (number, component) in OTHERS.iter().enumerate() {
        other(&sandbox, &format!("other{number}"), component);
    }
    let ran = sandbox.type_in("deploy --output json").ok();
    assert!(
        ran.stderr.contains("- project of 1 instance, app shop, stage dev: fn\n"),
        "{}",
        ran.stderr
    );
    let outputs = ran.json();
    assert_eq!(outputs["instances"]["fn"]["status"], "deployed");
    for (number, component) in OTHERS.iter().enumerate() {
        let line = format!(
            "warning: `other{number}` in other{number} is left as it is: component `{component}` is not deployed by scfctl\n"
        );
        assert_eq!(ran.stderr.matches(&line).count(), 1, "{line} in {}", ran.stderr);
        let shown = &outputs["instances"][format!("other{number}")];
        assert_eq!(*shown, json!({"status": "leftAlone", "component": component}));
    }
    assert_eq!(sandbox.changed_since(0), ["CreateFunction fn-dev-shop"]);
    let from = sandbox.calls().len();
    let ran = sandbox.type_in("deploy").ok();
    assert!(!ran.stdout.contains("other"), "{}", ran.stdout);
    sandbox.nothing_changed(from);
}

#[test]
fn another_component_alone_is_refused() {
    let sandbox = project();
    other(&sandbox, "deps", "layer");
    sandbox.type_in("deploy --target deps --param x=1").fails(2);
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.file("deps/serverless.yml", "component: layer\nname: deps\n");
    sandbox.file("net/serverless.yml", "component: vpc\nname: net\n");
    sandbox
        .type_in("deploy --target deps")
        .fails(2)
        .says("component `layer` is not provided: `deps` is no function")
        .says("its functions go out and this stays");
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("no instance of this project is a function: `deps` (layer), `net` (vpc)")
        .says("`component: scf` and `component: multi-scf`");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn a_misspelt_component_is_not_left_alone() {
    for (component, meant) in
        [("scff", "scf"), ("sfc", "scf"), ("mutli-scf", "multi-scf"), ("Scf@0.9", "scf")]
    {
        let sandbox = project();
        other(&sandbox, "typo", component);
        sandbox
            .type_in("deploy")
            .fails(2)
            .says(&format!("typo: component `{component}` does not exist"))
            .says(&format!("did you mean `component: {meant}`?"));
        assert_eq!(sandbox.calls().len(), 0);
    }
}

const NEEDS: &str = "  layers:\n    - name: ${output:${stage}:${app}:deps.name}\n      version: ${output:${stage}:${app}:deps.version}\n  vpcConfig:\n    \
    vpcId: ${output:${stage}:${app}:net.vpcId}\n    subnetId: ${output:${stage}:${app}:net.subnetId}\n";

/// One function that needs a layer and a network which are nowhere.
fn alone() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("index.js", CODE);
    sandbox.file(
        "serverless.yml",
        &format!(
            "component: scf\nname: fn\napp: shop\ninputs:\n  src: ./\n  handler: index.main_handler\n  runtime: Nodejs12.16\n{NEEDS}"
        ),
    );
    sandbox
}

const KEYS: [&str; 4] =
    ["dev:shop:deps.name", "dev:shop:deps.version", "dev:shop:net.subnetId", "dev:shop:net.vpcId"];

fn configuration(sandbox: &Sandbox) -> Value {
    let function = sandbox.console("GetFunction", json!({"FunctionName": "fn-dev-shop"}));
    json!([
        function["Layers"][0]["LayerName"],
        function["Layers"][0]["LayerVersion"],
        function["VpcConfig"]["VpcId"],
        function["VpcConfig"]["SubnetId"]
    ])
}

#[test]
fn all_outputs_that_are_missing_are_said_at_once_with_a_command_that_gives_them() {
    let sandbox = alone();
    let ran = sandbox
        .type_in("deploy --dry-run --inputs traffic=0.5 publish=false")
        .fails(2)
        .says("4 references of ");
    for line in [
        "`${output:dev:shop:deps.name}` at `inputs.layers[0].name` (serverless.yml:9): no instance `deps` of app `shop` lies in ",
        "`${output:dev:shop:deps.version}` at `inputs.layers[0].version` (serverless.yml:10): ",
        "`${output:dev:shop:net.vpcId}` at `inputs.vpcConfig.vpcId` (serverless.yml:12): ",
        "`${output:dev:shop:net.subnetId}` at `inputs.vpcConfig.subnetId` (serverless.yml:13): ",
    ] {
        assert_eq!(ran.stderr.matches(line).count(), 1, "{line} in {}", ran.stderr);
    }
    let (_, command) = ran.stderr.split_once("`scfctl deploy --dry-run").unwrap();
    let (command, _) = command.split_once('`').unwrap();
    for key in KEYS {
        assert!(command.contains(&format!("--output-value {key}=VALUE")), "{command}");
    }
    assert!(command.ends_with("--inputs traffic=0.5 publish=false"), "{command}");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn variables_that_are_not_set_are_said_together_with_outputs() {
    let sandbox = alone();
    let yaml = crate::sandbox::read(&sandbox.root().join("serverless.yml"));
    sandbox.file("serverless.yml", &format!("{yaml}  role: ${{env:ROLE_NAME}}\n"));
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("5 references of ")
        .says("`${env:ROLE_NAME}` at `inputs.role` (serverless.yml:14)")
        .says("`${output:dev:shop:net.vpcId}`")
        .says("--output-value dev:shop:net.vpcId=VALUE");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn outputs_are_given_by_options_or_a_file_or_both() {
    let given = json!(["lib", 3, "vpc-1", "subnet-1"]);
    let options = "--output-value shop.deps.name=lib --output-value dev:shop:deps.version=3 --output-value shop.net.vpcId=vpc-1 --output-value shop.net.subnetId=subnet-1";
    let sandbox = alone();
    let ran = sandbox.type_in(&format!("deploy {options}")).ok();
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    assert_eq!(configuration(&sandbox), given);
    let again = |sandbox: &Sandbox, line: &str| {
        let from = sandbox.calls().len();
        sandbox.type_in(line).ok();
        sandbox.nothing_changed(from);
    };
    again(&sandbox, &format!("deploy {options}"));

    let nested = "dev:shop:deps:\n  name: lib\n  version: 3\nshop:\n  net:\n    vpcId: vpc-1\n    subnetId: subnet-1\n";
    let flat = r#"{"dev:shop:deps.name": "lib", "dev:shop:deps.version": "3", "shop.net.vpcId": "vpc-1", "shop.net.subnetId": "subnet-1"}"#;
    for (name, text) in [("values.yml", nested), ("values.json", flat)] {
        let mut sandbox = alone();
        sandbox.file(name, text);
        sandbox.type_in(&format!("deploy --output-values {name}")).ok();
        assert_eq!(configuration(&sandbox), given, "{name}");
        sandbox.set("SCFCTL_OUTPUT_VALUES", name);
        again(&sandbox, "deploy");
        // An option comes before the file.
        sandbox.type_in("deploy --output-value dev:shop:net.vpcId=vpc-2").ok();
        assert_eq!(configuration(&sandbox)[2], "vpc-2");
    }
    // Another command that needs the value.
    let sandbox = alone();
    sandbox.function("from-outside", "default", 0);
    let yaml = crate::sandbox::read(&sandbox.root().join("serverless.yml"));
    let named = yaml.replace("inputs:\n", "inputs:\n  name: ${output:dev:shop:names.fn}\n");
    sandbox.file("serverless.yml", &named);
    sandbox.type_in("list-alias").fails(2).says("give it: --output-value dev:shop:names.fn=VALUE");
    sandbox.type_in("list-alias --output-value shop.names.fn=from-outside").ok();
}

#[test]
fn a_value_that_nothing_refers_to_is_said() {
    let sandbox = Sandbox::with_project();
    sandbox
        .type_in("deploy --output-value shop.net.vpcId=vpc-1")
        .ok()
        .says("warning: the value of `shop.net.vpcId` is used by nothing; no `${output:…}` is referred to");
    sandbox
        .type_in("list-alias --output-value shop.net.vpcId=vpc-1")
        .ok()
        .says("the value of `shop.net.vpcId` is used by nothing");
    let sandbox = alone();
    // A stage of its own, and a misspelling.
    sandbox
        .type_in("deploy --output-value prod:shop:net.vpcId=vpc-1 --output-value shop.net.subnetID=s")
        .fails(2)
        .says("the value of `prod:shop:net.vpcId` is used by nothing; did you mean `dev:shop:net.vpcId`?")
        .says("the value of `shop.net.subnetID` is used by nothing; did you mean");
    // What many projects share is not for one alone.
    let mut sandbox = Sandbox::with_project();
    sandbox.file("values.yml", "shop.net.vpcId: vpc-1\n");
    sandbox.set("SCFCTL_OUTPUT_VALUES", "values.yml");
    let ran = sandbox.type_in("deploy").ok();
    assert!(!ran.stderr.contains("is used by nothing"), "{}", ran.stderr);
}

#[test]
fn values_of_another_form_are_refused() {
    for (arguments, says) in [
        ("--output-value json", "write STAGE:APP:NAME.KEY=VALUE"),
        ("--output-value net.vpcId=vpc-1", "write STAGE:APP:NAME.KEY=VALUE"),
        ("--output-value dev:shop=x", "write STAGE:APP:NAME.KEY=VALUE"),
        ("--output-value shop.net.vpcId=", "`shop.net.vpcId` has no value; is a variable empty?"),
        (
            "--output-value a.b.c=1 --output-value a.b.c=2",
            "`a.b.c` is given twice (--output-value)",
        ),
        ("--output-values missing.yml", "the file of values missing.yml does not exist"),
        ("--output-values list.yml", "list.yml is not a map of outputs to values"),
        ("--output-values null.yml", "`dev:shop:net.vpcId` (null.yml:2) has no value"),
        ("--output-values float.yml", "`1.10` would be `1.1`\n  hint: put it in quotes"),
        ("--output-values short.yml", "`vpcId` (short.yml:1) names no output"),
        ("--output-values broken.yml", "cannot understand broken.yml"),
    ] {
        let sandbox = alone();
        for (name, text) in [
            ("list.yml", "- a\n"),
            ("null.yml", "dev:shop:net:\n  vpcId:\n"),
            ("float.yml", "a.b.c: 1.10\n"),
            ("short.yml", "vpcId: x\n"),
            ("broken.yml", "a: [\n"),
        ] {
            sandbox.file(name, text);
        }
        sandbox.type_in(&format!("deploy {arguments}")).fails(2).says(says);
        assert_eq!(sandbox.calls().len(), 0, "{arguments}");
    }
}

fn publish_layer(sandbox: &Sandbox, name: &str) {
    use base64::Engine as _;
    let zip = base64::engine::general_purpose::STANDARD.encode(Sandbox::zip());
    let layer = json!({"LayerName": name, "CompatibleRuntimes": ["Nodejs12.16"], "Content": {"ZipFile": zip}});
    sandbox.server().apply("PublishLayerVersion", layer, REGION).unwrap();
}

/// A function that needs a layer of the same project.
fn with_layer() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    let (layers, _) = NEEDS.split_once("  vpcConfig").unwrap();
    function(&sandbox, "fn", layers);
    sandbox.file(
        "layer/serverless.yml",
        "component: layer\nname: deps\ninputs:\n  name: lib-${stage}\n  src: ${env:NOT_SET}\n  runtimes: [Nodejs12.16]\n",
    );
    sandbox
}

#[test]
fn the_newest_version_of_a_layer_is_looked_up() {
    let layers = |sandbox: &Sandbox| {
        let function = sandbox.console("GetFunction", json!({"FunctionName": "fn-dev-shop"}));
        function["Layers"].clone()
    };
    for line in ["deploy", "deploy --target fn"] {
        let sandbox = with_layer();
        publish_layer(&sandbox, "lib-dev");
        publish_layer(&sandbox, "lib-dev");
        sandbox.type_in(line).ok();
        assert_eq!(
            layers(&sandbox),
            json!([{"LayerName": "lib-dev", "LayerVersion": 2}]),
            "{line}"
        );
        let from = sandbox.calls().len();
        sandbox.type_in(line).ok();
        sandbox.nothing_changed(from);
        // As with the real tool, a newer one is taken by the next deployment.
        publish_layer(&sandbox, "lib-dev");
        sandbox.type_in(line).ok();
        assert_eq!(layers(&sandbox)[0]["LayerVersion"], 3, "{line}");
        // What is given counts before what is looked up.
        sandbox.type_in(&format!("{line} --output-value shop.deps.version=1")).ok();
        assert_eq!(layers(&sandbox)[0]["LayerVersion"], 1, "{line}");
    }
}

#[test]
fn a_layer_that_is_not_there_is_said_before_anything_changes() {
    for (line, instance) in [("deploy", "fn: "), ("deploy --target fn", "")] {
        let sandbox = with_layer();
        sandbox
            .type_in(line)
            .fails(2)
            .says(&format!("error: {instance}cannot resolve `${{output:dev:shop:deps.version}}`"))
            .says("layer `lib-dev` has no version in ap-guangzhou that can be used")
            .says("--output-value dev:shop:deps.version=VALUE");
        sandbox.nothing_changed(0);
    }
}

#[test]
fn what_several_instances_of_a_project_need_is_said_at_once() {
    let sandbox = project();
    other(&sandbox, "net", "vpc");
    other(&sandbox, "db", "postgresql");
    let variable = |output: &str| {
        format!(
            "  environment:\n    variables:\n      DATA: ${{output:${{stage}}:${{app}}:{output}}}\n"
        )
    };
    function(&sandbox, "one", &variable("db.private.PGPASSWORD"));
    function(&sandbox, "two", &variable("net.vpcId"));
    let ran = sandbox
        .type_in("deploy")
        .fails(2)
        .says("2 instances need outputs that are not known")
        .says("nobody tells the outputs of `db`, a `postgresql`")
        .says("nobody tells the outputs of `net`, a `vpc`")
        .says("`scfctl deploy --output-value dev:shop:db.private.PGPASSWORD=VALUE --output-value dev:shop:net.vpcId=VALUE`");
    assert!(ran.stderr.contains("one: ") && ran.stderr.contains("two: "), "{}", ran.stderr);
    assert_eq!(sandbox.calls().len(), 0);
    let line = "deploy --output-value shop.db.private.PGPASSWORD=hushhush --output-value shop.net.vpcId=vpc-1";
    let ran = sandbox.type_in(&format!("{line} --debug")).ok();
    assert!(!ran.stderr.contains("hushhush") && !ran.stdout.contains("hushhush"), "{}", ran.stderr);
    let one = sandbox.console("GetFunction", json!({"FunctionName": "one-dev-shop"}));
    assert_eq!(one["Environment"]["Variables"][0]["Value"], "hushhush");
    let from = sandbox.calls().len();
    sandbox.type_in(line).ok();
    sandbox.nothing_changed(from);
}

#[test]
fn variables_and_outputs_that_a_project_lacks_are_said_in_one_run() {
    let mut sandbox = project();
    other(&sandbox, "net", "vpc");
    let environment = |value: &str| format!("  environment:\n    variables:\n      AA: {value}\n");
    let network = "  vpcConfig:\n    vpcId: ${output:${stage}:${app}:net.vpcId}\n    subnetId: ${output:${stage}:${app}:net.subnetId}\n";
    function(&sandbox, "fn1", &environment("${output:${stage}:${app}:fn.fnctionName}"));
    function(&sandbox, "fn2", &format!("{}{network}", environment("${env:MISSING_ENV}")));
    function(&sandbox, "fn3", &environment("${env:MISSING_TOO}"));
    let ran = sandbox
        .type_in("deploy")
        .fails(2)
        .says("3 instances have references that cannot be resolved")
        .says("fn1: ")
        .says("scf has no output `fnctionName`")
        .says("fn2: 3 references of ")
        .says("`${env:MISSING_ENV}` at `inputs.environment.variables.AA` (fn2/serverless.yml:9)")
        .says("`${output:dev:shop:net.vpcId}` at `inputs.vpcConfig.vpcId` (fn2/serverless.yml:11)")
        .says("`${output:dev:shop:net.subnetId}`")
        .says("fn3: cannot resolve `${env:MISSING_TOO}`")
        .says("set `MISSING_ENV`, `MISSING_TOO` in the environment")
        .says("--output-value dev:shop:net.subnetId=VALUE --output-value dev:shop:net.vpcId=VALUE");
    assert!(!ran.stderr.contains("fn: "), "{}", ran.stderr);
    // What is given is not asked for again.
    sandbox.set("MISSING_TOO", "x");
    function(&sandbox, "fn1", "");
    let given = "deploy --output-value shop.net.subnetId=s --output-value shop.net.vpcId=v";
    sandbox.type_in(given).fails(2).says("error: fn2: cannot resolve `${env:MISSING_ENV}`");
    assert_eq!(sandbox.calls().len(), 0);
    sandbox.set("MISSING_ENV", "y");
    sandbox.type_in(given).ok();
}

#[test]
fn what_is_wrong_with_another_component_stops_nobody() {
    let sandbox = project();
    sandbox.file(
        "db/serverless.yml",
        "component: postgresql\nname: db\ninputs:\n  name: 007\n  region: ${output:x}\n  dBInstanceName: ${param:NAME}\n  handlr: 1.10\n",
    );
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(ran.stderr.matches("warning").count(), 1, "{}", ran.stderr);
    assert_eq!(sandbox.changed_since(0), ["CreateFunction fn-dev-shop"]);
}
