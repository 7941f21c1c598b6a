# Every kind of aws_api_gateway_* resource but custom domains, 40 and more of them, around three REST APIs.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { default = "http://127.0.0.1:4566" }

# What the check changes between two applies.
variable "changed" { default = false }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {
    apigateway     = var.endpoint
    cloudwatchlogs = var.endpoint
    dynamodb       = var.endpoint
    iam            = var.endpoint
    sts            = var.endpoint
  }
}

locals {
  cors_headers = {
    "method.response.header.Access-Control-Allow-Headers" = true
    "method.response.header.Access-Control-Allow-Methods" = true
    "method.response.header.Access-Control-Allow-Origin"  = true
  }
}

# --- around it ---

resource "aws_iam_role" "gateway" {
  name = "gateway"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "apigateway.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "gateway" {
  role = aws_iam_role.gateway.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["dynamodb:*", "logs:*"], Resource = "*" }]
  })
}

resource "aws_dynamodb_table" "pets" {
  name         = "pets"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "access"
  retention_in_days = 7
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.gateway.arn
}

# --- an API piece by piece ---

resource "aws_api_gateway_rest_api" "pets" {
  name                         = "pets"
  description                  = var.changed ? "Pets, changed" : "Pets"
  binary_media_types           = var.changed ? ["image/png"] : ["image/png", "application/octet-stream"]
  minimum_compression_size     = var.changed ? "0" : "1024"
  api_key_source               = "HEADER"
  disable_execute_api_endpoint = false
  endpoint_configuration {
    types = ["REGIONAL"]
  }
  tags = { Team = var.changed ? "blue" : "red" }
}

