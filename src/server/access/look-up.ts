/** Reads of other services without asking policies. */
import { isFault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { ServiceInstance } from '../../wire/service.ts';
import type { Fields, LookUp } from './requirement.ts';

/** Handlers called as they are, in the resource's own account and region: what is read here is shown to nobody. */
export function createLookUp(
  findService: (id: string) => Promise<ServiceInstance | undefined>,
  scope: Scope,
): LookUp {
  return async (service, operation, input) => {
    const instance = await findService(service);
    const handler =
      instance !== undefined && Object.hasOwn(instance.handlers, operation)
        ? instance.handlers[operation]
        : undefined;
    if (handler === undefined) return undefined;
    const arn = `arn:aws:iam::${scope.account}:root`;
    try {
      const found = await handler(input as never, {
        scope,
        caller: { kind: 'root', account: scope.account, arn, accessKeyId: '' },
        requestId: '',
        endpoint: 'http://localhost',
        header: () => undefined,
        setStatus: () => {},
        signal: NEVER,
      });
      return found as Fields; // an operation's output is a structure
    } catch (thrown) {
      // Anything but that it is not there would hide a policy that denies.
      if (isFault(thrown) && NOT_THERE.test(thrown.code)) return undefined;
      throw thrown;
    }
  };
}

const NOT_THERE =
  /NotFound|NoSuch|NonExistent|NotExist|ResourceNotFoundException|ValidationError|NoSuchEntity/i;

const NEVER = new AbortController().signal;
