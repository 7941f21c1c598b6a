import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Deployment, DeployRequest } from '../deploy/client/deploy-definition.ts';
import { deployDefinition } from '../deploy/client/deploy-definition.ts';
import type { FollowedEvent } from '../deploy/client/follow.ts';
import { CliFailure } from './failure.ts';
import { localUrl } from './local-url.ts';
import { printJson, printLines, printTable } from './print.ts';
import { createRemote, type Remote, type RemoteOptions } from './remote.ts';

export interface DeployFlags extends RemoteOptions {
  readonly stackName?: string;
  /** `NAME=VALUE` each. */
  readonly parameter: readonly string[];
  readonly watch?: boolean;
  readonly json?: boolean;
  /** Only failures are told: `npm start` prints its own lines. */
  readonly quiet?: boolean;
}

/** `gatehouse deploy <template | folder | cdk.out>`: exit 1, with every reason, when it fails. */
export async function deploy(definition: string, flags: DeployFlags): Promise<void> {
  const remote = createRemote(flags);
  const request: DeployRequest = {
    definition,
    parameters: parametersOf(flags.parameter),
    region: remote.region,
    local: ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(remote.endpoint).hostname),
    call: (service, operation, input) => remote.call(service, operation, input),
    ...(flags.stackName ? { stackName: flags.stackName } : {}),
    ...(flags.json || flags.quiet ? {} : { onEvent: printEvent }),
  };
  const deployment = await deployOnce(request, remote, flags);
  if (flags.watch) await deployAgainOnChange(deployment, request, remote, flags);
}

async function deployOnce(request: DeployRequest, remote: Remote, flags: DeployFlags): Promise<Deployment> {
  const began = performance.now();
  const deployment = await deployDefinition(request);
  if (flags.json) printJson(deployment.stacks);
  else if (!flags.quiet) print(deployment, remote, Math.round(performance.now() - began));
  return deployment;
}

function print({ stacks }: Deployment, remote: Remote, tookMs: number): void {
  for (const stack of stacks) {
    const what = stack.changed ? stack.status : 'no changes';
    printLines(['', `${stack.stackName}: ${what} in ${tookMs} ms`]);
    const rows = stack.outputs.map(({ key, value }) => {
      const here = localUrl(value, remote.endpoint);
      return [key, here ? `${value}  (here: ${here})` : value];
    });
    printTable(['OUTPUT', 'VALUE'], rows, 'the stack has no outputs');
  }
}

function printEvent(event: FollowedEvent, stackName: string): void {
  const what = event.logicalId === stackName ? stackName : `${event.logicalId} (${event.type})`;
  printLines([`${event.status.padEnd(28)} ${what}${event.reason ? `: ${event.reason}` : ''}`]);
}

function parametersOf(given: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const text of given) {
    const at = text.indexOf('=');
    if (at < 1) throw new CliFailure(`--parameter ${text}: it takes NAME=VALUE`, 2);
    parameters[text.slice(0, at)] = text.slice(at + 1);
  }
  return parameters;
}

const SETTLE_MS = 50;

/** Goes on until it is interrupted. A deployment that fails is told, and the next change tried. */
async function deployAgainOnChange(
  { watch: paths }: Deployment,
  request: DeployRequest,
  remote: Remote,
  flags: DeployFlags,
): Promise<void> {
  let changed = (): void => {};
  // Editors replace files: the folder is watched, since a watch of the file itself would end with it.
  const watchers = paths.map((path) =>
    watch(dirname(path), (_event, name) => {
      if (name === null || name === basename(path)) changed();
    }),
  );
  process.once('SIGINT', () => process.exit(0));
  if (!flags.json) printLines(['', `watching ${paths.join(', ')}`]);
  while (watchers.length > 0) {
    await new Promise<void>((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      changed = () => {
        clearTimeout(timer);
        timer = setTimeout(resolve, SETTLE_MS);
      };
    });
    try {
      await deployOnce(request, remote, flags);
    } catch (error) {
      process.stderr.write(`gatehouse: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}