resource "aws_api_gateway_rest_api_policy" "pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = "${aws_api_gateway_rest_api.pets.execution_arn}/*"
    }]
  })
}

resource "aws_api_gateway_request_validator" "all" {
  name                        = "all"
  rest_api_id                 = aws_api_gateway_rest_api.pets.id
  validate_request_body       = true
  validate_request_parameters = !var.changed
}

resource "aws_api_gateway_model" "toy" {
  rest_api_id  = aws_api_gateway_rest_api.pets.id
  name         = "Toy"
  content_type = "application/json"
  schema       = jsonencode({ "$schema" = "http://json-schema.org/draft-04/schema#", type = "string" })
}

resource "aws_api_gateway_model" "pet" {
  rest_api_id  = aws_api_gateway_rest_api.pets.id
  name         = "Pet"
  description  = "One pet"
  content_type = "application/json"
  schema = jsonencode({
    type       = "object"
    required   = ["name"]
    properties = { name = { type = "string" }, toy = { "$ref" = "https://apigateway.amazonaws.com/restapis/${aws_api_gateway_rest_api.pets.id}/models/${aws_api_gateway_model.toy.name}" } }
  })
}

resource "aws_api_gateway_authorizer" "token" {
  name                             = "token"
  rest_api_id                      = aws_api_gateway_rest_api.pets.id
  authorizer_uri                   = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:auth/invocations"
  authorizer_credentials           = aws_iam_role.gateway.arn
  authorizer_result_ttl_in_seconds = var.changed ? 0 : 60
  identity_validation_expression   = "^Bearer "
}

resource "aws_api_gateway_authorizer" "request" {
  name            = "request"
  type            = "REQUEST"
  rest_api_id     = aws_api_gateway_rest_api.pets.id
  authorizer_uri  = aws_api_gateway_authorizer.token.authorizer_uri
  identity_source = "method.request.header.A,context.stage"
}

resource "aws_api_gateway_authorizer" "pool" {
  name          = "pool"
  type          = "COGNITO_USER_POOLS"
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  provider_arns = ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_x"]
}

resource "aws_api_gateway_gateway_response" "denied" {
  rest_api_id         = aws_api_gateway_rest_api.pets.id
  response_type       = "UNAUTHORIZED"
  status_code         = var.changed ? "403" : "401"
  response_templates  = { "application/json" = "{\"why\":$context.error.messageString}" }
  response_parameters = { "gatewayresponse.header.Access-Control-Allow-Origin" = "'*'" }
}

resource "aws_api_gateway_gateway_response" "any" {
  rest_api_id         = aws_api_gateway_rest_api.pets.id
  response_type       = "DEFAULT_4XX"
  response_templates  = { "application/json" = "{\"message\":$context.error.messageString}" }
  response_parameters = { "gatewayresponse.header.Access-Control-Allow-Origin" = "'*'" }
}

resource "aws_api_gateway_resource" "pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  parent_id   = aws_api_gateway_rest_api.pets.root_resource_id
  path_part   = "pets"
}

resource "aws_api_gateway_resource" "pet" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  parent_id   = aws_api_gateway_resource.pets.id
  path_part   = "{id}"
}

resource "aws_api_gateway_resource" "files" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  parent_id   = aws_api_gateway_rest_api.pets.root_resource_id
  path_part   = "files"
}

resource "aws_api_gateway_resource" "proxy" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  parent_id   = aws_api_gateway_resource.files.id
  path_part   = "{proxy+}"
}

# GET /pets/{id}: DynamoDB

resource "aws_api_gateway_method" "get" {
  rest_api_id        = aws_api_gateway_rest_api.pets.id
  resource_id        = aws_api_gateway_resource.pet.id
  http_method        = "GET"
  authorization      = "NONE"
  request_parameters = { "method.request.path.id" = true, "method.request.querystring.kind" = var.changed }
}

resource "aws_api_gateway_integration" "get" {
  rest_api_id             = aws_api_gateway_rest_api.pets.id
  resource_id             = aws_api_gateway_resource.pet.id
  http_method             = aws_api_gateway_method.get.http_method
  type                    = "AWS"
  integration_http_method = "POST"
  uri                     = "arn:aws:apigateway:us-east-1:dynamodb:action/GetItem"
  credentials             = aws_iam_role.gateway.arn
  passthrough_behavior    = "WHEN_NO_TEMPLATES"
  timeout_milliseconds    = var.changed ? 5000 : 29000
  cache_key_parameters    = ["method.request.path.id"]
  cache_namespace         = "pets"
  request_templates = {
    "application/json" = jsonencode({ TableName = aws_dynamodb_table.pets.name, Key = { id = { S = "$input.params('id')" } } })
  }
}

resource "aws_api_gateway_method_response" "get" {
  rest_api_id         = aws_api_gateway_rest_api.pets.id
  resource_id         = aws_api_gateway_resource.pet.id
  http_method         = aws_api_gateway_method.get.http_method
  status_code         = "200"
  response_models     = { "application/json" = aws_api_gateway_model.pet.name }
  response_parameters = { "method.response.header.X-Pet" = true }
}

resource "aws_api_gateway_method_response" "missing" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  resource_id = aws_api_gateway_resource.pet.id
  http_method = aws_api_gateway_method.get.http_method
  status_code = "404"
}

resource "aws_api_gateway_integration_response" "get" {
  rest_api_id         = aws_api_gateway_rest_api.pets.id
  resource_id         = aws_api_gateway_resource.pet.id
  http_method         = aws_api_gateway_method.get.http_method
  status_code         = aws_api_gateway_method_response.get.status_code
  response_parameters = { "method.response.header.X-Pet" = "'${var.changed ? "changed" : "yes"}'" }
  response_templates  = { "application/json" = "{\"name\":\"$input.path('$.Item.name.S')\"}" }
  depends_on          = [aws_api_gateway_integration.get]
}

resource "aws_api_gateway_integration_response" "missing" {
  rest_api_id       = aws_api_gateway_rest_api.pets.id
  resource_id       = aws_api_gateway_resource.pet.id
  http_method       = aws_api_gateway_method.get.http_method
  status_code       = aws_api_gateway_method_response.missing.status_code
  selection_pattern = "4\\d{2}"
  content_handling  = "CONVERT_TO_TEXT"
  depends_on        = [aws_api_gateway_integration.get]
}

# POST /pets: validated, key required, mock

resource "aws_api_gateway_method" "post" {
  rest_api_id          = aws_api_gateway_rest_api.pets.id
  resource_id          = aws_api_gateway_resource.pets.id
  http_method          = "POST"
  authorization        = "NONE"
  api_key_required     = true
  operation_name       = "SavePet"
  request_validator_id = aws_api_gateway_request_validator.all.id
  request_models       = { "application/json" = aws_api_gateway_model.pet.name }
}

resource "aws_api_gateway_integration" "post" {
  rest_api_id       = aws_api_gateway_rest_api.pets.id
  resource_id       = aws_api_gateway_resource.pets.id
  http_method       = aws_api_gateway_method.post.http_method
  type              = "MOCK"
  request_templates = { "application/json" = "{\"statusCode\": 200}" }
}

resource "aws_api_gateway_method_response" "post" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  resource_id = aws_api_gateway_resource.pets.id
  http_method = aws_api_gateway_method.post.http_method
  status_code = "200"
}

resource "aws_api_gateway_integration_response" "post" {
  rest_api_id        = aws_api_gateway_rest_api.pets.id
  resource_id        = aws_api_gateway_resource.pets.id
  http_method        = aws_api_gateway_method.post.http_method
  status_code        = aws_api_gateway_method_response.post.status_code
  response_templates = { "application/json" = "{\"color\":\"$stageVariables.color\"}" }
  depends_on         = [aws_api_gateway_integration.post]
}

# OPTIONS /pets: CORS

resource "aws_api_gateway_method" "options" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  resource_id   = aws_api_gateway_resource.pets.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "options" {
  rest_api_id       = aws_api_gateway_rest_api.pets.id
  resource_id       = aws_api_gateway_resource.pets.id
  http_method       = aws_api_gateway_method.options.http_method
  type              = "MOCK"
  request_templates = { "application/json" = "{\"statusCode\": 200}" }
}

resource "aws_api_gateway_method_response" "options" {
  rest_api_id         = aws_api_gateway_rest_api.pets.id
  resource_id         = aws_api_gateway_resource.pets.id
  http_method         = aws_api_gateway_method.options.http_method
  status_code         = "200"
  response_models     = { "application/json" = "Empty" }
  response_parameters = local.cors_headers
}

resource "aws_api_gateway_integration_response" "options" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  resource_id = aws_api_gateway_resource.pets.id
  http_method = aws_api_gateway_method.options.http_method
  status_code = aws_api_gateway_method_response.options.status_code
  response_parameters = {
    "method.response.header.Access-Control-Allow-Headers" = "'Content-Type,X-Api-Key'"
    "method.response.header.Access-Control-Allow-Methods" = "'POST,OPTIONS'"
    "method.response.header.Access-Control-Allow-Origin"  = "'*'"
  }
  depends_on = [aws_api_gateway_integration.options]
}

# ANY /files/{proxy+}: a backend behind a VPC link

resource "aws_api_gateway_vpc_link" "link" {
  name        = "link"
  description = var.changed ? "changed" : "to the balancer"
  target_arns = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/files/50dc6c495c0c9188"]
  tags        = { Team = "red" }
}

resource "aws_api_gateway_method" "proxy" {
  rest_api_id        = aws_api_gateway_rest_api.pets.id
  resource_id        = aws_api_gateway_resource.proxy.id
  http_method        = "ANY"
  authorization      = "CUSTOM"
  authorizer_id      = aws_api_gateway_authorizer.token.id
  request_parameters = { "method.request.path.proxy" = true }
}

resource "aws_api_gateway_integration" "proxy" {
  rest_api_id             = aws_api_gateway_rest_api.pets.id
  resource_id             = aws_api_gateway_resource.proxy.id
  http_method             = aws_api_gateway_method.proxy.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "ANY"
  uri                     = "https://files.example/{proxy}"
  connection_type         = "VPC_LINK"
  connection_id           = aws_api_gateway_vpc_link.link.id
  request_parameters      = { "integration.request.path.proxy" = "method.request.path.proxy" }
  tls_config {
    insecure_skip_verification = true
  }
}

# GET /files: user pool with scopes, streamed function

resource "aws_api_gateway_method" "files" {
  rest_api_id          = aws_api_gateway_rest_api.pets.id
  resource_id          = aws_api_gateway_resource.files.id
  http_method          = "GET"
  authorization        = "COGNITO_USER_POOLS"
  authorizer_id        = aws_api_gateway_authorizer.pool.id
  authorization_scopes = ["files/read"]
}

resource "aws_api_gateway_integration" "files" {
  rest_api_id             = aws_api_gateway_rest_api.pets.id
  resource_id             = aws_api_gateway_resource.files.id
  http_method             = aws_api_gateway_method.files.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:$${stageVariables.fn}/invocations"
}

# --- documentation, deployment, stages ---

resource "aws_api_gateway_documentation_part" "api" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  location {
    type = "API"
  }
  properties = jsonencode({ description = var.changed ? "All of them" : "All pets" })
}

resource "aws_api_gateway_documentation_part" "get" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  location {
    type   = "METHOD"
    method = "GET"
    path   = "/pets/{id}"
  }
  properties = jsonencode({ summary = "One pet" })
}

resource "aws_api_gateway_documentation_version" "one" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  version     = "1"
  description = "First"
  depends_on  = [aws_api_gateway_documentation_part.api, aws_api_gateway_documentation_part.get]
}

resource "aws_api_gateway_client_certificate" "backend" {
  description = var.changed ? "changed" : "for backends"
  tags        = { Team = "red" }
}

resource "aws_api_gateway_deployment" "pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  description = "by terraform"
  triggers    = { changed = var.changed }
  lifecycle {
    create_before_destroy = true
  }
  depends_on = [
    aws_api_gateway_rest_api_policy.pets,
    aws_api_gateway_gateway_response.denied,
    aws_api_gateway_gateway_response.any,
    aws_api_gateway_integration_response.get,
    aws_api_gateway_integration_response.missing,
    aws_api_gateway_integration_response.post,
    aws_api_gateway_integration_response.options,
    aws_api_gateway_integration.proxy,
    aws_api_gateway_integration.files,
  ]
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id           = aws_api_gateway_rest_api.pets.id
  deployment_id         = aws_api_gateway_deployment.pets.id
  stage_name            = "prod"
  description           = "Production"
  variables             = { color = var.changed ? "blue" : "red", fn = "files" }
  cache_cluster_enabled = true
  cache_cluster_size    = var.changed ? "1.6" : "0.5"
  client_certificate_id = aws_api_gateway_client_certificate.backend.id
  documentation_version = aws_api_gateway_documentation_version.one.version
  xray_tracing_enabled  = !var.changed
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = "$context.requestId $context.status"
  }
  canary_settings {
    deployment_id            = aws_api_gateway_deployment.pets.id
    percent_traffic          = var.changed ? 25 : 0
    stage_variable_overrides = { color = "yellow" }
    use_stage_cache          = true
  }
  tags       = { Team = "red" }
  depends_on = [aws_api_gateway_account.this]
}

resource "aws_api_gateway_stage" "test" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  deployment_id = aws_api_gateway_deployment.pets.id
  stage_name    = "test"
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "*/*"
  settings {
    metrics_enabled        = true
    logging_level          = var.changed ? "ERROR" : "INFO"
    data_trace_enabled     = false
    throttling_burst_limit = 100
    throttling_rate_limit  = 50
  }
}

