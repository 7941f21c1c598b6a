/**
 * Local things in a template become what a server can take: folders of functions are handed over by path to a server
 * on this machine, else zipped and uploaded; definitions and snippets are put into the template.
 * https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { readTemplate } from '../read.ts';
import { checkStructure } from '../structure.ts';
import {
  isObject,
  type Json,
  type JsonObject,
  lineOf,
  type Locate,
  type TemplateResource,
} from '../template.ts';
import { readDefinition } from './definition.ts';
import { DeployFailure } from './deploy-failure.ts';
import { handlerOfEntry } from './esbuild-metadata.ts';
import { checkHandler } from './handler-check.ts';
import { linedJson } from './lined-json.ts';
import type { Uploader } from './upload.ts';
import { zipPath } from './zip-folder.ts';

export interface PackageRequest {
  /** The template's text. */
  readonly template: string;
  /** What paths in it are relative to. */
  readonly folder: string;
  /** The server reads folders of this machine: code is run where it lies. */
  readonly local: boolean;
  readonly uploader: Uploader;
}

export interface Packaged {
  /** The template to send: as it was written when nothing in it was local. */
  readonly template: string;
  readonly parameters: readonly string[];
  /** Folders whose code is run in place. */
  readonly folders: readonly string[];
}

export async function packageLocal(request: PackageRequest): Promise<Packaged> {
  const read = readTemplate(request.template);
  const template = checkStructure(read);
  const work: Work = { ...request, locate: read.locate, folders: [], findings: [], changed: false };
  const globals = isObject(template.Globals?.Function) ? template.Globals.Function : {};
  await packGlobals(work, globals);
  await Promise.all(
    Object.entries(template.Resources).map(([id, resource]) => packResource(work, id, resource, globals)),
  );
  await expandLocalIncludes(work, template as unknown as Json); // a template is a JSON object
  if (work.findings.length > 0) throw new DeployFailure(work.findings);
  return {
    template: work.changed ? linedJson(template as unknown as Json, read.locate) : request.template, // as above
    parameters: Object.keys(template.Parameters ?? {}),
    folders: work.folders,
  };
}

interface Work extends PackageRequest {
  readonly locate: Locate;
  readonly folders: string[];
  readonly findings: string[];
  changed: boolean;
}

/** Where resource types keep local paths, and what becomes of them. */
const CODE: Readonly<Record<string, { readonly property: string; readonly form: 'sam' | 'plain' }>> = {
  'AWS::Serverless::Function': { property: 'CodeUri', form: 'sam' },
  'AWS::Serverless::LayerVersion': { property: 'ContentUri', form: 'sam' },
  'AWS::Lambda::Function': { property: 'Code', form: 'plain' },
  'AWS::Lambda::LayerVersion': { property: 'Content', form: 'plain' },
};

/** Local documents that take the place of a location: [property, the property that holds the document itself]. */
const DOCUMENTS: Readonly<Record<string, readonly [location: string, document: string]>> = {
  'AWS::Serverless::Api': ['DefinitionUri', 'DefinitionBody'],
  'AWS::Serverless::HttpApi': ['DefinitionUri', 'DefinitionBody'],
  'AWS::ApiGateway::RestApi': ['BodyS3Location', 'Body'],
  'AWS::ApiGatewayV2::Api': ['BodyS3Location', 'Body'],
  'AWS::Serverless::StateMachine': ['DefinitionUri', 'Definition'],
  'AWS::StepFunctions::StateMachine': ['DefinitionS3Location', 'Definition'],
};

async function packGlobals(work: Work, globals: JsonObject): Promise<void> {
  if (!isLocal(globals.CodeUri)) return;
  const code = await packCode(work, 'Globals', String(globals.CodeUri), ['Globals', 'Function', 'CodeUri']);
  if (code === undefined) return;
  globals.CodeUri = { Bucket: code.bucket, Key: code.key };
  work.changed = true;
}

async function packResource(
  work: Work,
  id: string,
  resource: TemplateResource,
  globals: JsonObject,
): Promise<void> {
  const properties = resource.Properties ?? {};
  const code = CODE[resource.Type];
  const document = DOCUMENTS[resource.Type];
  const handler = handlerOfEntry(resource.Metadata, properties.Handler ?? globals.Handler);
  if (handler !== undefined && resource.Type === 'AWS::Serverless::Function') {
    properties.Handler = handler;
    work.changed = true;
  }
  if (code) await packCodeOf(work, { id, type: resource.Type, properties, globals }, code);
  if (document) await packDocument(work, id, properties, document);
  if (resource.Type === 'AWS::CloudFormation::Stack') await packNested(work, properties);
}

interface CodeOwner {
  readonly id: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly globals: JsonObject;
}

