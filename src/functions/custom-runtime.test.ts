import { afterAll, expect, test } from 'bun:test';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionConfig } from './config.ts';
import { createBench, functionOf } from './testing/bench.ts';

const bench = createBench();
afterAll(() => bench.close());

/** A runtime written against the documented API alone, in another language than the runner. */
const RUNTIME = `#!/usr/bin/env python3
import http.client, json, os, sys
api = os.environ["AWS_LAMBDA_RUNTIME_API"]
connection = http.client.HTTPConnection(api)
def send(method, path, body=None, headers={}):
    connection.request(method, "/2018-06-01/runtime" + path, body, headers)
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read()
CODE
while True:
    status, headers, body = send("GET", "/invocation/next")
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    at = "/invocation/" + request_id
    event = json.loads(body)
    print("handling", event["do"], flush=True)
    if event["do"] == "answer":
        send("POST", at + "/response", json.dumps({"status": status, "headers": headers}))
    elif event["do"] == "fail":
        send("POST", at + "/error", json.dumps({"errorMessage": "no", "errorType": "Custom"}), {"Lambda-Runtime-Function-Error-Type": "Custom.Error"})
    elif event["do"] == "exit":
        sys.exit(4)
    elif event["do"] == "large":
        refusal = send("POST", at + "/response", b"x" * 6291557)
        print(refusal[0], refusal[2].decode(), flush=True)
    elif event["do"] == "stream":
        connection.request("POST", "/2018-06-01/runtime" + at + "/response", iter([b"one,", b"two"]),
            {"Lambda-Runtime-Function-Response-Mode": "streaming", "Transfer-Encoding": "chunked"}, encode_chunked=True)
        connection.getresponse().read()
    elif event["do"] == "misuse":
        answers = [
            send("POST", "/invocation/other/response", "{}"),
            send("POST", at + "/response", "{}", {"Lambda-Runtime-Invocation-Id": "other"}),
            send("GET", "/unknown"),
        ]
        send("POST", at + "/response", json.dumps([[status, json.loads(body)["errorType"]] for status, _, body in answers]),
            {"Lambda-Runtime-Invocation-Id": headers["Lambda-Runtime-Invocation-Id"]})
`;

const customOf = (
  functionName: string,
  files: Readonly<Record<string, string>>,
  more: Partial<FunctionConfig> = {},
): FunctionConfig =>
  functionOf(bench.folder(files), { functionName, runtime: 'provided.al2023', handler: 'any', ...more });

const custom = customOf('custom', { bootstrap: RUNTIME.replace('CODE', '') });

test('provided: an invocation, with the headers of the Runtime API', async () => {
  const answer = await bench.invoke(
    custom,
    { do: 'answer' },
    { clientContext: Buffer.from('{"a":1}').toString('base64'), traceId: 'Root=1-x' },
  );
  expect(answer.json).toMatchObject({
    status: 200,
    headers: {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': answer.requestId,
      'Lambda-Runtime-Deadline-Ms': expect.stringMatching(/^\d{13}$/),
      'Lambda-Runtime-Invoked-Function-Arn': custom.functionArn,
      'Lambda-Runtime-Trace-Id': 'Root=1-x',
      'Lambda-Runtime-Client-Context': '{"a":1}',
      'Lambda-Runtime-Invocation-Id': expect.any(String),
    },
  });
});

const rows = [
  { do: 'fail', json: { errorMessage: 'no', errorType: 'Custom' }, error: 'Unhandled' },
  {
    do: 'exit',
    json: {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 4$/),
    },
    error: 'Unhandled',
  },
  {
    do: 'large',
    json: {
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'Function.ResponseSizeTooLarge',
    },
    error: 'Unhandled',
  },
  {
    do: 'misuse',
    json: [
      [400, 'InvalidRequestID'],
      [400, 'InvalidInvocationId'],
      [404, 'NotFound'],
    ],
    error: undefined,
  },
] as const;

for (const row of rows)
  test(`provided: ${row.do}`, async () => {
    const answer = await bench.invoke(custom, { do: row.do });
    expect(answer.json).toEqual(row.json);
    expect(answer.functionError).toBe(row.error);
  });

test('provided: what it prints is in the log of the call', async () => {
  const { logTail } = await bench.invoke(custom, { do: 'answer' }, { wantLogTail: true });
  expect(Buffer.from(logTail ?? '', 'base64').toString()).toMatch(
    /^START .*\nhandling answer\nEND .*\nREPORT .*\n$/,
  );
});

test('provided: a streamed answer', async () => {
  const chunks: Uint8Array[] = [];
  const request = {
    requestId: 's',
    invokedFunctionArn: custom.functionArn,
    payload: Buffer.from('{"do":"stream"}'),
  };
  const answer = await bench.runner.run(custom, { ...request, onChunk: (chunk) => void chunks.push(chunk) });
  expect(Buffer.concat(chunks).toString()).toBe('one,two');
  expect(answer.payload.length).toBe(0);
  expect(Buffer.from((await bench.runner.run(custom, request)).payload).toString()).toBe('one,two');
});

const failures: readonly { name: string; files: Readonly<Record<string, string>>; expected: object }[] = [
  {
    name: 'an init error it reports',
    files: {
      bootstrap: RUNTIME.replace(
        'CODE',
        `send("POST", "/init/error", json.dumps({"errorMessage": "cannot", "errorType": "Init.Failed"}))\nsys.exit(1)`,
      ),
    },
    expected: { errorMessage: 'cannot', errorType: 'Init.Failed' },
  },
  {
    name: 'an exit before the first call',
    files: { bootstrap: '#!/bin/sh\nexit 9\n' },
    expected: {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 9$/),
    },
  },
  {
    name: 'no bootstrap',
    files: { other: '' },
    expected: {
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: expect.stringMatching(/Error: fork\/exec .*\/bootstrap: no such file or directory$/),
    },
  },
  {
    name: 'a bootstrap that may not be executed',
    files: { bootstrap: 'echo' },
    expected: {
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: expect.stringMatching(/Error: fork\/exec .*\/bootstrap: permission denied$/),
    },
  },
];

for (const [at, { name, files, expected }] of failures.entries())
  test(`provided: ${name}`, async () => {
    const answer = await bench.invoke(customOf(`custom-failure-${at}`, files));
    expect(answer.json).toEqual(expected);
    expect(answer.functionError).toBe('Unhandled');
  });

test('provided: a file that is no program', async () => {
  const config = customOf('no-program', { bootstrap: '\x01\x02' });
  chmodSync(join(config.code.path, 'bootstrap'), 0o755);
  expect((await bench.invoke(config)).json).toMatchObject({
    errorType: expect.stringMatching(/^Runtime\.(InvalidEntrypoint|ExitError)$/),
  });
});

const refused = ['java21', 'dotnet8', 'ruby3.4', 'nodejs9.x', 'python2.7', 'go1.x', 'nonsense'];

for (const runtime of refused)
  test(`the runtime ${runtime} is refused by its name`, async () => {
    const call = bench.invoke(
      functionOf(bench.folder({ 'index.js': '' }), { functionName: 'refused', revision: runtime, runtime }),
    );
    await expect(call).rejects.toMatchObject({
      code: 'InvalidRuntimeException',
      message: expect.stringContaining(`${runtime}:`),
      status: 502,
    });
  });
