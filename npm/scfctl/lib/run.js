'use strict';

const { spawn } = require('child_process');
const os = require('os');

// npm installs that one of the optional dependencies which names this system.
function binary() {
  const platform = `${process.platform}-${process.arch}`;
  const file = process.platform === 'win32' ? 'scfctl.exe' : 'scfctl';
  const platforms = Object.keys(require('../package.json').optionalDependencies);
  if (!platforms.includes(`@scfctl/${platform}`)) {
    throw new Error(
      `there is no binary for ${platform}, only for ` +
        platforms.map((name) => name.slice('@scfctl/'.length)).join(', ') +
        '; with Rust, `cargo install` builds one'
    );
  }
  try {
    return require.resolve(`@scfctl/${platform}/bin/${file}`);
  } catch (error) {
    throw new Error(
      `the package @scfctl/${platform} is missing; install scfctl again, with optional dependencies ` +
        '(without --omit=optional and --no-optional, and with a lock file that was not made for another system only)'
    );
  }
}

// Runs the binary under a name, with what was typed, and ends as it ended.
module.exports = function run(name) {
  let path;
  try {
    path = binary();
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exit(1);
  }
  // The first signal lets scfctl stop before the next change, and the second one leaves at once. So this process
  // has to stay, and each signal has to arrive there once: a terminal sends Ctrl-C to both by itself, while what
  // stops a job (`kill`) mostly knows this process alone.
  const terminal = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  let child;
  // Before the binary runs: it may print at once, and whoever reads that may signal at once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (child && (signal !== 'SIGINT' || !terminal)) child.kill(signal);
    });
  }
  child = spawn(path, process.argv.slice(2), { argv0: name, stdio: 'inherit' });
  child.on('error', (error) => {
    console.error(`error: ${path} cannot be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.exit(128 + (os.constants.signals[signal] || 0));
  });
};
