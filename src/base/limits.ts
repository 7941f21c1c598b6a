/** Every limit of the system, by name. Each with the AWS page it comes from, or why it is ours. */
export const limits = {
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
  apiGatewayPayloadBytes: 10 * 1024 * 1024,
  /** Header names, values, line ends and spaces together; same page. */
  apiGatewayHeaderBytes: 10_240,
  privateApiHeaderBytes: 8000,
  /** Regional APIs; same page. */
  apiGatewayUrlBytes: 10_240,
  /** Edge-optimized and private APIs. */
  narrowApiUrlBytes: 8192,
  /** "Length, in characters, of API Gateway access log template": same page. */
  restAccessLogFormatBytes: 3 * 1024,
  /** The metadata of a streamed Lambda answer ends within so many bytes:
   *  https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html */
  apiGatewayStreamPreludeBytes: 16 * 1024,
  /** A streamed answer may last 15 minutes and idle for 5; same page. */
  apiGatewayStreamMs: 15 * 60_000,
  apiGatewayStreamIdleMs: 5 * 60_000,
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html */
  httpApiMappedBodyBytes: 100 * 1024,
  /** HTTP APIs' quota page; REST names none, and its own 29 s would hold a caller longer than anything else. */
  lambdaAuthorizerTimeoutMs: 10_000,
  /** A method's ARN where anybody is authorized: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
  restMethodArnBytes: 1600,
  /** Ours: answers of one authorizer kept in memory. */
  authorizerVerdictsKept: 10_000,
  /** Ours: token buckets in memory before those that are full again are dropped. */
  throttleBucketsKept: 50_000,
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: of an account in a region, all its APIs together. */
  accountThrottle: { perSecond: 10_000, burst: 5000 },
  accountThrottleOfSmallerRegions: { perSecond: 2500, burst: 1250 },
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
  jwksTimeoutMs: 1_500,
  jwksBytes: 150_000,
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html */
  jwksKeptMs: 2 * 3_600_000,
  restIntegrationTimeoutMs: { min: 50, default: 29_000, max: 29_000 },
  /** REST APIs and what hangs from them: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
  restApis: { EDGE: 120, REGIONAL: 600, PRIVATE: 600 },
  restApiResources: 300,
  restApiStages: 10,
  restApiAuthorizers: 10,
  restApiModelBytes: 400 * 1024,
  restApiDocumentationParts: 2000,
  restApiImportBytes: 6 * 1024 * 1024,
  restAuthorizerTtlSeconds: 3600,
  restCacheTtlSeconds: 3600,
  /** Before encryption: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html */
  restCachedItemBytes: 1_048_576,
  /** Ours: what cached answers of all stages take in memory; what is beyond goes to disk, or is forgotten. */
  cacheMemoryBytes: 128 * 1024 * 1024,
  stageVariables: 100,
  stageVariableNameLength: 64,
  stageVariableValueLength: 512,
  mappingTemplateBytes: 300 * 1024,
  apiGatewayPolicyCharacters: 8192,
  apiGatewayTags: 50,
  apiKeys: 10_000,
  apiKeyValueLength: { min: 20, max: 128 },
  apiKeyNameLength: 1024,
  usagePlans: 300,
  usagePlansPerApiKey: 10,
  usagePlanMethodThrottles: 20,
  /** Ours: requests of one key that a node may serve before it asks the store again. */
  usageLeaseRequests: 100,
  /** Of a key that uses up its leases faster than one a second. */
  usageLeaseMostRequests: 10_000,
  /** Ours: how long a used-up quota is not asked about again; another node may give requests back, a new period does. */
  usageExhaustedMs: 1000,
  /** Ours: API keys and their plans kept in memory, and how long: a change on this node is seen at once. */
  apiKeyGrantsKept: 10_000,
  apiKeyGrantMs: 10_000,
  /** GetUsage answers for at most so long. */
  usageDays: 90,
  clientCertificates: 60,
  restVpcLinks: 20,
  customDomains: 120,
  domainNameAccessAssociations: 100,
  basePathMappings: 200,
  routingRules: 50,
  httpIntegrationTimeoutMs: { min: 50, default: 30_000, max: 30_000 },
  /** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  lambdaSynchronousPayloadBytes: 6 * 1024 * 1024,
  lambdaAsynchronousPayloadBytes: 1024 * 1024,
  lambdaZippedUploadBytes: 52_428_800,
  /** Function and layers together. */
  lambdaUnzippedCodeBytes: 262_144_000,
  lambdaEnvironmentBytes: 4096,
  lambdaLayers: 5,
  lambdaMemoryMb: { min: 128, default: 128, max: 10_240 },
  lambdaTimeoutSeconds: { min: 1, default: 3, max: 900 },
  lambdaEphemeralStorageMb: { min: 512, default: 512, max: 10_240 },
  lambdaResourcePolicyBytes: 20_480,
  lambdaConcurrentExecutions: 1000,
  /** Reserved concurrency must leave this much of the account's: PutFunctionConcurrency's own refusal. */
  lambdaUnreservedConcurrentExecutions: 100,
  /** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
  lambdaClientContextBytes: 3583,
  lambdaCodeStorageBytes: 300 * 1024 * 1024 * 1024,
  /** The largest answer Lambda was seen to pass on, in its own words `6291556 bytes`. */
  lambdaResponseBytes: 6_291_556,
  lambdaStreamedResponseBytes: 200 * 1024 * 1024,
  lambdaLogTailBytes: 4096,
  /** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
  lambdaInitMs: 10_000,
  /** Ours: an environment nobody calls for so long ends. AWS does not say; 5 to 15 minutes are seen. */
  functionIdleMs: 5 * 60_000,
  /** Ours: how often the memory of a running environment is looked at. */
  functionMemorySampleMs: 100,
  /** Ours: how often the size of a running environment's /tmp is looked at. */
  functionStorageSampleMs: 400,
  /** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown: with external extensions. */
  lambdaShutdownMs: 2000,
  /** Ours: an environment older than this is ended when it is idle: its role's credentials last twelve hours. */
  functionLifeMs: 10 * 3_600_000,
  /** Ours: what an environment is reckoned to take, to say how many of them this machine holds. */
  functionEnvironmentBytes: 64 * 1024 * 1024,
  /** Ours: a longer line of a function's output is cut into several events, as CloudWatch Logs' own limit makes AWS do. */
  functionLogLineBytes: 256 * 1024,
  /** Ours: a function that writes faster is made to wait, so that it takes nothing from the others. */
  functionOutputBytesPerSecond: 16 * 1024 * 1024,
  /** Ours: entries of one deployment package. */
  lambdaPackageEntries: 200_000,
  /** Ours, where AWS goes to 1,250: batches of one queue that are under way at once. */
  lambdaQueueBatchesAtOnce: 100,
  /** Ours: how often a shard is asked for records, from just after some came to when none has come for long. */
  lambdaStreamPollMs: { min: 25, max: 250 },
  /** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
  lambdaStreamPageRecords: 10_000,
  /** Ours: how often a stream is asked for its shards. */
  lambdaShardListMs: 10_000,
  /** https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html: a larger state ends its window. */
  lambdaWindowStateBytes: 1024 * 1024,
  /** Ours: asynchronous events of one function that run at the same time; more wait in their rows. */
  lambdaAsynchronousLanes: 10,
  /** Ours: a store transaction touches rows only, so one that is open this long waits for what it must not. */
  storeTransactionMs: 30_000,
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
  httpApiRoutes: 300,
  httpApiIntegrations: 300,
  httpApiStages: 10,
  httpApiAuthorizers: 10,
  httpApiAudiences: 50,
  httpApiScopes: 10,
  httpApiStageVariables: 100,
  httpApiVpcLinks: 10,
  httpApiVpcLinkSubnets: 10,
  httpApiAccessLogFormatBytes: 3 * 1024,
  httpApiMappingKeyLength: 300,
  /** Lambda authorizers: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html */
  httpAuthorizerTtlSeconds: { min: 0, max: 3600 },
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html */
  webSocketFrameBytes: 32 * 1024,
  webSocketMessageBytes: 128 * 1024,
  webSocketIdleMs: 10 * 60_000,
  webSocketDurationMs: 2 * 3_600_000,
  webSocketNewConnectionsPerSecond: 500,
  /** PostToConnection's `Data`: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html (model of the management API). */
  webSocketPostBytes: 131_072,
  /** Ours: what may wait in memory for a client that does not read; then callbacks are refused as AWS words a full buffer. */
  webSocketUnsentBytes: 1024 * 1024,
  /** Ours: a client that takes nothing of what waits for it for so long is dropped. */
  webSocketStalledMs: 60_000,
  /** Ours: answers to pings are left out beyond this. */
  webSocketPongBacklogBytes: 16 * 1024,
  /** Ours: how long a closing handshake may take. */
  webSocketClosingMs: 5_000,
  /** Ours: messages of one connection that are with their integrations at the same time; more wait in the network. */
  webSocketMessagesAtOnce: 64,
  /** Ours: what a client may send before its upgrade is answered. */
  webSocketEarlyBytes: 64 * 1024,
  /** Ours: how often idle and old connections are looked for. */
  webSocketSweepMs: 5_000,
  webSocketIntegrationTimeoutMs: { min: 50, default: 29_000, max: 29_000 },
  /** Ours: each change of an API with an auto-deploy stage makes a deployment; older ones that no stage uses go. */
  httpApiAutoDeploymentsKept: 10,
  /** Ours: how many items a list answers when the caller asks for no number, and at most. */
  apiGatewayV2Page: { default: 100, max: 500 },
  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
  templateBodyBytes: 51_200,
  templateUrlBytes: 1024 * 1024,
  templateDescriptionBytes: 1024,
  templateResources: 500,
  templateParameters: 200,
  templateOutputs: 200,
  templateMappings: 200,
  stackParameterBytes: 4096,
  /** Fn::Cidr's count: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html */
  cidrBlocks: { min: 1, max: 256 },
  /** Ours: how many resources of one stack are made, changed or removed at the same time. */
  stackOperationsAtOnce: 24,
  /** Ours: what a template may grow to by Fn::ForEach and the like before it is refused. */
  templateProcessedBytes: 16 * 1024 * 1024,
  /** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
  dynamodbItemBytes: 400 * 1024,
  /** What one Query or Scan reads, one BatchGetItem answers; same page. */
  dynamodbPageBytes: 1024 * 1024,
  dynamodbBatchGetBytes: 16 * 1024 * 1024,
  /** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
  dynamodbStreamMs: 86_400_000,
  dynamodbIteratorMs: 900_000,
  /** Ours: how deep a request's body may nest, so that no input exhausts the stack. */
  wireNesting: 256,
  /** AWS lists no more violations than these in one answer. */
  wireValidationErrors: 10,
  /** Ours, where AWS states none: how large a request body may be that is read whole. */
  wireBodyBytes: 16 * 1024 * 1024,
  /** Lambda's own refusal: `Request must be smaller than 70167211 bytes for the CreateFunction operation`. */
  wireLambdaBodyBytes: 70_167_211,
  /** S3 operations that take XML, not objects: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html lists 1,000 keys of 1 KB. */
  wireS3DocumentBytes: 8 * 1024 * 1024,
  /** Rounds of one #foreach: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
  vtlForeachIterations: 1000,
  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
  iamRoles: 1000,
  iamUsers: 5000,
  iamGroups: 300,
  iamGroupsPerUser: 10,
  iamInstanceProfiles: 1000,
  iamManagedPolicies: 1500,
  iamAttachedPolicies: 10,
  iamPolicyVersions: 5,
  iamAccessKeysPerUser: 2,
  iamTags: 50,
  iamTrustPolicyCharacters: 2048,
  iamManagedPolicyCharacters: 6144,
  iamInlinePolicyCharacters: { role: 10_240, user: 2048, group: 5120 },
  /** Ours: keys and principals' policies kept in memory, and for how long another node's change goes unseen. */
  iamIdentitiesKept: 10_000,
  iamKeptMs: 1000,
  iamOidcProviders: 100,
  iamOidcClientIds: 100,
  iamOidcThumbprints: 5,
  /** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html, `MaxItems` */
  iamPageItems: 100,
  /** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, `DurationSeconds` */
  stsRoleSessionSeconds: { min: 900, default: 3600, max: 43_200 },
  stsChainedSessionSeconds: 3600,
  stsSessionTokenSeconds: { min: 900, default: 43_200, max: 129_600 },
  /** Ours: what the listener takes before any API's own limit (10,240 bytes) can be told apart and worded as AWS does. */
  listenerHeaderBytes: 65_536,
  /** REST APIs keep idle connections 310 s: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
  listenerIdleMs: 310_000,
  /** Ours: how long a stopping server waits for accepted requests; longer than any integration may take. */
  drainMs: 35_000,
  /** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
  logsEventBytes: 1_048_576,
  logsBatchBytes: 1_048_576,
  logsEventsAPage: 10_000,
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
  logsSubscriptionFiltersAGroup: 2,
  logsMetricFiltersAGroup: 100,
  logsResourcePolicies: 10,
  /** Ours: what FilterLogEvents looks at before it answers with a token to go on. */
  logsEventsScanned: 100_000,
  /** Ours: flushes whose events are on their way to subscribers. */
  logsDeliveriesAtOnce: 100,
  /** Ours: log events waiting in memory to be stored; more are dropped, and counted in the server's log. */
  logsBufferBytes: 32 * 1024 * 1024,
  /** Ours: how long a call that begins a stack operation waits for it to rest before it answers, so that clients which
   *  look once and then sleep for half a minute (the AWS CLI's waiters) find it done. */
  stackAnswerPatienceMs: 1_500,
  /** An operation that the disk stops is tried again after this long, then less and less often. */
  stackRetryMs: 250,
  stackRetryLongestMs: 5_000,
  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html and its kin answer in pages. */
  stackPageItems: 100,
  stackPolicyBytes: 16_384,
  /** One PUT or part: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
  s3PutBytes: 5 * 1024 ** 3,
  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html: five minutes; S3 allows fifteen. */
  wireClockSkewMs: 5 * 60_000,
  wireS3ClockSkewMs: 15 * 60_000,
  /** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
  wirePresignedSeconds: 604_800,
  /** Ours: the shortest secret that a server which others reach takes for its first key. */
  rootSecretLength: 16,
  /** Ours: how many derived signing keys are kept. */
  wireSigningKeysKept: 1000,
  /** Ours: how long a line between the chunks of an aws-chunked body may be, and how many trailers may follow it. */
  wireChunkLineBytes: 8192,
  wireTrailers: 32,
  /** https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html */
  acmCertificates: 2500,
  acmNames: 100,
  acmTags: 50,
  /** RequestCertificate with a token known for so long answers with the same certificate:
   *  https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html */
  acmIdempotencyMs: 3_600_000,
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html */
  truststoreBytes: 1024 * 1024,
  truststoreCertificates: 1000,
  /** Authorities from a client's certificate up to its root; same page. */
  clientCertificateChain: 4,
  /** Ours: the first message of a TLS connection, before which nothing is known of its client. */
  tlsHelloBytes: 16 * 1024,
  tlsHandshakeMs: 10_000,
  /** Ours: names whose certificates, and hosts whose domains, are kept in memory. */
  tlsNamesKept: 1000,
  domainHostsKept: 1000,
  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
  sqsMessageBytes: 1_048_576,
  sqsMessageAttributes: 10,
  sqsBatchEntries: 10,
  sqsInFlight: 120_000,
  sqsDeduplicationMs: 5 * 60_000,
  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
  sqsTags: 50,
  sqsPolicyActions: 7,
  /** https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
  kmsKeys: 100_000,
  kmsTags: 50,
  kmsPolicyBytes: 32_768,
  kmsRotationsOnDemand: 25,
  /** https://docs.aws.amazon.com/general/latest/gr/ssm.html */
  ssmParameters: 10_000,
  ssmVersions: 100,
  ssmLabels: 10,
  ssmTags: 50,
  ssmHierarchy: 15,
  ssmStandardBytes: 4096,
  ssmAdvancedBytes: 8192,
  /** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
  secrets: 500_000,
  secretBytes: 65_536,
  secretVersions: 100,
  secretTags: 50,
  /** Ours: changes of buckets that one destination is told of at the same time. */
  s3NotificationsAtOnce: 10,
  /** Ours: FIFO receives whose answer can be given again. */
  sqsReceiveAttemptsKept: 1000,
  /** https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html. How often a shard may be read or
   *  written a second is not held against anybody here. */
  kinesisShards: 500,
  kinesisRecordKib: 1024,
  kinesisPutBytes: 10 * 1024 * 1024,
  kinesisGetBytes: 10 * 1024 * 1024,
  kinesisGetRecords: 10_000,
  kinesisConsumers: 20,
  kinesisTags: 50,
  kinesisShardsAPage: 1000,
  kinesisIteratorMs: 300_000,
  kinesisSubscriptionMs: 300_000,
  /** https://docs.aws.amazon.com/general/latest/gr/sns.html */
  snsTopics: 100_000,
  snsSubscriptions: 12_500_000,
  snsMessageBytes: 262_144,
  snsBatchEntries: 10,
  snsTags: 50,
  snsDeduplicationMs: 5 * 60_000,
  /** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
  snsFilterPolicyBytes: 262_144,
  snsFilterPolicyKeys: 5,
  snsFilterPolicyCombinations: 150,
  /** https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html: 15 seconds to answer. */
  snsHttpMs: 15_000,
  /** Ours: deliveries to one subscription under way at the same time. */
  snsDeliveriesAtOnce: 10,
  /** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
  stepFunctionsHistoryEvents: 25_000,
  stepFunctionsPayloadBytes: 256 * 1024,
  stepFunctionsDefinitionBytes: 1024 * 1024,
  stepFunctionsNameLength: 80,
  stepFunctionsInlineMapConcurrency: 40,
  stepFunctionsMapConcurrency: 10_000,
  stepFunctionsExpressMs: 5 * 60_000,
  stepFunctionsActivityPollMs: 60_000,
  stepFunctionsVersions: 1000,
  stepFunctionsAliases: 100,
  stepFunctionsTags: 50,
  /** Closed executions are kept so long; same page. */
  stepFunctionsKeptMs: 90 * 86_400_000,
  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html; the size is PutEvents' own. */
  eventBuses: 100,
  eventRules: 300,
  eventTargets: 5,
  eventTags: 50,
  eventEntryBytes: 1_048_576,
  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html: 5 seconds to answer. */
  eventApiMs: 5_000,
  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html */
  schedulerGroups: 500,
  schedulerTags: 50,
  schedulerInputBytes: 262_144,
  /** Ours: deliveries to one target under way at the same time. */
  eventDeliveriesAtOnce: 10,
  /** Ours: how long the clock is not looked at while something is scheduled. */
  alarmLookMs: 1000,
  /** Ours: a time that came while the server was not there is made up for once, when it is not older than AWS tries. */
  scheduleStaleMs: 86_400_000,
  /** https://docs.aws.amazon.com/general/latest/gr/appsync.html */
  appsyncApis: 50,
  appsyncApiKeys: 50,
  appsyncAuthenticationProviders: 50,
  appsyncSchemaBytes: 1024 * 1024,
  appsyncCodeCharacters: 32_768,
  appsyncTemplateCharacters: 65_536,
  appsyncPipelineFunctions: 10,
  appsyncBatchSize: 2000,
  appsyncCachingKeys: 25,
  appsyncRequestMs: 30_000,
  appsyncResolverExecutions: 10_000,
  appsyncQueryTokens: 15_000,
  appsyncResponseBytes: 5 * 1024 * 1024,
  /** What a template or code may make; same page, "evaluated". */
  appsyncEvaluatedBytes: 5 * 1024 * 1024,
  appsyncSubscriptionsPerConnection: 200,
  appsyncSubscriptionBytes: 240 * 1024,
  appsyncFilters: 5,
  appsyncEventsPerPublish: 5,
  appsyncChannelSegments: 5,
  appsyncNamespaces: 50,
  appsyncConnectionMs: 24 * 3_600_000,
  appsyncTags: 50,
  /** Ours: a request's body. */
  appsyncRequestBytes: 1024 * 1024,
  /** Ours: what JavaScript may take; AWS says no number. */
  appsyncCodeMs: 1_000,
  appsyncCodeHeapBytes: 32 * 1024 * 1024,
  appsyncCodeStackBytes: 512 * 1024,
  /** Ours: parsed and validated documents kept of an API, and cached answers of all. */
  appsyncDocumentsKept: 500,
  appsyncCachedBytes: 64 * 1024 * 1024,
  /** Ours: what waits for a client that reads too slowly before its connection is ended. */
  appsyncUnreadBytes: 4 * 1024 * 1024,
  /** Custom resources may answer 4,096 bytes; signals a little more: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
  callbackBytes: 65_536,
  /** https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html */
  cognitoPools: 1000,
  cognitoClients: 1000,
  cognitoCustomAttributes: 50,
  cognitoGroups: 10_000,
  cognitoGroupsPerUser: 100,
  cognitoResourceServers: 25,
  cognitoTags: 50,
  cognitoClientSecrets: 2,
  /** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html */
  cognitoTokenSeconds: { short: { min: 300, max: 86_400 }, refresh: { min: 3600, max: 315_360_000 } },
  /** Triggers answer within 5 s and are asked three times:
   *  https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html */
  cognitoTriggerMs: 5_000,
  cognitoTriggerAttempts: 3,
  /** https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html#authentication-flow-lockout-behavior */
  cognitoFailuresBeforeLockout: 5,
  cognitoLockoutMs: 15 * 60_000,
  /** The quotas page gives 5 to 20 an hour, by risk: codes that are asked for, and wrong ones that are given. */
  cognitoCodesAnHour: 20,
  cognitoWrongCodesAnHour: 20,
  /** Ours: a code that was missed so often is over. */
  cognitoTriesACode: 5,
  /** Ours: authorization codes live as long as AWS's, five minutes. */
  cognitoAuthorizationCodeMs: 5 * 60_000,
  /** Ours: how far users are counted for an estimate, messages kept for each pool, and pools whose keys are in memory. */
  cognitoUsersCounted: 10_000,
  cognitoMessagesKept: 1000,
  cognitoKeysKept: 1000,
  /** Ours: what a form of the hosted pages may hold. */
  cognitoFormBytes: 64 * 1024,
  /** https://docs.aws.amazon.com/waf/latest/developerguide/limits.html: of each kind in an account and region. */
  wafItems: 100,
  wafAddresses: 10_000,
  wafPatterns: 10,
  wafCapacity: 5000,
  wafRateLimit: { min: 10 },
  /** Keys that one rate-based rule counts; same page. */
  wafRateKeys: 10_000,
  /** Ours: sampled requests kept of one metric, and metrics they are kept of. */
  wafSampledRequests: 100,
  wafSampledMetrics: 200,
  /** Ours: how many finished requests `explain` knows, and how much of each body along the way. */
  explainRequests: 1000,
  explainBodyBytes: 8192,
  /** Ours: how large the file of explanations grows before the next one is begun; two are kept. */
  explainFileBytes: 64 * 1024 * 1024,
  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html */
  customResourceTimeoutSeconds: 3_600,
  /** Twelve hours: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitcondition.html */
  waitConditionTimeoutSeconds: 43_200,
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
  metricsAPut: 1000,
  metricDimensions: 30,
  metricValuesAPut: 150,
  metricDataQueries: 500,
  metricDatapoints: 100_800,
  metricStatisticsDatapoints: 1440,
  metricAlarms: 5000,
  metricAlarmActions: 5,
  metricTags: 50,
  compositeAlarmRuleLength: 10_240,
  dashboardBytes: 1024 * 1024,
  alarmHistoryKept: 1000,
  /** Ours: series of one account and region, and how many values of one of its minutes are told apart. */
  metricSeries: 20_000,
  metricValuesAPoint: 100,
  /** Ours: how often what the gateway and functions measured is written down. */
  metricFlushMs: 60_000,
  /** https://docs.aws.amazon.com/general/latest/gr/xray.html */
  xraySamplingRules: 25,
  xrayGroups: 25,
  /** Ours: the newest traces of an account and region, and their segments. */
  xrayTraces: 20_000,
  xraySegmentsATrace: 1000,
  /** Ours: spans that wait to be written down or sent, how many at once, and how long the first of them waits. */
  xraySpansWaiting: 10_000,
  xrayFlushMs: 1000,
  otlpWaiting: 10_000,
  otlpBatch: 512,
  otlpDelayMs: 1000,
} as const;
