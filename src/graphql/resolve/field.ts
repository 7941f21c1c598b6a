/** Resolves one field: unit or pipeline, in any of the languages. Throws ResolverError. */
import type { GraphQLResolveInfo } from 'graphql';
import { limits } from '../../base/limits.ts';
import type { DataSourceDocument } from '../config.ts';
import { type Effects, type Evaluated, noEffects, type ResolverContext } from '../effects.ts';
import { mappingFailed, ResolverError } from '../errors.ts';
import { AUTH_TYPE_NAMES } from '../identity.ts';
import type { ResolverPlan, Stage } from '../plan.ts';
import { callSource } from '../sources/call.ts';
import type { GraphqlRequest } from './request.ts';
import { infoOf } from './selection.ts';

export interface FieldCall {
  readonly request: GraphqlRequest;
  readonly resolver: ResolverPlan;
  readonly source: unknown;
  readonly args: Readonly<Record<string, unknown>>;
  readonly info: GraphQLResolveInfo;
}

export async function resolveField(call: FieldCall): Promise<unknown> {
  const { request, resolver } = call;
  const most = request.plan.document.resolverCountLimit || limits.appsyncResolverExecutions;
  if (++request.count > most)
    throw new ResolverError(
      `Maximum number of resolvers invocations (${most}) exceeded`,
      'ExecutionLimitExceeded',
    );
  const field = new Field(call);
  const cached = field.cached();
  if (cached !== undefined) return cached.value;
  const value = resolver.document.kind === 'UNIT' ? await field.unit() : await field.pipeline();
  field.keep(value);
  return value;
}

/** One field's run: its stash, and what its stages did. */
class Field {
  private stash: Record<string, unknown> = {};
  private readonly effects: Effects = noEffects();
  private readonly call: FieldCall;
  private readonly base: Omit<ResolverContext, 'prev' | 'result' | 'error'>;

  constructor(call: FieldCall) {
    this.call = call;
    const { request, source, args, info } = call;
    this.base = {
      arguments: args,
      identity: request.identity.shown,
      source: source ?? null,
      request: { headers: request.headers, domainName: request.domainName },
      info: infoOf(info),
      env: request.plan.document.environment,
    };
  }

  async unit(): Promise<unknown> {
    const { resolver } = this.call;
    const { source, stage, document } = resolver;
    if (source === undefined)
      throw new ResolverError(
        `No data source for ${document.typeName}.${document.fieldName}`,
        'InvalidResolver',
      );
    const { value } = await this.run(stage, source, document.maxBatchSize, null, this.batchName());
    this.settle();
    return value;
  }

  async pipeline(): Promise<unknown> {
    const { resolver } = this.call;
    const { stage, functions } = resolver;
    const before = this.evaluate(stage, 'request', { prev: null });
    let previous: unknown = before === undefined ? {} : before.value;
    let skips = before?.kind === 'early';
    for (const each of functions) {
      if (skips) break;
      const name = `${this.batchName()}/${each.id}`;
      const ran = await this.run(each.stage, each.source, each.maxBatchSize, { result: previous }, name);
      previous = ran.value;
      skips = ran.skipsAll;
    }
    const after = this.evaluate(stage, 'response', { prev: { result: previous }, result: previous });
    this.settle();
    return after === undefined ? previous : after.value;
  }

  private batchName = (): string => {
    const { typeName, fieldName } = this.call.resolver.document;
    return `${typeName}.${fieldName}`;
  };

  /** Request, source, response. */
  private async run(
    stage: Stage,
    source: DataSourceDocument,
    maxBatchSize: number,
    prev: ResolverContext['prev'],
    batchName: string,
  ): Promise<{ value: unknown; skipsAll: boolean }> {
    const made = this.evaluate(stage, 'request', { prev });
    if (made?.kind === 'early') return { value: made.value, skipsAll: made.skipsAll };
    const { request, resolver } = this.call;
    const wanted = stage.isDirect ? { ...this.base, prev, stash: this.stash } : (made?.value ?? {});
    let result: unknown = null;
    let error: ResolverError | undefined;
    try {
      result = await callSource(request, {
        source,
        wanted,
        isDirect: stage.isDirect,
        maxBatchSize,
        batchName,
        resolver,
      });
    } catch (thrown) {
      if (!(thrown instanceof ResolverError)) throw thrown;
      const isOld = stage.language === 'templates' && versionOf(wanted) === '2017-02-29';
      if (stage.isDirect || isOld) {
        this.settle();
        throw thrown;
      }
      error = thrown;
      result = thrown.data ?? null;
    }
    const shown = error === undefined ? null : { message: error.message, type: error.errorType };
    const told = this.evaluate(stage, 'response', { prev, result, error: shown });
    return {
      value: told === undefined ? result : told.value,
      skipsAll: told?.kind === 'early' && told.skipsAll,
    };
  }

