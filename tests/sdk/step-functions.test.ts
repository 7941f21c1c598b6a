/** Step Functions through the official client: the states language row by row, callbacks, activities, children, history. */
import { describe, expect, test } from 'bun:test';
import { DynamoDBClient, CreateTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateActivityCommand,
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  ListStateMachineVersionsCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
  TestStateCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { useServer } from './test-server.ts';

const server = useServer();
const client = () => new SFNClient({ ...server.options(), disableHostPrefix: true });
const roleArn = 'arn:aws:iam::123456789012:role/states';

let machines = 0;
async function create(definition: object, more: object = {}): Promise<string> {
  const made = await client().send(
    new CreateStateMachineCommand({
      name: `machine-${++machines}`,
      definition: JSON.stringify(definition),
      roleArn,
      ...more,
    }),
  );
  return made.stateMachineArn ?? '';
}

async function ended(executionArn: string | undefined): Promise<DescribeExecutionOutput> {
  for (;;) {
    const row = await client().send(new DescribeExecutionCommand({ executionArn }));
    if (row.status !== 'RUNNING') return row;
    await new Promise((next) => setImmediate(next));
  }
}

async function start(stateMachineArn: string, input: unknown = {}): Promise<string> {
  const { executionArn = '' } = await client().send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return executionArn;
}

/** Runs a definition once; the output, or `Error: Cause`. */
async function run(definition: object, input: unknown = {}): Promise<unknown> {
  const { status, output, error, cause } = await ended(await start(await create(definition), input));
  return status === 'SUCCEEDED' ? JSON.parse(output ?? 'null') : `${status} ${error ?? ''}: ${cause ?? ''}`;
}

/** A machine of one state. */
const only = (state: object, more: object = {}): object => ({
  StartAt: 'Only',
  States: { Only: { End: true, ...state } },
  ...more,
});

const historyOf = async (executionArn: string): Promise<string[]> => {
  const { events = [] } = await client().send(new GetExecutionHistoryCommand({ executionArn }));
  return events.map(({ id, previousEventId, type }) => `${id}<${previousEventId} ${type}`);
};

describe('input and output', () => {
  const given = { order: { id: 7, lines: [1, 2, 3] }, who: 'Ada' };
  const table: readonly [name: string, state: object, expected: unknown][] = [
    ['nothing passes the input on', { Type: 'Pass' }, given],
    ['Result', { Type: 'Pass', Result: { a: 1 } }, { a: 1 }],
    [
      'ResultPath places the result',
      { Type: 'Pass', Result: 1, ResultPath: '$.order.total' },
      { order: { id: 7, lines: [1, 2, 3], total: 1 }, who: 'Ada' },
    ],
    ['ResultPath null throws it away', { Type: 'Pass', Result: 1, ResultPath: null }, given],
    ['InputPath', { Type: 'Pass', InputPath: '$.order.lines' }, [1, 2, 3]],
    ['OutputPath', { Type: 'Pass', OutputPath: '$.who' }, 'Ada'],
    [
      'Parameters with paths, context and constants',
      {
        Type: 'Pass',
        Parameters: {
          'id.$': '$.order.id',
          'machine.$': '$$.State.Name',
          fixed: true,
          nested: [{ 'x.$': '$.who' }],
        },
      },
      { id: 7, machine: 'Only', fixed: true, nested: [{ x: 'Ada' }] },
    ],
    [
      'States.Format',
      { Type: 'Pass', Parameters: { 't.$': "States.Format('{} has {} \\{\\}', $.who, $.order.id)" } },
      { t: 'Ada has 7 {}' },
    ],
    [
      'arrays',
      {
        Type: 'Pass',
        Parameters: {
          'p.$': 'States.ArrayPartition($.order.lines, 2)',
          'c.$': 'States.ArrayContains($.order.lines, 2)',
          'r.$': 'States.ArrayRange(1, 9, 2)',
          'g.$': 'States.ArrayGetItem($.order.lines, 1)',
          'l.$': 'States.ArrayLength($.order.lines)',
          'u.$': "States.ArrayUnique(States.Array(1, 1, 'a'))",
        },
      },
      { p: [[1, 2], [3]], c: true, r: [1, 3, 5, 7, 9], g: 2, l: 3, u: [1, 'a'] },
    ],
    [
      'texts and numbers',
      {
        Type: 'Pass',
        Parameters: {
          's.$': "States.StringSplit('a,b;c', ',;')",
          'j.$': 'States.StringToJson(\'{"a":1}\')',
          'b.$': "States.Base64Decode(States.Base64Encode('hi'))",
          'h.$': "States.Hash('x', 'SHA-1')",
          'm.$': 'States.MathAdd($.order.id, -1)',
          'o.$': 'States.JsonMerge($.order, States.StringToJson(\'{"id":8}\'), false)',
        },
      },
      {
        s: ['a', 'b', 'c'],
        j: { a: 1 },
        b: 'hi',
        h: '11f6ad8ec52a2984abaafd7c3b516503785c2072',
        m: 6,
        o: { id: 8, lines: [1, 2, 3] },
      },
    ],
    [
      'JSONata',
      {
        Type: 'Pass',
        QueryLanguage: 'JSONata',
        Output: {
          total: '{% $sum($states.input.order.lines) %}',
          name: '{% $states.context.State.Name %}',
          p: '{% $partition([1,2,3], 2) %}',
        },
      },
      { total: 6, name: 'Only', p: [[1, 2], [3]] },
    ],
  ];
  for (const [name, state, expected] of table)
    test(name, async () => {
      expect(await run(only(state), given)).toEqual(expected);
    });

  test('variables live on, in both languages', async () => {
    const definition = {
      StartAt: 'Set',
      States: {
        Set: { Type: 'Pass', Assign: { 'id.$': '$.id', n: 2 }, Next: 'Use' },
        Use: {
          Type: 'Pass',
          QueryLanguage: 'JSONata',
          Output: '{% $id & "-" & $n %}',
          Assign: { n: '{% $n + 1 %}' },
          Next: 'Path',
        },
        Path: { Type: 'Pass', Parameters: { 'text.$': '$', 'n.$': '$n' }, End: true },
      },
    };
    expect(await run(definition, { id: 'a' })).toEqual({ text: 'a-2', n: 3 });
  });

  test('a path without a result ends the execution and says which', async () => {
    expect(await run(only({ Type: 'Pass', Parameters: { 'x.$': '$.no' } }), {})).toBe(
      "FAILED States.ParameterPathFailure: An error occurred while executing the state 'Only' (entered at the event id #2). The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '{}'",
    );
  });

  test('a JSONata mistake too', async () => {
    const text = await run(
      only({ Type: 'Pass', Output: '{% $states.input.a + "x" %}' }, { QueryLanguage: 'JSONata' }),
      { a: 1 },
    );
    expect(text).toStartWith('FAILED States.QueryEvaluationError: ');
    expect(text).toContain('T2002');
  });

  test('an endless expression is ended', async () => {
    const text = await run(
      only(
        { Type: 'Pass', Output: '{% ($f := function($n) { $f($n + 1) }; $f(0)) %}' },
        { QueryLanguage: 'JSONata' },
      ),
    );
    expect(text).toStartWith('FAILED States.QueryEvaluationError: ');
  });
});

describe('choices', () => {
  const choose = (rule: object) => ({
    StartAt: 'Choose',
    States: {
      Choose: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Pass', Result: 'yes', End: true },
      No: { Type: 'Pass', Result: 'no', End: true },
    },
  });
  const input = { n: 5, s: 'log-7.txt', t: '2026-01-02T03:04:05Z', b: true, nil: null, other: 5 };
  const table: readonly [rule: object, expected: string][] = [
    [{ Variable: '$.n', NumericGreaterThanEquals: 5 }, 'yes'],
    [{ Variable: '$.n', NumericEqualsPath: '$.other' }, 'yes'],
    [{ Variable: '$.n', StringEquals: '5' }, 'no'],
    [{ Variable: '$.s', StringMatches: 'log-*.txt' }, 'yes'],
    [{ Variable: '$.s', StringMatches: 'log-\\*.txt' }, 'no'],
    [{ Variable: '$.t', TimestampLessThan: '2026-01-02T04:04:05+00:00' }, 'yes'],
    [{ Variable: '$.nope', IsPresent: false }, 'yes'],
    [{ Variable: '$.nil', IsNull: true }, 'yes'],
    [{ Variable: '$.t', IsTimestamp: true }, 'yes'],
    [{ Not: { Variable: '$.b', BooleanEquals: true } }, 'no'],
    [
      {
        And: [
          { Variable: '$.b', IsBoolean: true },
          {
            Or: [
              { Variable: '$.n', NumericLessThan: 1 },
              { Variable: '$.s', IsString: true },
            ],
          },
        ],
      },
      'yes',
    ],
  ];
  for (const [rule, expected] of table)
    test(JSON.stringify(rule), async () => {
      expect(await run(choose(rule), input)).toBe(expected);
    });

  test('a JSONata condition, with what it sets', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'Choose',
      States: {
        Choose: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $states.input.n > 3 %}', Next: 'Yes', Output: { big: true } }],
          Default: 'No',
        },
        Yes: { Type: 'Succeed' },
        No: { Type: 'Fail', Error: 'Small', Cause: '{% "n is " & $states.input.n %}' },
      },
    };
    expect(await run(definition, { n: 5 })).toEqual({ big: true });
    expect(await run(definition, { n: 1 })).toBe('FAILED Small: n is 1');
  });

  test('no rule and no default', async () => {
    const definition = {
      StartAt: 'Choose',
      States: {
        Choose: { Type: 'Choice', Choices: [{ Variable: '$.a', IsPresent: true, Next: 'Done' }] },
        Done: { Type: 'Succeed' },
      },
    };
    expect(await run(definition)).toStartWith('FAILED States.NoChoiceMatched: ');
  });
});