resource "aws_api_gateway_method_settings" "get" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "pets/{id}/GET"
  settings {
    caching_enabled                            = true
    cache_ttl_in_seconds                       = var.changed ? 60 : 30
    cache_data_encrypted                       = true
    require_authorization_for_cache_control    = true
    unauthorized_cache_control_header_strategy = "FAIL_WITH_403"
  }
}

# --- keys and plans ---

resource "aws_api_gateway_api_key" "shop" {
  name        = "shop"
  description = "The shop"
  value       = "shop-key-0123456789abcdef"
  enabled     = true
  customer_id = "c1"
  tags        = { Team = "red" }
}

resource "aws_api_gateway_usage_plan" "basic" {
  name         = "basic"
  description  = var.changed ? "Changed" : "Basic"
  product_code = "PETS"
  api_stages {
    api_id = aws_api_gateway_rest_api.pets.id
    stage  = aws_api_gateway_stage.prod.stage_name
    throttle {
      path        = "/pets/POST"
      rate_limit  = 5
      burst_limit = var.changed ? 4 : 2
    }
  }
  quota_settings {
    limit  = 1000
    offset = 2
    period = "WEEK"
  }
  throttle_settings {
    rate_limit  = 100
    burst_limit = 50
  }
  tags = { Team = "red" }
}

