// node sarif_schema.js MODULES REPORT…: holds each report to the published JSON Schema of SARIF 2.1.0, as the package
// @microsoft/jest-sarif in the folder MODULES carries it, by the checker that comes with that package.
'use strict';
const fs = require('fs');
const path = require('path');

const [folder, ...reports] = process.argv.slice(2);
const modules = path.resolve(folder);
const Ajv = require(path.join(modules, 'ajv'));
const schema = require(path.join(modules, '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));

const ajv = new Ajv({schemaId: 'auto', allErrors: true, unknownFormats: 'ignore', logger: false});
ajv.addMetaSchema(require(path.join(modules, 'ajv/lib/refs/json-schema-draft-04.json')));
const validate = ajv.compile(schema);

// The checker must be one that can refuse.
if (validate({version: '2.1.0', runs: [{results: []}]})) {
  console.error('a log without a tool was accepted: this is no check');
  process.exit(1);
}

let failed = 0;
for (const report of reports) {
  const log = JSON.parse(fs.readFileSync(report, 'utf8'));
  if (validate(log)) continue;
  failed = 1;
  for (const error of validate.errors.slice(0, 20)) {
    console.error(`${report}: ${error.dataPath} ${error.message} ${JSON.stringify(error.params)}`);
  }
}
process.exit(failed);
