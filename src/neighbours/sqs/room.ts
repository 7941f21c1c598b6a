/** What the operations of SQS share. */
import type { Caller } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { ServicePorts } from '../../wire/service.ts';
import { createResourceAccess } from '../kit/resource-access.ts';
import { accessDenied } from './fault.ts';
import { createPlaces } from './message-row.ts';
import { findQueue, type FoundQueue, placeOfUrl, queueArn } from './queue-row.ts';
import { createWaiting, type Waiting } from './waiting.ts';

export interface SqsRoom extends ServicePorts {
  /** Receivers that wait for messages. */
  readonly waiting: Waiting;
  /** The next place in line; behind `after` when it is given. */
  readonly nextPlace: (after?: string) => string;
  /** Finds the queue of a URL and asks its policy. Throws QueueDoesNotExist, AccessDenied. */
  readonly open: (rows: Pick<Reader, 'get'>, url: string | undefined, asked: Asked) => Promise<FoundQueue>;
  /** Receives of each queue since its messages in flight were last counted. */
  readonly receivesSinceCount: Map<string, number>;
}

export interface Asked {
  readonly scope: Scope;
  readonly caller: Caller;
  /** `SendMessage`. */
  readonly action: string;
}

const MARK_ALPHABET_BYTES = 3;

export function createSqsRoom(ports: ServicePorts): SqsRoom {
  const mayUse = createResourceAccess();
  const mark = Buffer.from(ports.random(MARK_ALPHABET_BYTES)).toString('hex');
  return {
    ...ports,
    waiting: createWaiting(),
    nextPlace: createPlaces(ports.now, mark),
    receivesSinceCount: new Map(),
    async open(rows, url, { scope, caller, action }) {
      const queue = await findQueue(rows, placeOfUrl(url, scope));
      const arn = queueArn(queue);
      const policy = queue.row.attributes['Policy'];
      const question = { action: `sqs:${action}`, resource: arn, owner: queue.scope.account, caller, policy };
      if (!mayUse(question)) throw accessDenied(question.action, arn);
      return queue;
    },
  };
}

export type Rows = Transaction;