async function packCodeOf(
  work: Work,
  owner: CodeOwner,
  { property, form }: { property: string; form: string },
): Promise<void> {
  const { id, properties } = owner;
  const path = ['Resources', id, 'Properties', property];
  const value = properties[property];
  const source = isLocal(value) ? String(value) : undefined;
  const inherited =
    value === undefined && owner.type === 'AWS::Serverless::Function'
      ? inPlaceOf(owner.globals.CodeUri)
      : undefined;
  if (source !== undefined) {
    const code = await packCode(work, id, source, path);
    if (code === undefined) return;
    properties[property] =
      form === 'sam' ? { Bucket: code.bucket, Key: code.key } : { S3Bucket: code.bucket, S3Key: code.key };
    work.changed = true;
  }
  const folder = source === undefined ? inherited : resolve(work.folder, source);
  if (folder !== undefined && owner.type.endsWith('::Function')) await checkCode(work, owner, folder);
}

const inPlaceOf = (code: Json | undefined): string | undefined =>
  isObject(code) && code.Bucket === FOLDER_BUCKET ? String(code.Key) : undefined;

/** The bucket that is none: the key is a folder of the server's machine. */
export const FOLDER_BUCKET = '__folder__';

/** A path of this machine, not an address and not a function. */
const isLocal = (value: Json | undefined): boolean =>
  typeof value === 'string' &&
  value !== '' &&
  !/^[a-z][a-z0-9+.-]+:\/\//i.test(value) &&
  !value.startsWith('arn:');

async function packCode(
  work: Work,
  id: string,
  source: string,
  path: readonly (string | number)[],
): Promise<{ bucket: string; key: string } | undefined> {
  const place = isAbsolute(source) ? source : resolve(work.folder, source);
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) {
    work.findings.push(
      `${id}: ${path.at(-1)} ${source}: no such file or folder: ${place}${lineOf(work.locate, path)}`,
    );
    return undefined;
  }
  if (found.isDirectory() && work.local) {
    work.folders.push(place);
    return { bucket: FOLDER_BUCKET, key: place };
  }
  const zipped = /\.(zip|jar)$/i.test(place) && found.isFile();
  return work.uploader.upload(zipped ? await readFile(place) : await zipPath(place), 'zip');
}

async function checkCode(work: Work, { id, properties, globals }: CodeOwner, place: string): Promise<void> {
  const found = await stat(place).catch(() => undefined);
  const handler = properties.Handler ?? globals.Handler;
  const runtime = properties.Runtime ?? globals.Runtime;
  if (!found?.isDirectory() || typeof handler !== 'string' || typeof runtime !== 'string') return;
  const wrong = await checkHandler({ folder: place, handler, runtime });
  if (wrong !== undefined)
    work.findings.push(`${id}: ${wrong}${lineOf(work.locate, ['Resources', id, 'Properties', 'Handler'])}`);
}

async function packDocument(
  work: Work,
  id: string,
  properties: JsonObject,
  [location, document]: readonly [string, string],
): Promise<void> {
  if (!isLocal(properties[location])) return;
  const path = resolve(work.folder, String(properties[location]));
  const where = lineOf(work.locate, ['Resources', id, 'Properties', location]);
  const value = await readDocument(work, `${id}: ${location} ${path}`, path, where);
  if (value === undefined) return;
  delete properties[location];
  properties[document] = value;
  work.changed = true;
}

async function readDocument(
  work: Work,
  what: string,
  path: string,
  where: string,
): Promise<JsonObject | undefined> {
  try {
    return readTemplate(await readDefinition(path)).value;
  } catch (thrown) {
    work.findings.push(`${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}${where}`);
    return undefined;
  }
}

/** A nested template is packaged like its parent and uploaded: CloudFormation takes it by address. */
async function packNested(work: Work, properties: JsonObject): Promise<void> {
  const source = properties.TemplateURL;
  if (!isLocal(source)) return;
  const path = resolve(work.folder, String(source));
  const packaged = await packageLocal({
    ...work,
    template: await readDefinition(path),
    folder: dirname(path),
  });
  const { bucket, key } = await work.uploader.upload(Buffer.from(packaged.template), 'template');
  properties.TemplateURL = `https://s3.amazonaws.com/${bucket}/${key}`;
  work.changed = true;
}

/** `AWS::Include` of a local file: what is in the file takes its place. */
async function expandLocalIncludes(work: Work, value: Json): Promise<void> {
  if (Array.isArray(value)) {
    for (const item of value) await expandLocalIncludes(work, item);
    return;
  }
  if (!isObject(value)) return;
  const include = value['Fn::Transform'];
  if (
    isObject(include) &&
    include.Name === 'AWS::Include' &&
    isObject(include.Parameters) &&
    isLocal(include.Parameters.Location)
  ) {
    const path = resolve(work.folder, String(include.Parameters.Location));
    const snippet = await readDocument(work, `AWS::Include ${path}`, path, '');
    delete value['Fn::Transform'];
    for (const [key, member] of Object.entries(snippet ?? {})) value[key] ??= member;
    work.changed = true;
  }
  for (const member of Object.values(value)) await expandLocalIncludes(work, member);
}