describe('parallel, map and errors', () => {
  test('branches give a list, in order', async () => {
    const branch = (value: string) => ({
      StartAt: value,
      States: { [value]: { Type: 'Pass', Parameters: { [value]: true, 'id.$': '$.id' }, End: true } },
    });
    const definition = only({ Type: 'Parallel', Branches: [branch('a'), branch('b')], ResultPath: '$.both' });
    expect(await run(definition, { id: 1 })).toEqual({
      id: 1,
      both: [
        { a: true, id: 1 },
        { b: true, id: 1 },
      ],
    });
  });

  test('a failing branch ends the others, and is caught', async () => {
    const definition = {
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'Bad', States: { Bad: { Type: 'Fail', Error: 'Broken', Cause: 'so it is' } } },
            { StartAt: 'Long', States: { Long: { Type: 'Wait', Seconds: 1000, End: true } } },
          ],
          Catch: [{ ErrorEquals: ['Broken'], ResultPath: '$.why', Next: 'Caught' }],
          End: true,
        },
        Caught: { Type: 'Pass', End: true },
      },
    };
    expect(await run(definition, { kept: 1 })).toEqual({
      kept: 1,
      why: { Error: 'Broken', Cause: 'so it is' },
    });
  });

  test('a map over items with a selector, so many at once', async () => {
    const definition = only({
      Type: 'Map',
      ItemsPath: '$.items',
      MaxConcurrency: 2,
      ItemSelector: { 'index.$': '$$.Map.Item.Index', 'value.$': '$$.Map.Item.Value', 'all.$': '$.name' },
      ItemProcessor: { StartAt: 'Each', States: { Each: { Type: 'Pass', End: true } } },
    });
    expect(await run(definition, { name: 'n', items: ['a', 'b'] })).toEqual([
      { index: 0, value: 'a', all: 'n' },
      { index: 1, value: 'b', all: 'n' },
    ]);
  });

  test('a JSONata map', async () => {
    const definition = only(
      {
        Type: 'Map',
        Items: '{% $states.input.items %}',
        ItemProcessor: {
          StartAt: 'Each',
          States: { Each: { Type: 'Pass', Output: '{% $states.input * 2 %}', End: true } },
        },
        Output: '{% $sum($states.result) %}',
      },
      { QueryLanguage: 'JSONata' },
    );
    expect(await run(definition, { items: [1, 2, 3] })).toBe(12);
  });

  test('the history of a map', async () => {
    const definition = only({
      Type: 'Map',
      ItemProcessor: { StartAt: 'Each', States: { Each: { Type: 'Pass', End: true } } },
    });
    const arn = await start(await create(definition), [1]);
    await ended(arn);
    expect(await historyOf(arn)).toEqual([
      '1<0 ExecutionStarted',
      '2<1 MapStateEntered',
      '3<2 MapStateStarted',
      '4<3 MapIterationStarted',
      '5<4 PassStateEntered',
      '6<5 PassStateExited',
      '7<6 MapIterationSucceeded',
      '8<7 MapStateSucceeded',
      '9<8 MapStateExited',
      '10<9 ExecutionSucceeded',
    ]);
  });
});

