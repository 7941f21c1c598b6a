/** Compiled APIs by id: loaded once however many ask at the same time, dropped when the control plane says so. */
import type { ApiDocument, LoadApi } from './config.ts';
import type { CompiledApi } from './plan.ts';

export interface Apis {
  /** The API itself when it is known, so that the usual request waits for nothing. */
  find(apiId: string): CompiledApi | null | Promise<CompiledApi | null>;
  forget(apiId: string): void;
}

/** Ids nobody has are not kept: anyone can ask for as many as they like. */
export function createApis(load: LoadApi, compile: (document: ApiDocument) => CompiledApi): Apis {
  const known = new Map<string, CompiledApi | Promise<CompiledApi | null>>();
  const keep = (apiId: string, api: CompiledApi | null): void => {
    if (api === null) known.delete(apiId);
    else known.set(apiId, api);
  };
  const ask = (apiId: string): Promise<CompiledApi | null> => {
    const asked: Promise<CompiledApi | null> = load(apiId).then(
      (document) => {
        const api = document === undefined ? null : compile(document);
        // Forgotten meanwhile: what was loaded serves those who waited, and nobody after them.
        if (known.get(apiId) === asked) keep(apiId, api);
        return api;
      },
      (reason: unknown) => {
        if (known.get(apiId) === asked) known.delete(apiId);
        throw reason;
      },
    );
    known.set(apiId, asked);
    return asked;
  };
  return { find: (apiId) => known.get(apiId) ?? ask(apiId), forget: (apiId) => void known.delete(apiId) };
}
