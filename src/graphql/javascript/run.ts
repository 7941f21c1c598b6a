/**
 * APPSYNC_JS in an engine of its own (QuickJS in WebAssembly): no way out but `__host`, limits on time, memory and stack.
 * https://docs.aws.amazon.com/appsync/latest/devguide/resolver-reference-overview-js.html
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  getQuickJS,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from 'quickjs-emscripten';
import { limits } from '../../base/limits.ts';
import type { AuthTypeName, Effects, Evaluated, ResolverContext } from '../effects.ts';
import { ResolverError } from '../errors.ts';
import { PURE } from '../library/pure.ts';

export interface CodeUnit {
  /** Undefined: the code has no such handler. */
  evaluate(
    handler: string,
    context: object,
    field: CodeField,
    stash: Record<string, unknown>,
    effects: Effects,
  ): Evaluated | undefined;
  dispose(): void;
}

export interface CodeField extends Pick<ResolverContext['info'], 'fieldName' | 'parentTypeName'> {
  readonly authType: AuthTypeName;
}

const SANDBOX = readFileSync(join(import.meta.dirname, 'sandbox.mjs'), 'utf8');

/** What each module of `@aws-appsync/utils` exports by name. */
const EXPORTS: Readonly<Record<string, readonly string[]>> = {
  '@aws-appsync/utils': ['util', 'extensions', 'runtime'],
  '@aws-appsync/utils/dynamodb': [
    'get',
    'put',
    'update',
    'remove',
    'query',
    'scan',
    'sync',
    'batchGet',
    'batchPut',
    'batchDelete',
    'transactGet',
    'transactWrite',
    'toStringSet',
    'toNumberSet',
    'toBinarySet',
    'operations',
  ],
  '@aws-appsync/utils/rds': [
    'typeHint',
    'toJsonObject',
    'sql',
    'select',
    'insert',
    'update',
    'remove',
    'createPgStatement',
    'createMySQLStatement',
    'agg',
  ],
};

export const isKnownModule = (name: string): boolean => Object.hasOwn(EXPORTS, name);

let engine: QuickJSWASMModule | undefined;

/** Loads the engine, once. */
export async function loadEngine(): Promise<void> {
  engine ??= await getQuickJS();
}

/** Compiles code that was checked before. Throws Error where it does not load. The engine must have been loaded. */
export function compileCode(code: string): CodeUnit {
  let live = open(code);
  return {
    evaluate(handler, context, field, stash, effects) {
      const handle = live.handlers.get(handler);
      if (handle === undefined) return undefined;
      const told = live.run(handle, JSON.stringify({ ...context, stash }), JSON.stringify(field));
      if (told === undefined) {
        // An engine that was stopped in the middle is not used again.
        live.dispose();
        live = open(code);
        throw new ResolverError('Code evaluation exceeded its limits of time or memory', 'Code');
      }
      return settle(told, effects);
    },
    dispose: () => live.dispose(),
  };
}

interface Told {
  readonly kind: 'value' | 'early' | 'error' | 'broken';
  readonly value?: unknown;
  readonly skipsAll?: boolean;
  readonly told?: { message: string; errorType: string | null; data: unknown; errorInfo: unknown };
  readonly message?: string;
  readonly stash: Record<string, unknown>;
  readonly effects: Effects;
}

function settle(text: string, effects: Effects): Evaluated {
  const told = JSON.parse(text) as Told; // written by sandbox.mjs
  const made = told.effects;
  effects.appended.push(...made.appended);
  effects.evictions.push(...made.evictions);
  effects.invalidations.push(...made.invalidations);
  effects.logs.push(...made.logs);
  Object.assign(effects.responseHeaders, made.responseHeaders);
  if (made.subscriptionFilter !== undefined) effects.subscriptionFilter = made.subscriptionFilter;
  if (made.invalidationFilter !== undefined) effects.invalidationFilter = made.invalidationFilter;
  const { stash = {} } = told;
  switch (told.kind) {
    case 'value':
      return { kind: 'value', value: told.value, stash };
    case 'early':
      return { kind: 'early', value: told.value, stash, skipsAll: told.skipsAll === true };
    case 'error': {
      const { message = '', errorType = null, data = null, errorInfo = null } = told.told ?? {};
      throw new ResolverError(message, errorType, data, errorInfo);
    }
    case 'broken':
      throw new ResolverError(`Runtime Error: ${told.message ?? ''}`, 'Code');
  }
}

