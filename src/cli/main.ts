/** The command line: one file a command, loaded when it is called. */
import { Command, CommanderError, Option } from 'commander';
import { version } from '../../package.json' with { type: 'json' };
import { CliFailure } from './failure.ts';

const asJson = process.argv.includes('--json');

const program = new Command('gatehouse')
  .description('AWS API Gateway, Lambda, CloudFormation and their neighbours, run by yourself.')
  .version(version)
  .showHelpAfterError('(--help tells what there is)')
  .configureOutput({ writeErr: (text) => asJson || process.stderr.write(text) })
  .exitOverride();

const endpoint = (): Option =>
  new Option(
    '--endpoint <url>',
    'the server (default: GATEHOUSE_ENDPOINT, AWS_ENDPOINT_URL, http://127.0.0.1:4566)',
  );
const region = (): Option => new Option('--region <region>', 'the region (default: AWS_REGION, us-east-1)');
const json = (): Option => new Option('--json', 'print JSON');

const command = (usage: string, description: string): Command =>
  program.command(usage).description(description).addOption(json());
const clientCommand = (usage: string, description: string): Command =>
  command(usage, description).addOption(endpoint()).addOption(region());

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

command('start', 'run the server')
  .option('--port <port>', 'the one port of every API', '4566')
  .option(
    '--https-port <port>',
    'HTTPS and HTTP; the same as --port makes them one; "off" for none (default: the next)',
  )
  .option('--host <address>', 'the address to listen on', '127.0.0.1')
  .option('--data <folder>', 'where everything is kept', '.gatehouse')
  .option('--ephemeral', 'keep nothing')
  .option('--database <url>', 'PostgreSQL, for a cluster')
  .option('--shared <url>', 'Valkey or Redis, for a cluster')
  .addOption(
    new Option('--auth <mode>', 'check signatures and IAM policies on every call')
      .choices(['open', 'enforce'])
      .default('open'),
  )
  .addOption(
    new Option('--explain <where>', 'keep the steps of the last requests')
      .choices(['memory', 'disk', 'off'])
      .default('memory'),
  )
  .addOption(new Option('--example <folder>', 'deploy this folder when the data folder is empty').hideHelp())
  .action(async (options) => (await import('./start.ts')).start(options));

clientCommand('deploy <definition>', 'create or update a stack from a template, a folder or cdk.out')
  .option('--stack-name <name>', 'the stack (default: the folder’s name)')
  .option('--parameter <name=value>', 'a parameter of the template', collect, [])
  .option('--watch', 'deploy again when the template changes; code is always served as it is')
  .action(async (definition, options) => (await import('./deploy.ts')).deploy(definition, options));

clientCommand('destroy <stack>', 'delete a stack and everything in it').action(async (stack, options) =>
  (await import('./destroy.ts')).destroy(stack, options),
);

clientCommand('stacks', 'list the stacks').action(async (options) =>
  (await import('./stacks.ts')).stacks(options),
);

clientCommand('outputs <stack>', 'print a stack’s outputs').action(async (stack, options) =>
  (await import('./outputs.ts')).outputs(stack, options),
);

clientCommand('routes [api]', 'every route: method, path, authorizer, integration, URL').action(
  async (api, options) => (await import('./routes.ts')).routes(api, options),
);

clientCommand('invoke <function>', 'run a function; print its answer and its log')
  .option('--payload <json|@file>', 'the event', '{}')
  .option('--qualifier <qualifier>', 'a version or an alias')
  .action(async (name, options) => (await import('./invoke.ts')).invoke(name, options));

clientCommand('tune <function>', 'time and cost of a function by its memory size')
  .option('--memory <sizes>', 'megabytes, separated by commas', '128,256,512,1024,1769,3008')
  .option('--runs <number>', 'warm runs of each size', '10')
  .option('--payload <json|@file>', 'the event', '{}')
  .action(async (name, options) => (await import('./tune.ts')).tune(name, options));

clientCommand('logs <function|api/stage>', 'print the log of a function or of an API’s stage')
  .option('--follow', 'go on as lines arrive')
  .action(async (source, options) => (await import('./logs.ts')).logs(source, options));

clientCommand('explain <request-id>', 'every decision the gateway took for one of the last requests').action(
  async (requestId, options) => (await import('./explain.ts')).explain(requestId, options),
);

command('doctor', 'what this machine lacks, and what that switches off').action(async (options) =>
  (await import('./doctor.ts')).doctor(options),
);

/** Commands of the contract whose part is not built: they say so instead of doing something else. */
const ABSENT = {
  trace: 'packet traces',
  advise: 'advice',
  cost: 'costs',
};
for (const [name, part] of Object.entries(ABSENT)) {
  command(name, `${part}: not built yet`)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new CliFailure(`${name}: ${part}: not built yet`, 2);
    });
}

/** Names that say nothing to a user; AWS's codes do. */
const PLAIN = ['Error', 'CliFailure', 'DeployFailure'];

process.exitCode = await run(process.argv);

async function run(argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return usage(error);
    const message = error instanceof Error ? error.message : String(error);
    const name = error instanceof Error && !PLAIN.includes(error.name) ? `${error.name}: ` : '';
    process.stderr.write(
      asJson ? `${JSON.stringify({ error: name + message })}\n` : `gatehouse: ${name}${message}\n`,
    );
    return error instanceof CliFailure ? error.exitCode : 1;
  }
}

/** Commander has told people already; programs get the sentence. Help that was asked for is no failure. */
function usage({ exitCode, message }: CommanderError): number {
  if (exitCode === 0) return 0;
  if (asJson) process.stderr.write(`${JSON.stringify({ error: message.replace(/^error: /, '') })}\n`);
  return 2;
}
