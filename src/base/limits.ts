/** Every limit of the system, by name. Each with the AWS page it comes from, or why it is ours. */
export const limits = {
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
  apiGatewayPayloadBytes: 10 * 1024 * 1024,
  /** Header names, values, line ends and spaces together; same page. */
  apiGatewayHeaderBytes: 10_240,
  restIntegrationTimeoutMs: { min: 50, default: 29_000, max: 29_000 },
  httpIntegrationTimeoutMs: { min: 50, default: 30_000, max: 30_000 },
  /** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  lambdaSynchronousPayloadBytes: 6 * 1024 * 1024,
  lambdaAsynchronousPayloadBytes: 1024 * 1024,
  /** Ours: a store transaction touches rows only, so one that is open this long waits for what it must not. */
  storeTransactionMs: 30_000,
} as const;
