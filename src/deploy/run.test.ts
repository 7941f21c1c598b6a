import { expect, test } from 'bun:test';
import { FakeStack, fakeWorld } from './testing/fake-world.ts';

const topic = (name: string, more: object = {}) => ({
  Type: 'AWS::SNS::Topic',
  Properties: { DisplayName: name },
  ...more,
});

/** Queue needs Topic, Parameter needs Queue. */
const chain = (displayName = 'one', queueName?: string) => ({
  Resources: {
    Parameter: {
      Type: 'AWS::SSM::Parameter',
      Properties: { Type: 'String', Value: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
    },
    Queue: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        ...(queueName && { BucketName: queueName }),
        Tags: [{ Key: 'topic', Value: { Ref: 'Topic' } }],
      },
    },
    Topic: topic(displayName),
  },
  Outputs: { Topic: { Value: { Ref: 'Topic' } } },
});

test('a stack is created in the order of its references and told as AWS tells it', async () => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  expect(await stack.deploy(chain())).toBe('CREATE_COMPLETE');
  expect(world.calls).toEqual(['create Topic', 'create Queue', 'create Parameter']);
  expect(stack.events).toEqual([
    'Topic CREATE_IN_PROGRESS',
    'Topic CREATE_IN_PROGRESS Resource creation Initiated',
    'Topic CREATE_COMPLETE',
    'Queue CREATE_IN_PROGRESS',
    'Queue CREATE_IN_PROGRESS Resource creation Initiated',
    'Queue CREATE_COMPLETE',
    'Parameter CREATE_IN_PROGRESS',
    'Parameter CREATE_IN_PROGRESS Resource creation Initiated',
    'Parameter CREATE_COMPLETE',
    'stack CREATE_COMPLETE',
  ]);
  const queue = stack.resources.get('Queue');
  const name = stack.resources.get('Topic')?.physicalId ?? '';
  expect(name).toMatch(/^shop-Topic-[A-Z0-9]{12}$/);
  expect(queue?.properties).toEqual({ Tags: [{ Key: 'topic', Value: name }] });
  expect(stack.outputs).toEqual([{ key: 'Topic', value: name }]);
});

test.each(['Topic', 'Queue', 'Parameter'])('when %s cannot be created, nothing is left', async (id) => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  world.failures.set(`create ${id}`, 1);
  expect(await stack.deploy(chain())).toBe('ROLLBACK_COMPLETE');
  expect([...world.things]).toEqual([]);
  expect(stack.events).toContain(
    `stack ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [${id}]. Rollback requested by user.`,
  );
  expect(stack.events.find((event) => event.startsWith(`${id} CREATE_FAILED`))).toBe(
    `${id} CREATE_FAILED no create ${id}`,
  );
});

test.each([
  ['DELETE', 'DELETE_COMPLETE', 0],
  ['DO_NOTHING', 'CREATE_FAILED', 1],
] as const)('on failure %s the stack ends %s', async (onFailure, status, left) => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  world.failures.set('create Queue', 1);
  expect(await stack.deploy(chain(), { onFailure })).toBe(status);
  expect(world.things.size).toBe(left);
});

test('an update changes in place, replaces, adds and removes', async () => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  await stack.deploy({ Resources: { ...chain().Resources, Old: topic('old') } });
  const queueBefore = stack.resources.get('Queue')?.physicalId;
  stack.events.length = 0;
  const next = { Resources: { ...chain('two', 'named').Resources, New: topic('new') } };
  expect(await stack.deploy(next)).toBe('UPDATE_COMPLETE');
  const told = (id: string) =>
    stack.events.filter((event) => event.startsWith(`${id} `)).map((event) => event.slice(id.length + 1));
  expect({
    Topic: told('Topic'),
    New: told('New'),
    Queue: told('Queue'),
    Parameter: told('Parameter'),
    Old: told('Old'),
    stack: told('stack'),
  }).toEqual({
    Topic: ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'],
    New: ['CREATE_IN_PROGRESS', 'CREATE_IN_PROGRESS Resource creation Initiated', 'CREATE_COMPLETE'],
    Queue: [
      'UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.',
      'UPDATE_IN_PROGRESS Resource creation Initiated',
      'UPDATE_COMPLETE',
      'DELETE_IN_PROGRESS',
      'DELETE_COMPLETE',
    ],
    Parameter: ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'],
    Old: ['DELETE_IN_PROGRESS', 'DELETE_COMPLETE'],
    stack: ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE'],
  });
  expect(world.things.has(queueBefore ?? '')).toBe(false);
  expect(world.things.get('named')?.type).toBe('AWS::S3::Bucket');
  expect([...stack.resources.keys()].toSorted()).toEqual(['New', 'Parameter', 'Queue', 'Topic']);
  expect(
    [...stack.resources.values()].every(({ before, left }) => before === undefined && left === undefined),
  ).toBe(true);
});

