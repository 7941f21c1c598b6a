/** A template as callers hand it over: text, an address in S3, or the one the stack has. */
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { validationError } from './faults.ts';
import type { CloudFormationPorts } from './ports.ts';
import { readObject } from './read-object.ts';
import { type StackRow, templates } from './rows.ts';

export interface TemplateInput {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
}

export async function templateText(
  ports: CloudFormationPorts,
  call: Call,
  input: TemplateInput,
  stack?: StackRow,
): Promise<string> {
  if (input.UsePreviousTemplate) return previousTemplate(ports, call, stack);
  if (input.TemplateBody !== undefined && input.TemplateURL !== undefined)
    throw validationError('Either Template URL or Template Body must be specified, not both.');
  if (input.TemplateBody !== undefined) return checkLength(input.TemplateBody);
  if (input.TemplateURL !== undefined) return fetchTemplate(ports, call, input.TemplateURL);
  throw validationError('Either Template URL or Template Body must be specified.');
}

async function previousTemplate(
  ports: CloudFormationPorts,
  call: Call,
  stack: StackRow | undefined,
): Promise<string> {
  const key = stack?.currentTemplate;
  const prepared = key === undefined ? undefined : await ports.store.get(templates, call.scope, key);
  if (prepared === undefined) throw validationError('UsePreviousTemplate: the stack has no template yet.');
  return prepared.template;
}

/** Botocore and AWS alike let the text itself through and refuse it by this rule. */
function checkLength(text: string): string {
  if (Buffer.byteLength(text) <= limits.templateBodyBytes) return text;
  throw validationError(
    `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${limits.templateBodyBytes}`,
  );
}

export async function fetchTemplate(ports: CloudFormationPorts, call: Call, url: string): Promise<string> {
  const place = placeInS3(url);
  if (place === undefined) throw validationError('TemplateURL must be a supported URL.');
  const { scope, caller } = call;
  const input = {
    Bucket: place.bucket,
    Key: place.key,
    ...(place.versionId && { VersionId: place.versionId }),
  };
  try {
    const object = await ports.call({ service: 's3', operation: 'GetObject', input, scope, caller });
    return await readObject(object, limits.templateUrlBytes, () =>
      validationError(`Template may not exceed ${limits.templateUrlBytes} bytes in size.`),
    );
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('NoSuch'))
      throw validationError(
        `S3 error: ${thrown.message}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html`,
      );
    throw thrown;
  }
}

/** Path style and virtual-hosted style, of AWS, of this server, and of what people move over from. */
function placeInS3(url: string): { bucket: string; key: string; versionId?: string } | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, pathname, searchParams, protocol } = new URL(url);
  const path = decodeURIComponent(pathname.slice(1));
  const versionId = searchParams.get('versionId');
  const version = versionId === null ? {} : { versionId };
  if (protocol === 's3:') return { bucket: hostname, key: path, ...version };
  const [, hosted] = /^(.+)\.s3([.-]|$)/.exec(hostname) ?? [];
  if (hosted !== undefined) return path === '' ? undefined : { bucket: hosted, key: path, ...version };
  const slash = path.indexOf('/');
  return slash < 1 ? undefined : { bucket: path.slice(0, slash), key: path.slice(slash + 1), ...version };
}