interface Live {
  readonly handlers: ReadonlyMap<string, QuickJSHandle>;
  /** Undefined: stopped by a limit. */
  run(handler: QuickJSHandle, context: string, field: string): string | undefined;
  dispose(): void;
}

function open(code: string): Live {
  if (engine === undefined) throw new Error('the engine was not loaded');
  const runtime = engine.newRuntime({
    memoryLimitBytes: limits.appsyncCodeHeapBytes,
    maxStackSizeBytes: limits.appsyncCodeStackBytes,
  });
  let endsAt = Date.now() + limits.appsyncCodeMs;
  runtime.setInterruptHandler(() => Date.now() > endsAt);
  runtime.setModuleLoader((name) => moduleText(name));
  const context = runtime.newContext();
  const dispose = (): void => {
    context.dispose();
    runtime.dispose();
  };
  try {
    giveHost(context);
    context.unwrapResult(context.evalCode(SANDBOX, 'sandbox.mjs')).dispose();
    const module = context.unwrapResult(context.evalCode(code, 'code.js', { type: 'module' }));
    const handlers = new Map<string, QuickJSHandle>();
    for (const name of HANDLERS) {
      const handle = context.getProp(module, name);
      if (context.typeof(handle) === 'function') handlers.set(name, handle);
      else handle.dispose();
    }
    // Handlers of event APIs stand in objects: `onPublish.request`.
    for (const name of ['onPublish', 'onSubscribe']) nested(context, module, name, handlers);
    module.dispose();
    const runner = context.getProp(context.global, '__run');
    return {
      handlers,
      run(handler, contextText, fieldText) {
        endsAt = Date.now() + limits.appsyncCodeMs;
        const given = context.newString(contextText);
        const field = context.newString(fieldText);
        const result = context.callFunction(runner, context.undefined, handler, given, field);
        given.dispose();
        field.dispose();
        if (result.error) {
          result.error.dispose();
          return undefined;
        }
        const text = context.getString(result.value);
        result.value.dispose();
        return text;
      },
      dispose() {
        for (const handle of handlers.values()) handle.dispose();
        runner.dispose();
        dispose();
      },
    };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(message);
  }
}

const HANDLERS = ['request', 'response', 'onPublish', 'onSubscribe'];

function nested(
  context: QuickJSContext,
  module: QuickJSHandle,
  name: string,
  handlers: Map<string, QuickJSHandle>,
): void {
  const outer = context.getProp(module, name);
  if (context.typeof(outer) === 'object')
    for (const inner of ['request', 'response']) {
      const handle = context.getProp(outer, inner);
      if (context.typeof(handle) === 'function') handlers.set(`${name}.${inner}`, handle);
      else handle.dispose();
    }
  outer.dispose();
}

function moduleText(name: string): string {
  const names = EXPORTS[name];
  if (names === undefined) throw new Error(`Cannot find module '${name}'`);
  const own = `const own = globalThis.__modules[${JSON.stringify(name)}];`;
  return [own, ...names.map((each) => `export const ${each} = own.${each};`), 'export default own;'].join(
    '\n',
  );
}

function giveHost(context: QuickJSContext): void {
  const host = context.newFunction('__host', (nameHandle, givenHandle) => {
    const name = context.getString(nameHandle);
    const given = JSON.parse(context.getString(givenHandle)) as never[]; // what sandbox.mjs wrote; the functions check
    return context.newString(JSON.stringify(answer(name, given)));
  });
  context.setProp(context.global, '__host', host);
  host.dispose();
}

function answer(name: string, given: never[]): object {
  const run = Object.hasOwn(PURE, name) ? PURE[name] : undefined;
  if (run === undefined) return { error: `${name} is not a function` };
  try {
    return { value: run(...given) ?? null };
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