test.each(['create New', 'update Topic', 'create Queue', 'update Parameter'])(
  'when "%s" fails, an update is undone whole',
  async (failing) => {
    const world = fakeWorld();
    const stack = new FakeStack(world);
    await stack.deploy(chain());
    const before = JSON.stringify([...world.things].toSorted());
    const rows = JSON.stringify(
      [...stack.resources].map(([id, { physicalId, properties }]) => [id, physicalId, properties]).toSorted(),
    );
    world.failures.set(failing, 1);
    const next = {
      Resources: { ...chain('two', 'named').Resources, New: topic('new', { DependsOn: 'Queue' }) },
    };
    expect(await stack.deploy(next)).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(JSON.stringify([...world.things].toSorted())).toBe(before);
    expect(
      JSON.stringify(
        [...stack.resources]
          .map(([id, { physicalId, properties }]) => [id, physicalId, properties])
          .toSorted(),
      ),
    ).toBe(rows);
    // And the stack can go on from there.
    expect(await stack.deploy(next)).toBe('UPDATE_COMPLETE');
  },
);

test('a rollback that fails stops there and can be continued', async () => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  await stack.deploy(chain());
  world.failures.set('create New', 1);
  world.failures.set('update Topic', 0);
  const next = { Resources: { ...chain('two').Resources, New: topic('new', { DependsOn: 'Parameter' }) } };
  const prepared = await stack.prepare(next);
  // The first update of Topic goes well, the one that undoes it does not.
  const create = world.calls.length;
  world.failures.set('update Topic', 0);
  const original = world.calls.push.bind(world.calls);
  world.calls.push = (...items) => {
    if (items[0] === 'create New') world.failures.set('update Topic', 1);
    return original(...items);
  };
  expect(await stack.run('UPDATE_IN_PROGRESS', { next: prepared })).toBe('UPDATE_ROLLBACK_FAILED');
  expect(world.calls.length).toBeGreaterThan(create);
  expect(stack.events.at(-1)).toBe(
    'stack UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [Topic]. ',
  );
  stack.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
  expect(await stack.resume({ operationId: 'operation-2', next: prepared })).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(stack.resources.get('Topic')?.properties).toEqual({ DisplayName: 'one' });
});

test('a stack is deleted backwards; what is retained stays', async () => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  await stack.deploy({
    Resources: { ...chain().Resources, Kept: topic('kept', { DeletionPolicy: 'Retain' }) },
  });
  world.calls.length = 0;
  expect(await stack.delete()).toBe('DELETE_COMPLETE');
  expect(world.calls).toEqual(['delete Parameter', 'delete Queue', 'delete Topic']);
  expect([...world.things.values()].map(({ properties }) => properties.DisplayName)).toEqual(['kept']);
  expect(stack.events).toContain('Kept DELETE_SKIPPED');
});

test('a resource that cannot be deleted leaves the stack DELETE_FAILED, and deleting again finishes', async () => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  await stack.deploy(chain());
  world.failures.set('delete Queue', 1);
  expect(await stack.delete()).toBe('DELETE_FAILED');
  expect(stack.events.at(-1)).toBe(
    'stack DELETE_FAILED The following resource(s) failed to delete: [Queue]. ',
  );
  expect(await stack.delete()).toBe('DELETE_COMPLETE');
  expect(world.things.size).toBe(0);
});

test.each([
  ['Retain', 1],
  ['RetainExceptOnCreate', 0],
])('a failed creation with DeletionPolicy %s leaves %i', async (DeletionPolicy, left) => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  world.failures.set('create Bad', 1);
  const Resources = { Kept: topic('kept', { DeletionPolicy }), Bad: topic('bad', { DependsOn: 'Kept' }) };
  expect(await stack.deploy({ Resources })).toBe('ROLLBACK_COMPLETE');
  expect(world.things.size).toBe(left);
});

