# A REST API and an HTTP API with a Lambda function each, and what usually stands around them.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { default = "http://127.0.0.1:4566" }

# What run.mjs changes between two applies.
variable "greeting" { default = "hello" }
variable "timeout_seconds" { default = 3 }
variable "with_burst_limit" { default = false }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = false

  default_tags {
    tags = { Project = "terraform-check" }
  }

  endpoints {
    apigateway     = var.endpoint
    apigatewayv2   = var.endpoint
    cloudformation = var.endpoint
    cloudwatchlogs = var.endpoint
    dynamodb       = var.endpoint
    iam            = var.endpoint
    lambda         = var.endpoint
    s3             = var.endpoint
    sts            = var.endpoint
  }
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

# --- shared: role, policies, table, code in S3 ---

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  name               = "check-function"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = { Name = "check" }
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_iam_policy" "table" {
  name = "check-table"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = aws_dynamodb_table.orders.arn }]
  })
}

resource "aws_iam_role_policy_attachment" "table" {
  role       = aws_iam_role.function.name
  policy_arn = aws_iam_policy.table.arn
}

resource "aws_iam_role_policy" "inline" {
  name = "inline"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.code.arn}/*" }]
  })
}

resource "aws_iam_user" "deployer" { name = "check-deployer" }
resource "aws_iam_access_key" "deployer" { user = aws_iam_user.deployer.name }
resource "aws_iam_group" "team" { name = "check-team" }
resource "aws_iam_user_group_membership" "team" {
  user   = aws_iam_user.deployer.name
  groups = [aws_iam_group.team.name]
}
resource "aws_iam_instance_profile" "machine" {
  name = "check-machine"
  role = aws_iam_role.function.name
}

resource "aws_dynamodb_table" "orders" {
  name         = "check-orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  range_key    = "at"

  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "at"
    type = "N"
  }
  attribute {
    name = "customer"
    type = "S"
  }
  global_secondary_index {
    name            = "by-customer"
    hash_key        = "customer"
    projection_type = "ALL"
  }
  ttl {
    attribute_name = "expires"
    enabled        = true
  }
}

resource "aws_dynamodb_table_item" "first" {
  table_name = aws_dynamodb_table.orders.name
  hash_key   = aws_dynamodb_table.orders.hash_key
  range_key  = aws_dynamodb_table.orders.range_key
  item       = jsonencode({ id = { S = "1" }, at = { N = "1" }, customer = { S = "Ada" } })
}

resource "aws_s3_bucket" "code" {
  bucket        = "check-code"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "code" {
  bucket = aws_s3_bucket.code.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_public_access_block" "code" {
  bucket                  = aws_s3_bucket.code.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "code" {
  bucket = aws_s3_bucket.code.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}

resource "aws_s3_object" "code" {
  bucket = aws_s3_bucket.code.id
  key    = "function.zip"
  source = "${path.module}/function.zip"
  etag   = filemd5("${path.module}/function.zip")
}

# --- a REST API: proxy function, mock with CORS, models, keys ---

resource "aws_lambda_function" "rest" {
  function_name     = "check-rest"
  role              = aws_iam_role.function.arn
  runtime           = "nodejs22.x"
  handler           = "index.handler"
  s3_bucket         = aws_s3_object.code.bucket
  s3_key            = aws_s3_object.code.key
  s3_object_version = aws_s3_object.code.version_id
  source_code_hash  = filebase64sha256("${path.module}/function.zip")
  timeout           = var.timeout_seconds
  publish           = true
  environment {
    variables = { GREETING = var.greeting, TABLE = aws_dynamodb_table.orders.name }
  }
  depends_on = [aws_cloudwatch_log_group.rest]
}

resource "aws_cloudwatch_log_group" "rest" {
  name              = "/aws/lambda/check-rest"
  retention_in_days = 7
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.rest.function_name
  function_version = aws_lambda_function.rest.version
}

resource "aws_lambda_permission" "rest" {
  statement_id  = "rest"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.rest.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.shop.execution_arn}/*/*"
}

resource "aws_api_gateway_rest_api" "shop" {
  name               = "check-shop"
  description        = "checked by Terraform"
  binary_media_types = ["image/png"]
  endpoint_configuration { types = ["REGIONAL"] }
}

resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "orders"
}

resource "aws_api_gateway_model" "order" {
  rest_api_id  = aws_api_gateway_rest_api.shop.id
  name         = "Order"
  content_type = "application/json"
  schema       = jsonencode({ "$schema" = "http://json-schema.org/draft-04/schema#", type = "object", required = ["sku"], properties = { sku = { type = "string" } } })
}

