//! What `--help` says besides the options: examples before them, and in the long form notes
//! behind them. No line is longer than 80 columns, so that none wraps: examples are there to be
//! pasted. What `-h` prints fits on a screen of 24 lines.

/// The order of the parts. Examples come first: they are what most people look for.
pub(super) const TEMPLATE: &str = "\
{about-with-newline}
{usage-heading} {usage}

{before-help}{all-args}{after-help}";

/// Of the program, whose commands would not fit on a screen with headings and with the options that
/// every program has.
pub(super) const OF_PROGRAM: &str = "\
{about-with-newline}
{usage-heading} {usage}

{subcommands}{after-help}";

// Without a heading: with it the commands would not fit on a screen.
pub(super) const TRY: &str = "  scfctl deploy --local --target examples/hello --publish";

/// The table of exit codes, a line each.
macro_rules! exit_codes {
    () => {
        "    0  success
    1  the API or the service refused or failed
    2  wrong usage or configuration; nothing was changed
    3  not found: a function, version or alias, or another thing that was named
    4  credentials or permission
    5  conflict: someone else changed it
    6  not finished within --timeout
    7  a rollout was rolled back
    8  a rollout is held: paused, inconclusive, no data
    9  the function that was called failed
   10  --dry-run --detailed-exitcode: something would be changed
   11  an alias splits its calls otherwise than set
  130  interrupted (143 when terminated)
"
    };
}
pub(super) use exit_codes;

pub(super) const PROGRAM: &str = concat!(
    "Exit codes:\n",
    exit_codes!(),
    "Of several functions: the code that all failed ones have in common, else 1

Help topics, by `scfctl help TOPIC`:
  inputs, config, exit-codes, credentials, rollout, gates

Try it without an account:
  scfctl deploy --local --target examples/hello --publish"
);

pub(super) const INIT: &str = "\
Examples:
  a function that says hello  scfctl init --runtime Python3.9
  from one that is there      scfctl init --from-function api --target api
  from an older format        scfctl init --from-file old.yml --target new";

