# The function of a stack swap whose traffic ECS moves itself, with the table of its record.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws     = { source = "hashicorp/aws", version = ">= 6.0" }
    archive = { source = "hashicorp/archive", version = ">= 2.4" }
  }
}

variable "bundle" {
  description = "Folder of the bundle of ecs-hook.ts: see README.md"
  type        = string
  default     = "../../sam/dist"
}

variable "name" {
  description = "Start of all names, at most 24 characters"
  type        = string
  default     = "orders"

  # A prefix of a role's name has at most 38 characters.
  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,24}$", var.name))
    error_message = "name: expected 1 to 24 letters, digits, hyphens or underscores."
  }
}

variable "cluster" {
  type    = string
  default = "orders"
}

variable "service" {
  type    = string
  default = "web"
}

variable "listener_arn" {
  description = "The production listener of the Application Load Balancer"
  type        = string
}

variable "blue_subscription_arn" {
  type = string
}

variable "green_subscription_arn" {
  type = string
}

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  # The end of an ARN's start: Region and account.
  place = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"

  # Both run the hook.
  triggers = {
    deployment = aws_cloudwatch_event_rule.deployment
    tick       = aws_cloudwatch_event_rule.tick
  }
}

resource "aws_dynamodb_table" "record" {
  name                        = "${var.name}-stack-swaps"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "application"
  deletion_protection_enabled = true

  attribute {
    name = "application"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

data "archive_file" "bundle" {
  type        = "zip"
  source_dir  = var.bundle
  output_path = "${path.module}/.terraform/ecs-hook.zip"
}

resource "aws_cloudwatch_log_group" "hook" {
  name              = "/aws/lambda/${var.name}-swap-hook"
  retention_in_days = 90
}

data "aws_iam_policy_document" "assumed_by" {
  for_each = toset(["lambda", "ecs"])

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.value}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  name_prefix        = "${var.name}-swap-"
  assume_role_policy = data.aws_iam_policy_document.assumed_by["lambda"].json
}

data "aws_iam_policy_document" "log" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.hook.arn}:*"]
  }
}

data "aws_iam_policy_document" "swap" {
  statement {
    sid       = "Record"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.record.arn]
  }
  statement {
    sid       = "Deployments"
    actions   = ["ecs:DescribeServiceDeployments", "ecs:StopServiceDeployment"]
    resources = ["arn:${local.partition}:ecs:${local.place}:service-deployment/${var.cluster}/${var.service}/*"]
  }
  statement {
    sid       = "Revisions"
    actions   = ["ecs:DescribeServiceRevisions"]
    resources = ["arn:${local.partition}:ecs:${local.place}:service-revision/${var.cluster}/${var.service}/*"]
  }
  statement {
    sid       = "Service"
    actions   = ["ecs:DescribeServices", "ecs:ListServiceDeployments"]
    resources = ["arn:${local.partition}:ecs:${local.place}:service/${var.cluster}/${var.service}"]
  }
  # AWS has no narrower resource for these.
  statement {
    sid = "Everywhere"
    actions = [
      "ecs:DescribeTaskDefinition",
      "elasticloadbalancing:DescribeRules",
      "lambda:ListEventSourceMappings",
      "sns:GetSubscriptionAttributes",
      "sns:SetSubscriptionAttributes",
    ]
    resources = ["*"]
  }
  statement {
    sid       = "QueueReaders"
    actions   = ["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"]
    resources = ["arn:${local.partition}:lambda:${local.place}:event-source-mapping:*"]
    condition {
      test     = "ArnLike"
      variable = "lambda:FunctionArn"
      values   = ["arn:${local.partition}:lambda:${local.place}:function:orders-ingest-*"]
    }
  }
  statement {
    sid       = "Databases"
    actions   = ["rds:DescribeDBClusters", "rds:StartDBCluster", "rds:StopDBCluster"]
    resources = ["arn:${local.partition}:rds:${local.place}:cluster:orders-*"]
  }
}

# ECS runs the hook with this role.
resource "aws_iam_role" "hook" {
  name_prefix        = "${var.name}-swap-hook-"
  assume_role_policy = data.aws_iam_policy_document.assumed_by["ecs"].json
}

data "aws_iam_policy_document" "hook" {
  statement {
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.hook.arn]
  }
}

resource "aws_iam_role_policy" "hook" {
  name   = "hook"
  role   = aws_iam_role.hook.id
  policy = data.aws_iam_policy_document.hook.json
}

resource "aws_iam_role_policy" "log" {
  name   = "log"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.log.json
}

resource "aws_iam_role_policy" "swap" {
  name   = "swap"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.swap.json
}

resource "aws_lambda_function" "hook" {
  function_name    = "${var.name}-swap-hook"
  handler          = "ecs-hook.handler"
  filename         = data.archive_file.bundle.output_path
  source_code_hash = data.archive_file.bundle.output_base64sha256
  role             = aws_iam_role.function.arn
  runtime          = "nodejs22.x"
  architectures    = ["arm64"]
  memory_size      = 512
  # The maximum. The hook responds in time, and ECS calls it again.
  timeout = 900

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.hook.name
  }

  environment {
    variables = {
      SWAP_TABLE_NAME        = aws_dynamodb_table.record.name
      CLUSTER                = var.cluster
      SERVICE                = var.service
      LISTENER_ARN           = var.listener_arn
      BLUE_SUBSCRIPTION_ARN  = var.blue_subscription_arn
      GREEN_SUBSCRIPTION_ARN = var.green_subscription_arn
    }
  }

  depends_on = [aws_iam_role_policy.log, aws_iam_role_policy.swap]
}

# Best effort, so the schedule does the same.
resource "aws_cloudwatch_event_rule" "deployment" {
  name = "${var.name}-swap-deployment"
  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Deployment State Change"]
    resources   = ["arn:${local.partition}:ecs:${local.place}:service/${var.cluster}/${var.service}"]
  })
}

resource "aws_cloudwatch_event_rule" "tick" {
  name                = "${var.name}-swap-tick"
  schedule_expression = "rate(5 minutes)"
}

resource "aws_cloudwatch_event_target" "hook" {
  for_each = local.triggers

  rule = each.value.name
  arn  = aws_lambda_function.hook.arn
}

resource "aws_lambda_permission" "hook" {
  for_each = local.triggers

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.hook.function_name
  principal     = "events.amazonaws.com"
  source_arn    = each.value.arn
}

# A failed hook fails its deployment. Nothing but this alarm reports a failure after the deployment.
resource "aws_cloudwatch_metric_alarm" "hook_errors" {
  alarm_name          = "${var.name}-swap-hook-errors"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.hook.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
}

output "lifecycle_hook" {
  description = "The block lifecycle_hook of the deployment_configuration of the service"
  value = {
    hook_target_arn = aws_lambda_function.hook.arn
    role_arn        = aws_iam_role.hook.arn
    lifecycle_stages = [
      "PRE_SCALE_UP",
      "POST_SCALE_UP",
      "TEST_TRAFFIC_SHIFT",
      "POST_TEST_TRAFFIC_SHIFT",
      "PRE_PRODUCTION_TRAFFIC_SHIFT",
      "PRODUCTION_TRAFFIC_SHIFT",
      "POST_PRODUCTION_TRAFFIC_SHIFT",
    ]
  }
}

output "swap_table" {
  description = "The tableName of the record, for the pipeline that calls swap.next()"
  value       = aws_dynamodb_table.record.name
}
