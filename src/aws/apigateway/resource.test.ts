import { expect, test } from 'bun:test';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

async function tree() {
  const { run } = openControlPlane();
  const api = await run.CreateRestApi({ name: 'pets' }, CALL);
  const restApiId = api.id ?? '';
  const root = api.rootResourceId ?? '';
  const add = async (parentId: string, pathPart: string) =>
    (await run.CreateResource({ restApiId, parentId, pathPart }, CALL)).id ?? '';
  return { run, restApiId, root, add };
}

test('paths follow a resource that moves', async () => {
  const { run, restApiId, root, add } = await tree();
  const pets = await add(root, 'pets');
  const inner = await add(await add(pets, 'subpets'), 'toys');
  await run.UpdateResource(
    { restApiId, resourceId: pets, patchOperations: [{ op: 'replace', path: '/pathPart', value: 'dogs' }] },
    CALL,
  );
  expect((await run.GetResource({ restApiId, resourceId: inner }, CALL)).path).toBe('/dogs/subpets/toys');
});

test('deleting a resource takes what is below it', async () => {
  const { run, restApiId, root, add } = await tree();
  const pets = await add(root, 'pets');
  await add(pets, 'subpets');
  await run.DeleteResource({ restApiId, resourceId: pets }, CALL);
  expect((await run.GetResources({ restApiId }, CALL)).items?.map((one) => one.path)).toEqual(['/']);
});

test('places that AWS refuses, in its words', async () => {
  const { run, restApiId, root, add } = await tree();
  const pets = await add(root, 'pets');
  const greedy = await add(root, '{proxy+}');
  await add(pets, '{proxy+}');
  await add(pets, '{petId}');
  const refused = [
    [root, 'pets', 'ConflictException: Another resource with the same parent already has this name: pets'],
    [
      root,
      '{dynamic}',
      'BadRequestException: A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed',
    ],
    [
      greedy,
      'child',
      'BadRequestException: Cannot create a child of a resource with a greedy path variable: {proxy+}',
    ],
    ['nowhere', 'child', 'NotFoundException: Invalid Resource identifier specified'],
    [
      root,
      'a b',
      "BadRequestException: Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
    ],
  ] as const;
  for (const [parentId, pathPart, expected] of refused)
    expect(await refusal(run.CreateResource({ restApiId, parentId, pathPart }, CALL))).toBe(expected);
});

test('updates that AWS refuses, in its words', async () => {
  const { run, restApiId, root, add } = await tree();
  const pets = await add(root, 'pets');
  const below = await add(pets, 'subpets');
  const refused = [
    [pets, 'replace', '/parentId', below, 'BadRequestException: Resources cannot be cyclical.'],
    [
      pets,
      'replace',
      '/invalid',
      'x',
      "BadRequestException: Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
    ],
    [
      pets,
      'remove',
      '/pathPart',
      '',
      "BadRequestException: Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations",
    ],
    [root, 'replace', '/pathPart', 'x', 'BadRequestException: Root resource cannot update its pathPart.'],
  ] as const;
  for (const [resourceId, op, path, value, expected] of refused)
    expect(
      await refusal(
        run.UpdateResource({ restApiId, resourceId, patchOperations: [{ op, path, value }] }, CALL),
      ),
    ).toBe(expected);
});

test('the 301st resource is one too many', async () => {
  const { run, restApiId, root, add } = await tree();
  for (let index = 0; index < 300; index++) await add(root, `r${index}`);
  expect(await refusal(run.CreateResource({ restApiId, parentId: root, pathPart: 'one' }, CALL))).toBe(
    'LimitExceededException: Maximum number of Resources for this API has been reached. Please contact AWS if you need additional Resources.',
  );
});
