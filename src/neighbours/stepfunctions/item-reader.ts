/** ItemReader: items of a distributed map from S3. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html */
import { Readable } from 'node:stream';
import { isFault } from '../../base/fault.ts';
import { isObject } from '../../lang/states/reference-path.ts';
import { StateError } from '../../lang/states/state-error.ts';
import { parseCsv } from './csv.ts';
import { callerOfRole, type StatesRoom } from './room.ts';
import type { Run } from './run.ts';

type Raw = Readonly<Record<string, unknown>>;

/** `reader` is the field with its parameters resolved. Throws StateError. */
export async function readItems(room: StatesRoom, run: Run, reader: unknown): Promise<readonly unknown[]> {
  if (!isObject(reader)) throw failed('ItemReader must be an object');
  const config = isObject(reader['ReaderConfig']) ? reader['ReaderConfig'] : {};
  const parameters = reader['Parameters'] ?? reader['Arguments'];
  if (!isObject(parameters)) throw failed('ItemReader has no Parameters');
  const items = await readAll(room, run, String(reader['Resource']), parameters, config);
  const most = config['MaxItems'];
  return typeof most === 'number' && most > 0 ? items.slice(0, most) : items;
}

async function readAll(
  room: StatesRoom,
  run: Run,
  resource: string,
  parameters: Raw,
  config: Raw,
): Promise<readonly unknown[]> {
  const s3 = <T>(operation: string, input: object): Promise<T> => callS3<T>(room, run, operation, input);
  if (resource.endsWith(':s3:listObjectsV2')) return listObjects(s3, parameters);
  if (!resource.endsWith(':s3:getObject'))
    throw failed(`${resource} as an item reader: not supported by gatehouse`);
  const { Body } = await s3<{ Body?: unknown }>('GetObject', { ...parameters });
  const text = Body instanceof Readable ? Buffer.concat(await Body.toArray()).toString('utf8') : '';
  switch (config['InputType']) {
    case 'JSON':
      return jsonItems(text, config['ItemsPointer']);
    case 'JSONL':
      return text.split(/\r?\n/).filter(Boolean).map(parsed);
    case 'CSV':
      return parseCsv(text, config);
    default:
      throw failed(`InputType ${String(config['InputType'])}: not supported by gatehouse`);
  }
}

type CallS3 = <T>(operation: string, input: object) => Promise<T>;

async function listObjects(s3: CallS3, parameters: Raw): Promise<unknown[]> {
  const items: unknown[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3<{
      Contents?: readonly {
        ETag?: string;
        Key?: string;
        LastModified?: Date;
        Size?: number;
        StorageClass?: string;
      }[];
      NextContinuationToken?: string;
    }>('ListObjectsV2', { ...parameters, ContinuationToken });
    for (const { ETag, Key, LastModified, Size, StorageClass } of page.Contents ?? [])
      items.push({
        Etag: ETag,
        Key,
        LastModified: Math.floor((LastModified?.getTime() ?? 0) / 1000),
        Size,
        StorageClass,
      });
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return items;
}

function jsonItems(text: string, pointer: unknown): readonly unknown[] {
  let value = parsed(text);
  for (const step of typeof pointer === 'string' ? pointer.split('/').filter(Boolean) : [])
    value = isObject(value) ? value[step.replace(/~1/g, '/').replace(/~0/g, '~')] : undefined;
  if (!Array.isArray(value)) throw failed('The JSON file does not hold an array');
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw failed('The file is no JSON');
  }
}

export async function callS3<T>(room: StatesRoom, run: Run, operation: string, input: object): Promise<T> {
  const { RoleArn, Name } = run.context.Execution;
  try {
    return (await room.call({
      service: 's3',
      operation,
      input,
      scope: run.scope,
      caller: callerOfRole(RoleArn, Name, run.scope.account),
      calledVia: 'states.amazonaws.com',
    })) as T; // the operation's own output
  } catch (thrown) {
    if (isFault(thrown)) throw new StateError(`S3.${thrown.code}`, thrown.message);
    throw thrown;
  }
}

const failed = (cause: string): StateError => new StateError('States.ItemReaderFailed', cause);
