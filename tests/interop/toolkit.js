#!/usr/bin/env node
// Drives a local SCF with the library inside the real `sls` component, which
// signs the older way and sends flattened forms.
//
//     npm ci
//     node toolkit.js http://127.0.0.1:PORT SECRET_ID SECRET_KEY
//
// Prints a line for each check, and `N passed, N failed` at the end.
'use strict';

const { isDeepStrictEqual } = require('node:util');
const { Capi } = require('@tencent-sdk/capi');

const [url, SecretId, SecretKey] = process.argv.slice(2);
if (!SecretKey) {
  console.error('usage: toolkit.js URL SECRET_ID SECRET_KEY');
  process.exit(2);
}

// The library has the cloud's host built in; only calls to SCF are ours, and
// those of other services are answered as if there was nothing.
const calls = [];
const { request } = Capi.prototype;
Capi.prototype.request = function toLocal(data, options, v3) {
  if (!options.host.startsWith('scf.')) {
    return Promise.resolve({ Response: { RequestId: '', Tags: [], ResourceTags: [] } });
  }
  calls.push(data.Action);
  const host = url.replace('http://', '').replace(/\/$/, '');
  return request.call(this, data, { ...options, protocol: 'http', host }, v3);
};
const { Scf } = require('tencent-component-toolkit');

let passed = 0;
let failed = 0;
function equal(name, found, wanted) {
  if (isDeepStrictEqual(found, wanted)) {
    passed += 1;
    console.log(`ok      ${name}`);
  } else {
    failed += 1;
    console.log(`FAILED  ${name}: found ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`);
  }
}

const name = 'interop-toolkit';
const inputs = (more) => ({
  name,
  handler: 'index.main_handler',
  runtime: 'Nodejs12.16',
  region: 'ap-guangzhou',
  code: { bucket: 'code', object: '/first.zip' },
  memorySize: 128,
  timeout: 3,
  publish: true,
  ...more,
});
const timer = {
  name: 'tick',
  parameters: { cronExpression: '0 0 1 * * * *', enable: true, argument: 'x' },
};

// The library's own client of aliases. Flattened, its empty list of weights is no parameter at
// all, so an update without weights sends everything to the main version.
async function aliases(scf) {
  const of = (more) => ({ functionName: name, aliasName: 'prod', ...more });
  const weights = (alias) => alias.RoutingConfig.AdditionalVersionWeights;

  await scf.alias.create(of({ functionVersion: '1' }));
  const created = await scf.alias.get(of({}));
  equal('a created alias', created.FunctionVersion, '1');
  equal('its description', created.Description, 'Published by Serverless Component');
  equal('it has no weights', weights(created), []);

  const canary = [{ version: '2', weight: 0.1 }];
  await scf.alias.update(of({ functionVersion: '1', additionalVersions: canary }));
  const updated = await scf.alias.get(of({}));
  equal('an updated alias', weights(updated), [{ Version: '2', Weight: 0.1 }]);
  equal('its new description', updated.Description, 'Configured by Serverless Component');

  const listed = await scf.alias.list(of({}));
  equal('all aliases', listed.Aliases.map((alias) => alias.Name).sort(), ['$DEFAULT', 'prod']);
  equal('their number', listed.TotalCount, 2);
  const ofOne = await scf.alias.list(of({ functionVersion: '1' }));
  equal('the aliases of a version', ofOne.Aliases.map((alias) => alias.Name), ['prod']);

  await scf.alias.update(of({ functionVersion: '2' }));
  const moved = await scf.alias.get(of({}));
  equal('another main version', moved.FunctionVersion, '2');
  equal('weights that are not sent are gone', weights(moved), []);

  const again = await scf.alias.create(of({ functionVersion: '1' })).catch((error) => error);
  equal('an alias that exists', again.code, 'ResourceInUse.Alias');
  await scf.alias.delete(of({}));
  const gone = await scf.alias.get(of({})).catch((error) => error);
  equal('a deleted alias is gone', gone.code, 'ResourceNotFound.Alias');
  const standing = await scf.alias.delete({ functionName: name }).catch((error) => error);
  equal('$DEFAULT stays', standing.code, 'InvalidParameterValue.Alias');
}

async function main() {
  const scf = new Scf({ SecretId, SecretKey }, 'ap-guangzhou');
  const first = await scf.deploy(
    inputs({
      traffic: 0.3,
      environment: { variables: { STAGE: 'test', NAME: '灰度' } },
      events: [{ timer }],
    }),
  );
  equal('a deployed function is Active', first.Status, 'Active');
  equal('its environment', first.Environment.Variables, [
    { Key: 'STAGE', Value: 'test' },
    { Key: 'NAME', Value: '灰度' },
  ]);
  equal('the first version', first.LastVersion, '1');
  equal('its traffic', first.ConfigTrafficVersion, '1');
  equal('the trigger is made', calls.includes('CreateTrigger'), true);

  const code = { bucket: 'code', object: '/second.zip' };
  const second = await scf.deploy(inputs({ code, memorySize: 256, traffic: 0, events: [] }));
  equal('an updated function is Active', second.Status, 'Active');
  equal('its memory', second.MemorySize, 256);
  equal('its environment is cleared', second.Environment.Variables, []);
  equal('the second version', second.LastVersion, '2');
  equal('the trigger is deleted', calls.includes('DeleteTrigger'), true);

  const answer = await scf.invoke({ functionName: name, qualifier: '$DEFAULT', clientContext: {} });
  const result = JSON.parse(answer.Result.RetMsg);
  equal('all traffic goes to the published version', result.version, '2');

  await aliases(scf);

  await scf.remove({ functionName: name });
  const gone = await scf.scf.getInitialStatus({ namespace: 'default', functionName: name });
  equal('a removed function is gone', gone, null);

  const stranger = new Scf({ SecretId, SecretKey: `${SecretKey}x` }, 'ap-guangzhou');
  const refused = await stranger.deploy(inputs({})).catch((error) => error);
  equal('a wrong key', refused.code, 'AuthFailure.SignatureFailure');
}

main()
  .catch((error) => equal('no call fails unexpectedly', String(error), ''))
  .finally(() => {
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed ? 1 : 0);
  });