describe('tasks', () => {
  test('an optimised integration and one through the SDK', async () => {
    const dynamodb = new DynamoDBClient(server.options());
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'orders',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const definition = {
      StartAt: 'Put',
      States: {
        Put: {
          Type: 'Task',
          Resource: 'arn:aws:states:::dynamodb:putItem',
          Parameters: {
            TableName: 'orders',
            Item: { id: { 'S.$': '$.id' } },
            ConditionExpression: 'attribute_not_exists(id)',
          },
          ResultPath: null,
          Next: 'Get',
          Catch: [{ ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'], Next: 'Known' }],
        },
        Get: {
          Type: 'Task',
          Resource: 'arn:aws:states:::aws-sdk:dynamodb:getItem',
          Parameters: { TableName: 'orders', Key: { id: { 'S.$': '$.id' } } },
          ResultSelector: { 'found.$': '$.Item.id.S' },
          End: true,
        },
        Known: { Type: 'Pass', Result: 'known', End: true },
      },
    };
    const machine = await create(definition);
    expect((await ended(await start(machine, { id: 'o1' }))).output).toBe('{"found":"o1"}');
    expect((await ended(await start(machine, { id: 'o1' }))).output).toBe('"known"');
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: 'orders', Key: { id: { S: 'o1' } } }),
    );
    expect(Item).toEqual({ id: { S: 'o1' } });
  });

  test('tried again with growing pauses, then caught', async () => {
    const definition = {
      StartAt: 'Call',
      States: {
        Call: {
          Type: 'Task',
          Resource: 'arn:aws:states:::aws-sdk:dynamodb:getItem',
          Parameters: { TableName: 'no-such-table', Key: { id: { S: 'x' } } },
          Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 1, BackoffRate: 1 }],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Gone' }],
          End: true,
        },
        Gone: { Type: 'Pass', Parameters: { 'error.$': '$.Error' }, End: true },
      },
    };
    const arn = await start(await create(definition));
    expect((await ended(arn)).output).toBe('{"error":"DynamoDb.ResourceNotFoundException"}');
    const types = (await historyOf(arn)).map((line) => line.split(' ')[1]);
    expect(types.filter((type) => type === 'TaskFailed')).toHaveLength(2);
  });

  test('a callback through a queue', async () => {
    const sqs = new SQSClient(server.options());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'callbacks' }));
    const definition = only({
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl, MessageBody: { 'token.$': '$$.Task.Token' } },
    });
    const machine = await create(definition);
    for (const [send, status] of [
      [(taskToken: string) => new SendTaskSuccessCommand({ taskToken, output: '{"ok":true}' }), 'SUCCEEDED'],
      [(taskToken: string) => new SendTaskFailureCommand({ taskToken, error: 'No', cause: 'why' }), 'FAILED'],
    ] as const) {
      const arn = await start(machine);
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
      const { token } = JSON.parse(Messages[0]?.Body ?? '{}') as { token: string };
      await client().send(send(token) as SendTaskSuccessCommand);
      expect((await ended(arn)).status).toBe(status);
      const again = await client()
        .send(send(token) as SendTaskSuccessCommand)
        .catch((error: Error) => error);
      expect(String(again)).toContain('TaskTimedOut');
    }
  });

  test('an activity is fetched by its worker', async () => {
    const { activityArn = '' } = await client().send(new CreateActivityCommand({ name: 'pack' }));
    const arn = await start(await create(only({ Type: 'Task', Resource: activityArn, TimeoutSeconds: 60 })), {
      box: 1,
    });
    const task = await client().send(new GetActivityTaskCommand({ activityArn, workerName: 'w1' }));
    expect(JSON.parse(task.input ?? '')).toEqual({ box: 1 });
    await client().send(new SendTaskSuccessCommand({ taskToken: task.taskToken, output: '"packed"' }));
    expect((await ended(arn)).output).toBe('"packed"');
    const types = (await historyOf(arn)).map((line) => line.split(' ')[1]);
    expect(types).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'ActivityScheduled',
      'ActivityStarted',
      'ActivitySucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('a child execution, awaited', async () => {
    const child = await create(only({ Type: 'Pass', Result: { from: 'child' } }));
    const definition = only({
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: child, Input: { a: 1 } },
      ResultSelector: { 'output.$': '$.Output', 'status.$': '$.Status', 'input.$': '$.Input' },
    });
    expect(await run(definition)).toEqual({
      output: { from: 'child' },
      status: 'SUCCEEDED',
      input: { a: 1 },
    });
  });
});