resource "aws_api_gateway_usage_plan_key" "shop" {
  key_id        = aws_api_gateway_api_key.shop.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.basic.id
}

# --- an API from a document, and a private one ---

resource "aws_api_gateway_rest_api" "imported" {
  name              = "imported"
  put_rest_api_mode = "overwrite"
  fail_on_warnings  = true
  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "imported", version = var.changed ? "2" : "1" }
    paths = {
      "/health" = {
        get = {
          responses = { "200" = { description = "ok" } }
          x-amazon-apigateway-integration = {
            type             = "mock"
            requestTemplates = { "application/json" = "{\"statusCode\": 200}" }
            responses        = { default = { statusCode = "200", responseTemplates = { "application/json" = "{\"fine\":true}" } } }
          }
        }
      }
    }
  })
}

resource "aws_api_gateway_deployment" "imported" {
  rest_api_id = aws_api_gateway_rest_api.imported.id
  triggers    = { body = sha1(aws_api_gateway_rest_api.imported.body) }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "imported" {
  rest_api_id   = aws_api_gateway_rest_api.imported.id
  deployment_id = aws_api_gateway_deployment.imported.id
  stage_name    = "v1"
}

resource "aws_api_gateway_rest_api" "private" {
  name = "private"
  endpoint_configuration {
    types            = ["PRIVATE"]
    vpc_endpoint_ids = ["vpce-0123456789abcdef0"]
  }
}

# --- read again ---

data "aws_api_gateway_rest_api" "pets" {
  name       = aws_api_gateway_rest_api.pets.name
  depends_on = [aws_api_gateway_rest_api.pets]
}

data "aws_api_gateway_resource" "pet" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  path        = "/pets/{id}"
  depends_on  = [aws_api_gateway_resource.pet]
}

data "aws_api_gateway_api_key" "shop" {
  id = aws_api_gateway_api_key.shop.id
}

data "aws_api_gateway_authorizer" "token" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  authorizer_id = aws_api_gateway_authorizer.token.id
}

data "aws_api_gateway_vpc_link" "link" {
  name       = aws_api_gateway_vpc_link.link.name
  depends_on = [aws_api_gateway_vpc_link.link]
}

data "aws_api_gateway_export" "pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  export_type = "oas30"
  parameters  = { extensions = "apigateway" }
}

data "aws_api_gateway_sdk" "pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  sdk_type    = "javascript"
}

output "pets_id" { value = aws_api_gateway_rest_api.pets.id }
output "imported_id" { value = aws_api_gateway_rest_api.imported.id }
output "key" {
  value     = aws_api_gateway_api_key.shop.value
  sensitive = true
}
output "exported" { value = data.aws_api_gateway_export.pets.body }
