import { expect, test } from 'bun:test';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

async function api() {
  const { run } = openControlPlane();
  const { id: restApiId = '' } = await run.CreateRestApi({ name: 'a' }, CALL);
  return { run, restApiId };
}

test('a part, its version, and the stage that shows it', async () => {
  const { run, restApiId } = await api();
  const part = { restApiId, location: { type: 'API' }, properties: '{"a":1}' } as const;
  const made = await run.CreateDocumentationPart(part, CALL);
  expect(made).toEqual({ id: expect.any(String), location: { type: 'API' }, properties: '{"a":1}' });
  const version = { restApiId, documentationVersion: 'v1' };
  await run.CreateDocumentationVersion({ ...version, description: 'first' }, CALL);
  await run.DeleteDocumentationPart({ restApiId, documentationPartId: made.id }, CALL);
  expect(await run.GetDocumentationVersion(version, CALL)).toMatchObject({
    version: 'v1',
    description: 'first',
  });
  expect(await refusal(run.CreateDocumentationVersion(version, CALL))).toBe(
    'ConflictException: Documentation version already exists',
  );
});

test('refusals in AWS words', async () => {
  const { run, restApiId } = await api();
  const location = { type: 'API' } as const;
  const { id: documentationPartId } = await run.CreateDocumentationPart(
    { restApiId, location, properties: '{}' },
    CALL,
  );
  const update = (op: 'add' | 'replace', path: string) =>
    run.UpdateDocumentationPart(
      { restApiId, documentationPartId, patchOperations: [{ op, path, value: '{}' }] },
      CALL,
    );
  const refused: [Promise<unknown>, string][] = [
    [
      run.GetDocumentationPart({ restApiId: 'x', documentationPartId }, CALL),
      'NotFoundException: Invalid Documentation part identifier specified',
    ],
    [
      run.DeleteDocumentationPart({ restApiId: 'x', documentationPartId }, CALL),
      'NotFoundException: Invalid API identifier specified 123456789012:x',
    ],
    [
      update('add', '/properties'),
      "BadRequestException: Invalid patch path  '/properties' specified for op 'add'. Please choose supported operations",
    ],
    [
      update('replace', '/invalidPath'),
      "BadRequestException: Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/properties]",
    ],
    [
      run.ImportDocumentationParts({ restApiId, body: new TextEncoder().encode('{ bad') }, CALL),
      'BadRequestException: Unable to build importer with provided input.',
    ],
  ];
  for (const [work, expected] of refused) expect(await refusal(work)).toBe(expected);
});

test('importing tells a type from what a location says', async () => {
  const { run, restApiId } = await api();
  const parts = [
    { location: {}, properties: { info: { version: '3' } } },
    { location: { method: 'GET' }, properties: { description: 'Method description.' } },
    { location: { type: 'MODEL', name: 'Empty' }, properties: { title: 'Empty Schema' } },
    { location: { method: 'GET', statusCode: '200' }, properties: { description: '200 response' } },
  ];
  const document = { 'x-amazon-apigateway-documentation': { documentationParts: parts } };
  const body = new TextEncoder().encode(JSON.stringify(document));
  const first = await run.ImportDocumentationParts({ restApiId, body }, CALL);
  const second = await run.ImportDocumentationParts({ restApiId, body, mode: 'overwrite' }, CALL);
  expect([first.ids?.length, second.ids?.length]).toEqual([4, 4]);
  const { items = [] } = await run.GetDocumentationParts({ restApiId }, CALL);
  expect(items.map((part) => JSON.stringify(part.location)).toSorted()).toEqual(
    [
      { type: 'API' },
      { type: 'METHOD', path: '/', method: 'GET' },
      { type: 'MODEL', name: 'Empty' },
      { type: 'RESPONSE', path: '/', method: 'GET', statusCode: '200' },
    ]
      .map((location) => JSON.stringify(location))
      .toSorted(),
  );
});
