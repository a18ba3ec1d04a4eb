//! What the commands of the matrix find and do.

/// The files of a project.
#[derive(Clone, Copy)]
pub struct Files {
    /// What the code returns.
    pub code: &'static str,
    /// More lines of `inputs`.
    pub yaml: &'static str,
}

/// A command and what it finds.
pub struct Scenario {
    pub name: &'static str,
    /// Commands that make what it finds.
    pub arranged_by: &'static [&'static str],
    /// The project while that is made.
    pub before: Files,
    /// The project of the command itself.
    pub files: Files,
    pub line: &'static str,
    /// The most of `$DEFAULT` that `$LATEST` may have with other code than it was found with.
    ///
    /// With `traffic` and no publication it is what was asked for. Otherwise it is the share
    /// that it was found with: without a word on traffic the routing stays, and a publication
    /// comes before the routing (docs/en/workflows.md).
    pub exposure: f64,
    /// Whether it is also run against a server whose reads lag behind writes.
    pub meets_lag: bool,
}

impl Scenario {
    /// Whether the command publishes a version.
    pub fn publishes(&self) -> bool {
        // Not what is called by what was published before.
        self.line.split(' ').any(|word| word.contains("publish") && word != "latest-published")
    }

    /// Whether a version is published under the name of a rollout, not of the run.
    pub fn freezes(&self) -> bool {
        self.name == "tick, freeze"
    }

    /// Whether the command begins work on the function.
    pub fn works(&self) -> bool {
        self.accounts() || self.publishes()
    }

    /// Whether the command takes the name of a run.
    pub fn names_run(&self) -> bool {
        self.line.contains("--rollout")
            || self.line.starts_with("rollout start")
            || self.publishes()
    }

    /// The command that saves the plan which it carries out.
    pub fn plan(&self) -> Option<&'static str> {
        const PLAN: &str = "deploy --publish --traffic 0.2 --run-id run-1 --plan plan.json";
        self.line.starts_with("apply").then_some(PLAN)
    }

    /// Whether the command tells what was done and what was not when it stops on its way.
    pub fn accounts(&self) -> bool {
        let deploys = self.line.starts_with("deploy") && !self.line.contains("--rollout");
        self.deletes() || deploys || self.plan().is_some()
    }

    /// Whether it deletes a function or versions.
    fn deletes(&self) -> bool {
        ["remove", "remove version", "versions prune"].contains(&self.name)
    }

    /// Whether it is about a rollout.
    fn rolls(&self) -> bool {
        self.line.starts_with("roll") || self.line.contains("--rollout")
    }

    /// Whether its reads are disturbed, too: other commands read by the same code and nothing
    /// else.
    pub fn reads_are_its_own(&self) -> bool {
        let own = ["rollout start", "tick, advance", "tick, report", "rollout status"];
        !self.rolls() || own.contains(&self.name)
    }

    /// Whether it writes by the code that other commands write by: how often that is tried again,
    /// and for how long, is tried there.
    pub fn writes_like_others(&self) -> bool {
        self.rolls() && !self.reads_are_its_own()
    }

    /// How the command exits when it did its work.
    pub fn exit(&self) -> i32 {
        if self.name == "tick, back" { 7 } else { 0 }
    }

    /// How the command exits when its work was done before.
    pub fn exit_again(&self) -> i32 {
        match self.name {
            // What is to be deleted is not there; there is no version to go back to.
            "delete-alias" | "rollback" => 3,
            // The rollout is in another step than the expected one.
            "rollout promote" => 5,
            _ => self.exit(),
        }
    }
}

const ONE: Files = Files { code: "one", yaml: "" };
/// An alias of one's own that is shared as the file says, and instances that are kept warm.
const RELEASED: Files = Files {
    code: "two",
    yaml: "  aliasName: other
  additionalVersionWeights: [{version: 1, weight: 0.5}]
  provisionedNum: 2
",
};
/// An alias that the deployment makes.
const NAMED: Files = Files { code: "two", yaml: "  aliasName: prod\n" };
const TWO: Files = Files { code: "two", yaml: "  timeout: 9\n" };
const OTHER: &str = "create-alias --inputs function=demo-dev-shop name=other version=1";

