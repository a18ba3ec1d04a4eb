// Deploys a function with the library inside the real `sls` component:
// toolkit.js http://127.0.0.1:PORT SECRET_ID SECRET_KEY INPUTS (JSON, as the component gives them)
'use strict';

const { Capi } = require('@tencent-sdk/capi');

const [url, SecretId, SecretKey, inputs] = process.argv.slice(2);
// The library has the cloud's host built in; only calls to SCF are ours, and those of other services
// are answered at once as if there was nothing.
const { host } = new URL(url);
const { request } = Capi.prototype;
Capi.prototype.request = function toLocal(data, options, v3) {
  if (!options.host.startsWith('scf.')) {
    return Promise.resolve({ Response: { RequestId: '', Tags: [], ResourceTags: [] } });
  }
  return request.call(this, data, { ...options, protocol: 'http', host }, v3);
};
const { Scf } = require('tencent-component-toolkit');

new Scf({ SecretId, SecretKey }, 'ap-guangzhou').deploy(JSON.parse(inputs)).then(
  (outputs) => console.log(JSON.stringify(outputs)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
