//! What stands below the options in `--help`. No line is longer than 80 columns, so that none
//! wraps: examples are there to be pasted.

pub(super) const PROGRAM: &str = "\
Exit codes:
    0  success
    1  the API or the service refused or failed
    2  wrong usage or configuration; nothing was changed
    3  not found: a function, version or alias, or another thing that was named
    4  credentials or permission
    5  conflict: someone else changed it
    6  not finished within --timeout
  130  interrupted (143 when terminated)
Of several functions: the code that all failed ones have in common, else 1

Try it without an account:
  scfctl deploy --local --target examples/hello --inputs publish=true";

pub(super) const DEPLOY: &str = "\
Inputs: the keys of `inputs` in serverless.yml, each as key=value

Examples:
  New code on $LATEST:
    scfctl deploy
  ... which serves 10 % of $DEFAULT:
    scfctl deploy --inputs traffic=0.1
  Freeze it as version N+1, which serves everything:
    scfctl deploy --inputs publish=true traffic=0
  What would be called:
    scfctl deploy --dry-run --inputs traffic=0.1
With `events` the file decides about the triggers of the versions and aliases
that it names. In a folder whose sub-folders hold instances it deploys all of
them, in the order of their ${output:...}; --target DIR deploys one. A failed
one stops those that need it and no others.";

pub(super) const PACKAGE: &str = "\
Inputs: the keys of `inputs` in serverless.yml, each as key=value

Examples:
  Size and hash of what would be sent:
    scfctl package
  Its files with mode, size and hash:
    scfctl package --list
  The zip itself:
    scfctl package --out code.zip";

pub(super) const CONFIG: &str = "\
Inputs: the keys of `inputs` in serverless.yml, each as key=value

Example:
  scfctl config --stage prod";

pub(super) const LOCAL: &str = "\
Example:
  scfctl local serve --listen 127.0.0.1:9000 --state scf.json";

pub(super) const PUBLISH_VER: &str = "\
Inputs: function, description, namespace, region

Example:
  scfctl publish-ver --inputs function=my-function description='release 4'";

pub(super) const CREATE_ALIAS: &str = r#"Inputs: name, function, version (the main one), config, description,
  namespace, region

Examples:
  scfctl create-alias --inputs name=prod function=my-function version=1
  scfctl create-alias --inputs name=prod function=my-function version=1 \
    config='{"weights":{"2":0.1}}'
Without config everything goes to the main version."#;

pub(super) const UPDATE_ALIAS: &str = r#"Inputs: name, function, version (the main one), config, description,
  namespace, region

Examples:
  scfctl update-alias --inputs name=prod function=my-function version=1 \
    config='{"weights":{"2":0.1}}'
  scfctl update-alias --inputs name=prod function=my-function version=2 \
    config='{"weights":{}}'
  scfctl update-alias --inputs name=prod function=my-function \
    version='$LATEST'
Without config the weights that are there stay."#;

pub(super) const LIST_ALIAS: &str = "\
Inputs: function, name (only this alias), version (only aliases that use it),
  namespace, region

Example:
  scfctl list-alias --inputs function=my-function";

pub(super) const DELETE_ALIAS: &str = "\
Inputs: name, function, namespace, region

Example:
  scfctl delete-alias --inputs name=prod function=my-function
An alias that a trigger is bound to is deleted only with --force.";
