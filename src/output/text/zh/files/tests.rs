use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;
use crate::config::credentials::{
    CredentialsError, KeyPart, KeyPlace, MetadataAnswer, NoKeys, RoleRule, Searched, SourceName,
    TccliProblem, Unreadable, ValueName,
};
use crate::config::project::{ConfigError, ConfigHint, Expected, Unresolved};
use crate::config::references::{Give, OutputHint, OutputProblem};
use crate::config::variables::{
    ReferenceFault, VariableError, VariableErrors, VariableHint, VariableHints, VariableWarning,
};
use crate::config::yaml::{
    ChangedScalar, DocumentError, Fault, JsonSyntax, Location, Problem, YamlSyntax, parse,
};
use crate::output::text::zh::assert_chinese;
use crate::text::Cause;

fn name() -> String {
    "NAME".to_owned()
}

fn path() -> PathBuf {
    Path::new("f").join("serverless.yml")
}

fn document_error() -> DocumentError {
    parse("a: [").unwrap_err()
}

fn reasons() -> Vec<ReferenceFault> {
    vec![
        ReferenceFault::NotSet { name: name() },
        ReferenceFault::Unclosed { name: name(), line: 3 },
        ReferenceFault::Unread { name: name(), line: 3 },
        ReferenceFault::NoSuchValue { name: name() },
        ReferenceFault::Cycle { name: name() },
        ReferenceFault::TooDeep,
        ReferenceFault::TooLong,
        ReferenceFault::TooMany,
        ReferenceFault::TooMuch,
        ReferenceFault::NoParameter { name: name() },
        ReferenceFault::OutputOfUnknown,
        ReferenceFault::MalformedOutput,
        ReferenceFault::Unsupported { kind: "self".to_owned(), instead: None },
        ReferenceFault::Unknown { instead: None },
        ReferenceFault::Default,
    ]
}

fn error(reason: ReferenceFault) -> VariableError {
    let (path, reference) = ("inputs.x".to_owned(), "${env:A}".to_owned());
    VariableError { path, reference, reason }
}

fn errors() -> Vec<VariableError> {
    reasons().into_iter().map(error).collect()
}

fn changed() -> ChangedScalar {
    let document = parse("name: 010\n").unwrap();
    document.locations.changed("/name").unwrap()
}

fn config_errors() -> Vec<ConfigError> {
    let unresolved = |errors: Vec<VariableError>| Unresolved {
        path: Some(path()),
        errors: errors.into_iter().map(|e| (Some(Position::line("f", 2)), e)).collect(),
        unknown: Vec::new(),
    };
    let many = errors().into_iter().chain(errors());
    vec![
        ConfigError::Read { path: path(), source: ReadError::Folder },
        ConfigError::Syntax { path: path(), source: document_error() },
        ConfigError::Empty { path: path() },
        ConfigError::Missing { path: path(), key: "name", misspelt: None },
        ConfigError::Missing { path: path(), key: "component", misspelt: None },
        ConfigError::Missing { path: path(), key: "name", misspelt: Some((name(), 0)) },
        ConfigError::Missing { path: path(), key: "name", misspelt: Some((name(), 3)) },
        ConfigError::WrongType { path: path(), key: None, expected: Expected::Map, line: None },
        ConfigError::WrongType {
            path: path(),
            key: Some("name".to_owned()),
            expected: Expected::Text,
            line: Some(2),
        },
        ConfigError::NotText {
            key: "name".to_owned(),
            position: Position::line("f", 1),
            changed: changed(),
        },
        ConfigError::FirstComponents { path: path(), key: name(), line: 1, count: 2 },
        ConfigError::Plugin { path: path() },
        ConfigError::OtherCloud { path: path(), provider: name() },
        ConfigError::OldComponent { path: path(), component: name(), name: "scf" },
        ConfigError::ForeignDotEnv { path: path(), nearest: path(), owner: 1 },
        ConfigError::NoTarget { path: path() },
        ConfigError::EmptyStage { path: path() },
        ConfigError::Variables(unresolved(vec![error(ReferenceFault::Default)])),
        ConfigError::Variables(unresolved(many.collect())),
    ]
}