/// A timer that changes, one that goes, and then one that comes.
const TIMERS: Files = Files {
    code: "one",
    yaml: "  events:
    - timer:
        name: tick
        parameters: {cronExpression: '*/5 * * * * * *', enable: true}
    - timer:
        name: gone
        parameters: {cronExpression: '*/5 * * * * * *', enable: true}
",
};
const MOVED_TIMERS: Files = Files {
    code: "two",
    yaml: "  events:
    - timer:
        name: tick
        parameters: {cronExpression: '*/9 * * * * * *', enable: true}
    - timer:
        name: come
        parameters: {cronExpression: '*/7 * * * * * *', enable: true}
",
};

/// What belongs to the function as a whole changes with its code: tags and retries.
const ATTRIBUTES: Files =
    Files { code: "one", yaml: "  tags: {team: one, floor: 2}\n  msgTTL: 600\n  l5Enable: true\n" };
const OTHER_ATTRIBUTES: Files =
    Files { code: "two", yaml: "  tags: {team: two, new: ''}\n  retryNum: 0\n  l5Enable: false\n" };

/// A function that writes logs.
const LOGGED: Files = Files { code: "one", yaml: "  cls: {logsetId: logset, topicId: topic}\n" };
const THRICE: &[&str] = &[
    "deploy --inputs publish=true traffic=0.5",
    PUBLISHED,
    PUBLISHED,
    "create-alias --inputs function=demo-dev-shop name=prod version=3 description=mine",
];

/// Versions 2 and 4 are used by nothing.
const PRUNED: &[&str] = &[
    "deploy --inputs publish=true traffic=0.5",
    PUBLISHED,
    PUBLISHED,
    PUBLISHED,
    PUBLISHED,
    "create-alias --inputs function=demo-dev-shop name=prod version=3 description=mine",
];

const ROLLED_OUT: Files =
    Files { code: "two", yaml: "  timeout: 9\n  rollout: {steps: '50%,100%', noGates: true}\n" };
/// A chat that nobody answers for ([`CHAT`]).
const NOTIFIED: Files = Files { code: "one", yaml: "  rollout: {notify: json=CHAT}\n" };
/// What `.env` has where a file names a chat: no server listens there.
pub const CHAT: &str = "CHAT=http://127.0.0.1:1/\n";
const PUBLISHED: &str = "publish-ver --inputs function=demo-dev-shop";
const PROD: &str =
    "create-alias --inputs function=demo-dev-shop name=prod version=1 description=mine";
/// A rollout that began two hours ago, so that its first step is over.
const UNDER_WAY: &str = "rollout start --alias prod --to 2 --steps 10%,50%,100% --interval 5m --on-no-data continue --detach";

