/** Mistakes: what is wrong and where, an exit code that is not 0, and nothing lost. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gatehouse, npmStart, type StartedServer } from './gatehouse.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-mistakes-'));
const data = join(folder, 'data');
let server: StartedServer;
beforeAll(async () => {
  server = await npmStart('--bare', '--port', '0', '--data', data);
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const FUNCTION = (handler: string, runtime = 'nodejs22.x') => `Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: { Runtime: ${runtime}, Handler: ${handler}, CodeUri: code/ }
`;

const TEMPLATES: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  [
    'an unknown property',
    {
      'template.yaml':
        'Resources:\n  Log:\n    Type: AWS::Logs::LogGroup\n    Properties:\n      Retention: 1\n',
    },
    /extraneous key \[Retention\] is not permitted \(template line 5\)/,
  ],
  [
    'a missing parameter',
    {
      'template.yaml':
        'Parameters:\n  Name: { Type: String }\nResources:\n  Log: { Type: AWS::Logs::LogGroup }\n',
    },
    /Parameters: \[Name\] must have values \(template line 2\)/,
  ],
  [
    'a circular dependency',
    {
      'template.yaml':
        'Resources:\n  A: { Type: AWS::Logs::LogGroup, DependsOn: B }\n  B: { Type: AWS::Logs::LogGroup, DependsOn: A }\n',
    },
    /Circular dependency between resources: \[A, B\] \(template line 2\)/,
  ],
  [
    'a handler that is not there',
    { 'template.yaml': FUNCTION('index.handle'), 'code/index.mjs': 'export const handler = () => 1;\n' },
    /F: handler index\.handle: \S+code\/index\.mjs exports no handle \(template line 5\)/,
  ],
  [
    'code that does not parse',
    {
      'template.yaml': FUNCTION('index.handler'),
      'code/index.mjs': 'export const handler = () => {\n  return 1 +;\n};\n',
    },
    /F: \S+code\/index\.mjs: line 2: SyntaxError: .* \(template line 5\)/,
  ],
  [
    'Python that does not parse',
    {
      'template.yaml': FUNCTION('app.handler', 'python3.12'),
      'code/app.py': 'def handler(event, context)\n  return 1\n',
    },
    /F: \S+code\/app\.py: line 1: SyntaxError: .* \(template line 5\)/,
  ],
  [
    'a type that is not there',
    {
      'template.yaml':
        'Resources:\n  Log: { Type: AWS::Logs::LogGroup }\n  Web: { Type: AWS::ECS::Service, Properties: {} }\n',
    },
    /AWS::ECS::Service \(resource Web\): not supported by gatehouse; nothing was created \(template line 3\)/,
  ],
  [
    'text that is no YAML',
    { 'template.yaml': 'Resources:\n  A: {\n' },
    /template\.yaml: .*\(line \d+, column \d+\)/,
  ],
  [
    'a resource that AWS would refuse',
    {
      'template.yaml':
        'Resources:\n  One: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: same } }\n  Two: { Type: AWS::Logs::LogGroup, DependsOn: One, Properties: { LogGroupName: same } }\n',
    },
    /ROLLBACK_COMPLETE\nTwo \(AWS::Logs::LogGroup\): .*The specified log group already exists/,
  ],
  ['no template', {}, /no such file or folder|no template/],
];

describe('a template with', () => {
  test.each(TEMPLATES)('%s', async (name, files, says) => {
    const app = join(folder, name.replaceAll(' ', '-'));
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(app, file)), { recursive: true });
      writeFileSync(join(app, file), text);
    }
    const { code, error } = await gatehouse(['deploy', app, '--endpoint', server.url]);
    expect([code, error]).toEqual([1, expect.stringMatching(says)]);
    const asJson = await gatehouse(['deploy', app, '--json', '--endpoint', server.url]);
    expect([asJson.code, asJson.out, JSON.parse(asJson.error).error]).toEqual([
      1,
      '',
      expect.stringMatching(says),
    ]);
  });

  test('a mistake makes nothing', async () => {
    const { out } = await gatehouse(['stacks', '--json', '--endpoint', server.url]);
    expect(JSON.parse(out).map((stack: { StackStatus: string }) => stack.StackStatus)).toEqual([
      'ROLLBACK_COMPLETE',
    ]);
  });
});

const COMMANDS: readonly (readonly [string, number, RegExp])[] = [
  ['', 2, /Usage: gatehouse/],
  ['frob', 2, /unknown command 'frob'/],
  ['start --nope', 2, /unknown option '--nope'/],
  ['start --port abc', 2, /--port abc is not a port/],
  ['start --host 0.0.0.0', 1, /--host 0\.0\.0\.0 is reachable from outside: this requires --auth enforce/],
  ['start --auth maybe', 2, /Allowed choices are open, enforce/],
  ['deploy', 2, /missing required argument 'definition'/],
  ['deploy . --parameter x', 2, /--parameter x: it takes NAME=VALUE/],
  ['stacks --endpoint nowhere', 2, /nowhere is not the URL of a server/],
  [
    'stacks --endpoint http://127.0.0.1:9',
    1,
    /no gatehouse answers at http:\/\/127\.0\.0\.1:9: start one with/,
  ],
  ['outputs nope', 1, /Stack with id nope does not exist/],
  ['destroy nope', 1, /Stack with id nope does not exist/],
  ['routes nope', 1, /no API nope/],
  ['invoke nope', 1, /Function not found: .*:function:nope/],
  ['logs nope', 1, /there is no log group \/aws\/lambda\/nope/],
  ['explain nope', 1, /no request nope is known/],
];

describe('a command line', () => {
  test.each(COMMANDS)('gatehouse %s', async (line, code, says) => {
    const args = line.split(' ').filter(Boolean);
    const env = { GATEHOUSE_ENDPOINT: server.url };
    const found = await gatehouse(args, env);
    expect([found.code, found.error]).toEqual([code, expect.stringMatching(says)]);
    if (args.length === 0) return;
    const asJson = await gatehouse([...args, '--json'], env);
    expect([asJson.code, JSON.parse(asJson.error)]).toEqual([code, { error: expect.stringMatching(says) }]);
  });

  test('what is asked for is no failure', async () => {
    expect(await gatehouse(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('Usage:') });
    expect(await gatehouse(['--version'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    const { code, out } = await gatehouse(['doctor', '--json']);
    expect([code, JSON.parse(out)[0]]).toEqual([
      0,
      { part: 'Bun', available: true, detail: expect.any(String) },
    ]);
  });
});

describe('a server', () => {
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, error } = await gatehouse(['start', ...args]);
    expect(code).toBe(1);
    return error;
  };

  test('on a port that is taken', async () => {
    const { port } = new URL(server.url);
    expect(await refusal('--port', port, '--ephemeral')).toContain(
      `port ${port} on 127.0.0.1 is in use: stop what listens there, or choose another with --port`,
    );
  });

  test('on a data folder that another one has', async () => {
    expect(await refusal('--port', '0', '--data', data)).toContain(`${data} is in use by another gatehouse`);
  });

  test('on a data file that is damaged: it is named, and left as it is', async () => {
    const damaged = join(folder, 'damaged');
    mkdirSync(damaged);
    const file = join(damaged, 'gatehouse.db');
    writeFileSync(file, 'this is not a database, it is a text of some length'.repeat(100));
    const before = readFileSync(file);
    const error = await refusal('--port', '0', '--data', damaged);
    expect(error).toContain(`the data file ${file} cannot be read`);
    expect(error).toContain('It was left as it is');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('where it may not write', async () => {
    expect(await refusal('--port', '0', '--data', '/dev/null/data')).toContain(
      'cannot write to the data folder /dev/null/data',
    );
  });
});