  private evaluate(
    stage: Stage,
    half: 'request' | 'response',
    more: Pick<ResolverContext, 'prev'> & Partial<ResolverContext>,
  ): Evaluated | undefined {
    const context: ResolverContext = { ...this.base, outErrors: this.effects.appended, ...more };
    const { identity } = this.call.request;
    try {
      const evaluated = stage.evaluate(
        half,
        context,
        this.stash,
        this.effects,
        AUTH_TYPE_NAMES[identity.type],
      );
      if (evaluated !== undefined) this.stash = evaluated.stash;
      return evaluated;
    } catch (thrown) {
      this.settle();
      if (thrown instanceof ResolverError) throw thrown;
      throw mappingFailed(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  /** Hands what the stages did to the request. */
  private settle(): void {
    const { request, info } = this.call;
    const { appended, responseHeaders, evictions, invalidations, logs } = this.effects;
    const path = pathOf(info.path);
    for (const error of appended.splice(0)) request.appended.push({ path, error });
    Object.assign(request.effects.responseHeaders, responseHeaders);
    for (const { typeName, fieldName, keys } of evictions.splice(0))
      request.cache.evict(request.plan.document.apiId, cacheKey(typeName, fieldName, keys));
    request.effects.invalidations.push(...invalidations.splice(0));
    for (const { level, message } of logs.splice(0)) request.writeLog(`${level} - ${message}`);
    if (this.effects.subscriptionFilter !== undefined)
      request.effects.subscriptionFilter = this.effects.subscriptionFilter;
    if (this.effects.invalidationFilter !== undefined)
      request.effects.invalidationFilter = this.effects.invalidationFilter;
  }

  private cacheKeyOfCall(): string | undefined {
    const { request, resolver, info } = this.call;
    const { cache } = request.plan.document;
    const { caching, typeName, fieldName } = resolver.document;
    if (
      cache?.behavior !== 'PER_RESOLVER_CACHING' ||
      caching === undefined ||
      info.operation.operation !== 'query'
    )
      return undefined;
    const context = {
      arguments: this.base.arguments,
      args: this.base.arguments,
      source: this.base.source,
      identity: this.base.identity,
    };
    return cacheKey(
      typeName,
      fieldName,
      Object.fromEntries(
        caching.keys.map((path) => [path.replace(/^\$?(context|ctx)\./, ''), valueAt(context, path)]),
      ),
    );
  }

  cached(): { readonly value: unknown } | undefined {
    const key = this.cacheKeyOfCall();
    return key === undefined
      ? undefined
      : this.call.request.cache.get(this.call.request.plan.document.apiId, key);
  }

  keep(value: unknown): void {
    const key = this.cacheKeyOfCall();
    const { request, resolver } = this.call;
    const ttl = resolver.document.caching?.ttlSeconds || request.plan.document.cache?.ttlSeconds;
    if (key !== undefined && ttl !== undefined)
      request.cache.put(request.plan.document.apiId, key, value, ttl);
  }
}

const cacheKey = (typeName: string, fieldName: string, keys: Readonly<Record<string, unknown>>): string =>
  `${typeName}.${fieldName}/${JSON.stringify(
    Object.entries(keys)
      .map(([name, value]) => [
        name.replace(/^\$?(context|ctx)\./, '').replace(/^args\b/, 'arguments'),
        value,
      ])
      .toSorted(),
  )}`;

/** `$context.arguments.id`. */
function valueAt(context: unknown, path: string): unknown {
  let value = context;
  for (const step of path.replace(/^\$?(context|ctx)\./, '').split('.'))
    value =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  return value ?? null;
}

const versionOf = (wanted: unknown): unknown =>
  typeof wanted === 'object' && wanted !== null && 'version' in wanted ? wanted.version : undefined;

function pathOf(path: GraphQLResolveInfo['path'] | undefined): (string | number)[] {
  const steps: (string | number)[] = [];
  for (let at = path; at !== undefined; at = at.prev) steps.unshift(at.key);
  return steps;
}