describe('executions', () => {
  test('stopped while it waits', async () => {
    const arn = await start(await create(only({ Type: 'Wait', Seconds: 1000 })));
    await client().send(new StopExecutionCommand({ executionArn: arn, error: 'Enough', cause: 'of it' }));
    expect(await ended(arn)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'of it' });
    expect((await historyOf(arn)).at(-1)).toEndWith('ExecutionAborted');
  });

  test('out of time', async () => {
    const arn = await start(await create({ ...only({ Type: 'Wait', Seconds: 1000 }), TimeoutSeconds: 1 }));
    expect((await ended(arn)).status).toBe('TIMED_OUT');
  });

  test('one name, one execution', async () => {
    const stateMachineArn = await create(only({ Type: 'Wait', Seconds: 1000 }));
    const send = (input: string) =>
      client().send(new StartExecutionCommand({ stateMachineArn, name: 'one', input }));
    const first = await send('{"a":1}');
    expect((await send('{"a":1}')).executionArn).toBe(first.executionArn ?? '');
    expect(String(await send('{"a":2}').catch((error: Error) => error))).toContain(
      `Execution Already Exists: '${first.executionArn}'`,
    );
    const listed = await client().send(
      new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }),
    );
    expect(listed.executions?.map(({ name }) => name)).toEqual(['one']);
    await client().send(new StopExecutionCommand({ executionArn: first.executionArn }));
  });

  test('an express execution answers at once, its failure too', async () => {
    const stateMachineArn = await create(
      {
        StartAt: 'A',
        States: {
          A: { Type: 'Pass', Next: 'B' },
          B: { Type: 'Pass', Result: 3, Next: 'C' },
          C: { Type: 'Succeed' },
        },
      },
      { type: 'EXPRESS' },
    );
    const answer = await client().send(new StartSyncExecutionCommand({ stateMachineArn, input: '{}' }));
    expect(answer).toMatchObject({ status: 'SUCCEEDED', output: '3' });
    expect(answer.executionArn).toContain(':express:');
    const failing = await create(only({ Type: 'Fail', Error: 'E', Cause: 'C', End: undefined }), {
      type: 'EXPRESS',
    });
    expect(await client().send(new StartSyncExecutionCommand({ stateMachineArn: failing }))).toMatchObject({
      status: 'FAILED',
      error: 'E',
      cause: 'C',
    });
  });

  test('redriven, it does only what had failed', async () => {
    const dynamodb = new DynamoDBClient(server.options());
    const definition = {
      StartAt: 'First',
      States: {
        First: { Type: 'Pass', Parameters: { 'id.$': 'States.UUID()' }, Next: 'Second' },
        Second: {
          Type: 'Task',
          Resource: 'arn:aws:states:::dynamodb:putItem',
          Parameters: { TableName: 'late', Item: { id: { 'S.$': '$.id' } } },
          ResultPath: null,
          End: true,
        },
      },
    };
    const arn = await start(await create(definition));
    expect((await ended(arn)).status).toBe('FAILED');
    const { events = [] } = await client().send(new GetExecutionHistoryCommand({ executionArn: arn }));
    const before = events.find(({ type }) => type === 'PassStateExited')?.stateExitedEventDetails?.output;
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'late',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await client().send(new RedriveExecutionCommand({ executionArn: arn }));
    const after = await ended(arn);
    expect(after).toMatchObject({ status: 'SUCCEEDED', output: before ?? '', redriveCount: 1 });
    expect((await historyOf(arn)).filter((line) => line.endsWith('PassStateExited'))).toHaveLength(1);
  });
});

