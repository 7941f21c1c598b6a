/** The kinds of API, in one table: the only place where they are told apart. */
import type { ApiDocument } from '../config.ts';
import type { Engine } from '../engine.ts';
import type { CompiledApi } from '../plan.ts';
import { compileHttpApi } from './http.ts';
import { compileRestApi } from './rest.ts';
import { compileWebSocketApi } from './websocket.ts';

type Kinds = {
  readonly [Kind in ApiDocument['kind']]: (
    document: Extract<ApiDocument, { readonly kind: Kind }>,
    engine: Engine,
  ) => CompiledApi;
};

const kinds: Kinds = { REST: compileRestApi, HTTP: compileHttpApi, WEBSOCKET: compileWebSocketApi };

export function compileApi(document: ApiDocument, engine: Engine): CompiledApi {
  switch (document.kind) {
    case 'REST':
      return kinds.REST(document, engine);
    case 'HTTP':
      return kinds.HTTP(document, engine);
    case 'WEBSOCKET':
      return kinds.WEBSOCKET(document, engine);
    default:
      return document satisfies never;
  }
}