pub(super) const INIT_NOTES: &str = "\
Never overwrites: a serverless.yml, .yaml or .json that is there, or any other
file of the new ones, is refused (exit code 2).
--from-function writes what changes nothing when it is deployed: settings,
triggers, the split of $DEFAULT (`traffic`) or the one alias of its own, and the
package as code.zip. What the file cannot say, such as a value with ${, is told
on stderr, and stays as it is. Variables that look like secrets go into .env
(mode 600) and are referred to; a .env that is there has to have them already.
--from-file reads the first components, `component: '@serverless/tencent-scf'`
and the plugin's `service` with `provider: tencent`; of several components each
gets a folder.
Runtimes: Nodejs18.15, Nodejs20.19, Php8.0, Python3.9, Python3.10";

pub(super) const DOCTOR: &str = "\
Examples:
  what commands will run into    scfctl doctor
  for a script                   scfctl doctor --output json";

pub(super) const DOCTOR_NOTES: &str = "\
Looks at serverless.yml, region, credentials (never shown), .env files, proxy,
DNS, the certificate, the clock, what the keys may read, and quotas; each line
says what to do. Permissions to change something cannot be tried by reading.
Exit code 0 when nothing failed, else that of the first failure (4 for keys and
permissions). Nothing is called without keys.
Inputs: function, namespace, region";

pub(super) const COMPLETION: &str = "\
Example:
  scfctl completion bash";

pub(super) const COMPLETION_NOTES: &str = "\
Prints a script that has the shell complete commands, options, inputs and the
names of functions, aliases and versions, which are looked up within 300 ms:
  bash, in ~/.bashrc        source <(scfctl completion bash)
  zsh, behind compinit      source <(scfctl completion zsh)
  fish, in config.fish      source (scfctl completion fish | psub)
  PowerShell, in $PROFILE   &scfctl completion powershell |
                              Out-String | Invoke-Expression
  elvish, in rc.elv         eval (scfctl completion elvish | slurp)";

pub(super) const DEPLOY: &str = "\
Examples:
  new code on $LATEST         scfctl deploy
  10 % of $DEFAULT for it     scfctl deploy --traffic 0.1
  freeze it as version N+1    scfctl deploy --publish --traffic 0
  what would be called        scfctl deploy --dry-run --traffic 0.1";

pub(super) const DEPLOY_NOTES: &str = "\
Inputs: the keys of `inputs` in serverless.yml, each as key=value:
  scfctl deploy --inputs traffic=0.1 memorySize=256
With `events` the file decides about the triggers of the versions and aliases
that it names. In a folder whose sub-folders hold instances it deploys all of
them, in the order of their ${output:...}; --target DIR deploys one. A failed
one stops those that need it and no others.";

pub(super) const APPLY: &str = "\
Example:
  scfctl deploy --publish --traffic 0.1 --plan plan.json
  scfctl apply plan.json";

pub(super) const APPLY_NOTES: &str = "\
Reads everything again. Where an input, the code, the function, a version, an
alias or a trigger is not as it was, nothing is sent (exit 5), and what has
changed is named. Stage, folder and all options of the deployment are those of
the plan. A plan that is carried out again once it is done changes nothing.";

pub(super) const PACKAGE: &str = "\
Examples:
  size and hash of what would be sent    scfctl package
  its files                              scfctl package --list
  the zip itself                         scfctl package --out code.zip";

pub(super) const PACKAGE_NOTES: &str = "\
Inputs: the keys of `inputs` in serverless.yml, each as key=value";

pub(super) const CONFIG: &str = "\
Example:
  scfctl config --stage prod";

pub(super) const CONFIG_NOTES: &str = "\
Inputs: the keys of `inputs` in serverless.yml, each as key=value";

pub(super) const LOCAL: &str = "\
Example:
  scfctl local serve --listen 127.0.0.1:9000 --state scf.json";

pub(super) const LOAD: &str = "\
Examples:
  a bad canary     scfctl local load --rate 600/min --version '2: errors=5%'
  what is set      scfctl local load
  end the calls    scfctl local load --clear";

pub(super) const LOAD_NOTES: &str = "\
In the state of --local, or with --endpoint in a server of `local serve`. Calls
go to versions by the weights and rules that the alias has at each time. What is
not said stays as it is. A new load has been going on for an hour already.";

pub(super) const PUBLISH_VER: &str = "\
Examples:
  scfctl publish-ver --function my-function --description 'release 4'
  scfctl publish-ver --function my-function --if-changed";

pub(super) const PUBLISH_VER_NOTES: &str = "\
Without --function it is that of serverless.yml.
Inputs: function, description, namespace, region";

pub(super) const CREATE_ALIAS: &str = "\
Examples:
  all to 1     scfctl create-alias --alias prod --version 1
  10 % to 2    scfctl create-alias --alias prod --version 1 --weight 2=0.1";

pub(super) const CREATE_ALIAS_NOTES: &str = r#"Without --function it is that of serverless.yml.
Inputs: name, function, version (the main one), config, description,
  namespace, region:
  scfctl create-alias --inputs name=prod function=my-function version=1 \
    config='{"weights":{"2":0.1}}'
Without weights everything goes to the main version."#;

pub(super) const UPDATE_ALIAS: &str = "\
Examples:
  10 % to 2    scfctl update-alias --alias prod --version 1 --weight 2=0.1
  all to 2     scfctl update-alias --alias prod --version 2 --no-weights
  to $LATEST   scfctl update-alias --alias prod --version '$LATEST'";

pub(super) const UPDATE_ALIAS_NOTES: &str = r#"Without --function it is that of serverless.yml.
Inputs: name, function, version (the main one), config, description,
  namespace, region:
  scfctl update-alias --inputs name=prod function=my-function version=1 \
    config='{"weights":{"2":0.1}}'
Without weights those that are there stay."#;

pub(super) const LIST_ALIAS: &str = "\
Example:
  scfctl list-alias --function my-function";

pub(super) const LIST_ALIAS_NOTES: &str = "\
Without --function it is that of serverless.yml.
Inputs: function, name (only this alias), version (only aliases that use it),
  namespace, region";

pub(super) const LIST_VER: &str = "\
Example:
  scfctl list-ver --function my-function";

pub(super) const LIST_VER_NOTES: &str = "\
Without --function it is that of serverless.yml.
Inputs: function, namespace, region";

pub(super) const STATUS: &str = "\
Examples:
  the function of the folder    scfctl status
  one alias and its rollout     scfctl status --alias prod";

pub(super) const STATUS_NOTES: &str = "\
Without --function it is that of serverless.yml. In a folder whose sub-folders
hold instances, and of several functions in one file, all in one table.
Inputs: function (of several the key of one), alias, namespace, region
What cannot be read (monitor, triggers, provisioned instances) is told, and the
rest shown. Times of versions are as the service says them.";

pub(super) const METRIC: &str = "\
Examples:
  a canary and its baseline  scfctl metric --version 1,2
  errors of the last hour    scfctl metric --metric Error --interval 1h";

pub(super) const METRIC_NOTES: &str = "\
Without --function it is that of serverless.yml; without --version and --alias
all its calls count. A chart on a terminal, a table elsewhere.
Inputs: function, metric, version, alias, period, interval, startTime, endTime,
  namespace, region:
  scfctl metric --inputs function=my-function metric=Invocation period=60
Metrics: Invocation, Error, Duration, Throttle, FunctionErrorPercentage,
  ServerErrorPercentage, Http2xx, Http4xx, Http432, Http433, Http434, Syserr,
  ConcurrentExecutions, ConfigMem, Mem, MemDuration, OutFlow
Times are those of China (UTC+8) unless they have an offset of their own. The
newest one or two minutes may still rise.";

pub(super) const TIMEOUT_OF_CALL: &str = "Time limit of each call: seconds, or 90s, 5m";

pub(super) const INVOKE: &str = "\
Examples:
  $LATEST with a payload  scfctl invoke --data '{\"key\": \"value\"}'
  whom the alias chooses  scfctl invoke --alias prod --path event.json
  what is in a pipe       cat event.json | scfctl invoke --path -";

pub(super) const INVOKE_NOTES: &str = "\
Without --function it is that of serverless.yml. What the function returns is on
stdout byte for byte, its log and the facts of the call on stderr. Exit code 9
when the function failed. A call that may have run is never repeated.
Letters as with `sls`: -d, -p, -q, -f (--function), -n (--namespace), -r
(--region)
Inputs: function, event, qualifier, alias, namespace, region:
  scfctl invoke --inputs function=my-function event='{\"key\": \"value\"}'";

pub(super) const VERIFY_SPLIT: &str = "\
Examples:
  by logs     scfctl verify-split --alias prod -n 2000 --yes
  by results  scfctl verify-split --alias prod --yes --version-at /version";

pub(super) const VERIFY_SPLIT_NOTES: &str = "\
Without --function it is that of serverless.yml. It calls the function for real.
The service does not say which version answered: the logs do, or what the
function returns of SCF_FUNCTIONVERSION. Each share is known within an interval;
a split that is as set is called another one with at most the rest of the
confidence. Exit codes: 0 as set, 11 not as set, 5 changed meanwhile, 1 not
known.
Inputs: function, alias, event, namespace, region:
  scfctl verify-split --yes --inputs function=my-function alias=prod";

pub(super) const LOGS: &str = "\
Examples:
  errors of the last hour  scfctl logs --since 1h --level ERROR
  the canary, as it comes  scfctl logs --canary --follow
  one call                 scfctl logs --request-id 4ab7089f --since 1d";

pub(super) const LOGS_NOTES: &str = "\
Without --function it is that of serverless.yml. Lines of all versions, unless
one is named, with the time in China, the version and the first group of the
call's id; --output ndjson prints a line of JSON for each.
Letters as with `sls`: -q, -t, -i, -f (--function), -n (--namespace), -r
(--region); --startTime is --since.
Inputs: function, qualifier, alias, requestId, level, since, namespace, region:
  scfctl logs --inputs function=my-function qualifier=2 since=30m";

pub(super) const DELETE_ALIAS: &str = "\
Example:
  scfctl delete-alias --function my-function --alias prod";

pub(super) const DELETE_ALIAS_NOTES: &str = "\
Without --function it is that of serverless.yml.
Inputs: name, function, namespace, region
An alias that a trigger is bound to is deleted only with --force.";

pub(super) const REMOVE: &str = "\
Examples:
  see what would go       scfctl remove --dry-run
  the function            scfctl remove --yes
  one version             scfctl remove --version 3 --yes";

pub(super) const REMOVE_NOTES: &str = "\
Without --function it is that of serverless.yml, with its triggers, versions and
aliases. In a folder whose sub-folders hold instances, and of several functions
in one file, all of them, those first that need the outputs of others. What is
not there is removed already (exit 0). On a terminal it asks; elsewhere it needs
--yes, or SCFCTL_YES=1. A version that an alias, a trigger, provisioned
instances or a rollout uses stays (exit 5). Log topics and packages in COS stay.
Inputs: function, version, alias, namespace, region";

pub(super) const VERSIONS: &str = "\
Example:
  scfctl versions prune --keep 5 --dry-run";

pub(super) const VERSIONS_PRUNE: &str = "\
Examples:
  see what would go    scfctl versions prune --keep 5 --dry-run
  in a pipeline        scfctl versions prune --keep 5 --yes";

pub(super) const VERSIONS_PRUNE_NOTES: &str = "\
Without --function it is that of serverless.yml. The newest versions stay, and
each that an alias names (with any weight, or by rules), that a rollout has been
between or has rolled back, that a rollback goes to, that a trigger calls or
that has provisioned instances. The result says why each one stays. Numbers are
never used again.
Who calls a version by its number is not seen here: `scfctl metric` tells.
On a terminal it asks; elsewhere it needs --yes, or SCFCTL_YES=1.
Inputs: function, namespace, region";

pub(super) const ROLLOUT: &str = "\
Examples:
  scfctl rollout start --alias prod --to 5 --steps 10%:10m,50%:pause,100%
  scfctl rollout status --alias prod
  scfctl rollout abort --alias prod";

pub(super) const ROLLOUT_NOTES: &str = "\
Without --function it is that of serverless.yml. The state of the rollout is in
the description of the alias: any machine can go on with it.
Inputs: function, namespace, region";

pub(super) const ROLLOUT_START: &str = "\
Examples:
  $DEFAULT to $LATEST   scfctl rollout start
  alias prod to 5       scfctl rollout start --alias prod --to 5
  leave it to cron      scfctl rollout start --alias prod --publish --detach";

pub(super) const ROLLOUT_START_NOTES: &str = "\
--alias, --to, --publish, --notify and the options of steps, gates and reactions
may stand in the map `rollout` under `inputs` of serverless.yml: onNoData:
continue.
Without steps: 10%,50%,90%,100%, ten minutes each. Without a gate: errors at
most 1.1 times those of the other version plus 0.05 points.
At the end the alias has nothing but the new version. Exit codes: 0 done, 7
rolled back, 8 held.
Inputs: function, namespace, region";

pub(super) const ROLLOUT_TICK: &str = "\
Example:
  each minute, by cron    scfctl rollout tick --alias prod";

pub(super) const ROLLOUT_STATUS: &str = "\
Example:
  scfctl rollout status --alias prod --output json";

pub(super) const ROLLOUT_PAUSE: &str = "\
Example:
  scfctl rollout pause --alias prod";

pub(super) const ROLLOUT_RESUME: &str = "\
Example:
  scfctl rollout resume --alias prod";

pub(super) const ROLLOUT_PROMOTE: &str = "\
Examples:
  the next step         scfctl rollout promote --alias prod --expect-step 2
  the last step         scfctl rollout promote --alias prod --full";

pub(super) const ROLLOUT_ABORT: &str = "\
Example:
  scfctl rollout abort --alias prod";

pub(super) const ROLLOUT_RETRY: &str = "\
Example:
  scfctl rollout retry --alias prod";

pub(super) const ROLLOUT_REHEARSE: &str = "\
Examples:
  scfctl rollout rehearse --scenario errors-at-50% --repeat 1000
  scfctl rollout rehearse --scenario may12.json --max-error-rate 2%";

pub(super) const ROLLOUT_REHEARSE_NOTES: &str = "\
Reads the alias and runs the very same decisions on a copy, in virtual time. The
command of --gate-cmd is not run; where the schedule pauses, it goes on at once.
Of a recording only the gates count, and no service is called
(docs/en/rehearse.md).
Exit code 0 whenever it ran: the outcome is in the result.
Inputs: function, namespace, region";

pub(super) const ROLLBACK: &str = "\
Examples:
  to what served before    scfctl rollback --alias prod
  to a version             scfctl rollback --alias prod --to 4";

pub(super) const ROLLBACK_NOTES: &str = "\
The version that is left is remembered in the description of the alias:
`deploy --traffic` gives it nothing again.
Inputs: function, namespace, region";