describe('distributed maps', () => {
  test('items of a CSV file in batches, results in a bucket', async () => {
    const s3 = new S3Client({ ...server.options(), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'items' }));
    await s3.send(
      new PutObjectCommand({ Bucket: 'items', Key: 'in.csv', Body: 'id,name\n1,"a, b"\n2,c\n3,d\n' }),
    );
    const definition = only({
      Type: 'Map',
      Label: 'Rows',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
        Parameters: { Bucket: 'items', Key: 'in.csv' },
      },
      ItemBatcher: { MaxItemsPerBatch: 2 },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Each',
        States: { Each: { Type: 'Pass', OutputPath: '$.Items', End: true } },
      },
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        Parameters: { Bucket: 'items', Prefix: 'out' },
      },
    });
    const arn = await start(await create(definition));
    const { output = '{}' } = await ended(arn);
    const { MapRunArn, ResultWriterDetails } = JSON.parse(output) as {
      MapRunArn: string;
      ResultWriterDetails: { Bucket: string; Key: string };
    };
    const manifest = await s3.send(new GetObjectCommand(ResultWriterDetails));
    const { ResultFiles } = JSON.parse((await manifest.Body?.transformToString()) ?? '{}') as {
      ResultFiles: { SUCCEEDED: { Key: string }[] };
    };
    const file = await s3.send(new GetObjectCommand({ Bucket: 'items', Key: ResultFiles.SUCCEEDED[0]?.Key }));
    const written = JSON.parse((await file.Body?.transformToString()) ?? '[]') as { Output: string }[];
    expect(written.map(({ Output }) => JSON.parse(Output))).toEqual([
      [
        { id: '1', name: 'a, b' },
        { id: '2', name: 'c' },
      ],
      [{ id: '3', name: 'd' }],
    ]);
    const { mapRuns } = await client().send(new ListMapRunsCommand({ executionArn: arn }));
    expect(mapRuns?.[0]?.mapRunArn).toBe(MapRunArn);
    const described = await client().send(new DescribeMapRunCommand({ mapRunArn: MapRunArn }));
    expect(described).toMatchObject({ status: 'SUCCEEDED', executionCounts: { succeeded: 2, total: 2 } });
    const children = await client().send(new ListExecutionsCommand({ mapRunArn: MapRunArn }));
    expect(children.executions).toHaveLength(2);
  });

  test('more failures than tolerated', async () => {
    const map = (more: object) =>
      only({
        Type: 'Map',
        ...more,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'Each',
          States: {
            Each: {
              Type: 'Choice',
              Choices: [{ Variable: '$', NumericEquals: 2, Next: 'Bad' }],
              Default: 'Good',
            },
            Bad: { Type: 'Fail', Error: 'Two' },
            Good: { Type: 'Succeed' },
          },
        },
      });
    expect(await run(map({}), [1, 2, 3])).toBe(
      'FAILED States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded',
    );
    expect(await run(map({ ToleratedFailureCount: 1 }), [1, 2, 3])).toEqual([1, 3]);
  });
});

