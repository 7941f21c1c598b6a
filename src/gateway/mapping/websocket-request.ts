/** A message, or the request that opens a connection, as a non-proxy backend gets it. */
import type { Integration } from '@aws-sdk/client-apigatewayv2';
import { compileSelection, type Selection } from '../../lang/selection/compile.ts';
import type { WebSocketRoute } from '../kinds/websocket-route.ts';
import { Refusal } from '../refusal.ts';
import { noteRule } from '../trail.ts';
import { compileRequestMapping } from './request-mapping.ts';
import type { BackendRequest } from './request-transform.ts';
import type { MappingScope } from './scope.ts';
import { compileMappingTemplate, type MappingTemplate } from './template.ts';
import { selectionValues } from './websocket-selection.ts';

export type ChooseTemplate = (
  scope: MappingScope,
  values: () => ReturnType<typeof selectionValues>,
) => { readonly key: string; readonly template: MappingTemplate } | undefined;

/** By the expression's key, else `$default`; without an expression `$default`, else the one for JSON. */
export function compileTemplateChoice(
  sources: Readonly<Record<string, string>> | undefined,
  expression: string | undefined,
): ChooseTemplate | null {
  const templates = new Map<string, MappingTemplate>();
  for (const [key, source] of Object.entries(sources ?? {}))
    templates.set(key, compileMappingTemplate(source));
  if (templates.size === 0) return null;
  const select: Selection | null = expression ? compileSelection(expression) : null;
  return (_scope, values) => {
    const key = select === null ? undefined : select(values());
    for (const one of [key, '$default', ...(select === null ? ['application/json'] : [])]) {
      const template = one === undefined ? undefined : templates.get(one);
      if (one !== undefined && template !== undefined) return { key: one, template };
    }
    return undefined;
  };
}

export function compileWebSocketRequest({
  integration,
}: WebSocketRoute): (scope: MappingScope) => BackendRequest {
  const choose = compileTemplateChoice(integration.RequestTemplates, integration.TemplateSelectionExpression);
  const map = compileRequestMapping(
    integration.RequestParameters ?? {},
    integration.IntegrationType === 'AWS',
  );
  const behaviour = integration.PassthroughBehavior ?? 'WHEN_NO_MATCH';
  const refused = behaviour === 'NEVER' || (behaviour === 'WHEN_NO_TEMPLATES' && choose !== null);
  return (scope) => {
    const { call } = scope;
    const chosen = choose?.(scope, () => selectionValues(call));
    if (chosen === undefined && refused)
      throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'Unsupported Media Type');
    if (call.facts.trail !== undefined)
      noteRule(
        call.facts,
        chosen === undefined
          ? `no request template: passes through (${behaviour})`
          : `request template ${chosen.key}`,
      );
    const raw = converted(call.body, integration);
    const body = chosen === undefined ? raw : chosen.template(scope, textOf(raw));
    return { ...map(scope), body, contentType: 'application/json' };
  };
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

/** "convert the payload from base64-encoded string to binary": https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-binary-media-types.html */
export function converted(
  body: Uint8Array,
  { ContentHandlingStrategy: strategy }: Pick<Integration, 'ContentHandlingStrategy'>,
): Uint8Array {
  if (strategy === 'CONVERT_TO_BINARY') return Buffer.from(textOf(body), 'base64');
  return strategy === 'CONVERT_TO_TEXT' ? Buffer.from(Buffer.from(body).toString('base64')) : body;
}