fn faults() -> Vec<Fault> {
    let at = Location { line: 1, column: 2 };
    vec![
        Fault::Duplicate { key: name(), first: at },
        Fault::Tab,
        Fault::SecondDocument,
        Fault::Indentation,
        Fault::Mixed,
        Fault::NoKey { line: 2 },
        Fault::Unquoted,
        Fault::Open { opened: '[', missing: ']', at },
        Fault::QuoteWithin { quote: '\'' },
        Fault::QuoteWithin { quote: '"' },
        Fault::NoAnchor { name: name() },
        Fault::Unclosed,
        Fault::Escape,
        Fault::Tag,
    ]
}

fn problems() -> Vec<Problem> {
    let tag = || "tag:yaml.org,2002:int".to_owned();
    let yaml = YamlSyntax::KNOWN.iter().cloned().map(Problem::Yaml);
    let json = JsonSyntax::KNOWN.iter().cloned().map(Problem::Json);
    let words = || "some words of a parser".to_owned();
    let mut problems = vec![
        Problem::Yaml(YamlSyntax::Other(words())),
        Problem::Json(JsonSyntax::Other(words())),
        Problem::ControlCharacter,
        Problem::Tab,
        Problem::EndOfFile,
        Problem::EndOfValue,
        Problem::SecondDocument,
        Problem::AliasInItself,
        Problem::TooDeep,
        Problem::AliasesTooDeep,
        Problem::TooManyValues,
        Problem::TooManyBytes,
        Problem::TooManyMerged,
        Problem::Merge,
        Problem::DuplicateKey { key: name() },
        Problem::Key,
        Problem::NotOfTag { tag: tag() },
        Problem::TagMisfit { tag: tag() },
        Problem::UnknownTag { tag: tag() },
        Problem::NotAPair,
        Problem::NotASinglePair,
        Problem::DuplicateInOrderedMap,
        Problem::ValueInSet,
    ];
    problems.extend(yaml.chain(json));
    problems
}

fn dotenv_reasons() -> Vec<dotenv::LineFault> {
    use dotenv::LineFault;
    vec![
        LineFault::NotRead,
        LineFault::ExportNotRead,
        LineFault::CommentCut { name: name() },
        LineFault::CommentKept { name: name() },
        LineFault::QuoteKept { name: name() },
        LineFault::QuoteOpen { name: name() },
        LineFault::Again { name: name(), first: 1 },
    ]
}

fn variable_warnings() -> Vec<VariableWarning> {
    let warning = |text: Option<&str>, escaped| VariableWarning {
        path: "inputs.x".to_owned(),
        text: text.map(str::to_owned),
        escaped,
    };
    vec![warning(Some("${a b}"), false), warning(Some("${env:A}"), true), warning(None, false)]
}

fn warnings() -> Vec<ConfigWarning> {
    let unknown =
        |meant| ConfigWarning::UnknownKey { key: name(), position: Position::line("f", 1), meant };
    let unread =
        |read| ConfigWarning::UnreadDotEnv { stage: "prod".to_owned(), path: path(), read };
    let mut warnings = vec![
        ConfigWarning::Overridden { key: "app", by: path(), of: path() },
        unknown(TopKeyMeaning::Input),
        unknown(TopKeyMeaning::Key("name")),
        unknown(TopKeyMeaning::Nothing),
        unknown(TopKeyMeaning::InputLike("traffic")),
        unknown(TopKeyMeaning::OfInstance),
        ConfigWarning::MemberDotEnv { path: path(), of_project: path() },
        unread(None),
        unread(Some(path())),
        ConfigWarning::LeftOut { key: name(), errors: VariableErrors(errors()) },
        ConfigWarning::Region { region: "ap-x".to_owned(), meant: Some("ap-tokyo") },
        ConfigWarning::Region { region: "ap-x".to_owned(), meant: None },
    ];
    let unused = |used| ConfigWarning::UnusedValue { key: "dev:shop:net.a".to_owned(), used };
    warnings.extend([
        ConfigWarning::DotEnvOutside { path: path() },
        ConfigWarning::Function { position: Position::line("f", 1) },
        unused(UsedInstead::Like("dev:shop:net.b".to_owned())),
        unused(UsedInstead::Others(vec!["dev:shop:net.b".to_owned(), "dev:shop:net.c".to_owned()])),
        unused(UsedInstead::Nothing),
        ConfigWarning::More { count: 9 },
    ]);
    warnings.extend(credentials_errors().into_iter().map(ConfigWarning::ServerKeys));
    let parent = |error| ConfigWarning::ParentIgnored(Box::new(error));
    warnings.extend(config_errors().into_iter().map(parent));
    let line = |reason| {
        let warning = dotenv::DotenvWarning { line: 2, reason };
        ConfigWarning::DotEnv { path: path(), warning }
    };
    warnings.extend(dotenv_reasons().into_iter().map(line));
    warnings.extend(variable_warnings().into_iter().map(ConfigWarning::Variable));
    warnings
}

