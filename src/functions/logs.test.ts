import { afterAll, expect, test } from 'bun:test';
import { createBench, eventually, functionOf } from './testing/bench.ts';

const bench = createBench();
afterAll(() => bench.close());

/** The log of one call: times, ids and figures replaced. */
async function logOf(
  files: Readonly<Record<string, string>>,
  more: Parameters<typeof functionOf>[1],
  event: unknown = {},
): Promise<string[]> {
  bench.streams.clear();
  const config = functionOf(bench.folder(files), more);
  const { requestId } = await bench.invoke(config, event);
  await eventually(() => bench.messages().some((line) => /^REPORT|platform\.report/.test(line)));
  bench.runner.retire(config.functionArn);
  return bench.messages().map((line) =>
    line
      .replaceAll(requestId, '{id}')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '{time}')
      .replaceAll(/\d+\.\d\d ms/g, '{ms}')
      .replaceAll(/"(\w*[dD]urationMs|maxMemoryUsedMB)":[\d.]+/g, '"$1":0')
      .replace(/Billed Duration: \d+ ms/, 'Billed Duration: {n} ms')
      .replace(/Max Memory Used: \d+ MB/, 'Max Memory Used: {n} MB')
      .replaceAll(/\/\S*\/code-\d+\//g, '{code}/'),
  );
}

const REPORT =
  'REPORT RequestId: {id}\tDuration: {ms}\tBilled Duration: {n} ms\tMemory Size: 256 MB\tMax Memory Used: {n} MB\tInit Duration: {ms}\t\n';
const initStart = (runtime: string): string =>
  `INIT_START Runtime Version: ${runtime}\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:local\n`;
const around = (runtime: string, lines: readonly string[]): string[] => [
  initStart(runtime),
  'START RequestId: {id} Version: $LATEST\n',
  ...lines,
  'END RequestId: {id}\n',
  REPORT,
];

test('nodejs, text: levels, formats, lines of several lines, plain output', async () => {
  const lines = await logOf(
    {
      'index.js': `exports.handler = async () => {
        console.log('a %s', 'b', { c: 1 }); console.debug('two\\nlines'); console.warn('w'); console.error(new Error('e').message);
        process.stdout.write('plain\\nout\\n');
      };`,
    },
    { functionName: 'text' },
  );
  expect(lines).toEqual(
    around('nodejs:22', [
      '{time}\t{id}\tINFO\ta b { c: 1 }\n',
      '{time}\t{id}\tDEBUG\ttwo\nlines\n',
      '{time}\t{id}\tWARN\tw\n',
      '{time}\t{id}\tERROR\te\n',
      'plain\n',
      'out\n',
    ]),
  );
});

test('nodejs, text: an error that ends the call', async () => {
  const lines = await logOf(
    { 'index.js': 'exports.handler = async () => { throw new RangeError("far"); };' },
    { functionName: 'fails' },
  );
  expect(lines[2]).toStartWith(
    '{time}\t{id}\tERROR\tInvoke Error \t{"errorType":"RangeError","errorMessage":"far","stack":["RangeError: far","    at exports.handler ({code}/index.js:1:',
  );
});

test('nodejs, JSON: lines, levels and the events of the platform', async () => {
  const lines = await logOf(
    {
      'index.js': `exports.handler = async () => {
        console.debug('hidden'); console.log('a %s', 'b'); console.warn({ order: 1 }); console.error('bad', new TypeError('t'));
      };`,
    },
    { functionName: 'json', logFormat: 'JSON', applicationLogLevel: 'INFO', systemLogLevel: 'INFO' },
  );
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      time: '{time}',
      type: 'platform.initStart',
      record: {
        initializationType: 'on-demand',
        phase: 'init',
        runtimeVersion: 'nodejs:22',
        runtimeVersionArn: 'arn:aws:lambda:eu-west-1::runtime:local',
        functionName: 'json',
        functionVersion: '$LATEST',
      },
    },
    { time: '{time}', type: 'platform.start', record: { requestId: '{id}', version: '$LATEST' } },
    { timestamp: '{time}', level: 'INFO', requestId: '{id}', message: 'a b' },
    { timestamp: '{time}', level: 'WARN', requestId: '{id}', message: { order: 1 } },
    {
      timestamp: '{time}',
      level: 'ERROR',
      requestId: '{id}',
      message: expect.stringMatching(/^bad TypeError: t\n/),
      errorType: 'TypeError',
      errorMessage: 't',
      stackTrace: expect.any(Array),
    },
    {
      time: '{time}',
      type: 'platform.report',
      record: {
        requestId: '{id}',
        metrics: {
          durationMs: 0,
          billedDurationMs: 0,
          memorySizeMB: 256,
          maxMemoryUsedMB: 0,
          initDurationMs: 0,
        },
        status: 'success',
      },
    },
  ]);
});

