/** EvaluateCode and EvaluateMappingTemplate: the same languages that requests run in. */
import type {
  EvaluateCodeRequest,
  EvaluateCodeResponse,
  EvaluateMappingTemplateRequest,
  EvaluateMappingTemplateResponse,
} from '@aws-sdk/client-appsync';
import { badRequest } from './faults.ts';
import type { AppSyncPorts } from './room.ts';

export const evaluateOperations = ({ graphql }: AppSyncPorts) => ({
  async EvaluateCode(input: EvaluateCodeRequest): Promise<EvaluateCodeResponse> {
    const { code = '', context = '{}', function: handler = 'request' } = input;
    const codeErrors = graphql.checkCode(code).map(({ errorType, value, line, column }) => ({
      errorType,
      value,
      location: { line, column, span: -1 },
    }));
    if (codeErrors.length > 0)
      return { error: { message: 'Code contains one or more errors.', codeErrors }, logs: [] };
    const { result, error, stash, outErrors, logs } = await graphql.evaluateCode(
      code,
      handler,
      contextOf(context),
    );
    return {
      ...(result !== undefined && { evaluationResult: result }),
      ...(error !== undefined && { error: { message: error, codeErrors: [] } }),
      logs: [...logs],
      stash,
      outErrors,
    };
  },

  async EvaluateMappingTemplate(
    input: EvaluateMappingTemplateRequest,
  ): Promise<EvaluateMappingTemplateResponse> {
    const { template = '', context = '{}' } = input;
    const problem = graphql.checkTemplate(template);
    if (problem !== undefined) return { error: { message: problem }, logs: [] };
    const { result, error, stash, outErrors, logs } = await graphql.evaluateTemplate(
      template,
      contextOf(context),
    );
    return {
      ...(result !== undefined && { evaluationResult: result }),
      ...(error !== undefined && { error: { message: error } }),
      logs: [...logs],
      stash,
      outErrors,
    };
  },
});

function contextOf(text: string): object {
  try {
    const context: unknown = JSON.parse(text);
    if (typeof context === 'object' && context !== null) return context;
  } catch {
    // Told below.
  }
  throw badRequest('The context is not a JSON object.');
}
