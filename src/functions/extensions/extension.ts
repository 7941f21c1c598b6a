/** Extensions of one environment: who has registered, for what, and who is still at work. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

export type ExtensionEvent = 'INVOKE' | 'SHUTDOWN';

export interface Extension {
  readonly id: string;
  readonly name: string;
  /** A program of its own from `/opt/extensions`; internal ones run inside the runtime's process. */
  readonly isExternal: boolean;
  readonly events: ReadonlySet<ExtensionEvent>;
  /** Its `next` that waits for an event. */
  next: ServerResponse | undefined;
  /** Events it has not asked for yet. */
  readonly pending: object[];
}

export interface ExtensionRegistry {
  readonly all: Iterable<Extension>;
  readonly size: number;
  byId(id: string | undefined): Extension | undefined;
  byName(name: string): Extension | undefined;
  register(name: string, events: readonly ExtensionEvent[], isExternal: boolean): Extension;
  /** The extension asks for its next event. */
  takeNext(extension: Extension, response: ServerResponse): void;
  /** To all that registered for it. */
  send(kind: ExtensionEvent, event: object): void;
  /** Resolves when every extension waits for an event, or has gone. */
  allWaiting(): Promise<void>;
  forget(extension: Extension): void;
  clear(): void;
}

export function createExtensionRegistry(): ExtensionRegistry {
  const all = new Map<string, Extension>();
  let settled: (() => void)[] = [];
  // Internal ones live in the runtime's process, which stands still between calls: they are not waited for.
  const isWaiting = (one: Extension): boolean =>
    !one.isExternal || (one.next !== undefined && one.pending.length === 0);
  const check = (): void => {
    for (const one of all.values()) if (!isWaiting(one)) return;
    const told = settled;
    settled = [];
    for (const tell of told) tell();
  };
  return {
    get all() {
      return all.values();
    },
    get size() {
      return all.size;
    },
    byId: (id) => (id === undefined ? undefined : all.get(id)),
    byName: (name) => [...all.values()].find((one) => one.name === name),
    register(name, events, isExternal) {
      const made: Extension = {
        id: randomUUID(),
        name,
        isExternal,
        events: new Set(events),
        next: undefined,
        pending: [],
      };
      all.set(made.id, made);
      return made;
    },
    takeNext(extension, response) {
      extension.next?.destroy();
      extension.next = response;
      hand(extension);
      check();
    },
    send(kind, event) {
      for (const one of all.values()) {
        if (!one.events.has(kind)) continue;
        one.pending.push(event);
        hand(one);
      }
    },
    allWaiting: () => {
      const waiting = new Promise<void>((resolve) => settled.push(resolve));
      check();
      return waiting;
    },
    forget(extension) {
      all.delete(extension.id);
      check();
    },
    clear() {
      for (const one of all.values()) one.next?.destroy();
      all.clear();
      check();
    },
  };
}

function hand(extension: Extension): void {
  const { next } = extension;
  if (next === undefined) return;
  const event = extension.pending.shift();
  if (event === undefined) return;
  extension.next = undefined;
  next.writeHead(200, {
    'Content-Type': 'application/json',
    'Lambda-Extension-Event-Identifier': randomUUID(),
  });
  next.end(JSON.stringify(event));
}
