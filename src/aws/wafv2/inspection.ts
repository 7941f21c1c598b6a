/** Asking web ACLs: each is compiled once and kept until something it is made of changes. */
import type { LoggingConfiguration } from '@aws-sdk/client-wafv2';
import { parseArn } from '../../base/arn.ts';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { InspectWebAcl, WebAclRequest, WebAclVerdict } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { compileWebAcl, type CompiledWebAcl } from '../../lang/waf/compile.ts';
import { createRateWindow, type RateWindow } from '../../lang/waf/rate-window.ts';
import type { Outcome } from '../../lang/waf/web-acl.ts';
import { webAclOf } from './association.ts';
import { byArn } from './named.ts';
import { unpackRules } from './packed-rules.ts';
import type { WafPorts } from './ports.ts';
import { generations, loggings, type WebAclRow } from './rows.ts';
import { aclNamespace, readReferences } from './rules-check.ts';
import type { Sampler } from './sampled-requests.ts';
import { writeWebAclLog } from './web-acl-log.ts';

export interface Inspection {
  readonly inspect: InspectWebAcl;
  /** For what has no row of its own that names a web ACL; undefined: it has none. */
  readonly inspectResource: (
    scope: Scope,
    resourceArn: string,
    request: WebAclRequest,
  ) => Promise<WebAclVerdict | undefined>;
  /** Something that web ACLs are made of is another than it was. */
  readonly changed: () => void;
  readonly forget: (webAclArn: string) => void;
  /** The keys that a rate-based rule holds back now. */
  readonly limitedKeys: (webAclArn: string, ruleName: string, limit: number) => string[];
}

interface Kept {
  readonly generation: number;
  readonly logging: LoggingConfiguration | undefined;
  readonly row: WebAclRow;
  readonly compiled: CompiledWebAcl;
  /** When its generation was last seen to be the one of the rows. */
  lookedAtMs: number;
}

const KB: Readonly<Record<string, number>> = { KB_16: 16, KB_32: 32, KB_48: 48, KB_64: 64 };

export function createInspection(ports: WafPorts, sampler: Sampler): Inspection {
  const kept = new Map<string, Kept>();
  const windows = new Map<string, RateWindow>();

  const compile = async (webAclArn: string, generation: number): Promise<Kept> => {
    const row = (await byArn(ports.store, webAclArn)).row as WebAclRow; // its ARN says so
    const rules = unpackRules(row.rules);
    const limit = row.association?.RequestBody?.API_GATEWAY?.DefaultSizeInspectionLimit ?? 'KB_16';
    const definition = {
      name: row.name,
      labelNamespace: aclNamespace(row),
      rules,
      customResponseBodies: row.bodies,
      defaultAction: row.defaultAction,
      visibility: row.visibility,
      bodyBytes: (KB[limit] ?? 16) * 1024,
    };
    const compiled = compileWebAcl(definition, await readReferences(ports.store, rules), {
      now: ports.now,
      // Counters outlive a change of the web ACL: what was counted stays counted.
      count(rule, key, windowSeconds) {
        const name = `${webAclArn} ${rule} ${windowSeconds}`;
        const window = windows.get(name) ?? createRateWindow(windowSeconds, limits.wafRateKeys);
        windows.set(name, window);
        return window.count(key, ports.now());
      },
    });
    const logging = await ports.store.get(loggings, scopeOf(webAclArn), webAclArn);
    const made = { generation, row, compiled, logging, lookedAtMs: Number.NEGATIVE_INFINITY };
    kept.set(webAclArn, made);
    return made;
  };

  // What was changed here holds from the next request on; what another node of a cluster changed, within a second.
  let changes = 0;
  const current = async (webAclArn: string): Promise<Kept> => {
    const known = kept.get(webAclArn);
    if (known !== undefined && ports.now() - known.lookedAtMs < LOOK_EVERY_MS) return known;
    const before = changes;
    const generation =
      (await ports.store.get(generations, scopeOf(webAclArn), 'generation'))?.generation ?? 0;
    if (known?.generation !== generation) return compile(webAclArn, generation);
    // What changed while the row was read is looked for by the next request.
    if (changes === before) known.lookedAtMs = ports.now();
    return known;
  };

  const inspect = async (webAclArn: string, request: WebAclRequest): Promise<WebAclVerdict> => {
    const { row, compiled, logging } = await current(webAclArn);
    const country = countryOf(request, ports.countryHeader);
    const outcome = await compiled.inspect(request, country);
    sampler.note(row, request, country, outcome);
    if (logging !== undefined) writeWebAclLog(ports, logging, { row, request, country, outcome });
    return verdictOf(outcome);
  };

  return {
    inspect,
    async inspectResource(scope, resourceArn, request) {
      const webAclArn = await webAclOf(ports, scope, resourceArn);
      if (webAclArn === undefined) return undefined;
      try {
        return await inspect(webAclArn, request);
      } catch (thrown) {
        ports.log('error', 'a web ACL could not be asked', { webAclArn, reason: reasonOf(thrown) });
        return { action: 'BLOCK', labels: [] };
      }
    },
    changed() {
      changes++;
      for (const one of kept.values()) one.lookedAtMs = Number.NEGATIVE_INFINITY;
    },
    forget(webAclArn) {
      kept.delete(webAclArn);
      for (const name of windows.keys()) if (name.startsWith(`${webAclArn} `)) windows.delete(name);
    },
    limitedKeys(webAclArn, ruleName, limit) {
      const found: string[] = [];
      for (const [name, window] of windows)
        if (name.startsWith(`${webAclArn} ${ruleName} `)) found.push(...window.above(limit, ports.now()));
      return found;
    },
  };
}

const LOOK_EVERY_MS = 1000;

function scopeOf(arn: string): Scope {
  const { account, region } = parseArn(arn) ?? { account: '', region: '' };
  return { account, region };
}

function verdictOf(outcome: Outcome): WebAclVerdict {
  if (outcome.action === 'ALLOW')
    return {
      action: 'ALLOW',
      labels: outcome.labels,
      insertedHeaders: outcome.insertedHeaders.flatMap(({ Name = '', Value = '' }) => [Name, Value]),
    };
  return { action: 'BLOCK', labels: outcome.labels, ...(outcome.response && { response: outcome.response }) };
}

function countryOf({ rawHeaders }: WebAclRequest, header: string): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() === header) return rawHeaders[at + 1]?.trim().toUpperCase();
  return undefined;
}
