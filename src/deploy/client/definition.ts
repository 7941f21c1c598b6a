/** What `gatehouse deploy` is given: a template, a folder with one, or a CDK assembly. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DeployFailure } from './deploy-failure.ts';

export interface Definition {
  /** Absolute. */
  readonly path: string;
  /** What local paths in it are relative to. */
  readonly folder: string;
  readonly kind: 'template' | 'assembly';
  /** The folder's name, made fit for a stack. */
  readonly defaultStackName: string;
}

const TEMPLATE_NAMES = [
  'template.yaml',
  'template.yml',
  'template.json',
  'sam.yaml',
  'sam.yml',
  'cloudformation.yaml',
  'cloudformation.yml',
];

export async function findDefinition(given: string): Promise<Definition> {
  const path = resolve(given);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new DeployFailure([`${given}: no such file or folder`]);
  return found.isDirectory() ? inFolder(path) : ofFile(path);
}

async function inFolder(folder: string): Promise<Definition> {
  if (await exists(join(folder, 'manifest.json'))) return assembly(folder);
  for (const name of TEMPLATE_NAMES) if (await exists(join(folder, name))) return ofFile(join(folder, name));
  if (await exists(join(folder, 'cdk.out', 'manifest.json'))) return assembly(join(folder, 'cdk.out'));
  if ((await exists(join(folder, 'serverless.yml'))) || (await exists(join(folder, 'serverless.yaml'))))
    refuseServerless(folder);
  throw new DeployFailure([
    `${folder}: no template here: looked for ${TEMPLATE_NAMES.join(', ')}, manifest.json and cdk.out`,
  ]);
}

function ofFile(path: string): Definition {
  const name = basename(path);
  if (/^serverless\.(ya?ml|json|ts|js)$/.test(name)) refuseServerless(path);
  if (name === 'manifest.json') return assembly(dirname(path));
  const folder = dirname(path);
  return { path, folder, kind: 'template', defaultStackName: stackNameFrom(folder) };
}

function refuseServerless(path: string): never {
  throw new DeployFailure([
    `${path}: definitions of the Serverless Framework are not supported by gatehouse; nothing was created. "serverless package" writes a CloudFormation template (.serverless/cloudformation-template-update-stack.json) that can be deployed instead`,
  ]);
}

const assembly = (folder: string): Definition => ({
  path: join(folder, 'manifest.json'),
  folder,
  kind: 'assembly',
  defaultStackName: stackNameFrom(folder),
});

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A name as stacks take it: letters, digits and dashes, a letter first. */
function stackNameFrom(folder: string): string {
  const name = basename(folder)
    .replace(/[^A-Za-z0-9-]+/g, '-')
    .replace(/^[^A-Za-z]+|-+$/g, '');
  return name === '' ? 'stack' : name.slice(0, 128);
}

export async function readDefinition(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    throw new DeployFailure([`${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`]);
  }
}
