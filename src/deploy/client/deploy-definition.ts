/** `gatehouse deploy`: from a path to stacks that stand. */
import { isFault } from '../../base/fault.ts';
import { deployAssembly } from './cdk-assembly.ts';
import { type Definition, findDefinition, readDefinition } from './definition.ts';
import { DeployFailure } from './deploy-failure.ts';
import { deployStack, describeStack, type DeployedStack } from './deploy-stack.ts';
import type { FollowedEvent } from './follow.ts';
import { type Packaged, packageLocal } from './package.ts';
import { type CallRemote, createUploader, type Uploader } from './upload.ts';

export interface DeployRequest {
  /** Template, folder, or cdk.out. */
  readonly definition: string;
  /** The folder's name when absent. A CDK assembly has names of its own. */
  readonly stackName?: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly region: string;
  /** The server runs on this machine and takes folders: code is run where it lies. */
  readonly local: boolean;
  readonly call: CallRemote;
  readonly onEvent?: (event: FollowedEvent, stackName: string) => void;
}

export interface Deployment {
  readonly stacks: readonly DeployedStack[];
  /** Files and folders whose change means that the definition changed. */
  readonly watch: readonly string[];
}

/** Throws `DeployFailure` with every reason. */
export async function deployDefinition(request: DeployRequest): Promise<Deployment> {
  const definition = await findDefinition(request.definition);
  const remote = {
    call: request.call,
    uploader: createUploader(request.call, request.region),
    ...(request.onEvent && { onEvent: request.onEvent }),
  };
  if (definition.kind === 'assembly') return deployAssembly(definition, request, remote);
  const text = await readDefinition(definition.path);
  const stackName = request.stackName ?? definition.defaultStackName;
  const existing = describeStack(request.call, stackName);
  // Whoever waits for it hears of its failure; until then it is nobody's.
  existing.catch(() => {});
  const packaged = await packageTemplate(definition, text, request.local, remote.uploader);
  const stack = await deployStack(
    {
      stackName,
      existing,
      template: packaged.template,
      declared: packaged.parameters,
      parameters: request.parameters,
      ...(request.tags && { tags: request.tags }),
    },
    remote,
  );
  return { stacks: [stack], watch: [definition.path] };
}

/** What cannot even be read is told with the file's name. */
async function packageTemplate(
  { path, folder }: Definition,
  template: string,
  local: boolean,
  uploader: Uploader,
): Promise<Packaged> {
  try {
    return await packageLocal({ template, folder, local, uploader });
  } catch (thrown) {
    throw isFault(thrown) ? new DeployFailure([`${path}: ${thrown.message}`]) : thrown;
  }
}
