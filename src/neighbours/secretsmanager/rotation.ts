/**
 * Rotation by a function, step by step. Each step is a row before it runs, so that a rotation cut off goes on where it
 * was. https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
import { randomUUID } from 'node:crypto';
import type {
  CancelRotateSecretRequest,
  CancelRotateSecretResponse,
  RotateSecretRequest,
  RotateSecretResponse,
  RotationRulesType,
} from '@aws-sdk/client-secrets-manager';
import { Fault, reasonOf } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { nextMoment, parseSchedule } from '../../lang/cron/schedule.ts';
import { table, type Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { createAlarms } from '../kit/alarms.ts';
import { createOutbox, type OutboxRow } from '../kit/outbox.ts';
import { isFinalFault } from '../kit/final-fault.ts';
import type { SecretsRoom } from './room.ts';
import {
  CURRENT,
  type FoundSecret,
  PENDING,
  secretArn,
  type SecretRow,
  secrets,
  versionWith,
} from './secret-row.ts';
import { moveStage } from './stages.ts';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const DAY_MS = 86_400_000;
const RETRY_MS = 5_000;
const MOST_ATTEMPTS = 5;

interface StepRow extends OutboxRow {
  readonly name: string;
  readonly versionId: string;
  readonly step: number;
  readonly attempts: number;
}

const rotations = table<StepRow>('secretsmanager.rotations');

export function createRotation(room: SecretsRoom) {
  const { store, now } = room;
  const outbox = createOutbox<StepRow>({
    table: rotations,
    store,
    now,
    log: room.log,
    laneOf: ({ name }, scope) => ({ name: `${scope.account}/${scope.region}/${name}`, atOnce: 1 }),
    attempt: (row, scope) => runStep(room, row, scope, watch),
  });
  const watched = new Map<string, { readonly scope: Scope; readonly name: string }>();
  const running = new Set<Promise<void>>();
  const alarms = createAlarms(now, (alarm) => {
    const place = watched.get(alarm);
    if (place === undefined) return;
    const work = ring(place.scope, place.name)
      .catch((error: unknown) =>
        room.log('error', 'a secret could not be rotated', { secret: place.name, reason: reasonOf(error) }),
      )
      .finally(() => running.delete(work));
    running.add(work);
  });

  function watch(scope: Scope, { name, rotation }: SecretRow): void {
    const alarm = `${scope.account}/${scope.region}/${name}`;
    if (rotation?.nextMs === undefined) {
      watched.delete(alarm);
      return alarms.clear(alarm);
    }
    watched.set(alarm, { scope, name });
    alarms.set(alarm, rotation.nextMs);
  }

  /** Begins a rotation; the caller has looked whether one may begin. */
  async function begin(rows: Transaction, { scope, row }: FoundSecret, versionId: string) {
    const pending = {
      ...row.versions,
      [versionId]: row.versions[versionId] ?? { stages: [], createdMs: now() },
    };
    const rotation = row.rotation && withNext(row.rotation, now());
    const after = {
      ...row,
      versions: moveStage(pending, PENDING, versionId),
      ...(rotation ? { rotation } : {}),
    };
    await rows.put(secrets, scope, row.name, after);
    const begun = await outbox.put(rows, scope, {
      dueMs: now(),
      name: row.name,
      versionId,
      step: 0,
      attempts: 0,
    });
    return { row: after, begun };
  }

  async function ring(scope: Scope, name: string): Promise<void> {
    const rung = await store.transaction(async (rows) => {
      const row = await rows.get(secrets, scope, name);
      if (row?.rotation?.nextMs === undefined || row.deletedMs !== undefined) return undefined;
      if (row.rotation.nextMs > now()) return { row, begun: undefined };
      return begin(rows, { scope, row }, randomUUID());
    });
    if (rung === undefined) return;
    if (rung.begun) outbox.begin([rung.begun]);
    watch(scope, rung.row);
  }

  const operations = {
    async RotateSecret(input: RotateSecretRequest, call: Call): Promise<RotateSecretResponse> {
      const versionId = input.ClientRequestToken ?? randomUUID();
      const started = await store.transaction(async (rows) => {
        const found = await room.find(rows, input.SecretId, { ...call, action: 'RotateSecret' });
        const { scope, row } = found;
        const rotation = rotationFor(row, input, now());
        const set = { ...row, rotation };
        if (versionWith(row, CURRENT) === undefined)
          throw new Fault('InvalidRequestException', "You can't rotate a secret that has no value.");
        const pending = versionWith(row, PENDING);
        if (
          pending !== undefined &&
          !row.versions[pending]?.stages.includes(CURRENT) &&
          input.RotateImmediately !== false
        )
          throw new Fault(
            'InvalidRequestException',
            "A previous rotation isn't complete. That rotation will be reattempted.",
          );
        if (input.RotateImmediately === false) {
          await rows.put(secrets, scope, row.name, set);
          return { scope, row: set, begun: undefined };
        }
        return { scope, ...(await begin(rows, { scope, row: set }, versionId)) };
      });
      if (started.begun) outbox.begin([started.begun]);
      watch(started.scope, started.row);
      return {
        ARN: secretArn(started.scope, started.row),
        Name: started.row.name,
        ...(started.begun ? { VersionId: versionId } : {}),
      };
    },

    async CancelRotateSecret(
      input: CancelRotateSecretRequest,
      call: Call,
    ): Promise<CancelRotateSecretResponse> {
      const { scope, row } = await store.transaction(async (rows) => {
        const found = await room.find(rows, input.SecretId, { ...call, action: 'CancelRotateSecret' });
        const { rotation: _, ...rest } = found.row;
        await rows.put(secrets, found.scope, rest.name, rest);
        return { scope: found.scope, row: rest as SecretRow };
      });
      watch(scope, row);
      return { ARN: secretArn(scope, row), Name: row.name };
    },
  };

  return {
    operations,
    async start(): Promise<void> {
      await outbox.start();
      for (const { row, scope } of await store.listAll(secrets)) if (row.rotation?.nextMs) watch(scope, row);
    },
    async stop(): Promise<void> {
      alarms.stop();
      await Promise.all(running);
      await outbox.stop();
    },
  };
}

