//! One switch for each point on which the API reference is unsure.
//!
//! A client has to be right under every setting, so tests run the points they
//! touch once for each value.

/// Declares a switch per unsettled point: its enum, its field and its words.
/// The first value is the default.
macro_rules! switches {
    ($(
        $(#[doc = $about:literal])+
        $field:ident: $kind:ident { $( $(#[doc = $value_about:literal])+ $value:ident = $word:literal ),+ $(,)? }
    )+) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $kind { $( $(#[doc = $value_about])+ $value ),+ }

            impl $kind {
                /// Every value, the default first.
                pub const ALL: &'static [Self] = &[$(Self::$value),+];

                /// The word that stands for the value on a command line.
                #[must_use]
                pub fn word(self) -> &'static str {
                    match self { $(Self::$value => $word),+ }
                }
            }

            impl Default for $kind {
                fn default() -> Self {
                    Self::ALL[0]
                }
            }
        )+

        /// How the local SCF behaves where the API reference is unsure.
        ///
        /// The default is the most likely reading of each point.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct Behaviour {
            $( $(#[doc = $about])+ pub $field: $kind, )+
        }

        impl Behaviour {
            /// Every switch with the words it takes, the default first.
            #[must_use]
            pub fn keys() -> Vec<(String, Vec<&'static str>)> {
                vec![$((
                    key(stringify!($field)),
                    $kind::ALL.iter().map(|value| value.word()).collect(),
                )),+]
            }

            /// Sets one switch from `key=value`, the form of the command line.
            ///
            /// # Errors
            ///
            /// Names the known keys or values when the text has another one.
            pub fn set(&mut self, text: &str) -> Result<(), SwitchError> {
                let Some((name, word)) = text.split_once('=') else {
                    return Err(SwitchError::Form(text.to_owned()));
                };
                let (name, word) = (name.trim(), word.trim());
                $(
                    if name == key(stringify!($field)) {
                        let found = $kind::ALL.iter().find(|value| value.word() == word);
                        self.$field = *found.ok_or_else(|| {
                            let words = $kind::ALL.iter().map(|value| value.word()).collect();
                            let (switch, word) = (name.to_owned(), word.to_owned());
                            SwitchError::Word { switch, word, words }
                        })?;
                        return Ok(());
                    }
                )+
                let switches = Self::keys().into_iter().map(|(key, _)| key).collect();
                Err(SwitchError::Unknown { switch: name.to_owned(), switches })
            }
        }
    };
}

/// Why a switch cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// Nothing is set to anything.
    #[error("`{0}` is not of the form key=value")]
    Form(String),
    /// A value that the switch does not take.
    #[error("`{switch}` cannot be `{word}`: it takes {}", words.join(", "))]
    Word {
        /// The switch.
        switch: String,
        /// The value.
        word: String,
        /// Those that it takes.
        words: Vec<&'static str>,
    },
    /// No such switch.
    #[error("no switch `{switch}`: there are {}", switches.join(", "))]
    Unknown {
        /// Its name.
        switch: String,
        /// Those that there are.
        switches: Vec<String>,
    },
}

/// The spelling of a field's name on the command line.
fn key(field: &str) -> String {
    field.replace('_', "-")
}

switches! {
    /// The code of a changing call while the function is not settled.
    busy: Busy {
        /// `FailedOperation.<Action>`.
        Named = "named",
        /// `FailedOperation.FunctionStatusError`.
        Status = "status",
        /// `FailedOperation.OperationConflict`.
        Conflict = "conflict",
        /// `UnsupportedOperation.<Action>`.
        Unsupported = "unsupported",
        /// `FailedOperation` where the action declares it. Aliases cannot be changed then either.
        Plain = "plain",
    }

    /// What the first read after a write shows: of an alias, of the list of versions and of
    /// `$LATEST`, each for itself. A version that is asked for by its number is always as it is.
    reads: Reads {
        /// What was written.
        Fresh = "fresh",
        /// What was there before, as a replica that lags behind.
        StaleOne = "stale-one",
    }

    /// How answers show the weights of an alias, which are kept as they were sent.
    weights: ShownWeights {
        /// As they were sent.
        Exact = "exact",
        /// As 32-bit floats: 0.1 comes back as 0.10000000149011612.
        Float32 = "float32",
        /// Rounded to whole percents: 0.333 comes back as 0.33.
        Percent = "percent",
    }

    /// Which regions there are.
    regions: Regions {
        /// Those that SDKs and documents list.
        Listed = "listed",
        /// All whose name looks like one.
        Any = "any",
    }

    /// Which runtimes a new function may have.
    runtimes: Runtimes {
        /// Those that the definition lists, and those that it lacks although they occur.
        Listed = "listed",
        /// All.
        Any = "any",
    }

    /// What `$LATEST` shows while a version of it is being published.
    latest_while_publishing: LatestWhilePublishing {
        /// `Publishing`, so that changes are refused meanwhile.
        Publishing = "publishing",
        /// `Active`: only the new version shows the work.
        Active = "active",
        /// `Active`, yet changes are refused as if it were not.
        ActiveButBusy = "active-but-busy",
    }

    /// `PublishVersion` after an update or a publication that failed.
    publish_after_failure: PublishAfterFailure {
        /// Refused: the status is not `Active`.
        Refused = "refused",
        /// Publishes the previous content, which keeps serving.
        Allowed = "allowed",
    }

    /// Whether a version can be read while it is being published.
    new_version: NewVersion {
        /// It is there at once, with the status `Publishing`.
        Visible = "visible",
        /// It is not found until it is `Active`.
        Hidden = "hidden",
    }

    /// Where `$LATEST` stands among the versions, newest first.
    latest_listed: LatestListed {
        /// First, as the version that changes.
        First = "first",
        /// Last, as the one that was there first.
        Last = "last",
    }

    /// Publishing content equal to that of the newest version.
    unchanged_publish: UnchangedPublish {
        /// Makes another version.
        Allowed = "allowed",
        /// `ResourceInUse`.
        Refused = "refused",
    }

    /// `UpdateAlias` without a `RoutingConfig`.
    absent_routing: AbsentRouting {
        /// All traffic goes to the main version.
        Clear = "clear",
        /// The alias keeps its weights and rules.
        Keep = "keep",
    }

    /// `UpdateAlias` with a `RoutingConfig` of empty lists, or `{}`.
    empty_routing: EmptyRouting {
        /// All traffic goes to the main version.
        Clear = "clear",
        /// The alias keeps its weights and rules.
        Keep = "keep",
    }

    /// `UpdateAlias` without a `Description`.
    absent_description: AbsentDescription {
        /// The text stays.
        Keep = "keep",
        /// The text becomes empty.
        Clear = "clear",
    }

    /// The code for more than one additional version.
    two_weights: TwoWeights {
        /// `InvalidParameterValue.AdditionalVersionWeights`.
        Weights = "weights",
        /// `InvalidParameterValue.RoutingConfig`.
        RoutingValue = "routing-value",
        /// `InvalidParameter.RoutingConfig`.
        Routing = "routing",
    }

    /// The finest step of a weight.
    weight_step: WeightStep {
        /// Any number from 0 to 1.
        Any = "any",
        /// Two decimals; anything finer is refused.
        Percent = "percent",
    }

    /// An alias that names a version still being published.
    alias_on_publishing: AliasOnPublishing {
        /// `FailedOperation.CreateAlias` or `.UpdateAlias`.
        Failed = "failed",
        /// `ResourceNotFound.FunctionVersion`.
        NotFound = "not-found",
        /// Accepted.
        Allowed = "allowed",
    }

    /// The rule for alias names.
    alias_names: AliasNames {
        /// 1 to 64 characters, first a letter (API definition).
        Definition = "definition",
        /// 2 to 60 characters, last a letter or digit (console).
        Console = "console",
    }

    /// Brackets of a `range` rule.
    range_brackets: RangeBrackets {
        /// `[0,30)` is accepted.
        Mixed = "mixed",
        /// Both open or both closed.
        Equal = "equal",
    }

    /// Deleting an alias that a trigger is bound to.
    alias_with_triggers: AliasWithTriggers {
        /// The trigger stays, bound to nothing.
        Keep = "keep",
        /// The trigger is deleted too.
        Remove = "remove",
        /// `FailedOperation.DeleteAlias`.
        Refuse = "refuse",
    }

    /// The largest `Limit` of list calls.
    page_limit: PageLimit {
        /// 100.
        Hundred = "100",
        /// 20.
        Twenty = "20",
        /// 3, to reach many pages with few items.
        Three = "3",
    }

    /// A `Limit` over the largest one.
    over_limit: OverLimit {
        /// The page is cut to the largest one.
        Cap = "cap",
        /// The call is refused.
        Refuse = "refuse",
    }

    /// The code for a function that is not there.
    missing_function: MissingFunction {
        /// `ResourceNotFound.Function`.
        Function = "function",
        /// `ResourceNotFound.FunctionName`.
        FunctionName = "function-name",
    }

    /// The code for creating what exists.
    existing: Existing {
        /// `ResourceInUse.Function`, `.Alias`, `.Trigger`.
        Kind = "kind",
        /// `ResourceInUse.FunctionName`, `.Alias`, `.TriggerName`.
        Name = "name",
        /// `ResourceInUse`.
        Plain = "plain",
    }

    /// Characters of a description.
    description_characters: DescriptionCharacters {
        /// Any; only the length counts.
        Any = "any",
        /// Letters, digits, blanks, commas, full stops, line breaks, Chinese.
        Declared = "declared",
    }

    /// The qualifier of `InvokeFunction` when none is sent.
    invoke_function_qualifier: InvokeFunctionQualifier {
        /// `$DEFAULT` (text of the parameter).
        Default = "default",
        /// `$LATEST` (product page).
        Latest = "latest",
    }

    /// What `CodeSha256` is the hash of.
    code_sha256: CodeHash {
        /// The zip as uploaded.
        Uploaded = "uploaded",
        /// A package that the platform made of it.
        Rebuilt = "rebuilt",
    }

    /// The zone of times in answers.
    times: Times {
        /// UTC+8.
        China = "china",
        /// UTC.
        Utc = "utc",
    }

    /// The cap on published versions of a function, and on its aliases.
    caps: Caps {
        /// None is reached.
        None = "none",
        /// Five of each.
        Five = "5",
    }

    /// The quota of triggers of one type that a function may have.
    triggers: Triggers {
        /// Raised, as accounts may have it, beyond what anyone reaches here.
        Raised = "raised",
        /// Ten, as the product page says.
        Ten = "10",
    }

    /// How the monitor knows the unpublished version.
    monitor_latest: MonitorLatest {
        /// As `$LATEST` and as `$latest`.
        Either = "either",
        /// As `$LATEST`.
        Capitals = "capitals",
        /// As `$latest`.
        Small = "small",
    }

    /// A count of the monitor, such as that of errors, in a minute with calls and none of these.
    monitor_zeros: MonitorZeros {
        /// There is no point.
        LeftOut = "left-out",
        /// The point is 0.
        Shown = "shown",
    }

    /// What of a log topic is searchable.
    log_index: LogIndex {
        /// The fields by their names, and words anywhere.
        Keys = "keys",
        /// Words anywhere: a condition on a field finds nothing.
        FullText = "full-text",
    }

    /// The query languages that a log topic takes.
    log_syntax: LogSyntax {
        /// CQL and Lucene.
        Both = "both",
        /// Lucene alone.
        Lucene = "lucene",
    }

    /// `X-TC-Content-SHA256: UNSIGNED-PAYLOAD`, by which a body is not signed.
    unsigned_payload: UnsignedPayload {
        /// The body is hashed all the same, so the signature is wrong.
        Refused = "refused",
        /// Accepted.
        Accepted = "accepted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_word_can_be_set() {
        for (key, words) in Behaviour::keys() {
            for word in words {
                let mut behaviour = Behaviour::default();
                assert_eq!(behaviour.set(&format!("{key}={word}")), Ok(()), "{key}={word}");
            }
        }
    }

    #[test]
    fn unknown_words_are_refused_with_the_known_ones() {
        let mut behaviour = Behaviour::default();
        for (text, part) in [
            ("busy", "key=value"),
            ("bussy=named", "no switch `bussy`"),
            ("busy=never", "named, status, conflict, unsupported, plain"),
        ] {
            let message = behaviour.set(text).expect_err(text);
            assert!(message.to_string().contains(part), "{message}");
        }
    }
}
