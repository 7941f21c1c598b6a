/** AWS Lambda: its control plane and invocations. */
import type * as sdk from '@aws-sdk/client-lambda';
import type { Invoke } from '../../base/ports.ts';
import type { HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { aliasOperations } from './alias.ts';
import { createCatalog } from './catalog.ts';
import { createCodeLinks } from './code-location.ts';
import { createRunEvent } from './event-attempt.ts';
import { createEventQueue } from './event-queue.ts';
import { functionOperations } from './function.ts';
import { functionUpdateOperations } from './function-update.ts';
import { invocationOperations } from './invocation.ts';
import { createInvoke } from './invoke.ts';
import { permissionOperations } from './permission.ts';
import type { LambdaPorts, LambdaRoom } from './ports.ts';
import { tagOperations } from './tags.ts';
import { versionOperations } from './version.ts';

export interface LambdaService extends ServiceInstance {
  readonly invoke: Invoke;
  /** The zip behind a `Code.Location`: the server answers `GET /_aws/lambda/code/...` with it, or 403. */
  openCode(target: string): Promise<Uint8Array | undefined>;
  /** To be called after the store was reset. */
  forgetAll(): void;
}

export function createLambda(ports: LambdaPorts): LambdaService {
  const room: LambdaRoom = { ...ports, catalog: createCatalog(ports), codeLinks: createCodeLinks(ports) };
  const queue = createEventQueue(room, createRunEvent(room));
  const invoke = createInvoke(room, queue);
  const handlers = {
    ...functionOperations(room),
    ...functionUpdateOperations(room),
    ...versionOperations(room),
    ...aliasOperations(room),
    ...permissionOperations(room),
    ...tagOperations(room),
    ...invocationOperations(invoke),
  } satisfies HandlersOf<typeof sdk>;
  return {
    handlers,
    invoke,
    openCode: (target) => room.codeLinks.open(target),
    forgetAll: () => room.catalog.clear(),
    start: () => queue.start(),
    stop: () => queue.stop(),
  };
}