/// A command that changes no code and whose reads do not lag.
const fn plain(
    name: &'static str,
    arranged_by: &'static [&'static str],
    line: &'static str,
) -> Scenario {
    let (before, files) = (ONE, ONE);
    Scenario { name, arranged_by, before, files, line, exposure: 1.0, meets_lag: false }
}

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "first deploy",
        arranged_by: &[],
        before: ONE,
        files: ONE,
        line: "deploy",
        exposure: 1.0,
        meets_lag: false,
    },
    Scenario {
        name: "first publish",
        arranged_by: &[],
        before: ONE,
        files: ONE,
        line: "deploy --inputs publish=true traffic=0.5",
        exposure: 1.0,
        meets_lag: false,
    },
    Scenario {
        name: "redeploy",
        arranged_by: &["deploy"],
        before: ONE,
        files: TWO,
        line: "deploy",
        exposure: 1.0,
        meets_lag: false,
    },
    Scenario {
        name: "publish",
        arranged_by: &["deploy --inputs publish=true traffic=0.5", OTHER],
        before: ONE,
        files: TWO,
        line: "deploy --inputs publish=true",
        exposure: 0.5,
        meets_lag: true,
    },
    Scenario {
        name: "lower",
        arranged_by: &["deploy --inputs publish=true traffic=0.5", OTHER],
        before: ONE,
        files: TWO,
        line: "deploy --inputs traffic=0.2",
        exposure: 0.2,
        meets_lag: true,
    },
    Scenario {
        name: "as asked",
        arranged_by: &["deploy --inputs publish=true traffic=0.5", OTHER],
        before: ONE,
        files: TWO,
        line: "deploy --inputs traffic=0.5",
        exposure: 0.5,
        meets_lag: false,
    },
    Scenario {
        name: "raise",
        arranged_by: &["deploy --inputs publish=true traffic=0", OTHER],
        before: ONE,
        files: TWO,
        line: "deploy --inputs traffic=0.2",
        exposure: 0.2,
        meets_lag: true,
    },
    Scenario {
        name: "freeze",
        arranged_by: &["deploy --inputs publish=true traffic=0.5", OTHER],
        before: ONE,
        files: TWO,
        line: "deploy --inputs publish=true traffic=0",
        exposure: 0.5,
        meets_lag: true,
    },
    Scenario {
        name: "timers",
        arranged_by: &["deploy --inputs publish=true traffic=0.5", OTHER],
        before: TIMERS,
        files: MOVED_TIMERS,
        line: "deploy",
        exposure: 0.5,
        meets_lag: false,
    },
    Scenario {
        name: "release",
        arranged_by: &["deploy --inputs publish=true", OTHER],
        before: ONE,
        files: RELEASED,
        line: "deploy --inputs publish=true",
        exposure: 1.0,
        meets_lag: false,
    },
    Scenario {
        name: "new alias",
        arranged_by: &["deploy --inputs publish=true", OTHER],
        before: ONE,
        files: NAMED,
        line: "deploy --inputs traffic=0.2",
        exposure: 1.0,
        meets_lag: false,
    },
    Scenario {
        name: "first attributes",
        arranged_by: &[],
        before: ATTRIBUTES,
        files: ATTRIBUTES,
        line: "deploy",
        exposure: 1.0,
        meets_lag: false,
    },
    Scenario {
        name: "attributes",
        arranged_by: &["deploy --inputs publish=true traffic=0.5", OTHER],
        before: ATTRIBUTES,
        files: OTHER_ATTRIBUTES,
        line: "deploy",
        exposure: 0.5,
        meets_lag: false,
    },
    Scenario {
        name: "publish-ver",
        arranged_by: &["deploy --inputs publish=true", OTHER],
        before: ONE,
        files: ONE,
        line: "publish-ver --inputs function=demo-dev-shop",
        exposure: 1.0,
        meets_lag: true,
    },
    Scenario {
        name: "create-alias",
        arranged_by: &["deploy --inputs publish=true", OTHER],
        before: ONE,
        files: ONE,
        line: r#"create-alias --inputs function=demo-dev-shop name=prod version=1 config={"weights":{"$LATEST":0.1}}"#,
        exposure: 1.0,
        meets_lag: true,
    },
    Scenario {
        name: "update-alias",
        arranged_by: &[
            "deploy --inputs publish=true",
            OTHER,
            "publish-ver --inputs function=demo-dev-shop",
            "create-alias --inputs function=demo-dev-shop name=prod version=1",
        ],
        before: ONE,
        files: ONE,
        line: r#"update-alias --inputs function=demo-dev-shop name=prod version=1 config={"weights":{"2":0.1}}"#,
        exposure: 1.0,
        meets_lag: true,
    },
    Scenario {
        name: "list-alias",
        arranged_by: &["deploy --inputs publish=true", OTHER],
        before: ONE,
        files: ONE,
        line: "list-alias --inputs function=demo-dev-shop",
        exposure: 1.0,
        meets_lag: false,
    },
    Scenario {
        name: "delete-alias",
        arranged_by: &[
            "deploy --inputs publish=true",
            OTHER,
            "create-alias --inputs function=demo-dev-shop name=prod version=1",
        ],
        before: ONE,
        files: ONE,
        line: "delete-alias --inputs function=demo-dev-shop name=prod",
        exposure: 1.0,
        meets_lag: true,
    },
    Scenario {
        before: TIMERS,
        files: TIMERS,
        meets_lag: true,
        ..plain("remove", &["deploy --inputs publish=true traffic=0.5", OTHER], "remove --yes")
    },
    Scenario { meets_lag: true, ..plain("remove version", THRICE, "remove --version 2 --yes") },
    Scenario { meets_lag: true, ..plain("remove alias", THRICE, "remove --alias prod --yes") },
    Scenario {
        meets_lag: true,
        ..plain("versions prune", PRUNED, "versions prune --keep 1 --yes")
    },
    plain(
        "rollout start",
        &["deploy --inputs publish=true", PUBLISHED, PROD],
        "rollout start --alias prod --to 2 --steps 10%,100% --detach",
    ),
    Scenario {
        meets_lag: true,
        ..plain(
            "tick, advance",
            &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY],
            "rollout tick --alias prod",
        )
    },
    Scenario {
        before: NOTIFIED,
        files: NOTIFIED,
        ..plain(
            "tick, report",
            &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY],
            "rollout tick --alias prod --report tick.html --report tick.json",
        )
    },
    plain(
        "rollout status",
        &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY],
        "rollout status --alias prod --report status.json",
    ),
    plain(
        "tick, back",
        &[
            "deploy --inputs publish=true",
            PUBLISHED,
            PROD,
            "rollout start --alias prod --to 2 --on-no-data rollback --detach",
        ],
        "rollout tick --alias prod",
    ),
    plain(
        "tick, finish",
        &[
            "deploy --inputs publish=true",
            PUBLISHED,
            PROD,
            "rollout start --alias prod --to 2 --steps 100%:5m --no-gates --detach",
        ],
        "rollout tick --alias prod",
    ),
    plain(
        "tick, freeze",
        &[
            "deploy --inputs publish=true traffic=0.5",
            "rollout start --alias $DEFAULT --to $LATEST --steps 100%:5m --no-gates --detach",
        ],
        "rollout tick --alias $DEFAULT",
    ),
    plain(
        "rollout pause",
        &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY],
        "rollout pause --alias prod",
    ),
    plain(
        "rollout resume",
        &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY, "rollout pause --alias prod"],
        "rollout resume --alias prod",
    ),
    plain(
        "rollout promote",
        &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY],
        "rollout promote --alias prod --expect-step 1",
    ),
    plain(
        "rollout abort",
        &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY],
        "rollout abort --alias prod",
    ),
    plain(
        "rollout retry",
        &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY, "rollout abort --alias prod"],
        "rollout retry --alias prod",
    ),
    plain(
        "rollback",
        &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY],
        "rollback --alias prod",
    ),
    plain(
        "project start",
        &["deploy --inputs publish=true", PUBLISHED, PROD],
        "rollout start --project --alias prod --to latest-published --steps 10%,100% --detach",
    ),
    plain(
        "project tick",
        &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY],
        "rollout tick --project --alias prod",
    ),
    plain(
        "project abort",
        &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY],
        "rollout abort --project --alias prod",
    ),
    plain(
        "project retry",
        &["deploy --inputs publish=true", PUBLISHED, PROD, UNDER_WAY, "rollout abort --alias prod"],
        "rollout retry --project --alias prod",
    ),
    Scenario {
        exposure: 0.5,
        files: ROLLED_OUT,
        ..plain(
            "deploy --rollout",
            &["deploy --inputs publish=true traffic=0.5"],
            "deploy --rollout=detach",
        )
    },
    Scenario {
        exposure: 0.5,
        before: ONE,
        files: Files { code: "two", yaml: "" },
        ..plain("apply", &["deploy --inputs publish=true traffic=0.5", OTHER], "apply plan.json")
    },
    plain("status", &["deploy --inputs publish=true", OTHER], "status"),
    plain("metric", &["deploy --inputs publish=true", OTHER], "metric --alias other"),
    plain("list-ver", &["deploy --inputs publish=true", OTHER], "list-ver"),
    Scenario {
        before: LOGGED,
        files: LOGGED,
        ..plain(
            "logs",
            &["deploy", "invoke --inputs function=demo-dev-shop"],
            "logs --inputs function=demo-dev-shop since=1h",
        )
    },
    plain("invoke", &["deploy"], "invoke --inputs function=demo-dev-shop"),
    plain(
        "verify-split",
        &["deploy --inputs publish=true", OTHER],
        "verify-split --alias other -n 1 --yes --version-at /version",
    ),
];