fn hints() -> Vec<ConfigHint> {
    let mut hints: Vec<ConfigHint> = config_errors().iter().filter_map(ConfigError::hint).collect();
    let names = || BTreeSet::from([name(), "OTHER".to_owned()]);
    hints.extend([
        ConfigHint::Variables(VariableHint::GiveParameters { names: names() }.into()),
        ConfigHint::Variables(VariableHints(vec![
            VariableHint::Set { names: names() },
            VariableHint::DefaultForm,
        ])),
    ]);
    let hints_of_variables = errors().iter().filter_map(VariableError::hint).collect::<Vec<_>>();
    hints.extend(hints_of_variables.into_iter().map(|hint| ConfigHint::Variables(hint.into())));
    hints
}

fn places() -> Vec<KeyPlace> {
    let profile = || "default".to_owned();
    vec![
        KeyPlace::Environment,
        KeyPlace::Cluster,
        KeyPlace::Machine,
        KeyPlace::DotEnv(path()),
        KeyPlace::TokenFile(path()),
        KeyPlace::Sls { file: path(), profile: profile() },
        KeyPlace::Tccli { file: path(), profile: profile() },
        KeyPlace::Sdk { file: path(), profile: profile() },
    ]
}

fn credentials_errors() -> Vec<CredentialsError> {
    let named = || ValueName::Named(name());
    let of_place = |place: KeyPlace| {
        let clone = || place.clone();
        let placeholder =
            |kind| CredentialsError::Placeholder { place: clone(), name: named(), kind };
        let rule = |rule| CredentialsError::Rule { place: clone(), name: name(), rule };
        vec![
            CredentialsError::Incomplete { place: clone(), present: name(), missing: name() },
            CredentialsError::Malformed { place: clone(), name: ValueName::Token },
            CredentialsError::Malformed { place: clone(), name: named() },
            placeholder(KeyPart::Id),
            placeholder(KeyPart::Key),
            placeholder(KeyPart::Token),
            rule(RoleRule::Role),
            rule(RoleRule::Session),
        ]
    };
    let mut errors: Vec<CredentialsError> = places().into_iter().flat_map(of_place).collect();
    let mut searched: Vec<Searched> = places().into_iter().map(Searched::from).collect();
    let reason = ["the machine has no role".to_owned(), "机器没有角色".to_owned()];
    searched[0].answer = Some(MetadataAnswer { endpoint: "http://localhost".to_owned(), reason });
    errors.extend([
        CredentialsError::Missing { places: searched },
        CredentialsError::NoProfile { profile: name(), places: places() },
    ]);
    let unreadable = |reason| CredentialsError::Unreadable { file: path(), reason };
    let text = |problem| CredentialsError::Text { file: path(), line: 2, problem };
    errors.extend([
        unreadable(Unreadable::Read(ReadError::Folder)),
        unreadable(Unreadable::Absent),
        unreadable(Unreadable::Empty),
        text(TccliProblem::Value { key: "token".to_owned() }),
        text(TccliProblem::NotAnObject),
        text(TccliProblem::NotJson { column: 2 }),
    ]);
    errors
}

