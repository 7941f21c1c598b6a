import { expect, test } from 'bun:test';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

async function api() {
  const { run } = openControlPlane();
  const created = await run.CreateRestApi({ name: 'a' }, CALL);
  return { run, restApiId: created.id ?? '', resourceId: created.rootResourceId ?? '' };
}

const contentType = 'application/json';
const schema = '{"type":"object"}';

test('a model in use stays, and says where', async () => {
  const { run, restApiId, resourceId } = await api();
  const model = { restApiId, modelName: 'Pet' };
  await run.CreateModel({ restApiId, name: 'Pet', contentType, schema }, CALL);
  const method = { restApiId, resourceId, httpMethod: 'ANY' };
  await run.PutMethod(
    { ...method, authorizationType: 'NONE', requestModels: { [contentType]: 'Pet' } },
    CALL,
  );
  expect(await refusal(run.DeleteModel(model, CALL))).toBe(
    "ConflictException: Cannot delete model 'Pet', is referenced in method request: //ANY",
  );
  await run.DeleteMethod(method, CALL);
  expect(await refusal(run.DeleteModel(model, CALL))).toEqual({});
});

test('refusals in AWS words', async () => {
  const { run, restApiId } = await api();
  const empty = 'BadRequestException: Model schema must have at least 1 property or array items defined';
  await run.CreateModel({ restApiId, name: 'Pet', contentType, schema }, CALL);
  const update = (path: string, op: 'add' | 'replace', value = '') =>
    run.UpdateModel({ restApiId, modelName: 'Pet', patchOperations: [{ op, path, value }] }, CALL);
  const refused: [Promise<unknown>, string][] = [
    [
      run.CreateModel({ restApiId, name: 'Pet', contentType, schema }, CALL),
      'ConflictException: Model name already exists for this REST API',
    ],
    [
      run.CreateModel({ restApiId, name: '', contentType, schema }, CALL),
      'BadRequestException: Model name must be non-empty',
    ],
    [run.CreateModel({ restApiId, name: 'X', contentType, schema: '' }, CALL), empty],
    [run.CreateModel({ restApiId, name: 'X', contentType }, CALL), empty],
    [
      run.CreateModel({ restApiId: 'abcde0', name: 'X', contentType, schema }, CALL),
      'NotFoundException: Invalid API identifier specified 123456789012:abcde0',
    ],
    [
      run.GetModel({ restApiId, modelName: 'No' }, CALL),
      'NotFoundException: Invalid model name specified: No',
    ],
    [
      update('/wrong-path', 'add'),
      "BadRequestException: Invalid patch path  '/wrong-path' specified for op 'add'. Please choose supported operations",
    ],
    [
      update('/name', 'replace'),
      "BadRequestException: Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]",
    ],
    [update('/schema', 'replace'), empty],
  ];
  for (const [work, expected] of refused) expect(await refusal(work)).toBe(expected);
});

test('flatten brings the models referred to; a sample template walks them', async () => {
  const { run, restApiId } = await api();
  const url = `https://apigateway.amazonaws.com/restapis/${restApiId}/models/`;
  const pet = { type: 'object', properties: { name: { type: 'string' }, toys: { $ref: `${url}Toys` } } };
  const toys = { type: 'array', items: { type: 'number' } };
  await run.CreateModel({ restApiId, name: 'Toys', contentType, schema: JSON.stringify(toys) }, CALL);
  await run.CreateModel({ restApiId, name: 'Pet', contentType, schema: JSON.stringify(pet) }, CALL);
  const flat = await run.GetModel({ restApiId, modelName: 'Pet', flatten: true }, CALL);
  expect(JSON.parse(flat.schema ?? '')).toEqual({
    ...pet,
    properties: { name: { type: 'string' }, toys: { $ref: '#/definitions/Toys' } },
    definitions: { Toys: toys },
  });
  const { value } = await run.GetModelTemplate({ restApiId, modelName: 'Pet' }, CALL);
  expect(value).toBe(
    [
      "#set($inputRoot = $input.path('$'))",
      '{',
      '  "name" : "$inputRoot.name",',
      '  "toys" : [',
      '#foreach($elem in $inputRoot.toys)',
      '    $elem#if($foreach.hasNext),#end',
      '#end',
      '  ]',
      '}',
    ].join('\n'),
  );
});
