//! Aliases: those of the alias commands, and the one that a deployment routes.

/// What is wrong with an alias.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongAlias {
    /// A version that is empty or something else than a text or number.
    #[error("is empty or not a version")]
    EmptyOrNoVersion,
    /// A key of `config.weights`.
    #[error("names `{0}`, which is not a version")]
    NamesNoVersion(String),
    /// A key of `config`.
    #[error("is neither `weights` nor `matches`")]
    UnknownRouting,
    /// Both ways of routing.
    #[error("has weights and matches, which exclude each other")]
    WeightsAndMatches,
    /// A key of a rule.
    #[error("is not part of a rule")]
    NotOfRules,
    /// An empty list of rules.
    #[error("has no rule")]
    NoRule,
}

/// What to write instead about an alias.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AliasAdvice {
    /// The name of the alias.
    #[error("the alias, for example `--inputs name=alias-prod`")]
    Name,
    /// The main version of an alias command.
    #[error("the main version, for example `--inputs version=1`")]
    MainVersion,
    /// A version on the command line.
    #[error("a number such as 3, or '$LATEST' in single quotes")]
    QuotedVersion,
    /// A version.
    #[error("a number such as 3, or $LATEST")]
    Version,
    /// The expression of a `range` rule.
    #[error("two whole numbers in brackets without blanks: (1,9) or [1,9]")]
    Range,
    /// `config.matches` without a rule.
    #[error(r#"`--inputs config='{{"weights":{{}}}}'` to send everything to the main version"#)]
    NoRule,
    /// `aliasFunctionVersion`, or `publish`.
    #[error(
        "the alias's main version, for example `aliasFunctionVersion: 1`; or `--inputs publish=true` for the new one"
    )]
    MainVersionOrPublish,
    /// `additionalVersionWeights`.
    #[error("for example `additionalVersionWeights: [{{version: 2, weight: 0.1}}]`")]
    Weights,
    /// `additionalVersionWeights` beside a main version.
    #[error(
        "for example `additionalVersionWeights: [{{version: 2, weight: 0.1}}]`, or `[]` for everything to the main \
         version"
    )]
    WeightsOrNone,
    /// More than one additional version.
    #[error("one: the API takes one additional version, and the main version gets the rest")]
    OneVersion,
}
