/**
 * A CDK assembly (`cdk.out`): its stacks in the order of their dependencies, its assets by path or uploaded.
 * https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cloud-assembly-schema/README.md
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readTemplate } from '../read.ts';
import { isObject, type Json, type JsonObject } from '../template.ts';
import type { Definition } from './definition.ts';
import type { Deployment, DeployRequest } from './deploy-definition.ts';
import { DeployFailure } from './deploy-failure.ts';
import { deployStack, type DeployedStack, type Remote } from './deploy-stack.ts';
import { FOLDER_BUCKET } from './package.ts';
import { ensureBucket, putObject } from './upload.ts';
import { zipPath } from './zip-folder.ts';

interface Artifact {
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly displayName?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
    readonly parameters?: Record<string, string>;
    readonly tags?: Record<string, string>;
    readonly terminationProtection?: boolean;
    readonly directoryName?: string;
  };
}

interface Asset {
  /** Absolute. */
  readonly path: string;
  readonly packaging: 'zip' | 'file';
  readonly bucket: string;
  readonly key: string;
}

export async function deployAssembly(
  definition: Definition,
  request: DeployRequest,
  remote: Remote,
): Promise<Deployment> {
  const manifest = await readJson(definition.path);
  const artifacts = (isObject(manifest.artifacts) ? manifest.artifacts : {}) as unknown as Record<
    string,
    Artifact
  >; // the schema of the assembly
  refuseStages(artifacts);
  const assets = await assetsOf(definition.folder, artifacts, request, remote);
  const deployed: DeployedStack[] = [];
  for (const [id, artifact] of inOrder(artifacts)) {
    const { properties = {} } = artifact;
    const stackName = properties.stackName ?? id;
    if (request.stackName !== undefined && request.stackName !== stackName) continue;
    const template = readTemplate(
      await readFile(join(definition.folder, properties.templateFile ?? ''), 'utf8'),
    ).value;
    withoutBootstrap(template);
    await placeAssets(template, assets, request, remote);
    deployed.push(
      await deployStack(
        {
          stackName,
          template: JSON.stringify(template),
          declared: Object.keys(isObject(template.Parameters) ? template.Parameters : {}),
          parameters: { ...withoutBootstrapVersion(properties.parameters), ...request.parameters },
          tags: { ...properties.tags, ...request.tags },
          ...(properties.terminationProtection !== undefined && {
            terminationProtection: properties.terminationProtection,
          }),
        },
        remote,
      ),
    );
  }
  if (deployed.length === 0)
    throw new DeployFailure([
      `${definition.folder}: no stack${request.stackName ? ` called ${request.stackName}` : ''} in the assembly`,
    ]);
  return { stacks: deployed, watch: [definition.path] };
}

async function readJson(path: string): Promise<JsonObject> {
  try {
    const value: Json = JSON.parse(await readFile(path, 'utf8'));
    return isObject(value) ? value : {};
  } catch (thrown) {
    throw new DeployFailure([`${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`]);
  }
}

function refuseStages(artifacts: Readonly<Record<string, Artifact>>): void {
  const nested = Object.entries(artifacts).find(([, { type }]) => type === 'cdk:cloud-assembly');
  if (nested)
    throw new DeployFailure([
      `${nested[0]}: CDK stages are assemblies of their own: deploy cdk.out/${nested[1].properties?.directoryName ?? nested[0]}`,
    ]);
}

function inOrder(artifacts: Readonly<Record<string, Artifact>>): [string, Artifact][] {
  const order: [string, Artifact][] = [];
  const seen = new Set<string>();
  const visit = (id: string): void => {
    const artifact = artifacts[id];
    if (artifact === undefined || seen.has(id)) return;
    seen.add(id);
    for (const needed of artifact.dependencies ?? []) visit(needed);
    if (artifact.type === 'aws:cloudformation:stack') order.push([id, artifact]);
  };
  for (const id of Object.keys(artifacts)) visit(id);
  return order;
}

async function assetsOf(
  folder: string,
  artifacts: Readonly<Record<string, Artifact>>,
  { region }: DeployRequest,
  { call }: Remote,
): Promise<Asset[]> {
  const assets: Asset[] = [];
  let account: string | undefined;
  for (const { type, properties } of Object.values(artifacts)) {
    if (type !== 'cdk:asset-manifest') continue;
    const manifest = await readJson(join(folder, properties?.file ?? ''));
    if (isObject(manifest.dockerImages) && Object.keys(manifest.dockerImages).length > 0)
      throw new DeployFailure([
        `${properties?.file}: container image assets are not supported by gatehouse; nothing was created`,
      ]);
    for (const file of Object.values(isObject(manifest.files) ? manifest.files : {})) {
      account ??= await accountOf(call);
      const asset = fileAsset(folder, file, (text) =>
        text
          .replaceAll('${AWS::AccountId}', account ?? '')
          .replaceAll('${AWS::Region}', region)
          .replaceAll('${AWS::Partition}', 'aws'),
      );
      if (asset) assets.push(asset);
    }
  }
  return assets;
}

function fileAsset(folder: string, file: Json, fill: (text: string) => string): Asset | undefined {
  if (!isObject(file) || !isObject(file.source) || !isObject(file.destinations)) return undefined;
  const [destination] = Object.values(file.destinations);
  if (!isObject(destination) || file.source.path === undefined) return undefined;
  return {
    path: resolve(folder, String(file.source.path)),
    packaging: file.source.packaging === 'zip' ? 'zip' : 'file',
    bucket: fill(String(destination.bucketName)),
    key: fill(String(destination.objectKey)),
  };
}

async function accountOf(call: Remote['call']): Promise<string> {
  const identity = (await call('sts', 'GetCallerIdentity', {})) as { Account?: string }; // the operation's output
  return identity.Account ?? '';
}

/** No bootstrap stack is needed here: what CDK writes to check for one goes. */
function withoutBootstrap(template: JsonObject): void {
  if (isObject(template.Parameters)) delete template.Parameters.BootstrapVersion;
  if (isObject(template.Rules)) delete template.Rules.CheckBootstrapVersion;
}

function withoutBootstrapVersion(parameters: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { BootstrapVersion: _, ...others } = parameters;
  return others;
}

/** Code of functions and layers that lies in a folder here is run there; everything else that is named is uploaded. */
async function placeAssets(
  template: JsonObject,
  assets: readonly Asset[],
  request: DeployRequest,
  { call }: Remote,
): Promise<void> {
  if (request.local)
    for (const code of codesIn(template)) {
      const asset = assets.find(({ key, packaging }) => key === code.S3Key && packaging === 'zip');
      if (asset) Object.assign(code, { S3Bucket: FOLDER_BUCKET, S3Key: asset.path });
    }
  const text = JSON.stringify(template);
  for (const asset of assets) {
    if (!text.includes(asset.key)) continue;
    await ensureBucket(call, asset.bucket, request.region);
    const bytes = asset.packaging === 'zip' ? await zipPath(asset.path) : await readFile(asset.path);
    await putObject(call, { bucket: asset.bucket, key: asset.key, bytes });
  }
}

function* codesIn(template: JsonObject): Generator<JsonObject> {
  for (const resource of Object.values(isObject(template.Resources) ? template.Resources : {})) {
    if (!isObject(resource) || !isObject(resource.Properties)) continue;
    const code =
      resource.Type === 'AWS::Lambda::Function'
        ? resource.Properties.Code
        : resource.Type === 'AWS::Lambda::LayerVersion'
          ? resource.Properties.Content
          : undefined;
    if (isObject(code)) yield code;
  }
}