resource "aws_api_gateway_request_validator" "body" {
  rest_api_id           = aws_api_gateway_rest_api.shop.id
  name                  = "body"
  validate_request_body = true
}

resource "aws_api_gateway_method" "post" {
  rest_api_id          = aws_api_gateway_rest_api.shop.id
  resource_id          = aws_api_gateway_resource.orders.id
  http_method          = "POST"
  authorization        = "NONE"
  request_validator_id = aws_api_gateway_request_validator.body.id
  request_models       = { "application/json" = aws_api_gateway_model.order.name }
  request_parameters   = { "method.request.querystring.dry" = false }
}

resource "aws_api_gateway_integration" "post" {
  rest_api_id             = aws_api_gateway_rest_api.shop.id
  resource_id             = aws_api_gateway_resource.orders.id
  http_method             = aws_api_gateway_method.post.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_alias.live.invoke_arn
}

resource "aws_api_gateway_method" "options" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.orders.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "options" {
  rest_api_id       = aws_api_gateway_rest_api.shop.id
  resource_id       = aws_api_gateway_resource.orders.id
  http_method       = aws_api_gateway_method.options.http_method
  type              = "MOCK"
  request_templates = { "application/json" = "{\"statusCode\": 200}" }
}

resource "aws_api_gateway_method_response" "options" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  resource_id = aws_api_gateway_resource.orders.id
  http_method = aws_api_gateway_method.options.http_method
  status_code = "200"
  response_parameters = {
    "method.response.header.Access-Control-Allow-Origin"  = true
    "method.response.header.Access-Control-Allow-Methods" = true
  }
  response_models = { "application/json" = "Empty" }
}

resource "aws_api_gateway_integration_response" "options" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  resource_id = aws_api_gateway_resource.orders.id
  http_method = aws_api_gateway_method.options.http_method
  status_code = aws_api_gateway_method_response.options.status_code
  response_parameters = {
    "method.response.header.Access-Control-Allow-Origin"  = "'*'"
    "method.response.header.Access-Control-Allow-Methods" = "'POST,OPTIONS'"
  }
  depends_on = [aws_api_gateway_integration.options]
}

resource "aws_api_gateway_gateway_response" "body" {
  rest_api_id        = aws_api_gateway_rest_api.shop.id
  response_type      = "BAD_REQUEST_BODY"
  status_code        = "422"
  response_templates = { "application/json" = "{\"wrong\":$context.error.messageString}" }
}

resource "aws_api_gateway_deployment" "shop" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  # Ids and texts, not whole resources: those change once more when they are first read back.
  triggers = {
    redeployment = sha1(jsonencode([
      aws_api_gateway_integration.post.id,
      aws_api_gateway_integration.post.uri,
      aws_api_gateway_integration_response.options.response_parameters,
      aws_api_gateway_gateway_response.body.response_templates,
    ]))
  }
  lifecycle { create_before_destroy = true }
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  deployment_id = aws_api_gateway_deployment.shop.id
  stage_name    = "prod"
  variables     = { colour = "green" }
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = jsonencode({ id = "$context.requestId", status = "$context.status" })
  }
  depends_on = [aws_api_gateway_account.account]
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "*/*"
  settings {
    metrics_enabled        = true
    throttling_rate_limit  = 100
    throttling_burst_limit = 50
  }
}

resource "aws_cloudwatch_log_group" "access" { name = "check-access" }

data "aws_iam_policy_document" "gateway" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "gateway" {
  name               = "check-gateway"
  assume_role_policy = data.aws_iam_policy_document.gateway.json
}

