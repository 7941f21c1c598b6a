/** What the operations of Secrets Manager share. */
import { createHash } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import type { Caller, Invoke } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { ServicePorts } from '../../wire/service.ts';
import { closeEnvelope, keyCaller, openEnvelope } from '../kit/envelope.ts';
import { createResourceAccess } from '../kit/resource-access.ts';
import {
  DEFAULT_KEY,
  findSecret,
  type FoundSecret,
  isDeleted,
  secretArn,
  type ValueRow,
} from './secret-row.ts';

export interface SecretsPorts extends ServicePorts {
  readonly invoke: Invoke;
}

export interface Asked {
  readonly scope: Scope;
  readonly caller: Caller;
  /** `GetSecretValue`. */
  readonly action: string;
}

export interface Value {
  readonly text?: string | undefined;
  readonly bytes?: Uint8Array | undefined;
}

export interface SecretsRoom extends SecretsPorts {
  /** Also one that is marked for deletion. Throws ResourceNotFoundException, AccessDeniedException. */
  readonly findAny: (rows: Pick<Reader, 'get'>, id: string | undefined, asked: Asked) => Promise<FoundSecret>;
  /** Throws InvalidRequestException for one that is marked for deletion. */
  readonly find: (rows: Pick<Reader, 'get'>, id: string | undefined, asked: Asked) => Promise<FoundSecret>;
  readonly close: (secret: FoundSecret, value: Value, caller: Caller) => Promise<ValueRow>;
  readonly open: (secret: FoundSecret, row: ValueRow, caller: Caller) => Promise<Value>;
}

export const bytesOf = ({ text, bytes }: Value): Uint8Array => bytes ?? new TextEncoder().encode(text ?? '');
export const digestOf = (value: Value): string => createHash('sha256').update(bytesOf(value)).digest('hex');

export function createSecretsRoom(ports: SecretsPorts): SecretsRoom {
  const mayUse = createResourceAccess();
  const kmsOf = ({ scope, row }: FoundSecret, caller: Caller) => ({
    call: ports.call,
    scope,
    caller: keyCaller(caller, scope, row.keyId ?? DEFAULT_KEY, 'secretsmanager.amazonaws.com'),
    context: { SecretARN: secretArn(scope, row) },
  });

  const findAny: SecretsRoom['findAny'] = async (rows, id, { scope, caller, action }) => {
    const found = await findSecret(rows, scope, id, ports.now());
    const resource = secretArn(found.scope, found.row);
    const question = {
      action: `secretsmanager:${action}`,
      resource,
      owner: found.scope.account,
      caller,
      policy: found.row.policy,
    };
    if (!mayUse(question))
      throw new Fault(
        'AccessDeniedException',
        `User: ${caller.arn} is not authorized to perform: ${question.action} on resource: ${resource} because no resource-based policy allows the ${question.action} action`,
      );
    return found;
  };

  return {
    ...ports,
    findAny,
    async find(rows, id, asked) {
      const found = await findAny(rows, id, asked);
      if (found.row.deletedMs !== undefined) throw isDeleted();
      return found;
    },
    async close({ scope, row }, value, caller) {
      const kms = kmsOf({ scope, row }, caller);
      const sealed = await closeEnvelope(kms, row.keyId ?? DEFAULT_KEY, bytesOf(value));
      return { sealed, isBinary: value.bytes !== undefined, digest: digestOf(value) };
    },
    async open({ scope, row }, { sealed, isBinary }, caller) {
      const kms = kmsOf({ scope, row }, caller);
      const bytes = await openEnvelope(kms, sealed);
      return isBinary ? { bytes: new Uint8Array(bytes) } : { text: bytes.toString() };
    },
  };
}