describe('definitions', () => {
  const table: readonly [name: string, definition: unknown, problem: string][] = [
    [
      'a target that is not there',
      { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, C: { Type: 'Succeed' } } },
      `MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next, MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C`,
    ],
    [
      'nothing to start at',
      { States: { A: { Type: 'Succeed' } } },
      'SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt] at /',
    ],
    [
      'a field it does not have',
      only({ Type: 'Pass', Resource: 'x' }),
      'SCHEMA_VALIDATION_FAILED: Field is not supported at /States/Only/Resource',
    ],
    [
      'JSONata in a JSONPath state',
      only({ Type: 'Pass', Output: 1 }),
      'SCHEMA_VALIDATION_FAILED: Field is not supported at /States/Only/Output',
    ],
    [
      'no ARN',
      only({ Type: 'Task', Resource: 'orders' }),
      'SCHEMA_VALIDATION_FAILED: Value is not a valid resource ARN at /States/Only/Resource',
    ],
    [
      'an integration that is not there',
      only({ Type: 'Task', Resource: 'arn:aws:states:::ecs:runTask.sync' }),
      'SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::ecs:runTask.sync is not recognized: not supported by gatehouse at /States/Only/Resource',
    ],
  ];
  for (const [name, definition, problem] of table)
    test(name, async () => {
      const thrown = await create(definition as object).catch((error: Error) => error);
      expect(`${(thrown as Error).name}: ${(thrown as Error).message}`).toBe(
        `InvalidDefinition: Invalid State Machine Definition: '${problem}'`,
      );
      const checked = await client().send(
        new ValidateStateMachineDefinitionCommand({ definition: JSON.stringify(definition) }),
      );
      expect(
        checked.diagnostics
          ?.map(({ code, message, location }) => `${code}: ${message} at ${location}`)
          .join(', '),
      ).toBe(problem);
    });

  test('versions do not change, and an alias chooses', async () => {
    const stateMachineArn = await create(only({ Type: 'Pass', Result: 1 }), { publish: true });
    await client().send(
      new UpdateStateMachineCommand({
        stateMachineArn,
        definition: JSON.stringify(only({ Type: 'Pass', Result: 2 })),
        publish: true,
      }),
    );
    const { stateMachineVersions = [] } = await client().send(
      new ListStateMachineVersionsCommand({ stateMachineArn }),
    );
    expect(stateMachineVersions.map(({ stateMachineVersionArn }) => stateMachineVersionArn)).toEqual([
      `${stateMachineArn}:2`,
      `${stateMachineArn}:1`,
    ]);
    const { stateMachineAliasArn = '' } = await client().send(
      new CreateStateMachineAliasCommand({
        name: 'live',
        routingConfiguration: [{ stateMachineVersionArn: `${stateMachineArn}:1`, weight: 100 }],
      }),
    );
    expect((await ended(await start(stateMachineAliasArn))).output).toBe('1');
    expect((await ended(await start(stateMachineArn))).output).toBe('2');
    const shown = await client().send(
      new DescribeStateMachineCommand({ stateMachineArn: `${stateMachineArn}:1` }),
    );
    expect(JSON.parse(shown.definition ?? '')).toEqual(only({ Type: 'Pass', Result: 1 }));
  });

  test('a state by itself', async () => {
    const send = (definition: object, input = '{}') =>
      client().send(new TestStateCommand({ definition: JSON.stringify(definition), roleArn, input }));
    expect(await send({ Type: 'Pass', Result: { a: 1 }, Next: 'Elsewhere' })).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"a":1}',
      nextState: 'Elsewhere',
    });
    expect(
      await send({
        Type: 'Choice',
        Choices: [{ Variable: '$.x', IsPresent: true, Next: 'There' }],
        Default: 'Here',
      }),
    ).toMatchObject({ nextState: 'Here' });
    const task = {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:dynamodb:getItem',
      Parameters: { TableName: 'none', Key: {} },
      Next: 'X',
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Saved' }],
    };
    expect(await send(task)).toMatchObject({
      status: 'CAUGHT_ERROR',
      nextState: 'Saved',
      error: 'DynamoDb.ResourceNotFoundException',
    });
  });
});