resource "aws_iam_role_policy_attachment" "gateway" {
  role       = aws_iam_role.gateway.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "account" { cloudwatch_role_arn = aws_iam_role.gateway.arn }

resource "aws_api_gateway_api_key" "customer" { name = "check-customer" }

resource "aws_api_gateway_usage_plan" "basic" {
  name = "check-basic"
  api_stages {
    api_id = aws_api_gateway_rest_api.shop.id
    stage  = aws_api_gateway_stage.prod.stage_name
  }
  quota_settings {
    limit  = 1000
    period = "DAY"
  }
  throttle_settings {
    rate_limit  = 10
    burst_limit = 20
  }
}

resource "aws_api_gateway_usage_plan_key" "customer" {
  key_id        = aws_api_gateway_api_key.customer.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.basic.id
}

# --- an HTTP API with a function of its own ---

resource "aws_lambda_function" "http" {
  function_name    = "check-http"
  role             = aws_iam_role.function.arn
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  memory_size      = 256
  environment {
    variables = { GREETING = var.greeting }
  }
}

resource "aws_lambda_function_event_invoke_config" "http" {
  function_name          = aws_lambda_function.http.function_name
  maximum_retry_attempts = 0
}

resource "aws_lambda_function_url" "http" {
  function_name      = aws_lambda_function.http.function_name
  authorization_type = "NONE"
}

resource "aws_lambda_permission" "http" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.http.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.front.execution_arn}/*/*"
}

resource "aws_apigatewayv2_api" "front" {
  name          = "check-front"
  protocol_type = "HTTP"
  cors_configuration {
    allow_origins = ["https://shop.example"]
    allow_methods = ["GET", "POST"]
    max_age       = 300
  }
}

resource "aws_apigatewayv2_integration" "function" {
  api_id                 = aws_apigatewayv2_api.front.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.http.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "get" {
  api_id    = aws_apigatewayv2_api.front.id
  route_key = "GET /orders/{id}"
  target    = "integrations/${aws_apigatewayv2_integration.function.id}"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.front.id
  name        = "$default"
  auto_deploy = true
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = "$context.requestId $context.status"
  }
  dynamic "default_route_settings" {
    for_each = var.with_burst_limit ? [1] : []
    content {
      throttling_burst_limit = 50
      throttling_rate_limit  = 100
    }
  }
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  api_id           = aws_apigatewayv2_api.front.id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]
  jwt_configuration {
    audience = ["web"]
    issuer   = "https://issuer.example"
  }
}

# --- definitions imported whole, a layer, a stack, settings of a bucket ---

resource "aws_api_gateway_rest_api" "imported" {
  name = "check-imported"
  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "check-imported", version = "1" }
    paths = { "/health" = { get = {
      responses = { "200" = { description = "fine" } }
      x-amazon-apigateway-integration = {
        type             = "mock"
        requestTemplates = { "application/json" = "{\"statusCode\": 200}" }
        responses        = { default = { statusCode = "200", responseTemplates = { "application/json" = "{\"fine\":true}" } } }
      }
    } } }
  })
}

resource "aws_api_gateway_rest_api_policy" "imported" {
  rest_api_id = aws_api_gateway_rest_api.imported.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "execute-api:Invoke", Resource = "${aws_api_gateway_rest_api.imported.execution_arn}/*" }]
  })
}

resource "aws_api_gateway_deployment" "imported" {
  rest_api_id = aws_api_gateway_rest_api.imported.id
  triggers    = { redeployment = sha1(aws_api_gateway_rest_api.imported.body) }
  lifecycle { create_before_destroy = true }
}

resource "aws_api_gateway_stage" "imported" {
  rest_api_id   = aws_api_gateway_rest_api.imported.id
  deployment_id = aws_api_gateway_deployment.imported.id
  stage_name    = "v1"
}

resource "aws_apigatewayv2_api" "imported" {
  name          = "check-imported"
  version       = "1"
  protocol_type = "HTTP"
  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "check-imported", version = "1" }
    paths   = { "/x" = { get = { x-amazon-apigateway-integration = { type = "http_proxy", httpMethod = "GET", payloadFormatVersion = "1.0", uri = "https://example.com" } } } }
  })
}

resource "aws_apigatewayv2_api" "quick" {
  name          = "check-quick"
  protocol_type = "HTTP"
  target        = aws_lambda_function.http.arn
}

resource "aws_lambda_layer_version" "shared" {
  layer_name          = "check-shared"
  filename            = "${path.module}/function.zip"
  compatible_runtimes = ["nodejs22.x"]
}

resource "aws_s3_bucket_policy" "code" {
  bucket     = aws_s3_bucket.code.id
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "${aws_s3_bucket.code.arn}/*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }] })
  depends_on = [aws_s3_object.code]
}

resource "aws_cloudwatch_log_subscription_filter" "rest" {
  name            = "to-function"
  log_group_name  = aws_cloudwatch_log_group.access.name
  filter_pattern  = ""
  destination_arn = aws_lambda_function.http.arn
  depends_on      = [aws_lambda_permission.logs]
}

resource "aws_lambda_permission" "logs" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.http.function_name
  principal     = "logs.amazonaws.com"
  source_arn    = "${aws_cloudwatch_log_group.access.arn}:*"
}

resource "aws_cloudformation_stack" "inner" {
  name = "check-inner"
  template_body = jsonencode({
    Resources = { Group = { Type = "AWS::Logs::LogGroup", Properties = { LogGroupName = "check-inner" } } }
    Outputs   = { Name = { Value = { Ref = "Group" } } }
  })
}

output "imported_api_id" { value = aws_api_gateway_rest_api.imported.id }
output "rest_api_id" { value = aws_api_gateway_rest_api.shop.id }
output "http_api_id" { value = aws_apigatewayv2_api.front.id }
output "account_id" { value = data.aws_caller_identity.current.account_id }
