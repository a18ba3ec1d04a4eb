// Runs one call of a Node.js handler for the local SCF: `call.json` in, `answer.json` out.
'use strict';
const fs = require('fs');
const path = require('path');
const url = require('url');

const folder = process.argv[2];
const call = JSON.parse(fs.readFileSync(path.join(folder, 'call.json'), 'utf8'));
let began = process.hrtime.bigint();
let answered = false;

// Ends with the server: only that one holds the other end of the pipe.
process.stdin.on('end', () => process.exit(70));
process.stdin.on('error', () => process.exit(70));
process.stdin.resume();
if (process.stdin.unref) process.stdin.unref();

function write(name, text) {
  const file = path.join(folder, name);
  fs.writeFileSync(file + '.new', text);
  fs.renameSync(file + '.new', file);
}

function answer(what) {
  if (answered) return;
  answered = true;
  what.durationMs = Number(process.hrtime.bigint() - began) / 1e6;
  what.memory = process.resourceUsage().maxRSS * 1024;
  write('answer.json', JSON.stringify(what));
  process.exit(0);
}

function returned(value) {
  const text = JSON.stringify(value);
  answer({ returned: text === undefined ? 'null' : text });
}

function failed(error) {
  const is = error instanceof Error;
  answer({
    message: is ? `${error.name}: ${error.message}` : String(error),
    stack: is && error.stack ? error.stack : String(error),
  });
}

async function load() {
  const dot = call.handler.lastIndexOf('.');
  const base = path.join(call.code, call.handler.slice(0, dot));
  const found = ['.js', '.cjs', '.mjs'].map((end) => base + end).find((file) => fs.existsSync(file));
  if (!found) throw new Error(`Cannot find module '${call.handler.slice(0, dot)}'`);
  let module;
  try {
    module = require(found);
  } catch (error) {
    if (error.code !== 'ERR_REQUIRE_ESM') throw error;
    module = await import(url.pathToFileURL(found).href);
  }
  const name = call.handler.slice(dot + 1);
  const handler = module[name] || (module.default && module.default[name]);
  if (typeof handler !== 'function') throw new Error(`'${name}' is no function of '${found}'`);
  return handler;
}

process.on('uncaughtException', failed);
process.on('unhandledRejection', failed);
// Nothing is left to do, and nothing was returned.
process.on('beforeExit', () => returned(null));

load().then((handler) => {
  const event = JSON.parse(call.event);
  write('ready', '');
  began = process.hrtime.bigint();
  const callback = (error, value) => (error ? failed(error) : returned(value));
  const value = handler(event, call.context, callback);
  if (value && typeof value.then === 'function') {
    value.then(returned, failed);
  } else if (handler.length < 3) {
    returned(value);
  }
}).catch(failed);
