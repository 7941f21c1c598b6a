import { afterAll, expect, test } from 'bun:test';
import type { FunctionConfig } from './config.ts';
import { createBench, functionOf } from './testing/bench.ts';

const bench = createBench();
afterAll(() => bench.close());

interface Row {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly config?: Partial<FunctionConfig>;
  readonly expected: unknown;
  readonly error?: true;
}

const rows: readonly Row[] = [
  {
    name: 'an answer',
    files: { 'app.py': 'def handler(event, context):\n    return {"got": event}\n' },
    expected: { got: { a: 'ü' } },
  },
  {
    name: 'nothing returned',
    files: { 'app.py': 'def handler(event, context):\n    pass\n' },
    expected: null,
  },
  {
    name: 'a handler in a package',
    files: {
      'src/__init__.py': '',
      'src/app.py': 'from .lib import value\ndef handler(e, c):\n    return value\n',
      'src/lib.py': 'value = 3\n',
    },
    config: { handler: 'src/app.handler' },
    expected: 3,
  },
  {
    name: 'decimals keep their digits',
    files: {
      'app.py':
        'from decimal import Decimal\ndef handler(e, c):\n    return [Decimal("1.10"), Decimal("3")]\n',
    },
    expected: [1.1, 3],
  },
  {
    name: 'an exception',
    files: { 'app.py': 'def inner():\n    raise KeyError("order")\n\ndef handler(e, c):\n    inner()\n' },
    expected: {
      errorMessage: "'order'",
      errorType: 'KeyError',
      requestId: expect.stringMatching(/^00000000/),
      stackTrace: [
        expect.stringMatching(/^ {2}File ".*app\.py", line 5, in handler\n {4}inner\(\)\n/),
        expect.stringMatching(/^ {2}File ".*app\.py", line 2, in inner\n {4}raise KeyError\("order"\)\n/),
      ],
    },
    error: true,
  },
  {
    name: 'an answer that is no JSON',
    files: { 'app.py': 'def handler(e, c):\n    return {1, 2}\n' },
    expected: {
      errorMessage: 'Unable to marshal response: Object of type set is not JSON serializable',
      errorType: 'Runtime.MarshalError',
      requestId: expect.any(String),
      stackTrace: [],
    },
    error: true,
  },
  {
    name: 'a module that is not there',
    files: { 'app.py': 'import nowhere\n' },
    expected: {
      errorMessage: "Unable to import module 'app': No module named 'nowhere'",
      errorType: 'Runtime.ImportModuleError',
      requestId: '',
      stackTrace: [],
    },
    error: true,
  },
  {
    name: 'no such handler',
    files: { 'app.py': 'x = 1\n' },
    expected: {
      errorMessage: "Handler 'handler' missing on module 'app'",
      errorType: 'Runtime.HandlerNotFound',
      requestId: '',
      stackTrace: [],
    },
    error: true,
  },
  {
    name: 'a bad handler name',
    files: { 'app.py': '' },
    config: { handler: 'app' },
    expected: {
      errorMessage: "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
      errorType: 'Runtime.MalformedHandlerName',
      requestId: '',
      stackTrace: [],
    },
    error: true,
  },
  {
    name: 'code that does not parse, with its place',
    files: { 'app.py': 'def handler(e, c):\n    return 1 +\n' },
    expected: {
      errorMessage: expect.stringContaining("Syntax error in module 'app': invalid syntax (app.py, line 2)"),
      errorType: 'Runtime.UserCodeSyntaxError',
      requestId: '',
      stackTrace: [expect.stringMatching(/^ {2}File ".*app\.py" Line 2\n/)],
    },
    error: true,
  },
  {
    name: 'an exception while loading',
    files: { 'app.py': 'raise ValueError("early")\n' },
    expected: {
      errorMessage: 'early',
      errorType: 'ValueError',
      requestId: '',
      // Python's own frames of the import are among them on AWS too.
      stackTrace: expect.arrayContaining([expect.stringContaining('app.py", line 1')]),
    },
    error: true,
  },
  {
    name: 'sys.exit',
    files: { 'app.py': 'import sys\ndef handler(e, c):\n    sys.exit(3)\n' },
    expected: {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/^RequestId: .* Error: Runtime exited with error: exit status 3$/),
    },
    error: true,
  },
];

const pythonOf = (
  files: Readonly<Record<string, string>>,
  more: Partial<FunctionConfig> = {},
): FunctionConfig =>
  functionOf(bench.folder(files), { runtime: 'python3.11', handler: 'app.handler', ...more });

for (const [at, { name, files, config, expected, error }] of rows.entries())
  test(`python: ${name}`, async () => {
    const made = pythonOf(files, { functionName: `python-${at}`, ...config });
    const answer = await bench.invoke(made, { a: 'ü' });
    expect(answer.json).toEqual(expected);
    expect(answer.functionError).toBe(error ? 'Unhandled' : undefined);
    bench.runner.retire(made.functionArn);
  });

test('python: digits of a decimal, as bytes', async () => {
  const made = pythonOf(
    { 'app.py': 'from decimal import Decimal\ndef handler(e, c):\n    return Decimal("1.10")\n' },
    { functionName: 'digits' },
  );
  expect(Buffer.from((await bench.invoke(made)).payload).toString()).toBe('1.10');
});

test('python: context, environment, layers and the module path', async () => {
  const layer = bench.folder({ 'python/in_layer.py': 'value = "layer"\n' });
  const made = pythonOf(
    {
      'app.py': `import os, sys, tempfile, in_layer
def handler(event, c):
    return dict(name=c.function_name, version=c.function_version, arn=c.invoked_function_arn,
        memory=c.memory_limit_in_mb, group=c.log_group_name, stream=c.log_stream_name, request=c.aws_request_id,
        remaining=c.get_remaining_time_in_millis(), custom=c.client_context.custom, identity=c.identity.cognito_identity_id,
        trace=os.environ["_X_AMZN_TRACE_ID"], layer=in_layer.value, first=sys.path[0], tmp=tempfile.gettempdir())
`,
    },
    { functionName: 'context', layers: [layer] },
  );
  const answer = await bench.invoke(
    made,
    {},
    { clientContext: Buffer.from('{"custom":{"a":1}}').toString('base64'), traceId: 'Root=1' },
  );
  expect(answer.json).toEqual({
    name: 'context',
    version: '$LATEST',
    arn: made.functionArn,
    memory: '256',
    group: '/aws/lambda/context',
    stream: expect.stringContaining('[$LATEST]'),
    request: answer.requestId,
    remaining: expect.any(Number),
    custom: { a: 1 },
    identity: null,
    trace: 'Root=1',
    layer: 'layer',
    first: made.code.path,
    tmp: expect.stringContaining('/environments/'),
  });
});

test('python: threads stand still between calls', async () => {
  const made = pythonOf(
    {
      'app.py': `import threading, time
ticks = 0
def tick():
    global ticks
    while True:
        time.sleep(0.002)
        ticks += 1
threading.Thread(target=tick, daemon=True).start()
def handler(event, context):
    global ticks
    before, ticks = ticks, 0
    return before
`,
    },
    { functionName: 'threads' },
  );
  await bench.invoke(made);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await bench.invoke(made)).json).toBeLessThan(50);
});
