// Lists the aliases of a function with the official SDK:
// list_aliases.js http://127.0.0.1:PORT SECRET_ID SECRET_KEY FUNCTION
'use strict';

const http = require('node:http');
const net = require('node:net');
const { scf } = require('tencentcloud-sdk-nodejs-scf');

const [url, secretId, secretKey, FunctionName] = process.argv.slice(2);
// The SDK signs a host without its port, so the host stays that of the cloud, and the connection alone
// leads to the local SCF. A plain agent otherwise, as the SDK has one of its own.
const { hostname, port } = new URL(url);
const agent = new http.Agent();
agent.createConnection = (_, connected) => net.connect(Number(port), hostname, connected);

const client = new scf.v20180416.Client({
  credential: { secretId, secretKey },
  region: 'ap-guangzhou',
  profile: { httpProfile: { protocol: 'http://', agent } },
});
client.ListAliases({ FunctionName }).then(
  (answer) => console.log(JSON.stringify(answer)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