fn output_problems() -> Vec<OutputProblem> {
    let (path, instance) = (|| "a.b".to_owned(), name);
    let configuration =
        |error| OutputProblem::Configuration { folder: name(), error: Cause::new(error) };
    let mut problems = vec![
        OutputProblem::Unnamed,
        OutputProblem::OnlyDeploy,
        OutputProblem::GivenTwice { keys: [name(), name()] },
        OutputProblem::NotOfComponent { component: "scf", key: name() },
        OutputProblem::NotSingle { path: path(), instance: instance() },
        OutputProblem::Absent { path: path(), instance: instance() },
        OutputProblem::NoUrl { instance: instance() },
        OutputProblem::NoLayerVersion { layer: name(), region: "ap-tokyo".to_owned() },
        OutputProblem::NotDeployed { instance: instance(), function: name() },
        OutputProblem::OtherApp { app: name() },
        OutputProblem::NoSuchComponent { component: name() },
        OutputProblem::SeveralFunctions { instance: instance() },
        OutputProblem::OtherComponent { instance: instance(), component: name() },
        OutputProblem::NoInstanceIn { instance: instance(), app: name(), folder: self::path() },
        OutputProblem::NoInstance { instance: instance() },
        OutputProblem::NotInTheCloud { path: path() },
        OutputProblem::NotOfLayer { path: path(), instance: instance() },
        OutputProblem::NoLayerName { instance: instance() },
    ];
    problems.extend(config_errors().into_iter().map(configuration));
    problems
}

fn output_hints() -> Vec<OutputHint> {
    let command = |several| Give::Command {
        line: "scfctl deploy".to_owned(),
        has_more_inputs: several,
        several,
    };
    let gives = [Give::Option, command(false), command(true)];
    let mut hints = vec![
        OutputHint::GiveUnnamed,
        OutputHint::LeaveOneOut,
        OutputHint::GiveKey { key: "dev:shop:net.a".to_owned() },
        OutputHint::Outputs { outputs: &["name", "region", "version"] },
        OutputHint::Within,
        OutputHint::Printed,
        OutputHint::HttpTrigger,
        OutputHint::Deploy,
        OutputHint::Component { meant: "scf" },
        OutputHint::Configuration(Cause::new(ConfigHint::Least)),
    ];
    for give in gives {
        hints.extend([
            OutputHint::Give(give.clone()),
            OutputHint::DeployProject(give.clone()),
            OutputHint::Take { outputs: &["name"], give: give.clone() },
            OutputHint::Instances { names: vec![name()], give },
        ]);
    }
    hints
}

#[test]
fn every_sentence_is_chinese() {
    assert_chinese(&Position::Argument("name=a".to_owned()));
    let variables = vec![
        VariableSource::Environment(name()),
        VariableSource::Parameter(name()),
        VariableSource::DotEnv { name: name(), file: ".env".to_owned() },
        VariableSource::Other(name()),
    ];
    let place = Position::line("serverless.yml", 3);
    assert_chinese(&ValueSource { place, variables });
    assert_chinese(&NoKeys::Missing);
    assert_chinese(&NoKeys::LastResort(SourceName::One(KeyPlace::Machine)));
    let reads = [
        ReadError::Folder,
        ReadError::Special,
        ReadError::TooLarge { limit: 9 },
        ReadError::NotText { byte: 3 },
        ReadError::System("Permission denied (os error 13)".to_owned()),
    ];
    reads.iter().for_each(assert_chinese);
    errors().iter().for_each(assert_chinese);
    reasons().iter().for_each(assert_chinese);
    problems().iter().for_each(assert_chinese);
    faults().iter().for_each(assert_chinese);
    assert_chinese(&document_error());
    config_errors().iter().for_each(assert_chinese);
    hints().iter().for_each(assert_chinese);
    warnings().iter().for_each(assert_chinese);
    output_problems().iter().for_each(assert_chinese);
    output_hints().iter().for_each(assert_chinese);
    credentials_errors().iter().for_each(assert_chinese);
    let two = SourceName::Two(KeyPlace::Environment, KeyPlace::DotEnv(path()));
    assert_eq!(two.zh(), "环境变量、f/serverless.yml");
}