test('an export in use can neither go nor change', async () => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  const exporting = (value: string) => ({
    Resources: { Topic: topic('one') },
    Outputs: { Out: { Value: value, Export: { Name: 'shared' } } },
  });
  await stack.deploy(exporting('a'));
  const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/shop/0e0f';
  stack.exports = [{ name: 'shared', value: 'a', stackId, importedBy: ['reader'] }];
  expect(await stack.deploy({ Resources: { Topic: topic('two') } })).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(stack.events).toContain(
    'stack UPDATE_ROLLBACK_IN_PROGRESS Export shared cannot be deleted as it is in use by reader',
  );
  expect(await stack.deploy(exporting('b'))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(stack.events).toContain(
    'stack UPDATE_ROLLBACK_IN_PROGRESS Cannot update export shared as it is in use by reader',
  );
  expect(await stack.delete()).toBe('DELETE_FAILED');
  expect(stack.events.at(-1)).toBe(
    'stack DELETE_FAILED Export shared cannot be deleted as it is in use by reader',
  );
});

test('what waits is cancelled when something else fails', async () => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  world.hangs.add('create Slow');
  world.failures.set('create Bad', 1);
  expect(await stack.deploy({ Resources: { Slow: topic('slow'), Bad: topic('bad') } })).toBe(
    'ROLLBACK_COMPLETE',
  );
  expect(stack.events).toContain('Slow CREATE_FAILED Resource creation cancelled');
});

/** Every commit is a moment at which the server may die; the operation is then taken up from what was committed. */
test('an operation cut off after any commit is carried to the same end', async () => {
  const first = chain();
  const next = {
    Resources: { ...chain('two', 'named').Resources, New: topic('new', { DependsOn: 'Queue' }) },
  };
  for (const failing of [undefined, 'create New']) {
    for (let commits = 0; ; commits += 1) {
      const world = fakeWorld();
      const stack = new FakeStack(world);
      await stack.deploy(first);
      if (failing) world.failures.set(failing, 2);
      const prepared = await stack.prepare(next);
      stack.commitsLeft = commits;
      const whole = await stack.run('UPDATE_IN_PROGRESS', { next: prepared }).then(
        () => true,
        () => false,
      );
      stack.commitsLeft = Number.POSITIVE_INFINITY;
      const end = await stack.resume({ operationId: 'operation-2', next: prepared });
      expect(end).toBe(failing ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_COMPLETE');
      const wanted = failing ? 3 : 4;
      expect([commits, stack.resources.size, world.things.size]).toEqual([commits, wanted, wanted]);
      if (whole) break;
    }
  }
});

test('what a cut-off creation left without a name is found again by its tags', async () => {
  const world = fakeWorld();
  const stack = new FakeStack(world);
  const tags = {
    'aws:cloudformation:stack-id': 'arn:aws:cloudformation:us-east-1:123456789012:stack/shop/0e0f',
    'aws:cloudformation:logical-id': 'Api',
  };
  world.answers.set('apigateway.GetRestApis', (input) =>
    'position' in input
      ? { items: [...world.things.keys()].map((id) => ({ id, tags })) }
      : {
          items: [
            { id: 'other', tags: { ...tags, 'aws:cloudformation:logical-id': 'Other' } },
            { id: 'plain' },
          ],
          position: 'p',
        },
  );
  world.things.set('other', { type: 'x', properties: {} });
  const prepared = await stack.prepare({
    Resources: { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'first' } } },
  });
  // The commit that says that it is there is the second.
  stack.commitsLeft = 1;
  await expect(stack.run('CREATE_IN_PROGRESS', { next: prepared })).rejects.toThrow('killed');
  world.things.delete('other');
  const left = [...world.things.keys()];
  expect(left.length).toBe(1);
  stack.commitsLeft = Number.POSITIVE_INFINITY;
  expect(await stack.resume({ operationId: 'operation-1', next: prepared })).toBe('CREATE_COMPLETE');
  expect(world.calls).toEqual(['create Api', 'delete Api', 'create Api']);
  expect(world.things.size).toBe(1);
});
