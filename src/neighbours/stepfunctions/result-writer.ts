/** ResultWriter: results of a distributed map to S3. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html */
import { Readable } from 'node:stream';
import { isObject } from '../../lang/states/reference-path.ts';
import { StateError } from '../../lang/states/state-error.ts';
import type { ChildEnd } from './distributed-map.ts';
import { callS3 } from './item-reader.ts';
import type { StatesRoom } from './room.ts';
import { type MapRunRow, mapRunArn } from './rows.ts';
import type { Run } from './run.ts';

/** Writes a file of successes, one of failures and a manifest; says where. */
export async function writeResults(
  room: StatesRoom,
  run: Run,
  writer: unknown,
  row: MapRunRow,
  ends: readonly ChildEnd[],
): Promise<unknown> {
  const given = isObject(writer) ? (writer['Parameters'] ?? writer['Arguments']) : undefined;
  if (!isObject(given) || typeof given['Bucket'] !== 'string')
    throw new StateError('States.ResultWriterFailed', 'ResultWriter needs a Bucket');
  const { Bucket, Prefix } = given;
  const folder = `${typeof Prefix === 'string' && Prefix !== '' ? `${Prefix}/` : ''}${row.id}`;
  const arn = mapRunArn(run.scope, row);
  const put = async (name: string, value: unknown) => {
    const text = JSON.stringify(value);
    const Body = Readable.from([Buffer.from(text)]);
    const Key = `${folder}/${name}`;
    await callS3(room, run, 'PutObject', { Bucket, Key, Body, ContentLength: Buffer.byteLength(text) });
    return { Key, Size: Buffer.byteLength(text) };
  };
  const file = async (kind: string, list: readonly ChildEnd[]) =>
    list.length === 0
      ? []
      : [
          await put(
            `${kind}_0.json`,
            list.map((end) => shown(end, kind)),
          ),
        ];
  const SUCCEEDED = await file(
    'SUCCEEDED',
    ends.filter(({ ok }) => ok),
  );
  const FAILED = await file(
    'FAILED',
    ends.filter(({ ok }) => !ok),
  );
  const { Key } = await put('manifest.json', {
    DestinationBucket: Bucket,
    MapRunArn: arn,
    ResultFiles: { FAILED, PENDING: [], SUCCEEDED },
  });
  return { MapRunArn: arn, ResultWriterDetails: { Bucket, Key } };
}

const shown = ({ name, input, output, error, cause }: ChildEnd, Status: string): object => ({
  Name: name,
  Input: input,
  ...(output !== undefined && { Output: output }),
  ...(error !== undefined && { Error: error }),
  ...(cause !== undefined && { Cause: cause }),
  Status,
});
