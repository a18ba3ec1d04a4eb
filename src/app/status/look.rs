//! One look at functions: what is there, and what is told of it.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use serde_json::Map;

use super::members::{Members, StatusMember};
use crate::app::record;
use crate::app::rollout::glance::{self, View};
use crate::app::rollout::options::{GivenOptions, Typed};
use crate::app::session::{self, Session};
use crate::config::function::Reader;
use crate::config::settings::Settings;
use crate::error::{Error, Part, RolloutError, RolloutOption, Task, Unread};
use crate::execute::survey::{self, Survey};
use crate::execute::{AliasRecord, ExecuteError};
use crate::model::{Alias, PublishedVersion, Version};
use crate::report::record::VersionRecord;
use crate::report::status::{
    Function, FunctionFound, ListedVersion, Provisioned, RoutedAlias, Served, StatusOfFunction,
    StatusOfFunctions, Unread as UnreadPart,
};
use crate::report::{FunctionName, Said};

/// Functions that are looked at at the same time.
const AT_ONCE: usize = 8;

/// The alias that is meant, of those that have a rollout under way.
pub(super) fn meant(mut open: Vec<String>, settings: &Settings) -> Result<String, Error> {
    match open.len() {
        0 => {
            let given = GivenOptions::merge(&Typed::new(), settings);
            given.check_alias().map_err(RolloutError::of_option)?;
            Ok(given.alias(settings))
        }
        1 => Ok(open.remove(0)),
        _ => Err(RolloutError::of_option(RolloutOption::SeveralRollouts { aliases: open })),
    }
}

/// What is being done, for error texts.
pub(super) fn task_of(members: &Members) -> Task {
    let first = members.list.first().map(|member| member.function.name.clone());
    Task::Status { function: first.unwrap_or_default() }
}

/// The alias that alone is looked at.
pub(super) fn alias_name(settings: &Settings) -> Result<Option<String>, Error> {
    let place = |key: &str| settings.command_place(key);
    let reader = Reader::new(&settings.project.command_inputs, &place);
    Ok(reader.text("alias")?.filter(|name| !name.is_empty()))
}

/// What was found of each, in their order.
pub(super) async fn look(
    session: &Session,
    members: &Members,
    alias: Option<&str>,
    with_code: bool,
) -> Result<Vec<Result<Function, Error>>, Error> {
    let one = |member| Box::pin(look_at(session, member, alias, (members.is_project, with_code)));
    let looked: Vec<_> = stream::iter(&members.list).map(one).buffered(AT_ONCE).collect().await;
    let mut found = Vec::new();
    for one in looked {
        match one {
            Err(error) if error.is_stop() || !members.is_project => return Err(error),
            one => found.push(one),
        }
    }
    Ok(found)
}

/// Looks at one function.
///
/// # Errors
/// It is not there, cannot be read, or a signal came.
async fn look_at(
    session: &Session,
    member: &StatusMember,
    alias: Option<&str>,
    (is_project, with_code): (bool, bool),
) -> Result<Function, Error> {
    let StatusMember { function, context, .. } = member;
    let task = Task::Status { function: function.name.clone() };
    let failed = |error| session::failed(&task, function, error);
    let on = session.on_telling(&context.sink, function.clone());
    let mut survey = Box::pin(survey::read(&on, with_code)).await.map_err(failed)?;
    if let Some(name) = alias {
        let existing = survey.aliases.iter().map(|record| record.alias.name.clone()).collect();
        survey.aliases.retain(|record| record.alias.name == name);
        if survey.aliases.is_empty() && !is_project {
            let (alias, function) = (name.to_owned(), function.name.clone());
            return Err(failed(ExecuteError::NoAlias { alias, function, existing }));
        }
    }
    let mut unread = Vec::new();
    let rollouts = rollouts(session, member, with_code, &survey.aliases, &mut unread).await?;
    let Survey { state, versions, aliases, triggers, provisioned, digests } = survey;
    let mut part = |part: Part, error: ExecuteError| {
        let task = Task::ReadPart { part, function: function.name.clone() };
        unread.push((part, session::failed(&task, function, error)));
    };
    let triggers = triggers.map_err(|error| part(Part::Triggers, error)).ok();
    let provisioned = provisioned.map_err(|error| part(Part::Provisioned, error)).ok();
    let digests = digests.map_err(|error| part(Part::Code, error)).unwrap_or_default();
    for (_, error) in &unread {
        context.sink.warning(&Unread(error));
    }
    Ok(Function {
        status: state.status,
        status_reason: state.reason,
        kind: state.kind,
        record: state.record,
        image: state.image,
        versions: versions.into_iter().map(|one| listed(one, &aliases, &digests)).collect(),
        aliases: aliases.iter().map(routed).collect(),
        triggers: triggers.map(|triggers| {
            triggers.iter().map(|trigger| record::trigger(trigger, Map::new())).collect()
        }),
        provisioned: provisioned.map(|held| {
            let held = held.into_iter().map(|held| Provisioned {
                version: held.version,
                asked: held.asked,
                warm: held.warm,
                status: held.status,
                reason: held.reason,
            });
            held.collect()
        }),
        rollouts,
        unread: unread
            .iter()
            .map(|(part, error)| UnreadPart { part: part.word(), error: error.report() })
            .collect(),
    })
}