test('python, text: print, logging, an exception', async () => {
  const lines = await logOf(
    {
      'app.py': `import logging, sys
logger = logging.getLogger("shop")
logging.getLogger().setLevel("INFO")
def handler(event, context):
    print("printed", 1)
    logger.info("an\\nitem")
    print("no end", end="")
    print("to stderr", file=sys.stderr)
    raise ValueError("bad")
`,
    },
    { functionName: 'py-text', runtime: 'python3.11', handler: 'app.handler' },
  );
  expect(lines.slice(2, -2)).toEqual([
    'printed 1\n',
    '[INFO]\t{time}\t{id}\tan\nitem\n',
    'to stderr\n',
    'no end\n',
    expect.stringMatching(
      /^\[ERROR\] ValueError: bad\nTraceback \(most recent call last\):\n\u00a0\u00a0File "\{code\}\/app\.py", line 9, in handler\n/,
    ),
  ]);
});

test('python, JSON: fields of a record, level', async () => {
  const lines = await logOf(
    {
      'app.py': `import logging
logger = logging.getLogger("shop")
def handler(event, context):
    logger.debug("hidden")
    logger.warning("low %d", 3, extra={"order": "o1"})
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("failed")
`,
    },
    { functionName: 'py-json', runtime: 'python3.11', handler: 'app.handler', logFormat: 'JSON' },
  );
  expect(lines.slice(2, -1).map((line) => JSON.parse(line))).toEqual([
    {
      timestamp: '{time}',
      level: 'WARNING',
      message: 'low 3',
      logger: 'shop',
      requestId: '{id}',
      order: 'o1',
    },
    {
      timestamp: '{time}',
      level: 'ERROR',
      message: 'failed',
      logger: 'shop',
      requestId: '{id}',
      stackTrace: [expect.stringContaining('in handler')],
      errorType: 'ZeroDivisionError',
      errorMessage: 'division by zero',
      location: expect.stringMatching(/app\.py:handler:9$/),
    },
  ]);
});

test('the tail is the last 4 KB, and ends with the report', async () => {
  const code = bench.folder({
    'index.js': 'exports.handler = async () => { for (let i = 0; i < 500; i += 1) console.log("line", i); };',
  });
  const answer = await bench.invoke(functionOf(code, { functionName: 'tail' }), {}, { wantLogTail: true });
  const tail = Buffer.from(answer.logTail ?? '', 'base64');
  expect(tail.length).toBe(4096);
  expect(tail.toString()).toContain('line 499\n');
  expect(tail.toString()).toMatch(/\nREPORT RequestId: .*\n$/);
});

test('a line without an end is cut, and a flood of output does not keep others waiting', async () => {
  bench.streams.clear();
  const flood = functionOf(
    bench.folder({
      'index.js':
        'const fs = require("node:fs"); const block = Buffer.alloc(1e6, 97); exports.handler = async () => { for (;;) fs.writeSync(1, block); };',
    }),
    { functionName: 'flood', timeoutSeconds: 1 },
  );
  const fine = functionOf(bench.folder({ 'index.js': 'exports.handler = async () => 1;' }), {
    functionName: 'fine',
  });
  await bench.invoke(fine);
  const flooding = bench.invoke(flood);
  const startedAt = performance.now();
  for (let call = 0; call < 100; call += 1) await bench.invoke(fine);
  expect(performance.now() - startedAt).toBeLessThan(900);
  expect((await flooding).json).toMatchObject({ errorType: 'Sandbox.Timedout' });
  const longest = Math.max(...bench.messages().map((line) => line.length));
  expect(longest).toBeLessThanOrEqual(2 * 256 * 1024 + 1);
});
