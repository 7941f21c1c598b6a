# A WebSocket API with every kind of piece, and an HTTP API with service integrations, mappings, CORS, JWT and a VPC link
# by address.
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}

variable "endpoint" { type = string }
variable "backend" { type = string }
variable "reply" {
  type    = string
  default = "pong"
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    apigatewayv2 = var.endpoint
    cloudwatchlogs = var.endpoint
    iam          = var.endpoint
    sqs          = var.endpoint
    sts          = var.endpoint
  }
}

resource "aws_apigatewayv2_api" "chat" {
  name                         = "check-chat"
  protocol_type                = "WEBSOCKET"
  route_selection_expression   = "$request.body.action"
  api_key_selection_expression = "$request.header.x-api-key"
}

resource "aws_apigatewayv2_model" "message" {
  api_id       = aws_apigatewayv2_api.chat.id
  name         = "message"
  content_type = "application/json"
  schema       = jsonencode({ type = "object", required = ["action"] })
}

resource "aws_apigatewayv2_integration" "ping" {
  api_id                        = aws_apigatewayv2_api.chat.id
  integration_type              = "MOCK"
  template_selection_expression = "\\$default"
  request_templates             = { "$default" = jsonencode({ statusCode = 200 }) }
}

resource "aws_apigatewayv2_integration_response" "ping" {
  api_id                        = aws_apigatewayv2_api.chat.id
  integration_id                = aws_apigatewayv2_integration.ping.id
  integration_response_key      = "$default"
  template_selection_expression = "\\$default"
  response_templates            = { "$default" = var.reply }
}

resource "aws_apigatewayv2_route" "ping" {
  api_id                              = aws_apigatewayv2_api.chat.id
  route_key                           = "ping"
  target                              = "integrations/${aws_apigatewayv2_integration.ping.id}"
  model_selection_expression          = "message"
  request_models                      = { message = aws_apigatewayv2_model.message.name }
  route_response_selection_expression = "$default"
}

resource "aws_apigatewayv2_route_response" "ping" {
  api_id             = aws_apigatewayv2_api.chat.id
  route_id           = aws_apigatewayv2_route.ping.id
  route_response_key = "$default"
}

resource "aws_apigatewayv2_integration" "backend" {
  api_id             = aws_apigatewayv2_api.chat.id
  integration_type   = "HTTP_PROXY"
  integration_method = "POST"
  integration_uri    = "${var.backend}/message"
  request_parameters = { "integration.request.header.connectionId" = "context.connectionId" }
}

resource "aws_apigatewayv2_route" "backend" {
  for_each  = toset(["$connect", "$disconnect", "$default"])
  api_id    = aws_apigatewayv2_api.chat.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.backend.id}"
}

resource "aws_cloudwatch_log_group" "chat" { name = "check-chat" }

resource "aws_apigatewayv2_deployment" "chat" {
  api_id     = aws_apigatewayv2_api.chat.id
  depends_on = [aws_apigatewayv2_route.backend, aws_apigatewayv2_route_response.ping]
  triggers   = { reply = jsonencode(aws_apigatewayv2_integration_response.ping.response_templates) }
  lifecycle { create_before_destroy = true }
}

resource "aws_apigatewayv2_stage" "chat" {
  api_id          = aws_apigatewayv2_api.chat.id
  name            = "prod"
  deployment_id   = aws_apigatewayv2_deployment.chat.id
  stage_variables = { room = "lobby" }
  default_route_settings {
    data_trace_enabled     = true
    logging_level          = "INFO"
    throttling_burst_limit = 100
    throttling_rate_limit  = 50
  }
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.chat.arn
    format          = "$context.eventType $context.routeKey $context.status"
  }
}

resource "aws_sqs_queue" "orders" { name = "check-orders" }

resource "aws_iam_role" "gateway" {
  name = "check-http-gateway"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "apigateway.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "gateway" {
  role   = aws_iam_role.gateway.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}

resource "aws_apigatewayv2_api" "shop" {
  name          = "check-shop"
  protocol_type = "HTTP"
  cors_configuration {
    allow_origins = ["https://shop.example"]
    allow_methods = ["GET", "POST"]
    allow_headers = ["content-type"]
    max_age       = 300
  }
}

resource "aws_apigatewayv2_integration" "queue" {
  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_subtype    = "SQS-SendMessage"
  payload_format_version = "1.0"
  credentials_arn        = aws_iam_role.gateway.arn
  request_parameters     = { QueueUrl = aws_sqs_queue.orders.url, MessageBody = "$request.body" }
  response_parameters {
    status_code = 200
    mappings    = { "overwrite:statuscode" = "202", "append:header.x-stage" = "$context.stage" }
  }
}

resource "aws_apigatewayv2_route" "queue" {
  api_id    = aws_apigatewayv2_api.shop.id
  route_key = "POST /orders"
  target    = "integrations/${aws_apigatewayv2_integration.queue.id}"
}

resource "aws_apigatewayv2_vpc_link" "inside" {
  name               = "check-inside"
  subnet_ids         = ["subnet-1"]
  security_group_ids = []
}

resource "aws_apigatewayv2_integration" "inside" {
  api_id             = aws_apigatewayv2_api.shop.id
  integration_type   = "HTTP_PROXY"
  integration_method = "ANY"
  integration_uri    = var.backend
  connection_type    = "VPC_LINK"
  connection_id      = aws_apigatewayv2_vpc_link.inside.id
  request_parameters = { "append:header.x-reply" = var.reply, "overwrite:path" = "/inside/$${request.path.proxy}" }
}

resource "aws_apigatewayv2_route" "inside" {
  api_id    = aws_apigatewayv2_api.shop.id
  route_key = "ANY /inside/{proxy+}"
  target    = "integrations/${aws_apigatewayv2_integration.inside.id}"
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  api_id           = aws_apigatewayv2_api.shop.id
  name             = "tokens"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]
  jwt_configuration {
    audience = ["shop"]
    issuer   = "https://issuer.example"
  }
}

resource "aws_apigatewayv2_route" "private" {
  api_id               = aws_apigatewayv2_api.shop.id
  route_key            = "GET /private"
  target               = "integrations/${aws_apigatewayv2_integration.inside.id}"
  authorization_type   = "JWT"
  authorizer_id        = aws_apigatewayv2_authorizer.jwt.id
  authorization_scopes = ["read"]
}

resource "aws_apigatewayv2_stage" "shop" {
  api_id      = aws_apigatewayv2_api.shop.id
  name        = "$default"
  auto_deploy = true
  route_settings {
    route_key              = aws_apigatewayv2_route.queue.route_key
    throttling_burst_limit = 10
    throttling_rate_limit  = 5
  }
}

output "chat_id" { value = aws_apigatewayv2_api.chat.id }
output "shop_id" { value = aws_apigatewayv2_api.shop.id }