/// The rollouts of all aliases.
async fn rollouts(
    session: &Session,
    member: &StatusMember,
    says: bool,
    aliases: &[AliasRecord],
    unread: &mut Vec<(Part, Error)>,
) -> Result<Vec<crate::report::status::RolloutFound>, Error> {
    let StatusMember { function, context, settings, .. } = member;
    let sink = &context.sink;
    let outside = GivenOptions::merge(&Typed::new(), settings).outside_or_none(&|problem| {
        if says {
            sink.warning(problem);
        } else {
            // Looked at again and again, it is as it was.
            sink.note_once(&problem.to_string(), problem);
        }
    });
    let task = Task::ReadPart { part: Part::Monitor, function: function.name.clone() };
    let looks = aliases.iter().map(|record| {
        let (outside, task, clock) = (&outside, &task, &context.clock);
        let on = session.on_telling(&context.sink, function.clone());
        async move {
            let view = View { session, on, clock, function, outside, task };
            Box::pin(glance::look(&view, &record.alias)).await
        }
    });
    let mut rollouts = Vec::new();
    for looked in join_all(looks).await {
        if let Some((rollout, unanswered)) = looked? {
            rollouts.push(rollout);
            unread.extend(unanswered.into_iter().map(|error| (Part::Monitor, error)));
        }
    }
    Ok(rollouts)
}

pub(super) fn listed(
    listed: PublishedVersion,
    aliases: &[AliasRecord],
    digests: &BTreeMap<Version, String>,
) -> ListedVersion {
    let version = listed.version;
    let code_sha256 = digests.get(&version).cloned();
    ListedVersion {
        record: VersionRecord { code_sha256, ..record::version(listed) },
        aliases: aliases.iter().filter_map(|record| served(&record.alias, version)).collect(),
    }
}

fn served(alias: &Alias, version: Version) -> Option<Served> {
    let share = alias.routing.shares().get(&version).copied();
    let by_rules = alias.routing.matches.iter().any(|rule| rule.version == version);
    (share.is_some() || by_rules).then(|| Served {
        alias_name: alias.name.clone(),
        share: share.unwrap_or(crate::model::Weight::ZERO),
        by_rules,
    })
}

fn routed(record: &AliasRecord) -> RoutedAlias {
    let AliasRecord { alias, reply } = record;
    let (add_time, mod_time) = (reply.add_time.clone(), reply.mod_time.clone());
    let shares = alias.routing.clone();
    RoutedAlias {
        alias: crate::report::alias::Alias { add_time, mod_time, ..alias.into() },
        shares,
    }
}

/// What is told of each, and the errors of those that cannot be looked at.
pub(super) fn reported(
    members: &Members,
    looked: Vec<Result<Function, Error>>,
) -> (StatusOfFunctions, Vec<(String, Error)>) {
    let (mut functions, mut failed) = (Vec::new(), Vec::new());
    for (member, looked) in members.list.iter().zip(looked) {
        let StatusMember { key, function, .. } = member;
        let found = match looked {
            Ok(function) => FunctionFound::There(Box::new(function)),
            Err(error) => {
                let (report, said) = (Box::new(error.report()), Said::new(&Unread(&error)));
                failed.push((key.clone().unwrap_or_else(|| function.name.clone()), error));
                FunctionFound::Not { error: report, said }
            }
        };
        functions.push(StatusOfFunction {
            key: key.clone(),
            function: FunctionName::from(function),
            found,
        });
    }
    (StatusOfFunctions { functions, is_project: members.is_project }, failed)
}