type RotationOfRow = NonNullable<SecretRow['rotation']>;

function rotationFor(row: SecretRow, input: RotateSecretRequest, now: number): RotationOfRow {
  const lambdaArn = input.RotationLambdaARN ?? row.rotation?.lambdaArn;
  if (lambdaArn === undefined)
    throw new Fault(
      'InvalidRequestException',
      'No Lambda rotation function ARN is associated with this secret.',
    );
  const rules = input.RotationRules ?? row.rotation?.rules ?? {};
  if (rules.ScheduleExpression !== undefined && rules.AutomaticallyAfterDays !== undefined)
    throw new Fault(
      'InvalidParameterException',
      "You can't specify both ScheduleExpression and AutomaticallyAfterDays.",
    );
  if (rules.ScheduleExpression !== undefined && parseSchedule(rules.ScheduleExpression) === undefined)
    throw new Fault('InvalidParameterException', 'The ScheduleExpression is not valid.');
  const { lastMs } = row.rotation ?? {};
  return withNext({ lambdaArn, rules, ...(lastMs === undefined ? {} : { lastMs }) }, now);
}

function withNext({ nextMs: _, ...rotation }: RotationOfRow, now: number): RotationOfRow {
  const nextMs = nextOf(rotation.rules, now);
  return nextMs === undefined ? rotation : { ...rotation, nextMs };
}

function nextOf(
  { AutomaticallyAfterDays: days, ScheduleExpression: expression }: RotationRulesType,
  now: number,
) {
  if (days !== undefined) return now + days * DAY_MS;
  const schedule = expression === undefined ? undefined : parseSchedule(expression);
  return schedule && nextMoment(schedule, { afterMs: now, startMs: now, zone: 'UTC' });
}

/** Undefined when the rotation is over. */
async function runStep(
  room: SecretsRoom,
  row: StepRow,
  scope: Scope,
  watch: (scope: Scope, row: SecretRow) => void,
): Promise<StepRow | undefined> {
  const secret = await room.store.get(secrets, scope, row.name);
  const Step = STEPS[row.step];
  if (secret?.rotation === undefined || Step === undefined) return undefined;
  const SecretId = secretArn(scope, secret);
  try {
    const answer = await room.invoke({
      functionArn: secret.rotation.lambdaArn,
      type: 'RequestResponse',
      payload: new TextEncoder().encode(
        JSON.stringify({ Step, SecretId, ClientRequestToken: row.versionId }),
      ),
      invoker: { servicePrincipal: 'secretsmanager.amazonaws.com', sourceArn: SecretId },
    });
    if (answer.functionError !== undefined)
      throw new Error(new TextDecoder().decode(answer.payload).slice(0, 1000));
  } catch (thrown) {
    const attempts = row.attempts + 1;
    if (!isFinalFault(thrown) && attempts < MOST_ATTEMPTS)
      return { ...row, attempts, dueMs: room.now() + RETRY_MS * attempts };
    // The pending version stays, as on AWS: the next rotation meets it.
    room.log('error', 'a rotation failed', { secret: SecretId, step: Step, reason: reasonOf(thrown) });
    return undefined;
  }
  if (row.step + 1 < STEPS.length) return { ...row, step: row.step + 1, attempts: 0, dueMs: room.now() };
  await room.store.transaction(async (rows) => {
    const current = await rows.get(secrets, scope, row.name);
    if (current?.rotation === undefined) return;
    const after = { ...current, rotation: { ...current.rotation, lastMs: room.now() } };
    await rows.put(secrets, scope, row.name, after);
    watch(scope, after);
  });
  return undefined;
}
