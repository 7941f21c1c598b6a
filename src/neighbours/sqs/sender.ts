/** Who sent a message, as the SenderId attribute tells it. */
import type { Caller } from '../../base/ports.ts';

export const senderOf = (caller: Caller): string => (caller.kind === 'root' ? caller.account : caller.userId);
