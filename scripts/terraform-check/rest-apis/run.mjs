/**
 * Fifty resources of REST APIs through Terraform: apply, plan (empty), call, change, plan (empty), back, destroy.
 *   node scripts/terraform-check/rest-apis/run.mjs [--plugin-dir FOLDER]
 */
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers, nothingIsLeft, withTerraform } from '../terraform.mjs';

const here = dirname(fileURLToPath(import.meta.url));

await withTerraform(async ({ folder, endpoint, terraform }) => {
  cpSync(join(here, 'main.tf'), join(folder, 'main.tf'));
  terraform('init', '-input=false');
  await applyAndCheck([], 'red');
  await applyAndCheck(['-var=changed=true'], 'blue');
  await applyAndCheck([], 'red');
  terraform('destroy', '-auto-approve');
  await nothingIsLeft(endpoint, [
    ['apigateway', '/restapis', 'item'],
    ['apigateway', '/usageplans', 'item'],
    ['apigateway', '/apikeys', 'item'],
    ['apigateway', '/vpclinks', 'item'],
    ['apigateway', '/clientcertificates', 'item'],
  ]);

  async function applyAndCheck(variables, color) {
    terraform('apply', '-auto-approve', ...variables);
    terraform('plan', '-detailed-exitcode', ...variables);
    const output = JSON.parse(terraform('output', '-json'));
    const pets = `${endpoint}/_aws/execute-api/${output.pets_id.value}/prod/pets`;
    const headers = { 'content-type': 'application/json' };
    const keyed = { ...headers, 'x-api-key': output.key.value };
    // A canary takes a part of the requests once changed.
    const colors = variables.length === 0 ? `"color":"${color}"` : '"color":';
    await answers(pets, { method: 'POST', headers: keyed, body: '{"name":"tom"}' }, 200, colors);
    await answers(pets, { method: 'POST', headers: keyed, body: '{}' }, 400, 'Invalid request body');
    await answers(pets, { method: 'POST', headers, body: '{"name":"tom"}' }, 403, 'Forbidden');
    await answers(pets, { method: 'OPTIONS' }, 200, '');
    await answers(`${pets}/7?kind=cat`, {}, 200, '{"name":""}');
    await answers(`${endpoint}/_aws/execute-api/${output.imported_id.value}/v1/health`, {}, 200, '{"fine":true}');
    if (!output.exported.value.includes('"x-amazon-apigateway-gateway-responses"'))
      throw new Error('the export lacks its extensions');
  }
});
